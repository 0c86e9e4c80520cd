"""Subjects for evaluations that compare log-likelihoods: one with a table of scores, one with a real model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.fakes.subject import ScriptedSubject

from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import Failure, Framing, Message, ScoreRequest, ScoreResponse
from qistas.contracts.protocols import Evaluation
from qistas.contracts.records import Absent, Sample
from qistas.targets.local import TransformersTarget

Values = dict[str, dict[str, float | Absent]]
Scores = Callable[[str, str], ScoreResponse]


class ScoringSubject(ScriptedSubject):
    """Answers every (context, continuation) as ``scores`` says, and nothing else."""

    def __init__(self, scores: Scores) -> None:
        super().__init__()
        self._scores = scores
        self.framings: set[Framing] = set()

    async def score(
        self, messages: Sequence[Message], continuations: Sequence[str], framing: Framing = "plain"
    ) -> Sequence[ScoreResponse]:
        self.framings.add(framing)
        context = "\n".join(message.content for message in messages)
        return [self._scores(context, continuation) for continuation in continuations]


def tabled(table: Mapping[tuple[str, str], ScoreResponse]) -> ScoringSubject:
    """A subject that knows the texts of a table only."""

    def found(context: str, continuation: str) -> ScoreResponse:
        if (context, continuation) not in table:
            raise Unscored(f"the table has no {continuation!r} after {context!r}")
        return table[context, continuation]

    return ScoringSubject(found)


def observed(evaluation: Evaluation, samples: Sequence[Sample], subject: ScriptedSubject) -> Values:
    """The values of each sample, by its id."""

    async def run() -> Values:
        return {sample.id: dict(await evaluation.observe(sample, subject)) for sample in samples}

    return asyncio.run(run())


class _TargetSubject(ScriptedSubject):
    def __init__(self, target: TransformersTarget) -> None:
        super().__init__()
        self._target = target

    async def score(
        self, messages: Sequence[Message], continuations: Sequence[str], framing: Framing = "plain"
    ) -> Sequence[ScoreResponse]:
        responses = await self._target.answer(
            [
                ScoreRequest(messages=tuple(messages), continuation=text, framing=framing)
                for text in continuations
            ]
        )
        failed = [response for response in responses if isinstance(response, Failure)]
        if failed:
            raise Unscored(failed[0].message)
        return [response for response in responses if isinstance(response, ScoreResponse)]


def observed_on_model(evaluation: Evaluation, samples: Sequence[Sample], folder: Path) -> Values:
    """The values of each sample on the model in ``folder``, through the adapter that runs it."""

    async def run() -> Values:
        target = TransformersTarget(folder, device="cpu")
        await target.open()
        try:
            subject = _TargetSubject(target)
            return {sample.id: dict(await evaluation.observe(sample, subject)) for sample in samples}
        finally:
            await target.close()

    return asyncio.run(run())


def mean(values: Values, metric: str, names: Sequence[str] | None = None) -> float:
    """The mean of a metric over the samples with these ids, or over all that have it."""
    chosen = [values[name] for name in (values if names is None else names)]
    numbers = [row[metric] for row in chosen if isinstance(row.get(metric), float)]
    return sum(numbers) / len(numbers)  # type: ignore[arg-type]
