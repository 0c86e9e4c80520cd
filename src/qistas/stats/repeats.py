"""Repeats of one measurement of a quantity without bounds: seconds, joules, bytes."""

from __future__ import annotations

import math
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._checks import confidence_faults, refuse, value_faults
from qistas.stats._quantiles import student_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

_FEWEST = 3


def repeated_measure(values: Sequence[float | None], *, confidence: float) -> Estimate:
    """The mean of repeats, in their own unit, with Student's t interval for *another repeat on the same machine*.

    Repeats that read exactly the same give an interval of no width: it is as fine as the reading. A quantity
    without bounds has no worst case, so one repeat without a value leaves the whole not estimable, as do fewer
    than three repeats.

    Raises:
        BadInput: a value that is not finite, or a confidence outside 0 to 1.
    """
    refuse(confidence_faults(confidence) + value_faults(values, -math.inf, math.inf))
    method = "student-t; answers another repeat here"
    scored = [float(value) for value in values if value is not None]
    n, unscored = len(values), len(values) - len(scored)
    if unscored:
        reason = f"{unscored} of {n} repeats have no value, and a quantity without bounds has no worst case"
    elif n < _FEWEST:
        reason = f"{n} {'repeat' if n == 1 else 'repeats'}; an interval needs at least {_FEWEST}"
    else:
        mean = fmean(scored)
        reach = float(student_quantile(n - 1, confidence)) * stdev(scored) / math.sqrt(n)
        return Estimate(
            value=mean,
            low=mean - reach,
            high=mean + reach,
            confidence=confidence,
            n=n,
            clusters=n,
            unscored=0,
            method=method,
        )
    return not_estimable(reason, method=method, confidence=confidence, n=n, clusters=n, unscored=unscored)
