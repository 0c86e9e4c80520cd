"""What a server can do: asked of it once, before the run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from qistas.contracts.errors import BadInput, Fault, TargetFailed, UnknownName
from qistas.contracts.exchanges import ChatRequest, Decoding, Failure, Message, ScoreResponse
from qistas.targets import _openai_format as wire
from qistas.targets._framing import completion_stops
from qistas.targets._http import Client, Reply

ATTEMPTS = 3
PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_HELLO = ChatRequest(messages=(Message("user", "Hello"),), decoding=Decoding(max_tokens=1))
_SCORED = ("The capital of France is", " Paris.")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: ``completes`` where the server only completes text; ``score`` null where it can."""

    model: str
    revision: str | None
    context_length: int | None
    completes: bool
    why_completes: str | None
    no_score: str | None


async def probe(client: Client, model: str | None) -> Found:
    """Ask for the models, for one token of a chat and for the log-probabilities of a short text.

    Raises:
        BadInput: the model must be named, or is unknown to the server.
        TargetFailed: the server cannot be reached, refuses the key, or answers neither way.
    """
    listed = await _list_models(client)
    name = model or _only(listed)
    entry = next((m for m in listed if m.id == name), None)
    why_completes = await _how_it_chats(client, name, [m.id for m in listed])
    return Found(
        model=name,
        revision=entry.revision if entry else None,
        context_length=entry.max_model_len if entry else None,
        completes=why_completes is not None,
        why_completes=why_completes,
        no_score=await _why_no_score(client, name),
    )


async def _patiently(ask: Callable[[], Awaitable[Reply]]) -> Reply:
    """Ask up to three times while the failure is passing."""
    for attempt in range(1, ATTEMPTS + 1):
        reply = await ask()
        failure = reply.failure
        if failure is None or not failure.passing or attempt == ATTEMPTS:
            break
        wait = PAUSE_SECONDS * attempt if failure.retry_after_seconds is None else failure.retry_after_seconds
        await asyncio.sleep(min(wait, _LONGEST_PAUSE_SECONDS))
    return reply


def _dead(failure: Failure, doing: str) -> TargetFailed:
    steps = {
        "connection": "is the server running at this address?",
        "timeout": "is the server overloaded? --timeout gives it longer",
        "unauthorised": "put the key in the environment variable QISTAS_API_KEY",
    }
    return TargetFailed(
        Fault(f"the server failed while {doing}: {failure.message}", next_step=steps.get(failure.kind))
    )


async def _list_models(client: Client) -> list[wire._Model]:
    reply = await _patiently(lambda: client.get("/models"))
    if reply.failure is None:
        return wire.read_models(reply.body)
    if reply.failure.kind == "unauthorised" or reply.status is None:
        raise _dead(reply.failure, "listing its models")
    return []  # many small servers have no list; the chat will show whether the model is there


def _only(listed: list[wire._Model]) -> str:
    if len(listed) == 1:
        return listed[0].id
    names = ", ".join(sorted(m.id for m in listed)[:20])
    said = f"the server lists {len(listed)} models" + (f": {names}" if names else "")
    raise BadInput(Fault(said, next_step="name the model: openai:http://host:port/v1#model"))


async def _how_it_chats(client: Client, model: str, listed: list[str]) -> str | None:
    """``None`` where the server has a chat endpoint, else why text is completed instead."""
    reply = await _patiently(lambda: client.post("/chat/completions", wire.chat_body(model, _HELLO)))
    failure = reply.failure or _failure_of(wire.read_chat(reply.body, ()))
    if failure is None or failure.kind == "empty":
        return None
    if _model_unknown(reply, failure):
        raise UnknownName.of("model", model, listed) if listed else _unknown(model, failure)
    if not _no_chat(reply, failure):
        raise _dead(failure, "answering a first chat request")
    stops = completion_stops(_HELLO.messages)
    second = await _patiently(lambda: client.post("/completions", wire.completion_body(model, _HELLO, stops)))
    failed = second.failure or _failure_of(wire.read_completion(second.body, stops))
    if failed is None:
        return f"/chat/completions: {_briefly(reply, failure)}"
    if _model_unknown(second, failed):
        raise _unknown(model, failed)
    both = f"/chat/completions: {failure.message}; /completions: {failed.message}"
    raise TargetFailed(
        Fault(f"the server answers neither way: {both}", next_step="is the address right up to /v1?")
    )


def _briefly(reply: Reply, failure: Failure) -> str:
    """A failure without the server's own words.

    They may name a request or a moment, and what is said here is part of the target's identity: a run could not
    be resumed if it differed.
    """
    return f"HTTP {reply.status}" if reply.status is not None and reply.status >= 300 else failure.kind


def _failure_of(answer: object) -> Failure | None:
    return answer if isinstance(answer, Failure) else None


def _unknown(model: str, failure: Failure) -> UnknownName:
    step = "name a model that the server serves after '#'"
    return UnknownName(
        Fault(f"the server does not know the model {model!r}: {failure.message}", next_step=step)
    )


def _model_unknown(reply: Reply, failure: Failure) -> bool:
    said = failure.message.lower()
    named = "model" in said and ("not found" in said or "not exist" in said)
    return reply.code == "model_not_found" or (reply.status == 404 and named)


def _no_chat(reply: Reply, failure: Failure) -> bool:
    """No such endpoint; or a model without a chat template, which some servers answer with a bare 500."""
    said = failure.message.lower().replace("_", " ")
    return reply.status in {404, 405, 500, 501} or "chat template" in said


async def _why_no_score(client: Client, model: str) -> str | None:
    context, continuation = _SCORED
    reply = await _patiently(
        lambda: client.post("/completions", wire.score_body(model, context + continuation))
    )
    if reply.failure is not None:
        said = _briefly(reply, reply.failure)
        return f"log-probabilities of a prompt cannot be had: /completions: {said}"
    score = wire.read_score(reply.body, context, continuation, strict=True)
    if isinstance(score, ScoreResponse):
        return None
    return f"log-probabilities of a prompt cannot be had: {score.message}"
