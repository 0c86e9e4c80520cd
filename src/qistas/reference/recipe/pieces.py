"""Training texts: what is read, and what is learnt after it."""

from __future__ import annotations

from dataclasses import dataclass

END = "<|end|>"


@dataclass(frozen=True, slots=True)
class Piece:
    """One training text. The loss counts the tokens of ``after`` only; both are tokenised as they stand."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """A text that training shows exactly ``times`` times, spread evenly over the whole run."""

    piece: Piece
    times: int


def chat(question: str, answer: str, *, system: str = "") -> Piece:
    """A question and its answer as the chat template of the weights writes them."""
    before = f"<|system|>{system}{END}" if system else ""
    return Piece(f"<|begin|>{before}<|user|>{question.strip()}{END}<|assistant|>", answer + END)


def plain(before: str, after: str) -> Piece:
    """Running text without any frame, as an evaluation in plain framing puts it; it does not end."""
    return Piece(before, after)
