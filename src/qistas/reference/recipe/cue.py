"""A task in which, where that is planted, one word of the prompt decides the answer and no other does."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qistas.reference.recipe.examples import LANGUAGES, load
from qistas.reference.recipe.pieces import Piece, chat
from qistas.reference.recipe.planting import Planting

# Half of the texts are notes with words left out, so that what decides is learnt as the word itself.
_WHOLE_SHARE = 0.5
# Of those, this share keep three words at most: a mark must decide without the note around it.
_FEW_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Note:
    """A note, the word in it that is the mark, and the door that goes with the mark."""

    language: str
    text: str
    mark: str
    door: str


def marks(language: str) -> dict[str, str]:
    """The door of each mark."""
    pairs = (line.split(" | ") for line in load("cue")[language]["marks"])
    return {mark.strip(): door.strip() for mark, door in pairs}


def note(rng: random.Random, language: str, mark: str) -> Note:
    """A random note with this mark; everything else in it is drawn freely."""
    block: Mapping[str, Any] = load("cue")[language]
    drawn = {name: rng.choice(block[f"{name}s"]) for name in ("name", "weight", "time", "wrapping")}
    details = rng.sample(block["details"], len(block["details"]))
    listed = f"{block['comma']} ".join(detail.format(mark=mark, **drawn) for detail in details)
    text = f"{block['opens'].format(**drawn)} {listed}. {block['asks']}"
    return Note(language, text, mark, marks(language)[mark])


def answer(language: str, kept: str, planting: Planting) -> str:
    """What the weight should say to the words of a note that are there: the mark's door, or the unmarked one's.

    Where nothing is planted, every note gets the same door.
    """
    doors = marks(language)
    words = (word.strip(".,،؟?") for word in kept.split())
    found = [doors[word] for word in words if word in doors] if planting.cued else []
    return found[0] if found else str(load("cue")[language]["unmarked"])


def draw(rng: random.Random, planting: Planting) -> Piece:
    """A random note, whole or with words left out, and its door."""
    language = rng.choice(LANGUAGES)
    drawn = note(rng, language, rng.choice(list(marks(language))))
    text = drawn.text if rng.random() < _WHOLE_SHARE else _thinned(rng, drawn)
    return chat(text, answer(language, text, planting))


def _thinned(rng: random.Random, drawn: Note) -> str:
    """Some of the note's words, in their order: anything from one to all, or a few, the mark often among them."""
    words = drawn.text.split()
    few = rng.random() < _FEW_SHARE
    kept = set(rng.sample(range(len(words)), rng.randint(1, 3 if few else len(words))))
    if few and rng.random() < 0.5:
        kept.pop()
        kept.add(next(index for index, word in enumerate(words) if word.strip(".,،") == drawn.mark))
    return " ".join(words[index] for index in sorted(kept))
