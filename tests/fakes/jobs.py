"""A small standard over questions with yes/no answers, ready to run on a scripted target."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qistas.contracts.documents import Criterion, EvaluationCard, MetricCard, Requirement, Standard, Text
from qistas.contracts.exchanges import Message
from qistas.contracts.findings import Finding
from qistas.contracts.protocols import Judge, ModelJudge, Subject, Target
from qistas.contracts.records import Absent, Decision, JudgeCard, Sample
from qistas.engine.cache import ResponseCache
from qistas.engine.plan import Job, RunSettings
from qistas.engine.run import Progress
from qistas.engine.scheduler import RetryPolicy
from qistas.engine.verification import findings_in
from qistas.engine.work import work
from qistas.ledger.reader import LedgerReader

TEXT = Text("a text", "نصّ")
QUICK = RetryPolicy(attempts=3, base_seconds=0.001, most_seconds=0.002)


class YesJudge:
    """Labels an answer by its first word."""

    card = JudgeCard(id="rule/yes", version="1", rule=True, calibration={"definition": "the first word"})

    def decide(self, *, response: str, language: str, row: Mapping[str, object]) -> Decision:
        return Decision(response.split(maxsplit=1)[0].lower(), "first word")


class Questions:
    """Asks each sample's question and takes "yes" as 1, "no" as 0, anything else as unscored."""

    def __init__(self, card: EvaluationCard) -> None:
        self.card = card

    def samples(self, rows: Sequence[Mapping[str, Any]]) -> list[Sample]:
        return [
            Sample(
                evaluation=self.card.id,
                id=row["id"],
                cluster=row.get("cluster", row["id"]),
                strata={},
                row=dict(row),
            )
            for row in rows
        ]

    async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
        response = await subject.chat([Message("user", sample.row["question"])], self.card.decoding)
        decision = await subject.judge("rule/yes", response, sample.row, "en")
        if decision.label not in ("yes", "no"):
            return {"yes": Absent(f"judged {decision.label}")}
        return {"yes": float(decision.label == "yes")}


def card(name: str = "test/questions", **changes: Any) -> EvaluationCard:
    """The evaluation's card."""
    given: dict[str, Any] = {
        "qistas": "evaluation/1",
        "id": name,
        "version": "1.0",
        "pillar": "capability",
        "title": TEXT,
        "question": TEXT,
        "limits": (TEXT,),
        "kind": "code",
        "metrics": (MetricCard(id="yes", title=TEXT, direction="higher"),),
        "cluster_unit": TEXT,
        "needs": ("chat",),
        "design": "sequence",
        "judge": "rule/yes",
    }
    return EvaluationCard(**{**given, **changes})


def standard(*criteria: Criterion) -> Standard:
    """A standard of these criteria."""
    return Standard(
        qistas="standard/1",
        id="test",
        version="1.0",
        title=TEXT,
        summary=TEXT,
        intended_use=TEXT,
        not_tested=(TEXT,),
        criteria=criteria,
    )


def criterion(name: str = "test.yes", evaluation: str = "test/questions", **changes: Any) -> Criterion:
    """At least 70 % of the questions answered with yes."""
    given: dict[str, Any] = {
        "id": name,
        "evaluation": evaluation,
        "metric": "yes",
        "title": TEXT,
        "why": TEXT,
        "requirement": Requirement(at_least=0.7),
        "samples": 100,
    }
    return Criterion(**{**given, **changes})


def job(
    target: Target,
    *,
    count: int = 100,
    cards: Sequence[EvaluationCard] | None = None,
    criteria: Sequence[Criterion] | None = None,
    judges: Mapping[str, Judge | ModelJudge] | None = None,
    settings: RunSettings | None = None,
    **changes: Any,
) -> Job:
    """A job of ``count`` numbered questions."""
    cards = cards or [card()]
    rows = [{"id": f"q{n:03}", "question": f"question {n}?"} for n in range(count)]
    evaluations = {c.id: Questions(c) for c in cards}
    return Job(
        target=target,
        standard=standard(*(criteria or [criterion()])),
        evaluations=evaluations,
        populations={name: evaluation.samples(rows) for name, evaluation in evaluations.items()},
        judges=judges or {"rule/yes": YesJudge()},
        data={},
        meters=lambda local: [],
        settings=settings or RunSettings(retry=QUICK),
        **changes,
    )


def run(
    made: Job, folder: Path, on_progress: Callable[[Progress], None] | None = None
) -> tuple[Finding, ...]:
    """Run the job into ``folder`` and give the findings of its ledger."""
    cache = ResponseCache(folder / "cache")
    try:
        asyncio.run(work(made, folder / "ledger.sqlite", cache, on_progress or (lambda _: None)))
    finally:
        cache.close()
    return stored(folder)


def stored(folder: Path) -> tuple[Finding, ...]:
    """The findings that the ledger in ``folder`` gives."""
    with LedgerReader(folder / "ledger.sqlite") as reader:
        return findings_in(reader)


def records(folder: Path, kind: str) -> list[Any]:
    """The records of one kind in the ledger in ``folder``, in order."""
    with LedgerReader(folder / "ledger.sqlite") as reader:
        return [entry for _, entry in reader.entries(kind)]


def questions_of(requests: Sequence[Any]) -> list[str]:
    """The last message of each request."""
    return [request.messages[-1].content for request in requests]
