"""Observing again from the ledger alone: do the raw responses give the observations that stand there?

A record is held against the evidence that stood before it: what a resumed run asked and saw since then speaks for
later records only.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.errors import CheckFailed, Unscored
from qistas.contracts.exchanges import Failure, ReleaseRequest, Request, Response
from qistas.contracts.protocols import Evaluation, Judge, ModelJudge
from qistas.contracts.records import (
    Answered,
    Asked,
    Closing,
    Entry,
    Failed,
    Header,
    Judged,
    Observation,
    Sample,
)
from qistas.engine.book import NO_RELEASE, failure_reason, request_digest
from qistas.engine.observing import observation_of
from qistas.engine.verification import Key, populations_in
from qistas.findings.compute import Observations, Populations, capabilities_of, findings_of
from qistas.ledger.chain import decode
from qistas.ledger.reader import LedgerReader

TOLERANCE = 1e-9


class LedgerExchanges:
    """Answers what the ledger held so far and nothing else."""

    def __init__(self, header: Header) -> None:
        self._release = header.release
        self._identities = {"model": digest(header.target)}
        self._identities |= {role: digest(info) for role, info in header.roles.items()}
        self._asked: set[str] = set()
        self._answers: dict[str, Response] = {}
        self._failures: dict[str, Failure] = {}
        self._judgements: set[str] = set()
        self._unnamed: set[str] = set()

    def take(self, key: str, entry: Entry) -> str | None:
        """Know the ledger's next record; ``key`` is its digest. What is wrong with it at this place, if anything."""
        if isinstance(entry, Asked):
            self._asked.add(key)
            return None if entry.target in self._identities.values() else "it was put to a target of no role"
        if isinstance(entry, Answered | Failed) and entry.request not in self._asked:
            return f"the request {entry.request} was not asked before"
        if isinstance(entry, Answered):
            if entry.request in self._answers:
                return f"the request {entry.request} was answered before"
            self._answers[entry.request] = entry.response
        elif isinstance(entry, Failed):
            self._failures[entry.request] = entry.failure
        elif isinstance(entry, Judged):
            self._judgements.add(key)
            self._unnamed.add(key)
        elif isinstance(entry, Observation):
            self._unnamed.difference_update(entry.judgements)
        elif isinstance(entry, Closing) and self._unnamed:
            return f"no observation names the judgement {min(self._unnamed)}"
        return None

    async def ask(self, request: Request, role: str) -> tuple[str, Response]:
        """(request digest, response) as they stand in the ledger."""
        if role not in self._identities:
            raise Unscored(f"this run has no model in the role {role!r}")
        key = request_digest(self._identities[role], request)
        if key in self._answers:
            return key, self._answers[key]
        if key in self._failures:
            raise Unscored(failure_reason(self._failures[key]))
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
    reader: LedgerReader, evaluations: Mapping[str, Evaluation], judges: Mapping[str, Judge | ModelJudge]
) -> str | None:
    """The first judgement, observation, estimate or finding that its evidence does not give; else ``None``."""
    header = reader.header()
    changed = _changed_judges(header, judges)
    if changed:
        return changed
    populations = populations_in(reader)
    samples = {(s.evaluation, s.id): s for population in populations.values() for s in population}
    if len(samples) != sum(map(len, populations.values())):
        return "a sample stands in the ledger with two contents"
    observations: dict[Key, Observation] = {}
    exchanges = LedgerExchanges(header)
    for row in reader.rows():
        entry = decode(row.kind, row.body)
        name, fault = row.kind, exchanges.take(row.digest, entry)
        if isinstance(entry, Header) != (row.seq == 1):
            fault = "a ledger begins with its header and holds no other"
        elif isinstance(entry, Observation):
            observations[(entry.evaluation, entry.sample)] = entry
            name = f"observation of {entry.evaluation} {entry.sample}"
            fault = await _observation_fault(entry, header, samples, exchanges, evaluations, judges)
        elif isinstance(entry, Closing) and fault is None:
            fault = _closing_fault(entry, header, populations, observations)
        if fault:
            return f"record {row.digest} ({name}): {fault}"
    return None


def _changed_judges(header: Header, judges: Mapping[str, Judge | ModelJudge]) -> str | None:
    for name, card in header.judges.items():
        if name not in judges or judges[name].card.version != card.version:
            have = judges[name].card.version if name in judges else "none"
            return f"judge {name} was version {card.version}, this Qistas has {have}: verify with the version that wrote it"
    return None


async def _observation_fault(
    stored: Observation,
    header: Header,
    samples: Mapping[Key, Sample],
    exchanges: LedgerExchanges,
    evaluations: Mapping[str, Evaluation],
    judges: Mapping[str, Judge | ModelJudge],
) -> str | None:
    sample = samples.get((stored.evaluation, stored.sample))
    if sample is None or digest(sample) != stored.sample_digest:
        return "its sample does not stand in the ledger as it was observed"
    try:
        again = await observation_of(
            evaluations[stored.evaluation],
            sample,
            exchanges,
            judges=judges,
            capabilities=capabilities_of(header),
            system_prompt=header.system_prompt,
        )
    except CheckFailed as error:
        return str(error)
    return difference(stored, again)


def _closing_fault(
    closing: Closing, header: Header, populations: Populations, observations: Observations
) -> str | None:
    again = findings_of(header, populations, observations)
    if len(closing.findings) != len(again):
        return f"{len(closing.findings)} findings for {len(again)} criteria"
    for stored, computed in zip(closing.findings, again, strict=True):
        differing = difference(stored, computed)
        if differing:
            return f"finding {stored.criterion}: {differing}"
    return None


def difference(stored: object, again: object) -> str | None:
    """Where two records differ beyond the tolerance, as a path and both values; ``None`` when they agree."""
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
