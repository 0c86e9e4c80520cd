"""From observations to a number, and when enough was seen."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.jobs import TEXT, card, criterion
from tests.fakes.observed import observation, sample, seen

from qistas.contracts.documents import Criterion, EvaluationCard, MetricCard, Requirement
from qistas.contracts.estimates import Estimate
from qistas.contracts.records import Observation
from qistas.findings.estimating import Stopper, decide, design_of, estimate_of, looked_at, value_of

VALUES = st.lists(st.sampled_from([0.0, 1.0, None]), max_size=40)
REQUIREMENTS = st.builds(
    Requirement,
    at_least=st.one_of(st.none(), st.floats(0, 1)),
    at_most=st.one_of(st.none(), st.floats(0, 1)),
)


def observed(values: Sequence[float | None]) -> list[Observation]:
    return [seen(sample(f"s{n}"), value) for n, value in enumerate(values)]


def estimated(values: Sequence[float | None], of: EvaluationCard, asked: Criterion | None = None) -> Estimate:
    target_n = len(values) if of.design == "census" else 100
    return estimate_of(observed(values), of, asked or criterion(), target_n)


@pytest.mark.parametrize(
    ("low", "high", "at_least", "at_most", "verdict"),
    [
        (0.7, 0.9, 0.7, None, "met"),
        (0.69, 0.9, 0.7, None, "not_enough_evidence"),
        (0.1, 0.7, 0.7, None, "not_enough_evidence"),
        (0.1, 0.69, 0.7, None, "not_met"),
        (0.0, 0.1, None, 0.1, "met"),
        (0.0, 0.11, None, 0.1, "not_enough_evidence"),
        (0.1, 0.2, None, 0.1, "not_enough_evidence"),
        (0.11, 0.2, None, 0.1, "not_met"),
        (0.4, 0.6, 0.4, 0.6, "met"),
        (0.3, 0.5, 0.4, 0.6, "not_enough_evidence"),
        (0.3, 0.7, 0.4, 0.6, "not_enough_evidence"),
        (0.7, 0.8, 0.4, 0.6, "not_met"),
        (0.1, 0.3, 0.4, 0.6, "not_met"),
        (-5.0, 5.0, None, None, "met"),
    ],
)
def test_bounds_are_inclusive_and_the_whole_interval_must_agree(
    low: float, high: float, at_least: float | None, at_most: float | None, verdict: str
) -> None:
    assert decide(Requirement(at_least=at_least, at_most=at_most), low, high) == verdict


def test_a_metric_has_a_value_is_unscored_or_does_not_apply() -> None:
    one = sample("a")
    assert value_of(observation(one, values={"yes": 0.5}), "yes") == (True, 0.5)
    assert value_of(observation(one, unscored="timeout: slow"), "yes") == (True, None)
    assert value_of(observation(one, absent={"yes": "no counter"}), "yes") == (True, None)
    assert value_of(observation(one, values={"other": 1.0}), "yes") == (False, None)


def test_only_a_bounded_metric_with_a_requirement_is_a_sequence() -> None:
    seconds = card(metrics=(MetricCard(id="yes", title=TEXT, unit="s"),))
    assert design_of(card(), criterion()) == "sequence"
    assert design_of(card(), criterion(requirement=None)) == "fixed"
    assert design_of(seconds, criterion()) == "fixed"
    for design in ("fixed", "census", "repeats"):
        assert design_of(card(design=design), criterion()) == design


@settings(deadline=None, max_examples=20)
@given(values=VALUES, requirement=REQUIREMENTS)
def test_what_decides_the_stopper_decides_the_estimate_and_nothing_before_did(
    values: list[float | None], requirement: Requirement
) -> None:
    asked = criterion(requirement=requirement)
    counted, decided = looked_at(observed(values), card(), asked, 60)
    verdicts = []
    for count in range(1, len(counted) + 1):
        estimate = estimated_at(values[:count], asked)
        decides = estimate.low is not None and estimate.high is not None
        verdicts.append(decides and decide(requirement, estimate.low, estimate.high) != "not_enough_evidence")  # type: ignore[arg-type]
    assert verdicts == [False] * (len(counted) - decided) + [True] * decided


def estimated_at(values: Sequence[float | None], asked: Criterion) -> Estimate:
    return estimate_of(observed(values), card(), asked, 60)


@settings(deadline=None, max_examples=20)
@given(values=VALUES, surplus=VALUES)
def test_what_comes_after_the_decision_is_surplus(
    values: list[float | None], surplus: list[float | None]
) -> None:
    counted, decided = looked_at(observed(values), card(), criterion(), 60)
    more, decided_then = looked_at(observed([*values, *surplus]), card(), criterion(), 60)
    if decided:
        assert (more, decided_then) == (counted, True)
    else:
        assert counted == tuple(observed(values))
        assert more[: len(counted)] == counted


def test_an_interval_that_left_the_value_behind_decides_nothing() -> None:
    """Ten misses, then only hits: the running interval ends up within the requirement, the value far above it."""
    asked = criterion(requirement=Requirement(at_least=0.3, at_most=0.5))
    values = [0.0] * 10 + [1.0] * 20
    assert looked_at(observed(values), card(), asked, 100) == (tuple(observed(values)), False)
    estimate = estimate_of(observed(values), card(), asked, 100)
    assert estimate.low is not None
    assert estimate.low >= 0.3
    assert estimate.high == estimate.value == 20 / 30


@pytest.mark.parametrize("design", ["fixed", "census", "repeats"])
def test_where_n_is_fixed_everything_counts(design: str) -> None:
    everything = observed([1.0] * 60)
    assert looked_at(everything, card(design=design), criterion(), 60) == (tuple(everything), False)
    assert looked_at(everything, card(), criterion(requirement=None), 60) == (tuple(everything), False)


def test_samples_without_the_metric_neither_count_nor_decide() -> None:
    stopper = Stopper(card(), criterion(), 60)
    assert not any(stopper.feed(observation(sample(f"s{n}"), values={"other": 1.0})) for n in range(60))
    apart = [observation(sample("x"), values={"other": 0.0}), *observed([1.0, 1.0])]
    assert estimate_of(apart, card(), criterion(), 60) == estimated_at([1.0, 1.0], criterion())


def test_an_empty_population_is_never_decided() -> None:
    assert not Stopper(card(), criterion(), 0).feed(seen(sample("a"), 1.0))
    assert looked_at([], card(), criterion(), 0) == ((), False)


def test_unscored_alone_decides_nothing_not_even_what_always_holds() -> None:
    always = criterion(requirement=Requirement(at_least=0.0))
    assert looked_at(observed([None] * 5), card(), always, 60) == (tuple(observed([None] * 5)), False)
    assert looked_at(observed([None, 1.0, 1.0]), card(), always, 60)[1]


@pytest.mark.parametrize(
    ("changes", "asked", "method"),
    [
        ({}, criterion(), "betting-sequence(target_n=100)"),
        ({}, criterion(requirement=None), "answers new questions, every cluster has one sample"),
        ({"design": "census"}, criterion(), "census; all 20 questions were asked"),
        ({"design": "repeats"}, criterion(), "student-t"),
        ({"metrics": (MetricCard(id="yes", title=TEXT, unit="s"),)}, criterion(), "student-t"),
    ],
)
def test_the_design_chooses_the_interval(changes: dict[str, object], asked: Criterion, method: str) -> None:
    estimate = estimated([1.0, 0.0] * 10, card(**changes), asked)
    assert (estimate.value, estimate.n, estimate.unscored) == (0.5, 20, 0)
    assert method in estimate.method


@pytest.mark.parametrize("design", ["sequence", "fixed", "census"])
def test_an_unscored_sample_moves_both_bounds_and_not_the_value(design: str) -> None:
    full = estimated([1.0, 0.0] * 10, card(design=design))
    holed = estimated([1.0, 0.0] * 10 + [None] * 4, card(design=design))
    assert holed.value == full.value == 0.5
    assert (holed.n, holed.unscored) == (24, 4)
    without = estimated([1.0, 0.0] * 12, card(design=design))
    assert holed.low < without.low  # type: ignore[operator]
    assert holed.high > without.high  # type: ignore[operator]


def test_clusters_are_the_units_of_a_fixed_design() -> None:
    apart = [seen(sample(f"s{n}", cluster=f"c{n}"), float(n % 2)) for n in range(20)]
    together = [seen(sample(f"s{n}", cluster=f"c{n % 2}"), float(n % 2)) for n in range(20)]
    asked = criterion(requirement=None)
    wide, narrow = estimate_of(together, card(), asked, 20), estimate_of(apart, card(), asked, 20)
    assert (narrow.clusters, wide.clusters) == (20, 2)
    assert wide.value == narrow.value
    assert not wide.estimable or wide.high - wide.low > narrow.high - narrow.low  # type: ignore[operator]


def test_without_an_observation_of_the_metric_there_is_no_number() -> None:
    estimate = estimate_of([observation(sample("a"), values={"other": 1.0})], card(), criterion(), 1)
    assert not estimate.estimable
    assert (estimate.reason, estimate.n) == ("no observation of this metric", 0)


def test_a_census_that_was_not_finished_has_no_number() -> None:
    """What was looked at comes first and not at random; it must not pass for an exact count of everything."""
    found = estimate_of(observed([1.0, 1.0, None]), card(design="census"), criterion(), 8)
    assert (found.value, found.low, found.high) == (None, None, None)
    assert (found.n, found.clusters, found.unscored) == (3, 3, 1)
    assert found.reason == "3 of 8 were looked at, and a census needs all"
