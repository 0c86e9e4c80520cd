"""Means of finite populations that were sampled without replacement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qistas.contracts.errors import Fault
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._binomial import clopper_pearson
from qistas.stats._checks import confidence_faults, refuse, value_faults
from qistas.stats._columns import column
from qistas.stats._effective import graded_size
from qistas.stats._hypergeometric import hypergeometric_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qistas.stats._binomial import Limits

    Array = NDArray[np.float64]


def finite_population(values: Sequence[float | None], population_n: int, *, confidence: float) -> Estimate:
    """The mean, in 0-1, over all ``population_n`` units, of which these were drawn at random without replacement.

    For 0-or-1 values the limits are exact (hypergeometric); graded values take the exact limits at their effective
    size, enlarged by the finite population correction, and where only two grades came up no narrower ones than
    these grades' shares have. Both keep within what the units already seen allow. When
    every unit was seen the value is simply known: low = value = high, and the method says ``census``. An unscored
    unit counts as 0 for the low limit and as 1 for the high one.

    Not estimable with nothing scored.

    Raises:
        BadInput: more values than the population has, a value outside 0 to 1, or a confidence outside 0 to 1.
    """
    faults = confidence_faults(confidence) + value_faults(values)
    if population_n < max(len(values), 1):
        faults.append(
            Fault(
                f"{len(values)} values from a population of {population_n}", "population_n", "count all units"
            )
        )
    refuse(faults)
    unit = column(values)
    scored = unit[~np.isnan(unit)]
    n = len(values)
    unscored = n - len(scored)
    method = _method(n, population_n, _is_binary(scored))
    if not len(scored):
        reason = "every unit is unscored" if n else "no unit was drawn"
        return not_estimable(reason, method=method, confidence=confidence, n=n, clusters=n, unscored=unscored)
    low, high = completed_limits(unit, population_n, confidence)
    mean = float(scored.mean())
    return Estimate(
        value=mean,
        low=min(low, mean),
        high=max(high, mean),
        confidence=confidence,
        n=n,
        clusters=n,
        unscored=unscored,
        method=method,
    )


def completed_limits(unit: Array, population_n: int, confidence: float) -> tuple[float, float]:
    """Limits of the population's mean of values in 0-1; NaN is unscored, at its worst and at its best."""
    scored = unit[~np.isnan(unit)]
    limits = _binary_limits if _is_binary(scored) else _graded_limits
    return limits(scored, len(unit) - len(scored), population_n, confidence)


def _is_binary(values: Array) -> bool:
    return bool(np.all((values == 0.0) | (values == 1.0)))


def _binary_limits(scored: Array, unscored: int, population_n: int, confidence: float) -> tuple[float, float]:
    n, successes = len(scored) + unscored, int(scored.sum())
    fewest = hypergeometric_limits(successes, n, population_n, confidence)[0]
    most = hypergeometric_limits(successes + unscored, n, population_n, confidence)[1]
    return fewest / population_n, most / population_n


def _graded_limits(scored: Array, unscored: int, population_n: int, confidence: float) -> tuple[float, float]:
    n = len(scored) + unscored
    least = float(scored.sum()) / population_n
    most = (float(scored.sum()) + unscored + population_n - n) / population_n
    if n == population_n:
        return least, most
    completions = [np.append(scored, np.full(unscored, fill)) for fill in (0.0, 1.0)]
    limits = [graded_finite_limits(values, population_n, confidence) for values in (*completions, scored)]
    limits += _two_valued_limits(scored, population_n, confidence)
    low = min(float(low) for low, _ in limits)
    high = max(float(high) for _, high in limits)
    return max(low, least), min(high, most)


def _two_valued_limits(scored: Array, population_n: int, confidence: float) -> list[Limits]:
    """Exact limits where only two grades came up: a few unseen units can only hold whole numbers of either."""
    grades = np.unique(scored)
    if len(grades) != 2:
        return []
    higher = int((scored == grades[1]).sum())
    ends = hypergeometric_limits(higher, len(scored), population_n, confidence)
    low, high = (grades[0] + (grades[1] - grades[0]) * end / population_n for end in ends)
    return [(low, high)]


def graded_finite_limits(values: Array, population_n: int, confidence: float) -> Limits:
    """Limits for replicates of graded samples, along the last axis; fewer than the population has.

    They reach at least as far as the largest share of extreme units of which the sample may well hold none.
    """
    n, mean = values.shape[-1], values.mean(-1)
    size = graded_size(values, mean * (1.0 - mean), confidence) * (population_n - 1) / (population_n - n)
    low, high = clopper_pearson(mean * size, size, confidence)
    hidden = hypergeometric_limits(0, n, population_n, confidence)[1] / population_n
    return np.fmin(low, mean * (1.0 - hidden)), np.fmax(high, mean + hidden * (1.0 - mean))


def _method(n: int, population_n: int, binary: bool) -> str:
    if n == population_n:
        return f"census; all {population_n} questions were asked"
    kind = "hypergeometric" if binary else "finite-effective-size"
    return f"{kind}; answers all {population_n} questions"
