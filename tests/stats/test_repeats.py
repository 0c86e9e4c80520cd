"""Repeats of a measurement: against SciPy's t interval."""

import numpy as np
import pytest
from scipy import stats

from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats.repeats import repeated_measure

METHOD = "student-t; answers another repeat here"


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_interval_is_scipys(confidence):
    values = [12.1, 11.7, 13.4, 12.9, 12.2]
    low, high = stats.t.interval(confidence, 4, loc=np.mean(values), scale=stats.sem(values))
    assert repeated_measure(values, confidence=confidence) == Estimate(
        value=pytest.approx(np.mean(values)),
        low=pytest.approx(low),
        high=pytest.approx(high),
        confidence=confidence,
        n=5,
        clusters=5,
        unscored=0,
        method=METHOD,
    )


def test_there_are_no_bounds():
    """An interval of seconds or joules may reach below zero; the report decides what to draw."""
    estimate = repeated_measure([0.1, 5.0, 0.2], confidence=0.95)
    assert estimate.low < 0


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], "0 repeats; an interval needs at least 3"),
        ([1.0], "1 repeat; an interval needs at least 3"),
        ([1.0, 2.0], "2 repeats; an interval needs at least 3"),
        (
            [1.0, None, 2.0, 3.0],
            "1 of 4 repeats have no value, and a quantity without bounds has no worst case",
        ),
    ],
)
def test_too_few_or_missing_repeats_are_not_estimable(values, reason):
    assert repeated_measure(values, confidence=0.95) == not_estimable(
        reason, method=METHOD, n=len(values), clusters=len(values), unscored=values.count(None)
    )


def test_values_that_are_no_numbers_are_refused():
    with pytest.raises(BadInput) as caught:
        repeated_measure([1.0, float("inf"), float("nan")], confidence=0.95)
    assert [fault.where for fault in caught.value.faults] == ["values[1]", "values[2]"]
