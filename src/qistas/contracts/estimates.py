"""An estimate: a number that is never alone."""

from __future__ import annotations

import msgspec


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A value with its interval, or *not estimable* with a reason.

    ``value`` is the mean over scored units, or the statistic that is computed from them; ``low`` and ``high`` are in the metric's unit and bound the
    quantity at ``confidence`` (0-1), with every unscored unit taken at its worst and at its best.
    ``n`` counts samples, ``clusters`` the units of analysis, ``unscored`` the samples without a value.
    ``method`` names the interval, its target size and what it answers ("new questions", ...).
    """

    value: float | None
    low: float | None
    high: float | None
    confidence: float
    n: int
    clusters: int
    unscored: int
    method: str
    reason: str | None = None

    @property
    def estimable(self) -> bool:
        """Whether a number stands here at all."""
        return self.low is not None and self.high is not None


def not_estimable(
    reason: str, *, method: str, confidence: float = 0.95, n: int = 0, clusters: int = 0, unscored: int = 0
) -> Estimate:
    """An estimate that says why there is no number."""
    return Estimate(
        value=None,
        low=None,
        high=None,
        confidence=confidence,
        n=n,
        clusters=clusters,
        unscored=unscored,
        method=method,
        reason=reason,
    )
