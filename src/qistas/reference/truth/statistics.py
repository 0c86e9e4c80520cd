"""How the values of a whole population become one number, written out plainly.

Nothing is shared with the instruments' own statistics: that both give the same number is what calibration shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from qistas.contracts.documents import MetricCard
from qistas.contracts.errors import BadInput, Fault
from qistas.reference.truth.contract import Values

Pairs = Sequence[tuple[float, float]]


def exact_value(metric: MetricCard, population: Sequence[Values]) -> float | None:
    """The number that ``metric`` is over ``population``: all values there are.

    ``None`` where there is none: no row has the values, or the ratio is one to a sum of 0.

    Raises:
        BadInput: a value is not a finite number.
    """
    names = needed(metric)
    rows = [[values[name] for name in names] for values in having(metric, population)]
    if not rows:
        return None
    if not all(math.isfinite(value) for row in rows for value in row):
        raise BadInput(Fault(f"a value for {metric.id!r} is not a finite number"))
    if metric.statistic == "mean":
        return math.fsum(row[0] for row in rows) / len(rows)
    pairs = [(row[0], row[1]) for row in rows]
    if metric.statistic == "ece":
        return expected_calibration_error(pairs, metric.bins)
    return _OF_PAIRS[metric.statistic](pairs)


def needed(metric: MetricCard) -> tuple[str, ...]:
    """The values a row must have to count for ``metric``."""
    return (metric.id,) if metric.statistic == "mean" else metric.of


def having(metric: MetricCard, population: Sequence[Values]) -> list[Values]:
    """The rows that count for ``metric``."""
    return [values for values in population if all(name in values for name in needed(metric))]


def ratio(pairs: Pairs) -> float | None:
    """The sum of the first over the sum of the second; ``None`` where the second is 0."""
    below = math.fsum(second for _, second in pairs)
    return math.fsum(first for first, _ in pairs) / below if below else None


def expected_calibration_error(pairs: Pairs, bins: int) -> float:
    """Σ n_b/n·|accuracy_b - confidence_b| of (confidence, correct), in bins closed below and open above.

    The bins have equal width and the last one is closed (Naeini, Cooper and Hauskrecht, 2015).
    """
    gaps: dict[int, list[float]] = {}
    for confidence, correct in pairs:
        # Exact fractions: whether 0.3 falls into the bin from 0.3 on must not hang on a rounding.
        place = sum(confidence >= float(Fraction(edge, bins)) for edge in range(1, bins))
        gaps.setdefault(place, []).append(correct - confidence)
    return math.fsum(abs(math.fsum(gap)) for gap in gaps.values()) / len(pairs)


def area_under_risk_coverage(pairs: Pairs) -> float:
    """The mean over k of the error rate of the k most confident of (confidence, correct); equals in random order.

    Geifman and El-Yaniv (2017).
    """
    by_confidence: dict[float, list[float]] = {}
    for confidence, correct in pairs:
        by_confidence.setdefault(confidence, []).append(1.0 - correct)
    taken, errors = 0, 0.0
    rates: list[float] = []
    for confidence in sorted(by_confidence, reverse=True):
        wrong = by_confidence[confidence]
        each = math.fsum(wrong) / len(wrong)
        rates += [(errors + step * each) / (taken + step) for step in range(1, len(wrong) + 1)]
        taken, errors = taken + len(wrong), errors + math.fsum(wrong)
    return math.fsum(rates) / len(rates)


_OF_PAIRS: Mapping[str, Callable[[Pairs], float | None]] = {"ratio": ratio, "aurc": area_under_risk_coverage}
