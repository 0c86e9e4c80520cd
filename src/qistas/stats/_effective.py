"""Effective sizes: how many independent yes-or-no answers a set of samples is worth.

An interval for independent answers, taken at the effective size, is then an interval for samples that are graded
or that come in clusters (Korn and Graubard, 1998). Three things are ours. First, the degrees of freedom count only
clusters that *inform*: with three rare failures in three of a hundred clusters the variance is known from three
clusters, not from a hundred, and pretending otherwise costs up to sixteen points of coverage. Second, the size
never falls below the number of clusters, because the limits at that size hold whatever happens within a cluster.
Third, where clusters differ in size, the variance that their correlation implies is a second opinion, and the larger
of the two counts: failures in small clusters only say little about how far large ones may stray.

Arrays: the last axis runs over clusters (or samples); leading axes are replicates.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qistas.stats._quantiles import normal_quantile, student_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

# Below this many degrees of freedom Student's quantile is beyond any use, and the size is its floor anyhow.
_FEWEST_DEGREES = 0.02


class Clusters(NamedTuple):
    """Sums by cluster, along the last axis: ``totals`` of the values, ``sizes`` in samples; ``squares`` over all."""

    totals: Array
    sizes: Array
    squares: Array

    @property
    def number(self) -> int:
        """How many clusters there are."""
        return int(self.totals.shape[-1])

    @property
    def samples(self) -> Array:
        """Samples in all clusters."""
        return np.asarray(self.sizes.sum(-1))

    @property
    def mean(self) -> Array:
        """Mean over samples."""
        return np.asarray(self.totals.sum(-1) / self.samples)

    @property
    def equal_size_count(self) -> Array:
        """How many clusters of equal size these unequal ones are worth (Kish, 1965)."""
        return np.asarray(self.samples**2 / (self.sizes**2).sum(-1))

    def variance(self) -> Array:
        """Variance of the mean between clusters, linearised because the cluster sizes vary too."""
        residuals = self.totals - self.mean[..., None] * self.sizes
        return np.asarray(self.number / (self.number - 1) * (residuals**2).sum(-1) / self.samples**2)

    def correlation(self) -> Array:
        """Intra-cluster correlation by analysis of variance, 0-1; needs more samples than clusters."""
        samples, number = self.samples, self.number
        by_means = (self.totals**2 / self.sizes).sum(-1)
        between = (by_means - samples * self.mean**2) / (number - 1)
        within = np.fmax(self.squares - by_means, 0.0) / (samples - number)
        typical = (samples - (self.sizes**2).sum(-1) / samples) / (number - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (between - within) / (between + (typical - 1.0) * within)
        return np.asarray(np.clip(np.nan_to_num(ratio, nan=0.0), 0.0, 1.0))


def by_cluster(codes: NDArray[np.int64], *columns: Array) -> list[Array]:
    """The size of each cluster, then its total in each column; cluster numbers that do not occur are left out."""
    sizes = np.bincount(codes)
    sums = [sizes, *(np.bincount(codes, weights=column) for column in columns)]
    return [np.asarray(total[sizes > 0], dtype=np.float64) for total in sums]


def informative(*masses: Array) -> Array:
    """How many clusters carry a mass between them: (Σm)² / Σm², the least over several masses; at least 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        counts = [mass.sum(-1) ** 2 / (mass**2).sum(-1) for mass in masses]
    least = reduce(np.fmin, counts)
    return np.asarray(np.where(np.isfinite(least), least, 1.0))


def graded_size(values: Array, unit_variance: Array, confidence: float) -> Array:
    """What independent graded values are worth in yes-or-no answers of the same mean; never fewer than given.

    ``unit_variance`` is the variance of one yes-or-no answer of that mean. The spread seen is mixed with 2z²
    pseudo-answers of that variance, so that equal values do not pass for certainty; Student's quantile takes the
    degrees of freedom that the tails leave, 2n / (kurtosis - 1), at most n - 1.
    """
    n = values.shape[-1]
    z = normal_quantile(confidence)
    guard = 2.0 * z * z
    squares = (values - values.mean(-1, keepdims=True)) ** 2
    spread = squares.mean(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = (squares**2).mean(-1) / spread**2 - 1.0
        degrees = np.fmin(2.0 * n / excess, n - 1.0)
        size = (n + guard) * unit_variance / (spread + guard * unit_variance / n)
        size = size * student_loss(degrees, confidence)
    return np.asarray(np.fmax(size, n))


def cluster_size(
    clusters: Clusters, unit_variance: Array, masses: Sequence[Array], sample_size: Array, confidence: float
) -> Array:
    """What clustered samples are worth in independent answers: from the number of clusters to ``sample_size``.

    ``masses`` are what makes a cluster informative (its successes, its failures); ``sample_size`` is what the
    samples would be worth if clusters did not matter. Where nothing varies, it is the number of clusters.
    """
    floor = clusters.equal_size_count
    inflation = 1.0 + (clusters.samples / floor - 1.0) * clusters.correlation()
    degrees = informative(*masses, clusters.sizes**2) - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.fmin(unit_variance / clusters.variance(), sample_size / inflation)
    size = size * student_loss(degrees, confidence)
    return np.asarray(np.where(unit_variance > 0.0, np.clip(size, floor, np.fmax(sample_size, floor)), floor))


def student_loss(degrees: Array, confidence: float) -> Array:
    """The share of the size that is left when the variance has to be estimated with so many degrees of freedom."""
    usable = np.fmax(degrees, _FEWEST_DEGREES)
    return np.asarray((normal_quantile(confidence) / student_quantile(usable, confidence)) ** 2)
