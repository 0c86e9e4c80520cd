"""How often an interval holds the planted value when the sampling, and nothing else, is repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

import msgspec

from qistas.contracts.calibrations import Claim, Coverage
from qistas.contracts.documents import Criterion, EvaluationCard
from qistas.contracts.estimates import Estimate
from qistas.contracts.records import Observation, Sample
from qistas.findings.estimating import finite_estimate, value_of
from qistas.findings.order import seeded_order
from qistas.findings.recovery import WHOLE_TOLERANCE, ends, holds

# All lines of a table together may be called short by chance this often.
SIGNIFICANCE = 0.05

Counts = tuple[int, int, int, int]


def orders(
    samples: Sequence[Sample], criterion: Criterion, card: EvaluationCard, seeds: Iterable[int]
) -> list[list[str]]:
    """All samples of an evaluation in each seed's order; a stratum's own order is the part of it that it keeps."""
    everything = msgspec.structs.replace(criterion, where={}, samples=max(1, len(samples)))
    return [[s.id for s in seeded_order(samples, everything, card, seed, None)] for seed in seeds]


class Repeats:
    """One line's estimates over many drawings from what was observed on the whole population."""

    def __init__(
        self,
        claim: Claim,
        criterion: Criterion,
        card: EvaluationCard,
        observed: Mapping[str, Observation],
    ) -> None:
        self._claim, self._criterion, self._card = claim, criterion, card
        self._observed = {
            name: observation
            for name, observation in observed.items()
            if all(observation.strata.get(key) == value for key, value in criterion.where.items())
        }
        self._binary = self._as_binary()
        self._known: dict[Counts, Estimate] = {}

    def _as_binary(self) -> dict[str, int] | None:
        """Which of four things each sample is, where only their counts matter: 0, 1, unscored, not applicable.

        They do for a mean of such values with every sample a unit of its own.
        """
        places: dict[str, int] = {}
        clusters = {observation.cluster for observation in self._observed.values()}
        if not self._claim.share or len(clusters) < len(self._observed):
            return None
        for name, observation in self._observed.items():
            applies, value = value_of(observation, self._claim.metric)
            if value not in (0.0, 1.0, None):
                return None
            places[name] = 3 if not applies else 2 if value is None else int(value)
        return places

    def estimate(self, order: Sequence[str]) -> Estimate:
        """The estimate from the first samples of the stratum's order, as many as the criterion asks for."""
        kept = order[: self._criterion.samples]
        if self._binary is None:
            return self._estimate(kept)
        places = [self._binary[name] for name in kept]
        counts = (places.count(0), places.count(1), places.count(2), places.count(3))
        if counts not in self._known:
            self._known[counts] = self._estimate(kept)
        return self._known[counts]

    def _estimate(self, kept: Sequence[str]) -> Estimate:
        observations = [self._observed[name] for name in kept]
        return finite_estimate(observations, self._card, self._criterion, self._claim.population_n)

    def whole(self) -> float | None:
        """The value that the instrument gives on the whole population."""
        return self._estimate(list(self._observed)).value

    def coverage(self, drawn: Iterable[Sequence[str]], comparisons: int) -> Coverage:
        """Hits over all drawings, tested once for each of ``comparisons`` lines."""
        estimates = [self.estimate(order) for order in drawn]
        intervals = [ends(estimate) for estimate in estimates]
        hits = sum(holds(interval, self._claim.planted) for interval in intervals)
        halves = [(high - low) / 2 for low, high in filter(None, intervals)]
        p_value, whole = tail(hits, len(intervals), self._criterion.confidence), self.whole()
        return Coverage(
            seeds=len(intervals),
            hits=hits,
            p_value=p_value,
            short=p_value < SIGNIFICANCE / comparisons,
            median_half_width=median(halves) if halves else None,
            whole=whole,
            off=whole is None or abs(whole - self._claim.planted) > WHOLE_TOLERANCE,
        )


def tail(hits: int, trials: int, confidence: float) -> float:
    """The probability of at most ``hits`` of ``trials`` where each succeeds with ``confidence``."""
    from scipy.special import bdtr

    return float(bdtr(hits, trials, confidence))
