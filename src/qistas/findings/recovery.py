"""Whether an instrument finds what was planted: the rules, applied to one property on one weight."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qistas.contracts.calibrations import Calibration, CalibrationRecord, Claim, Outcome, Recovery
from qistas.contracts.documents import Criterion, EvaluationCard
from qistas.contracts.estimates import Estimate
from qistas.contracts.records import Observation
from qistas.findings.estimating import finite_estimate

# The widest half of an interval at the default budget that is narrow enough to matter: of a mean in [0, 1].
WIDEST_HALF = 0.07
# A difference has twice the range.
WIDEST_DIFFERENCE = 2 * WIDEST_HALF
# What is computed from all samples together (calibration error, area under risk and coverage) varies more.
WIDEST_COMPUTED = 0.10
# More samples without a value than this share of them, and more than one, are too many: the truth has one for each.
MOST_UNSCORED = 0.05
# The whole population has no chance in it: only batches and kernels may move its value.
WHOLE_TOLERANCE = 0.01
# One answer in 400 (most strata have that many): a judge may read it otherwise than truth does, and the interval,
# which only knows of sampling, is not to blame for that.
TOLERANCE = 0.0025


def recovery_of(
    claim: Claim,
    observations: Sequence[Observation],
    card: EvaluationCard,
    criterion: Criterion,
    *,
    family_confidence: float,
    full_budget: bool,
) -> Recovery:
    """Hold what was observed, in the seeded order, against what was planted.

    Decided at ``family_confidence``, so that all lines of a table hold together; the estimate itself has the
    criterion's confidence.
    """
    estimate = finite_estimate(observations, card, criterion, claim.population_n)
    sure = msgspec.structs.replace(criterion, confidence=family_confidence)
    interval = ends(finite_estimate(observations, card, sure, claim.population_n))
    raised = interval is not None and beyond(claim, *interval)
    return Recovery(
        claim=claim,
        estimate=estimate,
        wide_interval=interval,
        full_budget=full_budget,
        raised=raised,
        outcome=_outcome(claim, interval, raised, full_budget),
        false_alarm=raised and not planted_raised(claim),
        wide=full_budget and _wide(estimate, width_limit(claim)),
        many_unscored=estimate.unscored > max(1.0, MOST_UNSCORED * estimate.n),
    )


def width_limit(claim: Claim) -> float | None:
    """The widest half that an interval may have at the default budget, or ``None`` where none is set."""
    if claim.unit == "difference":
        return WIDEST_DIFFERENCE
    if claim.unit not in ("proportion", "score"):
        return None
    return WIDEST_HALF if claim.statistic == "mean" else WIDEST_COMPUTED


def ends(estimate: Estimate) -> tuple[float, float] | None:
    """Both ends of an interval, or ``None`` where there is none."""
    return None if estimate.low is None or estimate.high is None else (estimate.low, estimate.high)


def holds(interval: tuple[float, float] | None, value: float) -> bool:
    """Whether the interval holds the value, give or take ``TOLERANCE``."""
    return interval is not None and interval[0] - TOLERANCE <= value <= interval[1] + TOLERANCE


def beyond(claim: Claim, low: float, high: float) -> bool:
    """Whether all from ``low`` to ``high`` lies beyond the threshold; never, where there is none."""
    if claim.raised is None or claim.threshold is None:
        return False
    return low > claim.threshold if claim.raised == "above" else high < claim.threshold


def planted_raised(claim: Claim) -> bool:
    """Whether the property is really raised on this weight."""
    return beyond(claim, claim.planted, claim.planted)


def _wide(estimate: Estimate, limit: float | None) -> bool:
    interval = ends(estimate)
    return interval is not None and limit is not None and (interval[1] - interval[0]) / 2 > limit


def _outcome(claim: Claim, interval: tuple[float, float] | None, raised: bool, full_budget: bool) -> Outcome:
    if not holds(interval, claim.planted):
        return "missed"
    if raised == planted_raised(claim):
        return "recovered"
    return "missed" if full_budget else "open"


def faulty(line: Recovery) -> bool:
    """Whether a line speaks against the instrument."""
    uncovered = line.coverage is not None and (line.coverage.short or line.coverage.off)
    return line.outcome == "missed" or line.false_alarm or line.wide or line.many_unscored or uncovered


def records_of(calibration: Calibration) -> dict[str, CalibrationRecord]:
    """What is kept of a calibration, by evaluation."""
    return {name: _record(calibration, name) for name in calibration.evaluations}


def _record(calibration: Calibration, evaluation: str) -> CalibrationRecord:
    instrument, lines = calibration.instruments[evaluation], calibration.of(evaluation)
    halves = [line.half_width for line in lines if line.claim.share]
    known = [half for half in halves if half is not None]
    coverages = [line.coverage for line in lines if line.coverage is not None]
    return CalibrationRecord(
        qistas=calibration.qistas,
        version=instrument.version,
        card=instrument.card,
        judge=instrument.judge,
        judge_version=instrument.judge_version,
        weights={name: weight.digest for name, weight in calibration.weights.items()},
        date=calibration.date,
        confidence=calibration.confidence,
        lines=len(lines),
        recovered=sum(line.outcome == "recovered" for line in lines),
        false_alarms=sum(line.false_alarm for line in lines),
        faulty=sum(faulty(line) for line in lines),
        worst_half_width=round(max(known), 6) if known else None,
        seeds=calibration.seeds,
        hits=sum(coverage.hits for coverage in coverages),
        trials=sum(coverage.seeds for coverage in coverages),
    )
