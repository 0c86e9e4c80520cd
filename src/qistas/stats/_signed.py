"""Limits of a mean of values on both sides of 0, from the limits of its gains and of its losses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    ShareLimits = Callable[[Array], tuple[float, float]]


def signed_limits(
    values: Array,
    bounds: tuple[float, float],
    share_limits: ShareLimits,
    codes: NDArray[np.int64],
    *,
    lattice: bool,
) -> tuple[float, float]:
    """Limits of the mean of values within ``bounds``, which reach to both sides of 0.

    Gains and losses are shares of what each could be at most; ``share_limits`` gives the limits of such a mean.
    Reaches add up by squares and by their correlation between clusters (Zou and Donner, 2008). On a ``lattice``,
    where so few units are unseen that only some whole numbers are possible, they simply add up: squares would
    count on a normal distribution that is not there.
    """
    gains, losses = np.maximum(values, 0.0), np.maximum(-values, 0.0)
    gain, gain_below, gain_above = _part(gains, bounds[1], share_limits)
    loss, loss_below, loss_above = _part(losses, -bounds[0], share_limits)
    together = 1.0 if lattice else _opposition(gains, losses, codes)

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(one**2 + other**2 + 2.0 * together * one * other, 0.0))

    return gain - loss - reach(gain_below, loss_above), gain - loss + reach(gain_above, loss_below)


def _part(values: Array, most: float, share_limits: ShareLimits) -> tuple[float, float, float]:
    """The mean, and how far it reaches down and up."""
    mean = float(values.mean())
    if most <= 0.0:
        return mean, 0.0, 0.0
    low, high = share_limits(np.clip(values / most, 0.0, 1.0))
    return mean, max(mean - most * low, 0.0), max(most * high - mean, 0.0)


def _opposition(gains: Array, losses: Array, codes: NDArray[np.int64]) -> float:
    """The correlation of gains with the absence of losses, by clusters."""
    sizes = np.bincount(codes)
    apart = [np.bincount(codes, weights=part) - part.mean() * sizes for part in (gains, losses)]
    spread = math.sqrt(float(apart[0] @ apart[0]) * float(apart[1] @ apart[1]))
    return -float(apart[0] @ apart[1]) / spread if spread > 0.0 else 0.0
