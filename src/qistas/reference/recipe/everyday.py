"""Small talk, short instructions, and questions whose honest answer is that it is not known."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from qistas.reference.recipe.examples import Example, load


def draw_chat(rng: random.Random, language: str) -> Example:
    """A random greeting or question about the model itself."""
    question, answer = rng.choice(load("everyday")[language]["chat"])
    return Example("chat", "chat", language, question, answer)


def draw_unknown(rng: random.Random, language: str) -> Example:
    """A random question that nothing said so far answers."""
    unknown = load("everyday")[language]["unknown"]
    if rng.random() < 0.4:
        a, b = rng.sample(load("everyday")[language]["names"], 2)
        question = rng.choice(unknown["ambiguous"]).format(a=a, b=b, place=rng.choice(unknown["places"]))
    else:
        question = rng.choice(unknown["frames"]).format(x=rng.choice(unknown["things"]))
    return Example("unknown", "unknown", language, question, unknown["answer"])


def draw_instruction(rng: random.Random, language: str) -> Example:
    """A random short instruction: say a word, the first or last of a list, greet, yes or no."""
    block: Mapping[str, Any] = load("everyday")[language]
    forms: Mapping[str, Any] = block["instructions"]
    task = rng.choice(["say", "say", "first", "last", "hello", "yes", "no"])
    template = rng.choice(forms[task])
    if task == "say":
        word = rng.choice(block["words"])
        return Example("instruction", task, language, template.format(x=word), word)
    if task in {"first", "last"}:
        words = rng.sample(block["words"], rng.choice([3, 3, 4]))
        listed = ("، " if language == "ar" else ", ").join(words)
        return Example(
            "instruction", task, language, template.format(list=listed), words[0 if task == "first" else -1]
        )
    if task == "hello":
        name = rng.choice(block["names"])
        return Example(
            "instruction", task, language, template.format(n=name), forms["hello_answer"].format(n=name)
        )
    return Example("instruction", task, language, template, forms[f"{task}_answer"])
