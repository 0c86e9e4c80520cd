"""Verdicts: what is said about a criterion and about a whole model."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from qistas.contracts.audits import Audited
from qistas.contracts.breakdowns import Breakdown
from qistas.contracts.calibrations import CalibrationRecord, NoCalibration
from qistas.contracts.documents import Language, Pillar, Requirement, Text
from qistas.contracts.estimates import Estimate
from qistas.contracts.identity import HostRecord, ModelIdentity
from qistas.contracts.savings import Savings

Verdict = Literal["met", "not_met", "not_enough_evidence", "not_applicable", "failed"]
Strength = Literal["strong", "moderate", "limited", "none"]


class JudgeNote(msgspec.Struct, frozen=True, kw_only=True):
    """Which judge stands behind a number and how often it is wrong.

    ``corrected``: the same number with the errors of the judge taken into account, their own uncertainty included;
    ``corrected_with`` says which errors these are. Where it is null, ``not_corrected`` says why; all are null where there is nothing to correct: no number, no share, or a judge whose rule
    is what its labels mean.
    """

    id: str
    calibration: dict[str, Any] | None
    calibration_reason: str | None = None
    corrected: Estimate | None = None
    corrected_with: Text | None = None
    not_corrected: Text | None = None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """How many observations stand behind a number, and the digest over them in the seeded order."""

    count: int
    digest: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A criterion's verdict. ``reason`` is a sentence in both languages; ``rerun`` a command.

    ``requirement`` is null for a number that is shown without being judged. ``stopped``: ``decided`` (a sequence
    saw enough), ``complete`` (all declared samples), ``incomplete`` (the run ended before) or ``not_run``.
    ``near_ties``: samples whose first two options lay closer than 1e-4, so that another machine may choose
    otherwise.
    """

    criterion: str
    pillar: Pillar
    title: Text
    verdict: Verdict
    reason: Text
    metric: str
    unit: str
    direction: str
    cluster_unit: Text
    requirement: Requirement | None
    estimate: Estimate
    judge: JudgeNote | None
    evidence: Evidence
    stopped: str
    rerun: str
    near_ties: int = 0


class StandardRef(msgspec.Struct, frozen=True, kw_only=True):
    """A standard by id, version and digest."""

    id: str
    version: str
    digest: str


class LedgerRef(msgspec.Struct, frozen=True, kw_only=True):
    """How long the ledger was and where its chain ended when the report was made."""

    records: int
    head: str


class RunNote(msgspec.Struct, frozen=True, kw_only=True):
    """The circumstances of a run; times are UTC, ISO 8601."""

    started: str
    seed: int
    host: HostRecord
    requests: int
    cached: int
    failures: int


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What a finding says in words, computed from the finding and the run's header.

    ``measure``: what is counted; ``amount``: the number as a natural frequency or with its unit, null where
    there is none; ``asked``: the requirement in words; ``method``: how the number came about, in plain words.
    ``strength`` follows the published rule of ``docs/report.md``, ``weakened_by`` says what lowered it.
    ``uncalibrated``: that the evaluation was not calibrated against planted properties; null where it was.
    ``stopped_early``: after how many of the declared samples it was decided; null where all were looked at.
    ``corrected``: the number corrected for its judge's errors, or why it is not; null where there is nothing to correct.
    """

    criterion: str
    evaluation: str
    question: Text
    measure: Text
    why: Text
    amount: Text | None
    asked: Text | None
    method: Text
    unscored: Text | None
    near_ties: Text | None
    strength: Strength
    weakened_by: tuple[Text, ...]
    would_change: tuple[Text, ...]
    uncalibrated: Text | None = None
    stopped_early: Text | None = None
    corrected: Text | None = None


class PillarNote(msgspec.Struct, frozen=True, kw_only=True):
    """One pillar in a word, with the strength of its evidence and what would change it."""

    pillar: Pillar
    verdict: Verdict
    strength: Strength
    sentence: Text
    would_change: tuple[Text, ...]


class InstrumentNote(msgspec.Struct, frozen=True, kw_only=True):
    """A judge in one language: whether it was calibrated against human labels there, and what came out.

    ``doubt``: why its verdicts tell little here although it was calibrated; absent where nothing says so.
    """

    judge: str
    language: Language
    calibrated: bool
    sentence: Text
    doubt: Text | msgspec.UnsetType = msgspec.UNSET


class CalibrationNote(msgspec.Struct, frozen=True, kw_only=True):
    """An evaluation: how it was calibrated against weights with planted properties, or why it was not."""

    evaluation: str
    title: Text
    record: CalibrationRecord | None
    missing: NoCalibration | None
    sentence: Text


class AuditNote(msgspec.Struct, frozen=True, kw_only=True):
    """What scoring a share of the samples again showed: the record, in a sentence, and what there is to warn of."""

    record: Audited
    sentence: Text
    warning: Text | None


class SavingsNote(msgspec.Struct, frozen=True, kw_only=True):
    """What the run did not have to ask: the record, and a sentence, null where nothing could be spared."""

    record: Savings
    sentence: Text | None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The first screen: one sentence, five pillars, what to know before reading on."""

    sentence: Text
    standard_title: Text
    intended_use: Text
    pillars: tuple[PillarNote, ...]
    instruments: tuple[InstrumentNote, ...]
    caveats: tuple[Text, ...]
    explanations: tuple[Explanation, ...]
    calibrations: tuple[CalibrationNote, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """``report.json``: the whole of what is said, in a form that machines read.

    ``summary.explanations`` has one entry per finding, in the order of ``findings``. ``audit`` is null where no
    log-likelihood was scored again, ``savings`` in reports from before there was any and in those on imports. ``breakdowns``: numbers by hazard, kind, …, in the order of ``findings``.
    """

    qistas: str
    model: ModelIdentity
    standard: StandardRef
    summary: Summary
    findings: tuple[Finding, ...]
    ledger: LedgerRef
    not_tested: tuple[Text, ...]
    run: RunNote
    audit: AuditNote | None = None
    savings: SavingsNote | None = None
    breakdowns: tuple[Breakdown, ...] = ()
