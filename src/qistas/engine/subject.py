"""The model as one sample's ``observe`` sees it; keeps the sample's trail of requests and judgements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

from qistas.contracts.errors import BadInput, Fault, Unscored
from qistas.contracts.exchanges import (
    ChatRequest,
    ChatResponse,
    ClippedText,
    ClipRequest,
    Decoding,
    Framing,
    Measurement,
    MeasureRequest,
    Message,
    ReleaseListing,
    ReleaseRequest,
    ReportedRequest,
    Request,
    Response,
    ScoreRequest,
    ScoreResponse,
    Spent,
    SuffixRequest,
    SuffixResult,
)
from qistas.contracts.protocols import AnyJudge, Row
from qistas.contracts.records import Decision, Judged, Sample
from qistas.engine.book import response_digest
from qistas.engine.judging import answer_in, decision_of

R = TypeVar("R")


class Exchanges(Protocol):
    """Where a subject's requests go: the live target with its meters and release, or a ledger's memory."""

    async def ask(self, request: Request, role: str) -> tuple[str, Response]:
        """(request digest, response); ``role`` is ``model``, ``judge-target`` or ``attacker``."""

    def judged(self, judged: Judged) -> str:
        """Keep a judgement; its digest."""


class RunSubject:
    """Implements ``contracts.protocols.Subject`` over ``Exchanges``."""

    def __init__(
        self,
        sample: Sample,
        exchanges: Exchanges,
        *,
        judges: Mapping[str, AnyJudge],
        capabilities: frozenset[str],
        system_prompt: str | None,
    ) -> None:
        self.capabilities = capabilities
        self.requests: list[str] = []
        self.judgements: list[str] = []
        self.cut_by_context = 0
        self._sample = sample
        self._exchanges = exchanges
        self._judges = judges
        self._system_prompt = system_prompt
        self._request_of: dict[int, tuple[str, ChatResponse]] = {}
        self._answers: dict[int, str] = {}
        self._spent: dict[str, Spent] = {}

    async def chat(
        self,
        messages: Sequence[Message],
        decoding: Decoding | None = None,
        documents: Sequence[str] | None = None,
    ) -> ChatResponse:
        """The next assistant turn."""
        request = ChatRequest(
            messages=self._with_system(messages),
            decoding=decoding or Decoding(),
            documents=msgspec.UNSET if documents is None else tuple(documents),
        )
        response = await self._converse(request, "model")
        self.cut_by_context += isinstance(response.context_left, int)
        self._request_of[id(response)] = (self.requests[-1], response)
        return response

    async def score(
        self, messages: Sequence[Message], continuations: Sequence[str], framing: Framing = "plain"
    ) -> Sequence[ScoreResponse]:
        """Log-likelihood of each continuation; all of them are under way at once."""
        import asyncio

        put = tuple(self._with_system(messages)) if framing == "chat" else tuple(messages)
        requests = [ScoreRequest(messages=put, continuation=text, framing=framing) for text in continuations]
        pairs = await asyncio.gather(
            *(self._exchanges.ask(r, "model") for r in requests), return_exceptions=True
        )
        responses = []
        for pair in pairs:
            if isinstance(pair, BaseException):
                raise pair
            self.requests.append(pair[0])
            responses.append(_expect(pair[1], ScoreResponse))
        return responses

    async def measure(self, requests: Sequence[ChatRequest], repeat: int) -> Measurement:
        """Answers with meter readings, run alone."""
        put = tuple(msgspec.structs.replace(r, messages=self._with_system(r.messages)) for r in requests)
        return await self._ask(MeasureRequest(requests=put, repeat=repeat), "model", Measurement)

    async def release(self) -> ReleaseListing:
        """The release's files and documents."""
        return await self._ask(ReleaseRequest(), "model", ReleaseListing)

    async def ask_attacker(
        self, messages: Sequence[Message], decoding: Decoding | None = None
    ) -> ChatResponse:
        """The attacking model's next turn (``--attacker``)."""
        request = ChatRequest(messages=tuple(messages), decoding=decoding or Decoding())
        return await self._converse(request, "attacker")

    async def suffix(self, request: SuffixRequest) -> SuffixResult:
        """What the search in the model's gradients found."""
        put = msgspec.structs.replace(request, messages=self._with_system(request.messages))
        return await self._ask(put, "model", SuffixResult)

    async def reported(self, request: ReportedRequest) -> ChatResponse:
        """The answer that another tool reported."""
        response = await self._ask(request, "model", ChatResponse)
        self._request_of[id(response)] = (self.requests[-1], response)
        return response

    async def clipped(self, response: ChatResponse, tokens: int, role: str = "judge-target") -> ChatResponse:
        """The beginning of a response, in tokens of the model in this role; where it is cut, ``finish`` is ``length``."""
        answer = answer_in(response)
        found = await self._ask(ClipRequest(text=answer or response.text, tokens=tokens), role, ClippedText)
        finish = "length" if found.clipped else response.finish
        left = msgspec.UNSET if found.clipped else response.context_left
        cut = msgspec.structs.replace(response, text=found.text, finish=finish, context_left=left)
        request, _ = self._request_of[id(response)]
        self._request_of[id(cut)] = (request, cut)
        # The beginning of an answer may look like thinking, which was taken off before.
        self._answers[id(cut)] = found.text if answer else ""
        return cut

    def spent(self, role: str) -> Spent:
        """What this sample has asked of the model in this role in conversation so far."""
        return self._spent.get(role, Spent())

    async def judge(self, judge: str, response: ChatResponse, row: Row, language: str) -> Decision:
        """The decision of a judge about a response that this subject gave."""
        if judge not in self._judges:
            raise BadInput(
                Fault(f"no judge {judge!r} in this run", next_step="name it in the evaluation's card")
            )
        request, _ = self._request_of[id(response)]
        decision = await decision_of(
            self._judges[judge],
            response,
            language,
            row,
            self._ask_judge,
            answer=self._answers.get(id(response)),
        )
        judged = Judged(
            evaluation=self._sample.evaluation,
            sample=self._sample.id,
            judge=judge,
            request=request,
            response=response_digest(response),
            decision=decision,
        )
        self.judgements.append(self._exchanges.judged(judged))
        return decision

    def _with_system(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        if self._system_prompt is None:
            return tuple(messages)
        return (Message("system", self._system_prompt), *messages)

    async def _ask_judge(self, request: ChatRequest) -> ChatResponse:
        return await self._converse(request, "judge-target")

    async def _converse(self, request: ChatRequest, role: str) -> ChatResponse:
        before = self.spent(role)
        self._spent[role] = msgspec.structs.replace(before, queries=before.queries + 1)
        response = await self._ask(request, role, ChatResponse)
        self._spent[role] = _with(self.spent(role), request, response)
        return response

    async def _ask(self, request: Request, role: str, kind: type[R]) -> R:
        digest, response = await self._exchanges.ask(request, role)
        self.requests.append(digest)
        return _expect(response, kind)


def _with(spent: Spent, request: ChatRequest, response: ChatResponse) -> Spent:
    usage = response.usage
    texts = (*(message.content for message in request.messages), response.text)
    if usage.input_tokens is None or usage.output_tokens is None:
        # No token is less than a byte.
        most = spent.most_tokens + sum(len(text.encode()) for text in texts)
        return Spent(spent.queries, None, most)
    used = usage.input_tokens + usage.output_tokens
    known = None if spent.tokens is None else spent.tokens + used
    return Spent(spent.queries, known, spent.most_tokens + used)


def _expect(response: Response, kind: type[R]) -> R:
    if not isinstance(response, kind):
        raise Unscored(f"the target answered with {type(response).__name__}, not {kind.__name__}")
    return response
