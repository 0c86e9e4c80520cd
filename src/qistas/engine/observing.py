"""One sample, from ``observe`` to its observation; the same for a live run and for a replay."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.documents import EvaluationCard
from qistas.contracts.errors import QistasError, Unscored
from qistas.contracts.protocols import AnyJudge, Evaluation
from qistas.contracts.records import Absent, Observation, Sample
from qistas.engine.subject import Exchanges, RunSubject


async def observation_of(
    evaluation: Evaluation,
    sample: Sample,
    exchanges: Exchanges,
    *,
    judges: Mapping[str, AnyJudge],
    capabilities: frozenset[str],
    system_prompt: str | None,
    sample_digest: str | None = None,
) -> Observation:
    """Run ``observe`` for one sample; an evaluation's own fault leaves the sample unscored and says so.

    ``sample_digest``: where it is known already; it is computed otherwise.
    """
    subject = RunSubject(
        sample, exchanges, judges=judges, capabilities=capabilities, system_prompt=system_prompt
    )
    values: dict[str, float] = {}
    absent: dict[str, str] = {}
    unscored: str | None = None
    try:
        given = await evaluation.observe(sample, subject)
        values = _values(given, evaluation.card)
        absent = {name: value.reason for name, value in given.items() if isinstance(value, Absent)}
    except Unscored as signal:
        unscored = signal.reason
    except QistasError:
        raise
    except Exception as error:  # noqa: BLE001 - one sample's fault must not end the run
        unscored = f"the evaluation failed: {type(error).__name__}: {error}"
    return Observation(
        evaluation=sample.evaluation,
        sample=sample.id,
        sample_digest=sample_digest or digest(sample),
        cluster=sample.cluster,
        strata=sample.strata,
        values=values,
        unscored=unscored,
        absent=absent,
        requests=tuple(subject.requests),
        judgements=tuple(subject.judgements),
        cut_by_context=subject.cut_by_context or msgspec.UNSET,
    )


def _values(given: Mapping[str, float | Absent], card: EvaluationCard) -> dict[str, float]:
    metrics = {metric.id: metric for metric in card.metrics}
    values = {name: float(value) for name, value in given.items() if not isinstance(value, Absent)}
    for name, value in values.items():
        metric = metrics.get(name)
        low, high = (metric and metric.bounds) or (-math.inf, math.inf)
        if not (math.isfinite(value) and low <= value <= high):
            raise ValueError(f"{name} is {value}")
        if metric and metric.statistic != "mean":
            raise ValueError(f"{name} is computed from other metrics, and a sample has no value of it")
    return values
