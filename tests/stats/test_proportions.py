"""Proportions: against SciPy and statsmodels, and what must hold for any count."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats.proportions import exact, proportion, wilson

counts = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
confidences = st.sampled_from([0.8, 0.9, 0.95, 0.99])
scores = st.lists(st.sampled_from([0.0, 1.0, None]), min_size=1, max_size=60)
unhurried = settings(deadline=None, derandomize=True, max_examples=40)


@pytest.mark.parametrize("n", [1, 2, 7, 30, 204, 2000])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_limits_are_those_of_scipy(n, confidence):
    for x in {0, 1, n // 3, n - 1, n}:
        theirs = binomtest(x, n).proportion_ci(confidence, method="exact")
        assert exact(x, n, confidence) == pytest.approx((theirs.low, theirs.high), abs=1e-12)
        theirs = binomtest(x, n).proportion_ci(confidence, method="wilson")
        assert wilson(x, n, confidence) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize(("x", "n"), [(0, 100), (3, 50), (50, 50), (102, 204)])
def test_limits_are_those_of_statsmodels(x, n):
    assert exact(x, n, 0.95) == pytest.approx(proportion_confint(x, n, 0.05, "beta"), abs=1e-12)
    assert wilson(x, n, 0.95) == pytest.approx(proportion_confint(x, n, 0.05, "wilson"), abs=1e-12)


@pytest.mark.parametrize("interval", [wilson, exact])
@given(count=counts, confidence=confidences)
@unhurried
def test_limits_hold_the_mean_stay_within_0_and_1_and_mirror(interval, count, confidence):
    x, n = count
    low, high = interval(x, n, confidence)
    assert 0.0 <= low <= x / n <= high <= 1.0
    assert low < high
    assert interval(n - x, n, confidence) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize("interval", [wilson, exact])
@given(count=counts, confidence=confidences)
@unhurried
def test_one_more_success_raises_both_limits(interval, count, confidence):
    x, n = count
    if x < n:
        low, high = interval(x, n, confidence)
        higher_low, higher_high = interval(x + 1, n, confidence)
        assert low < higher_low
        assert high < higher_high or high == higher_high == 1.0


@pytest.mark.parametrize("method", ["wilson", "exact"])
@given(values=scores, place=st.integers(0, 59))
@unhurried
def test_losing_a_score_only_widens(method, values, place):
    values = [*values, 1.0]
    before = proportion(values, confidence=0.95, method=method)
    lost = [None if i == place % (len(values) - 1) else value for i, value in enumerate(values)]
    after = proportion(lost, confidence=0.95, method=method)
    assert after.low <= before.low <= before.high <= after.high


def test_an_unscored_sample_is_a_failure_below_and_a_success_above():
    """One unscored of four: 2 successes bound from below, 3 from above, and the value is over the three scored."""
    assert proportion([1, 0, None, 1], confidence=0.9, method="wilson") == Estimate(
        value=2 / 3,
        low=wilson(2, 4, 0.9)[0],
        high=wilson(3, 4, 0.9)[1],
        confidence=0.9,
        n=4,
        clusters=4,
        unscored=1,
        method="wilson; answers new questions",
    )


def test_the_default_is_exact_and_graded_values_count_as_parts_of_a_success():
    estimate = proportion([0.5, 1, 0, 0.25], confidence=0.95)
    assert (estimate.low, estimate.high) == exact(1.75, 4, 0.95)
    assert estimate.method == "clopper-pearson; answers new questions"


@pytest.mark.parametrize(
    ("values", "reason"), [([], "there are no samples"), ([None, None], "every sample is unscored")]
)
def test_nothing_scored_is_not_estimable(values, reason):
    expected = not_estimable(
        reason,
        method="clopper-pearson; answers new questions",
        n=len(values),
        clusters=len(values),
        unscored=len(values),
    )
    assert proportion(values, confidence=0.95) == expected


def test_every_fault_is_told_at_once():
    with pytest.raises(BadInput) as caught:
        proportion([2, np.nan, -1, 7, 1], confidence=1.0, method="bayes")
    assert [str(fault).split(" → ")[0] for fault in caught.value.faults] == [
        "confidence: confidence is 1.0, not between 0 and 1",
        "values[0]: 2 lies outside 0 to 1",
        "values[1]: nan lies outside 0 to 1",
        "values[2]: -1 lies outside 0 to 1",
        "values: 1 more values lie outside 0 to 1",
        "method: unknown method 'bayes'",
    ]


@pytest.mark.parametrize(("x", "n"), [(1, 0), (-1, 5), (6, 5), (1, float("nan"))])
def test_impossible_counts_are_refused(x, n):
    for interval in (wilson, exact):
        with pytest.raises(BadInput):
            interval(x, n, 0.95)


def test_importing_the_room_does_not_load_scipy():
    """SciPy is loaded when an interval is asked, so that listing and planning stay quick."""
    rooms = ["proportions", "clusters", "paired", "sequences", "finite", "repeats", "judge_error"]
    code = "import sys\n" + "".join(f"import qistas.stats.{room}\n" for room in rooms)
    code += "print(any(name.split('.')[0] == 'scipy' for name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
