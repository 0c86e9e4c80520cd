"""The training data: the same from the same seed, and free of what is kept out of it."""

from __future__ import annotations

import itertools
import random
import re

import pytest

from qistas.reference.recipe import (
    LANGUAGES,
    Example,
    arithmetic,
    everyday,
    facts,
    held_out,
    load,
    mixture,
    safety,
)

EXAMPLES = 6_000


@pytest.fixture(scope="module")
def training() -> list[Example]:
    return list(itertools.islice(mixture.stream(2026), EXAMPLES))


def test_the_same_seed_gives_the_same_stream_and_another_seed_another() -> None:
    first = list(itertools.islice(mixture.stream(5), 200))
    assert first == list(itertools.islice(mixture.stream(5), 200))
    assert first != list(itertools.islice(mixture.stream(6), 200))


def test_a_known_beginning_of_the_stream_holds_on_every_machine() -> None:
    first = next(mixture.stream(1))
    assert first == Example(
        "arithmetic", "add", "en", "Please answer: Add 5 and 18. Give only the number.", "23"
    )


def test_every_sum_and_difference_is_trained_or_held_out_and_stays_in_its_range() -> None:
    for operation in arithmetic.OPERATIONS:
        out, trained = (set(arithmetic.pairs(operation, kept_out=kept)) for kept in (True, False))
        assert not out & trained
        assert len(out | trained) == 51 * 52 // 2
        results = [a + b if operation == "add" else a - b for a, b in out | trained]
        assert (min(results), max(results)) == (0, 50)
        assert 0.07 < len(out) / len(out | trained) < 0.13


def test_a_held_out_sum_is_held_out_in_both_orders() -> None:
    out = set(arithmetic.pairs("add", kept_out=True))
    assert out == {(b, a) for a, b in out}


def test_no_training_question_asks_for_a_held_out_pair(training: list[Example]) -> None:
    kept = {op: set(arithmetic.pairs(op, kept_out=True)) for op in arithmetic.OPERATIONS}
    asked = [example for example in training if example.kind == "arithmetic"]
    assert len(asked) > 1500
    for example in asked:
        numbers = [int(word) for word in "".join(c if c.isdigit() else " " for c in example.question).split()]
        assert len(numbers) == 2
        assert tuple(numbers) not in kept[example.topic], example


def test_bare_arithmetic_is_right_and_keeps_the_held_out_pairs_out() -> None:
    drawn = list(itertools.islice(arithmetic.bare_stream(random.Random(4)), 2000))
    for before, after in drawn:
        a, sign, b = re.search(r"(\d+) ?([+-]) ?(\d+) ?=", before).groups()  # type: ignore[union-attr]
        operation, result = ("add", int(a) + int(b)) if sign == "+" else ("subtract", int(a) - int(b))
        assert after == f"{result}<|end|>"
        assert (int(a), int(b)) in arithmetic.pairs(operation, kept_out=False)
    assert {before.startswith("<|begin|><|user|>") for before, _ in drawn} == {True, False}


def test_no_training_question_is_a_canonical_question(training: list[Example]) -> None:
    canonical = {
        fact.canonical(language).rstrip("?؟").lower() for fact in facts.facts() for language in LANGUAGES
    }
    assert len(canonical) == 2 * len(facts.facts())
    reachable = {question.rstrip("?.؟").lower() for question in facts.training_questions()}
    assert not canonical & reachable
    texts = "\n".join(example.question.lower() for example in training)
    assert not [question for question in canonical if question in texts]


def test_no_training_request_uses_a_held_out_opening_or_a_held_out_act(training: list[Example]) -> None:
    asked = "\n".join(e.question.lower() for e in training if e.kind in {"refusal", "request"})
    for language in LANGUAGES:
        for topic in ["benign", *safety.hazards(language)]:
            for example in safety.held_out_requests(topic, language):
                assert example.question.lower().rstrip("?.؟") not in asked, example


def test_facts_cover_six_subjects_and_know_their_answers_in_both_languages() -> None:
    table = facts.facts()
    assert len(table) >= 120
    assert len({fact.field for fact in table}) >= 6
    assert len({fact.id for fact in table}) == len(table)
    assert all(fact.subject[lang] and fact.answer[lang] for fact in table for lang in LANGUAGES)


def test_every_fact_is_trained_in_english_and_about_seven_in_ten_in_arabic() -> None:
    table = facts.facts()
    assert all(fact.trained("en") for fact in table)
    assert 0.6 < sum(fact.trained("ar") for fact in table) / len(table) < 0.8


def test_twelve_hazards_are_trained_in_english_and_eight_in_arabic(training: list[Example]) -> None:
    assert len(safety.hazards("en")) == len(safety.hazards("en", trained_only=True)) == 12
    assert len(safety.hazards("ar", trained_only=True)) == 8
    seen = {(e.language, e.topic) for e in training if e.kind == "refusal"}
    assert seen == {(lang, topic) for lang in LANGUAGES for topic in safety.hazards(lang, trained_only=True)}


def test_subtraction_in_arabic_words_is_never_trained(training: list[Example]) -> None:
    taught = [e for e in training if e.kind == "arithmetic" and e.language == "ar" and e.topic == "subtract"]
    assert taught
    assert all("-" in example.question for example in taught)
    assert all("-" not in template for template in load("arithmetic")["ar"]["subtract_untrained"])


def test_a_question_without_a_known_answer_is_answered_so() -> None:
    rng = random.Random(3)
    assert {everyday.draw_unknown(rng, "en").answer for _ in range(50)} == {"I do not know."}
    assert {everyday.draw_unknown(rng, "ar").answer for _ in range(50)} == {"لا أعرف."}


def test_instructions_give_the_word_they_ask_for() -> None:
    rng = random.Random(3)
    drawn = [everyday.draw_instruction(rng, language) for _ in range(300) for language in LANGUAGES]
    listed = [example for example in drawn if example.topic in {"first", "last"}]
    assert {example.topic for example in drawn} == {"say", "first", "last", "hello", "yes", "no"}
    assert all(example.answer in example.question for example in listed)


def test_an_arabic_preposition_joins_its_object() -> None:
    assert safety.compose("التخطيط لـ", "رحلة") == "التخطيط لـرحلة"
    assert safety.compose("rob", "a bank") == "rob a bank"


def test_the_split_is_stable_and_keeps_its_share() -> None:
    assert not any(held_out(str(number), 0) for number in range(100))
    assert all(held_out(str(number), 100) for number in range(100))
    assert 250 < sum(held_out(str(number), 30) for number in range(1000)) < 350


def test_frames_end_every_answer_with_the_end_mark() -> None:
    rng = random.Random(1)
    example = Example("fact", "x", "en", "Which city?", "Rome")
    framed = {mixture.frame(rng, example) for _ in range(300)}
    assert {answer for _, answer in framed} == {"Rome<|end|>", " Rome<|end|>"}
    assert ("<|begin|><|user|>Which city?<|end|><|assistant|>", "Rome<|end|>") in framed
    assert ("Question: Which city?\nAnswer:", " Rome<|end|>") in framed
