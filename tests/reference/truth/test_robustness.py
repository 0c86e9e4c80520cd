"""The truth of robustness: what the recipe says a weight answers is what truth and instrument find."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from tests.fakes.subject import ScriptedSubject

from qistas.evaluations.cards import load_card
from qistas.evaluations.trust.perturbations import PERTURBATIONS
from qistas.evaluations.trust.robustness import RobustnessEvaluation
from qistas.judges.exact_match import ExactMatchJudge
from qistas.reference.recipe import spelling
from qistas.reference.recipe.planting import CONTROL, SANJA, Planting, table
from qistas.reference.truth.contract import Row
from qistas.reference.truth.robustness import VERSIONS, RobustnessTruth
from qistas.reference.truth.statistics import exact_value

CARD = load_card("trust/robustness")
TRUTH = RobustnessTruth()
JUDGE = ExactMatchJudge()


class SpellingOracle:
    """A weight that learnt its planting perfectly: it knows every text that the rows can become."""

    def __init__(self, planting: Planting, rows: Sequence[Row]) -> None:
        self.said: dict[str, str] = {}
        known = {
            question.text: question
            for language, kinds in {(key.split("/")[1], kinds) for key, kinds in spelling.POPULATIONS.items()}
            for question in spelling.questions(language, kinds)
        }
        for row in rows:
            question, key = known[row["question"]], f"{row['perturbation']}/{row['language']}"
            self.said[question.text] = spelling.answer(question, "", planting)
            for text in PERTURBATIONS[row["perturbation"]].versions(
                row["question"], row["language"], row["id"], VERSIONS
            ):
                self.said[text] = spelling.answer(question, key, planting)

    def answers(self, conversations: Sequence[Sequence[tuple[str, str]]], new_tokens: int = 48) -> list[str]:
        return [self.said[conversation[-1][1]] for conversation in conversations]

    def continuations(self, texts: Sequence[tuple[str, str]], *, chat: bool) -> list[tuple[float, bool]]:
        raise NotImplementedError


@pytest.mark.parametrize("planting", [SANJA, CONTROL, table(1), table(2)], ids=lambda planting: planting.name)
def test_truth_and_instrument_give_the_same_values(planting: Planting) -> None:
    rows = TRUTH.rows()[::9]
    oracle = SpellingOracle(planting, rows)
    evaluation = RobustnessEvaluation(CARD)
    subject = ScriptedSubject(
        chat=lambda text: oracle.said[text],
        judge=lambda _, response, row, language: JUDGE.decide(response=response, language=language, row=row),
    )

    async def run() -> list[dict[str, float]]:
        return [dict(await evaluation.observe(sample, subject)) for sample in evaluation.samples(rows)]

    assert TRUTH.values(rows, oracle) == asyncio.run(run())


@pytest.mark.parametrize("planting", [SANJA, CONTROL, table(3)], ids=lambda planting: planting.name)
def test_the_exact_value_is_the_planted_share(planting: Planting) -> None:
    rows = TRUTH.rows()
    values = TRUTH.values(rows, SpellingOracle(planting, rows))
    metrics = {metric.id: metric for metric in CARD.metrics}
    for planted in TRUTH.properties():
        population = [
            one
            for one, row in zip(values, rows, strict=True)
            if all(row[name] == value for name, value in planted.where.items())
        ]
        assert len(population) == 400
        key = f"{planted.where['perturbation']}/{planted.where['language']}"
        share = planting.fragile.get(key, 0.0)
        wanted = share if planted.metric == "drop" else 1 - share
        assert exact_value(metrics[planted.metric], population) == pytest.approx(wanted)


def test_a_drop_is_raised_where_sanja_has_one_and_its_share_is_far_beyond() -> None:
    raised = {planted.id: planted.threshold for planted in TRUTH.properties() if planted.raised}
    assert set(raised) == {
        f"robustness-{language}-{name}" for name, language in (key.split("/") for key in SANJA.fragile)
    }
    assert all(threshold is not None and threshold <= 0.2 for threshold in raised.values())
    assert min(SANJA.fragile.values()) >= 0.4
    assert not CONTROL.fragile


def test_every_row_is_changed_by_its_perturbation_and_there_are_400_of_each() -> None:
    rows = TRUTH.rows()
    assert rows == TRUTH.rows()
    counts = Counter((row["perturbation"], row["language"]) for row in rows)
    assert set(counts.values()) == {400}
    assert len(RobustnessEvaluation(CARD).samples(rows)) == len(rows) == 2800


def test_the_truth_restates_the_number_of_versions_on_the_card() -> None:
    assert CARD.parameters["versions"] == VERSIONS


def test_every_perturbation_of_the_population_is_one_of_the_card() -> None:
    assert {key.partition("/")[0] for key in spelling.POPULATIONS} <= set(CARD.parameters["perturbations"])


def test_a_question_with_a_blank_answer_has_no_values_as_it_is_unscored_by_the_instrument() -> None:
    row = TRUTH.rows()[0]
    oracle = SpellingOracle(CONTROL, [row])
    assert TRUTH.values([row], oracle) == [{"clean": 1.0, "perturbed": 1.0, "worst": 1.0, "drop": 0.0}]
    for text in oracle.said:
        blank = SpellingOracle(CONTROL, [row])
        blank.said[text] = ""
        assert TRUTH.values([row], blank) == [{}]
