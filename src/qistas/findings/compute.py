"""All findings of a run, from its header and its observations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from shlex import quote

from qistas.contracts.canonical import digest
from qistas.contracts.documents import Criterion, EvaluationCard, MetricCard, Text
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.contracts.findings import Evidence, Finding, JudgeNote, Verdict
from qistas.contracts.records import Header, Observation, Sample
from qistas.findings import reasons
from qistas.findings.estimating import decide, estimate_of, looked_at, metric_of, scored, unit_of
from qistas.findings.order import seeded_order

Observations = Mapping[tuple[str, str], Observation]
Populations = Mapping[str, Sequence[Sample]]


def capabilities_of(header: Header) -> frozenset[str]:
    """What the run can ask for: the target's capabilities, the release, the helping models."""
    extra = {"release"} if header.release else set()
    return frozenset(header.target.capabilities) | extra | frozenset(header.roles)


def missing_needs(card: EvaluationCard, header: Header) -> list[str]:
    """The capabilities that the evaluation needs and this run does not have."""
    have = capabilities_of(header)
    return [need for need in card.needs if need not in have]


def findings_of(header: Header, populations: Populations, observations: Observations) -> tuple[Finding, ...]:
    """One finding per criterion of the standard, in its order.

    ``populations``: the samples of each evaluation; ``observations`` by (evaluation, sample). Pure: the same
    input gives the same findings, bit for bit.
    """
    return tuple(_finding(c, header, populations, observations) for c in header.standard.criteria)


def _finding(
    criterion: Criterion, header: Header, populations: Populations, observations: Observations
) -> Finding:
    card = header.evaluations[criterion.evaluation]
    missing = missing_needs(card, header)
    if missing:
        reason = reasons.missing_capability(missing, header.target.missing)
        nothing = not_estimable("not measured", method="none", confidence=criterion.confidence)
        return _assemble(criterion, header, "not_applicable", reason, nothing, (), "not_run")
    counted, target_n, stopped = counted_of(criterion, header, populations, observations)
    estimate = estimate_of(counted, card, criterion, target_n)
    verdict, reason = _verdict(criterion, card, estimate, counted, stopped, target_n)
    return _assemble(criterion, header, verdict, reason, estimate, counted, stopped)


def counted_of(
    criterion: Criterion, header: Header, populations: Populations, observations: Observations
) -> tuple[tuple[Observation, ...], int, str]:
    """(the observations that a criterion's number is made of, its declared n, how it stopped)."""
    card = header.evaluations[criterion.evaluation]
    order = seeded_order(populations.get(card.id, ()), criterion, card, header.seed, header.budget)
    seen = _contiguous(order, observations)
    counted, decided = looked_at(seen, card, criterion, len(order))
    stopped = "decided" if decided else "complete" if len(seen) == len(order) else "incomplete"
    return counted, len(order), stopped


def _contiguous(order: Sequence[Sample], observations: Observations) -> list[Observation]:
    seen = []
    for sample in order:
        observation = observations.get((sample.evaluation, sample.id))
        if observation is None:
            break
        seen.append(observation)
    return seen


def _verdict(
    criterion: Criterion,
    card: EvaluationCard,
    estimate: Estimate,
    counted: Sequence[Observation],
    stopped: str,
    target_n: int,
) -> tuple[Verdict, Text]:
    if stopped == "incomplete":
        return "not_enough_evidence", reasons.incomplete(len(counted), target_n)
    metric = metric_of(card, criterion)
    if counted and not any(scored(observation, metric) for observation in counted):
        why = Counter(_why_unscored(observation, metric) for observation in counted)
        most = why.most_common(1)[0][0]
        if all(o.unscored is None for o in counted):
            return "not_enough_evidence", reasons.unestimable(most)
        return "failed", reasons.failed(most, len(counted))
    if estimate.low is None or estimate.high is None:
        return "not_enough_evidence", reasons.unestimable(estimate.reason or "unknown")
    if criterion.requirement is None:
        return "not_applicable", reasons.no_requirement()
    verdict = decide(criterion.requirement, estimate.low, estimate.high)
    return verdict, reasons.judged(verdict, criterion, estimate, unit_of(metric))


def _why_unscored(observation: Observation, metric: MetricCard) -> str:
    names = (metric.id, *metric.of)
    return observation.unscored or next(
        (observation.absent[name] for name in names if name in observation.absent),
        "this metric does not apply to these samples",
    )


def _assemble(
    criterion: Criterion,
    header: Header,
    verdict: Verdict,
    reason: Text,
    estimate: Estimate,
    counted: Sequence[Observation],
    stopped: str,
) -> Finding:
    card = header.evaluations[criterion.evaluation]
    metric = metric_of(card, criterion)
    judge = header.judges.get(card.judge) if card.judge else None
    note = (
        JudgeNote(id=judge.id, calibration=judge.calibration, calibration_reason=judge.calibration_reason)
        if judge
        else None
    )
    return Finding(
        criterion=criterion.id,
        pillar=card.pillar,
        title=criterion.title,
        verdict=verdict,
        reason=reason,
        metric=metric.id,
        unit=unit_of(metric),
        direction=metric.direction,
        cluster_unit=card.cluster_unit,
        requirement=criterion.requirement,
        estimate=estimate,
        judge=note,
        evidence=Evidence(count=len(counted), digest=digest([digest(o) for o in counted])),
        stopped=stopped,
        near_ties=sum(o.values.get("near_tie") == 1.0 for o in counted),
        rerun=f"qistas run {quote(header.places.get(card.id, card.id))} {header.rerun}",
    )
