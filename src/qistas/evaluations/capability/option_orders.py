"""The published order of a question's options, and others to hold against it."""

from __future__ import annotations

import random
from collections.abc import Sequence

OTHER_ORDERS = 3
LETTERS = {"en": "ABCDEFGHIJ", "ar": "أبجدهوزحطي"}


def other_orders(key: str, count: int) -> list[tuple[int, ...]]:
    """Three orders of ``count`` (at least 3) options that are not the published one, drawn by ``key``."""
    rng = random.Random(f"option orders {key}")
    published = tuple(range(count))
    found: list[tuple[int, ...]] = []
    while len(found) < OTHER_ORDERS:
        order = tuple(rng.sample(published, count))
        if order != published and order not in found:
            found.append(order)
    return found


def as_lines(options: Sequence[str], language: str) -> str:
    """Each option on a line of its own after its letter: what follows a question in print."""
    letters = LETTERS.get(language, LETTERS["en"])
    return "".join(f"\n{letter}. {option}" for letter, option in zip(letters, options, strict=False))


def masked(options: Sequence[str], answer: int, language: str) -> tuple[int, str]:
    """The index of the last wrong option, and the lines before it with the letter that it stands after."""
    index = max(number for number in range(len(options)) if number != answer)
    before = as_lines([*options[:index], ""], language)
    return index, before.rstrip()
