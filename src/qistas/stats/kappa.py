"""How far two raters agree on ordered values beyond chance: Cohen's κ with linear weights (Cohen, 1968)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qistas.contracts.errors import Fault
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._checks import confidence_faults, length_faults, refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_METHOD = "cluster-bootstrap; answers new clusters, every cluster weighs the same"
_DIFFERENCE = "paired-cluster-bootstrap; answers new clusters, every cluster weighs the same"
# With fewer resamples in which κ is defined, their quantiles say nothing.
_LEAST_DEFINED = 0.5


class Rated(NamedTuple):
    """What a person and a rater said of one thing; ``rater`` is ``None`` where the rater abstained."""

    human: str
    rater: str | None
    cluster: str


def linear_kappa(
    rated: Sequence[Rated],
    levels: Sequence[str],
    *,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Estimate:
    """κ of a person and a rater, -1 to 1, over what the rater did not abstain from.

    ``levels`` are in their order; two values that are k of n - 1 steps apart disagree by k / (n - 1). Things of one cluster share
    the weight of one. The interval takes percentiles over ``draws`` resamples of the clusters; in the few in which κ is not
    defined (both raters gave one and the same value throughout) it is left out.

    Not estimable with fewer than two clusters, or where κ itself is not defined.

    Raises:
        BadInput: a value that is no level, or a confidence outside 0 to 1.
    """
    refuse([*confidence_faults(confidence), *_value_faults(rated, levels)])
    counts, _ = _counts([pair for pair in rated if pair.rater is not None], levels)
    drawn = _kappas(_resampled(counts, draws, seed))
    return _estimate(_kappas(counts.sum(axis=0)), drawn, rated, confidence, len(counts), _METHOD)


def kappa_difference(
    first: Sequence[Rated],
    second: Sequence[Rated],
    levels: Sequence[str],
    *,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Estimate:
    """κ of the first rater less κ of the second, over the same things: those from which neither abstained.

    The same resamples of the clusters are taken for both, as in `linear_kappa`.

    Raises:
        BadInput: the columns are not about the same things, or as in `linear_kappa`.
    """
    faults = confidence_faults(confidence) + length_faults(len(first), len(second), name="second")
    faults += [*_value_faults(first, levels), *_value_faults(second, levels)]
    together = list(zip(first, second, strict=False))
    if any((one.human, one.cluster) != (two.human, two.cluster) for one, two in together):
        faults.append(Fault("the two raters rated different things", "second", "give both in the same order"))
    refuse(faults)
    both = [(one, two) for one, two in together if one.rater is not None and two.rater is not None]
    counts, clusters = _counts([one for one, _ in both], levels)
    others, _ = _counts([two for _, two in both], levels, clusters)
    value = _kappas(counts.sum(axis=0)) - _kappas(others.sum(axis=0))
    drawn = _kappas(_resampled(counts, draws, seed)) - _kappas(_resampled(others, draws, seed))
    unscored = [one if two.rater is not None else two for one, two in together]
    return _estimate(value, drawn, unscored, confidence, len(counts), _DIFFERENCE)


def shared_mean(values: Sequence[float], clusters: Sequence[str]) -> float:
    """The mean over clusters of the means within them; NaN without values."""
    groups: dict[str, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        groups.setdefault(cluster, []).append(value)
    return sum(sum(group) / len(group) for group in groups.values()) / len(groups) if groups else float("nan")


def _estimate(
    value: Array, drawn: Array, rated: Sequence[Rated], confidence: float, clusters: int, method: str
) -> Estimate:
    unscored = sum(pair.rater is None for pair in rated)
    defined = drawn[np.isfinite(drawn)]
    reason = None
    if clusters < 2:
        reason = (
            "there are fewer than two clusters with a rated thing, so how another would differ cannot be seen"
        )
    elif not np.isfinite(value):
        reason = (
            "both raters gave one and the same value throughout, so agreement beyond chance is not defined"
        )
    elif len(defined) < _LEAST_DEFINED * len(drawn):
        reason = "in most resamples both raters gave one and the same value throughout"
    if reason:
        return not_estimable(
            reason,
            method=method,
            confidence=confidence,
            n=len(rated),
            clusters=clusters,
            unscored=unscored,
        )
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(defined, [tail, 1.0 - tail])
    at = float(value)
    return Estimate(
        value=at,
        low=min(float(low), at),
        high=max(float(high), at),
        confidence=confidence,
        n=len(rated),
        clusters=clusters,
        unscored=unscored,
        method=method,
    )


def _counts(
    rated: Sequence[Rated], levels: Sequence[str], clusters: dict[str, int] | None = None
) -> tuple[Array, dict[str, int]]:
    """Per cluster the shares of its things by human and rater (cluster × human × rater), each cluster summing to 1."""
    places = {level: place for place, level in enumerate(levels)}
    numbers = clusters if clusters is not None else {}
    for pair in rated:
        numbers.setdefault(pair.cluster, len(numbers))
    counts = np.zeros((len(numbers), len(places), len(places)))
    for pair in rated:
        counts[numbers[pair.cluster], places[pair.human], places[str(pair.rater)]] += 1.0
    return counts / np.maximum(counts.sum(axis=(1, 2), keepdims=True), 1.0), numbers


def _resampled(counts: Array, draws: int, seed: int) -> Array:
    """The sums of as many clusters, drawn with replacement, in each of ``draws`` resamples."""
    size = len(counts)
    if not size:
        return np.zeros((draws, *counts.shape[1:]))
    drawn = np.random.default_rng(seed).multinomial(size, np.full(size, 1.0 / size), size=draws)
    sums: Array = np.einsum("dc,chr->dhr", drawn.astype(np.float64), counts)
    return sums


def _kappas(sums: Array) -> Array:
    """κ of each table (… × human × rater); NaN where both gave one and the same value."""
    levels = sums.shape[-1]
    apart = np.abs(np.subtract.outer(np.arange(levels), np.arange(levels))) / max(levels - 1, 1)
    total = sums.sum(axis=(-2, -1))
    observed = (sums * apart).sum(axis=(-2, -1)) * total
    margins = sums.sum(axis=-1)[..., :, None] * sums.sum(axis=-2)[..., None, :]
    expected = (margins * apart).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0.0, 1.0 - observed / expected, np.nan)


def _value_faults(rated: Sequence[Rated], levels: Sequence[str]) -> list[Fault]:
    strange = {value for pair in rated for value in (pair.human, pair.rater) if value not in {*levels, None}}
    return [
        Fault(f"{value!r} is no level", "rated", f"use {', '.join(levels)}")
        for value in sorted(map(str, strange))
    ]
