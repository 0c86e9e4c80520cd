"""Which part of a run never answered, and what it said instead."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from qistas.contracts.canonical import digest
from qistas.contracts.errors import Fault, TargetFailed
from qistas.contracts.exchanges import ChatResponse, Failure, Measurement, ScoreResponse, SuffixResult
from qistas.contracts.identity import TargetInfo
from qistas.contracts.records import Header
from qistas.engine.book import failure_reason
from qistas.ledger.reader import LedgerReader

_ANSWERS = ChatResponse | ScoreResponse | Measurement | SuffixResult
_PARTS = {"model": "model", "attacker": "attacker", "judge-target": "judge"}


class _Silent(NamedTuple):
    """A model that was asked and never answered; ``roles``: all that it has; ``failures``: how often it failed in which words."""

    roles: list[str]
    info: TargetInfo
    failures: Counter[str]

    def fault(self) -> Fault:
        said, times = self.failures.most_common(1)[0]
        total = self.failures.total()
        part, name = " and ".join(_PARTS[role] for role in self.roles), self.info.model.ref
        if self.info.adapter == "guarded" and said.partition(": ")[2].startswith("the guard "):
            part, name = "guard", str(self.info.details["guard"]["name"])
        often = "each time" if times == total else f"{times} of them"
        attempts = f"{total} attempts" if total > 1 else "1 attempt"
        what = f"not one request to the {part} ({name}) was answered, {attempts} failed, {often} with {said}"
        answers = "answer" if " and " in part else "answers"
        step = f"see that the {part} {answers} at all, then run the same command again: it resumes"
        return Fault(what, next_step=step)


def refuse_silence(ledger: Path) -> None:
    """A model that was asked and gave not one answer failed for good, whatever its failures were called.

    What does not fit a model's context is no such failure: it says nothing about other requests.

    Raises:
        TargetFailed: with a fault for each such model.
    """
    with LedgerReader(ledger) as reader:
        silent = _silent(reader, reader.header())
    if silent:
        raise TargetFailed(*(one.fault() for one in silent), Fault(f"what was seen is kept in {ledger}"))


def _silent(reader: LedgerReader, header: Header) -> list[_Silent]:
    infos = {"model": header.target, **header.roles}
    # One model may have several roles; requests do not tell in which it was asked.
    roles: dict[str, list[str]] = {}
    for role, info in infos.items():
        roles.setdefault(digest(info), []).append(role)
    failures: dict[str, Counter[str]] = {}
    for _, failed in reader.entries("failure"):
        asked = _target(reader, failed.request)
        if asked in roles:
            failures.setdefault(asked, Counter()).update(_counted(failed.failure))
    quiet = set(failures)
    for _, answered in reader.entries("response") if quiet else ():
        if isinstance(answered.response, _ANSWERS):
            quiet.discard(_target(reader, answered.request))
        if not quiet:
            break
    found = [(names, one) for one, names in roles.items() if one in quiet and failures[one]]
    return [_Silent(names, infos[names[0]], failures[one]) for names, one in found]


def _counted(failure: Failure) -> list[str]:
    return [] if failure.kind == "context" else [failure_reason(failure)]


def _target(reader: LedgerReader, request: str) -> str:
    asked = reader.get(request)
    return "" if asked is None else asked[1].target
