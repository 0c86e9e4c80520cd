"""Differences between two subjects that were given the same samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._checks import confidence_faults, length_faults, refuse, value_faults
from qistas.stats._columns import column
from qistas.stats._difference import difference_limits
from qistas.stats._effective import Clusters, by_cluster, cluster_size, graded_size
from qistas.stats.clusters import cluster_codes, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qistas.stats._binomial import Limits

    Array = NDArray[np.float64]


def paired_difference(
    a: Sequence[float | None],
    b: Sequence[float | None],
    clusters: Sequence[str] | None = None,
    *,
    confidence: float,
) -> Estimate:
    """The mean of ``a`` minus the mean of ``b`` over the same samples, from -1 to 1.

    Values lie in 0-1; ``None`` is unscored. The value is the mean difference over pairs scored on both sides.
    The low limit holds with every missing value of ``a`` at 0 and of ``b`` at 1, the high limit the other way
    round. For 0-or-1 values without clusters the interval leaves 0 out only where the exact McNemar test rejects
    equality. Graded values and clusters are counted at their effective size (see `clustered_mean`).

    Not estimable without a pair scored on both sides, or with a single cluster.

    Raises:
        BadInput: a value outside 0 to 1, columns of different lengths, or a confidence outside 0 to 1.
    """
    faults = confidence_faults(confidence) + value_faults(a, name="a") + value_faults(b, name="b")
    faults += length_faults(len(a), len(b), name="b")
    if clusters is not None:
        faults += length_faults(len(a), len(clusters), name="clusters")
    refuse(faults)
    n = len(a)
    codes, count = cluster_codes(clusters if clusters is not None else [str(i) for i in range(n)])
    left, right = column(a), column(b)
    scored = ~(np.isnan(left) | np.isnan(right))
    unscored = int(n - scored.sum())
    method = _method(left[scored] - right[scored], n == count)
    reason = refusal(n, max(count, 2) if clusters is None else count, unscored)
    if reason:
        return not_estimable(
            reason, method=method, confidence=confidence, n=n, clusters=count, unscored=unscored
        )
    mean = float(np.mean(left[scored] - right[scored]))
    low, high = _over_completions(left, right, codes, confidence)
    return Estimate(
        value=mean,
        low=min(low, mean),
        high=max(high, mean),
        confidence=confidence,
        n=n,
        clusters=count,
        unscored=unscored,
        method=method,
    )


def difference_interval(
    differences: Array, codes: NDArray[np.int64], confidence: float
) -> tuple[float, float]:
    """Limits of the mean of differences in -1 to 1, whose clusters are numbered by ``codes``."""
    gain = np.maximum(differences, 0.0)
    loss = np.maximum(-differences, 0.0)
    n = len(differences)
    size = np.asarray(float(n))
    variance = _unit_variance(gain.mean(), loss.mean())
    sizes, gains, losses = by_cluster(codes, gain, loss)
    if np.ptp(differences) == 0.0 and len(sizes) < n:
        variance = np.asarray(0.0)
    if not np.all(np.isin(differences, (-1.0, 0.0, 1.0))):
        size = graded_size(differences, variance, confidence)
    if len(sizes) < n:
        size = _size((gains, losses, sizes), np.asarray((differences**2).sum()), variance, size, confidence)
    low, high = difference_limits(gain.mean() * size, loss.mean() * size, size, confidence)
    return float(low), float(high)


def clustered_difference_limits(gains: Array, losses: Array, sizes: Array, confidence: float) -> Limits:
    """Limits for replicates of clustered discordant counts: sums by cluster along the last axis."""
    samples = sizes.sum(-1)
    variance = _unit_variance(gains.sum(-1) / samples, losses.sum(-1) / samples)
    discordant = (gains + losses).sum(-1)
    size = _size((gains, losses, sizes), discordant, variance, samples, confidence)
    return difference_limits(
        gains.sum(-1) / samples * size, losses.sum(-1) / samples * size, size, confidence
    )


def _size(
    sums: tuple[Array, Array, Array],
    squares: Array,
    unit_variance: Array,
    sample_size: Array,
    confidence: float,
) -> Array:
    """A cluster informs by its discordant pairs, or by what it lacks to being all gain or all loss."""
    gains, losses, sizes = sums
    masses = (gains + losses, sizes - gains, sizes - losses)
    clusters = Clusters(gains - losses, sizes, squares)
    return cluster_size(clusters, unit_variance, masses, sample_size, confidence)


def _unit_variance(gain: Array, loss: Array) -> Array:
    return np.asarray(np.maximum(gain + loss - (gain - loss) ** 2, 0.0))


def _over_completions(
    left: Array, right: Array, codes: NDArray[np.int64], confidence: float
) -> tuple[float, float]:
    """The hull over missing values at their worst, at their best, and left out."""
    scored = ~(np.isnan(left) | np.isnan(right))
    if scored.all():
        return difference_interval(left - right, codes, confidence)
    completed = [np.nan_to_num(left, nan=fill) - np.nan_to_num(right, nan=1.0 - fill) for fill in (0.0, 1.0)]
    limits = [difference_interval(differences, codes, confidence) for differences in completed]
    if len(np.unique(codes[scored])) > 1:
        limits.append(difference_interval((left - right)[scored], codes[scored], confidence))
    return min(low for low, _ in limits), max(high for _, high in limits)


def _method(differences: Array, singletons: bool) -> str:
    if not singletons:
        return "paired-effective-size; answers new clusters"
    if np.all(np.isin(differences, (-1.0, 0.0, 1.0))):
        return "paired-score; answers new questions"
    return "paired-effective-size; answers new questions"
