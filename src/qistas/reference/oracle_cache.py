"""What an oracle said before, kept on disk by the digest of the weights and of everything that was asked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from qistas.contracts.canonical import canonical
from qistas.contracts.errors import BadInput, Fault
from qistas.reference.truth.contract import Oracle

Conversation = Sequence[tuple[str, str]]

# Everything in a weight's folder that changes what it says.
_FILES = (
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "config.json",
)


def sha256_of(path: Path) -> str:
    """The hexadecimal SHA-256 of a file.

    Raises:
        BadInput: the file is not there.
    """
    if not path.is_file():
        step = "train the weight first: python -m qistas.reference.train"
        raise BadInput(Fault("there is no such file", where=str(path), next_step=step))
    return hashlib.sha256(path.read_bytes()).hexdigest()


class CachedOracle:
    """An oracle that answers from ``cache`` what the same weights were asked before, in whole calls.

    ``load`` is called only when something new is asked. A call is kept as it was made, because the texts that
    are asked together decide how floats are added up. ``answered`` holds the conversations of all calls so far
    with their answers.
    """

    def __init__(self, folder: Path, load: Callable[[Path], Oracle], cache: Path) -> None:
        present = [name for name in _FILES if (folder / name).is_file()]
        self._identity = [[name, sha256_of(folder / name)] for name in present]
        self._folder, self._load, self._cache = folder, load, cache
        self._oracle: Oracle | None = None
        self.answered: list[tuple[Conversation, str]] = []

    @property
    def straddles(self) -> int:
        """In how many of the texts that were newly scored one token covers the boundary."""
        return len(getattr(self._oracle, "straddles", ()))

    def answers(self, conversations: Sequence[Conversation], new_tokens: int = 48) -> list[str]:
        """As the oracle."""
        asked = [[list(turn) for turn in conversation] for conversation in conversations]
        answers: list[str] = self._known(
            ["answers", asked, new_tokens], lambda oracle: oracle.answers(conversations, new_tokens)
        )
        self.answered += zip(conversations, answers, strict=True)
        return answers

    def continuations(self, texts: Sequence[tuple[str, str]], *, chat: bool) -> list[tuple[float, bool]]:
        """As the oracle."""
        asked = ["continuations", [list(pair) for pair in texts], chat]
        scores = self._known(asked, lambda oracle: oracle.continuations(texts, chat=chat))
        return [(float(score), bool(greedy)) for score, greedy in scores]

    def _known(self, asked: list[Any], ask: Callable[[Oracle], Any]) -> Any:
        name = hashlib.sha256(canonical([self._identity, asked])).hexdigest()
        path = self._cache / f"{name}.json"
        if path.is_file():
            return msgspec.json.decode(path.read_bytes())
        if self._oracle is None:
            self._oracle = self._load(self._folder)
        found = ask(self._oracle)
        self._cache.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(canonical(found))
        part.replace(path)
        return found
