"""Published documents: evaluation cards and standards, as they stand in YAML."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from qistas.contracts.exchanges import Decoding, Framing

Pillar = Literal["openness", "safety", "trust", "capability", "efficiency"]
PILLARS: tuple[Pillar, ...] = ("openness", "safety", "trust", "capability", "efficiency")
Language = Literal["en", "ar"]
Design = Literal["sequence", "fixed", "census", "repeats"]
Statistic = Literal["mean", "ratio", "ece", "aurc"]
BOUNDS: dict[str, tuple[float, float]] = {
    "proportion": (0.0, 1.0),
    "score": (0.0, 1.0),
    "difference": (-1.0, 1.0),
}


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
    """One number that an evaluation yields, from the samples.

    ``unit``: ``proportion`` (a share of cases) and ``score`` (a number on a scale, a Brier score for example) lie
    in [0, 1], ``difference`` in [-1, 1], and their intervals are bounded; anything else is a physical unit.
    ``labels`` maps a judge's label to a value; a label that is absent leaves the sample unscored.

    ``statistic`` says how samples become the number. ``mean``: each sample has a value of its own. The others
    have none; they are computed from two metrics of the same card that do, named by ``of``, over the samples
    that have both:

    - ``ratio``: the sum of the first over the sum of the second, as in a performance drop rate (Zhu et al., 2023)
      or a bias score among the answers that chose a group (Parrish et al., 2022);
    - ``ece``: expected calibration error (Naeini, Cooper and Hauskrecht, 2015; Guo et al., 2017) of a confidence
      and a correctness, both in [0, 1]: Σ n_b/n·|accuracy_b - confidence_b| over ``bins`` of equal width, each
      closed below and open above, the last one closed;
    - ``aurc``: area under the risk-coverage curve (El-Yaniv and Wiener, 2010; Geifman and El-Yaniv, 2017) of a
      confidence and a correctness: the mean over k of the error rate among the k most confident samples, equals
      in random order; 0 is best.
    """

    id: str
    title: Text
    unit: str = "proportion"
    direction: Literal["higher", "lower", "none"] = "none"
    labels: dict[str, float] | None = None
    statistic: Statistic = "mean"
    of: tuple[str, ...] = ()
    bins: int = 10

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The least and the greatest value there can be, or ``None`` for a physical unit."""
        return BOUNDS.get(self.unit)


class EvaluationCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One measurement procedure.

    ``kind``: ``chat`` (prompt, answer, judge), ``choice`` (log-likelihood of options), ``code`` (a class
    known to the wiring by this card's id) or ``reported`` (answers that another tool reported; made by an import). ``prompt`` is a template over the row's columns, one per
    language, or ``{"any": ...}``. ``cluster`` names the column of the unit of analysis. ``design``:
    ``sequence`` (may stop at any time), ``fixed`` (n fixed, cluster-robust), ``census`` (all there is),
    ``repeats`` (the same thing measured again). ``needs``: capabilities of the target. ``attack``: the attack that every
    request comes under, where no stratum says it; a judge's errors on plain requests say nothing of such answers.
    """

    qistas: Literal["evaluation/1"]
    id: str
    version: str
    pillar: Pillar
    title: Text
    question: Text
    limits: tuple[Text, ...]
    kind: Literal["chat", "choice", "code", "reported"]
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
    attack: str | msgspec.UnsetType = msgspec.UNSET


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
