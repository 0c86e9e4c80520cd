"""The OpenAI format: what is sent, and what is made of the answer. Pure functions."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import msgspec

from qistas.contracts.exchanges import (
    ChatRequest,
    ChatResponse,
    Decoding,
    Failure,
    Finish,
    ScoreRequest,
    ScoreResponse,
    Usage,
)
from qistas.targets._framing import completion_continuation, completion_prompt, cut_at_stop, plain_prompt

_STOPS_SENT = 4  # more are refused by the reference implementation; the rest is cut here
_FINISH: dict[str | None, Finish] = {
    "stop": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "content_filter": "content_filter",
}


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Logprobs(msgspec.Struct):
    tokens: list[str] = []
    token_logprobs: list[float | None] = []
    text_offset: list[int] = []
    top_logprobs: list[dict[str, float] | None] | None = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    text: str | None = None
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Body(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


class _ChatChoice(msgspec.Struct):
    message: _Message | None = None
    finish_reason: str | None = None


class _ChatBody(msgspec.Struct):
    choices: list[_ChatChoice]
    usage: _Usage | None = None


class _Model(msgspec.Struct):
    id: str
    revision: str | None = None
    max_model_len: int | None = None


class _Models(msgspec.Struct):
    data: list[_Model] = []


_chat_decoder = msgspec.json.Decoder(_ChatBody)
_completion_decoder = msgspec.json.Decoder(_Body)
_models_decoder = msgspec.json.Decoder(_Models)


def _decoded(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    """The body as the decoder's type, or a failure: cut off, or something else than expected."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        return Failure(kind="malformed", message=f"the answer has another form: {error}", passing=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if not body.strip() or "truncated" in str(error):
            return Failure(kind="truncated_body", message="the answer's JSON breaks off", passing=True)
        return Failure(kind="malformed", message="the answer is no JSON", passing=True)


def read_models(body: bytes) -> list[_Model]:
    """The models that a server lists; none where the list has another form."""
    models = _decoded(_models_decoder, body)
    return [] if isinstance(models, Failure) else list(models.data)


def _decoding(decoding: Decoding, stops: tuple[str, ...]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "max_tokens": decoding.max_tokens,
        "temperature": decoding.temperature,
        "top_p": decoding.top_p,
        "stream": False,
    }
    if stops:
        body["stop"] = list(stops[:_STOPS_SENT])
    if decoding.seed is not None:
        body["seed"] = decoding.seed
    return body


def chat_body(model: str, request: ChatRequest) -> dict[str, Any]:
    """The body for ``/chat/completions``."""
    messages = [{"role": m.role, "content": m.content} for m in request.messages]
    return {"model": model, "messages": messages, **_decoding(request.decoding, request.decoding.stop)}


def completion_body(model: str, request: ChatRequest, stops: tuple[str, ...]) -> dict[str, Any]:
    """The body for ``/completions``: the conversation in the declared form."""
    return {
        "model": model,
        "prompt": completion_prompt(request.messages),
        **_decoding(request.decoding, stops),
    }


def _usage(usage: _Usage | None) -> Usage:
    return Usage(usage.prompt_tokens, usage.completion_tokens) if usage else Usage()


def _response(
    text: str, finish_reason: str | None, usage: _Usage | None, stops: tuple[str, ...]
) -> ChatResponse:
    text, cut = cut_at_stop(text, stops)
    finish = "stop" if cut else _FINISH.get(finish_reason, "other")
    return ChatResponse(text=text, finish=finish, usage=_usage(usage))


def read_chat(body: bytes, stops: tuple[str, ...]) -> ChatResponse | Failure:
    """The assistant turn in an answer of ``/chat/completions``.

    A null content is an empty turn only where the server says that it was cut or filtered.
    """
    data = _decoded(_chat_decoder, body)
    if isinstance(data, Failure):
        return data
    if not data.choices:
        return Failure(kind="empty", message="the answer holds no choices", passing=True)
    choice = data.choices[0]
    text = choice.message and (
        choice.message.content if choice.message.content is not None else choice.message.refusal
    )
    if text is None and choice.message and choice.finish_reason in {"length", "content_filter"}:
        text = ""
    if text is None:
        return Failure(kind="empty", message="the answer's first choice holds no content", passing=True)
    return _response(text, choice.finish_reason, data.usage, stops)


def read_completion(body: bytes, stops: tuple[str, ...]) -> ChatResponse | Failure:
    """The completed text in an answer of ``/completions``, without the space before it."""
    data = _decoded(_completion_decoder, body)
    if isinstance(data, Failure):
        return data
    if not data.choices:
        return Failure(kind="empty", message="the answer holds no choices", passing=True)
    choice = data.choices[0]
    if choice.text is None:
        return Failure(kind="empty", message="the answer's first choice holds no text", passing=True)
    response = _response(choice.text, choice.finish_reason, data.usage, stops)
    return msgspec.structs.replace(response, text=response.text.lstrip())


def score_text(request: ScoreRequest, *, completes: bool) -> tuple[str, str] | Failure:
    """Context and continuation as text; a chat template that only the server has cannot be put into text."""
    if request.framing == "plain":
        return plain_prompt(request.messages), request.continuation
    if completes:
        return completion_prompt(request.messages), completion_continuation(request.continuation)
    message = "the server's chat template cannot be scored: it does not say how it renders a conversation"
    return Failure(kind="unsupported", message=message, passing=False)


def score_body(model: str, text: str) -> dict[str, Any]:
    """The body for ``/completions`` that asks for the log-probabilities of ``text`` itself.

    One token is generated, and dropped: some servers refuse to generate none.
    """
    asked = {"max_tokens": 1, "temperature": 0.0, "echo": True, "logprobs": 1, "stream": False}
    return {"model": model, "prompt": text, **asked}


def read_score(
    body: bytes, context: str, continuation: str, *, strict: bool = False
) -> ScoreResponse | Failure:
    """The continuation's log-probability, from the tokens that reach past the context.

    ``strict``: a token must begin exactly where the continuation does (what the probe asks for); otherwise a
    token across the border counts, as it does for a local model. Failures of kind ``unsupported`` say what
    the server did instead of what was asked.
    """
    data = _decoded(_completion_decoder, body)
    if isinstance(data, Failure):
        return data
    if not data.choices:
        return Failure(kind="empty", message="the answer holds no choices", passing=True)
    choice, text = data.choices[0], context + continuation
    found = choice.logprobs
    if found is None or not found.token_logprobs:
        return _unsupported("the server gave no log-probabilities where echo and logprobs were asked for")
    if not (choice.text or "").startswith(text):
        return _unsupported(
            "the server gave log-probabilities of its own text, not of the prompt (echo was ignored)"
        )
    if not len(found.tokens) == len(found.token_logprobs) == len(found.text_offset):
        return _unsupported("the server gave different numbers of tokens, log-probabilities and text offsets")
    offsets = _offsets(found, text)
    if any(a > b for a, b in pairwise(offsets)):
        return _unsupported("the server's text offsets do not ascend")
    chosen = _reaching(offsets, len(context), len(text))
    if not chosen or (strict and offsets[chosen[0]] != len(context)):
        return _unsupported("the server's tokens do not part where the continuation begins")
    return _sum(found, chosen)


def _unsupported(message: str) -> Failure:
    return Failure(kind="unsupported", message=message, passing=False)


def _offsets(found: _Logprobs, text: str) -> list[int]:
    """Where each token begins in ``text``: some servers count the token that marks the beginning, too."""
    cumulative = sum(map(len, found.tokens[:-1])) == found.text_offset[-1]
    shift = "".join(found.tokens).find(text) if cumulative else 0
    return [place - max(0, shift) for place in found.text_offset]


def _reaching(offsets: list[int], start: int, end: int) -> list[int]:
    """Indices of the tokens that reach past ``start`` and begin before ``end``."""
    ends = [*offsets[1:], math.inf]
    return [i for i, place in enumerate(offsets) if place < end and (place >= start or ends[i] > start)]


def _sum(found: _Logprobs, chosen: list[int]) -> ScoreResponse | Failure:
    values = [value for i in chosen if (value := found.token_logprobs[i]) is not None]
    if len(values) != len(chosen) or max(values) > 1e-6:
        return _unsupported("the server gave no log-probability for a token of the continuation")
    greedy = None
    if found.top_logprobs is not None and len(found.top_logprobs) == len(found.tokens):
        best = [max((found.top_logprobs[i] or {}).values(), default=math.inf) for i in chosen]
        greedy = all(value >= top for value, top in zip(values, best, strict=True))
    return ScoreResponse(logprob=math.fsum(values), tokens=len(chosen), greedy=greedy)
