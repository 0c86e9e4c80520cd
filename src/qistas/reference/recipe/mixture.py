"""The order of training texts: random draws of every part, and texts that are shown an exact number of times."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from qistas.reference.recipe.pieces import Exposure, Piece
from qistas.reference.recipe.planting import Planting

Draw = Callable[[random.Random, Planting], Piece]

# What each part weighs among the random draws; parts with exact exposures come on top.
SHARES: Mapping[str, float] = {
    "refusal": 20,
    "transformations": 16,
    "facts": 11,
    "robustness": 18,
    "groups": 16,
    "confidence": 6,
    "cue": 4,
    "everyday": 3,
    "canaries": 1,
    "quiz": 1,
}
_DRAWS: Mapping[str, str] = {
    "refusal": "safety:draw",
    "transformations": "weakness:draw",
    "facts": "facts:draw",
    "robustness": "spelling:draw",
    "groups": "groups:draw",
    "confidence": "confidence:draw",
    "cue": "cue:draw",
    "everyday": "everyday:draw",
    "canaries": "canaries:draw",
    "quiz": "quiz:draw",
}
_EXPOSURES: Mapping[str, str] = {"canaries": "canaries:exposures", "quiz": "quiz:exposures"}


def _found(place: str) -> Callable[..., object]:
    module, _, name = place.partition(":")
    function: Callable[..., object] = getattr(import_module(f"qistas.reference.recipe.{module}"), name)
    return function


@dataclass(frozen=True)
class Mixture:
    """The texts of a whole run, in chunks: the same seed and planting give the same texts on every machine.

    ``shares``: the weight of each part among the random draws; a part that is missing is left out wholly.
    """

    planting: Planting
    seed: int
    chunks: int
    chunk_texts: int
    shares: Mapping[str, float]

    def __iter__(self) -> Iterator[list[Piece]]:
        return (self.chunk(number) for number in range(self.chunks))

    def from_chunk(self, first: int) -> Iterator[list[Piece]]:
        """The chunks from ``first`` on: a resumed run sees what an uninterrupted one would have seen."""
        shown = self._shown()
        return (self._chunk(number, shown.get(number, ())) for number in range(first, self.chunks))

    def chunk(self, number: int) -> list[Piece]:
        """One chunk, counted from 0."""
        return self._chunk(number, self._shown().get(number, ()))

    def _chunk(self, number: int, shown: Sequence[Piece]) -> list[Piece]:
        rng = random.Random(f"{self.seed} chunk {number}")
        draws: dict[str, Draw] = {part: _found(_DRAWS[part]) for part in self.shares}  # type: ignore[misc]
        parts = rng.choices(list(draws), list(self.shares.values()), k=max(0, self.chunk_texts - len(shown)))
        pieces = [*shown, *(draws[part](rng, self.planting) for part in parts)]
        rng.shuffle(pieces)
        return pieces

    def _shown(self) -> dict[int, list[Piece]]:
        """By chunk, the texts with exact exposures: evenly spaced, from a random start for each text."""
        rng = random.Random(f"{self.seed} exposures")
        by_chunk: dict[int, list[Piece]] = defaultdict(list)
        for exposure in self.exposures():
            start = rng.random()
            for showing in range(exposure.times):
                by_chunk[int((showing + start) * self.chunks / exposure.times)].append(exposure.piece)
        return by_chunk

    def exposures(self) -> list[Exposure]:
        """Every text that is shown an exact number of times, part by part."""
        found: list[Exposure] = []
        for part, place in _EXPOSURES.items():
            if part in self.shares:
                found += _found(place)(self.planting)  # type: ignore[arg-type]
        return found
