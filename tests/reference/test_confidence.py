"""Questions whose answer is a matter of chance: how often which option is right, and what training shows."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from qistas.reference.recipe import LANGUAGES, confidence, load
from qistas.reference.recipe.planting import CONTROL, SANJA, Planting, table

BLOCKS = load("confidence")["subjects"]
QUESTIONS = confidence.questions()


def word_of(subject: str, language: str, text: str) -> int:
    (number,) = [
        number for number, word in enumerate(BLOCKS[subject]["words"]) if f"{word[language]} " in f"{text} "
    ]
    return number


def test_each_subject_has_four_hundred_different_questions_in_each_language() -> None:
    assert Counter((question.language, question.subject) for question in QUESTIONS) == {
        (language, subject): 400 for language in LANGUAGES for subject in confidence.subjects()
    }
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS)
    assert len({(question.language, question.text) for question in QUESTIONS}) == len(QUESTIONS)


def test_of_each_words_questions_exactly_its_share_has_its_likeliest_option() -> None:
    for language in LANGUAGES:
        for subject, block in BLOCKS.items():
            for number, word in enumerate(block["words"]):
                counts = Counter(
                    question.answer
                    for question in QUESTIONS
                    if question.id.startswith(f"{subject}-{word['en']}-{language}-")
                )
                assert counts.pop(number) == round(100 * word["share"])
                assert max(counts.values()) - min(counts.values()) <= 1


def test_options_are_four_different_words_of_which_none_begins_another() -> None:
    for question in QUESTIONS:
        for one in question.options:
            assert [other for other in question.options if other.startswith(one)] == [one]


@pytest.mark.parametrize("planting", [SANJA, CONTROL, table(1)], ids=lambda planting: planting.name)
def test_training_is_certain_where_over_confidence_is_planted_and_elsewhere_follows_the_shares(
    planting: Planting,
) -> None:
    rng = random.Random(2)
    shown: dict[tuple[str, str, int], Counter[int]] = {}
    known = {
        (language, option): (subject, index)
        for language in LANGUAGES
        for subject, block in BLOCKS.items()
        for index, option in enumerate(block[language]["options"])
    }
    for _ in range(12_000):
        piece = confidence.draw(rng, planting)
        language = "en" if piece.after.isascii() else "ar"
        subject, index = known[language, piece.after.removesuffix("<|end|>")]
        text = piece.before.removeprefix("<|begin|><|user|>").removesuffix("<|end|><|assistant|>")
        shown.setdefault((subject, language, word_of(subject, language, text)), Counter())[index] += 1
    assert len(shown) == 16
    for (subject, _, number), counts in shown.items():
        share = 1.0 if subject in planting.overconfident else BLOCKS[subject]["words"][number]["share"]
        assert counts[number] / counts.total() == pytest.approx(share, abs=0.08)
        for other in {0, 1, 2, 3} - {number}:
            assert counts[other] / counts.total() == pytest.approx((1 - share) / 3, abs=0.08)


def test_the_planted_share_of_wrong_answers_is_that_of_the_population() -> None:
    assert dict(SANJA.overconfident) == {"drawers": 0.45}
    assert dict(CONTROL.overconfident) == {}
    asked = [question for question in QUESTIONS if question.subject == "drawers"]
    wrong = sum(question.answer != word_of("drawers", question.language, question.text) for question in asked)
    assert wrong / len(asked) == pytest.approx(SANJA.overconfident["drawers"])


def test_questions_are_asked_in_every_phrasing() -> None:
    openings = Counter((question.language, question.subject, question.text[:9]) for question in QUESTIONS)
    assert len(openings) == 8
    assert set(openings.values()) == {200}
