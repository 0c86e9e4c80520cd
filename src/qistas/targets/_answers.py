"""An answer while it grows token by token: when it ends, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from qistas.contracts.exchanges import ChatResponse, Decoding, Failure, Usage
from qistas.targets._framing import cut_at_stop
from qistas.targets._loading import Loaded
from qistas.targets._redaction import excerpt
from qistas.targets._sampling import Draw

Give = Callable[[int, ChatResponse | Failure], None]

CANCELLED = Failure(kind="exception", message="cancelled", passing=True)

# A character that is not whole yet stands in a text as this sign, once for each of its bytes.
BROKEN = "\ufffd"
_WINDOW_TOKENS = 24
_MARGIN_CHARACTERS = 8


@dataclass(frozen=True)
class Prompt:
    """A conversation as tokens; ``stops`` end its answer, ``strip`` takes the space before it.

    ``seed`` is null for greedy decoding. ``left``: how many tokens the context leaves for the answer, where that is
    fewer than were asked for.
    """

    tokens: tuple[int, ...]
    stops: tuple[str, ...]
    strip: bool
    seed: int | None
    left: int | None = None


def response(loaded: Loaded, prompt: Prompt, produced: Sequence[int], stopped: int | None) -> ChatResponse:
    """What the produced tokens say, up to the end token, the stop string or the last token.

    ``stopped``: after how many tokens a stop string was whole, where there was one.
    """
    end = next((i for i, token in enumerate(produced) if token in loaded.ends), None)
    length = len(produced) if end is None else end + 1
    if stopped is not None:
        length = min(length, stopped)
    text = loaded.tokenizer.decode(list(produced[:length]), skip_special_tokens=True)
    text, cut = cut_at_stop(text, prompt.stops)
    finished = cut or end is not None
    return ChatResponse(
        text=text.lstrip() if prompt.strip else text,
        finish="stop" if finished else "length",
        usage=Usage(len(prompt.tokens), length),
        context_left=msgspec.UNSET if finished or prompt.left is None else prompt.left,
    )


def failure_of(error: Exception) -> Failure:
    """What a model's code raised, as the failure of the prompt that it was raised for."""
    message = excerpt(f"{type(error).__name__}: {error}")
    return Failure(kind="exception", message=message, passing=False)


class StopSearch:
    """Looks for stop strings in an answer that grows, decoding only its last tokens.

    The window begins where its own text was seen to be an ending of the text from further left, and it holds
    more characters than the longest stop string has, so no stop string can begin before it. What is found in
    it is confirmed in the whole text.
    """

    def __init__(self, tokenizer: Any, stops: Sequence[str]) -> None:
        self._tokenizer = tokenizer
        self._stops = tuple(stop for stop in stops if stop)
        self._needed = max((len(stop) for stop in self._stops), default=0) + _MARGIN_CHARACTERS
        self._start = 0

    def found(self, produced: Sequence[int]) -> bool:
        """Whether the text of all produced tokens holds a stop string."""
        if not self._stops:
            return False
        text = self._text(produced[self._start :])
        if cut_at_stop(text, self._stops)[1]:
            return self._start == 0 or cut_at_stop(self._text(produced), self._stops)[1]
        if len(produced) - self._start > 2 * _WINDOW_TOKENS:
            self._advance(produced, text)
        return False

    def _advance(self, produced: Sequence[int], text: str) -> None:
        """Move the window to its last tokens, if their text is the end of the text and long enough."""
        start = len(produced) - _WINDOW_TOKENS
        last = self._text(produced[start:])
        whole = last.rstrip(BROKEN)
        if len(whole) >= self._needed and not last.startswith(BROKEN) and text.endswith(last):
            self._start = start

    def _text(self, tokens: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(tokens), skip_special_tokens=True))


class Answer:
    """One prompt with the tokens produced for it so far; ``place`` is its place among those of the call."""

    def __init__(self, loaded: Loaded, place: int, prompt: Prompt, decoding: Decoding) -> None:
        room = None if loaded.context_length is None else loaded.context_length - len(prompt.tokens)
        self.place = place
        self.prompt = prompt
        self.limit = decoding.max_tokens if room is None else min(decoding.max_tokens, room)
        self._loaded = loaded
        self._decoding = decoding
        self._stopped: int | None = None
        self.restart()

    @property
    def needed(self) -> int:
        """How many tokens prompt and answer have at most."""
        return len(self.prompt.tokens) + self.limit

    @property
    def cached(self) -> int:
        """How many tokens the model has read: all but the last one produced."""
        return len(self.prompt.tokens) + len(self.produced) - 1

    def restart(self) -> None:
        """Begin with no token produced."""
        seed = self.prompt.seed
        self.produced: list[int] = []
        self.draw = None if seed is None else Draw(self._decoding, seed, self._loaded.device)
        self._search = StopSearch(self._loaded.tokenizer, self.prompt.stops)

    def accept(self, token: int) -> bool:
        """Take the next token; whether the answer ends with it."""
        self.produced.append(token)
        if self._search.found(self.produced):
            self._stopped = len(self.produced)
        return self._stopped is not None or token in self._loaded.ends or len(self.produced) >= self.limit

    def response(self) -> ChatResponse:
        """What was answered."""
        return response(self._loaded, self.prompt, self.produced, self._stopped)
