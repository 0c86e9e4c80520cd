"""How instruments were calibrated: which planted properties they were held against, and what came out."""

from __future__ import annotations

from typing import Literal

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.estimates import Estimate

Side = Literal["above", "below"]
Outcome = Literal["recovered", "missed", "open"]
# Why an evaluation of a run has no calibration: it never had one, or the one on record is of another version.
NoCalibration = Literal["none", "other_version"]


class CalibrationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of an evaluation's calibration, and stands in every report that uses the evaluation.

    ``card`` is the digest of the evaluation's card; with ``judge`` and ``judge_version`` it says what exactly
    was calibrated. ``weights``: digest of each weight by name, null where it cannot be read. ``date``: the day
    (UTC), with the version of ``qistas``. ``lines``: properties times weights that were compared; of these
    ``recovered``, ``false_alarms``, and ``faulty``, those that speak against the instrument for any reason.
    ``worst_half_width``: of the proportions, at ``confidence``; null where there are none. ``seeds``: how often
    the sampling was repeated, with ``hits`` of ``trials`` intervals that held the planted value.
    """

    qistas: str
    version: str
    card: str
    judge: str | None
    judge_version: str | None
    weights: dict[str, str | None]
    date: str
    confidence: float
    lines: int
    recovered: int
    false_alarms: int
    faulty: int
    worst_half_width: float | None
    seeds: int = 0
    hits: int = 0
    trials: int = 0


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one property on one weight before anything is measured.

    ``planted``: the exact value over the ``population_n`` members of the stratum, in the metric's ``unit``.
    ``statistic``: how the metric comes of the samples (``mean``, ``ratio``, ``ece``, ``aurc``); ``share``: it is a
    share of them. The property is *raised* where the value lies beyond ``threshold`` on the side ``raised``; without
    one, numbers are compared only.
    """

    property: str
    family: str
    evaluation: str
    metric: str
    unit: str
    statistic: str
    share: bool
    title: Text
    weight: str
    planted: float
    population_n: int
    raised: Side | None = None
    threshold: float | None = None


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How often the interval held the planted value when the sampling was repeated ``seeds`` times.

    ``p_value``: of at most so many ``hits`` if the interval held the value as often as it says (one-sided, exact
    binomial). ``short``: that is so unlikely, over all lines together, that the interval falls short.
    ``whole``: the value that the instrument itself gives on the whole population; ``off``: that is not the planted
    one, and no chance is in it.
    """

    seeds: int
    hits: int
    p_value: float
    short: bool
    median_half_width: float | None
    whole: float | None
    off: bool


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """One property on one weight: what was planted, what was found, and the verdicts by the published rules.

    ``estimate`` has the stated confidence; ``wide_interval`` is the same estimate at the family-wise confidence,
    by which ``raised``, ``outcome`` and ``false_alarm`` are decided. ``open``: with less than the default budget
    the interval holds the planted value and reaches to both sides of the threshold. ``wide``: at the default
    budget the interval is wider than the limit for such a metric. ``many_unscored``: too many samples have no value.
    """

    claim: Claim
    estimate: Estimate
    wide_interval: tuple[float, float] | None
    full_budget: bool
    raised: bool
    outcome: Outcome
    false_alarm: bool
    wide: bool
    many_unscored: bool
    coverage: Coverage | None = None

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval at the stated confidence."""
        low, high = self.estimate.low, self.estimate.high
        return None if low is None or high is None else (high - low) / 2


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """An evaluation and its judge, by version; ``card`` is the digest of the evaluation's card."""

    title: Text
    version: str
    card: str
    judge: str | None
    judge_version: str | None


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """A weight as it was reached, and the digest of its files where they can be read.

    ``other``: another model was given in the place of the weight in which the properties are planted.
    """

    ref: str
    digest: str | None
    other: bool


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """A whole calibration run.

    ``comparisons``: how many lines the family-wise confidence is shared between (those of the whole table, on
    all its weights, also where only a part was run). ``budget``: samples per line, null for half of each stratum.
    """

    qistas: str
    date: str
    confidence: float
    comparisons: int
    seed: int
    budget: int | None
    seeds: int
    weights: dict[str, Weight]
    instruments: dict[str, Instrument]
    lines: tuple[Recovery, ...]

    @property
    def family_confidence(self) -> float:
        """The confidence of each interval that makes all of them hold together with ``confidence``."""
        return 1.0 - (1.0 - self.confidence) / self.comparisons

    @property
    def evaluations(self) -> tuple[str, ...]:
        """The evaluations that were run, in the order of their lines: JSON keeps none of ``instruments``."""
        return tuple(dict.fromkeys(line.claim.evaluation for line in self.lines))

    def of(self, evaluation: str) -> tuple[Recovery, ...]:
        """The lines of one evaluation, in order."""
        return tuple(line for line in self.lines if line.claim.evaluation == evaluation)
