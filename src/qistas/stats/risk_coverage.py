"""The area under the risk-coverage curve: how wrong a model is on what it is most sure of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._checks import pair_faults, refuse
from qistas.stats._columns import both

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qistas.stats.sampling import Sampling

    Array = NDArray[np.float64]


def risk_coverage_area(
    confidences: Sequence[float | None],
    correct: Sequence[float | None],
    sampling: Sampling,
    *,
    confidence: float,
) -> Estimate:
    """The mean over k of the error rate among the k most confident samples (Geifman and El-Yaniv, 2017), 0-1.

    0 is a model that is never wrong; the error rate itself is one whose confidence says nothing. Among samples
    of equal confidence the order is random, and the value its mean over orders.

    The interval is that of the mean of the samples' influences on the area (Hampel, 1974), counted as graded
    values within the range that one sample can move it by, so that few errors do not pass for certainty. It reaches at least as far as
    the area would move if the largest share of samples that such a sample may well hold none of were errors (or
    right answers) of the highest confidence. Samples without a value are taken as right and as wrong there.

    Not estimable with fewer than two clusters, or with nothing scored.

    Raises:
        BadInput: a value outside 0 to 1, columns of different lengths, or a confidence outside 0 to 1.
    """
    n = len(confidences)
    refuse(pair_faults(("confidences", confidences), ("correct", correct), confidence, sampling))
    sure, right = both(confidences, correct)
    missing = np.isnan(sure)
    unscored = int(missing.sum())
    method = f"{'census' if sampling.complete else 'risk-coverage-influence'}; {sampling.question}"
    nothing = not_estimable(
        "", method=method, confidence=confidence, n=n, clusters=sampling.units, unscored=unscored
    )
    reason = sampling.refusal(n, unscored)
    if reason:
        return replace(nothing, reason=reason)
    value = area(sure[~missing], 1.0 - right[~missing])
    # Right at the highest confidence makes the area least, wrong there makes it greatest.
    completions = [
        (np.where(missing, 2.0, sure), np.where(missing, wrong, 1.0 - right)) for wrong in (0.0, 1.0)
    ]
    limits = [_limits(*columns, sampling, confidence) for columns in completions]
    low, high = min(pair[0] for pair in limits), max(pair[1] for pair in limits)
    return replace(nothing, value=value, low=min(low, value), high=max(high, value), reason=None)


def area(confidences: Array, wrong: Array) -> float:
    """The area of these samples themselves; ``wrong`` is 0 or 1, or a grade between them."""
    return float((wrong * _Curve(confidences).weights).mean())


class _Curve:
    """Samples in the order of their confidence, equals taken together."""

    def __init__(self, confidences: Array) -> None:
        n = len(confidences)
        self.ranks = np.arange(1.0, n + 1.0)
        self.order = np.argsort(-confidences, kind="stable")
        self.groups = np.unique(-confidences, return_inverse=True)[1]
        # What an error counts at its place: 1/k for each k from its rank on.
        self.weights = self.alike(np.cumsum(1.0 / self.ranks[::-1])[::-1])

    def alike(self, by_rank: Array) -> Array:
        """Values by rank, averaged over samples of equal confidence and put back in the samples' own order."""
        means = np.bincount(self.groups[self.order], weights=by_rank) / np.bincount(self.groups)
        return np.asarray(means[self.groups])


def _limits(sure: Array, wrong: Array, sampling: Sampling, confidence: float) -> tuple[float, float]:
    value = area(sure, wrong)
    if sampling.complete:
        return value, value
    moved, least, greatest = _influences(sure, wrong)
    low, high = sampling.limits(value + moved, value + least, value + greatest, confidence)
    hidden = sampling.limits(np.zeros(len(sure)), 0.0, 1.0, confidence)[1]
    return (
        max(min(low, _mixed(sure, wrong, hidden, 0.0)), 0.0),
        min(max(high, _mixed(sure, wrong, hidden, 1.0)), 1.0),
    )


def _influences(sure: Array, wrong: Array) -> tuple[Array, float, float]:
    """How far each sample moves the area, per share of all samples; and the least and the most that one could.

    An error counts by its rank, and every sample pushes those below it one rank down.
    """
    curve = _Curve(sure)
    rates = np.bincount(curve.groups, weights=wrong) / np.bincount(curve.groups)
    pushed = np.cumsum((rates[curve.groups][curve.order] / curve.ranks)[::-1])[::-1]
    value, rate = float((wrong * curve.weights).mean()), float(wrong.mean())
    least = rate - value - float(pushed[0])
    return (
        wrong * curve.weights - value + rate - curve.alike(pushed),
        least,
        least + 1.0 + float(np.log(len(sure))),
    )


def _mixed(sure: Array, wrong: Array, share: float, fill: float) -> float:
    """The area if a share of all were right (0) or wrong (1) at a higher confidence than any."""
    n = len(sure)
    more = max(round(n * share / max(1.0 - share, 1e-9)), 1)
    return area(np.append(sure, np.full(more, 3.0)), np.append(wrong, np.full(more, fill)))
