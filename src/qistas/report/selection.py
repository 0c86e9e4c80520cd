"""Which samples a report lets people read: every failure up to a limit, and a seeded few of the others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from qistas.contracts.documents import Criterion, EvaluationCard
from qistas.contracts.findings import Finding
from qistas.contracts.records import Header, Observation, Sample
from qistas.findings.estimating import value_of
from qistas.findings.order import seeded_order
from qistas.report.source import Reader, criteria_of

FAILURES_SHOWN = 200
OTHERS_SHOWN = 50


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """One sample to be read: its observation's digest and what it showed for the criterion.

    ``failure``: the value lies on the wrong side of the requirement, or there is none (``unscored`` says why).
    """

    sample: str
    observation: str
    failure: bool
    value: float | None
    unscored: str | None = None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The samples of one criterion: how many there are of each sort, and which are shown."""

    failures: int
    others: int
    shown: tuple[Chosen, ...]

    @property
    def left_out(self) -> int:
        """How many are in the ledger only."""
        return self.failures + self.others - len(self.shown)


def choose(reader: Reader, findings: Sequence[Finding]) -> dict[str, Choice]:
    """The samples to show for each criterion, by criterion.

    Streams samples and observations once each and keeps ids only. The choice depends on the seed and
    the samples' ids, not on the order in which answers came in.
    """
    header = reader.header()
    wanted = _counted_samples(reader, header, findings)
    digests = _last_observations(reader, set().union(*wanted.values()) if wanted else set())
    sorter = _Sorter(header, criteria_of(header), {f.criterion: f for f in findings})
    for key, digest in digests.items():
        entry = reader.get(digest)
        if entry is not None:
            for criterion in (c for c, keys in wanted.items() if key in keys):
                sorter.put(criterion, digest, entry[1])
    return {finding.criterion: sorter.choice(finding.criterion) for finding in findings}


def failing(value: float, finding: Finding) -> bool:
    """Whether a sample's value lies on the wrong side: of the requirement, else of the metric's direction.

    A share that must lie between two bounds has no wrong side for a single sample.
    """
    least = finding.requirement.at_least if finding.requirement else None
    most = finding.requirement.at_most if finding.requirement else None
    if finding.unit in ("proportion", "score") and (least is None) == (most is None):
        side = {"higher": value < 0.5, "lower": value > 0.5}
        return side.get(finding.direction, False)
    return (least is not None and value < least) or (most is not None and value > most)


Key = tuple[str, str]


def _counted_samples(
    reader: Reader, header: Header, findings: Iterable[Finding]
) -> dict[str, frozenset[Key]]:
    """Per criterion the samples inside its estimate: the first of the seeded order, surplus left out."""
    populations: dict[str, list[Sample]] = {}
    for _, sample in reader.entries("sample"):
        populations.setdefault(sample.evaluation, []).append(msgspec.structs.replace(sample, row={}))
    criteria = criteria_of(header)
    return {
        f.criterion: frozenset(
            (s.evaluation, s.id)
            for s in _order(populations, criteria[f.criterion], header)[: f.evidence.count]
        )
        for f in findings
        if f.evidence.count
    }


def _order(populations: dict[str, list[Sample]], criterion: Criterion, header: Header) -> list[Sample]:
    card: EvaluationCard = header.evaluations[criterion.evaluation]
    return seeded_order(populations.get(card.id, ()), criterion, card, header.seed, header.budget)


def _last_observations(reader: Reader, wanted: set[Key] | frozenset[Key]) -> dict[Key, str]:
    """The digest of each wanted sample's last observation: asking again replaces what failed in passing."""
    last: dict[Key, str] = {}
    for digest, observation in reader.entries("observation"):
        key = (observation.evaluation, observation.sample)
        if key in wanted:
            last[key] = digest
    return last


class _Sorter:
    """Sorts each criterion's observations into failures and others and keeps those that rank first."""

    def __init__(self, header: Header, criteria: dict[str, Criterion], findings: dict[str, Finding]) -> None:
        self._seed, self._criteria, self._findings = header.seed, criteria, findings
        self._kept: dict[tuple[str, bool], list[tuple[bytes, Chosen]]] = {}
        self._totals: dict[tuple[str, bool], int] = {}

    def put(self, criterion: str, digest: str, observation: Observation) -> None:
        metric = self._criteria[criterion].metric
        applies, value = value_of(observation, metric)
        if not applies:
            return
        failure = value is None or failing(value, self._findings[criterion])
        reason = observation.unscored or observation.absent.get(metric) if value is None else None
        chosen = Chosen(
            sample=observation.sample, observation=digest, failure=failure, value=value, unscored=reason
        )
        place = (criterion, failure)
        self._totals[place] = self._totals.get(place, 0) + 1
        kept = self._kept.setdefault(place, [])
        kept.append((self._rank(criterion, observation.sample), chosen))
        if len(kept) > 2 * FAILURES_SHOWN:
            self._trim(kept, failure)

    def choice(self, criterion: str) -> Choice:
        shown: list[Chosen] = []
        for failure in (True, False):
            kept = self._kept.get((criterion, failure), [])
            self._trim(kept, failure)
            shown += sorted((chosen for _, chosen in kept), key=lambda chosen: chosen.sample)
        return Choice(
            failures=self._totals.get((criterion, True), 0),
            others=self._totals.get((criterion, False), 0),
            shown=tuple(shown),
        )

    def _rank(self, criterion: str, sample: str) -> bytes:
        return hashlib.sha256(f"{self._seed}\x00{criterion}\x00{sample}".encode()).digest()

    @staticmethod
    def _trim(kept: list[tuple[bytes, Chosen]], failure: bool) -> None:
        kept.sort(key=lambda pair: pair[0])
        del kept[FAILURES_SHOWN if failure else OTHERS_SHOWN :]
