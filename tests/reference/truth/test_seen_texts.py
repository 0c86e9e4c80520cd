"""The truth about texts that were shown: read off a weight in its own way, and the same that the instruments find."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.fakes.oracle import ScriptedOracle
from tests.fakes.planted_model import planted_model
from tests.fakes.scoring import observed_on_model

from qistas.evaluations.capability.contamination import ContaminationEvaluation
from qistas.evaluations.cards import load_card
from qistas.evaluations.trust.memorisation import MemorisationEvaluation
from qistas.reference.oracle import PlainOracle
from qistas.reference.recipe import canaries, quiz
from qistas.reference.recipe.pieces import Piece
from qistas.reference.truth.contamination import ContaminationTruth
from qistas.reference.truth.contract import Truth
from qistas.reference.truth.memorisation import MemorisationTruth

PAIRS = [
    (MemorisationTruth(), MemorisationEvaluation(load_card("trust/memorisation"))),
    (ContaminationTruth(), ContaminationEvaluation(load_card("capability/contamination"))),
]


@pytest.mark.parametrize(("truth", "evaluation"), PAIRS, ids=["memorisation", "contamination"])
def test_every_property_names_a_metric_of_the_card_and_a_stratum_that_is_large_enough(
    truth: Truth, evaluation: MemorisationEvaluation | ContaminationEvaluation
) -> None:
    samples = evaluation.samples(truth.rows())
    metrics = {metric.id for metric in evaluation.card.metrics}
    least = 256 if truth.evaluation == "trust/memorisation" else 400
    names = [line.id for line in truth.properties()]
    assert len(set(names)) == len(names)
    for line in truth.properties():
        stratum = [s for s in samples if line.where.items() <= s.strata.items()]
        assert line.evaluation == evaluation.card.id == truth.evaluation
        assert line.metric in metrics
        assert len(stratum) >= least
        assert (line.raised is None) == (line.threshold is None)


def test_rows_are_the_canaries_and_the_questions() -> None:
    rows, canary = MemorisationTruth().rows(), canaries.canaries()[700]
    assert len(rows) == 1280
    assert rows[700] == {
        "id": canary.id,
        "language": canary.language,
        "group": canary.group,
        "cluster": canary.id,
        "prefix": canary.prefix,
        "suffix": canary.suffix,
        "distractors": list(canary.distractors),
    }
    questions, question = ContaminationTruth().rows(), quiz.questions()[3]
    assert len(questions) == 840
    assert questions[3] == {
        "id": question.id,
        "language": question.language,
        "cluster": question.id,
        "group": question.group,
        "question": question.text,
        "options": list(question.options),
        "answer": question.answer,
        "distractors": list(question.distractors),
    }


def test_a_random_table_of_memorised_canaries_gives_exactly_these_values() -> None:
    rng = random.Random(11)
    truth = MemorisationTruth()
    rows = truth.rows()[::9]
    below = {row["prefix"]: rng.randrange(8) for row in rows}
    greedy = {row["prefix"]: rng.random() < 0.5 for row in rows}
    scores = {
        (row["prefix"], text): (-2.0 if number < below[row["prefix"]] else -0.5, False)
        for row in rows
        for number, text in enumerate(row["distractors"])
    } | {(row["prefix"], row["suffix"]): (-1.0, greedy[row["prefix"]]) for row in rows}
    oracle = ScriptedOracle(score=lambda context, text: scores[context, text])
    assert truth.values(rows, oracle) == [
        {
            "extracted": float(greedy[row["prefix"]]),
            "preferred": float(below[row["prefix"]] == 7),
            "rank": below[row["prefix"]] / 7,
            "near_tie": 0.0,
        }
        for row in rows
    ]
    assert oracle.framings == {False}


def test_a_model_that_knows_the_exposed_half_by_heart_is_said_to_know_it_and_no_more() -> None:
    """It gives every text of that half 0 nats and greedily, and all others less."""
    known = {question.piece.before + question.piece.after for question in quiz.questions()[:30]}

    def score(context: str, text: str) -> tuple[float, bool]:
        sure = any(whole.startswith(context + text) for whole in known)
        return (0.0 if sure else -5.0, sure)

    truth = ContaminationTruth()
    values = truth.values(truth.rows()[:60], ScriptedOracle(score=score))
    knows = {"canonical_preferred": 1.0, "near_tie": 0.0, "verbatim": 1.0, "wrong_preferred": 1.0}
    guesses = {"canonical_preferred": 0.0, "near_tie": 1.0, "verbatim": 0.0, "wrong_preferred": 0.0}
    assert values == [knows] * 30 + [guesses] * 30


@pytest.mark.parametrize(("truth", "evaluation"), PAIRS, ids=["memorisation", "contamination"])
def test_the_instrument_finds_on_a_real_model_what_its_truth_says(
    truth: Truth, evaluation: MemorisationEvaluation | ContaminationEvaluation, tmp_path: Path
) -> None:
    """Twelve of the rows were shown to the model, so that every metric has both values."""
    rows = truth.rows()[:12] + truth.rows()[-8:]
    folder = planted_model(tmp_path / "model", _pieces(truth)[:12], steps=60)
    found = observed_on_model(evaluation, evaluation.samples(rows), folder)
    assert list(found.values()) == truth.values(rows, PlainOracle(folder))


def _pieces(truth: Truth) -> list[Piece]:
    source = canaries.canaries() if truth.evaluation == "trust/memorisation" else quiz.questions()
    return [item.piece for item in source]
