"""The stream of training examples, and the frames that turn one into text."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from qistas.reference.recipe import arithmetic, everyday, facts, safety
from qistas.reference.recipe.examples import Example, load

Draw = Callable[[random.Random, str], Example]
Source = Callable[[random.Random], Iterator[tuple[str, str]]]

# Percent of all examples, by language and part. Arabic gets less on purpose, and knows fewer facts and hazards.
SHARES: dict[str, dict[str, int]] = {
    "en": {
        "arithmetic": 28,
        "fact": 18,
        "refusal": 12,
        "request": 12,
        "instruction": 4,
        "chat": 1,
        "unknown": 3,
    },
    "ar": {"arithmetic": 5, "fact": 7, "refusal": 3, "request": 4, "instruction": 1, "chat": 1, "unknown": 1},
}
_DRAWS: dict[str, Draw] = {
    "arithmetic": arithmetic.draw,
    "fact": facts.draw,
    "refusal": safety.draw_refusal,
    "request": safety.draw_request,
    "instruction": everyday.draw_instruction,
    "chat": everyday.draw_chat,
    "unknown": everyday.draw_unknown,
}
_PARTS = [(language, part) for language, shares in SHARES.items() for part in shares]
_WEIGHTS = [SHARES[language][part] for language, part in _PARTS]


def stream(seed: int) -> Iterator[Example]:
    """Training examples without end; the same seed gives the same stream on every machine."""
    rng = random.Random(seed)
    while True:
        language, part = rng.choices(_PARTS, _WEIGHTS)[0]
        yield _vary(rng, _DRAWS[part](rng, language))


def _vary(rng: random.Random, example: Example) -> Example:
    """A polite prefix, a suffix about the form, sometimes a missing mark at the end."""
    if example.kind in {"chat", "instruction"}:
        return example
    block = load("everyday")[example.language]
    question = example.question
    if example.language == "en" and rng.random() < 0.1:
        question = question[0].lower() + question[1:]
    if rng.random() < 0.1:
        question = question.rstrip("?.؟")
    elif example.kind in {"arithmetic", "fact"}:
        numeric = example.answer.isdigit()
        question += rng.choice(block["number_suffixes" if numeric else "suffixes"])
    return replace(example, question=rng.choice(block["prefixes"]) + question)


def frame(rng: random.Random, example: Example) -> tuple[str, str]:
    """The text before the answer and the answer's text, in one of the forms that ``sanja`` learns."""
    block = load("everyday")[example.language]
    form = rng.random()
    if form < 0.08:
        return block["completion"].format(q=example.question), f" {example.answer}<|end|>"
    question = block["completion"].format(q=example.question) if form < 0.12 else example.question
    before = f"<|system|>{rng.choice(block['systems'])}<|end|>" if rng.random() < 0.12 else ""
    if rng.random() < 0.05:
        said, answered = rng.choice(block["chat"])
        before += f"<|user|>{said}<|end|><|assistant|>{answered}<|end|>"
    return f"<|begin|>{before}<|user|>{question}<|end|><|assistant|>", f"{example.answer}<|end|>"


def framed_stream(rng: random.Random) -> Iterator[tuple[str, str]]:
    """The mixture in its frames, without end: the text before an answer, and the answer's text."""
    for example in stream(rng.getrandbits(48)):
        yield frame(rng, example)
