"""Paired tests of two subjects on the same samples, and many of them at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec.structs import replace

from qistas.contracts.estimates import Estimate
from qistas.stats._columns import column
from qistas.stats._effective import student_loss
from qistas.stats._quantiles import normal_quantile
from qistas.stats.clusters import cluster_codes
from qistas.stats.differences import mean_difference
from qistas.stats.paired import paired_difference
from qistas.stats.repeats import repeated_measure
from qistas.stats.sampling import NewQuestions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Values = Sequence[float | None]
    Bounds = tuple[float, float]

# Beyond twelve decimals quantiles are no longer exact; no smaller p-value is given.
_MOST_DECIMALS = 12.0
_HALVINGS = 30
# So many pairs that speak for one side are below any p-value that is given.
_ENOUGH = 64


class Discordance(NamedTuple):
    """How many pairs scored on both sides differ in either direction, how many do not, how many lack a score."""

    a_higher: int
    b_higher: int
    equal: int
    unscored: int


def discordance(a: Values, b: Values) -> Discordance:
    """The pairs of two columns of equal length, sorted by which value is the higher; ``None`` is unscored."""
    gaps = column(a) - column(b)
    missing = int(np.isnan(gaps).sum())
    above, below = int((gaps > 0.0).sum()), int((gaps < 0.0).sum())
    return Discordance(above, below, len(gaps) - above - below - missing, missing)


def paired_mean(
    a: Values, b: Values, clusters: Sequence[str], *, bounds: Bounds | None, confidence: float
) -> Estimate:
    """The mean of ``a`` minus the mean of ``b`` over the same samples, in their unit.

    Values in 0-1 by `paired_difference`, within other ``bounds`` by `mean_difference` of what each pair gained or
    lost. Without bounds (seconds, bytes) Student's t interval of the differences, each the mean of a cluster's, as in the paired
    t-test (Student, 1908).

    Raises:
        BadInput: a value outside the bounds, or columns of different lengths.
    """
    if bounds == (0.0, 1.0):
        return paired_difference(a, b, clusters, confidence=confidence)
    gaps = [None if one is None or two is None else one - two for one, two in zip(a, b, strict=True)]
    if bounds is None:
        return _paired_t(gaps, clusters, confidence)
    scale = bounds[1] - bounds[0]
    found = mean_difference(
        [None if gap is None else gap / scale for gap in gaps],
        NewQuestions(tuple(clusters)),
        confidence=confidence,
    )
    stretched = {
        name: None if (end := getattr(found, name)) is None else end * scale
        for name in ("value", "low", "high")
    }
    return replace(found, method=f"paired-{found.method}", **stretched)


def _paired_t(gaps: Values, clusters: Sequence[str], confidence: float) -> Estimate:
    codes, count = cluster_codes(clusters)
    if count < len(gaps):
        by_cluster: list[list[float | None]] = [[] for _ in range(count)]
        for code, gap in zip(codes.tolist(), gaps, strict=True):
            by_cluster[code].append(gap)
        gaps = [None if None in some else sum(gap or 0.0 for gap in some) / len(some) for some in by_cluster]
    found = repeated_measure(gaps, confidence=confidence)
    question = "answers another repeat here" if count == len(clusters) else "answers new clusters"
    return replace(found, n=len(clusters), method=f"paired-t; {question}")


def p_value(interval: Callable[[float], Estimate]) -> float | None:
    """The two-sided p-value that belongs to an interval: 1 minus the greatest confidence at which it leaves 0 out.

    ``interval`` gives the estimate at a confidence in 0-1. So a test and its interval never contradict each other; for 0-or-1
    pairs without clusters it is never below that of the exact McNemar test (1947). ``None`` where nothing can be estimated; 1e-12 at least.
    """
    if not interval(0.5).estimable:
        return None
    if not _leaves_zero_out(interval, 1e-3):
        return 1.0
    rejected, kept = 1e-3, _MOST_DECIMALS
    if _leaves_zero_out(interval, kept):
        return float(10.0**-kept)
    for _ in range(_HALVINGS):
        middle = (rejected + kept) / 2.0
        if _leaves_zero_out(interval, middle):
            rejected = middle
        else:
            kept = middle
    return float(10.0**-rejected)


def _leaves_zero_out(interval: Callable[[float], Estimate], decimals: float) -> bool:
    found = interval(1.0 - 10.0**-decimals)
    return found.low is not None and found.high is not None and (found.low > 0.0 or found.high < 0.0)


def could_differ(n: int, clusters: int, *, bounds: Bounds | None, error: float) -> bool:
    """Whether `paired_mean` of ``n`` pairs in so many clusters could leave 0 out at confidence 1 - ``error`` at all.

    Known before anything is seen: every pair speaks for one side, and counts for as much as pairs ever do; the exact
    sign test of that many is the least p-value. Where clusters repeat or values are graded that is more than the clusters
    are (`graded_size`, `cluster_size`): n + n²/2z², less what Student's quantile takes with clusters - 1 degrees of
    freedom. Without ``bounds`` a pair may say anything.
    """
    if bounds is None:
        return True
    if clusters < 2:
        return False
    most = n + n * n / (2.0 * float(normal_quantile(1.0 - error)) ** 2)
    size = max(clusters, math.ceil(most * float(student_loss(np.asarray(clusters - 1.0), 1.0 - error))))
    return 2.0 ** (1 - min(size, _ENOUGH)) <= error


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values (1979), in the order given.

    Whatever depends on what, the probability that any true equality is rejected at a level is at most that level.
    """
    count = len(p_values)
    adjusted, so_far = [0.0] * count, 0.0
    for rank, place in enumerate(sorted(range(count), key=lambda index: p_values[index])):
        so_far = max(so_far, min(1.0, (count - rank) * p_values[place]))
        adjusted[place] = so_far
    return adjusted
