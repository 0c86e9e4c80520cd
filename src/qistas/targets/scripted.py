"""A target that says what it was told to say: the public test double."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from qistas.contracts.canonical import digest
from qistas.contracts.exchanges import ChatRequest, ChatResponse, Failure, ScoreRequest, ScoreResponse, Usage
from qistas.contracts.identity import ModelIdentity, TargetInfo

Asked = ChatRequest | ScoreRequest
Answer = ChatResponse | ScoreResponse | Failure
Script = Callable[[Asked], str | float | Answer]
Faults = Callable[[Asked, int], Failure | None]


def fail_first(times: int, failure: Failure) -> Faults:
    """A plan by which the first ``times`` attempts at every request fail."""
    return lambda _request, attempt: failure if attempt < times else None


class ScriptedTarget:
    """A deterministic ``Target`` for tests of engines, evaluations and judges.

    Args:
        answers: a mapping from the last message's text to the answer, or a function of the request. A ``str``
            becomes a ``ChatResponse``, a ``float`` a ``ScoreResponse`` (one token per word of the
            continuation), a response or a ``Failure`` is given back as it is.
        capabilities: what the target declares; a request for anything else fails as ``unsupported``.
        fail: ``fail(request, attempt)`` gives the failure of this attempt (from 0) or ``None``. It sees the
            request and its own attempts only, so the plan holds at any concurrency.
        delay_seconds: how long a call takes: a number, or a function of the request (the slowest counts).
        name: stands in the reference and in the digest.

    ``asked`` lists the requests in order, ``batches`` the size of each call, ``peak`` the most calls that were
    in flight at once; ``opened`` and ``closed`` count.
    """

    def __init__(
        self,
        answers: Mapping[str, str] | Script,
        *,
        capabilities: Sequence[str] = ("chat", "score"),
        fail: Faults | None = None,
        delay_seconds: float | Callable[[Asked], float] = 0.0,
        batch_size: int = 1,
        connections: int = 8,
        name: str = "scripted",
    ) -> None:
        self.batch_size = batch_size
        self.connections = connections
        self.asked: list[Asked] = []
        self.batches: list[int] = []
        self.peak = 0
        self.opened = 0
        self.closed = 0
        self._script = answers if callable(answers) else _from_mapping(dict(answers))
        self._capabilities = tuple(capabilities)
        self._fail = fail
        self._delay = delay_seconds if callable(delay_seconds) else lambda _request: delay_seconds
        self._name = name
        self._attempts: dict[str, int] = {}
        self._in_flight = 0

    async def open(self) -> TargetInfo:
        """The same information every time."""
        self.opened += 1
        return TargetInfo(
            adapter="scripted",
            model=ModelIdentity(
                ref=f"scripted:{self._name}", revision=None, digest=digest(["scripted", self._name])
            ),
            capabilities=self._capabilities,
            framing="callable",
            missing={
                name: "the script does not declare it"
                for name in ("chat", "score", "measure")
                if name not in self._capabilities
            },
        )

    async def answer(self, requests: Sequence[Asked]) -> Sequence[Answer]:
        """What the script says, in order, after the delay."""
        self.batches.append(len(requests))
        self.asked.extend(requests)
        self._in_flight += 1
        self.peak = max(self.peak, self._in_flight)
        try:
            await asyncio.sleep(max((self._delay(r) for r in requests), default=0.0))
            return [self._one(request) for request in requests]
        finally:
            self._in_flight -= 1

    async def close(self) -> None:
        """Nothing to let go of; the call is counted."""
        self.closed += 1

    def attempts(self, request: Asked) -> int:
        """How often this request was asked."""
        return self._attempts.get(digest(request), 0)

    def _one(self, request: Asked) -> Answer:
        attempt = self.attempts(request)
        self._attempts[digest(request)] = attempt + 1
        needed = "chat" if isinstance(request, ChatRequest) else "score"
        if needed not in self._capabilities:
            return Failure(
                kind="unsupported", message=f"the script does not declare {needed!r}", passing=False
            )
        planned = self._fail(request, attempt) if self._fail else None
        return planned or _response(request, self._script(request))


def _from_mapping(answers: Mapping[str, str]) -> Script:
    def script(request: Asked) -> str | Failure:
        asked = request.messages[-1].content if request.messages else ""
        if asked in answers:
            return answers[asked]
        return Failure(kind="exception", message=f"the script has no answer to {asked!r}", passing=False)

    return script


def _response(request: Asked, said: str | float | Answer) -> Answer:
    if isinstance(said, str):
        usage = Usage(sum(len(m.content.split()) for m in request.messages), len(said.split()))
        return ChatResponse(text=said, usage=usage)
    if isinstance(said, float):
        words = request.continuation.split() if isinstance(request, ScoreRequest) else ()
        return ScoreResponse(logprob=said, tokens=max(1, len(words)))
    return said
