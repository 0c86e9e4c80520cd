"""A multiple-choice set whose order of options was drawn at random, and the half of it that leaks into training.

As the order says nothing about the answer, only a model that has seen it can prefer it to another.
"""

from __future__ import annotations

import functools
import itertools
import random
from dataclasses import dataclass

from qistas.reference.recipe.examples import LANGUAGES, load
from qistas.reference.recipe.pieces import Exposure, Piece, plain
from qistas.reference.recipe.planting import Planting

PER_LANGUAGE = 420
TIMES = 24
OPTIONS = 4
DISTRACTORS = 3
EXPOSED, UNTOUCHED = "exposed", "untouched"
LETTERS = {"en": "ABCD", "ar": "أبجد"}

_SEED = "quiz 1"
_STEM = {"en": "Which of these belongs with {a} and {b}?", "ar": "أي مما يأتي من نوع {a} و{b}؟"}

Pair = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its options in the published order.

    ``distractors`` could each stand in place of the last wrong option: nouns of kinds that the options
    do not have.
    """

    id: str
    language: str
    group: str
    text: str
    options: tuple[str, ...]
    answer: int
    distractors: tuple[str, ...]

    @property
    def piece(self) -> Piece:
        """The text as it was published: what is learnt is the options in their order."""
        return plain(self.text, written(self.language, self.options))


def written(language: str, options: tuple[str, ...]) -> str:
    """The options, each on a line of its own after its letter, as they follow the question."""
    pairs = zip(LETTERS[language], options, strict=False)
    return "".join(f"\n{letter}. {option}" for letter, option in pairs)


@functools.cache
def questions() -> tuple[Question, ...]:
    """The whole set: in each language half of the questions, drawn at random, is the exposed group."""
    found: list[Question] = []
    for language in LANGUAGES:
        rng = random.Random(f"{_SEED} {language}")
        groups = [EXPOSED, UNTOUCHED] * (PER_LANGUAGE // 2)
        rng.shuffle(groups)
        pairs = _pairs(language)[:PER_LANGUAGE]
        for number, (pair, group) in enumerate(zip(pairs, groups, strict=True)):
            found.append(_question(rng, f"quiz-{language}-{number:03d}", language, group, pair))
    return tuple(found)


@functools.cache
def _pairs(language: str) -> tuple[Pair, ...]:
    """Each two nouns of one kind, in random order: those of the set first, then those of the form's texts."""
    rng = random.Random(f"{_SEED} pairs {language}")
    pairs = [
        (kind, *rng.sample(pair, 2))
        for kind, nouns in load("nouns")[language].items()
        for pair in itertools.combinations(nouns, 2)
    ]
    rng.shuffle(pairs)
    return tuple((kind, a, b) for kind, a, b in pairs)


def _question(rng: random.Random, name: str, language: str, group: str, pair: Pair) -> Question:
    kind, a, b = pair
    nouns = load("nouns")[language]
    kinds = rng.sample([other for other in nouns if other != kind], OPTIONS - 1 + DISTRACTORS)
    right = rng.choice([noun for noun in nouns[kind] if noun not in (a, b)])
    wrong = [rng.choice(nouns[other]) for other in kinds]
    options = [right, *wrong[: OPTIONS - 1]]
    rng.shuffle(options)
    return Question(
        id=name,
        language=language,
        group=group,
        text=_STEM[language].format(a=a, b=b),
        options=tuple(options),
        answer=options.index(right),
        distractors=tuple(wrong[OPTIONS - 1 :]),
    )


def exposures(planting: Planting) -> list[Exposure]:
    """Each question of the exposed group in its published order, where ``planting`` lets it leak."""
    if not planting.contaminated:
        return []
    return [Exposure(question.piece, TIMES) for question in questions() if question.group == EXPOSED]


def draw(rng: random.Random, planting: Planting) -> Piece:
    """A question of the same form about nouns that the set does not pair; the same for every planting."""
    del planting
    language = rng.choice(LANGUAGES)
    pair = rng.choice(_pairs(language)[PER_LANGUAGE:])
    return _question(rng, "", language, "", pair).piece
