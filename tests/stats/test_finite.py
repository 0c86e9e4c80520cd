"""Finite populations: against SciPy's hypergeometric distribution."""

import numpy as np
import pytest
from scipy.stats import hypergeom

from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._hypergeometric import hypergeometric_limits
from qistas.stats.finite import finite_population
from qistas.stats.proportions import exact


@pytest.mark.parametrize(("n", "population_n"), [(1, 5), (10, 12), (30, 204), (200, 1000), (6, 6)])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_limits_are_all_totals_that_the_sample_does_not_speak_against(n, population_n, confidence):
    """Every possible total is tried against SciPy's tails."""
    totals = np.arange(population_n + 1)
    tail = (1 - confidence) / 2
    for x in sorted({0, 1, n // 3, n - 1, n}):
        possible = (totals >= x) & (totals <= population_n - n + x)
        above = hypergeom.sf(x - 1, population_n, totals, n)
        below = hypergeom.cdf(x, population_n, totals, n)
        kept = totals[possible & (above >= tail) & (below >= tail)]
        assert hypergeometric_limits(x, n, population_n, confidence) == (kept.min(), kept.max())


def test_a_large_population_is_like_no_population():
    values = [1.0] * 20 + [0.0] * 80
    estimate = finite_population(values, 10_000_000, confidence=0.95)
    assert (estimate.low, estimate.high) == pytest.approx(exact(20, 100, 0.95), abs=1e-4)


def test_a_small_rest_leaves_little_room():
    values = [1.0] * 50 + [0.0] * 40
    estimate = finite_population(values, 100, confidence=0.95)
    assert 0.50 <= estimate.low <= estimate.value <= estimate.high <= 0.60
    assert estimate.method == "hypergeometric; answers all 100 questions"


@pytest.mark.parametrize("values", [[1.0, 0.0, 1.0], [0.25, 0.5, 1.0]])
def test_a_census_is_simply_known(values):
    mean = sum(values) / 3
    assert finite_population(values, 3, confidence=0.95) == Estimate(
        value=pytest.approx(mean),
        low=pytest.approx(mean),
        high=pytest.approx(mean),
        confidence=0.95,
        n=3,
        clusters=3,
        unscored=0,
        method="census; all 3 questions were asked",
    )


@pytest.mark.parametrize("values", [[1.0, None, 0.0, 1.0], [0.5, None, 0.5, 1.0]])
def test_a_census_with_an_unscored_unit_knows_both_ends(values):
    estimate = finite_population(values, 4, confidence=0.95)
    assert (estimate.low, estimate.value, estimate.high) == pytest.approx((2 / 4, 2 / 3, 3 / 4))
    assert estimate.unscored == 1


def test_unscored_units_only_widen():
    values = [1.0] * 10 + [0.0] * 30
    whole = finite_population(values, 100, confidence=0.95)
    less = finite_population([None] * 5 + values[5:-5] + [None] * 5, 100, confidence=0.95)
    assert less.low < whole.low < whole.high < less.high


def test_graded_values_are_narrowed_by_what_was_already_seen():
    values = list(np.random.default_rng(4).uniform(0.3, 0.9, 80))
    small = finite_population(values, 100, confidence=0.95)
    large = finite_population(values, 100_000, confidence=0.95)
    assert large.low < small.low < small.value < small.high < large.high
    assert small.method == "finite-effective-size; answers all 100 questions"
    missing = finite_population([*values[:-4], *[None] * 4], 100, confidence=0.95)
    assert missing.low < small.low < small.high < missing.high


def test_equal_graded_values_do_not_hide_what_was_not_drawn():
    """Thirty units at 0.5 out of a hundred: the rest may hold ten at 0 or at 1 without anyone noticing."""
    estimate = finite_population([0.5] * 30, 100, confidence=0.95)
    assert estimate.low < 0.46
    assert estimate.high > 0.54


def test_two_grades_are_limited_as_their_shares_are():
    """Five of ninety at 0.9, ten units unseen: as many grades as there may be successes."""
    graded = finite_population([0.9] * 5 + [0.1] * 85, 100, confidence=0.95)
    exact = finite_population([1.0] * 5 + [0.0] * 85, 100, confidence=0.95)
    assert graded.low <= 0.1 + 0.8 * exact.low
    assert graded.high >= 0.1 + 0.8 * exact.high


@pytest.mark.parametrize(
    ("values", "reason"), [([], "no unit was drawn"), ([None, None], "every unit is unscored")]
)
def test_nothing_scored_is_not_estimable(values, reason):
    assert finite_population(values, 9, confidence=0.95) == not_estimable(
        reason,
        method="hypergeometric; answers all 9 questions",
        n=len(values),
        clusters=len(values),
        unscored=len(values),
    )


def test_more_values_than_units_are_refused():
    with pytest.raises(BadInput, match="3 values from a population of 2"):
        finite_population([1, 0, 1], 2, confidence=0.95)
