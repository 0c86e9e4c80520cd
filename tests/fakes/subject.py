"""A subject that follows a script: it answers what it is told to and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import (
    ChatRequest,
    ChatResponse,
    Decoding,
    Framing,
    Measurement,
    Message,
    ReleaseListing,
    ScoreResponse,
)
from qistas.contracts.protocols import Row
from qistas.contracts.records import Decision


class Asked(msgspec.Struct, frozen=True):
    """One call as it reached the subject; ``what`` holds its arguments in order."""

    method: str
    what: tuple[object, ...]


class ScriptedSubject:
    """A ``Subject`` without a model.

    ``chat``: the answer to every conversation, or a function of the last message's text.
    ``score``: log-probability by continuation, or a function of the last message's text and the continuation.
    ``judge``: the decision about every answer, or a function of judge, answer, row and language.
    ``measurements``: one per repeat. What is not in the script raises ``Unscored``, as where a model fails.
    """

    def __init__(
        self,
        *,
        chat: str | ChatResponse | Callable[[str], str | ChatResponse] | None = None,
        score: Mapping[str, float] | Callable[[str, str], float] | None = None,
        judge: str | Decision | Callable[[str, str, Row, str], Decision] | None = None,
        measurements: Sequence[Measurement] = (),
        release: ReleaseListing | None = None,
        capabilities: frozenset[str] = frozenset({"chat", "score", "measure", "release"}),
    ) -> None:
        self._chat, self._score, self._judge = chat, score, judge
        self._measurements, self._release = measurements, release
        self.capabilities = capabilities
        self.asked: list[Asked] = []

    def _ask(self, method: str, script: object, *what: object) -> None:
        self.asked.append(Asked(method, what))
        if script is None:
            raise Unscored(f"the script has no {method}")

    async def chat(self, messages: Sequence[Message], decoding: Decoding | None = None) -> ChatResponse:
        self._ask("chat", self._chat, tuple(messages), decoding)
        answer = self._chat(messages[-1].content) if callable(self._chat) else self._chat
        return answer if isinstance(answer, ChatResponse) else ChatResponse(text=str(answer))

    async def score(
        self, messages: Sequence[Message], continuations: Sequence[str], framing: Framing = "plain"
    ) -> Sequence[ScoreResponse]:
        self._ask("score", self._score, tuple(messages), tuple(continuations), framing)
        return [
            ScoreResponse(logprob=self._logprob(messages[-1].content, text), tokens=max(1, len(text.split())))
            for text in continuations
        ]

    def _logprob(self, prompt: str, continuation: str) -> float:
        assert self._score is not None
        return self._score(prompt, continuation) if callable(self._score) else self._score[continuation]

    async def judge(self, judge: str, response: ChatResponse, row: Row, language: str) -> Decision:
        self._ask("judge", self._judge, judge, response.text, dict(row), language)
        decision = self._judge(judge, response.text, row, language) if callable(self._judge) else self._judge
        return decision if isinstance(decision, Decision) else Decision(str(decision))

    async def measure(self, requests: Sequence[ChatRequest], repeat: int) -> Measurement:
        self._ask("measure", self._measurements or None, tuple(requests), repeat)
        return self._measurements[repeat]

    async def release(self) -> ReleaseListing:
        self._ask("release", self._release)
        assert self._release is not None
        return self._release
