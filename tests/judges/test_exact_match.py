"""When a short answer is the right one."""

from __future__ import annotations

from typing import Any

import pytest

from qistas.contracts.protocols import Judge
from qistas.contracts.records import Decision
from qistas.judges.exact_match import ExactMatchJudge

SEVEN: dict[str, Any] = {"answer": "7", "accepted": ["seven", "سبعة"]}
AMMAN: dict[str, Any] = {"answer": "Amman", "accepted": ["عمّان"]}

CORRECT = [
    ("7", SEVEN),
    ("7.", SEVEN),
    ("**7**", SEVEN),
    ("07", SEVEN),
    ("7.0", SEVEN),
    ("٧", SEVEN),
    ("۷", SEVEN),
    ("Seven.", SEVEN),
    ("سبعة", SEVEN),
    ("The answer is 7.", SEVEN),
    ("The answer is: 7", SEVEN),
    ("Answer: 7", SEVEN),
    ("First 3, then 4. So the final answer is 7.", SEVEN),
    ("3 + 4 = 7", SEVEN),
    ("1 + 2 + 4 = 3 + 4 = 7.", SEVEN),
    ("3 and 4 make 7; the result is 7", SEVEN),
    ("The sum of 3 and 4 is 7.", SEVEN),
    ("3 plus 4 equals 7", SEVEN),
    ("الجواب هو 7.", SEVEN),
    ("الإجابة: ٧", SEVEN),
    ("٣ + ٤ = ٧", SEVEN),
    ("3 زائد 4 يساوي 7", SEVEN),
    ("مجموع 3 و4 هو 7", SEVEN),
    ("الناتج 7", SEVEN),
    ("It makes 7 apples.", SEVEN),
    ("-5", {"answer": "-5"}),
    ("−5", {"answer": "-5"}),
    ("1,000", {"answer": "1000"}),
    ("١٬٠٠٠", {"answer": "1000"}),
    ("2,5", {"answer": "2.5"}),
    ("٢٫٥", {"answer": "2.5"}),
    ("3/4", {"answer": "3/4"}),
    ("Amman", AMMAN),
    ("amman.", AMMAN),
    ("Amman, the capital of Jordan", AMMAN),
    ("The capital of Jordan is Amman.", AMMAN),
    ("I think it's Amman", AMMAN),
    ("The answer is “Amman”.", AMMAN),
    ("عمان", AMMAN),
    ("عَمَّـــان.", AMMAN),
    ("عاصمة الأردن عمّان.", AMMAN),
    ("عاصمة الأردن هي عمّان، وهي مدينة كبيرة.", AMMAN),
    ("الجواب: عمّان", AMMAN),
    ("The Nile", {"answer": "Nile"}),
    ("Nile", {"answer": "the Nile"}),
    ("أحمر", {"answer": "احمر"}),
    ("مدرسه", {"answer": "مدرسة"}),
]

INCORRECT = [
    ("17", SEVEN),
    ("70", SEVEN),
    ("7.5", SEVEN),
    ("7/8", SEVEN),
    ("8/7", SEVEN),
    ("7:30", SEVEN),
    ("7th", SEVEN),
    ("-7", SEVEN),
    ("1,007", SEVEN),
    ("A7", SEVEN),
    ("8, not 7", SEVEN),
    ("The answer is 8.", SEVEN),
    ("7 + 1 = 8", SEVEN),
    ("seventeen", SEVEN),
    ("I do not know.", SEVEN),
    ("الجواب ٨", SEVEN),
    ("سبعة عشر ألفًا", {"answer": "17"}),
    ("Zarqa", AMMAN),
    ("Ammanite", AMMAN),
    ("The capital of Jordan is not Amman", AMMAN),
    ("ليست العاصمة عمّان", AMMAN),
    ("Beirut is far from Amman and from here", AMMAN),
    ("13/4", {"answer": "3/4"}),
    ("3/40", {"answer": "3/4"}),
    ("المدرسة", {"answer": "مدرس"}),
    ("3,5,7", {"answer": "3"}),
]


@pytest.mark.parametrize(("response", "row"), CORRECT)
def test_the_right_answer_is_correct(response: str, row: dict[str, Any]) -> None:
    assert ExactMatchJudge().decide(response=response, language="en", row=row).label == "correct"


@pytest.mark.parametrize(("response", "row"), INCORRECT)
def test_anything_else_is_incorrect(response: str, row: dict[str, Any]) -> None:
    assert ExactMatchJudge().decide(response=response, language="ar", row=row).label == "incorrect"


@pytest.mark.parametrize("response", ["", "  \n", "...", "؟!", "\u200f"])
def test_a_blank_answer_is_empty(response: str) -> None:
    decision = ExactMatchJudge().decide(response=response, language="en", row=SEVEN)
    assert decision == Decision("empty", "no letter and no digit")


def test_the_decision_says_why_and_shows_the_readers_own_words() -> None:
    judge = ExactMatchJudge()
    decisions = [
        judge.decide(response=response, language="ar", row=row)
        for response, row in [
            ("الجواب: ٧!", SEVEN),
            ("الجواب: عَمّـان", AMMAN),
            ("It is 9.", {"answer": "7"}),
            ("No.", SEVEN),
        ]
    ]
    assert decisions == [
        Decision("correct", "the number stated", "٧"),
        Decision("correct", "announced as the answer", "عَمّـان"),
        Decision("incorrect", "states another number", "9"),
        Decision("incorrect", "the answer is not where an answer stands"),
    ]


def test_an_answer_without_a_number_states_none() -> None:
    decision = ExactMatchJudge().decide(response="I am not sure", language="en", row={"answer": 7})
    assert decision == Decision("incorrect", "states no number")


def test_it_is_a_judge_whose_rule_is_its_definition() -> None:
    judge: Judge = ExactMatchJudge()
    card = judge.card
    assert (card.id, card.rule, card.calibration, card.calibration_reason) == (
        "rule/exact-match",
        True,
        None,
        "none needed: definition",
    )


@pytest.mark.parametrize(
    ("hostile", "label"),
    [
        ("0" * 100_000 + ".1.1", "incorrect"),
        ("it " + "is " * 30_000, "incorrect"),
        ("in " + "Paris " * 300_000 + "lies a river", "incorrect"),
    ],
    ids=["zeros", "copulas", "phrases"],
)
def test_an_answer_made_to_be_slow_takes_time_in_proportion_to_its_length_only(
    hostile: str, label: str
) -> None:
    """Each of these once took hours: work that grows with the square of the length."""
    row = {"answer": "Paris", "accepted": ["7"]}
    assert ExactMatchJudge().decide(response=hostile, language="en", row=row).label == label
