"""From a criterion's observations, in their order, to its estimate; and when enough has been seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from qistas.contracts.documents import Criterion, Design, EvaluationCard, MetricCard, Requirement
from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.contracts.findings import Verdict
from qistas.contracts.records import Observation

if TYPE_CHECKING:
    from qistas.stats.sampling import Sampling

Value = float | None


def metric_of(card: EvaluationCard, criterion: Criterion) -> MetricCard:
    """The card of the criterion's metric."""
    return next(metric for metric in card.metrics if metric.id == criterion.metric)


def design_of(card: EvaluationCard, criterion: Criterion) -> Design:
    """A sequence only where there is something to decide and values lie in [0, 1]; else n is fixed."""
    if card.design != "sequence":
        return card.design
    metric = metric_of(card, criterion)
    bounded = metric.statistic == "mean" and metric.bounds == (0.0, 1.0)
    return "sequence" if criterion.requirement is not None and bounded else "fixed"


def unit_of(metric: MetricCard) -> str:
    """The unit a number is read in: what is computed from other metrics is no share of samples."""
    return "score" if metric.statistic != "mean" and metric.unit == "proportion" else metric.unit


def values_of(observation: Observation, metric: MetricCard) -> tuple[bool, tuple[Value, ...]]:
    """(does the metric apply here, the values it takes from this sample): one, or those that it is computed from."""
    found = [
        value_of(observation, name) for name in (metric.of if metric.statistic != "mean" else (metric.id,))
    ]
    return all(applies for applies, _ in found), tuple(value for _, value in found)


def scored(observation: Observation, metric: MetricCard) -> bool:
    """Whether this sample says something about the metric."""
    return None not in values_of(observation, metric)[1]


def value_of(observation: Observation, metric: str) -> tuple[bool, Value]:
    """(does the metric apply here, its value or ``None`` for unscored)."""
    if metric in observation.values:
        return True, observation.values[metric]
    return observation.unscored is not None or metric in observation.absent, None


def decide(requirement: Requirement, low: float, high: float) -> Verdict:
    """Met when the whole interval satisfies the requirement, not met when none of it does."""
    at_least = float("-inf") if requirement.at_least is None else requirement.at_least
    at_most = float("inf") if requirement.at_most is None else requirement.at_most
    if low >= at_least and high <= at_most:
        return "met"
    if high < at_least or low > at_most:
        return "not_met"
    return "not_enough_evidence"


class Stopper:
    """Says when a criterion is decided; fed with observations in the seeded order, one at a time.

    Only a sequence may stop early: its interval holds at any stopping time, tuned to ``target_n`` before
    the run.
    """

    def __init__(self, card: EvaluationCard, criterion: Criterion, target_n: int) -> None:
        self._metric = criterion.metric
        self._requirement = criterion.requirement
        self._scored_sum, self._scored = 0.0, 0
        self._sequence = None
        if design_of(card, criterion) == "sequence" and target_n > 0:
            from qistas.stats.sequences import BettingSequence

            self._sequence = BettingSequence(target_n, criterion.confidence)

    def feed(self, observation: Observation) -> bool:
        """Take one observation; True once the requirement is decided."""
        if self._sequence is None or self._requirement is None:
            return False
        applies, value = value_of(observation, self._metric)
        if not applies:
            return False
        self._sequence.update(0.0 if value is None else value, 1.0 if value is None else value)
        if value is not None:
            self._scored_sum += value
            self._scored += 1
        if not self._scored:
            return False
        # The estimate's interval holds its value too; what decides here must still decide there.
        low, high = self._sequence.interval
        mean = self._scored_sum / self._scored
        return decide(self._requirement, min(low, mean), max(high, mean)) != "not_enough_evidence"


def looked_at(
    observations: Sequence[Observation], card: EvaluationCard, criterion: Criterion, target_n: int
) -> tuple[tuple[Observation, ...], bool]:
    """(the observations that count, whether they decided): what came after the decision is surplus."""
    stopper = Stopper(card, criterion, target_n)
    for index, observation in enumerate(observations, 1):
        if stopper.feed(observation):
            return tuple(observations[:index]), True
    return tuple(observations), False


def estimate_of(
    observations: Sequence[Observation], card: EvaluationCard, criterion: Criterion, target_n: int
) -> Estimate:
    """The criterion's number with its interval, by the design of its evaluation."""
    seen = _Seen.of(observations, metric_of(card, criterion))
    if not seen.values:
        return _nothing(criterion)
    design = design_of(card, criterion)
    if design == "census" and len(observations) < target_n:
        # They stand in no random order: those that were looked at say nothing about the others.
        return not_estimable(
            f"{len(observations)} of {target_n} were looked at, and a census needs all",
            method="census",
            confidence=criterion.confidence,
            n=len(seen.values),
            clusters=len(set(seen.clusters)),
            unscored=seen.unscored,
        )
    if seen.metric.statistic != "mean":
        return _statistic(seen, card, _sampling(seen, design), criterion.confidence)
    return _mean(seen, design, criterion.confidence, target_n)


def finite_estimate(
    observations: Sequence[Observation], card: EvaluationCard, criterion: Criterion, population_n: int
) -> Estimate:
    """The same number with the interval for a finite population, of which these were drawn without replacement.

    ``population_n`` counts the samples of that population that ``criterion.where`` keeps, each a unit with a
    cluster of its own; ``observations`` are those that were drawn at random (`seeded_order`). A
    metric that only some samples have is taken to apply to as large a share of the population (rounded up).
    With all of them drawn, what is not unscored is simply known.

    A physical unit has no finite population of values: it is estimated as by `estimate_of`.

    Raises:
        BadInput: more observations than the population has, or only some of it drawn in clusters of several.
    """
    metric = metric_of(card, criterion)
    seen = _Seen.of(observations, metric)
    if not seen.values:
        return _nothing(criterion)
    if card.design == "repeats" or (metric.statistic == "mean" and metric.bounds is None):
        return estimate_of(observations, card, criterion, len(observations))
    if len(set(seen.clusters)) < len(seen.clusters) and len(observations) < population_n:
        step = "give each row a cluster of its own, so that rows are what is drawn"
        raise BadInput(
            Fault("clusters of several samples were drawn, not samples one by one", "cluster", step)
        )
    share = len(seen.values) / len(observations)
    applies_n = population_n if share == 1.0 else math.ceil(share * population_n - 1e-9)
    if metric.statistic != "mean":
        from qistas.stats.sampling import AllQuestions

        sampling = AllQuestions(len(seen.values), applies_n)
        return _statistic(seen, card, sampling, criterion.confidence)
    return _finite_mean(seen, applies_n, criterion.confidence)


class _Seen(NamedTuple):
    """The samples that a metric applies to: what each gives to it, and its cluster."""

    metric: MetricCard
    values: list[tuple[Value, ...]]
    clusters: list[str]

    @classmethod
    def of(cls, observations: Sequence[Observation], metric: MetricCard) -> _Seen:
        values, clusters = [], []
        for observation in observations:
            applies, found = values_of(observation, metric)
            if applies:
                values.append(found)
                clusters.append(observation.cluster)
        return cls(metric, values, clusters)

    @property
    def unscored(self) -> int:
        return sum(None in found for found in self.values)

    def column(self, place: int = 0) -> list[Value]:
        return [found[place] for found in self.values]


def _nothing(criterion: Criterion) -> Estimate:
    return not_estimable("no observation of this metric", method="none", confidence=criterion.confidence)


def _sampling(seen: _Seen, design: Design) -> Sampling:
    from qistas.stats.sampling import AllQuestions, NewQuestions

    n = len(seen.values)
    return AllQuestions(n, n) if design == "census" else NewQuestions(tuple(seen.clusters))


def _statistic(seen: _Seen, card: EvaluationCard, sampling: Sampling, confidence: float) -> Estimate:
    first, second = seen.column(0), seen.column(1)
    if seen.metric.statistic == "ratio":
        from qistas.stats.ratio import ratio_of_sums

        numerator = next(metric for metric in card.metrics if metric.id == seen.metric.of[0])
        return ratio_of_sums(
            first,
            second,
            sampling,
            confidence=confidence,
            numerator_bounds=numerator.bounds or (0.0, 1.0),
            bounds=seen.metric.bounds or (-math.inf, math.inf),
        )
    if seen.metric.statistic == "ece":
        from qistas.stats.ece import expected_calibration_error

        return expected_calibration_error(
            first, second, sampling, confidence=confidence, bins=seen.metric.bins
        )
    from qistas.stats.risk_coverage import risk_coverage_area

    return risk_coverage_area(first, second, sampling, confidence=confidence)


def _finite_mean(seen: _Seen, population_n: int, confidence: float) -> Estimate:
    if seen.metric.bounds == (0.0, 1.0):
        from qistas.stats.finite import finite_population

        return finite_population(seen.column(), population_n, confidence=confidence)
    from qistas.stats.differences import mean_difference
    from qistas.stats.sampling import AllQuestions

    return mean_difference(seen.column(), AllQuestions(len(seen.values), population_n), confidence=confidence)


def _mean(seen: _Seen, design: Design, confidence: float, target_n: int) -> Estimate:
    values, bounds = seen.column(), seen.metric.bounds
    if design == "repeats" or bounds is None:
        from qistas.stats.repeats import repeated_measure

        estimate = repeated_measure(values, confidence=confidence)
        # Seconds, bytes, joules and rates are never negative, whatever a t interval of few repeats says.
        low = None if estimate.low is None else max(0.0 if bounds is None else bounds[0], estimate.low)
        return msgspec.structs.replace(estimate, low=low)
    if design == "census":
        return _finite_mean(seen, len(values), confidence)
    if design == "sequence":
        from qistas.stats.sequences import sequence_estimate

        return sequence_estimate(values, target_n=target_n, confidence=confidence)
    if bounds != (0.0, 1.0):
        from qistas.stats.differences import mean_difference

        return mean_difference(values, _sampling(seen, design), confidence=confidence)
    from qistas.stats.clusters import clustered_mean

    return clustered_mean(values, seen.clusters, confidence=confidence)
