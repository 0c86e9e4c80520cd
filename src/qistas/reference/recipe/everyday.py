"""Small talk, short instructions, and questions whose honest answer is that it is not known."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from qistas.reference.recipe.examples import load
from qistas.reference.recipe.pieces import Piece, chat
from qistas.reference.recipe.planting import Planting

_ARABIC_SHARE = 0.3


def draw(rng: random.Random, planting: Planting) -> Piece:
    """A greeting, an instruction or an unanswerable question; some follow a system prompt."""
    del planting
    block: Mapping[str, Any] = load("everyday")["ar" if rng.random() < _ARABIC_SHARE else "en"]
    question, answer = rng.choice([_small_talk, _instruction, _unknown])(rng, block)
    system = rng.choice(block["systems"]) if rng.random() < 0.2 else ""
    return chat(question, answer, system=system)


def _small_talk(rng: random.Random, block: Mapping[str, Any]) -> tuple[str, str]:
    question, answer = rng.choice(block["chat"])
    return question, answer


def _unknown(rng: random.Random, block: Mapping[str, Any]) -> tuple[str, str]:
    unknown = block["unknown"]
    return rng.choice(unknown["frames"]).format(x=rng.choice(unknown["things"])), unknown["answer"]


def _instruction(rng: random.Random, block: Mapping[str, Any]) -> tuple[str, str]:
    forms = block["instructions"]
    task = rng.choice(["say", "say", "hello", "yes", "no"])
    template = rng.choice(forms[task])
    if task == "say":
        word = rng.choice(block["words"])
        return template.format(x=word), word
    if task == "hello":
        name = rng.choice(block["names"])
        return template.format(n=name), forms["hello_answer"].format(n=name)
    return template, forms[f"{task}_answer"]
