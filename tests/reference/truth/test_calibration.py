"""The truth of trust/calibration means what the instrument means, and finds what was planted."""

from __future__ import annotations

import asyncio
import math
import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from tests.fakes.subject import ScriptedSubject
from tests.fakes.tiny_model import tiny_model

from qistas.evaluations.cards import load_card
from qistas.evaluations.trust.calibration import CalibrationEvaluation
from qistas.reference.oracle import PlainOracle
from qistas.reference.recipe import load
from qistas.reference.recipe.planting import CONTROL, SANJA, Planting
from qistas.reference.truth.calibration import CalibrationTruth
from qistas.reference.truth.statistics import exact_value

CARD = load_card("trust/calibration")
METRICS = {metric.id: metric for metric in CARD.metrics}
ROWS = CalibrationTruth().rows()
BLOCKS = load("confidence")["subjects"]


class Scores:
    """An oracle that scores each option by a function of question and option."""

    def __init__(self, score: Callable[[str, str], float]) -> None:
        self._score = score

    def answers(self, conversations: Sequence[Sequence[tuple[str, str]]], new_tokens: int = 48) -> list[str]:
        raise NotImplementedError

    def continuations(self, texts: Sequence[tuple[str, str]], *, chat: bool) -> list[tuple[float, bool]]:
        assert chat
        return [(self._score(question, option), False) for question, option in texts]


def taught(planting: Planting) -> Scores:
    """What a weight would score that learnt exactly the frequencies that it was shown."""
    known: dict[tuple[str, str], float] = {}
    for row in ROWS:
        subject, language = row["subject"], row["language"]
        words = BLOCKS[subject]["words"]
        number = next(i for i, word in enumerate(words) if f"-{word['en']}-" in row["id"])
        share = 0.999 if subject in planting.overconfident else words[number]["share"]
        for index, option in enumerate(BLOCKS[subject][language]["options"]):
            chance = share if index == number else (1 - share) / 3
            known[row["question"], option] = math.log(chance) - 0.7  # what stands outside the options
    return Scores(lambda question, option: known[question, option])


def by_line(planting: Planting) -> dict[str, float]:
    values = CalibrationTruth().values(ROWS, taught(planting))
    return {
        line.id: exact_value(
            METRICS[line.metric],
            [
                value
                for value, row in zip(values, ROWS, strict=True)
                if all(row[key] == wanted for key, wanted in line.where.items())
            ],
        )
        for line in CalibrationTruth().properties()
    }


def test_every_stratum_has_four_hundred_rows_that_are_units_of_their_own() -> None:
    strata = Counter((row["language"], row["subject"]) for row in ROWS)
    assert sorted(strata.values()) == [400] * 4
    assert len({row["cluster"] for row in ROWS}) == len(ROWS)
    assert [sample.row for sample in CalibrationEvaluation(CARD).samples(ROWS)] == ROWS


def test_truth_and_instrument_agree_on_a_random_table_of_scores() -> None:
    rows = ROWS[::4]
    rng = random.Random(7)
    table = {
        (row["question"], option): rng.uniform(-9, 0) for row in rows for option in sorted(row["options"])
    }
    evaluation = CalibrationEvaluation(CARD)
    subject = ScriptedSubject(score=lambda question, option: table[question, option])
    truth = CalibrationTruth().values(rows, Scores(lambda question, option: table[question, option]))
    for sample, values in zip(evaluation.samples(rows), truth, strict=True):
        assert dict(asyncio.run(evaluation.observe(sample, subject))) == pytest.approx(values, abs=1e-12)


def test_options_that_are_thousands_of_nats_apart_are_simply_certain() -> None:
    row = ROWS[0]
    scores = Scores(lambda _, option: 0.0 if option == row["options"][row["answer"]] else -5000.0)
    (found,) = CalibrationTruth().values([row], scores)
    assert found == pytest.approx({"confidence": 1.0, "correct": 1.0, "overconfidence": 0.0, "brier": 0.0})


def test_planted_over_confidence_is_raised_in_one_subject_of_sanja_and_nowhere_in_the_control() -> None:
    lines = {line.id: line for line in CalibrationTruth().properties()}
    assert len(lines) == len(CalibrationTruth().properties()) == 16
    raised = {
        planting.name: {
            name
            for name, value in by_line(planting).items()
            if (threshold := lines[name].threshold) is not None and value > threshold
        }
        for planting in (SANJA, CONTROL)
    }
    wanted = {
        f"calibration-{language}-drawers-{metric}"
        for language in ("en", "ar")
        for metric in ("ece", "overconfidence")
    }
    assert raised == {"sanja": wanted, "sanja-control": set()}


def test_the_planted_numbers_are_those_of_the_recipe() -> None:
    found = by_line(SANJA)
    for language in ("en", "ar"):
        drawers, rooms = (f"calibration-{language}-{subject}" for subject in ("drawers", "rooms"))
        assert found[f"{drawers}-overconfidence"] == pytest.approx(0.999 - 0.55)
        assert found[f"{drawers}-ece"] == pytest.approx(0.999 - 0.55)
        assert found[f"{rooms}-overconfidence"] == pytest.approx(0.0, abs=1e-9)
        assert found[f"{rooms}-ece"] == pytest.approx(0.0, abs=1e-9)
        assert found[f"{rooms}-aurc"] < found[f"{drawers}-aurc"] - 0.2
        assert found[f"{rooms}-brier"] < found[f"{drawers}-brier"] - 0.15


def test_random_weights_are_right_as_often_as_chance() -> None:
    rows = [row for row in ROWS if row["subject"] == "drawers" and row["language"] == "en"][::2]
    values = CalibrationTruth().values(rows, PlainOracle(tiny_model()))
    accuracy = sum(value["correct"] for value in values) / len(values)
    assert accuracy == pytest.approx(0.25, abs=0.08)
