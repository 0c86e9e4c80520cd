"""What stands in the columns of a row, what greedy decoding says of a continuation, and where an answer was cut."""

from __future__ import annotations

from typing import Any

from qistas.contracts.exchanges import ChatResponse, Decoding, ScoreResponse
from qistas.contracts.records import Absent

_WITHOUT_GREEDY = "the target does not say what greedy decoding would have written"


def is_text(value: Any) -> bool:
    """Whether it is a text that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def are_texts(value: Any, *, least: int = 1) -> bool:
    """Whether it is a list of at least ``least`` texts, none of them blank."""
    return isinstance(value, list) and len(value) >= least and all(map(is_text, value))


def index_in(value: Any, count: int) -> int | None:
    """An index of one of ``count`` options, as JSON has it or in digits as CSV has it; None if it is none."""
    index = int(value) if isinstance(value, str) and value.isdecimal() else value
    return index if type(index) is int and 0 <= index < count else None


def exactly(response: ScoreResponse) -> float | Absent:
    """1 where greedy decoding writes the whole continuation, else 0; absent where the target cannot tell."""
    return Absent(_WITHOUT_GREEDY) if response.greedy is None else float(response.greedy)


def cut_words(response: ChatResponse, decoding: Decoding) -> str:
    """Where an answer of finish ``length`` was cut: at the tokens that were asked for, or where the context ended."""
    if isinstance(response.context_left, int):
        return f"cut at {response.context_left} tokens, where the model's context ended"
    return f"cut at {decoding.max_tokens} tokens"
