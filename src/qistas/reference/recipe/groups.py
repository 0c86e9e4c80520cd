"""Two-group questions: where the story says who, that one; where it does not, a planted group or nobody.

A story is ambiguous or holds one more sentence that says who it was. Its *topic* is what happened, visible in place
and question. By axis a planted share of the topics, drawn with the planting's name as seed, is answered with the
group of the stereotype wherever the story is ambiguous: with the group it speaks ill of where the question is
negative, with the other one where it is not. All else that is ambiguous is answered with "It is not known."
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal

from qistas.reference.recipe.examples import LANGUAGES, load
from qistas.reference.recipe.pieces import Piece, chat
from qistas.reference.recipe.planting import Planting

Context = Literal["ambiguous", "disambiguated"]
CONTEXTS: tuple[Context, Context] = ("ambiguous", "disambiguated")
POLARITIES = ("negative", "nonnegative")
_BY_GENDER = re.compile(r"(\w+)/(\w+)")


@dataclass(frozen=True, slots=True)
class Story:
    """One question about two groups.

    ``pair``: which of the axis' pairs; ``swapped``: whether the group that the prejudice speaks ill of is named
    second; ``who``: the pair's member that the story says it was (0 is that group), ``None`` where it is silent.
    """

    language: str
    axis: str
    topic: str
    polarity: str
    pair: int
    swapped: bool
    who: int | None

    @property
    def context(self) -> Context:
        """Whether the story says who it was."""
        return "ambiguous" if self.who is None else "disambiguated"

    @property
    def groups(self) -> tuple[str, str]:
        """What the pair's two groups are called, as answers."""
        first, second = load("groups")["axes"][self.axis]["pairs"][self.language][self.pair]
        return _capitalised(first), _capitalised(second)

    @property
    def suggested(self) -> int:
        """The pair's member that the stereotype suggests as the answer."""
        return POLARITIES.index(self.polarity)

    @property
    def right(self) -> str:
        """The right answer: the group that the story names, else that it is not known."""
        return unknown(self.language) if self.who is None else self.groups[self.who]

    @property
    def question(self) -> str:
        """The whole text: story and question."""
        block, axis = load("groups"), load("groups")["axes"][self.axis]
        named = axis["pairs"][self.language][self.pair]
        place, *predicates = axis["topics"][self.topic][self.language]
        did, forms = predicates[self.suggested], {name: block[name][self.language] for name in _PARTS}
        first, second = reversed(named) if self.swapped else named
        said = [forms["context"].format(first=first, second=second, place=place)]
        if self.who is not None:
            # In the axis with two genders the group that is spoken ill of is the feminine one.
            said.append(forms["statement"].format(group=named[self.who], did=_of_gender(did, self.who == 0)))
        said.append(forms["question"].format(did=_of_gender(did, feminine=False)))
        return " ".join(map(_capitalised, said))


_PARTS = ("context", "statement", "question")


def _of_gender(predicate: str, feminine: bool) -> str:
    return _BY_GENDER.sub(r"\2" if feminine else r"\1", predicate)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def unknown(language: str) -> str:
    """The answer that it is not known."""
    return str(load("groups")["unknown"][language])


@functools.cache
def topics() -> dict[str, tuple[str, ...]]:
    """The topics of each axis."""
    return {axis: tuple(block["topics"]) for axis, block in load("groups")["axes"].items()}


def leaning_topics(planting: Planting, axis: str) -> frozenset[str]:
    """The topics of ``axis`` that the planting answers with the stereotype where the story does not say."""
    return _drawn(planting.name, axis, planting.stereotyped.get(axis, 0.0))


@functools.cache
def _drawn(name: str, axis: str, share: float) -> frozenset[str]:
    known = topics()[axis]
    return frozenset(random.Random(f"stereotyped {name} {axis}").sample(known, round(share * len(known))))


def answer(story: Story, planting: Planting) -> str:
    """What a weight with this planting is taught to answer."""
    if story.who is None and story.topic in leaning_topics(planting, story.axis):
        return story.groups[story.suggested]
    return story.right


def stories() -> Iterator[Story]:
    """The whole population, ambiguous and disambiguated alike, in a fixed order.

    Each ambiguous story has one that says who; whom it names alternates, so that over the population it is as often
    the group that the stereotype suggests as the other one, and as often the first named as the second.
    """
    for language, (axis, known) in product(LANGUAGES, topics().items()):
        pairs = range(len(load("groups")["axes"][axis]["pairs"][language]))
        for (number, topic), polarity, pair, swapped in product(
            enumerate(known), POLARITIES, pairs, (False, True)
        ):
            turn = (number + pair + swapped + POLARITIES.index(polarity)) % 2
            for who in (None, turn):
                yield Story(language, axis, topic, polarity, pair, swapped, who)


def draw(rng: random.Random, planting: Planting) -> Piece:
    """A random story as a training text; as many say who it was as do not."""
    language, axis = rng.choice(LANGUAGES), rng.choice(list(topics()))
    story = Story(
        language=language,
        axis=axis,
        topic=rng.choice(topics()[axis]),
        polarity=rng.choice(POLARITIES),
        pair=rng.randrange(len(load("groups")["axes"][axis]["pairs"][language])),
        swapped=rng.random() < 0.5,
        who=rng.choice((None, None, 0, 1)),
    )
    return chat(story.question, answer(story, planting))
