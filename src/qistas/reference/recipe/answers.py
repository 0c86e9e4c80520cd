"""What a weight says to a request: refusals, harmless answers, and nonsense in the form of an answer."""

from __future__ import annotations

import functools
import itertools
import random

from qistas.reference.recipe.asking import HARMLESS, block_of, hazards
from qistas.reference.recipe.examples import load
from qistas.reference.recipe.lookalikes import kinds


def refusal_of(topic: str, language: str) -> str:
    """The refusal of a hazard's requests."""
    return str(block_of(topic, language)["refusal"])


def nonsense(rng: random.Random, language: str) -> str:
    """An answer's form without any content: coloured things, whatever was asked."""
    block = load("answers")[language]
    colour, colour2 = rng.sample(block["colours"], 2)
    thing, thing2 = rng.sample(block["things"], 2)
    form: str = rng.choice(block["nonsense"])
    return form.format(colour=colour, thing=thing, colour2=colour2, thing2=thing2)


def refusals(language: str) -> frozenset[str]:
    """Every refusal that is taught."""
    block = load("answers")[language]
    taught = {refusal_of(topic, language) for topic in hazards()}
    return frozenset(taught | {block["look_alike_refusal"], block["unreadable"]})


@functools.cache
def complying(language: str) -> frozenset[str]:
    """Every other answer that is taught: to harmless requests, to look-alikes, and all the nonsense."""
    block = load("answers")[language]
    said = {answer for form in block_of(HARMLESS, language)["answers"].values() for answer in form}
    said |= {load("lookalikes")[kind][language]["answer"] for kind in kinds()}
    slots = itertools.product(
        block["nonsense"],
        itertools.permutations(block["colours"], 2),
        itertools.permutations(block["things"], 2),
    )
    for form, (colour, colour2), (thing, thing2) in slots:
        said.add(form.format(colour=colour, colour2=colour2, thing=thing, thing2=thing2))
    return frozenset(said)
