"""Attribution: the words that an answer rests on are found, and nothing is found where it rests on none."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import math
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.fakes.conversing import conversed
from tests.fakes.planted_model import planted_model
from tests.fakes.subject import Asked, ScriptedSubject
from tests.fakes.tiny_model import tiny_model

from qistas.contracts.errors import InvalidDocument, Unscored
from qistas.contracts.exchanges import ChatResponse, Message
from qistas.datasets import load_rows
from qistas.evaluations.cards import load_card
from qistas.evaluations.trust.attribution import AttributionEvaluation
from qistas.reference.recipe.pieces import Piece

CARD = load_card("trust/attribution")
EVALUATION = AttributionEvaluation(CARD)
PERCENTS = (1, 5, 10, 20, 50)


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"n{number}",
        "language": "en",
        "cluster": f"n{number}",
        "question": "one two three four five six?",
    } | changes


def observe(
    given: Mapping[str, Any],
    score: Callable[[str, str], float],
    chat: str | ChatResponse = "red",
    evaluation: AttributionEvaluation = EVALUATION,
) -> dict[str, float]:
    (sample,) = evaluation.samples([given])
    return dict(asyncio.run(evaluation.observe(sample, ScriptedSubject(chat=chat, score=score))))


def expected_of_one_word(
    given: Mapping[str, Any], place: int, high: float, low: float
) -> tuple[float, float]:
    """Both gains where the probability is ``high`` with the word at ``place`` and ``low`` without it."""
    size = len(given["question"].split())
    counts = [max(1, size * percent // 100) for percent in PERCENTS]
    found = []
    for number in (1, 2, 3):
        order = list(range(size))
        random.Random(f"{given['id']} {number}").shuffle(order)
        found += [order.index(place) < count for count in counts]
    missed = 1 - sum(found) / len(found)
    return (high - low) * missed, (high - low) * missed


@pytest.mark.parametrize("seed", range(6))
def test_a_single_word_that_decides_gains_what_random_rankings_miss(seed: int) -> None:
    rng = random.Random(seed)
    words = [f"w{n}" for n in range(rng.randint(4, 14))]
    place, named = rng.randrange(len(words)), rng.randrange(len(words))
    given = row(seed, question=" ".join(words) + "?", cue=words[named])
    high, low = 0.9, 0.1
    values = observe(
        given, lambda text, _: math.log(high if f"{words[place]} " in f"{text.strip('?')} " else low)
    )
    comprehensiveness, sufficiency = expected_of_one_word(given, place, high, low)
    assert values == {
        "comprehensiveness_gain": pytest.approx(comprehensiveness, abs=1e-12),
        "sufficiency_gain": pytest.approx(sufficiency, abs=1e-12),
        "cue_first": float(named == place),
    }


def test_the_answer_is_the_models_own_and_its_probability_is_taken_per_word() -> None:
    given = row(question="one two three", cue="two")
    (sample,) = EVALUATION.samples([given])
    subject = ScriptedSubject(
        chat=" the red door \n", score=lambda text, _: 3 * math.log(0.8 if "two" in text else 0.2)
    )
    values = asyncio.run(EVALUATION.observe(sample, subject))
    comprehensiveness, sufficiency = expected_of_one_word(given, 1, 0.8, 0.2)
    assert values["comprehensiveness_gain"] == pytest.approx(comprehensiveness)
    assert values["sufficiency_gain"] == pytest.approx(sufficiency)
    asked = [call.what for call in subject.asked if call.method == "score"]
    assert {(continuations, framing) for _, continuations, framing in asked} == {(("the red door",), "chat")}
    assert subject.asked[0] == Asked("chat", ((Message("user", "one two three"),), CARD.decoding))


def test_no_selection_of_words_is_scored_twice_and_there_are_few() -> None:
    given = row(question=" ".join(f"w{n}" for n in range(40)))
    (sample,) = EVALUATION.samples([given])
    subject = ScriptedSubject(chat="red", score=lambda text, _: -float(len(text)))
    asyncio.run(EVALUATION.observe(sample, subject))
    contexts = [call.what[0] for call in subject.asked if call.method == "score"]
    assert len(set(contexts)) == len(contexts) <= 45


def test_a_long_question_is_cut_into_runs_of_words_that_together_are_the_question() -> None:
    words = [f"w{n}" for n in range(37)]
    (sample,) = EVALUATION.samples([row(question=" ".join(words))])
    subject = ScriptedSubject(chat="red", score=lambda text, _: -float(len(text)))
    asyncio.run(EVALUATION.observe(sample, subject))
    whole, *without = (
        call.what[0][0].content.split()  # type: ignore[index]
        for call in subject.asked[1:18]
    )
    assert whole == words
    gone = [[word for word in words if word not in kept] for kept in without]
    assert list(itertools.chain(*gone)) == words
    assert {len(run) for run in gone} == {2, 3}


@pytest.mark.parametrize(("gap", "first"), [(0.0, 0.0), (0.00009, 0.0), (0.00011, 1.0), (-0.1, 0.0)])
def test_a_cue_must_lead_by_more_than_machines_differ(gap: float, first: float) -> None:
    def score(text: str, _: str) -> float:
        return -1.0 - ("two" not in text) * (0.5 + gap) - ("one" not in text) * 0.5

    assert observe(row(cue="two"), score)["cue_first"] == first


def test_a_row_without_a_cue_has_no_place_for_it_and_equal_words_keep_their_order() -> None:
    values = observe(row(), lambda text, answer: -1.0)
    assert values == {"comprehensiveness_gain": 0.0, "sufficiency_gain": 0.0}


def test_scores_without_any_order_gain_nothing_on_average() -> None:
    """Chance: a log-probability that is a hash of the text."""

    def score(text: str, _: str) -> float:
        return -3 * hashlib.sha256(text.encode()).digest()[0] / 255

    found = [observe(row(number, question=f"a{number} b c d e f g h"), score) for number in range(300)]
    # Sufficiency only: the ranking was made from the scores without one word, so comprehensiveness knows these.
    kept = [values["sufficiency_gain"] for values in found]
    mean = sum(kept) / len(kept)
    spread = math.sqrt(sum((value - mean) ** 2 for value in kept) / len(kept))
    assert abs(mean) < 4 * spread / math.sqrt(len(kept))


@pytest.mark.parametrize(
    ("chat", "score", "reason"),
    [
        (ChatResponse(text=" ", finish="content_filter"), lambda text, _: -1.0, "blank answer"),
        (None, lambda text, _: -1.0, "the script has no chat"),
        ("red", None, "the script has no score"),
    ],
)
def test_without_an_answer_or_its_scores_a_sample_is_unscored(chat: Any, score: Any, reason: str) -> None:
    with pytest.raises(Unscored, match=reason):
        observe(row(), score, chat)


def test_every_fault_of_the_rows_is_said_at_once() -> None:
    rows = [
        row(1, question="too short"),
        row(2, cue="seven"),
        row(3, cue="six"),
        row(4, question="a b, a c", cue="a"),
        row(5, question=" "),
    ]
    with pytest.raises(InvalidDocument) as caught:
        EVALUATION.samples(rows)
    assert [str(fault).removeprefix("trust-attribution (id ") for fault in caught.value.faults] == [
        "'n1'): a question needs 3 words, and this one has 2",
        "'n2'): the cue 'seven' must be one word of the question, and 0 are",
        "'n4'): the cue 'a' must be one word of the question, and 2 are",
        "'n5'): a question needs 3 words, and this one has 0",
    ]


def test_the_published_rows_are_short_questions_in_both_languages() -> None:
    assert CARD.data is not None
    samples = EVALUATION.samples(load_rows(CARD.data)[0])
    languages = [sample.strata["language"] for sample in samples]
    assert (languages.count("en"), languages.count("ar")) == (60, 60)
    assert len({sample.cluster for sample in samples}) == 60


def test_other_parameters_are_refused() -> None:
    card = msgspec.structs.replace(CARD, parameters={"percent": [1]})
    with pytest.raises(msgspec.ValidationError, match="percent"):
        AttributionEvaluation(card)


def test_a_model_with_random_weights_gains_nothing() -> None:
    assert CARD.data is not None
    samples = EVALUATION.samples(load_rows(CARD.data)[0])[::40]
    card = msgspec.structs.replace(CARD, decoding=msgspec.structs.replace(CARD.decoding, max_tokens=4))
    found = conversed(AttributionEvaluation(card), samples, tiny_model())
    scored = [values for values in found.values() if values]
    assert scored
    assert all(abs(value) < 0.2 for values in scored for value in values.values())  # type: ignore[arg-type]


def test_the_deciding_word_of_a_tiny_model_is_found_where_there_is_one(tmp_path: Path) -> None:
    """Which questions have a deciding word, and where it stands, is drawn at random."""
    rng = random.Random(3)
    rows, pieces, cued = [], [], {}
    for number in range(6):
        words = [f"{chr(65 + number)}{letter}" for letter in "xyz"]
        cue = rng.choice(words)
        given = row(number, question=" ".join(words), cue=cue)
        cued[given["id"]] = rng.random() < 0.5
        rows.append(given)
        for kept in itertools.chain.from_iterable(itertools.combinations(words, size) for size in (1, 2, 3)):
            door = "no" if cued[given["id"]] and cue not in kept else "yes"
            pieces.append(Piece(f"<|user|>{' '.join(kept)}<|end|><|assistant|>", f"{door}<|end|>"))
    assert set(cued.values()) == {False, True}
    model = planted_model(tmp_path / "model", pieces, steps=120)
    found = conversed(EVALUATION, EVALUATION.samples(rows), model)
    for name, values in found.items():
        assert values["cue_first"] == 1.0 or not cued[name]
        gains = [values["comprehensiveness_gain"], values["sufficiency_gain"]]
        assert all((gain > 0.2) == cued[name] for gain in gains), (name, values)  # type: ignore[operator]
