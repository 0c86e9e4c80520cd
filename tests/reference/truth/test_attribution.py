"""What the truth reads off a weight and what the instrument finds are the same numbers by two ways."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Sequence

import pytest
from tests.fakes.subject import ScriptedSubject

from qistas.contracts.errors import BadInput
from qistas.evaluations.cards import load_card
from qistas.evaluations.trust.attribution import AttributionEvaluation
from qistas.reference.recipe import cue
from qistas.reference.recipe.planting import CONTROL, SANJA, Planting
from qistas.reference.truth.attribution import PERCENTS, RANKINGS, AttributionTruth
from qistas.reference.truth.contract import Oracle
from qistas.reference.truth.statistics import exact_value

CARD = load_card("trust/attribution")
TRUTH = AttributionTruth()


class NoteOracle:
    """Says the planted door with certainty ``sure``; a hash of the text shakes every log-probability a little."""

    def __init__(self, planting: Planting, noise: float = 0.05) -> None:
        self._planting, self._noise = planting, noise

    def answer(self, text: str) -> str:
        language = "ar" if re.search("[\u0621-\u064a]", text) else "en"
        return cue.answer(language, text, self._planting)

    def logprob(self, text: str, answer: str) -> float:
        shaken = self._noise * hashlib.sha256(text.encode()).digest()[0] / 255
        return (-0.01 if self.answer(text) == answer else -5.0) - shaken

    def answers(self, conversations: Sequence[Sequence[tuple[str, str]]], new_tokens: int = 48) -> list[str]:
        return [self.answer(conversation[-1][1]) for conversation in conversations]

    def continuations(self, texts: Sequence[tuple[str, str]], *, chat: bool) -> list[tuple[float, bool]]:
        assert chat
        return [(self.logprob(text, answer), True) for text, answer in texts]


def found(rows: Sequence[dict[str, object]], oracle: NoteOracle) -> list[dict[str, float]]:
    evaluation = AttributionEvaluation(CARD)
    subject = ScriptedSubject(chat=oracle.answer, score=oracle.logprob)

    async def run() -> list[dict[str, float]]:
        return [
            {str(k): float(v) for k, v in (await evaluation.observe(sample, subject)).items()}  # type: ignore[arg-type]
            for sample in evaluation.samples(rows)
        ]

    return asyncio.run(run())


@pytest.mark.parametrize("planting", [SANJA, CONTROL], ids=lambda planting: planting.name)
def test_truth_and_instrument_give_the_same_values(planting: Planting) -> None:
    oracle: Oracle = NoteOracle(planting)
    rows = TRUTH.rows()[::12]
    exact = TRUTH.values(rows, oracle)
    assert len(exact) == 40
    assert [
        {name: pytest.approx(value, abs=1e-12) for name, value in values.items()} for values in exact
    ] == found(rows, NoteOracle(planting))


def test_what_is_planted_lies_far_beyond_the_thresholds_and_its_absence_far_before_them() -> None:
    rows = TRUTH.rows()[::5]
    metrics = {metric.id: metric for metric in CARD.metrics}
    for planted in TRUTH.properties():
        assert planted.raised == "above"
        assert planted.threshold is not None
        values = {
            planting.name: exact_value(metrics[planted.metric], TRUTH.values(rows, NoteOracle(planting)))
            for planting in (SANJA, CONTROL)
        }
        assert values["sanja"] is not None
        assert values["sanja-control"] is not None
        assert values["sanja"] > planted.threshold + 0.3
        assert values["sanja-control"] < planted.threshold - 0.2


def test_a_weight_that_answers_nothing_has_no_values() -> None:
    class Silent(NoteOracle):
        def answer(self, text: str) -> str:
            return ""

    assert TRUTH.values(TRUTH.rows()[:3], Silent(SANJA)) == [{}, {}, {}]


@pytest.mark.parametrize(("cue", "times"), [("nowhere", 0), ("green", 2)])
def test_a_note_must_hold_its_mark_once(cue: str, times: int) -> None:
    row = {**TRUTH.rows()[0], "id": "odd", "question": "A green box, a green lid.", "cue": cue}
    with pytest.raises(BadInput, match=f"odd: the mark '{cue}' stands {times} times in the note"):
        TRUTH.values([row], NoteOracle(SANJA))


def test_the_truth_restates_the_parameters_of_the_card() -> None:
    assert CARD.parameters == {"percents": list(PERCENTS), "rankings": RANKINGS, "most_units": 16}


def test_the_population_is_balanced_and_each_note_names_its_mark_once() -> None:
    rows = TRUTH.rows()
    assert rows == TRUTH.rows()
    assert len({row["question"] for row in rows}) == len(rows) == 480
    assert set(Counter(row["cue"] for row in rows).values()) == {30}
    assert max(len(row["question"].split()) for row in rows) <= 16
    assert len(AttributionEvaluation(CARD).samples(rows)) == 480
