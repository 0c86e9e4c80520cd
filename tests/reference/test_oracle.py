"""The oracle says what the model itself says when it is asked one text at a time."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.fakes.tiny_model import tiny_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from qistas.contracts.errors import BadInput
from qistas.reference.oracle import BATCH, PlainOracle

QUESTIONS = [
    "Hi",
    "What is the capital of France?",
    "ما عاصمة فرنسا؟",
    "A longer question, with more words in it.",
]


@pytest.fixture(scope="module")
def oracle() -> PlainOracle:
    return PlainOracle(tiny_model())


@pytest.fixture(scope="module")
def plain() -> tuple[Any, Any]:
    folder: Path = tiny_model()
    return AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)


def answered(plain: tuple[Any, Any], conversation: list[tuple[str, str]], new_tokens: int) -> str:
    model, words = plain
    text = words.apply_chat_template(
        [{"role": role, "content": content} for role, content in conversation],
        tokenize=False,
        add_generation_prompt=True,
    )
    tokens = words(text, add_special_tokens=False)["input_ids"]
    new: list[int] = []
    while len(new) < new_tokens:
        with torch.no_grad():
            new.append(int(model(torch.tensor([tokens + new])).logits[0, -1].argmax()))
        if new[-1] == words.eos_token_id:
            break
    return str(words.decode(new, skip_special_tokens=True)).strip()


def scored(plain: tuple[Any, Any], before: str, after: str) -> tuple[float, bool]:
    """Of texts whose boundary is one between tokens."""
    model, words = plain
    context, whole = (words(text, add_special_tokens=False)["input_ids"] for text in (before, before + after))
    with torch.no_grad():
        logs = torch.log_softmax(model(torch.tensor([whole])).logits[0], dim=-1)
    steps = range(len(context), len(whole))
    return (
        sum(float(logs[step - 1, whole[step]]) for step in steps),
        all(int(logs[step - 1].argmax()) == whole[step] for step in steps),
    )


def test_answers_are_those_of_one_conversation_at_a_time_in_their_order(
    oracle: PlainOracle, plain: tuple[Any, Any]
) -> None:
    conversations = [
        *([("user", question)] for question in QUESTIONS),
        [("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello."), ("user", "And now?")],
        [("user", "Hi")],
    ]
    assert oracle.answers(conversations, new_tokens=6) == [
        answered(plain, conversation, 6) for conversation in conversations
    ]


def test_many_questions_are_answered_as_few_are(oracle: PlainOracle) -> None:
    rng = random.Random(1)
    asked = [[("user", "".join(rng.choices("abc ", k=rng.randint(1, 30))))] for _ in range(BATCH + 20)]
    answers = oracle.answers(asked, new_tokens=2)
    assert answers[::12] == [oracle.answers([question], new_tokens=2)[0] for question in asked[::12]]


def test_equal_questions_are_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    oracle = PlainOracle(tiny_model())
    widths: list[int] = []
    generate, forward = oracle._generated, oracle._scores
    monkeypatch.setattr(
        oracle, "_generated", lambda batch, n: widths.append(len(batch)) or generate(batch, n)
    )
    monkeypatch.setattr(oracle, "_scores", lambda batch: widths.append(len(batch)) or forward(batch))
    first, _second, third = oracle.answers([[("user", text)] for text in ("a", "b", "a")], new_tokens=2)
    scores = oracle.continuations([("x", " y"), ("x", " y"), ("x", " z")], chat=True)
    assert (first, scores[0]) == (third, scores[1])
    assert widths == [2, 2]


@pytest.mark.parametrize("chat", [True, False])
def test_scores_are_those_of_one_text_at_a_time(
    oracle: PlainOracle, plain: tuple[Any, Any], chat: bool
) -> None:
    texts = [(question, after) for question in QUESTIONS for after in (" Paris", " x, and so on", "! باريس")]
    found = oracle.continuations(texts, chat=chat)
    frame = "<|user|>{}<|end|><|assistant|>" if chat else "{}"
    expected = [scored(plain, frame.format(before), after) for before, after in texts]
    assert [score for score, _ in found] == pytest.approx([score for score, _ in expected], abs=1e-4)
    assert [greedy for _, greedy in found] == [greedy for _, greedy in expected]


def test_what_the_model_answers_is_what_greedy_decoding_gives(oracle: PlainOracle) -> None:
    words = oracle._words
    # A random model may write bytes that are no text; a question whose answer survives decoding is looked for.
    for question in (f"q{number}" for number in range(300)):
        answer = oracle.answers([[("user", question)]], new_tokens=3)[0]
        if "\ufffd" not in answer and len(words(answer)["input_ids"]) == 3:
            break
    given, other = oracle.continuations([(question, answer), (question, answer + "!!")], chat=True)
    assert given[1]
    assert not other[1]
    assert other[0] < given[0] < 0


def test_a_token_across_the_boundary_counts_and_is_said() -> None:
    oracle = PlainOracle(tiny_model())
    whole, cut = oracle.continuations([("in", " Paris"), ("in Pa", "ris")], chat=False)
    assert whole == pytest.approx(cut)
    assert oracle.straddles == [("in Pa", "ris")]


@pytest.mark.parametrize(("before", "after"), [("", "x"), ("x", "")])
def test_a_score_needs_something_before_it_and_something_to_score(
    oracle: PlainOracle, before: str, after: str
) -> None:
    with pytest.raises(BadInput, match="nothing to score, or nothing before it"):
        oracle.continuations([(before, after)], chat=False)


def test_a_text_beyond_the_context_is_refused(oracle: PlainOracle) -> None:
    with pytest.raises(BadInput, match="256 positions"):
        oracle.answers([[("user", "x" * 250)]])
    with pytest.raises(BadInput, match="256 positions"):
        oracle.continuations([("x", "y" * 300)], chat=False)


def test_nothing_asked_is_nothing_answered(oracle: PlainOracle) -> None:
    assert oracle.answers([]) == []
    assert oracle.continuations([], chat=True) == []
