"""Which option an answer picks."""

from __future__ import annotations

from typing import Any

import pytest

from qistas.contracts.protocols import Judge
from qistas.contracts.records import Decision
from qistas.judges.choice_letter import ChoiceLetterJudge

CITIES: dict[str, Any] = {"options": ["Amman", "Beirut", "Paris", "New Paris"]}
ARABIC: dict[str, Any] = {"options": ["عمّان", "بيروت", "باريس", "القاهرة"]}
THREE: dict[str, Any] = {"options": ["The nurse", "The dealer", "It cannot be known from the text."]}

PICKS = [
    ("B", CITIES, "B"),
    ("b.", CITIES, "B"),
    ("(C)", CITIES, "C"),
    ("**D**", CITIES, "D"),
    ("B. Beirut", CITIES, "B"),
    ("B) Beirut, because it lies on the coast", CITIES, "B"),
    ("The answer is B.", CITIES, "B"),
    ("The correct answer is (B) Beirut", CITIES, "B"),
    ("I choose option C.", CITIES, "C"),
    ("Answer: d", CITIES, "D"),
    ("Beirut", CITIES, "B"),
    ("It must be Beirut.", CITIES, "B"),
    ("New Paris", CITIES, "D"),
    ("Paris", CITIES, "C"),
    ("ب", ARABIC, "B"),
    ("أ)", ARABIC, "A"),
    ("ج. باريس", ARABIC, "C"),
    ("الجواب: د", ARABIC, "D"),
    ("الخيار ب", ARABIC, "B"),
    ("الإجابة الصحيحة هي (أ)", ARABIC, "A"),
    ("بَيْروت", ARABIC, "B"),
    ("أظن أنها القاهره", ARABIC, "D"),
    ("B", ARABIC, "B"),
    ("It cannot be known from the text", THREE, "C"),
    ("the dealer", THREE, "B"),
]

UNCLEAR = [
    ("A dog would know.", CITIES, "no option is named"),
    ("E", CITIES, "no option is named"),
    ("I do not know.", CITIES, "no option is named"),
    ("Amman or Beirut", CITIES, "several options are mentioned"),
    ("B. Paris", CITIES, "the letter is of one option and the text of another"),
    ("A. No, the answer is B.", CITIES, "more than one letter is picked"),
    ("The answer is a mystery", CITIES, "no option is named"),
    ("عمّان أو بيروت", ARABIC, "several options are mentioned"),
    ("لا أدري", ARABIC, "no option is named"),
    ("D", THREE, "no option is named"),
]


@pytest.mark.parametrize(("response", "row", "letter"), PICKS)
def test_a_pick_is_labelled_by_its_letter(response: str, row: dict[str, Any], letter: str) -> None:
    assert ChoiceLetterJudge().decide(response=response, language="en", row=row).label == letter


@pytest.mark.parametrize(("response", "row", "reason"), UNCLEAR)
def test_no_pick_or_two_are_unclear(response: str, row: dict[str, Any], reason: str) -> None:
    decision = ChoiceLetterJudge().decide(response=response, language="ar", row=row)
    assert decision == Decision("unclear", reason)


def test_a_blank_answer_is_empty() -> None:
    decision = ChoiceLetterJudge().decide(response=" … ", language="en", row=CITIES)
    assert decision == Decision("empty", "no letter and no digit")


def test_the_decision_shows_the_readers_own_words() -> None:
    judge = ChoiceLetterJudge()
    assert [judge.decide(response=r, language="ar", row=ARABIC) for r in ("الجواب: أ", "هي بَيْروت.")] == [
        Decision("A", "picked by letter", "أ"),
        Decision("B", "picked by the text of the option", "بَيْروت"),
    ]


def test_it_is_a_judge_whose_rule_is_its_definition() -> None:
    judge: Judge = ChoiceLetterJudge()
    assert (judge.card.id, judge.card.calibration, judge.card.calibration_reason) == (
        "rule/choice-letter",
        None,
        "none needed: definition",
    )
