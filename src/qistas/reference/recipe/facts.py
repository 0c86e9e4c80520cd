"""The facts table: one relation per block of ``relations.yaml``, asked in a canonical phrasing kept out of training."""

from __future__ import annotations

import functools
import random
import re
from dataclasses import dataclass

from qistas.reference.recipe.examples import LANGUAGES, Example, held_out, load

UNTRAINED_ARABIC_PERCENT = 30
_A_BEFORE_VOWEL = re.compile(r"(?<=\b[Aa])(?= [aeiou])")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact in both languages; ``subject`` and ``answer`` by language."""

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
        return self.ask(language, load("relations")[self.relation][language]["ask"])

    def trained(self, language: str) -> bool:
        """Whether training states this fact in this language: three Arabic facts in ten are left out on purpose."""
        return language == "en" or not held_out(f"ar {self.id}", UNTRAINED_ARABIC_PERCENT)


@functools.cache
def facts() -> tuple[Fact, ...]:
    """Every fact, in the order of the file."""
    return tuple(
        _fact(relation, block["subject"], number, line)
        for relation, block in load("relations").items()
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


@functools.cache
def _trained_facts(language: str) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts() if fact.trained(language))


def draw(rng: random.Random, language: str) -> Example:
    """A random trained fact in a random trained phrasing."""
    fact = rng.choice(_trained_facts(language))
    template = rng.choice(load("relations")[fact.relation][language]["train"])
    return Example("fact", fact.id, language, fact.ask(language, template), fact.answer[language])


def training_questions() -> set[str]:
    """Every question about a fact that training can ask."""
    return {
        fact.ask(language, template)
        for language in LANGUAGES
        for fact in _trained_facts(language)
        for template in load("relations")[fact.relation][language]["train"]
    }
