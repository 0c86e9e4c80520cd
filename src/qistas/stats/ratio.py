"""A sum over another sum of the same units: performance drops, scores among those that answered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._checks import pair_faults, refuse
from qistas.stats._columns import both
from qistas.stats.differences import difference_limits
from qistas.stats.sampling import NewQuestions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from qistas.stats.sampling import Sampling

    Array = NDArray[np.float64]
    Bounds = tuple[float, float]

# Beyond this a ratio of values within 1 says nothing but that the denominator may be nothing.
_FARTHEST = 1e6
# The same for new questions, where an interval beyond it reads as a finding and is none.
_ABSURD = 10.0
# Denominators that may be this share of what they were, or less, may be nothing: under one unit's worth of them.
_NOTHING = 0.01
_STEPS = 60
_PRECISION = 1e-5
_ROUNDING = 1e-9


def ratio_of_sums(
    numerators: Sequence[float | None],
    denominators: Sequence[float | None],
    sampling: Sampling,
    *,
    confidence: float,
    numerator_bounds: Bounds = (0.0, 1.0),
    bounds: Bounds = (-math.inf, math.inf),
) -> Estimate:
    """The sum of the numerators over the sum of the denominators, over the units that have both.

    Denominators lie in 0-1, numerators within their bounds; ``bounds`` is where the ratio itself is known to lie.
    The interval holds every ratio r for which the mean of numerator - r·denominator cannot be told from 0: Fieller's
    theorem (1954), with the limits of `mean_difference` in place of the normal ones, so it
    keeps what they guard against (nothing but equal values, few clusters, extremes that were not drawn). A unit
    that lacks either value may have any within the bounds.

    Not estimable with a sum of denominators of 0, with fewer than two clusters, or with nothing scored; nor where
    the denominator may be so small that the ratio has no limit. For new questions that is so beyond -10 to 10, or
    (without ``bounds`` on both sides) with denominators that may be next to nothing.

    Raises:
        BadInput: a value outside its bounds, columns of different lengths, or a confidence outside 0 to 1.
    """
    n = len(numerators)
    columns = ("numerators", numerators), ("denominators", denominators)
    refuse(pair_faults(*columns, confidence, sampling, numerator_bounds))
    top, bottom = both(numerators, denominators)
    unscored = int(np.isnan(top).sum())
    method = f"{'census' if sampling.complete else 'ratio-inversion'}; {sampling.question}"
    nothing = not_estimable(
        "", method=method, confidence=confidence, n=n, clusters=sampling.units, unscored=unscored
    )
    reason = sampling.refusal(n, unscored)
    if reason:
        return replace(nothing, reason=reason)
    total = float(np.nansum(bottom))
    if total <= 0.0:
        return replace(nothing, reason="the denominators sum to 0, and nothing can be divided by it")
    value = float(np.nansum(top)) / total
    if not bounds[0] - _ROUNDING <= value <= bounds[1] + _ROUNDING:
        return replace(nothing, reason=f"the ratio is {value:g}, outside {bounds[0]:g} to {bounds[1]:g}")
    if sampling.complete and not unscored:
        return replace(nothing, value=value, low=value, high=value, reason=None)

    def margins(ratio: float) -> tuple[float, float]:
        low, high = left_over_limits(top, bottom, ratio, numerator_bounds, sampling, confidence)
        return -low, high

    slope = total / n
    low = -_last(lambda ratio: margins(-ratio)[0], -value, slope, -bounds[0])
    high = _last(lambda ratio: margins(ratio)[1], value, slope, bounds[1])
    reason = _absurd((low, high), bottom, sampling, confidence, bounds)
    known = {} if reason else {"value": value, "low": low, "high": high}
    return replace(nothing, reason=reason, **known)


def _absurd(
    limits: Bounds, bottom: Array, sampling: Sampling, confidence: float, bounds: Bounds
) -> str | None:
    """Why the limits say nothing, if they do not."""
    low, high = limits
    if not (math.isfinite(low) and math.isfinite(high)):
        return "the denominators are too few to limit the ratio"
    if not isinstance(sampling, NewQuestions):
        return None
    if low < -_ABSURD or high > _ABSURD:
        return f"the denominators are too few to limit the ratio: it could be anything from {low:.3g} to {high:.3g}"
    least = sampling.limits(bottom, 0.0, 1.0, confidence)[0]
    if least <= _NOTHING * float(np.nanmean(bottom)) and not all(map(math.isfinite, bounds)):
        return "the denominators may be next to nothing, and the ratio anything"
    return None


def left_over_limits(
    top: Array, bottom: Array, ratio: float, bounds: Bounds, sampling: Sampling, confidence: float
) -> tuple[float, float]:
    """Limits of the mean of numerator - ratio·denominator, which is 0 at the true ratio."""
    least, most = (end - ratio * share for end, share in zip(bounds, _ends(ratio), strict=True))
    return difference_limits(top - ratio * bottom, (min(least, 0.0), max(most, 0.0)), sampling, confidence)


def _ends(ratio: float) -> Bounds:
    """The denominators that leave least and most over."""
    return (1.0, 0.0) if ratio >= 0.0 else (0.0, 1.0)


def _last(margin: Callable[[float], float], value: float, slope: float, edge: float) -> float:
    """The greatest ratio whose margin is not below 0, found from beyond it; infinite if there is none.

    The margin falls from ``value`` on, at about ``slope``; beyond ``edge`` no ratio lies.
    """
    near, near_margin = value, max(margin(value), 0.0)
    step = 1.1 * near_margin / slope + _ROUNDING
    while True:
        far = min(value + step, edge)
        far_margin = margin(far)
        if far_margin < 0.0:
            break
        if far >= edge:
            return edge
        if step > _FARTHEST:
            return math.inf
        near, near_margin, step = far, far_margin, step * 2.0
    return _crossing(margin, (near, near_margin), (far, far_margin))


def _crossing(margin: Callable[[float], float], near: tuple[float, float], far: tuple[float, float]) -> float:
    """Where the margin falls below 0 between two ratios, a hair beyond: false position with Illinois' halving."""
    (inside, above), (outside, below) = near, far
    for _ in range(_STEPS):
        if outside - inside <= _PRECISION * max(1.0, abs(outside)):
            break
        # Kept off both ends, so that either end moves.
        share = min(max(above / (above - below), 0.02), 0.98)
        middle = inside + share * (outside - inside)
        found = margin(middle)
        if found >= 0.0:
            inside, above, below = middle, found, below / 2.0
        else:
            outside, below, above = middle, found, above / 2.0
    return outside
