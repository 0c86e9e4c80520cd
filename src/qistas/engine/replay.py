"""Observing again from the ledger alone: do the raw responses give the observations that stand there?

A record is held against the evidence that stood before it: what a resumed run asked and saw since then speaks for
later records only.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import msgspec

from qistas.contracts.audits import Audited, Rescored
from qistas.contracts.canonical import digest
from qistas.contracts.errors import CheckFailed, Unscored
from qistas.contracts.exchanges import ReleaseRequest, Request, Response, ScoreResponse
from qistas.contracts.protocols import AnyJudge, Evaluation
from qistas.contracts.records import (
    Answered,
    Asked,
    Closing,
    Entry,
    Failed,
    Header,
    JudgeCard,
    Judged,
    Observation,
    Sample,
)
from qistas.engine.audit import Known, audited, read_record
from qistas.engine.book import NO_RELEASE, failure_reason, request_digest
from qistas.engine.observing import observation_of
from qistas.findings.compute import capabilities_of, findings_from
from qistas.findings.reading import Evidence, Gathering, read_populations
from qistas.ledger.chain import Row, decode
from qistas.ledger.places import Places
from qistas.ledger.reader import LedgerReader

TOLERANCE = 1e-9
# Records that are kept decoded: those that many samples look at, and the newest.
AT_HAND = 64


class LedgerExchanges:
    """Answers what the ledger held so far and nothing else; keeps where things stand, and reads them from there."""

    def __init__(self, header: Header, reader: LedgerReader) -> None:
        self._reader = reader
        self._release = header.release
        self._identities = {"model": digest(header.target)}
        self._identities |= {role: digest(info) for role, info in header.roles.items()}
        self._asked, self._answers, self._failures, self._judgements = Places(), Places(), Places(), Places()
        self._unnamed: set[str] = set()
        self._at_hand: OrderedDict[int, Any] = OrderedDict()
        self.rescored: dict[str, ScoreResponse] = {}

    def close(self) -> None:
        """Let go of the temporary files."""
        for places in (self._asked, self._answers, self._failures, self._judgements):
            places.close()

    def take(self, row: Row, entry: Entry) -> str | None:
        """Know the ledger's next record. What is wrong with it at this place, if anything."""
        key = row.digest
        if isinstance(entry, Asked):
            self._asked[key] = row.seq
            return None if entry.target in self._identities.values() else "it was put to a target of no role"
        if isinstance(entry, Answered | Failed) and entry.request not in self._asked:
            return f"the request {entry.request} was not asked before"
        if isinstance(entry, Answered):
            if entry.request in self._answers:
                return f"the request {entry.request} was answered before"
            self._answers[entry.request] = row.seq
        elif isinstance(entry, Failed):
            self._failures[entry.request] = row.seq
        elif isinstance(entry, Judged):
            self._judgements[key] = row.seq
            self._unnamed.add(key)
        elif isinstance(entry, Observation):
            self._unnamed.difference_update(entry.judgements)
        elif isinstance(entry, Rescored):
            if not isinstance(self.answer(entry.request), ScoreResponse):
                return f"the request {entry.request} had no log-likelihood before"
            if entry.request in self.rescored:
                return f"the request {entry.request} was scored again before"
            self.rescored[entry.request] = entry.response
        elif isinstance(entry, Closing) and self._unnamed:
            return f"no observation names the judgement {min(self._unnamed)}"
        return None

    def answer(self, key: str) -> Response | None:
        """The response to the request with this digest, so far."""
        seq = self._answers.get(key)
        return None if seq is None else self._at(seq).response

    def _at(self, seq: int) -> Any:
        """The record with this number; a release, which many samples look at, is not read again for each."""
        found = self._at_hand[seq] if seq in self._at_hand else self._reader.at(seq)
        self._at_hand[seq] = found
        self._at_hand.move_to_end(seq)
        if len(self._at_hand) > AT_HAND:
            self._at_hand.popitem(last=False)
        return found

    async def ask(self, request: Request, role: str) -> tuple[str, Response]:
        """(request digest, response) as they stand in the ledger."""
        if role not in self._identities:
            raise Unscored(f"this run has no model in the role {role!r}")
        key = request_digest(self._identities[role], request)
        response = self.answer(key)
        if response is not None:
            return key, response
        failed = self._failures.get(key)
        if failed is not None:
            raise Unscored(failure_reason(self._at(failed).failure))
        if isinstance(request, ReleaseRequest) and self._release is None:
            raise Unscored(NO_RELEASE)
        raise CheckFailed(f"the request {key} was never answered in this ledger")

    def judged(self, judged: Judged) -> str:
        """The judgement's digest, if the same judgement stands in the ledger."""
        key = digest(judged)
        if key not in self._judgements:
            text = f"{judged.judge} now says {judged.decision.label!r} of the response to {judged.request}"
            raise CheckFailed(
                f"sample {judged.evaluation} {judged.sample}: {text}; the ledger says otherwise"
            )
        return key


async def first_disagreement(
    reader: LedgerReader, evaluations: Mapping[str, Evaluation], judges: Mapping[str, AnyJudge]
) -> str | None:
    """The first judgement, observation, estimate or finding that its evidence does not give; else ``None``."""
    header = reader.header()
    changed = _changed_judges(header, judges)
    if changed:
        return changed
    evidence = read_populations(reader)
    if any(len(columns.rows) > len(columns.ids) for columns in evidence.values()):
        return "a sample stands in the ledger with two contents"
    observed, exchanges = Gathering(evidence), LedgerExchanges(header, reader)
    try:
        for row in reader.rows():
            entry = decode(row.kind, row.body)
            name, fault = row.kind, exchanges.take(row, entry)
            if isinstance(entry, Header) != (row.seq == 1):
                fault = "a ledger begins with its header and holds no other"
            elif isinstance(entry, Observation):
                observed.put(entry, row.digest)
                name = f"observation of {entry.evaluation} {entry.sample}"
                fault = await _observation_fault(entry, header, reader, exchanges, evaluations, judges)
            elif isinstance(entry, Audited) and fault is None:
                known = Known(
                    header=header,
                    evidence=observed.settle(),
                    observation=lambda name, place: read_record(reader, evidence[name].digest(place)),
                    sample=lambda observation: read_record(reader, observation.sample_digest),
                    answer=exchanges.answer,
                    evaluations=evaluations,
                    judges=judges,
                )
                fault = await _audit_fault(entry, known, exchanges.rescored)
            elif isinstance(entry, Closing) and fault is None:
                fault = _closing_fault(entry, header, observed.settle())
            if fault:
                return f"record {row.digest} ({name}): {fault}"
    finally:
        exchanges.close()
    return None


def _changed_judges(header: Header, judges: Mapping[str, AnyJudge]) -> str | None:
    for name, card in header.judges.items():
        if name not in judges or judges[name].card.version != card.version:
            have = judges[name].card.version if name in judges else "none"
            return f"judge {name} was version {card.version}, this Qistas has {have}: verify with the version that wrote it"
        # A record that the user gave says of which judging model it is, if only that it is of none.
        own = card.calibration is not None and "target" in card.calibration
        if header.corrected and not own and card.calibration != judges[name].card.calibration:
            return f"the calibration record of judge {name} is not the one that comes with its version"
        if _uncalibrated(card) != _uncalibrated(judges[name].card):
            return f"judge {name} {card.version} is described otherwise than it is"
    return None


def _uncalibrated(card: JudgeCard) -> JudgeCard:
    return msgspec.structs.replace(card, calibration=None, calibration_reason=None)


async def _observation_fault(
    stored: Observation,
    header: Header,
    reader: LedgerReader,
    exchanges: LedgerExchanges,
    evaluations: Mapping[str, Evaluation],
    judges: Mapping[str, AnyJudge],
) -> str | None:
    found = reader.get(stored.sample_digest)
    sample = found[1] if found else None
    if not isinstance(sample, Sample) or (sample.evaluation, sample.id) != (stored.evaluation, stored.sample):
        return "its sample does not stand in the ledger as it was observed"
    try:
        again = await observation_of(
            evaluations[stored.evaluation],
            sample,
            exchanges,
            judges=judges,
            capabilities=capabilities_of(header),
            system_prompt=header.system_prompt,
            sample_digest=stored.sample_digest,
        )
    except CheckFailed as error:
        return str(error)
    return difference(stored, again)


async def _audit_fault(stored: Audited, known: Known, rescored: Mapping[str, ScoreResponse]) -> str | None:
    if not 0 < stored.share <= 1:
        return f"its share is {stored.share}, not above 0 and up to 1"
    if bool(stored.failed) != (stored.failure is not None):
        return "it names a failure without a failed request, or the other way round"
    return difference(stored, await audited(known, stored.share, rescored, stored.failure))


def _closing_fault(closing: Closing, header: Header, evidence: Evidence) -> str | None:
    again = findings_from(header, evidence)
    if len(closing.findings) != len(again):
        return f"{len(closing.findings)} findings for {len(again)} criteria"
    for stored, computed in zip(closing.findings, again, strict=True):
        differing = difference(stored, computed)
        if differing:
            return f"finding {stored.criterion}: {differing}"
    return None


def difference(stored: object, again: object) -> str | None:
    """Where two records differ beyond the tolerance, as a path and both values; ``None`` when they agree."""
    if stored == again:
        return None
    return _differ(msgspec.to_builtins(stored), msgspec.to_builtins(again), "")


def _differ(old: object, new: object, path: str) -> str | None:
    if isinstance(old, dict) and isinstance(new, dict) and set(old) == set(new):
        return next((d for key in old if (d := _differ(old[key], new[key], f"{path}.{key}"))), None)
    if isinstance(old, list | tuple) and isinstance(new, list | tuple) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return next((d for index, (a, b) in pairs if (d := _differ(a, b, f"{path}[{index}]"))), None)
    if isinstance(old, int | float) and isinstance(new, int | float):
        close = abs(old - new) <= TOLERANCE * max(1.0, abs(old))
        return None if close else f"{path} is {old}, the evidence gives {new}"
    return None if old == new else f"{path} is {old!r}, the evidence gives {new!r}"
