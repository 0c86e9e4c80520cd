"""Requests as tokens: through the chat template, in the declared completion form, or as they are."""

from __future__ import annotations

from collections.abc import Sequence

from qistas.contracts.canonical import digest
from qistas.contracts.exchanges import ChatRequest, Failure, Message
from qistas.targets import _framing
from qistas.targets._generation import Prompt
from qistas.targets._loading import Loaded
from qistas.targets._redaction import excerpt


def render(loaded: Loaded, messages: Sequence[Message]) -> str | Failure:
    """The conversation through the chat template, up to where the assistant begins."""
    conversation = [{"role": m.role, "content": m.content} for m in messages]
    try:
        return str(
            loaded.tokenizer.apply_chat_template(
                conversation, chat_template=loaded.template, add_generation_prompt=True, tokenize=False
            )
        )
    except Exception as error:  # noqa: BLE001 - a template is the model's program; it may refuse any way it likes
        message = f"the chat template refuses the conversation: {excerpt(str(error))}"
        return Failure(kind="rejected", message=message, passing=False)


def prompt_of(loaded: Loaded, request: ChatRequest) -> Prompt | Failure:
    """The conversation up to the answer; a failure where the context has no room for any.

    Where it has room for less than was asked for, the answer ends with the context, and ``left`` says so.
    """
    stops = request.decoding.stop
    if loaded.template is None:
        text: str | Failure = _framing.completion_prompt(request.messages)
        stops = (*_framing.completion_stops(request.messages), *stops)
    else:
        text = render(loaded, request.messages)
    if isinstance(text, Failure):
        return text
    tokens = loaded.tokenizer(text, add_special_tokens=loaded.template is None, verbose=False)["input_ids"]
    asked, room = request.decoding.max_tokens, loaded.context_length
    if not tokens or asked < 1:
        message = f"{len(tokens)} tokens of prompt and {asked} of answer leave nothing to generate"
        return Failure(kind="rejected", message=message, passing=False)
    left = asked if room is None else room - len(tokens)
    if left < 1:
        message = f"the prompt has {len(tokens)} tokens, which leave no room for an answer in the model's context of {room}"
        return Failure(kind="context", message=message, passing=False)
    return Prompt(
        tuple(tokens), stops, loaded.template is None, _seed(request), left if left < asked else None
    )


def _seed(request: ChatRequest) -> int | None:
    """For sampling the request's seed, or one that follows from the request; greedy decoding needs none."""
    if request.decoding.temperature == 0:
        return None
    given = request.decoding.seed
    return given if given is not None else int(digest(request).removeprefix("sha256:")[:15], 16)
