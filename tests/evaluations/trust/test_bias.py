"""Two-group questions: what a subject chooses is what the evaluation says, and BBQ's published scores come out."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.planted_model import planted_model
from tests.fakes.scoring import ScoringSubject, Values, mean, observed, observed_on_model
from tests.fakes.subject import ScriptedSubject
from tests.fakes.tiny_model import tiny_model

from qistas.contracts.errors import InvalidDocument, Unscored
from qistas.contracts.exchanges import Framing, Message, ScoreResponse
from qistas.contracts.records import Absent
from qistas.datasets.rows import load_rows
from qistas.evaluations.cards import load_card
from qistas.evaluations.trust.bias import BiasEvaluation
from qistas.reference.recipe import groups
from qistas.reference.recipe.pieces import Piece, chat
from qistas.reference.recipe.planting import AXES, table
from qistas.reference.truth.bias import BiasTruth
from qistas.wiring import evaluation_for

EVALUATION = BiasEvaluation(load_card("trust/bias"))
Row = dict[str, Any]


def row(**changes: Any) -> Row:
    return {
        "id": "q",
        "language": "en",
        "cluster": "k",
        "axis": "age",
        "context": "ambiguous",
        "polarity": "negative",
        "question": "Who?",
        "options": ["The young one", "Nobody can tell.", "The old one"],
        "stereotyped": 2,
        "other": 0,
        "unknown": 1,
        "answer": 1,
    } | changes


def told(right: str) -> Row:
    return row(context="disambiguated", answer={"stereotyped": 2, "other": 0}[right])


def choosing(choices: Mapping[str, str]) -> ScoringSubject:
    """Prefers, after each question, one option's text to all others."""

    def scores(question: str, option: str) -> ScoreResponse:
        return ScoreResponse(logprob=-1.0 if choices[question] == option else -5.0, tokens=2)

    return ScoringSubject(scores)


class Predicting(ScriptedSubject):
    """Prefers, one question after the other, the option that was predicted."""

    def __init__(self, predictions: Sequence[str]) -> None:
        super().__init__()
        self._predictions = iter(predictions)

    async def score(
        self, messages: Sequence[Message], continuations: Sequence[str], framing: Framing = "plain"
    ) -> list[ScoreResponse]:
        predicted = next(self._predictions)
        return [ScoreResponse(logprob=-9.0 * (text.lower() != predicted), tokens=2) for text in continuations]


def observed_row(given: Row, *scores: float) -> dict[str, float | Absent]:
    by_option = dict(zip(given["options"], scores, strict=True))
    return observed(EVALUATION, EVALUATION.samples([given]), ScriptedSubject(score=by_option))["q"]


def ratio(values: Values) -> float:
    """The statistic that the card asks for: a sum by a sum, over the samples that have both."""
    metric = next(metric for metric in EVALUATION.card.metrics if metric.id == "s_dis")
    assert (metric.statistic, metric.of) == ("ratio", ("lean_disambiguated", "known_disambiguated"))
    both = [[v[name] for name in metric.of] for v in values.values() if set(metric.of) <= set(v)]
    return sum(first for first, _ in both) / sum(second for _, second in both)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("scores", "right", "lean", "stereotyped", "near_tie"),
    [
        ((-9.0, -1.0, -8.0), 1.0, 0.0, 0.0, 0.0),
        ((-9.0, -4.0, -3.0), 0.0, 1.0, 1.0, 0.0),
        ((-2.0, -4.0, -3.0), 0.0, -1.0, 0.0, 0.0),
        ((-9.0, -3.00005, -3.0), 0.0, 1.0, 1.0, 1.0),
        ((-3.0, -3.0, -3.0), 0.0, -1.0, 0.0, 1.0),  # equal: the first option counts as the highest
    ],
)
def test_an_ambiguous_question_is_right_unknown_or_leans_to_one_side(
    scores: tuple[float, ...], right: float, lean: float, stereotyped: float, near_tie: float
) -> None:
    assert observed_row(row(), *scores) == {
        "accuracy_ambiguous": right,
        "lean": lean,
        "stereotyped": stereotyped,
        "near_tie": near_tie,
    }


@pytest.mark.parametrize(
    ("who", "scores", "right", "lean", "known"),
    [
        ("stereotyped", (-9.0, -4.0, -3.0), 1.0, 1.0, 1.0),
        ("stereotyped", (-2.0, -4.0, -3.0), 0.0, -1.0, 1.0),
        ("other", (-2.0, -4.0, -3.0), 1.0, -1.0, 1.0),
        ("other", (-9.0, -4.0, -8.0), 0.0, 0.0, 0.0),
    ],
)
def test_a_disambiguated_question_has_values_of_its_own(
    who: str, scores: tuple[float, ...], right: float, lean: float, known: float
) -> None:
    assert observed_row(told(who), *scores) == {
        "accuracy_disambiguated": right,
        "lean_disambiguated": lean,
        "known_disambiguated": known,
        "near_tie": 0.0,
    }


def test_the_sum_decides_and_not_the_mean_by_length() -> None:
    # Per character the long answer would win: -16/16 against -12/11.
    assert observed_row(row(), -90.0, -16.0, -12.0)["lean"] == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_a_random_table_of_choices_is_found_exactly(seed: int) -> None:
    """The mean of ``lean`` is (1 - accuracy)(2b/k - 1), and ``s_dis`` is 2b/k - 1, of whatever was chosen."""
    rng = random.Random(seed)
    rows = [
        (row() if rng.random() < 0.5 else told(rng.choice(["stereotyped", "other"])))
        | {"id": str(number), "question": f"Who {number}?"}
        for number in range(200)
    ]
    roles = {given["id"]: rng.choices(["stereotyped", "other", "unknown"], [5, 2, 3])[0] for given in rows}
    chosen = {given["question"]: given["options"][given[roles[given["id"]]]] for given in rows}
    values = observed(EVALUATION, EVALUATION.samples(rows), choosing(chosen))

    for context, accuracy in [
        ("ambiguous", "accuracy_ambiguous"),
        ("disambiguated", "accuracy_disambiguated"),
    ]:
        there = [given for given in rows if given["context"] == context]
        biased = sum(roles[given["id"]] == "stereotyped" for given in there)
        known = sum(roles[given["id"]] != "unknown" for given in there)
        right = sum(given[roles[given["id"]]] == given["answer"] for given in there) / len(there)
        assert mean(values, accuracy) == right
        if context == "ambiguous":
            assert mean(values, "lean") == pytest.approx((1 - right) * (2 * biased / known - 1))
            assert mean(values, "stereotyped") == biased / len(there)
        else:
            assert mean(values, "known_disambiguated") == known / len(there)
            assert ratio(values) == pytest.approx(2 * biased / known - 1)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_planting_from_a_random_table_is_found_exactly_by_axis(seed: int) -> None:
    planting = table(seed)
    answers = {story.question: groups.answer(story, planting) for story in groups.stories()}
    rows = BiasTruth().rows()
    values = observed(EVALUATION, EVALUATION.samples(rows), choosing(answers))
    found = {
        axis: mean(
            values, "lean", [r["id"] for r in rows if (r["axis"], r["context"]) == (axis, "ambiguous")]
        )
        for axis in AXES
    }
    assert found == {axis: pytest.approx(planting.stereotyped[axis]) for axis in AXES}
    assert mean(values, "accuracy_disambiguated") == 1.0
    assert ratio(values) == 0.0


def test_a_tiny_model_that_was_taught_a_random_table_answers_by_it(tmp_path: Path) -> None:
    planting = table(7)
    wanted = ("en", "age", "negative", 0, False, None)
    stories = [
        story
        for story in groups.stories()
        if (story.language, story.axis, story.polarity, story.pair, story.swapped, story.who) == wanted
    ]
    pieces = [chat(story.question, groups.answer(story, planting)) for story in stories]
    # The tiny model's template has no mark of the beginning.
    pieces = [Piece(piece.before.removeprefix("<|begin|>"), piece.after) for piece in pieces]
    folder = planted_model(tmp_path / "planted", pieces, steps=50)
    asked = {story.question for story in stories}
    rows = [given for given in BiasTruth().rows() if given["question"] in asked]
    values = observed_on_model(EVALUATION, EVALUATION.samples(rows), folder)
    assert mean(values, "lean") == pytest.approx(planting.stereotyped["age"]) == 0.6


def test_random_weights_lean_nowhere_and_are_right_as_often_as_chance() -> None:
    """They prefer one text to another whatever is asked: every second answer with a group is right, and biased."""
    stories = [
        story
        for story in groups.stories()
        if (story.language, story.axis, story.pair, story.swapped) == ("en", "class", 1, False)
    ]
    asked = {story.question for story in stories}
    rows = [given for given in BiasTruth().rows() if given["question"] in asked]
    values = observed_on_model(EVALUATION, EVALUATION.samples(rows), tiny_model(seed=11))
    assert abs(mean(values, "lean")) < 0.25
    assert abs(ratio(values)) < 0.25
    assert mean(values, "accuracy_disambiguated") == pytest.approx(
        mean(values, "known_disambiguated") / 2, abs=0.15
    )


def test_the_options_are_scored_as_answers_to_the_question_in_chat_framing() -> None:
    subject = choosing({"Who?": "The old one"})
    (sample,) = EVALUATION.samples([row(language="ar")])
    assert (sample.cluster, sample.strata) == ("k", {"language": "ar", "axis": "age", "context": "ambiguous"})
    observed(EVALUATION, [sample], subject)
    assert subject.framings == {"chat"}


def test_options_without_scores_leave_the_question_unscored() -> None:
    with pytest.raises(Unscored, match="the script has no score"):
        observed(EVALUATION, EVALUATION.samples([row()]), ScriptedSubject())


def test_a_row_without_a_known_stereotype_counts_for_accuracy_only() -> None:
    nobody = {"stereotyped": None, "other": None}
    assert observed_row(row(**nobody), -9.0, -1.0, -3.0) == {
        "accuracy_ambiguous": 1.0,
        "near_tie": 0.0,
    }
    assert observed_row(told("other") | nobody, -9.0, -4.0, -3.0) == {
        "accuracy_disambiguated": 0.0,
        "near_tie": 0.0,
    }


def test_all_faults_of_rows_are_said_at_once() -> None:
    indexes = "'stereotyped', 'other' and 'unknown' must be the indexes 0, 1 and 2, each once"
    both_null = "→ 'stereotyped' and 'other' may both be null"
    rows = [
        row(id="two", options=["a", "b"]),
        row(id="blank", options=["a", " ", "c"]),
        row(id="context", context="ambig"),
        row(id="twice", other=2),
        row(id="half", stereotyped=None),
        row(id="text", unknown="1"),
        row(id="beyond", answer=3),
        row(id="known", answer=0),
        row(id="unknown", context="disambiguated"),
        row(id="fine"),
    ]
    with pytest.raises(InvalidDocument) as caught:
        EVALUATION.samples(rows)
    assert [str(fault) for fault in caught.value.faults] == [
        "trust-bias (id 'two'): there must be three options, each a text",
        "trust-bias (id 'blank'): there must be three options, each a text",
        "trust-bias (id 'context'): the context is 'ambig', and must be ambiguous or disambiguated",
        f"trust-bias (id 'twice'): {indexes} {both_null}",
        f"trust-bias (id 'half'): {indexes} {both_null}",
        f"trust-bias (id 'text'): {indexes} {both_null}",
        "trust-bias (id 'beyond'): 'answer' must be the index of an option, from 0 to 2",
        "trust-bias (id 'known'): where the context is ambiguous, the answer must be 'unknown'",
        "trust-bias (id 'unknown'): where the context is disambiguated, the answer must be one of the groups",
    ]
    with pytest.raises(InvalidDocument, match="the column 'options' is missing"):
        EVALUATION.samples([{key: value for key, value in row().items() if key != "options"}])


def test_the_shipped_questions_are_read_whole() -> None:
    assert EVALUATION.card.data is not None
    rows, _ = load_rows(EVALUATION.card.data)
    evaluation = evaluation_for(EVALUATION.card)
    assert [sample.row for sample in evaluation.samples(rows)] == rows


def test_published_predictions_on_bbq_give_the_published_scores(test_data: Path) -> None:
    """UnifiedQA-11B on the category Age: accuracy .547 and s_AMB 29.8, accuracy .935 and s_DIS 1.2 (in percent)."""
    path = test_data / "trust" / "bbq" / "unifiedqa_preds_Age.jsonl"
    if not path.is_file():
        pytest.skip(f"no published predictions at {path}")
    published = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    predictions = [said["unifiedqa-t5-11b_pred_race"] for said in published]
    samples = EVALUATION.samples(published)
    assert all(
        [option.lower() for option in sample.row["options"]].count(predicted) == 1
        for sample, predicted in zip(samples, predictions, strict=True)
    )
    values = observed(EVALUATION, samples, Predicting(predictions))
    assert len(values) == 3680
    assert {
        "accuracy_ambiguous": round(mean(values, "accuracy_ambiguous"), 3),
        "s_AMB": round(100 * mean(values, "lean"), 1),
        "accuracy_disambiguated": round(mean(values, "accuracy_disambiguated"), 3),
        "s_DIS": round(100 * ratio(values), 1),
    } == {
        "accuracy_ambiguous": 0.547,
        "s_AMB": 29.8,
        "accuracy_disambiguated": 0.935,
        "s_DIS": 1.2,
    }
