"""What a run will do: its header, its populations, and the objects that carry it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from qistas.contracts.calibrations import CalibrationRecord, NoCalibration
from qistas.contracts.documents import Standard
from qistas.contracts.errors import BadInput, Fault, LedgerMismatch
from qistas.contracts.protocols import AnyJudge, Evaluation, ReleaseSource, Target
from qistas.contracts.records import Header, Sample
from qistas.engine.live import Meters
from qistas.engine.scheduler import RetryPolicy
from qistas.judges.records import JudgeRecord


class RunSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to run. ``budget``: samples per criterion in place of the standard's. ``places``: where a card of the
    user's own stands, by its id. ``chosen``: values in place of those of a published card's parameters, by evaluation and
    name (``qistas.evaluations.chosen``), for a run of that evaluation alone. ``rerun``: the arguments
    that repeat this run, for the reader of a report. ``audit``: the share (0 to 1) of the samples scored by
    log-likelihood that are scored again, alone in float32, where the target can; 0 for none. Only ``seed``,
    ``budget``, ``chosen`` and ``system_prompt`` can change a finding.

    Raises:
        BadInput: ``audit`` is no share.
    """

    seed: int = 0
    budget: int | None = None
    concurrency: int | None = None
    timeout_seconds: float = 120.0
    system_prompt: str | None = None
    rerun: str = ""
    places: dict[str, str] = msgspec.field(default_factory=dict)
    chosen: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    retry: RetryPolicy = RetryPolicy()
    audit: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.audit <= 1:
            fault = Fault(
                f"audit is {self.audit!r}, not a share from 0 to 1", next_step="give 0.01, or 0 for none"
            )
            raise BadInput(fault)


@dataclass(frozen=True)
class Job:
    """Everything a run needs, made by the wiring from names.

    ``data``: digest of each data source's bytes; ``populations``: each evaluation's samples; ``roles``: helping
    targets by role (``judge-target``, ``attacker``); ``calibrations``: each evaluation's, or why it has none;
    ``judge_records``: calibration records that take the place of judges' own, by the judge's id.
    """

    target: Target
    standard: Standard
    evaluations: Mapping[str, Evaluation]
    populations: Mapping[str, Sequence[Sample]]
    judges: Mapping[str, AnyJudge]
    data: Mapping[str, str]
    meters: Meters
    release: ReleaseSource | None = None
    roles: Mapping[str, Target] = field(default_factory=dict)
    settings: RunSettings = field(default_factory=RunSettings)
    calibrations: Mapping[str, CalibrationRecord | NoCalibration] = field(default_factory=dict)
    judge_records: Mapping[str, JudgeRecord] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A header and the populations it speaks about."""

    header: Header
    populations: Mapping[str, Sequence[Sample]]


def check_same_run(stored: Header, now: Header) -> None:
    """Raise ``LedgerMismatch`` naming every part in which the ledger's run differs from this one."""
    # What was chosen shows in the cards.
    differing = [
        name
        for name in Header.__struct_fields__
        if name not in ("rerun", "places", "calibrations", "chosen")
        and getattr(stored, name) != getattr(now, name)
    ]
    if differing:
        faults = [
            Fault(f"the ledger there is of another run: it differs in {name}{_detail(stored, now, name)}")
            for name in differing
        ]
        last = msgspec.structs.replace(
            faults[-1], next_step="choose another folder with --out, or remove that one"
        )
        raise LedgerMismatch(*faults[:-1], last)


def _detail(stored: Header, now: Header, name: str) -> str:
    if name in ("seed", "budget", "qistas", "format"):
        return f" ({getattr(stored, name)} there, {getattr(now, name)} now)"
    if name == "standard":
        return f" ({stored.standard.id} {stored.standard.version} there, {now.standard.id} {now.standard.version} now)"
    if name == "target":
        return f" ({stored.target.model.ref} there, {now.target.model.ref} now)"
    if name == "data":
        names = sorted(key for key, _ in stored.data.items() ^ now.data.items())
        return f" ({', '.join(dict.fromkeys(names))})"
    return ""
