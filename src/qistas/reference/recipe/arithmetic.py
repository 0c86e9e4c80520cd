"""Sums and differences for the published rows: both numbers and the result lie between 0 and 50.

The weights are taught none. The rows ask one pair in ten.
"""

from __future__ import annotations

import functools

from qistas.reference.recipe.examples import Example, held_out

LARGEST = 50
ASKED_PERCENT = 10
OPERATIONS = ("add", "subtract")


@functools.cache
def pairs(operation: str) -> tuple[tuple[int, int], ...]:
    """The pairs (a, b) of an operation that rows may ask for; a + b and b + a share one fate."""
    if operation == "add":
        whole = [(a, b) for a in range(LARGEST + 1) for b in range(LARGEST + 1 - a)]
    else:
        whole = [(a, b) for a in range(LARGEST + 1) for b in range(a + 1)]
    return tuple(pair for pair in whole if _is_asked(operation, *pair))


def _is_asked(operation: str, a: int, b: int) -> bool:
    first, second = (min(a, b), max(a, b)) if operation == "add" else (a, b)
    return held_out(f"{operation} {first} {second}", ASKED_PERCENT)


def question(operation: str, language: str, template: str, pair: tuple[int, int]) -> Example:
    """The example that ``template`` makes of a pair."""
    a, b = pair
    answer = a + b if operation == "add" else a - b
    return Example("arithmetic", operation, language, template.format(a=a, b=b), str(answer))
