"""Published documents: evaluation cards and standards, as they stand in YAML."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from qistas.contracts.exchanges import Decoding, Framing

Pillar = Literal["openness", "safety", "trust", "capability", "efficiency"]
PILLARS: tuple[Pillar, ...] = ("openness", "safety", "trust", "capability", "efficiency")
Language = Literal["en", "ar"]
Design = Literal["sequence", "fixed", "census", "repeats"]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same thing said in both languages, each authored."""

    en: str
    ar: str


class DataSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pinned source of rows. ``file`` is a package-data name; ``--data ID=FILE`` replaces it."""

    id: str
    file: str
    sha256: str
    licence: str
    source: str = ""


class MetricCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number an evaluation yields per sample.

    ``labels`` maps a judge's label to a value; a label that is absent leaves the sample unscored.
    ``unit``: ``proportion`` for values in [0, 1] (then intervals are bounded), else the physical unit.
    """

    id: str
    title: Text
    unit: str = "proportion"
    direction: Literal["higher", "lower", "none"] = "none"
    labels: dict[str, float] | None = None


class EvaluationCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One measurement procedure.

    ``kind``: ``chat`` (prompt, answer, judge), ``choice`` (log-likelihood of options) or ``code`` (a class
    known to the wiring by this card's id). ``prompt`` is a template over the row's columns, one per
    language, or ``{"any": ...}``. ``cluster`` names the column of the unit of analysis. ``design``:
    ``sequence`` (may stop at any time), ``fixed`` (n fixed, cluster-robust), ``census`` (all there is),
    ``repeats`` (the same thing measured again). ``needs``: capabilities of the target.
    """

    qistas: Literal["evaluation/1"]
    id: str
    version: str
    pillar: Pillar
    title: Text
    question: Text
    limits: tuple[Text, ...]
    kind: Literal["chat", "choice", "code"]
    metrics: tuple[MetricCard, ...]
    cluster_unit: Text
    needs: tuple[str, ...]
    design: Design
    data: DataSource | None = None
    prompt: dict[str, str] | None = None
    system: dict[str, str] | None = None
    judge: str | None = None
    decoding: Decoding = Decoding()
    framing: Framing = "chat"
    cluster: str = "id"
    strata: tuple[str, ...] = ()
    parameters: dict[str, Any] = msgspec.field(default_factory=dict)


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must hold of the metric: one or both bounds, inclusive, in the metric's unit."""

    at_least: float | None = None
    at_most: float | None = None


class Criterion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of a standard: an evaluation, a metric, a stratum and a requirement.

    ``samples`` is the target size (samples per criterion); ``where`` keeps samples whose strata agree.
    """

    id: str
    evaluation: str
    metric: str
    title: Text
    why: Text
    requirement: Requirement | None = None
    where: dict[str, str] = msgspec.field(default_factory=dict)
    samples: int = 200
    confidence: float = 0.95


class Standard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A versioned document: what is asked of a model."""

    qistas: Literal["standard/1"]
    id: str
    version: str
    title: Text
    summary: Text
    intended_use: Text
    not_tested: tuple[Text, ...]
    criteria: tuple[Criterion, ...]
