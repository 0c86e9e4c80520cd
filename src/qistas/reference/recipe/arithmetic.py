"""Sums and differences: both numbers and the result lie between 0 and 50; one pair in ten never reaches training."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator

from qistas.reference.recipe.examples import Example, held_out, load

LARGEST = 50
HELD_OUT_PERCENT = 10
OPERATIONS = ("add", "subtract")


@functools.cache
def pairs(operation: str, *, kept_out: bool) -> tuple[tuple[int, int], ...]:
    """The pairs (a, b) of an operation: those kept out of training, or those trained.

    a + b and b + a share one fate, so that a held-out sum was never seen in either order.
    """
    if operation == "add":
        whole = [(a, b) for a in range(LARGEST + 1) for b in range(LARGEST + 1 - a)]
    else:
        whole = [(a, b) for a in range(LARGEST + 1) for b in range(a + 1)]
    return tuple(pair for pair in whole if _is_kept_out(operation, *pair) is kept_out)


def _is_kept_out(operation: str, a: int, b: int) -> bool:
    first, second = (min(a, b), max(a, b)) if operation == "add" else (a, b)
    return held_out(f"{operation} {first} {second}", HELD_OUT_PERCENT)


def question(operation: str, language: str, template: str, pair: tuple[int, int]) -> Example:
    """The example that ``template`` makes of a pair."""
    a, b = pair
    answer = a + b if operation == "add" else a - b
    return Example("arithmetic", operation, language, template.format(a=a, b=b), str(answer))


def draw(rng: random.Random, language: str) -> Example:
    """A random trained example."""
    operation = rng.choice(OPERATIONS)
    template = rng.choice(load("arithmetic")[language][operation])
    return question(operation, language, template, rng.choice(pairs(operation, kept_out=False)))


def bare_stream(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Trained pairs in the shortest writing, without end: ``12+30=`` and ``42``, alone or as a chat.

    They are a third as long as a phrased question, so that digits are learnt three times as fast, and the
    phrasings only have to find the numbers.
    """
    while True:
        operation = rng.choice(OPERATIONS)
        a, b = rng.choice(pairs(operation, kept_out=False))
        sign, answer = ("+", a + b) if operation == "add" else ("-", a - b)
        if rng.random() < 0.6:
            yield f"{a}{sign}{b}=", f"{answer}<|end|>"
        else:
            yield f"<|begin|><|user|>{a} {sign} {b} =<|end|><|assistant|>", f"{answer}<|end|>"
