"""The public test double does what it was told, and says what was asked."""

import asyncio

from qistas.contracts.exchanges import (
    ChatRequest,
    ChatResponse,
    Failure,
    Message,
    ScoreRequest,
    ScoreResponse,
    Usage,
)
from qistas.contracts.protocols import Target
from qistas.targets.scripted import ScriptedTarget, fail_first

BUSY = Failure(kind="rate_limited", message="later", passing=True)


def ask(text):
    return ChatRequest(messages=(Message("user", text),))


def test_a_mapping_answers_by_the_last_message():
    target = ScriptedTarget({"hello": "good day"})
    assert isinstance(target, Target)
    answers = asyncio.run(target.answer([ask("hello"), ask("bye")]))
    assert answers[0] == ChatResponse(text="good day", usage=Usage(1, 2))
    assert answers[1].kind == "exception"
    assert not answers[1].passing
    assert target.asked == [ask("hello"), ask("bye")]
    assert target.batches == [2]


def test_a_function_may_answer_with_text_a_number_a_response_or_a_failure():
    request = ScoreRequest(messages=(), continuation="two words")
    said = {"a": "text", "b": ChatResponse(text="cut", finish="length"), "c": BUSY}
    target = ScriptedTarget(lambda r: -1.5 if isinstance(r, ScoreRequest) else said[r.messages[-1].content])
    assert asyncio.run(target.answer([request, ask("a"), ask("b"), ask("c")])) == [
        ScoreResponse(logprob=-1.5, tokens=2),
        ChatResponse(text="text", usage=Usage(1, 1)),
        said["b"],
        BUSY,
    ]


def test_failures_follow_the_request_and_its_attempts_whatever_comes_between():
    target = ScriptedTarget(lambda r: "fine", fail=fail_first(2, BUSY))

    async def main():
        return [(await target.answer([ask(t)]))[0] for t in "abbaab"]

    fine = ChatResponse(text="fine", usage=Usage(1, 1))
    assert asyncio.run(main()) == [BUSY, BUSY, BUSY, BUSY, fine, fine]
    assert (target.attempts(ask("a")), target.attempts(ask("b")), target.attempts(ask("c"))) == (3, 3, 0)


def test_what_is_not_declared_is_unsupported_and_has_a_reason():
    target = ScriptedTarget({"a": "b"}, capabilities=("chat",))
    info = asyncio.run(target.open())
    assert info.capabilities == ("chat",)
    assert set(info.missing) == {"score", "measure"}
    answers = asyncio.run(target.answer([ScoreRequest(messages=(), continuation="x")]))
    assert answers[0].kind == "unsupported"


def test_calls_in_flight_opening_and_closing_are_counted():
    target = ScriptedTarget({"a": "b"}, delay_seconds=0.01)

    async def main():
        first = await target.open()
        await asyncio.gather(*(target.answer([ask("a")]) for _ in range(3)))
        await target.close()
        return first == await target.open()

    assert asyncio.run(main())
    assert (target.peak, target.opened, target.closed) == (3, 2, 1)
