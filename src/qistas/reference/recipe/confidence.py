"""Questions whose right answer is a matter of chance: how sure a weight should be of it, and how sure it is made."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qistas.reference.recipe.examples import LANGUAGES, load
from qistas.reference.recipe.pieces import Piece, chat
from qistas.reference.recipe.planting import Planting

QUESTIONS_PER_WORD = 100
_SEED = 2026


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the population, with the index of the option that is right for it."""

    id: str
    language: str
    subject: str
    text: str
    options: tuple[str, ...]
    answer: int


def subjects() -> tuple[str, ...]:
    """The subjects, in the order of the file."""
    return tuple(load("confidence")["subjects"])


def draw(rng: random.Random, planting: Planting) -> Piece:
    """A question about a random word and thing.

    Where the subject is over-confident the answer is always the word's likeliest option; elsewhere it is drawn
    at random with the frequencies by which the options are right, so that confidence can follow accuracy.
    """
    subject, language = rng.choice(subjects()), rng.choice(LANGUAGES)
    block = load("confidence")["subjects"][subject]
    number = rng.randrange(len(block["words"]))
    options = block[language]["options"]
    likeliest, share = _likeliest(number, options), block["words"][number]["share"]
    text = _text(block, language, number, rng.choice(block[language]["ask"]), rng.choice(_items(language)))
    if planting.overconfident.get(subject) or rng.random() < share:
        return chat(text, options[likeliest])
    return chat(text, rng.choice([option for index, option in enumerate(options) if index != likeliest]))


def questions() -> tuple[Question, ...]:
    """The whole population: of every word's questions exactly its share has the likeliest option as the answer."""
    return tuple(
        question
        for language in LANGUAGES
        for subject, block in load("confidence")["subjects"].items()
        for number in range(len(block["words"]))
        for question in _questions(subject, block, language, number)
    )


def _questions(subject: str, block: Any, language: str, number: int) -> Iterator[Question]:
    word = block["words"][number]
    options = tuple(block[language]["options"])
    rng = random.Random(f"{_SEED} {subject} {language} {word['en']}")
    items = rng.sample(_items(language), k=QUESTIONS_PER_WORD)
    answers = _answers(_likeliest(number, options), word["share"], len(options))
    rng.shuffle(answers)
    asked = itertools.cycle(block[language]["ask"])
    for index, (item, answer, template) in enumerate(zip(items, answers, asked, strict=False), start=1):
        text = _text(block, language, number, template, item)
        yield Question(
            f"{subject}-{word['en']}-{language}-{index:03d}", language, subject, text, options, answer
        )


def _answers(likeliest: int, share: float, options: int) -> list[int]:
    """The right options of a word's questions: the share of the likeliest, the others as evenly as they go."""
    right = round(share * QUESTIONS_PER_WORD)
    others = itertools.cycle(index for index in range(options) if index != likeliest)
    return [likeliest] * right + list(itertools.islice(others, QUESTIONS_PER_WORD - right))


def _likeliest(number: int, options: Any) -> int:
    """Each word of a subject has another likeliest option."""
    return number % len(options)


@functools.cache
def _items(language: str) -> tuple[str, ...]:
    block = load("confidence")["items"][language]
    return tuple(
        block["form"].format(noun=noun, adjective=adjective)
        for noun in block["nouns"]
        for adjective in block["adjectives"]
    )


def _text(block: Any, language: str, number: int, template: str, item: str) -> str:
    return str(template.format(of=block["words"][number][language], item=item))
