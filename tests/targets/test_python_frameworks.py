"""LangChain runnables and LlamaIndex query engines, with the real packages."""

import asyncio
import warnings

import pytest

from qistas.contracts.exchanges import ChatRequest, ChatResponse, Message
from qistas.targets.python import PythonTarget
from qistas.targets.refs import parse_ref

TURNS = (
    Message("system", "Be brief."),
    Message("user", "hi"),
    Message("assistant", "hello"),
    Message("user", "bye"),
)


def asked(monkeypatch, thing, *messages):
    from tests.targets import callables

    monkeypatch.setattr(callables, "thing", thing, raising=False)

    async def main():
        target = PythonTarget(parse_ref("python:tests.targets.callables:thing"))
        info = await target.open()
        return info, await target.answer([ChatRequest(messages=messages)])

    return asyncio.run(main())


@pytest.fixture
def langchain():
    return pytest.importorskip("langchain_core", reason="langchain-core is not installed")


@pytest.fixture
def llama_index():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("llama_index.core", reason="llama-index-core is not installed")


def test_a_chat_model_gets_message_objects_and_answers_with_one(langchain, monkeypatch):
    from langchain_core.language_models import FakeMessagesListChatModel
    from langchain_core.messages import AIMessage

    seen = []

    class Recording(FakeMessagesListChatModel):
        def _generate(self, messages, *args, **kwargs):
            seen.append([(m.type, m.content) for m in messages])
            return super()._generate(messages, *args, **kwargs)

    model = Recording(responses=[AIMessage(content=[{"type": "text", "text": "good "}, "day"])])
    info, found = asked(monkeypatch, model, *TURNS)
    assert info.details == {"kind": "langchain", "takes": "messages", "async": True, "decoding_passed": []}
    assert found == [ChatResponse(text="good day")]
    assert seen == [[("system", "Be brief."), ("human", "hi"), ("ai", "hello"), ("human", "bye")]]


def test_a_chain_with_one_variable_gets_a_mapping(langchain, monkeypatch):
    from langchain_core.language_models import FakeListChatModel
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate

    prompt = ChatPromptTemplate.from_messages([("system", "Translate."), ("user", "{text}")])
    chain = prompt | FakeListChatModel(responses=["مرحبا"]) | StrOutputParser()
    info, found = asked(monkeypatch, chain, Message("user", "hello"))
    assert info.details["takes"] == "fields"
    assert found == [ChatResponse(text="مرحبا")]


def test_a_runnable_of_a_string_gets_a_string(langchain, monkeypatch):
    from langchain_core.runnables import RunnableLambda

    def shout(text: str) -> str:
        return text.upper()

    info, found = asked(monkeypatch, RunnableLambda(shout), Message("user", "hello"))
    assert info.details["takes"] == "prompt"
    assert found == [ChatResponse(text="HELLO")]


def test_an_exception_in_a_runnable_is_that_requests_failure(langchain, monkeypatch):
    from langchain_core.runnables import RunnableLambda

    def fail(text: str) -> str:
        raise ValueError(text)

    _, (found,) = asked(monkeypatch, RunnableLambda(fail), Message("user", "boom"))
    assert (found.kind, found.message, found.passing) == ("exception", "ValueError: boom", False)


def test_a_query_engine_gets_the_conversation_as_text(llama_index, monkeypatch):
    from llama_index.core.query_engine import CustomQueryEngine

    class Shouting(CustomQueryEngine):
        def custom_query(self, query_str: str):
            return query_str.upper()

    info, found = asked(monkeypatch, Shouting(), Message("user", "hello"))
    assert info.details == {"kind": "llama-index", "takes": "prompt", "async": True, "decoding_passed": []}
    assert found == [ChatResponse(text="HELLO")]
    _, found = asked(monkeypatch, Shouting(), *TURNS)
    assert found[0].text.endswith("ASSISTANT: HELLO\n\nUSER: BYE")


def test_an_answer_with_sources_is_its_text(llama_index, monkeypatch):
    from llama_index.core.base.response.schema import Response
    from llama_index.core.query_engine import CustomQueryEngine

    class Sourced(CustomQueryEngine):
        def custom_query(self, query_str: str):
            return Response(response="Paris", source_nodes=[], metadata={"text": "not this"})

    _, found = asked(monkeypatch, Sourced(), Message("user", "capital?"))
    assert found == [ChatResponse(text="Paris")]
