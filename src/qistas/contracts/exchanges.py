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
    "context",
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
    """Ask for the next assistant turn.

    ``documents``: what an application may look the answer up in; only for targets that declare the capability of that name.
    """

    messages: tuple[Message, ...]
    decoding: Decoding = Decoding()
    documents: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET


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


class SuffixRequest(msgspec.Struct, frozen=True, kw_only=True, tag="suffix", tag_field="type"):
    """Ask for a suffix that makes an answer likely which begins with ``beginning``, found by the model's gradients.

    The greedy coordinate gradient of Zou et al. (2023, arXiv 2307.15043). The suffix stands behind the last
    message, after a space. At each of ``steps``, ``search_width`` candidates are drawn: in each, ``replaced`` tokens
    of the suffix give way to one of the ``top_k`` that the gradient favours in their place. Candidates that, read as
    text, are other tokens are left out. ``buffer``: how many suffixes are kept (at first the initial one and random
    ones), of which the search goes on from the best; with 0 it goes on from each step's best, better or not.
    ``ascii_only``: make the suffix of printable ASCII alone.
    ``stop_when_written``: end once greedy decoding writes the beginning. ``seed`` is that of the draws.
    """

    messages: tuple[Message, ...]
    beginning: str
    initial: str = "! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! ! !"
    steps: int = 250
    search_width: int = 512
    top_k: int = 256
    replaced: int = 1
    buffer: int = 0
    seed: int = 0
    ascii_only: bool = True
    stop_when_written: bool = True


class ReportedRequest(msgspec.Struct, frozen=True, kw_only=True, tag="reported", tag_field="type"):
    """What another tool says that it asked, at ``place`` in its file; how the answer was decoded is not known here.

    Nothing is put to a model. ``place`` tells several answers to the same messages apart.
    """

    messages: tuple[Message, ...]
    place: str


class ClipRequest(msgspec.Struct, frozen=True, kw_only=True, tag="clip", tag_field="type"):
    """Ask for the beginning of a text, at most so many ``tokens`` of the model's tokenizer long. No model is run."""

    text: str
    tokens: int


Request = (
    ChatRequest
    | ScoreRequest
    | MeasureRequest
    | ReleaseRequest
    | SuffixRequest
    | ReportedRequest
    | ClipRequest
)


class Usage(msgspec.Struct, frozen=True):
    """Tokens as the target counts them; ``None`` where it does not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None


class Guarded(msgspec.Struct, frozen=True, kw_only=True):
    """What a guard around a model did to one request.

    ``blocked``: whether it held back the ``input`` (the model was then not asked) or the ``output``; null for neither.
    ``calls``: how often the guard was asked. ``reason``: what it said of what it blocked.
    """

    blocked: Literal["input", "output"] | None
    calls: int
    reason: str = ""


class ChatResponse(msgspec.Struct, frozen=True, kw_only=True, tag="chat", tag_field="type"):
    """An assistant turn. ``finish`` "length": cut at ``max_tokens``; "content_filter": another text stands in its place.

    ``guarded`` is there where a guard stands around the model; ``context_left`` where the answer was cut because the
    model's context ended before ``max_tokens``: how many tokens it left for an answer.
    """

    text: str
    finish: Finish = "stop"
    usage: Usage = Usage()
    guarded: Guarded | msgspec.UnsetType = msgspec.UNSET
    context_left: int | msgspec.UnsetType = msgspec.UNSET


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


class FileInspection(msgspec.Struct, frozen=True, kw_only=True):
    """What the bytes of one file showed without running or unpickling anything; made where the bytes are.

    ``format`` by content, not by name: ``safetensors``, ``gguf``, ``pickle``, ``zip``, ``numpy``, ``hdf5``, ``onnx``,
    ``python``, ``template``, ``signature``, ``other`` or ``unread``. ``faults``: what is wrong, each as ``code: detail``, the
    code a word of ``qistas.contracts.openness.SUPPLY_CODES``. ``runs``: what would run if somebody loaded or used
    it (globals a pickle names, code that a configuration points to, calls in a chat template). ``metadata``: what the file says of
    itself (GGUF keys, safetensors ``__metadata__``), values as text. ``line``: for texts, where the first of it stands, from 1.
    """

    path: str
    format: str
    size_bytes: int
    sha256: str | None = None
    faults: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    tensors: int | None = None
    parameters: int | None = None
    line: int | None = None


class ReleaseListing(msgspec.Struct, frozen=True, kw_only=True, tag="release", tag_field="type"):
    """The files of a release, the text of its documents (path to text), and what the bytes of its other files showed.

    ``listed_only``: paths that a file list names and whose bytes are not here; what they hold is unknown, not absent.
    ``origins``: path to where a document came from, for those that were not in the release itself (a policy that a licence
    incorporates by reference, for example).
    """

    files: tuple[ReleaseFile, ...]
    texts: dict[str, str]
    source: str
    revision: str | None = None
    inspections: tuple[FileInspection, ...] = ()
    listed_only: tuple[str, ...] = ()
    origins: dict[str, str] = msgspec.field(default_factory=dict)


class SuffixResult(msgspec.Struct, frozen=True, kw_only=True, tag="suffix", tag_field="type"):
    """The best suffix of a search, its loss, and how the search went.

    ``loss``: mean negative log-probability of the tokens of the beginning, in nats; ``losses``: of what the search
    went on from, before the first step and after each. ``written``: greedy decoding writes the beginning.
    ``candidates``: how many suffixes were scored; ``tokens_forwarded``: by how many tokens through the model,
    those of the gradients among them.
    """

    suffix: str
    loss: float
    losses: tuple[float, ...]
    written: bool
    candidates: int
    tokens_forwarded: int


class ClippedText(msgspec.Struct, frozen=True, kw_only=True, tag="clip", tag_field="type"):
    """A text cut to a number of tokens; ``clipped``: whether anything was cut."""

    text: str
    clipped: bool


Response = ChatResponse | ScoreResponse | Measurement | ReleaseListing | SuffixResult | ClippedText


class Spent(msgspec.Struct, frozen=True):
    """What one sample asked of one model in conversation so far.

    ``queries``: attempts that were answered from a cache among them. ``tokens``: in and out, as the model counts
    them; ``None`` where it does not say. ``most_tokens``: the same, but the bytes of texts that were not counted
    stand for their tokens, which are never more.
    """

    queries: int = 0
    tokens: int | None = 0
    most_tokens: int = 0


class Failure(msgspec.Struct, frozen=True, kw_only=True, tag="failure", tag_field="type"):
    """A request that brought no response.

    ``kind`` "context": it does not fit the model's context, and says nothing about other requests.
    ``passing``: asking again may help. ``fatal``: every other request will fail the same way (a wrong key,
    a model that does not exist). ``retry_after_seconds``: what the server asked for.
    """

    kind: FailureKind
    message: str
    passing: bool
    fatal: bool = False
    retry_after_seconds: float | None = None
