"""From a criterion's observations, in their order, to its estimate; and when enough has been seen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from qistas.contracts.documents import Criterion, Design, EvaluationCard, MetricCard, Requirement
from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.contracts.findings import Verdict
from qistas.contracts.records import Observation
from qistas.findings.half_read import unless_half_read

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qistas.findings.columns import Columns, Places
    from qistas.stats.sampling import Sampling

    Mask = NDArray[np.bool_]
    Numbers = NDArray[np.float64]

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


def names_of(metric: MetricCard) -> tuple[str, ...]:
    """The values that a sample gives to a metric: its own, or those that it is computed from."""
    return metric.of if metric.statistic != "mean" else (metric.id,)


def values_of(observation: Observation, metric: MetricCard) -> tuple[bool, tuple[Value, ...]]:
    """(does the metric apply here, the values it takes from this sample)."""
    found = [value_of(observation, name) for name in names_of(metric)]
    return all(applies for applies, _ in found), tuple(value for _, value in found)


def columns_of_metric(columns: Columns, rows: Places, metric: MetricCard) -> tuple[Mask, list[Numbers]]:
    """The same for observations in columns; NaN for unscored."""
    import numpy as np

    found = [column_of(columns, rows, name) for name in names_of(metric)]
    return np.logical_and.reduce([applies for applies, _ in found]), [values for _, values in found]


def value_of(observation: Observation, metric: str) -> tuple[bool, Value]:
    """(does the metric apply here, its value or ``None`` for unscored)."""
    if metric in observation.values:
        return True, observation.values[metric]
    return observation.unscored is not None or metric in observation.absent, None


def column_of(columns: Columns, rows: Places, metric: str) -> tuple[Mask, Numbers]:
    """The same for observations in columns; NaN for unscored."""
    import numpy as np

    values = columns.values(metric, rows)
    said = (columns.unscored(rows) >= 0) | (columns.absent(metric, rows) >= 0)
    return ~np.isnan(values) | said, values


def _listed(values: Numbers) -> list[Value]:
    import numpy as np

    listed: list[Value] = values.tolist()
    for place in np.flatnonzero(np.isnan(values)).tolist():
        listed[place] = None
    return listed


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
            from qistas.stats.stopping import Watch

            self._sequence = BettingSequence(target_n, criterion.confidence)
            asked = criterion.requirement or Requirement()
            self._watch = Watch(asked.at_least, asked.at_most, target_n, criterion.confidence)

    @property
    def may_stop(self) -> bool:
        """Whether anything could ever be decided before all samples are seen."""
        return self._sequence is not None and self._requirement is not None

    def feed(self, observation: Observation) -> bool:
        """Take one observation; True once the requirement is decided."""
        if not self.may_stop:
            return False
        applies, value = value_of(observation, self._metric)
        return applies and self._see(value) and self._decided()

    def first_decision(self, values: Sequence[Value]) -> int | None:
        """How many of the values it takes, one after another, until the requirement is decided; else ``None``."""
        if not self.may_stop:
            return None
        return next((n for n, value in enumerate(values, 1) if self._see(value) and self._decided()), None)

    def _see(self, value: Value) -> bool:
        """Take one value; whether it is worth looking at the interval."""
        if self._sequence is None:
            return False
        worst, best = (0.0, 1.0) if value is None else (value, value)
        self._sequence.update(worst, best)
        if value is not None:
            self._scored_sum += value
            self._scored += 1
        return self._watch.see(worst, best)

    def _decided(self) -> bool:
        if not self._scored or self._sequence is None or self._requirement is None:
            return False
        # The estimate's interval holds its value too; what decides here must still decide there.
        low, high = self._sequence.interval
        mean = self._scored_sum / self._scored
        return decide(self._requirement, min(low, mean), max(high, mean)) != "not_enough_evidence"


def looked_at(
    observations: Sequence[Observation], card: EvaluationCard, criterion: Criterion, target_n: int
) -> tuple[tuple[Observation, ...], bool]:
    """(the observations that count, whether they decided): what came after the decision is surplus."""
    found = [value_of(observation, criterion.metric) for observation in observations]
    places = [place for place, (applies, _) in enumerate(found) if applies]
    taken = Stopper(card, criterion, target_n).first_decision([found[place][1] for place in places])
    if taken is None:
        return tuple(observations), False
    return tuple(observations[: places[taken - 1] + 1]), True


def rows_looked_at(
    columns: Columns, rows: Places, card: EvaluationCard, criterion: Criterion, target_n: int
) -> tuple[Places, bool]:
    """The same for observations in columns."""
    import numpy as np

    stopper = Stopper(card, criterion, target_n)
    if not stopper.may_stop:
        return rows, False
    applies, values = column_of(columns, rows, criterion.metric)
    taken = stopper.first_decision(_listed(values[applies]))
    return (rows, False) if taken is None else (rows[: np.flatnonzero(applies)[taken - 1] + 1], True)


def estimate_of(
    observations: Sequence[Observation], card: EvaluationCard, criterion: Criterion, target_n: int
) -> Estimate:
    """The criterion's number with its interval, by the design of its evaluation."""
    return Seen.of(observations, metric_of(card, criterion)).estimate(card, criterion, target_n)


def estimate_in(
    columns: Columns, rows: Places, card: EvaluationCard, criterion: Criterion, target_n: int
) -> Estimate:
    """The same for observations in columns; no value where the judge reads one side only (`unless_half_read`)."""
    metric = metric_of(card, criterion)
    found = Seen.within(columns, rows, metric).estimate(card, criterion, target_n)
    return unless_half_read(found, criterion, metric, columns, rows)


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
    seen = Seen.of(observations, metric)
    if not seen.n:
        return _nothing(criterion)
    if card.design == "repeats" or (metric.statistic == "mean" and metric.bounds is None):
        return estimate_of(observations, card, criterion, len(observations))
    if len(set(seen.clusters)) < len(seen.clusters) and len(observations) < population_n:
        step = "give each row a cluster of its own, so that rows are what is drawn"
        raise BadInput(
            Fault("clusters of several samples were drawn, not samples one by one", "cluster", step)
        )
    share = seen.n / len(observations)
    applies_n = population_n if share == 1.0 else math.ceil(share * population_n - 1e-9)
    if metric.statistic != "mean":
        from qistas.stats.sampling import AllQuestions

        sampling = AllQuestions(seen.n, applies_n)
        return _statistic(seen, card, sampling, criterion.confidence)
    return _finite_mean(seen, applies_n, criterion.confidence)


class Seen:
    """What the samples that a metric applies to showed so far: a column for each value it takes, and their clusters.

    ``looked`` counts all samples, those that it does not apply to included. Unscored values are ``None``.
    """

    def __init__(self, metric: MetricCard) -> None:
        self.metric = metric
        self.names = names_of(metric)
        self.columns: list[list[Value]] = [[] for _ in self.names]
        self.clusters: list[Any] = []
        self.looked = 0

    @classmethod
    def of(cls, observations: Iterable[Observation], metric: MetricCard) -> Seen:
        """All of these."""
        seen = cls(metric)
        for observation in observations:
            seen.take(observation)
        return seen

    @classmethod
    def within(cls, columns: Columns, rows: Places, metric: MetricCard) -> Seen:
        """Those in these rows, by the numbers of their clusters."""
        seen = cls(metric)
        applies, values = columns_of_metric(columns, rows, metric)
        seen.columns = [_listed(column[applies]) for column in values]
        seen.clusters = columns.clusters(rows)[applies].tolist()
        seen.looked = len(rows)
        return seen

    def take(self, observation: Observation) -> None:
        """The next one."""
        self.looked += 1
        values = observation.values
        found = [values.get(name) for name in self.names]
        if None in found and not values_of(observation, self.metric)[0]:
            return
        for column, value in zip(self.columns, found, strict=True):
            column.append(value)
        self.clusters.append(observation.cluster)

    def estimate(self, card: EvaluationCard, criterion: Criterion, target_n: int) -> Estimate:
        """The criterion's number with its interval, by the design of its evaluation."""
        if not self.n:
            return _nothing(criterion)
        design = design_of(card, criterion)
        if design == "census" and self.looked < target_n:
            # They stand in no random order: those that were looked at say nothing about the others.
            return not_estimable(
                f"{self.looked} of {target_n} were looked at, and a census needs all",
                method="census",
                confidence=criterion.confidence,
                n=self.n,
                clusters=len(set(self.clusters)),
                unscored=self.unscored,
            )
        if self.metric.statistic != "mean":
            return _statistic(self, card, _sampling(self, design), criterion.confidence)
        return _mean(self, design, criterion.confidence, target_n)

    @property
    def n(self) -> int:
        """How many samples the metric applies to."""
        return len(self.clusters)

    @property
    def unscored(self) -> int:
        """How many of them lack a value."""
        return sum(None in found for found in zip(*self.columns, strict=True))

    def column(self, place: int = 0) -> list[Value]:
        """The values under one of the metric's names."""
        return self.columns[place]


def _nothing(criterion: Criterion) -> Estimate:
    return not_estimable("no observation of this metric", method="none", confidence=criterion.confidence)


def _sampling(seen: Seen, design: Design) -> Sampling:
    from qistas.stats.sampling import AllQuestions, NewQuestions

    n = seen.n
    return AllQuestions(n, n) if design == "census" else NewQuestions(tuple(seen.clusters))


def _statistic(seen: Seen, card: EvaluationCard, sampling: Sampling, confidence: float) -> Estimate:
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


def _finite_mean(seen: Seen, population_n: int, confidence: float) -> Estimate:
    if seen.metric.bounds == (0.0, 1.0):
        from qistas.stats.finite import finite_population

        return finite_population(seen.column(), population_n, confidence=confidence)
    from qistas.stats.differences import mean_difference
    from qistas.stats.sampling import AllQuestions

    return mean_difference(seen.column(), AllQuestions(seen.n, population_n), confidence=confidence)


def _mean(seen: Seen, design: Design, confidence: float, target_n: int) -> Estimate:
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
