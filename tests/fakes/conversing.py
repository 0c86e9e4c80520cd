"""A subject with a real model behind it that also answers, for evaluations that ask before they score."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from tests.fakes.scoring import Values
from tests.fakes.subject import ScriptedSubject

from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import (
    ChatRequest,
    ChatResponse,
    Decoding,
    Framing,
    Message,
    ScoreRequest,
    ScoreResponse,
)
from qistas.contracts.protocols import Evaluation, Judge, Row
from qistas.contracts.records import Decision, Sample
from qistas.targets.local import TransformersTarget


class ConversingSubject(ScriptedSubject):
    """Chat and score of a target, and the decisions of a rule judge."""

    def __init__(self, target: TransformersTarget, judge: Judge | None) -> None:
        super().__init__()
        self._target, self._rule = target, judge

    async def chat(self, messages: Sequence[Message], decoding: Decoding | None = None) -> ChatResponse:
        request = ChatRequest(messages=tuple(messages), decoding=decoding or Decoding())
        (response,) = await self._target.answer([request])
        if not isinstance(response, ChatResponse):
            raise Unscored(str(response))
        return response

    async def score(
        self, messages: Sequence[Message], continuations: Sequence[str], framing: Framing = "plain"
    ) -> Sequence[ScoreResponse]:
        responses = await self._target.answer(
            [ScoreRequest(messages=tuple(messages), continuation=t, framing=framing) for t in continuations]
        )
        found = [response for response in responses if isinstance(response, ScoreResponse)]
        if len(found) < len(responses):
            raise Unscored("not every text could be scored")
        return found

    async def judge(self, judge: str, response: ChatResponse, row: Row, language: str) -> Decision:
        assert self._rule is not None
        assert judge == self._rule.card.id
        return self._rule.decide(response=response.text, language=language, row=row)


def conversed(
    evaluation: Evaluation, samples: Sequence[Sample], folder: Path, judge: Judge | None = None
) -> Values:
    """The values of each sample on the model in ``folder``; a sample that stays unscored has none."""

    async def one(sample: Sample, subject: ConversingSubject) -> dict[str, object]:
        try:
            return dict(await evaluation.observe(sample, subject))
        except Unscored:
            return {}

    async def run() -> Values:
        target = TransformersTarget(folder, device="cpu")
        await target.open()
        try:
            subject = ConversingSubject(target, judge)
            return {sample.id: await one(sample, subject) for sample in samples}  # type: ignore[misc]
        finally:
            await target.close()

    return asyncio.run(run())
