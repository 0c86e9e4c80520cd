"""From a criterion's observations, in their order, to its estimate; and when enough has been seen."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qistas.contracts.documents import Criterion, Design, EvaluationCard, MetricCard, Requirement
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.contracts.findings import Verdict
from qistas.contracts.records import Observation

Value = float | None


def metric_of(card: EvaluationCard, criterion: Criterion) -> MetricCard:
    """The card of the criterion's metric."""
    return next(metric for metric in card.metrics if metric.id == criterion.metric)


def design_of(card: EvaluationCard, criterion: Criterion) -> Design:
    """A sequence only where there is something to decide and values lie in [0, 1]; else n is fixed."""
    if card.design != "sequence":
        return card.design
    bounded = metric_of(card, criterion).unit == "proportion"
    return "sequence" if criterion.requirement is not None and bounded else "fixed"


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
    values: list[Value] = []
    clusters: list[str] = []
    for observation in observations:
        applies, value = value_of(observation, criterion.metric)
        if applies:
            values.append(value)
            clusters.append(observation.cluster)
    if not values:
        return not_estimable("no observation of this metric", method="none", confidence=criterion.confidence)
    if design_of(card, criterion) == "census" and len(observations) < target_n:
        # They stand in no random order: those that were looked at say nothing about the others.
        return not_estimable(
            f"{len(observations)} of {target_n} were looked at, and a census needs all",
            method="census",
            confidence=criterion.confidence,
            n=len(values),
            clusters=len(set(clusters)),
            unscored=values.count(None),
        )
    return _by_design(values, clusters, card, criterion, target_n)


def _by_design(
    values: list[Value], clusters: list[str], card: EvaluationCard, criterion: Criterion, target_n: int
) -> Estimate:
    confidence = criterion.confidence
    design = design_of(card, criterion)
    if design == "repeats" or metric_of(card, criterion).unit != "proportion":
        from qistas.stats.repeats import repeated_measure

        estimate = repeated_measure(values, confidence=confidence)
        # Seconds, bytes, joules and rates are never negative, whatever a t interval of few repeats says.
        low = None if estimate.low is None else max(0.0, estimate.low)
        return msgspec.structs.replace(estimate, low=low)
    if design == "census":
        from qistas.stats.finite import finite_population

        return finite_population(values, population_n=len(values), confidence=confidence)
    if design == "sequence":
        from qistas.stats.sequences import sequence_estimate

        return sequence_estimate(values, target_n=target_n, confidence=confidence)
    from qistas.stats.clusters import clustered_mean

    return clustered_mean(values, clusters, confidence=confidence)
