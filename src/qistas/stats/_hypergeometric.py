"""Exact limits of a share in a finite population, from a sample drawn without replacement."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


@lru_cache(maxsize=4096)
def hypergeometric_limits(successes: int, n: int, population_n: int, confidence: float) -> tuple[int, int]:
    """The fewest and the most successes that the population may hold (Wang, 2015, equal tails).

    A number is left out when a sample at least this extreme has probability below half of 1 - confidence.
    """
    tail = (1.0 - confidence) / 2.0
    fewest, most = successes, population_n - n + successes
    low = _first(fewest, most, lambda total: _upper_tail(successes, n, total, population_n) >= tail)
    mirrored = n - successes
    # The upper limit is the lower limit of the failures.
    failures = _first(
        mirrored,
        population_n - n + mirrored,
        lambda total: _upper_tail(mirrored, n, total, population_n) >= tail,
    )
    return low, population_n - failures


def _upper_tail(successes: int, n: int, total: int, population_n: int) -> float:
    """Probability of at least so many successes in the sample when the population holds ``total``."""
    from scipy.special import gammaln

    most = min(n, total)
    least = max(0, n - (population_n - total))
    if successes <= least:
        return 1.0
    k = np.arange(successes, most + 1, dtype=np.float64)

    def log_choose(a: float | np.ndarray, b: np.ndarray | float) -> np.ndarray:
        return np.asarray(gammaln(a + 1.0) - gammaln(b + 1.0) - gammaln(a - b + 1.0))

    logs = log_choose(total, k) + log_choose(population_n - total, n - k) - log_choose(population_n, n)
    return float(np.exp(logs).sum())


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first whole number from ``low`` to ``high`` for which a monotone condition holds; it holds at ``high``."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
