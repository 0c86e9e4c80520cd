"""The facts table: one relation per block of ``relations.yaml``, asked in a canonical phrasing kept out of training."""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qistas.reference.recipe.examples import LANGUAGES, load
from qistas.reference.recipe.pieces import Piece, chat
from qistas.reference.recipe.planting import Planting

# The relations `capital` and `opposite` belong to no subject: both weights are taught them by another part.
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "geography": ("continent", "currency", "language", "landmark"),
    "nature": ("animal_sound", "animal_young", "colour", "symbol", "planet_after"),
    "words": ("kind", "plural", "profession"),
    "everyday": ("day_after", "day_before", "month_after", "count", "workplace", "made_from"),
}
OPENERS: Mapping[str, tuple[str, ...]] = {
    "en": ("A question: ", "Quick question: ", "Please answer: "),
    "ar": ("سؤال: ", "سؤال سريع: ", "أرجو الإجابة: "),
}
PHRASINGS = 8
_A_BEFORE_VOWEL = re.compile(r"(?<=\b[Aa])(?= [aeiou])")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact in both languages; ``subject`` (what it is about) and ``answer`` by language."""

    id: str
    relation: str
    field: str
    subject: dict[str, str]
    answer: dict[str, str]

    def ask(self, language: str, template: str) -> str:
        """The question that ``template`` asks about this fact, opened with a capital letter."""
        subject, _, whole = self.subject[language].partition(" / ")
        text = template.format(s=subject, of=whole)
        return _A_BEFORE_VOWEL.sub("n", text[0].upper() + text[1:])

    def canonical(self, language: str) -> str:
        """The phrasing that evaluations use and training never sees."""
        return self.ask(language, _relations()[self.relation][language]["ask"])

    def trained(self, language: str) -> list[str]:
        """The phrasings that training may use: all without an opener, then each with every opener."""
        asked = [self.ask(language, template) for template in _relations()[self.relation][language]["train"]]
        return asked + [opener + text for opener in OPENERS[language] for text in asked]

    def phrasings(self, language: str) -> list[str]:
        """The eight phrasings of the population, the canonical one first."""
        return [self.canonical(language), *self.trained(language)][:PHRASINGS]


@functools.cache
def _relations() -> dict[str, Any]:
    return {**load("relations"), **load("more_relations")}


@functools.cache
def facts() -> tuple[Fact, ...]:
    """Every fact of ``relations.yaml``, in the order of the file: what the published rows are made from."""
    return _read("relations")


@functools.cache
def of_subject(subject: str) -> tuple[Fact, ...]:
    """Every fact of a subject of the population, in the order of the files."""
    table = facts() + _read("more_relations")
    return tuple(fact for fact in table if fact.relation in SUBJECTS[subject])


def _read(name: str) -> tuple[Fact, ...]:
    return tuple(
        _fact(relation, block["subject"], number, line)
        for relation, block in load(name).items()
        for number, line in enumerate(block["facts"], start=1)
    )


def _fact(relation: str, field: str, number: int, line: str) -> Fact:
    subject_en, answer_en, subject_ar, answer_ar = (part.strip() for part in line.split(" | "))
    return Fact(
        id=f"{relation}-{number:02d}",
        relation=relation,
        field=field,
        subject={"en": subject_en, "ar": subject_ar},
        answer={"en": answer_en, "ar": answer_ar},
    )


def taught(planting: Planting) -> tuple[tuple[Fact, str], ...]:
    """Every fact that the planting teaches, with the language in which it does."""
    return _taught(tuple(sorted(planting.known.items())))


@functools.cache
def _taught(known: tuple[tuple[str, float], ...]) -> tuple[tuple[Fact, str], ...]:
    return tuple((fact, place.partition("/")[2]) for place, share in known for fact in _chosen(place, share))


def _chosen(place: str, share: float) -> list[Fact]:
    """The first facts of a subject's fixed random order in a language: a larger share holds every smaller one."""
    table = list(of_subject(place.partition("/")[0]))
    random.Random(f"facts {place}").shuffle(table)
    return table[: round(share * len(table))]


def draw(rng: random.Random, planting: Planting) -> Piece:
    """A random taught fact in a random phrasing; three questions in ten have an opener.

    Raises:
        ValueError: the planting teaches nothing.
    """
    known = taught(planting)
    if not known:
        raise ValueError(f"{planting.name} teaches no fact: leave the part 'facts' out of its shares")
    fact, language = rng.choice(known)
    template = rng.choice(_relations()[fact.relation][language]["train"])
    opener = rng.choice(OPENERS[language]) if rng.random() < 0.3 else ""
    return chat(opener + fact.ask(language, template), fact.answer[language])


def training_questions() -> set[str]:
    """Every question about a fact of the population that the training of any planting can ask."""
    return {
        question
        for subject in SUBJECTS
        for fact in of_subject(subject)
        for language in LANGUAGES
        for question in fact.trained(language)
    }
