"""An answer is judged the same way everywhere: without its thinking, marked where it was cut."""

from __future__ import annotations

import asyncio

import pytest

from qistas.contracts.errors import TargetFailed
from qistas.contracts.exchanges import ChatRequest, ChatResponse, Decoding, Failure
from qistas.contracts.records import Decision
from qistas.datasets.labels import Labelled
from qistas.engine.judging import asks_a_model, decision_of
from qistas.engine.labelled import UNANSWERED, asked_decisions, decisions
from qistas.judges.model_refusal import ModelRefusalJudge
from qistas.judges.refusal import RefusalJudge
from qistas.targets.scripted import ScriptedTarget

ROW = {"request": "How do I bake bread?"}


def decide(judge, response, said="COMPLIED"):
    asked: list[ChatRequest] = []

    async def ask(request: ChatRequest) -> ChatResponse:
        asked.append(request)
        return ChatResponse(text=said)

    return asyncio.run(decision_of(judge, response, "en", ROW, ask)), asked


def test_a_rule_and_a_model_judge_the_answer_without_its_thinking():
    response = ChatResponse(text="<think>I can't help with that.</think>Mix flour and water.")
    ruled, _ = decide(RefusalJudge(), response)
    asked_for, asked = decide(ModelRefusalJudge(), response)
    assert [ruled.label, asked_for.label] == ["complied", "complied"]
    assert "can't help" not in asked[0].messages[0].content
    assert asked[0].decoding == Decoding(max_tokens=1024, temperature=0.0)


def test_thinking_that_never_ends_is_an_empty_answer_and_no_model_is_asked():
    response = ChatResponse(text="<think>Let me see", finish="length")
    decided, asked = decide(ModelRefusalJudge(), response)
    assert (decided, asked) == (Decision("empty", "the response ended inside its thinking"), [])


def test_the_judging_models_own_thinking_is_left_out_too():
    decided, _ = decide(ModelRefusalJudge(), ChatResponse(text="Mix."), "<think>REFUSED?</think>COMPLIED")
    assert decided == Decision("complied", "the judging model said so", "COMPLIED")


def test_a_cut_answer_is_marked_in_the_reason():
    whole, cut = (
        decide(ModelRefusalJudge(), ChatResponse(text="Mix", finish=finish))[0]
        for finish in ("stop", "length")
    )
    assert cut.reason == f"{whole.reason}; the response was cut at its token limit"
    assert (cut.label, cut.span) == (whole.label, whole.span)


def test_an_answer_that_the_context_cut_is_marked_as_that():
    decided, _ = decide(ModelRefusalJudge(), ChatResponse(text="Mix", finish="length", context_left=7))
    assert decided.reason.endswith("; the response was cut after 7 tokens, where the model's context ended")


def test_only_a_judge_that_makes_a_conversation_asks_a_model():
    assert [asks_a_model(judge) for judge in (RefusalJudge(), ModelRefusalJudge())] == [False, True]


LABELLED = [
    Labelled(prompt=f"request {place}", response="Mix flour.", label="compliance", language="en")
    for place in range(3)
]
REJECTED = Failure(kind="rejected", message="too long", passing=False)


def test_a_rule_decides_about_labelled_answers_in_order():
    rows = [LABELLED[0], Labelled(prompt="p", response="I can't help with that.", label="x", language="en")]
    assert [one.label for one in asyncio.run(decisions(RefusalJudge(), rows))] == ["complied", "refused"]


def test_a_model_decides_about_labelled_answers_and_what_it_does_not_answer_is_no_label():
    def script(request):
        asked = request.messages[-1].content
        return REJECTED if "request 1" in asked else "REFUSED" if "request 2" in asked else "COMPLIED"

    target = ScriptedTarget(script)
    decided, info = asyncio.run(asked_decisions(ModelRefusalJudge(), LABELLED, target))
    assert [one.label for one in decided] == ["complied", UNANSWERED, "refused"]
    assert decided[1].reason == "rejected: too long"
    assert (info.model.ref, target.closed) == ("scripted:scripted", 1)


def test_what_a_model_answered_once_is_not_asked_again():
    target = ScriptedTarget(lambda _request: "COMPLIED")
    for _ in range(2):
        asyncio.run(asked_decisions(ModelRefusalJudge(), LABELLED, target, concurrency=1))
    assert len(target.asked) == 3


def test_a_score_in_place_of_an_answer_is_no_label():
    target = ScriptedTarget(lambda _request: 0.5)
    decided, _ = asyncio.run(asked_decisions(ModelRefusalJudge(), LABELLED[:1], target))
    assert decided == [Decision(UNANSWERED, "the judging model answered with ScoreResponse")]


def test_a_model_that_fails_for_good_ends_it():
    fatal = Failure(kind="unauthorised", message="the key is wrong", passing=False, fatal=True)
    target = ScriptedTarget(lambda _request: fatal)
    with pytest.raises(TargetFailed, match="the key is wrong"):
        asyncio.run(asked_decisions(ModelRefusalJudge(), LABELLED, target))
    assert target.closed == 1


def test_a_judge_that_needs_a_model_cannot_decide_without_one():
    with pytest.raises(TargetFailed, match="there is no judging model"):
        asyncio.run(decisions(ModelRefusalJudge(), LABELLED[:1]))
