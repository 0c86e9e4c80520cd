"""Proportions of independent samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qistas.contracts.errors import Fault
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._binomial import clopper_pearson, wilson_score
from qistas.stats._checks import confidence_faults, count_faults, refuse, value_faults

if TYPE_CHECKING:
    from collections.abc import Sequence

_LIMITS = {"wilson": wilson_score, "exact": clopper_pearson}
_NAMES = {"wilson": "wilson", "exact": "clopper-pearson"}


def wilson(successes: float, n: float, confidence: float) -> tuple[float, float]:
    """Wilson's score interval of ``successes`` out of ``n``: limits in 0-1 (Wilson, 1927).

    Short, and right on average over proportions; for a rare event it covers less than it says
    (0.86 instead of 0.95 at worst in ``docs/coverage.md``). A requirement is decided with `exact`.

    Raises:
        BadInput: a count outside 0 to ``n``, ``n`` below 1, or a confidence outside 0 to 1.
    """
    return _limits("wilson", successes, n, confidence)


def exact(successes: float, n: float, confidence: float) -> tuple[float, float]:
    """The exact interval of ``successes`` out of ``n``: limits in 0-1 (Clopper and Pearson, 1934).

    It covers at least what it says at every proportion and size, so it is wider than need be on average.

    Raises:
        BadInput: as `wilson`.
    """
    return _limits("exact", successes, n, confidence)


def proportion(
    values: Sequence[float | None], *, confidence: float, method: Literal["wilson", "exact"] = "exact"
) -> Estimate:
    """The share of successes among independent samples, 0-1.

    ``values`` are 0 or 1, or grades between them (their sum then counts as a fractional number of successes,
    which widens the interval more than it need be); ``None`` is an unscored sample. The value is the mean over
    scored samples; the low limit counts every unscored sample as 0, the high limit as 1.

    Raises:
        BadInput: a value outside 0 to 1, an unknown method, or a confidence outside 0 to 1.
    """
    faults = confidence_faults(confidence) + value_faults(values)
    if method not in _LIMITS:
        faults.append(Fault(f"unknown method {method!r}", "method", f"one of {', '.join(sorted(_LIMITS))}"))
    refuse(faults)
    scored = [float(value) for value in values if value is not None]
    n, unscored = len(values), len(values) - len(scored)
    name = f"{_NAMES[method]}; answers new questions"
    if not scored:
        reason = "every sample is unscored" if n else "there are no samples"
        return not_estimable(reason, method=name, confidence=confidence, n=n, clusters=n, unscored=unscored)
    total = sum(scored)
    return Estimate(
        value=total / len(scored),
        low=_limits(method, total, n, confidence)[0],
        high=_limits(method, min(total + unscored, n), n, confidence)[1],
        confidence=confidence,
        n=n,
        clusters=n,
        unscored=unscored,
        method=name,
    )


def _limits(method: str, successes: float, n: float, confidence: float) -> tuple[float, float]:
    refuse(confidence_faults(confidence) + count_faults(successes, n))
    low, high = _LIMITS[method](successes, n, confidence)
    return float(low), float(high)
