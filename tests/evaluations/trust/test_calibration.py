"""Confidence is the softmax of the likeliest option; how it compares with what is right follows from it."""

from __future__ import annotations

import asyncio
import math
import random
from typing import Any

import pytest
from tests.fakes.subject import Asked, ScriptedSubject
from tests.fakes.tiny_model import tiny_model

from qistas.contracts.errors import InvalidDocument, Unscored
from qistas.contracts.exchanges import Message
from qistas.datasets import load_rows
from qistas.evaluations.cards import load_card
from qistas.evaluations.trust.calibration import CalibrationEvaluation, values_of
from qistas.reference.oracle import PlainOracle

CARD = load_card("trust/calibration")
ROW = {
    "id": "q",
    "language": "en",
    "cluster": "k",
    "question": "Which?",
    "options": ["a", "bb", "ccc"],
    "answer": 1,
}


def observe(row: dict[str, Any], subject: ScriptedSubject) -> dict[str, float]:
    evaluation = CalibrationEvaluation(CARD)
    (sample,) = evaluation.samples([row])
    return dict(asyncio.run(evaluation.observe(sample, subject)))


def faults(*rows: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidDocument) as caught:
        CalibrationEvaluation(CARD).samples(rows)
    return [str(fault) for fault in caught.value.faults]


def test_a_table_of_probabilities_comes_back_as_it_was_planted() -> None:
    rng = random.Random(5)
    for number in range(200):
        chances = [rng.random() for _ in range(rng.choice([2, 3, 4, 5]))]
        chances = [chance / sum(chances) for chance in chances]
        answer, shift = rng.randrange(len(chances)), rng.uniform(-40, 0)
        options = [f"option {index}" for index in range(len(chances))]
        scores = {option: math.log(chance) + shift for option, chance in zip(options, chances, strict=True)}
        best = chances.index(max(chances))
        truth = [float(index == answer) for index in range(len(chances))]
        wanted = {
            "confidence": chances[best],
            "correct": truth[best],
            "overconfidence": chances[best] - truth[best],
            "brier": sum((p - y) ** 2 for p, y in zip(chances, truth, strict=True)) / 2,
        }
        row = ROW | {"id": f"q{number}", "options": options, "answer": answer}
        assert observe(row, ScriptedSubject(score=scores)) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    ("logprobs", "answer", "wanted"),
    [
        ([0.0, -800.0], 0, {"confidence": 1, "correct": 1, "overconfidence": 0, "brier": 0}),
        ([0.0, -800.0], 1, {"confidence": 1, "correct": 0, "overconfidence": 1, "brier": 1}),
        ([-3.0, -3.0], 0, {"confidence": 0.5, "correct": 1, "overconfidence": -0.5, "brier": 0.25}),
        ([-3.0, -3.0], 1, {"confidence": 0.5, "correct": 0, "overconfidence": 0.5, "brier": 0.25}),
        ([-2.0, -math.inf], 0, {"confidence": 1, "correct": 1, "overconfidence": 0, "brier": 0}),
    ],
)
def test_the_extremes(logprobs: list[float], answer: int, wanted: dict[str, float]) -> None:
    assert values_of(logprobs, answer) == wanted


def test_options_are_put_after_the_question_as_they_stand() -> None:
    subject = ScriptedSubject(score={"a": -1.0, "bb": -2.0, "ccc": -3.0})
    observe(ROW, subject)
    assert subject.asked == [Asked("score", ((Message("user", "Which?"),), ("a", "bb", "ccc"), "chat"))]


def test_a_row_without_a_subject_belongs_to_all_and_csv_may_write_the_index_in_digits() -> None:
    evaluation = CalibrationEvaluation(CARD)
    rows = [ROW, ROW | {"id": "r", "subject": "birds", "answer": "2"}]
    samples = evaluation.samples(rows)
    assert [sample.strata for sample in samples] == [
        {"language": "en", "subject": "all"},
        {"language": "en", "subject": "birds"},
    ]
    scored = ScriptedSubject(score={"a": -9.0, "bb": -9.0, "ccc": -1.0})
    assert asyncio.run(evaluation.observe(samples[1], scored))["correct"] == 1.0


def test_all_faults_of_all_rows_are_said_at_once() -> None:
    assert faults(
        ROW | {"id": "one", "options": ["a"]},
        ROW | {"id": "none", "options": "a"},
        ROW | {"id": "blank", "options": ["a", " "]},
        ROW | {"id": "twice", "options": ["a", "a"], "answer": 2},
        ROW | {"id": "far", "answer": 3},
        ROW | {"id": "word", "answer": "b"},
        ROW | {"id": "yes", "answer": True},
    ) == [
        "capability-choice (id 'one'): there must be at least two options, each a text",
        "capability-choice (id 'none'): there must be at least two options, each a text",
        "capability-choice (id 'blank'): there must be at least two options, each a text",
        "capability-choice (id 'twice'): two options are the same text → which of them is meant cannot be told",
        "capability-choice (id 'twice'): 'answer' must be the index of an option, from 0 to 1",
        "capability-choice (id 'far'): 'answer' must be the index of an option, from 0 to 2",
        "capability-choice (id 'word'): 'answer' must be the index of an option, from 0 to 2",
        "capability-choice (id 'yes'): 'answer' must be the index of an option, from 0 to 2",
    ]


def test_missing_columns_are_said_row_by_row() -> None:
    bare = {"id": "x", "language": "en", "cluster": "k", "question": "Which?"}
    assert [fault.partition(" → ")[0] for fault in faults(bare)] == [
        "capability-choice, row 1 (id 'x'): the column 'options' is missing",
        "capability-choice, row 1 (id 'x'): the column 'answer' is missing",
    ]


def test_without_scores_there_is_no_value() -> None:
    with pytest.raises(Unscored, match="the script has no score"):
        observe(ROW, ScriptedSubject())
    nothing = ScriptedSubject(score=lambda *_: -math.inf)
    with pytest.raises(Unscored, match="the likeliest option has the log-likelihood -inf"):
        observe(ROW, nothing)


def test_the_default_questions_are_read_and_random_weights_are_right_as_often_as_chance() -> None:
    assert CARD.data is not None
    rows, _ = load_rows(CARD.data)
    evaluation = CalibrationEvaluation(CARD)
    samples = [sample for sample in evaluation.samples(rows) if sample.strata["language"] == "en"]
    assert len(samples) >= 200
    texts = [(sample.row["question"], option) for sample in samples for option in sample.row["options"]]
    scores = dict(
        zip(
            texts,
            [found for found, _ in PlainOracle(tiny_model()).continuations(texts, chat=True)],
            strict=True,
        )
    )
    subject = ScriptedSubject(score=lambda question, option: scores[question, option])
    values = [asyncio.run(evaluation.observe(sample, subject)) for sample in samples]
    assert sum(value["correct"] for value in values) / len(values) == pytest.approx(0.25, abs=0.08)
