"""Places in a text, found in time that grows no faster than the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Span = tuple[int, int]


def spans_between(text: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> Iterator[Span]:
    """From each opening to the closing behind it, both included; what is never closed is no span."""
    at = 0
    while (first := opening.search(text, at)) is not None:
        last = closing.search(text, first.end())
        if last is None:
            return
        yield first.start(), last.end()
        at = max(last.end(), first.start() + 1)


def windows(text: str, hints: Iterable[str], before: int, behind: int, most: int) -> list[Span]:
    """The surroundings of every hint in a text that is in small letters, those that overlap as one; in order.

    ``most``: of more characters than this in all, only the first are given.
    """
    found = []
    for hint in hints:
        at = text.find(hint)
        while at >= 0:
            found.append((max(0, at - before), min(len(text), at + len(hint) + behind)))
            at = text.find(hint, at + 1)
    merged: list[Span] = []
    for low, high in sorted(found):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    kept = []
    for low, high in merged:
        kept.append((low, min(high, low + most)))
        most -= high - low
        if most <= 0:
            break
    return kept
