"""Limits of a proportion from a count, for whole arrays; counts and sizes may be fractional (effective sizes)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qistas.stats._quantiles import normal_quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Limits = tuple[NDArray[np.float64], NDArray[np.float64]]

# The inverse beta function wants positive parameters; where this stands in, the limit is replaced by 0 or 1.
_TINY = 1e-9


def clopper_pearson(successes: ArrayLike, n: ArrayLike, confidence: float) -> Limits:
    """Exact limits (Clopper and Pearson, 1934) by quantiles of the beta distribution.

    With a fractional count of values in [0, 1] they stay conservative, because a sum of such values is no more
    spread out than a binomial count of the same mean (Hoeffding, 1956).
    """
    from scipy import special

    x, size = (np.asarray(a, dtype=np.float64) for a in (successes, n))
    tail = (1.0 - confidence) / 2.0
    rest = size - x
    low = special.betaincinv(np.maximum(x, _TINY), rest + 1.0, tail)
    high = special.betaincinv(x + 1.0, np.maximum(rest, _TINY), 1.0 - tail)
    return np.where(x <= 0.0, 0.0, low), np.where(rest <= 0.0, 1.0, high)


def wilson_score(successes: ArrayLike, n: ArrayLike, confidence: float) -> Limits:
    """Score limits (Wilson, 1927)."""
    x, size = (np.asarray(a, dtype=np.float64) for a in (successes, n))
    z2 = normal_quantile(confidence) ** 2
    middle = (x + z2 / 2.0) / (size + z2)
    spread = np.sqrt(z2 * (x * (size - x) / size + z2 / 4.0)) / (size + z2)
    low = np.where(x <= 0.0, 0.0, np.maximum(middle - spread, 0.0))
    return low, np.where(x >= size, 1.0, np.minimum(middle + spread, 1.0))
