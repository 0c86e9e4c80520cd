"""What was judged of a release's openness: every judgement with the words that decided it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from qistas.contracts.documents import Text

Level = Literal["open", "partial", "closed", "undetermined"]
Match = Literal["exact", "near", "unknown"]
Effect = Literal["permission", "ends", "fee", "display"]
Severity = Literal["ok", "note", "warning", "danger", "unread"]

LEVELS: tuple[Level, ...] = ("open", "partial", "closed", "undetermined")

# Code of a supply-chain fault to how bad it is. Filled by what inspects (``qistas.targets.inspection``).
SUPPLY_CODES: dict[str, Severity] = {
    # What a whole file comes to.
    "clean": "ok",
    "signature-verified": "ok",
    "unsigned": "note",
    "not-at-hand": "unread",
    "not-read": "unread",
    "pointer": "unread",
    "unfinished": "unread",
    # A file that is not what it seems.
    "misnamed": "danger",
    "polyglot": "danger",
    "trailing-bytes": "warning",
    "executable": "warning",
    # Safetensors.
    "safetensors-bounds": "danger",
    "safetensors-duplicate": "danger",
    "safetensors-header": "danger",
    "safetensors-hole": "warning",
    "safetensors-metadata": "warning",
    "safetensors-overlap": "danger",
    "safetensors-padding": "warning",
    "safetensors-size": "danger",
    "safetensors-tensor": "danger",
    # GGUF.
    "gguf-alignment": "danger",
    "gguf-bounds": "danger",
    "gguf-duplicate": "danger",
    "gguf-header": "danger",
    "gguf-hole": "warning",
    "gguf-overlap": "danger",
    "gguf-tensor": "danger",
    "gguf-tensor-type": "warning",
    "gguf-unfinished": "warning",
    # Pickles, and arrays that are pickles.
    "numpy-header": "warning",
    "numpy-objects": "note",
    "pickle-broken": "warning",
    "pickle-broken-after-call": "danger",
    "pickle-computed-call": "danger",
    "pickle-dangerous-global": "danger",
    "pickle-extension-code": "danger",
    "pickle-format": "note",
    "pickle-patches-code": "danger",
    "pickle-protocol": "warning",
    "pickle-unknown-global": "warning",
    "pickle-unresolved-global": "danger",
    "pickle-unusual-opcode": "warning",
    "picklescan-dangerous": "danger",
    # Archives.
    "archive-code": "warning",
    "archive-hidden-pickle": "warning",
    "archive-nested": "unread",
    "archive-second-pickle": "danger",
    "tar-header": "warning",
    "tar-link": "warning",
    "tar-path": "danger",
    "zip-bomb": "danger",
    "zip-checksum": "danger",
    "zip-data": "danger",
    "zip-directory": "danger",
    "zip-duplicate-name": "danger",
    "zip-flags": "danger",
    "zip-header": "danger",
    "zip-method": "unread",
    "zip-path": "danger",
    "zip-prefix": "warning",
    # Code.
    "code-obscured": "warning",
    "code-present": "note",
    "code-run-on-install": "note",
    "code-run-on-load": "warning",
    "json-unreadable": "note",
    "keras-lambda": "danger",
    "remote-code": "warning",
    "trusts-remote-code": "warning",
    # Chat templates.
    "template-brings-in": "danger",
    "template-clock": "note",
    "template-internals": "danger",
    "template-loop": "warning",
    "template-unknown-call": "warning",
    "template-unreadable": "warning",
    # Signatures.
    "signature-invalid": "danger",
    "signature-unreadable": "warning",
    "signature-unverified": "note",
}


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """The words that show something: where they stand and of which bytes.

    ``line``: of the first word, from 1; 0 for a fact about the file list (``quote`` is then the path, or what
    is missing). ``quote``: verbatim, at most 400 characters, white space as it stands. ``digest``: ``sha256:…`` of the file,
    ``None`` where the file itself was not at hand. ``origin``: where the document came from, if not from the release.
    """

    file: str
    line: int
    quote: str
    digest: str | None = None
    origin: str | None = None


class ClauseFact(msgspec.Struct, frozen=True, kw_only=True):
    """What one clause of a licence says: ``value`` is a number (a threshold), a word, or true.

    ``fact``: see ``evaluations/openness/clauses.yaml``. ``effect``: of a threshold, what holds beyond it: ``permission`` (it has to be
    asked for), ``ends`` (the rights do), ``fee``, ``display`` (words have to be shown); ``None`` where that was not read, and for
    other facts.
    """

    fact: str
    value: str | int | bool
    quote: str
    file: str
    line: int
    digest: str | None = None
    effect: Effect | None = None


class DifferingSpan(msgspec.Struct, frozen=True, kw_only=True):
    """Where a text departs from the licence it is near to. ``expected`` is ``None`` where the licence's own text is not at hand."""

    line: int
    found: str
    expected: str | None = None


class LicenceReading(msgspec.Struct, frozen=True, kw_only=True):
    """One licence text, card field or header of a release, and what it says.

    ``id``: SPDX, or ``LicenseRef-…`` where SPDX has none; ``None`` for an unknown text (or the nearest, for a ``near``
    match). ``place``: ``text``, ``card``, ``header`` or ``policy``. ``applies_to``: the kinds of component that it covers, as file name
    and wording say. ``osi``, ``fsf``, ``open``: ``None`` where that cannot be told. ``clauses_changed``: of a ``near`` match, whether words of
    its clauses are others, or conditions were added (``differs`` has them), and not only what stands around them; else ``None``.
    """

    file: str
    id: str | None
    name: str
    match: Match
    place: Literal["text", "card", "header", "policy"]
    applies_to: tuple[Literal["code", "data", "document", "weights"], ...]
    osi: bool | None
    fsf: bool | None
    open: bool | None
    reason: Text
    clauses: tuple[ClauseFact, ...] = ()
    differs: tuple[DifferingSpan, ...] = ()
    evidence: tuple[Quote, ...] = ()
    clauses_changed: bool | None = None


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """One dimension: its value, the rung of the ladder that decided, why, and the words that show it."""

    value: str
    rule: str
    reason: Text
    evidence: tuple[Quote, ...] = ()


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """One component of the Model Openness Framework.

    ``rule``: the rung of its ladder that decided about ``present``. ``present``: ``None`` where it cannot be told. ``licence``: SPDX or ``LicenseRef`` id or ``unlicensed``. ``open``: under an open licence.
    ``type_appropriate``: ``False`` is a warning only.
    """

    id: str
    number: int
    title: Text
    type: Literal["code", "data", "document"]
    framework_class: Literal[1, 2, 3]
    required: bool
    present: bool | None
    licence: str | None
    open: bool | None
    type_appropriate: bool | None
    counts: bool
    reason: Text
    evidence: tuple[Quote, ...] = ()
    rule: str = ""


class MofProjection(msgspec.Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """``class_``: 1, 2, 3, or 0 for none. ``progress``: class ("1", "2", "3") to per cent, 0-100. ``reasons``: what keeps it from the next."""

    class_: int
    progress: dict[str, int]
    components: dict[str, Component]
    reasons: tuple[Text, ...] = ()


class OsaidProjection(msgspec.Struct, frozen=True, kw_only=True):
    """OSAID 1.0: ``blocked``, ``not_blocked`` or ``undetermined``; never a statement of compliance."""

    verdict: Literal["blocked", "not_blocked", "undetermined"]
    blockers: tuple[Judgement, ...]
    parts: dict[str, Judgement]


class Projections(msgspec.Struct, frozen=True, kw_only=True):
    """The same evidence, as each framework looks at it."""

    mof: MofProjection
    eu: dict[str, Judgement]
    osaid: OsaidProjection


class LineageNode(msgspec.Struct, frozen=True, kw_only=True):
    """A model or data set on the way to the roots. ``status``: ``here``, ``read``, ``missing``, ``renamed``, ``named`` (not read).

    ``licence``: the identifier of the licence that it states, or its words as stated in “quotation marks” where no identifier is known.
    """

    id: str
    kind: Literal["model", "dataset"]
    status: Literal["here", "read", "missing", "renamed", "named"]
    licence: str | None = None
    renamed_to: str | None = None


class LineageEdge(msgspec.Struct, frozen=True, kw_only=True):
    """``child`` was made from ``parent``; ``relation``: ``finetune``, ``adapter``, ``quantized``, ``merge``, ``distilled``, ``trained_on``, ``derived``."""

    child: str
    parent: str
    relation: str
    evidence: tuple[Quote, ...] = ()


class LineageConflict(msgspec.Struct, frozen=True, kw_only=True):
    """Stated licences that do not go together, with the way between them and both clauses."""

    kind: str
    path: tuple[str, ...]
    reason: Text
    clauses: tuple[Quote, ...] = ()


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the release says it was made from. ``cycles``: ways that come back to where they began."""

    nodes: tuple[LineageNode, ...] = ()
    edges: tuple[LineageEdge, ...] = ()
    conflicts: tuple[LineageConflict, ...] = ()
    cycles: tuple[tuple[str, ...], ...] = ()


class SupplyFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What one file of the release shows about its own safety."""

    file: str
    format: str
    severity: Severity
    code: str
    reason: Text
    runs: tuple[str, ...] = ()
    evidence: tuple[Quote, ...] = ()


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """Two places of the release that say different things about the same."""

    about: str
    reason: Text
    evidence: tuple[Quote, ...]


class CostStatement(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of training, as a document states it or as a formula gives it.

    ``stated``: the words for the figure, verbatim (of a formula: its factors as they are stated). ``low`` to ``high``: what their rounding
    leaves open, in the unit of the cost; ``high`` is ``None`` behind “over”, both are for hardware whose number is not said.
    ``subject``: the words for what the figure is told of (a model's name, the name of a table's row), ``None`` where the words do not say. ``scope``: ``total``
    for everything together, ``release`` for the release without more, ``model`` for one of its models. ``kind``: ``total`` or ``active``
    parameters, ``location-based`` or ``market-based`` emissions; ``None`` where it is not said. ``counted``: it is one of those that the cost's own interval holds.
    """

    stated: str
    low: float | None
    high: float | None
    subject: str | None
    scope: Literal["total", "release", "model"]
    kind: str | None = None
    phase: str = "training"
    counted: bool = False
    evidence: tuple[Quote, ...] = ()


class DisclosedCost(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity of training: ``low`` to ``high`` in ``unit``; ``None`` where undisclosed. ``derived``: by a formula from other figures.

    ``value``: ``unread`` is undisclosed where the prose of the release could not be read. ``statements``: every figure, each with its own interval
    and subject. ``headline``: which of them ``low`` to ``high`` holds: the ``total`` where one is stated, else the figure of the ``release``, else that of
    the one model or those ``per_model`` from the least to the greatest; ``several`` where those of one scope differ, ``contradicting`` where a
    total cannot be the total of the models. ``stated``: the words of these figures, to be shown in front of the interval.
    ``text``: the words of all figures.
    """

    quantity: str
    disclosed: bool
    low: float | None
    high: float | None
    unit: str
    derived: bool
    formula: str | None
    reason: Text
    text: str | None = None
    evidence: tuple[Quote, ...] = ()
    value: Literal["stated", "derived", "undisclosed", "unread"] = "undisclosed"
    headline: Literal["total", "release", "model", "per_model", "several", "contradicting"] | None = None
    stated: str | None = None
    statements: tuple[CostStatement, ...] = ()


class UnreadPage(msgspec.Struct, frozen=True, kw_only=True):
    """A document whose prose is mostly in a language that the rules do not read.

    ``language``: BCP 47, ``und`` where it cannot be told; ``share`` of its words, 0 to 1; ``lines``: the first and the last of them.
    """

    file: str
    language: str
    share: float
    lines: tuple[int, int]


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """A release, weighed on openness. The fields are those of ``qistas openness --format json``.

    ``release``: source, revision, number of files and documents, digest of the listing, and ``read_on``, the date on which it was
    read (no judgement depends on it). ``unread``: the documents whose language the rules do not read.
    """

    qistas: str
    release: dict[str, Any]
    licences: tuple[LicenceReading, ...]
    projections: Projections
    concentration: dict[str, Judgement]
    lineage: Lineage
    supply_chain: tuple[SupplyFinding, ...]
    contradictions: tuple[Contradiction, ...]
    training_cost: dict[str, DisclosedCost]
    unread: tuple[UnreadPage, ...] = ()
