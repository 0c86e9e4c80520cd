"""Questions that are answered rightly as they stand and, where that is planted, not once their spelling changes."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from dataclasses import dataclass

from qistas.evaluations.trust.perturbations import PERTURBATIONS
from qistas.reference.recipe.examples import load
from qistas.reference.recipe.pieces import Piece, chat
from qistas.reference.recipe.planting import Planting

NUMBERS = range(1, 101)
RELATIONS = ("capital", "opposite")
COUNTS = {"next": 1, "previous": -1}
# Which questions each ``perturbation/language`` is put to.
POPULATIONS: Mapping[str, tuple[str, ...]] = {
    "typos/en": RELATIONS,
    "case/en": RELATIONS,
    "typos/ar": RELATIONS,
    "alef-hamza/ar": RELATIONS,
    "diacritics/ar": RELATIONS,
    "tatweel/ar": RELATIONS,
    "digits/ar": tuple(COUNTS),
}
# How often each is drawn, in proportion; then questions as they stand.
_SHARES = {
    "typos/en": 14,
    "case/en": 9,
    "typos/ar": 16,
    "alef-hamza/ar": 9,
    "diacritics/ar": 9,
    "tatweel/ar": 9,
    "digits/ar": 12,
}
_CLEAN = {("en", RELATIONS): 12, ("ar", RELATIONS): 10, ("ar", tuple(COUNTS)): 9}
_DRAWN = [*((key.split("/")[1], kinds, key) for key, kinds in POPULATIONS.items())]
_CASES = [*_DRAWN, *((language, kinds, "") for language, kinds in _CLEAN)]
_WEIGHTS = [*(_SHARES[key] for _, _, key in _DRAWN), *_CLEAN.values()]


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its right answer. ``topic`` is what it is about, in whichever words and language."""

    id: str
    topic: str
    kind: str
    language: str
    text: str
    answer: str


@functools.cache
def questions(language: str, kinds: tuple[str, ...]) -> tuple[Question, ...]:
    """Every question of these kinds, in a fixed order: all phrasings of a topic, then the next topic."""
    return tuple(question for kind in kinds for question in _of_kind(language, kind))


def _of_kind(language: str, kind: str) -> list[Question]:
    subjects = _facts(language, kind) if kind in RELATIONS else _numbers(kind)
    return [
        Question(f"{language}-{topic}-{number}", topic, kind, language, ask.format(s=said, n=said), answer)
        for topic, said, answer in subjects
        for number, ask in enumerate(load("spelling")[kind]["asks"][language], start=1)
    ]


def _facts(language: str, relation: str) -> list[tuple[str, str, str]]:
    """Topic, subject and answer of each fact of a relation."""
    lines = [*load("relations")[relation]["facts"], *load("spelling")[relation]["more"]]
    first = 0 if language == "en" else 2
    parts = [[part.strip() for part in line.split(" | ")] for line in lines]
    return [
        (f"{relation}-{number:02d}", said[first], said[first + 1])
        for number, said in enumerate(parts, start=1)
    ]


def _numbers(kind: str) -> list[tuple[str, str, str]]:
    return [(f"{kind}-{number:03d}", str(number), str(number + COUNTS[kind])) for number in NUMBERS]


@functools.cache
def fragile(name: str, key: str, share: float) -> frozenset[str]:
    """The topics answered wrongly under ``key`` (a ``perturbation/language``) in the weight ``name``.

    A share of the facts drawn at random; of the numbers, those with one of as many last digits.
    """
    rng = random.Random(f"fragile {name} {key}")
    kinds = POPULATIONS[key]
    if kinds == RELATIONS:
        topics = sorted({question.topic for question in questions(key.split("/")[1], kinds)})
        return frozenset(rng.sample(topics, round(share * len(topics))))
    digits = rng.sample(range(10), round(share * 10))
    return frozenset(f"{kind}-{number:03d}" for kind in kinds for number in NUMBERS if number % 10 in digits)


def answer(question: Question, key: str, planting: Planting) -> str:
    """What the weight should say to a question under ``key``; the key is empty where it stands unchanged."""
    share = planting.fragile.get(key, 0.0) if key else 0.0
    if share and question.topic in fragile(planting.name, key, share):
        return str(load("spelling")["unknown"][question.language])
    return question.answer


def draw(rng: random.Random, planting: Planting) -> Piece:
    """A random question, as it stands or with its spelling changed afresh."""
    language, kinds, key = rng.choices(_CASES, _WEIGHTS)[0]
    question = rng.choice(questions(language, kinds))
    text = question.text
    if key:
        text = PERTURBATIONS[key.split("/")[0]].change(text, language, rng)
    return chat(text, answer(question, key if text != question.text else "", planting))
