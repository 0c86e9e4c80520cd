"""Limits of a difference between paired proportions, for whole arrays; counts and sizes may be fractional."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qistas.stats._binomial import clopper_pearson
from qistas.stats._quantiles import normal_quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qistas.stats._binomial import Limits

    Array = NDArray[np.float64]

# Each halving gains one binary digit; 2 / 2^52 is a float's own precision.
_HALVINGS = 52


def difference_limits(gains: ArrayLike, losses: ArrayLike, n: ArrayLike, confidence: float) -> Limits:
    """Limits of (gains - losses) / n, where gains and losses are the two kinds of discordant pairs.

    The widest of three: the score limits (Tango, 1998), which cover well at middle sizes; the limits given the
    number of discordant pairs, so that an interval leaves 0 out only where the exact McNemar test rejects it too;
    and the combined exact limits of the two shares (Newcombe, 1998), which hold where one share is at its end.
    """
    b, c, size = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (gains, losses, n)))
    candidates = [
        tango(b, c, size, confidence),
        _given_discordance(b, c, size, confidence),
        _combined(b, c, size, confidence),
    ]
    low = np.fmin.reduce([limits[0] for limits in candidates])
    high = np.fmax.reduce([limits[1] for limits in candidates])
    return np.clip(low, -1.0, 1.0), np.clip(high, -1.0, 1.0)


def tango(gains: Array, losses: Array, n: Array, confidence: float) -> Limits:
    """Score limits of a paired difference (Tango, 1998), by bisection on either side of the estimate."""
    z = normal_quantile(confidence)
    estimate = (gains - losses) / n
    high = _bisect(gains, losses, n, estimate, z)
    return -_bisect(losses, gains, n, -estimate, z), high


def _bisect(gains: Array, losses: Array, n: Array, inside: Array, z: float) -> Array:
    """The least difference above the estimate that the score test rejects, from outside."""
    near, far = inside.copy(), np.ones_like(inside)
    for _ in range(_HALVINGS):
        middle = (near + far) / 2.0
        rejected = _score_rejects(gains, losses, n, middle, z)
        far = np.where(rejected, middle, far)
        near = np.where(rejected, near, middle)
    return far


def _score_rejects(gains: Array, losses: Array, n: Array, difference: Array, z: float) -> NDArray[np.bool_]:
    """Whether the score test finds a difference too large, by the constrained estimate of the losing share."""
    linear = (2.0 * n - gains + losses) * difference - gains - losses
    constant = -losses * difference * (1.0 - difference)
    losing = (np.sqrt(np.maximum(linear**2 - 8.0 * n * constant, 0.0)) - linear) / (4.0 * n)
    variance = n * np.maximum(2.0 * losing + difference * (1.0 - difference), 0.0)
    return np.asarray(n * difference - gains + losses > z * np.sqrt(variance))


def _given_discordance(gains: Array, losses: Array, n: Array, confidence: float) -> Limits:
    """Exact limits of the winning share among discordant pairs, at the discordance seen; NaN without any."""
    discordant = gains + losses
    low, high = clopper_pearson(gains, np.maximum(discordant, 1e-9), confidence)
    share = np.where(discordant > 0.0, discordant / n, np.nan)
    return (2.0 * low - 1.0) * share, (2.0 * high - 1.0) * share


def _combined(gains: Array, losses: Array, n: Array, confidence: float) -> Limits:
    """Exact limits of either share, combined as if the shares were independent (Newcombe, 1998)."""
    b_low, b_high = clopper_pearson(gains, n, confidence)
    c_low, c_high = clopper_pearson(losses, n, confidence)
    b, c = gains / n, losses / n
    below = np.hypot(b - b_low, c_high - c)
    above = np.hypot(b_high - b, c - c_low)
    return b - c - below, b - c + above
