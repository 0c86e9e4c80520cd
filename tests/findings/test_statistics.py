"""Metrics that are computed from two others, differences, and estimates of a finite population."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from tests.fakes.jobs import TEXT, card, criterion
from tests.fakes.observed import by_sample, header, observation, sample

from qistas.contracts.documents import Criterion, EvaluationCard, MetricCard, Requirement
from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import not_estimable
from qistas.contracts.findings import Finding
from qistas.contracts.records import Observation
from qistas.findings.compute import findings_of
from qistas.findings.estimating import design_of, estimate_of, finite_estimate, looked_at, unit_of

NAMES = ("sure", "right", "gap")
METRICS = (
    MetricCard(id="sure", title=TEXT),
    MetricCard(id="right", title=TEXT),
    MetricCard(id="gap", title=TEXT, unit="difference"),
    MetricCard(id="drop", title=TEXT, unit="difference", statistic="ratio", of=("gap", "right")),
    MetricCard(id="ece", title=TEXT, statistic="ece", of=("sure", "right"), bins=5),
    MetricCard(id="aurc", title=TEXT, statistic="aurc", of=("sure", "right")),
)
# Right twice, once unsure; the third answer was wrong before and got better.
ROWS = ((0.9, 1.0, 0.5), (0.3, 1.0, 1.0), (0.7, 0.0, -1.0))
EXACT = {
    "drop": 0.5 / 2,
    "ece": (0.1 + 0.7 + 0.7) / 3,
    "aurc": (0 + 1 / 2 + 1 / 3) / 3,
    "gap": 0.5 / 3,
}


def many(**changes: Any) -> EvaluationCard:
    return card(**{"metrics": METRICS, "design": "fixed", **changes})


def asked(metric: str, **changes: Any) -> Criterion:
    return criterion(metric=metric, **{"requirement": None, **changes})


def observed(rows: Sequence[tuple[float, float, float]] = ROWS) -> list[Observation]:
    return [
        observation(sample(f"s{n}"), values=dict(zip(NAMES, row, strict=True))) for n, row in enumerate(rows)
    ]


def found(seen: Sequence[Observation], of: EvaluationCard, metric: str, **changes: Any) -> Finding:
    wanted = asked(metric, **changes)
    samples = [sample(o.sample) for o in seen]
    (finding,) = findings_of(header([of], [wanted]), {of.id: samples}, by_sample(seen))
    return finding


@pytest.mark.parametrize("metric", EXACT)
def test_each_statistic_is_its_own_and_a_census_knows_it(metric: str) -> None:
    for estimate in (
        estimate_of(observed(), many(design="census"), asked(metric), 3),
        finite_estimate(observed(), many(), asked(metric), 3),
    ):
        assert estimate.value == pytest.approx(EXACT[metric])
        assert (estimate.low, estimate.high) == (pytest.approx(EXACT[metric]), pytest.approx(EXACT[metric]))
        assert estimate.method.startswith("census")


@pytest.mark.parametrize("metric", ["drop", "ece", "aurc", "gap"])
def test_new_questions_and_a_population_are_two_questions(metric: str) -> None:
    seen = observed(ROWS * 20)
    fresh = estimate_of(seen, many(), asked(metric), 60)
    drawn = finite_estimate(seen, many(), asked(metric), 120)
    assert fresh.method.endswith("answers new questions")
    assert drawn.method.endswith("answers all 120 questions")
    # Copies tie with one another, so that the area is another one.
    assert fresh.value == pytest.approx(0.24017466 if metric == "aurc" else EXACT[metric])
    assert drawn.value == fresh.value
    assert fresh.low is not None
    assert fresh.high is not None
    assert drawn.low is not None
    assert drawn.high is not None
    assert drawn.high - drawn.low < fresh.high - fresh.low


def test_a_mean_of_a_population_is_exact_and_a_physical_unit_has_none() -> None:
    seen = observed(ROWS * 20)
    assert (
        finite_estimate(seen, many(), asked("right"), 120).method
        == "hypergeometric; answers all 120 questions"
    )
    seconds = many(metrics=(MetricCard(id="sure", title=TEXT, unit="s"),))
    assert finite_estimate(seen, seconds, asked("sure"), 120) == estimate_of(seen, seconds, asked("sure"), 60)


def test_a_statistic_or_a_difference_never_stops_early() -> None:
    sequence = many(design="sequence")
    for metric in ("drop", "ece", "aurc", "gap"):
        wanted = asked(metric, requirement=Requirement(at_most=0.99))
        assert design_of(sequence, wanted) == "fixed"
        seen = observed(ROWS * 20)
        assert looked_at(seen, sequence, wanted, 60) == (tuple(seen), False)
    assert design_of(sequence, asked("right", requirement=Requirement(at_most=0.9))) == "sequence"


def test_a_score_may_stop_early_as_a_proportion_may() -> None:
    scored = many(design="sequence", metrics=(MetricCard(id="sure", title=TEXT, unit="score"),))
    assert design_of(scored, asked("sure", requirement=Requirement(at_most=0.9))) == "sequence"


def test_a_pair_is_unscored_where_either_is() -> None:
    seen = [
        *observed(ROWS * 10),
        observation(sample("a"), unscored="timeout: slow"),
        observation(sample("b"), values={"sure": 0.5}, absent={"right": "no letter"}),
        observation(sample("c"), values={"sure": 0.5}),
    ]
    for estimate in (
        estimate_of(seen, many(), asked("ece"), 33),
        finite_estimate(seen, many(), asked("ece"), 66),
    ):
        assert (estimate.n, estimate.unscored) == (32, 2)
        assert estimate.value == pytest.approx(EXACT["ece"])


def test_a_metric_that_some_samples_have_applies_to_as_large_a_share_of_the_population() -> None:
    others = [observation(sample(f"x{n}"), values={"sure": 0.5}) for n in range(30)]
    estimate = finite_estimate([*observed(ROWS * 10), *others], many(), asked("right"), 101)
    assert estimate.n == 30
    assert estimate.method == f"hypergeometric; answers all {math.ceil(101 / 2)} questions"


def test_without_an_observation_of_either_there_is_no_number() -> None:
    seen = [observation(sample("a"), values={"gap": 1.0})]
    nothing = not_estimable("no observation of this metric", method="none", confidence=0.95)
    assert estimate_of(seen, many(), asked("ece"), 1) == nothing
    assert finite_estimate(seen, many(), asked("ece"), 2) == nothing


def test_clusters_that_were_drawn_whole_are_no_sample_of_rows() -> None:
    seen = [observation(sample(f"s{n}", cluster=f"c{n // 2}"), values={"right": 1.0}) for n in range(4)]
    with pytest.raises(BadInput, match="clusters of several samples were drawn, not samples one by one"):
        finite_estimate(seen, many(), asked("right"), 8)
    assert finite_estimate(seen, many(), asked("right"), 4).low == 1.0


def test_a_finding_is_judged_by_the_statistic_and_read_as_a_plain_number() -> None:
    finding = found(observed(ROWS * 40), many(), "ece", requirement=Requirement(at_most=0.2))
    assert (finding.verdict, finding.unit) == ("not_met", "score")
    assert finding.reason.en.startswith("The whole interval (0.")
    assert "%" not in finding.reason.en
    drop = found(observed(ROWS * 40), many(), "drop", requirement=Requirement(at_least=-0.9))
    assert (drop.verdict, drop.unit) == ("met", "difference")
    assert "(+0." in drop.reason.en
    assert "at least −0.9" in drop.reason.en
    assert [unit_of(metric) for metric in METRICS[:3]] == ["proportion", "proportion", "difference"]


def test_where_no_pair_was_scored_the_finding_says_what_was_in_the_way() -> None:
    silent = [
        observation(sample(f"s{n}"), values={"sure": 0.5}, absent={"right": "no letter"}) for n in range(3)
    ]
    finding = found(silent, many(), "aurc")
    assert finding.verdict == "not_enough_evidence"
    assert finding.reason.en == "There is no number to judge: no letter."
    failed = [observation(sample(f"s{n}"), unscored="timeout: slow") for n in range(3)]
    assert found(failed, many(), "aurc").verdict == "failed"
