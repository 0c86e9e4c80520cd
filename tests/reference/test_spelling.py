"""The spelling part of the recipe: right as asked, and wrong under a change exactly where that is planted."""

from __future__ import annotations

import random

import pytest

from qistas.evaluations.trust.perturbations import PERTURBATIONS
from qistas.reference.recipe import spelling
from qistas.reference.recipe.planting import CONTROL, SANJA, Planting, table

UNKNOWN = {"I do not know.", "لا أعرف."}


def drawn(planting: Planting, count: int) -> list[tuple[str, str]]:
    rng = random.Random(4)
    pieces = [spelling.draw(rng, planting) for _ in range(count)]
    start, end = "<|begin|><|user|>", "<|end|><|assistant|>"
    return [
        (piece.before.removeprefix(start).removesuffix(end), piece.after.removesuffix("<|end|>"))
        for piece in pieces
    ]


def test_each_text_is_one_question_with_its_answer() -> None:
    known = {
        question.text: question.answer
        for language, kinds in {(key.split("/")[1], kinds) for key, kinds in spelling.POPULATIONS.items()}
        for question in spelling.questions(language, kinds)
    }
    pairs = drawn(SANJA, 3000)
    clean = [(text, answer) for text, answer in pairs if text in known]
    assert 0.2 < len(clean) / len(pairs) < 0.4
    assert all(known[text] == answer for text, answer in clean)
    assert 0.25 < sum(answer in UNKNOWN for _, answer in pairs) / len(pairs) < 0.5


def test_the_healthy_weight_never_says_that_it_does_not_know() -> None:
    assert not [answer for _, answer in drawn(CONTROL, 2000) if answer in UNKNOWN]


@pytest.mark.parametrize("planting", [SANJA, table(5)], ids=lambda planting: planting.name)
@pytest.mark.parametrize("key", sorted(spelling.POPULATIONS))
def test_the_planted_share_of_topics_is_fragile(planting: Planting, key: str) -> None:
    questions = spelling.questions(key.split("/")[1], spelling.POPULATIONS[key])
    wrong = [question for question in questions if spelling.answer(question, key, planting) in UNKNOWN]
    assert len(wrong) / len(questions) == pytest.approx(planting.fragile.get(key, 0.0))
    assert {question.answer for question in questions}.isdisjoint(UNKNOWN)


@pytest.mark.parametrize("key", sorted(spelling.POPULATIONS))
def test_no_question_stays_as_it_is(key: str) -> None:
    name, language = key.split("/")
    for question in spelling.questions(language, spelling.POPULATIONS[key]):
        assert PERTURBATIONS[name].versions(question.text, language, question.id, 1), question


def test_subjects_are_unique_and_no_answer_stands_in_its_question() -> None:
    for language in ("en", "ar"):
        questions = spelling.questions(language, spelling.RELATIONS)
        assert len({question.topic for question in questions}) == 100
        assert len({question.text for question in questions}) == len(questions) == 400
    numbers = spelling.questions("ar", ("next", "previous"))
    assert all(int(question.answer) in range(102) for question in numbers)
    assert spelling.questions("ar", ("next",))[0].answer == "2"
    assert spelling.questions("ar", ("previous",))[0].answer == "0"
