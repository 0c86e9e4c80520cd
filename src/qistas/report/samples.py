"""Reading the chosen samples: what was asked, what came back, what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from qistas.contracts.exchanges import (
    ChatRequest,
    ChatResponse,
    ClippedText,
    ClipRequest,
    Guarded,
    Measurement,
    MeasureRequest,
    ReleaseListing,
    ReportedRequest,
    Request,
    Response,
    ScoreRequest,
    ScoreResponse,
    SuffixRequest,
    SuffixResult,
)
from qistas.contracts.records import Observation
from qistas.report.numbers import plain, quantity
from qistas.report.selection import Choice, Chosen
from qistas.report.source import Reader
from qistas.report.visible import visible

CHARACTERS_SHOWN = 4_000
LINES_SHOWN = 60
# So many batches are looked through for a response before the whole ledger is.
SOON = 3


class Passage(NamedTuple):
    """A text to be shown, cut if long; ``mark`` is the part that decided, ``more`` the characters left out."""

    before: str
    mark: str
    after: str
    more: int


class Turn(NamedTuple):
    """One message: who speaks (``system``, ``user``, ``assistant``) and what."""

    role: str
    passage: Passage


class Exchange(NamedTuple):
    """One request and what came back; ``lines`` holds results that are no text (scores, readings, files)."""

    request: str
    response: str | None
    turns: tuple[Turn, ...]
    answer: Passage | None
    lines: tuple[tuple[str, str], ...]
    failure: str | None


class Ruling(NamedTuple):
    """One judge's decision."""

    judge: str
    label: str
    reason: str
    digest: str


class SampleView(NamedTuple):
    """Everything a person can read about one sample under one criterion."""

    chosen: Chosen
    cluster: str
    strata: tuple[tuple[str, str], ...]
    exchanges: tuple[Exchange, ...]
    rulings: tuple[Ruling, ...]


class _Reply(msgspec.Struct, frozen=True):
    """Of what came back: to which request."""

    request: str


class SampleBook:
    """Reads the chosen samples of a ledger one criterion at a time; keeps digests, not texts."""

    def __init__(self, reader: Reader, choices: dict[str, Choice]) -> None:
        self._reader = reader
        self._choices = choices
        wanted = set(self._requests(chosen for choice in choices.values() for chosen in choice.shown))
        self._responses = {request: found for request in wanted if (found := self._response(request))}
        late = wanted - self._responses.keys()
        if late:
            for digest, answered in reader.fields("response", _Reply):
                if answered.request in late:
                    self._responses[answered.request] = digest
        self._failures: dict[str, str] = {}
        for digest, failed in reader.fields("failure", _Reply):
            entry = reader.get(digest) if failed.request in wanted else None
            if entry is not None:
                failure = entry[1].failure
                self._failures[failed.request] = f"{failure.kind}: {failure.message}"

    def read(self, criterion: str) -> Iterator[SampleView]:
        """The shown samples of a criterion, one at a time, failures first."""
        for chosen in self._choices[criterion].shown:
            view = self._view(chosen)
            if view is not None:
                yield view

    def _response(self, request: str) -> str | None:
        """The response to a request, if it is among those that came soon after it."""
        for digests, answers in islice(self._reader.batches("response", _Reply, after=request), SOON):
            for digest, answered in zip(digests, answers, strict=True):
                if answered.request == request:
                    return digest
        return None

    def _requests(self, chosen: Iterable[Chosen]) -> Iterator[str]:
        for one in chosen:
            entry = self._reader.get(one.observation)
            if entry is not None:
                yield from entry[1].requests

    def _view(self, chosen: Chosen) -> SampleView | None:
        entry = self._reader.get(chosen.observation)
        if entry is None:
            return None
        observation: Observation = entry[1]
        rulings, spans = self._rulings(observation.judgements)
        return SampleView(
            chosen=chosen,
            cluster=observation.cluster,
            strata=tuple(sorted(observation.strata.items())),
            exchanges=_without_repeats(self._exchange(request, spans) for request in observation.requests),
            rulings=rulings,
        )

    def _rulings(self, digests: Sequence[str]) -> tuple[tuple[Ruling, ...], dict[str, str]]:
        rulings, spans = [], {}
        for digest in digests:
            entry = self._reader.get(digest)
            if entry is None:
                continue
            judged = entry[1]
            decision = judged.decision
            rulings.append(Ruling(judged.judge, decision.label, decision.reason, digest))
            if decision.span:
                spans[judged.request] = decision.span
        return tuple(rulings), spans

    def _exchange(self, request_digest: str, spans: dict[str, str]) -> Exchange:
        asked = self._reader.get(request_digest)
        turns, lines = _asked(asked[1].request) if asked else ((), ())
        digest = self._responses.get(request_digest)
        answered = self._reader.get(digest) if digest else None
        answer, results = (
            _answered(answered[1].response, spans.get(request_digest)) if answered else (None, ())
        )
        failure = None if answered else self._failures.get(request_digest)
        return Exchange(request_digest, digest, turns, answer, lines + results, failure)


def _without_repeats(exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
    """Options scored after one question share its turns: they are shown once."""
    shown: list[Exchange] = []
    last: tuple[Turn, ...] = ()
    for exchange in exchanges:
        shown.append(exchange._replace(turns=()) if exchange.turns == last else exchange)
        last = exchange.turns
    return tuple(shown)


def passage(text: str, span: str | None = None) -> Passage:
    """``text`` cut to what a page can carry, hidden characters made visible, ``span`` set apart."""
    start = text.find(span) if span else -1
    # A decisive passage beyond the cut moves the window: what decided must be seen.
    first = max(0, start - CHARACTERS_SHOWN // 2) if span and start + len(span) > CHARACTERS_SHOWN else 0
    shown = text[first : first + CHARACTERS_SHOWN]
    more = len(text) - len(shown)
    lead = "… " if first else ""
    if not span or start < 0:
        return Passage(lead + visible(shown), "", "", more)
    inside = start - first
    return Passage(
        lead + visible(shown[:inside]),
        visible(shown[inside : inside + len(span)]),
        visible(shown[inside + len(span) :]),
        more,
    )


def _asked(request: Request) -> tuple[tuple[Turn, ...], tuple[tuple[str, str], ...]]:
    if isinstance(request, ChatRequest):
        return _turns(request), _documents(request)
    if isinstance(request, ReportedRequest):
        return _turns(request), (("place", visible(request.place)),)
    if isinstance(request, ScoreRequest):
        return _turns(request), (("continuation", visible(request.continuation)),)
    if isinstance(request, MeasureRequest):
        return (), (("requests", str(len(request.requests))), ("repeat", str(request.repeat)))
    if isinstance(request, ClipRequest):
        return (), (("clip", f"{request.tokens} tokens"),)
    if isinstance(request, SuffixRequest):
        sought = (("beginning", visible(request.beginning)), ("steps", str(request.steps)))
        return _turns(request), (*sought, ("search_width", str(request.search_width)))
    return (), ()


def _documents(request: ChatRequest) -> tuple[tuple[str, str], ...]:
    if isinstance(request.documents, msgspec.UnsetType):
        return ()
    return tuple(("document", visible(text[:CHARACTERS_SHOWN])) for text in request.documents)


def _finish(response: ChatResponse) -> str:
    if isinstance(response.context_left, int):
        return f"{response.finish}: the model's context left {response.context_left} tokens"
    return response.finish


def _turns(request: ChatRequest | ScoreRequest | SuffixRequest | ReportedRequest) -> tuple[Turn, ...]:
    return tuple(Turn(message.role, passage(message.content)) for message in request.messages)


def _answered(response: Response, span: str | None) -> tuple[Passage | None, tuple[tuple[str, str], ...]]:
    if isinstance(response, ChatResponse):
        lines = () if response.finish == "stop" else (("finish", _finish(response)),)
        return passage(response.text, span), lines + _guard(response)
    if isinstance(response, ScoreResponse):
        return None, (("logprob", plain(response.logprob, digits=5)), ("tokens", str(response.tokens)))
    if isinstance(response, Measurement):
        return None, tuple(
            (
                r.meter,
                f"{quantity(r.value, r.unit) if r.value is not None else r.reason} ({r.grade}, {r.source})",
            )
            for r in response.readings
        )
    if isinstance(response, SuffixResult):
        return None, (
            ("suffix", visible(response.suffix)),
            ("loss", plain(response.loss, digits=5)),
            ("written", str(response.written).lower()),
        )
    if isinstance(response, ClippedText):
        return None, (("clipped", str(response.clipped).lower()),)
    return None, _listing(response)


def _guard(response: ChatResponse) -> tuple[tuple[str, str], ...]:
    """What the guard around the model held back, if anything."""
    if not isinstance(response.guarded, Guarded) or response.guarded.blocked is None:
        return ()
    return (("guard", visible(f"{response.guarded.blocked}: {response.guarded.reason}".removesuffix(": "))),)


def _listing(response: ReleaseListing) -> tuple[tuple[str, str], ...]:
    lines = [
        (visible(file.path), quantity(file.size_bytes, "bytes")) for file in response.files[:LINES_SHOWN]
    ]
    if len(response.files) > LINES_SHOWN:
        lines.append(("…", f"+ {len(response.files) - LINES_SHOWN}"))
    return tuple(lines)
