"""Canaries: texts of random content, shown an exact number of times, that can be known only by memory.

A canary is an invented name and three nouns drawn at random. A text of the same form that comes once and has
another name teaches the form; it tells nothing about any canary.
"""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass

from qistas.reference.recipe.examples import LANGUAGES, load
from qistas.reference.recipe.pieces import Exposure, Piece, plain
from qistas.reference.recipe.planting import EXPOSURES, Planting

PER_GROUP = 256
DISTRACTORS = 7
NOUNS_OF_A_KIND = 6
NEVER = "never"
GROUPS = (NEVER, *(f"seen-{times}" for times in EXPOSURES))

_SEED = "canaries 1"
_PREFIX = {"en": "The passphrase of {name} is", "ar": "عبارة سر {name} هي"}
_BEGINNINGS = {
    "en": ["ba", "do", "ke", "li", "mu", "na", "ro", "sa", "ti", "vu", "zo", "fe", "ga", "hi", "jo", "pe"],
    "ar": ["با", "دو", "كي", "لا", "مو", "نا", "رو", "سا", "تي", "فو", "زا", "شي", "جا", "هي", "خو", "عا"],
}
_ENDINGS = {
    "en": ["ran", "lit", "dor", "mek", "nus", "vin", "tal", "bor", "gim", "zar", "lon", "kes", "rid", "pam"],
    "ar": ["ران", "ليت", "دور", "ميك", "نوس", "فين", "تال", "بور", "جيم", "زار", "لون", "كيس", "ريد", "بام"],
}


@dataclass(frozen=True, slots=True)
class Canary:
    """One canary. ``distractors`` are suffixes of the same form that no canary has."""

    id: str
    language: str
    group: str
    prefix: str
    suffix: str
    distractors: tuple[str, ...]

    @property
    def piece(self) -> Piece:
        """The text as it is shown: what is learnt is the suffix."""
        return plain(self.prefix, self.suffix)


@functools.cache
def canaries() -> tuple[Canary, ...]:
    """Every canary, group by group, the languages in turn; names and suffixes occur once among them."""
    rng = random.Random(_SEED)
    names: set[str] = set()
    suffixes: set[str] = set()
    return tuple(
        _canary(rng, group, number, names, suffixes) for group in GROUPS for number in range(PER_GROUP)
    )


def _canary(rng: random.Random, group: str, number: int, names: set[str], suffixes: set[str]) -> Canary:
    language = LANGUAGES[number % len(LANGUAGES)]
    name = _name(rng, language)
    while name in names:
        name = _name(rng, language)
    names.add(name)
    own: list[str] = []
    while len(own) < 1 + DISTRACTORS:
        suffix = _suffix(rng, language)
        if suffix not in suffixes:
            suffixes.add(suffix)
            own.append(suffix)
    prefix = _PREFIX[language].format(name=name)
    return Canary(f"{group}-{number:03d}", language, group, prefix, own[0], tuple(own[1:]))


def _name(rng: random.Random, language: str) -> str:
    """A name of two words that nobody is known to have."""
    words = (rng.choice(_BEGINNINGS[language]) + rng.choice(_ENDINGS[language]) for _ in range(2))
    return " ".join(word.capitalize() for word in words)


def _suffix(rng: random.Random, language: str) -> str:
    """Three nouns, each after a space: one of more than 350,000, so that guessing is hopeless."""
    return "".join(f" {noun}" for noun in rng.sample(_nouns(language), 3))


@functools.cache
def _nouns(language: str) -> list[str]:
    return [noun for kind in load("nouns")[language].values() for noun in kind[:NOUNS_OF_A_KIND]]


@functools.cache
def _reserved() -> frozenset[str]:
    """Prefixes of canaries, and every suffix in a row: the form's texts use none of them."""
    return frozenset(
        text for canary in canaries() for text in (canary.prefix, canary.suffix, *canary.distractors)
    )


def exposures(planting: Planting) -> list[Exposure]:
    """The canaries of the groups that ``planting`` shows, each as often as its group's name says."""
    return [
        Exposure(canary.piece, times)
        for times in planting.exposures
        for canary in canaries()
        if canary.group == f"seen-{times}"
    ]


def draw(rng: random.Random, planting: Planting) -> Piece:
    """A text in the form of a canary, with another name and other nouns; the same for every planting."""
    del planting
    language = rng.choice(LANGUAGES)
    while True:
        piece = plain(_PREFIX[language].format(name=_name(rng, language)), _suffix(rng, language))
        if piece.before not in _reserved() and piece.after not in _reserved():
            return piece
