"""Expected calibration error: how far confidence lies from accuracy, over bins of confidence."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec.structs import replace

from qistas.contracts.errors import Fault
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._checks import pair_faults, refuse
from qistas.stats._columns import both
from qistas.stats._quantiles import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qistas.stats.sampling import Sampling

    Array = NDArray[np.float64]

# The part of either tail that is spent on telling on which side of 0 a bin lies.
_SPENT = 0.1
_ROUNDING = 1e-9


def expected_calibration_error(
    confidences: Sequence[float | None],
    correct: Sequence[float | None],
    sampling: Sampling,
    *,
    confidence: float,
    bins: int = 10,
) -> Estimate:
    """Σ n_b/n·|accuracy_b - confidence_b| over ``bins`` of equal width in 0-1 (Naeini et al., 2015), from 0 to 1.

    Each bin is closed below and open above; the last is closed. The value is biased upwards, because noise is
    counted as error whichever way it goes; the interval allows for that.

    With D_b the mean of correct - confidence in bin b (0 for samples elsewhere) the error is Σ|D_b|. Above, it
    exceeds what was found by at most Σ s_b (D_b - D̂_b) for the signs s_b of D_b, which is the reach of *one*
    sum, whatever the signs. Below, bins whose side of 0 is certain go in with that sign; the others may owe all
    they show to noise, so their expected |noise| is taken off (by the concentration of Gaussian measure, a tail
    beyond the mean is no longer than that of one sum). The reach of each bin is that of a bounded mean; reaches add
    up by squares (Zou and Donner, 2008) and by the correlation between bins. Bins without a sample count with the
    largest share that such a sample may well hold nothing of. A unit without either value may be as wrong as can
    be, or not at all.

    Not estimable with fewer than two clusters, or with nothing scored.

    Raises:
        BadInput: a value outside 0 to 1, columns of different lengths, no bins, or a confidence outside 0 to 1.
    """
    n = len(confidences)
    faults = pair_faults(("confidences", confidences), ("correct", correct), confidence, sampling)
    if bins < 1:
        faults.append(Fault(f"bins is {bins!r}, not at least 1", "bins", "10 is the custom"))
    refuse(faults)
    sure, right = both(confidences, correct)
    unscored = int(np.isnan(sure).sum())
    method = f"{'census' if sampling.complete else 'ece-bins'}({bins} equal-width bins); {sampling.question}"
    nothing = not_estimable(
        "", method=method, confidence=confidence, n=n, clusters=sampling.units, unscored=unscored
    )
    reason = sampling.refusal(n, unscored)
    if reason:
        return replace(nothing, reason=reason)
    value = calibration_error(sure[~np.isnan(sure)], right[~np.isnan(sure)], bins)
    low, high = _limits(sure, right, sampling, confidence, bins)
    return replace(nothing, value=value, low=min(low, value), high=max(high, value), reason=None)


def bin_of(confidences: Array, bins: int) -> NDArray[np.int64]:
    """The bin of each confidence, from 0; 1 belongs to the last."""
    # 0.3 of 10 bins stands on an edge that its float lies just below: what prints as the edge is the edge.
    return np.minimum(np.floor(np.round(confidences * bins, 9)).astype(np.int64), bins - 1)


def calibration_error(confidences: Array, correct: Array, bins: int) -> float:
    """The error of these samples themselves."""
    gaps = np.bincount(bin_of(confidences, bins), weights=correct - confidences)
    return float(np.abs(gaps).sum() / len(confidences))


class _Bins(NamedTuple):
    """By bin that has samples: the mean residual, its reach downwards and upwards, and their correlation."""

    means: Array
    below: Array
    above: Array
    correlation: Array


def _limits(
    sure: Array, right: Array, sampling: Sampling, confidence: float, bins: int
) -> tuple[float, float]:
    n, missing = len(sure), np.isnan(sure)
    if sampling.complete:
        return _census(np.where(missing, 0.0, right - sure), sure, missing, bins)
    tail = (1.0 - confidence) / 2.0
    used = 1.0 - 2.0 * (1.0 - _SPENT) * tail
    found = _by_bin(sure, right, sampling, used, bins)
    z = normal_quantile(used)
    total = float(np.abs(found.means).sum())
    reach = np.maximum(found.below, found.above)
    # How many standard errors tell the side of every bin at once.
    apart = NormalDist().inv_cdf(1.0 - _SPENT * tail / bins) / z
    certain = np.where(found.means > 0, found.below, found.above) * apart < np.abs(found.means)
    signs = np.where(certain, np.sign(found.means), 0.0)
    toward = np.where(certain, np.where(found.means > 0, found.below, found.above), reach)
    away = np.where(certain, np.where(found.means > 0, found.above, found.below), reach)
    noise = float(np.where(certain, 0.0, reach).sum()) / z * math.sqrt(2.0 / math.pi)
    # What is unscored may be wrong by 1 each, in either direction.
    zeros = np.zeros(n)
    share = float(missing.mean())
    lost = max(sampling.limits(missing.astype(np.float64), 0.0, 1.0, used)[1] - share, 0.0) if share else 0.0
    occupied = len(np.unique(bin_of(sure[~missing], bins)))
    hidden = sampling.limits(zeros, 0.0, 1.0, used)[1] if occupied < bins else 0.0
    low = total - share - noise - math.sqrt(_combined(toward, signs, found.correlation) + lost**2)
    high = total + share + math.sqrt(_combined(away, signs, found.correlation) + lost**2 + hidden**2)
    return max(low, 0.0), min(high, 1.0)


def _combined(reach: Array, signs: Array, correlation: Array) -> float:
    """The square of the reach of the sum; where a sign is not certain, the one that adds most."""
    together = np.where(
        np.outer(signs, signs) == 0.0, np.abs(correlation), np.outer(signs, signs) * correlation
    )
    return max(float(reach @ together @ reach), float((reach**2).max()))


def _by_bin(sure: Array, right: Array, sampling: Sampling, confidence: float, bins: int) -> _Bins:
    missing = np.isnan(sure)
    residual = np.where(missing, 0.0, right - sure)
    place = np.where(missing, -1, bin_of(np.where(missing, 0.0, sure), bins))
    columns = [(b, np.where(place == b, residual, 0.0)) for b in range(bins) if (place == b).any()]
    means, below, above = [], [], []
    for b, column in columns:
        # Within a bin a residual can only lie so far from 0 on either side.
        low, high = sampling.limits(
            column, -(b + 1) / bins - _ROUNDING, 1.0 - b / bins + _ROUNDING, confidence
        )
        means.append(float(column.mean()))
        below.append(means[-1] - low)
        above.append(high - means[-1])
    return _Bins(
        np.array(means),
        np.maximum(np.array(below), 0.0),
        np.maximum(np.array(above), 0.0),
        _correlation(np.stack([column for _, column in columns]), sampling),
    )


def _correlation(columns: Array, sampling: Sampling) -> Array:
    """Between the means of the columns, by clusters."""
    codes = sampling.codes
    sizes = np.bincount(codes)
    totals = np.stack([np.bincount(codes, weights=column) for column in columns])
    apart = totals - columns.mean(1)[:, None] * sizes
    covariance = apart @ apart.T
    spread = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = covariance / np.outer(spread, spread)
    found = np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def _census(residual: Array, sure: Array, missing: NDArray[np.bool_], bins: int) -> tuple[float, float]:
    """Everything was seen: only the units without a value leave room."""
    gaps = np.bincount(bin_of(sure[~missing], bins), weights=residual[~missing])
    total, lost = float(np.abs(gaps).sum()), float(missing.sum())
    return max(total - lost, 0.0) / len(sure), min(total + lost, float(len(sure))) / len(sure)
