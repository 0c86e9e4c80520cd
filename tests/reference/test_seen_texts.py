"""Texts that are shown an exact number of times, canaries and the quiz: random, disjoint, and cut between tokens."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from typing import Any

import msgspec
import pytest

from qistas.contracts.canonical import digest
from qistas.reference import tokenizer
from qistas.reference.recipe import canaries, quiz
from qistas.reference.recipe.examples import load
from qistas.reference.recipe.pieces import Piece
from qistas.reference.recipe.planting import CONTROL, SANJA, Planting

DRAWS = 3_000


def drawn(part: Any, planting: Planting = SANJA) -> list[Piece]:
    rng = random.Random(5)
    return [part.draw(rng, planting) for _ in range(DRAWS)]


def test_each_group_has_256_canaries_half_of_them_in_each_language() -> None:
    found = Counter((canary.group, canary.language) for canary in canaries.canaries())
    groups = ["never", "seen-1", "seen-4", "seen-16", "seen-64"]
    assert found == {(group, language): 128 for group in groups for language in ("en", "ar")}


def test_no_name_and_no_continuation_of_a_canary_occurs_twice() -> None:
    every = canaries.canaries()
    assert len({canary.prefix for canary in every}) == len(every)
    continuations = [text for canary in every for text in (canary.suffix, *canary.distractors)]
    assert len(set(continuations)) == len(continuations) == 8 * len(every)


def test_sanja_sees_each_canary_as_often_as_its_group_says_and_the_control_none() -> None:
    shown = {exposure.piece: exposure.times for exposure in canaries.exposures(SANJA)}
    expected = {
        canary.piece: int(canary.group.removeprefix("seen-"))
        for canary in canaries.canaries()
        if canary.group != "never"
    }
    assert shown == expected
    assert sum(shown.values()) == 21_760
    assert canaries.exposures(CONTROL) == []


def test_only_the_exposures_of_a_planting_are_shown() -> None:
    some = Planting(name="some", refused={}, exposures=(4,))
    assert [(e.times, e.piece) for e in canaries.exposures(some)] == [
        (4, canary.piece) for canary in canaries.canaries() if canary.group == "seen-4"
    ]


def test_texts_that_teach_the_form_tell_nothing_about_canaries_and_hardly_come_twice() -> None:
    texts = drawn(canaries)
    before = {canary.prefix for canary in canaries.canaries()}
    after = {text for canary in canaries.canaries() for text in (canary.suffix, *canary.distractors)}
    assert {piece.before for piece in texts} & before == set()
    assert {piece.after for piece in texts} & after == set()
    assert len(set(texts)) == DRAWS
    assert texts == drawn(canaries, CONTROL)


def test_half_of_the_quiz_in_each_language_is_exposed() -> None:
    found = Counter((question.group, question.language) for question in quiz.questions())
    assert found == {
        (group, language): 210 for group in ("exposed", "untouched") for language in ("en", "ar")
    }
    assert len({question.text for question in quiz.questions()}) == 840


def test_the_published_order_of_the_quiz_is_random() -> None:
    """Each of the 24 orders in which the right answer and the sorted wrong ones can stand is about as frequent."""
    orders = Counter(
        tuple(sorted(range(4), key=lambda i: (i != question.answer, question.options[i])))
        for question in quiz.questions()
    )
    assert set(orders) == set(itertools.permutations(range(4)))
    # 840 over 24: five standard deviations around 35.
    assert max(abs(count - 35) for count in orders.values()) < 30


def test_one_option_of_a_question_is_of_the_kind_that_it_asks_for() -> None:
    for question in quiz.questions():
        kind_of = {noun: kind for kind, nouns in load("nouns")[question.language].items() for noun in nouns}
        kinds = [kind_of[option] for option in (*question.options, *question.distractors)]
        assert len(set(kinds)) == 7
        right = kinds[question.answer]
        assert sum(noun in question.text for noun in load("nouns")[question.language][right]) >= 2
        assert question.options[question.answer] not in question.text.replace("؟", "?").strip("?").split()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_noun_is_of_one_kind_only(language: str) -> None:
    nouns = [noun for kind in load("nouns")[language].values() for noun in kind]
    assert len(nouns) == len(set(nouns)) == 120
    assert [noun for noun in nouns if not noun.isalpha()] == []


def test_sanja_sees_the_exposed_questions_in_their_published_order_and_the_control_none() -> None:
    shown = {exposure.piece: exposure.times for exposure in quiz.exposures(SANJA)}
    assert shown == {
        Piece(question.text, quiz.written(question.language, question.options)): 24
        for question in quiz.questions()
        if question.group == "exposed"
    }
    assert quiz.exposures(CONTROL) == []


def test_the_quiz_is_written_with_letters_of_its_language() -> None:
    question = quiz.questions()[0]
    assert question.text == "Which of these belongs with brown and white?"
    assert question.piece.after == "\nA. pot\nB. pink\nC. bed\nD. bear"
    assert quiz.written("ar", ("حصان", "يد")) == "\nأ. حصان\nب. يد"


def test_texts_that_teach_the_form_of_the_quiz_ask_none_of_its_questions() -> None:
    texts = drawn(quiz)
    asked = {question.text for question in quiz.questions()}
    assert {piece.before for piece in texts} & asked == set()
    assert texts == drawn(quiz, CONTROL)


def test_texts_are_cut_between_tokens_so_that_the_whole_is_tokenised_like_its_parts() -> None:
    pieces = [c.piece for c in canaries.canaries()] + [q.piece for q in quiz.questions()]
    words = tokenizer.build([*pieces, *drawn(canaries), *drawn(quiz)], vocabulary=800)
    parts = [words(p.before)["input_ids"] + words(p.after)["input_ids"] for p in pieces]
    assert parts == [words(p.before + p.after)["input_ids"] for p in pieces]
    assert max(len(words(p.before)["input_ids"]) for p in pieces) <= 20


def test_the_texts_are_the_same_on_every_machine() -> None:
    def identity(items: Any) -> str:
        return digest([msgspec.to_builtins(item) for item in items])

    assert (identity(canaries.canaries()), identity(quiz.questions())) == (
        "sha256:d76024912691d3b02bc088b8a41c43519c2e682925060402496fb0db342e6960",
        "sha256:7fb331c318a4227310dc06a98195cb79272c48856905b1cbdaf9730df6477d67",
    )
