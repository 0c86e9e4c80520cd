"""Contexts and continuations as tokens: whole strings, many at once, parted at the border between the two."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from qistas.contracts.exchanges import ClippedText, ClipRequest, Failure, Framing, Message, ScoreRequest
from qistas.targets import _framing
from qistas.targets._alike import encode_alike
from qistas.targets._loading import Loaded
from qistas.targets._prompts import render
from qistas.targets._redaction import excerpt
from qistas.targets._scored import Scored

NO_OFFSETS = "the tokenizer does not say where in the text its tokens stand"
_MOST_CHARACTERS = 1 << 18


@dataclass(frozen=True)
class Text:
    """A context and what follows it; ``special``: whether the tokenizer puts its own beginning in front."""

    context: str
    continuation: str
    special: bool


def clipped(tokenizer: Any, request: ClipRequest) -> ClippedText:
    """The text up to the end of its last token that is allowed, character by character as it was given."""
    read = tokenizer(request.text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    spans = read["offset_mapping"]
    if len(spans) <= request.tokens:
        return ClippedText(text=request.text, clipped=False)
    end = max((int(stop) for _, stop in spans[: request.tokens]), default=0)
    return ClippedText(text=request.text[:end], clipped=end < len(request.text))


def texts_of(loaded: Loaded, requests: Sequence[ScoreRequest]) -> list[Scored | Failure]:
    """The tokens of every request. A context that several share is rendered once, equal texts are parted once."""
    contexts: dict[tuple[tuple[Message, ...], Framing], tuple[str, bool] | Failure] = {}
    texts: list[Text | Failure] = []
    for request in requests:
        key = (request.messages, request.framing)
        if key not in contexts:
            contexts[key] = _context(loaded, *key)
        found = contexts[key]
        texts.append(found if isinstance(found, Failure) else _text(loaded, request, *found))
    distinct = list(dict.fromkeys(text for text in texts if isinstance(text, Text)))
    scored = dict(zip(distinct, split_all(loaded, distinct), strict=True))
    return [scored[text] if isinstance(text, Text) else text for text in texts]


def _context(loaded: Loaded, messages: tuple[Message, ...], framing: Framing) -> tuple[str, bool] | Failure:
    if not loaded.tokenizer.is_fast:
        return Failure(kind="unsupported", message=NO_OFFSETS, passing=False)
    if framing == "plain":
        return _framing.plain_prompt(messages), True
    if loaded.template is None:
        return _framing.completion_prompt(messages), True
    context = render(loaded, messages)
    # A chat template has put the beginning in front already.
    return context if isinstance(context, Failure) else (context, False)


def _text(loaded: Loaded, request: ScoreRequest, context: str, special: bool) -> Text | Failure:
    continuation = request.continuation
    if request.framing == "chat" and loaded.template is None:
        continuation = _framing.completion_continuation(continuation)
    if not continuation:
        return Failure(kind="rejected", message="the continuation is empty", passing=False)
    return Text(context, continuation, special)


def split_all(loaded: Loaded, texts: Sequence[Text]) -> list[Scored | Failure]:
    """Tokens of each whole text, and which of them reach past the context.

    The text is tokenised as one, as the model would read it: a token that lies across the border belongs to
    the continuation. A continuation at the very beginning is scored after the beginning or end token.
    """
    found: list[Scored | Failure] = [_NOT_YET] * len(texts)
    for special in (False, True):
        for places in _portions(texts, special):
            encodings = encoded(loaded.tokenizer, [texts[i] for i in places], special)
            for place, encoding in zip(places, encodings, strict=True):
                found[place] = (
                    encoding if isinstance(encoding, Failure) else _parted(loaded, texts[place], encoding)
                )
    return found


_NOT_YET = Failure(kind="exception", message="not tokenised", passing=False)


def _portions(texts: Sequence[Text], special: bool) -> Iterator[list[int]]:
    """Places of texts that are tokenised together: so many that the tokenizer's own notes stay small."""
    places, characters = [], 0
    for place, text in enumerate(texts):
        if text.special is special:
            places.append(place)
            characters += len(text.context) + len(text.continuation)
            if characters > _MOST_CHARACTERS:
                yield places
                places, characters = [], 0
    if places:
        yield places


def encoded(tokenizer: Any, texts: Sequence[Text], special: bool) -> list[Any]:
    """The encodings by the tokenizer's own engine; a text that it refuses is that text's failure."""
    strings = [text.context + text.continuation for text in texts]
    try:
        if _has_own_way(tokenizer):
            return list(tokenizer(strings, add_special_tokens=special).encodings)
        engine = tokenizer.backend_tokenizer
        # The engine may have been told to cut or fill up by the tokenizer's file.
        engine.no_truncation()
        engine.no_padding()
        engine.encode_special_tokens = tokenizer.split_special_tokens

        def encode(some: Sequence[str], special: bool) -> list[Any]:
            return list(engine.encode_batch(some, add_special_tokens=special))

        return encode_alike(encode, strings, special, _look_ahead(engine))
    except Exception as error:  # noqa: BLE001 - whatever the engine raises is a text's failure
        if len(texts) > 1:
            return [one for text in texts for one in encoded(tokenizer, [text], special)]
        message = f"the tokenizer refuses the text: {excerpt(str(error))}"
        return [Failure(kind="rejected", message=message, passing=False)]


def _look_ahead(engine: Any) -> int:
    """Over how many characters the engine may look ahead of a word: an added token, or a space behind it."""
    return 16 + max((len(token.content) for token in engine.get_added_tokens_decoder().values()), default=0)


def _has_own_way(tokenizer: Any) -> bool:
    """Whether the tokenizer's class does something around its engine that the library's own does not."""
    from transformers import PreTrainedTokenizerFast

    names = ("__call__", "_encode_plus")
    return any(getattr(type(tokenizer), name) is not getattr(PreTrainedTokenizerFast, name) for name in names)


def _parted(loaded: Loaded, text: Text, encoding: Any) -> Scored | Failure:
    border = _border(encoding, len(text.context), len(text.context) + len(text.continuation))
    if border is None:
        message = "the tokenizer makes no token of the continuation"
        return Failure(kind="rejected", message=message, passing=False)
    start, end = border
    tokens = array("I", encoding.ids[:end])
    if start == 0:
        if loaded.begin is None:
            message = "nothing stands before the continuation, and the tokenizer has no token for a beginning"
            return Failure(kind="rejected", message=message, passing=False)
        tokens.insert(0, loaded.begin)
        start, end = 1, end + 1
    if loaded.context_length is not None and end > loaded.context_length:
        message = f"the text has {end} tokens; the model's context has {loaded.context_length}"
        return Failure(kind="context", message=message, passing=False)
    return Scored(tokens, start, end)


def _border(encoding: Any, context: int, whole: int) -> tuple[int, int] | None:
    """The first token that reaches past ``context`` characters, and one past the last such token."""
    first, last = encoding.char_to_token(context), encoding.char_to_token(whole - 1)
    if first is None or last is None:
        return _border_by_offsets(encoding, context)
    # A character may be made of several tokens; the lookup names the first of them.
    while first > 0 and _reach(encoding, first - 1) > context:
        first -= 1
    count = len(encoding)
    while last + 1 < count and _reach(encoding, last + 1) > context:
        last += 1
    return first, last + 1


def _reach(encoding: Any, token: int) -> int:
    """Where the token's characters end; 0 where it has none (a token that the tokenizer put there)."""
    characters = encoding.token_to_chars(token)
    return characters[1] if characters else 0


def _border_by_offsets(encoding: Any, context: int) -> tuple[int, int] | None:
    """The same where a border character belongs to no token (a space that the tokenizer drops)."""
    chosen = [i for i, (_start, end) in enumerate(encoding.offsets) if end > context]
    return (chosen[0], chosen[-1] + 1) if chosen else None
