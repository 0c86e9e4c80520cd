"""Two runs on the same samples: what may be compared, the paired tests, and a verdict per criterion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.comparisons import (
    Compared,
    Comparison,
    ComparisonVerdict,
    Discrepancy,
    Pairs,
    Side,
)
from qistas.contracts.documents import Criterion, EvaluationCard, MetricCard, Text
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.contracts.findings import LedgerRef, StandardRef
from qistas.contracts.records import Header, Session
from qistas.contracts.version import __version__
from qistas.findings import comparison_words as words
from qistas.findings.comparability import (
    Matched,
    by_prompt,
    criterion_discrepancies,
    data_of,
    matched,
    merged,
    run_discrepancies,
)
from qistas.findings.compute import Counted, counted_in, missing_needs
from qistas.findings.estimating import column_of, design_of, estimate_in, metric_of, unit_of
from qistas.findings.reading import Evidence
from qistas.findings.reported_pairs import Names

if TYPE_CHECKING:
    from qistas.findings.columns import Places

Values = list[float | None]

# What is counted is the same on a busy machine; seconds, joules and bytes are not.
_COUNTED_UNITS = ("calls", "queries", "tokens", "steps", "candidates")


class Run(NamedTuple):
    """One side: what its ledger holds, its samples and observations in columns; of an import also its ``prompts``
    (`prompts_of`).
    """

    header: Header
    session: Session
    evidence: Evidence
    ledger: LedgerRef
    prompts: Mapping[str, Names] = {}


class _Paired(NamedTuple):
    """The values of the samples that both count, in A's order, and how they are to be tested."""

    a: Values
    b: Values
    clusters: list[str]
    card: EvaluationCard
    metric: MetricCard
    target_n: int
    sequential: bool
    early: bool
    planned: list[str]

    def difference(self, confidence: float) -> Estimate:
        """A minus B, with the interval at a confidence."""
        if self.card.design == "census":
            return _counted_difference(self, confidence)
        if self.sequential:
            from qistas.stats.pair_sequences import sequential_difference

            return sequential_difference(self.a, self.b, target_n=self.target_n, confidence=confidence)
        from qistas.stats.pairs import paired_mean

        return paired_mean(self.a, self.b, self.clusters, bounds=self.metric.bounds, confidence=confidence)

    def p_value(self) -> float | None:
        """The p-value for equality, two-sided; ``None`` where there is no estimate."""
        if self.sequential:
            from qistas.stats.pair_sequences import sequential_p_value

            return sequential_p_value(self.a, self.b, target_n=self.target_n)
        from qistas.stats.pairs import p_value

        return p_value(self.difference)

    def could_show(self, error: float) -> bool:
        """Whether so many pairs could show a difference at this error at all; what they say has no part in it."""
        clusters = len(set(self.clusters))
        if self.sequential:
            from qistas.stats.pair_sequences import sequence_could_differ

            return sequence_could_differ(clusters, target_n=self.target_n, error=error)
        from qistas.stats.pairs import could_differ

        return could_differ(len(self.clusters), clusters, bounds=self.metric.bounds, error=error)

    def as_planned(self) -> _Paired:
        """As many pairs as were to be looked at whatever was then seen; they have no values."""
        return self._replace(clusters=self.planned, a=[], b=[])

    def scored(self) -> _Paired:
        """The pairs that have a score on both sides alone."""
        kept = [i for i, pair in enumerate(zip(self.a, self.b, strict=True)) if None not in pair]
        return self._replace(
            a=[self.a[i] for i in kept],
            b=[self.b[i] for i in kept],
            clusters=[self.clusters[i] for i in kept],
        )

    def counts(self) -> Pairs:
        """How many there are of which kind."""
        from qistas.stats.pairs import discordance

        found = discordance(self.a, self.b)
        return Pairs(n=len(self.a), clusters=len(set(self.clusters)), **found._asdict())


class _Tested(NamedTuple):
    """A criterion with its pairs and what they show by themselves, before all are corrected together."""

    compared: Compared
    paired: _Paired
    pairs: Pairs
    difference: Estimate
    p_value: float

    @property
    def confidence(self) -> float:
        """The confidence that the criterion asks for."""
        return self.difference.confidence


def compare_runs(one: Run, other: Run) -> Comparison:
    """Run A against run B, criterion by criterion. Pure: the same input gives the same record, bit for bit."""
    shared = run_discrepancies(one.header, other.header)
    found: list[Compared | _Tested] = []
    listed: list[Discrepancy] = list(shared)
    for pair in matched(one.header, other.header):
        own = _own(pair, one, other)
        listed += own
        found.append(_compared(pair, one, other, [*own, *shared]))
    confidence, tested = _family(found)
    criteria = tuple(_corrected(found, confidence, tested))
    return Comparison(
        qistas=__version__,
        a=_side(one),
        b=_side(other),
        confidence=confidence,
        tested=tested,
        sentence=words.overall(criteria, tested, confidence),
        discrepancies=merged(listed),
        criteria=criteria,
    )


def _own(pair: Matched, one: Run, other: Run) -> list[Discrepancy]:
    """What differs for one criterion; other files of reports forbid nothing where both have answers to the same prompts."""
    found = criterion_discrepancies(pair, one.header, other.header, (one.session.host, other.session.host))
    if _by_prompt(pair.known.evaluation, one, other) is None:
        return found
    return [by_prompt(entry) if entry.kind == "data" else entry for entry in found]


def _by_prompt(evaluation: str, one: Run, other: Run) -> tuple[Names, Names] | None:
    """The names of both sides' prompts, where these are two imports of other files that share any."""
    cards = [run.header.evaluations.get(evaluation) for run in (one, other)]
    if cards[0] is None or cards[1] is None:
        return None
    ours, theirs = (run.prompts.get(evaluation, {}) for run in (one, other))
    if data_of(cards[0], one.header) == data_of(cards[1], other.header):
        return None
    return (ours, theirs) if set(ours.values()) & set(theirs.values()) else None


def _side(run: Run) -> Side:
    header = run.header
    standard = header.standard
    return Side(
        model=header.target.model,
        standard=StandardRef(id=standard.id, version=standard.version, digest=digest(standard)),
        standard_title=standard.title,
        ledger=run.ledger,
        started=run.session.started,
        seed=header.seed,
        budget=header.budget,
        qistas=header.qistas,
    )


def _compared(pair: Matched, one: Run, other: Run, found: list[Discrepancy]) -> Compared | _Tested:
    """A criterion that is settled without a test, or one that is to be tested."""
    known, home = pair.known, one if pair.ours is not None else other
    card = home.header.evaluations[known.evaluation]
    metric = metric_of(card, known)
    blank = Compared(
        criterion=known.id,
        evaluation=card.id,
        metric=metric.id,
        pillar=card.pillar,
        title=known.title,
        unit=unit_of(metric),
        direction=metric.direction,
        verdict="not_comparable",
        reason=words.NOTHING_SHARED,
        weakened_by=tuple(dict.fromkeys(d.sentence for d in found if d.effect == "weakens")),
    )
    a, b = (_number(criterion, run) for criterion, run in zip(pair, (one, other), strict=True))
    blank = msgspec.structs.replace(blank, a=a, b=b)
    settled = msgspec.structs.replace(blank, weakened_by=())
    forbidden = next((d.sentence for d in found if d.effect == "forbids"), None)
    if forbidden is not None or pair.ours is None or pair.theirs is None:
        return msgspec.structs.replace(settled, reason=forbidden or blank.reason)
    missing = [bool(missing_needs(card, run.header)) for run in (one, other)]
    if any(missing):
        return msgspec.structs.replace(settled, reason=words.not_measured_words(*missing))
    return _on_shared(blank, pair.ours, pair.theirs, one, other)


def _number(criterion: Criterion | None, run: Run) -> Estimate | None:
    """The number in a run's own report, or ``None`` where it has none."""
    if criterion is None or missing_needs(card := run.header.evaluations[criterion.evaluation], run.header):
        return None
    counted = counted_in(criterion, run.header, run.evidence)
    found = estimate_in(counted.columns, counted.rows, card, criterion, counted.target_n)
    return found if found.estimable else None


def _on_shared(
    blank: Compared, ours: Criterion, theirs: Criterion, one: Run, other: Run
) -> Compared | _Tested:
    card = one.header.evaluations[ours.evaluation]
    metric = metric_of(card, ours)
    if metric.statistic != "mean":
        return msgspec.structs.replace(
            blank, verdict="cannot_tell", reason=words.no_test_words(metric.statistic)
        )
    counted = counted_in(ours, one.header, one.evidence), counted_in(theirs, other.header, other.evidence)
    paired = _pairs(ours, theirs, one, other, counted)
    if not paired.a:
        return blank
    pairs = paired.counts()
    blank = msgspec.structs.replace(blank, pairs=pairs)
    confidence = max(ours.confidence, theirs.confidence)
    if card.design == "census":
        if any(side.stopped == "incomplete" for side in counted):
            return msgspec.structs.replace(blank, verdict="cannot_tell", reason=words.UNFINISHED)
        return _settled(blank, paired, pairs, confidence)
    if paired.early and not paired.sequential:
        blank = msgspec.structs.replace(blank, weakened_by=(*blank.weakened_by, words.EARLY))
    difference = paired.difference(confidence)
    blank = msgspec.structs.replace(blank, difference=difference, test=difference.method)
    if unsettled := _untestable(paired, difference, blank):
        return unsettled
    # Where it is known beforehand that nothing can be shown there is no test, and the others lose nothing (Tarone, 1990).
    if not paired.as_planned().could_show(1.0 - confidence):
        return msgspec.structs.replace(blank, verdict="cannot_tell", reason=words.too_few_words(pairs, 1))
    p_value = paired.p_value()
    if p_value is None:
        reason = words.no_number_words(difference.reason or "unknown")
        return msgspec.structs.replace(blank, verdict="cannot_tell", reason=reason)
    return _Tested(blank, paired, pairs, difference, p_value)


def _untestable(paired: _Paired, difference: Estimate, blank: Compared) -> Compared | None:
    """A quantity that drifts from run to run, which no test of one session settles; the metric alone says whether it does."""
    drifts = paired.card.design == "repeats" and paired.metric.unit not in _COUNTED_UNITS
    if not drifts or paired.metric.bounds is not None or not difference.estimable:
        return None
    if paired.a == paired.b:
        same = words.same_words(len(paired.a))
        return msgspec.structs.replace(blank, verdict="no_difference_shown", reason=same, test=None)
    drift = words.drift_words(difference, blank.unit)
    return msgspec.structs.replace(blank, verdict="cannot_tell", reason=drift, test=None)


def _pairs(
    ours: Criterion, theirs: Criterion, one: Run, other: Run, counted: tuple[Counted, Counted]
) -> _Paired:
    """The samples that both count and to which the metric applies in both, in A's order."""
    names = _by_prompt(ours.evaluation, one, other)
    rows = _same_rows(*counted, names)
    early = any(side.stopped == "decided" for side in counted)
    card = one.header.evaluations[ours.evaluation]
    seen = [column_of(side.columns, places, ours.metric) for side, places in zip(counted, rows, strict=True)]
    both = seen[0][0] & seen[1][0]
    a, b = (_listed(values[both].tolist()) for _, values in seen)
    units = [str(code) for code in counted[0].columns.clusters(rows[0]).tolist()]
    clusters = [unit for unit, kept in zip(units, both.tolist(), strict=True) if kept]
    together = one.header.seed == other.header.seed and ours.where == theirs.where
    return _Paired(
        a=a,
        b=b,
        clusters=clusters,
        card=card,
        metric=metric_of(card, ours),
        target_n=min(side.target_n for side in counted),
        # By design and not by whether either stopped: that depends on the answers.
        sequential=together
        and "sequence" in (design_of(card, ours), design_of(card, theirs))
        and len(set(clusters)) == len(clusters),
        early=early,
        planned=units + _unseen(counted, len(units)) if early else units,
    )


def _unseen(counted: tuple[Counted, Counted], seen: int) -> list[str]:
    """The units that both would have looked at, had neither stopped: how early one does depends on the answers."""
    ours, theirs = (side._replace(rows=side.order) for side in counted)
    whole, _ = _same_rows(ours, theirs)
    return [f"unseen {number}" for number in range(len(whole) - seen)]


def _same_rows(
    ours: Counted, theirs: Counted, names: tuple[Names, Names] | None = None
) -> tuple[Places, Places]:
    """The rows of the samples that both count, by the samples' ids, or by the ``names`` of what they ask."""
    import numpy as np

    if names is None and ours.columns.ids == theirs.columns.ids:
        kept = ours.rows[np.isin(ours.rows, theirs.rows)]
        return kept, kept

    def named(side: Counted, by: Names | None) -> dict[str, int]:
        ids = ((side.columns.ids[row], row) for row in side.rows.tolist())
        return {name: row for own, row in ids if (name := own if by is None else by.get(own)) is not None}

    here, there = named(ours, names and names[0]), named(theirs, names and names[1])
    found = [(row, there[name]) for name, row in here.items() if name in there]
    places = np.array(found, dtype=np.intp).reshape(-1, 2)
    return places[:, 0], places[:, 1]


def _listed(values: list[float]) -> Values:
    return [None if value != value else value for value in values]  # noqa: PLR0124


def _counted_difference(paired: _Paired, confidence: float) -> Estimate:
    """Two full counts of the same things differ by what they differ by: no sampling, only what has no score."""
    gaps = [None if None in pair else pair[0] - pair[1] for pair in zip(paired.a, paired.b, strict=True)]  # type: ignore[operator]
    scored = [gap for gap in gaps if gap is not None]
    n, unscored = len(gaps), len(gaps) - len(scored)
    method = "census of both; answers these questions"
    if unscored and paired.metric.bounds is None:
        reason = f"{unscored} of {n} pairs have no value, and a quantity without bounds has no worst case"
        clusters = len(set(paired.clusters))
        return not_estimable(
            reason, method=method, confidence=confidence, n=n, clusters=clusters, unscored=unscored
        )
    low, high = paired.metric.bounds or (0.0, 0.0)
    reach = unscored * (high - low)
    total = sum(scored)
    return Estimate(
        value=total / len(scored) if scored else None,
        low=(total - reach) / n,
        high=(total + reach) / n,
        confidence=confidence,
        n=n,
        clusters=len(set(paired.clusters)),
        unscored=unscored,
        method=method,
    )


def _settled(blank: Compared, paired: _Paired, pairs: Pairs, confidence: float) -> Compared:
    """Two full counts: the difference is known, not estimated."""
    found = paired.difference(confidence)
    low, high = found.low or 0.0, found.high or 0.0
    if not found.estimable:
        verdict: ComparisonVerdict = "cannot_tell"
        reason = words.no_number_words(found.reason or "unknown")
    elif found.value is None or (found.unscored and low <= 0.0 <= high):
        verdict = "cannot_tell"
        reason = words.counted_missing_words(pairs)
    else:
        verdict = _direction(found.value, blank.direction) if found.value else "no_difference_shown"
        reason = words.counted_words(found, blank.unit)
    return msgspec.structs.replace(blank, difference=found, verdict=verdict, reason=reason)


def _family(found: list[Compared | _Tested]) -> tuple[float, int]:
    """(the confidence that all tests hold together at, how many there are): the strictest that a criterion asks."""
    tests = [entry for entry in found if isinstance(entry, _Tested)]
    return max((entry.confidence for entry in tests), default=0.95), len(tests)


def _corrected(found: list[Compared | _Tested], confidence: float, tested: int) -> Iterator[Compared]:
    from qistas.stats.pairs import holm

    adjusted = iter(holm([entry.p_value for entry in found if isinstance(entry, _Tested)]))
    for entry in found:
        yield _decided(entry, next(adjusted), confidence, tested) if isinstance(entry, _Tested) else entry


def _decided(entry: _Tested, adjusted: float, confidence: float, tested: int) -> Compared:
    verdict, reason = _verdict(entry, adjusted, 1.0 - confidence, tested)
    return msgspec.structs.replace(
        entry.compared,
        verdict=verdict,
        reason=reason,
        p_value=entry.p_value,
        adjusted_p_value=adjusted,
        simultaneous=entry.paired.difference(1.0 - (1.0 - confidence) / tested),
    )


def _verdict(entry: _Tested, adjusted: float, error: float, tested: int) -> tuple[ComparisonVerdict, Text]:
    compared, paired, pairs = entry.compared, entry.paired, entry.pairs
    difference, unit = entry.difference, compared.unit
    if adjusted <= error:
        shown = words.shown_words(difference, unit, adjusted)
        return _direction(difference.value or 0.0, compared.direction), shown
    if pairs.unscored:
        alone = paired.scored()
        found = alone.p_value() if alone.a else None
        if found is not None and found * tested <= error:
            return "cannot_tell", words.unscored_words(pairs)
    if paired.metric.bounds is None and paired.a == paired.b:
        # It still takes its place among the tests, with p = 1: leaving it out would be a choice that the values make.
        return "no_difference_shown", words.same_words(len(paired.a))
    if not paired.could_show(error / tested):
        return "cannot_tell", words.too_few_words(pairs, tested)
    return "no_difference_shown", words.not_shown_words(difference, unit, (entry.p_value, adjusted), error)


def _direction(value: float, direction: str) -> ComparisonVerdict:
    """Who is better, or where neither is better for it, who is higher."""
    first: dict[str, Callable[[bool], ComparisonVerdict]] = {
        "higher": lambda above: "a_better" if above else "b_better",
        "lower": lambda above: "b_better" if above else "a_better",
        "none": lambda above: "a_higher" if above else "b_higher",
    }
    return first[direction](value > 0)
