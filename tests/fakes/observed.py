"""Samples, observations and headers as a run would leave them, without a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.fakes.jobs import YesJudge, standard

from qistas.contracts.canonical import digest
from qistas.contracts.documents import Criterion, EvaluationCard
from qistas.contracts.identity import ModelIdentity, TargetInfo
from qistas.contracts.records import LEDGER_FORMAT, Header, Observation, Sample


def sample(name: str, evaluation: str = "test/questions", **changes: Any) -> Sample:
    given: dict[str, Any] = {"cluster": name, "strata": {}, "row": {"id": name}}
    return Sample(evaluation=evaluation, id=name, **{**given, **changes})


def observation(of: Sample, **changes: Any) -> Observation:
    """What the sample showed: nothing at all, unless ``values``, ``unscored`` or ``absent`` are given."""
    given: dict[str, Any] = {
        "evaluation": of.evaluation,
        "sample": of.id,
        "sample_digest": digest(of),
        "cluster": of.cluster,
        "strata": of.strata,
        "values": {},
        "unscored": None,
        "absent": {},
        "requests": (),
        "judgements": (),
    }
    return Observation(**{**given, **changes})


def seen(of: Sample, value: float | None) -> Observation:
    """A value of the metric ``yes``, or unscored."""
    if value is None:
        return observation(of, unscored="timeout: slow")
    return observation(of, values={"yes": value})


def by_sample(observations: Sequence[Observation]) -> dict[tuple[str, str], Observation]:
    return {(o.evaluation, o.sample): o for o in observations}


def header(cards: Sequence[EvaluationCard], criteria: Sequence[Criterion], **changes: Any) -> Header:
    given: dict[str, Any] = {
        "format": LEDGER_FORMAT,
        "qistas": "0",
        "target": target(),
        "standard": standard(*criteria),
        "evaluations": {card.id: card for card in cards},
        "data": {},
        "judges": {"rule/yes": YesJudge.card},
        "seed": 0,
        "budget": None,
        "system_prompt": None,
        "release": None,
        "roles": {},
        "rerun": "MODEL --seed 0",
    }
    return Header(**{**given, **changes})


def target(capabilities: Sequence[str] = ("chat",), missing: Mapping[str, str] | None = None) -> TargetInfo:
    return TargetInfo(
        adapter="scripted",
        model=ModelIdentity(ref="scripted:x", revision=None, digest="sha256:x"),
        capabilities=tuple(capabilities),
        framing="callable",
        missing=dict(missing or {}),
    )
