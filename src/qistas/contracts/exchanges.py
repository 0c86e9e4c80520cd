"""What is asked of a subject and what comes back: requests, responses, failures."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal["system", "user", "assistant"]
Framing = Literal["chat", "plain"]
Finish = Literal["stop", "length", "content_filter", "other"]
FailureKind = Literal[
    "rate_limited",
    "server_error",
    "timeout",
    "connection",
    "malformed",
    "truncated_body",
    "empty",
    "too_large",
    "rejected",
    "unauthorised",
    "not_found",
    "unsupported",
    "exception",
]


class Message(msgspec.Struct, frozen=True):
    """One turn of a conversation."""

    role: Role
    content: str


class Decoding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an answer is generated. Temperature 0 is greedy decoding."""

    max_tokens: int = 128
    temperature: float = 0.0
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int | None = None


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True, tag="chat", tag_field="type"):
    """Ask for the next assistant turn."""

    messages: tuple[Message, ...]
    decoding: Decoding = Decoding()


class ScoreRequest(msgspec.Struct, frozen=True, kw_only=True, tag="score", tag_field="type"):
    """Ask for log P(continuation | context).

    ``framing`` "chat": the messages are rendered with the chat template and the continuation is the start
    of the assistant's turn. "plain": the contents are joined by newlines and the continuation follows as is.
    """

    messages: tuple[Message, ...]
    continuation: str
    framing: Framing = "plain"


class MeasureRequest(msgspec.Struct, frozen=True, kw_only=True, tag="measure", tag_field="type"):
    """Ask for answers while meters run, alone, past cache and deduplication; ``repeat`` tells repeats apart."""

    requests: tuple[ChatRequest, ...]
    repeat: int


class ReleaseRequest(msgspec.Struct, frozen=True, kw_only=True, tag="release", tag_field="type"):
    """Ask for the documents and files that the model is published with."""


Request = ChatRequest | ScoreRequest | MeasureRequest | ReleaseRequest


class Usage(msgspec.Struct, frozen=True):
    """Tokens as the target counts them; ``None`` where it does not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None


class ChatResponse(msgspec.Struct, frozen=True, kw_only=True, tag="chat", tag_field="type"):
    """An assistant turn. ``finish`` "length": cut at ``max_tokens``."""

    text: str
    finish: Finish = "stop"
    usage: Usage = Usage()


class ScoreResponse(msgspec.Struct, frozen=True, kw_only=True, tag="score", tag_field="type"):
    """``logprob``: natural log, summed over the ``tokens`` of the continuation; ``greedy``: all were argmax."""

    logprob: float
    tokens: int
    greedy: bool | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One meter's reading: a value in its unit, or ``None`` with a reason.

    ``grade`` is measured, modelled or assumed; ``source`` says what was read (for example ``/proc/self/stat``).
    """

    meter: str
    value: float | None
    unit: str
    grade: Literal["measured", "modelled", "assumed", "unread"]
    source: str
    reason: str | None = None


class Measurement(msgspec.Struct, frozen=True, kw_only=True, tag="measure", tag_field="type"):
    """What the meters read while ``responses`` were produced."""

    readings: tuple[Reading, ...]
    responses: tuple[ChatResponse, ...]


class ReleaseFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a release: path relative to its root, size, and digest where it was read."""

    path: str
    size_bytes: int
    sha256: str | None = None


class ReleaseListing(msgspec.Struct, frozen=True, kw_only=True, tag="release", tag_field="type"):
    """The files of a release and the text of its documents, path to text."""

    files: tuple[ReleaseFile, ...]
    texts: dict[str, str]
    source: str
    revision: str | None = None


Response = ChatResponse | ScoreResponse | Measurement | ReleaseListing


class Failure(msgspec.Struct, frozen=True, kw_only=True, tag="failure", tag_field="type"):
    """A request that brought no response.

    ``passing``: asking again may help. ``fatal``: every other request will fail the same way (a wrong key,
    a model that does not exist). ``retry_after_seconds``: what the server asked for.
    """

    kind: FailureKind
    message: str
    passing: bool
    fatal: bool = False
    retry_after_seconds: float | None = None
