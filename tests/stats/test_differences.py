"""Means of differences: narrow where little changed, never certain of what was not seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats.clusters import clustered_mean
from qistas.stats.differences import mean_difference
from qistas.stats.finite import finite_population
from qistas.stats.sampling import AllQuestions, NewQuestions

Column = list[float | None]


def new(n: int, each: int = 1) -> NewQuestions:
    return NewQuestions(tuple(str(place // each) for place in range(n)))


def found(values: Column, sampling: object) -> Estimate:
    return mean_difference(values, sampling, confidence=0.95)  # type: ignore[arg-type]


def ends(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


def test_gains_alone_are_a_mean_in_0_to_1_but_for_losses_that_were_not_seen() -> None:
    values: Column = [1.0] * 30 + [0.0] * 70
    plain = clustered_mean(values, [str(n) for n in range(100)], confidence=0.95)
    low, high = ends(found(values, new(100)))
    assert high == pytest.approx(plain.high)
    assert plain.low is not None
    assert plain.low - 0.01 < low < plain.low


def test_gains_alone_of_a_population_are_exact_but_for_losses_that_were_not_seen() -> None:
    values: Column = [1.0] * 30 + [0.0] * 70
    exact = finite_population(values, 300, confidence=0.95)
    low, high = ends(found(values, AllQuestions(100, 300)))
    assert high == pytest.approx(exact.high)
    assert exact.low is not None
    assert low < exact.low


def test_gains_and_losses_mirror_each_other() -> None:
    values = list(np.random.default_rng(1).choice([1.0, -1.0, 0.0, 0.25], 80))
    for sampling in (new(80), AllQuestions(80, 160)):
        low, high = ends(found(values, sampling))
        assert ends(found([-value for value in values], sampling)) == pytest.approx((-high, -low))


def test_rare_changes_leave_it_narrower_than_values_over_the_whole_scale() -> None:
    values: Column = [1.0] * 2 + [-1.0] * 2 + [0.0] * 196
    whole = clustered_mean(values, [str(n) for n in range(200)], confidence=0.95, low_bound=-1.0)
    low, high = ends(found(values, new(200)))
    assert whole.low is not None
    assert whole.high is not None
    assert high - low < 0.8 * (whole.high - whole.low)


def test_all_of_a_population_is_simply_known() -> None:
    assert found([1.0, -1.0, 0.5], AllQuestions(3, 3)) == Estimate(
        value=pytest.approx(0.5 / 3),
        low=pytest.approx(0.5 / 3),
        high=pytest.approx(0.5 / 3),
        confidence=0.95,
        n=3,
        clusters=3,
        unscored=0,
        method="census; answers all 3 questions",
    )


def test_what_was_already_seen_bounds_a_population() -> None:
    low, high = ends(found([1.0] * 9, AllQuestions(9, 10)))
    assert (low, high) == (pytest.approx(0.8), pytest.approx(1.0))


@pytest.mark.parametrize("sampling", [new(40), AllQuestions(40, 80)])
def test_no_change_at_all_is_not_certainty(sampling: object) -> None:
    low, high = ends(found([0.0] * 40, sampling))
    assert low < -0.02
    assert high == -low


@pytest.mark.parametrize("sampling", [new(40), AllQuestions(40, 80), AllQuestions(40, 40)])
def test_an_unscored_unit_counts_at_both_ends(sampling: object) -> None:
    values: Column = [0.5, -0.25] * 20
    whole, holed = found(values, sampling), found([None, *values[1:]], sampling)
    assert holed.unscored == 1
    assert holed.value == pytest.approx(np.mean([v for v in values[1:] if v is not None]))
    assert ends(holed)[0] < ends(whole)[0]
    assert ends(holed)[1] > ends(whole)[1]


def test_clusters_that_are_alike_count_once() -> None:
    values = list(np.random.default_rng(2).choice([1.0, -1.0, 0.0], 50, p=[0.4, 0.2, 0.4]))
    apart = ends(found(values, new(50)))
    low, high = ends(found([v for v in values for _ in range(4)], new(200, 4)))
    assert high - low > 0.9 * (apart[1] - apart[0])


def items(mean: float, n: int) -> Column:
    """Gains and losses, as many of each as leave about that mean."""
    gains = round(n * (1.0 + mean) / 2.0)
    return [1.0] * gains + [-1.0] * (n - gains)


@pytest.mark.parametrize("first", [items(0.125, 32), [0.5, -0.25] * 16, [0.0] * 28 + [1.0] * 4])
def test_two_clusters_are_never_narrower_than_over_the_whole_scale(first: Column) -> None:
    values = first + items(0.0, 28)
    clusters = ("a",) * 32 + ("b",) * 28
    low, high = ends(found(values, NewQuestions(clusters)))
    whole = ends(clustered_mean(values, clusters, confidence=0.95, low_bound=-1.0))
    assert low <= whole[0]
    assert high >= whole[1]
    assert high - low > 1.5


def test_two_clusters_whose_changes_cancel_say_next_to_nothing() -> None:
    low, high = ends(found([1.0, -1.0] * 30, new(60, 30)))
    assert low < -0.9
    assert high > 0.9


@pytest.mark.parametrize("count", [2, 3, 5, 10])
def test_few_clusters_that_balance_differently_are_covered(count: int) -> None:
    """Clusters gain or lose as a whole or lean by 0.3, and their mean is 0: 94 of 100 leaves room for chance."""
    source = np.random.default_rng(count)
    for leans in ([-1.0, 1.0], [-0.3, 0.3]):
        held = 0
        for _ in range(100):
            lean = np.repeat(source.choice(leans, count), 12)
            drawn = np.where(source.random(len(lean)) < (1.0 + lean) / 2.0, 1.0, -1.0)
            low, high = ends(found(list(drawn), new(len(lean), 12)))
            held += low <= 0.0 <= high
        assert held >= 94


@pytest.mark.parametrize(
    ("values", "reason"), [([], "there are no samples"), ([None, None], "every sample is unscored")]
)
def test_where_there_is_no_mean_it_says_why(values: Column, reason: str) -> None:
    n = len(values)
    assert found(values, new(n)) == not_estimable(
        reason, method="gains-and-losses; answers new questions", n=n, clusters=n, unscored=n
    )


def test_every_fault_is_said_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        mean_difference([2.0], AllQuestions(2, 0), confidence=0.0)
    assert [fault.where for fault in caught.value.faults] == ["confidence", "values[0]", "n", "population_n"]


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0, None]), min_size=2, max_size=30), st.integers(0, 40)
)
def test_the_interval_holds_the_value_within_its_bounds_and_has_a_width_unless_everything_is_known(
    values: Column, more: int
) -> None:
    for sampling in (new(len(values)), AllQuestions(len(values), len(values) + more)):
        estimate = found(values, sampling)
        if estimate.value is not None:
            low, high = ends(estimate)
            assert low >= -1.0 - 1e-12
            assert low <= estimate.value <= high
            assert high <= 1.0 + 1e-12
            known = isinstance(sampling, AllQuestions) and not more and not estimate.unscored
            assert (high - low < 1e-9) == known
