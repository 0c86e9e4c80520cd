"""What stands in a ledger: one struct per kind of record."""

from __future__ import annotations

from typing import Any

import msgspec

from qistas.contracts.audits import Audited, Rescored
from qistas.contracts.calibrations import CalibrationRecord, NoCalibration
from qistas.contracts.documents import EvaluationCard, Standard
from qistas.contracts.exchanges import Failure, Request, Response
from qistas.contracts.findings import Finding
from qistas.contracts.identity import HostRecord, TargetInfo

LEDGER_FORMAT = "qistas-ledger/1"


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One item of an evaluation. ``cluster`` is its unit of analysis, ``strata`` what ``where`` selects on."""

    evaluation: str
    id: str
    cluster: str
    strata: dict[str, str]
    row: dict[str, Any]


class Decision(msgspec.Struct, frozen=True):
    """What a judge decided about a response: a label, why, and the words that decided it."""

    label: str
    reason: str = ""
    span: str | None = None


class Absent(msgspec.Struct, frozen=True):
    """In place of a metric's value: this sample has none, for ``reason`` (an unread counter, for example)."""

    reason: str


class JudgeCard(msgspec.Struct, frozen=True, kw_only=True):
    """A judge's identity and its calibration record (``None`` only with a reason).

    ``rule``: a pure function of the response, which ``verify`` recomputes.
    """

    id: str
    version: str
    rule: bool
    calibration: dict[str, Any] | None
    calibration_reason: str | None = None
    prompt: str | None = None


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What makes this run this run: equal on resume, or the ledger is of another run.

    ``data`` maps a data source's id to the digest of its bytes; ``release`` is the digest of the listing;
    ``roles`` are the helping models (judge, attacker); ``rerun`` are the arguments that repeat this run;
    ``places`` says where cards of the user's own stood; ``calibrations`` how each evaluation was calibrated when
    the run began, or why it was not. ``chosen``: by evaluation, the parameters of its published card for which the user chose
    values of their own; ``evaluations`` has the card with them. ``corrected``: numbers are corrected for the errors of their judges, where these are
    known; those of runs from before there was any correction never are.
    """

    format: str
    qistas: str
    target: TargetInfo
    standard: Standard
    evaluations: dict[str, EvaluationCard]
    data: dict[str, str]
    judges: dict[str, JudgeCard]
    seed: int
    budget: int | None
    system_prompt: str | None
    release: str | None
    roles: dict[str, TargetInfo]
    rerun: str
    places: dict[str, str] = msgspec.field(default_factory=dict)
    calibrations: dict[str, CalibrationRecord | NoCalibration] = msgspec.field(default_factory=dict)
    corrected: bool = False
    chosen: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One process that worked on the run: when, where, with which circumstances that change no finding."""

    started: str
    host: HostRecord
    concurrency: int | None
    timeout_seconds: float


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request as put to a target; the record's digest is the request's identity."""

    target: str
    request: Request


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The response to the request with this digest."""

    request: str
    response: Response
    cached: bool
    attempt: int
    elapsed_seconds: float


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """A failed attempt at the request with this digest."""

    request: str
    failure: Failure
    attempt: int


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One judge's decision about one response of one sample."""

    evaluation: str
    sample: str
    judge: str
    request: str
    response: str
    decision: Decision


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What one sample showed: values by metric, or unscored with a reason.

    ``absent`` gives, for a metric that should have a value here and has none, the reason.
    ``sample_digest`` covers the sample's whole content; ``requests`` and ``judgements`` are digests, in the
    order they came about. ``cut_by_context``: how many of the model's answers ended where its context did, before they
    had as many tokens as were asked for; absent where none did.
    """

    evaluation: str
    sample: str
    sample_digest: str
    cluster: str
    strata: dict[str, str]
    values: dict[str, float]
    unscored: str | None
    absent: dict[str, str]
    requests: tuple[str, ...]
    judgements: tuple[str, ...]
    cut_by_context: int | msgspec.UnsetType = msgspec.UNSET


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """The findings as they stood when the run ended."""

    findings: tuple[Finding, ...]


Entry = (
    Header
    | Session
    | Sample
    | Asked
    | Answered
    | Failed
    | Judged
    | Observation
    | Rescored
    | Audited
    | Closing
)

KINDS: dict[str, type] = {
    "header": Header,
    "session": Session,
    "sample": Sample,
    "request": Asked,
    "response": Answered,
    "failure": Failed,
    "judgement": Judged,
    "observation": Observation,
    "rescored": Rescored,
    "audit": Audited,
    "closing": Closing,
}
KIND_OF: dict[type, str] = {cls: kind for kind, cls in KINDS.items()}
