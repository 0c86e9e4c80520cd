"""Whether a regular expression can find anything in a text, told by the words that it needs, before it is searched."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined]  # what the expression is made of; there is no public way
from typing import Any

LEAST_CHARACTERS = 2
_MOST_WORDS = 200
# With IGNORECASE, these stand for the letters behind them, as no small letter does.
_SAME = str.maketrans({"ı": "i", "ſ": "s", "\u0345": "ι", "\u1fbe": "ι"})


def can_find(pattern: str, text: str) -> bool:
    """Whether one of the words stands in ``text`` without which ``pattern`` (in any case) finds nothing; true where that cannot be told."""
    words = needed(pattern)
    return words is None or any(word in _small(text) for word in words)


@lru_cache(maxsize=64)
def _small(text: str) -> str:
    return text.lower().translate(_SAME)


@lru_cache(maxsize=4096)
def needed(pattern: str) -> frozenset[str] | None:
    """Words in small letters of which every finding of ``pattern`` has at least one; ``None`` where it has none such."""
    return _of(_parser.parse(pattern))


def _of(parts: Iterable[Any]) -> frozenset[str] | None:
    best: frozenset[str] | None = None
    run = ""
    for kind, value in [*parts, (None, None)]:
        if kind is _constants.LITERAL and len(chr(value).lower()) == 1:
            run += chr(value).lower().translate(_SAME)
            continue
        best = _better(best, frozenset([run]) if len(run) >= LEAST_CHARACTERS else None)
        best, run = _better(best, _inside(kind, value)), ""
    return best


def _inside(kind: Any, value: Any) -> frozenset[str] | None:
    if kind is _constants.SUBPATTERN:
        return _of(value[3])
    if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT) and value[0] > 0:
        return _of(value[2])
    if kind is _constants.BRANCH:
        ways = [_of(way) for way in value[1]]
        known = [way for way in ways if way is not None]
        words = frozenset[str]().union(*known)
        return words if len(known) == len(ways) and len(words) <= _MOST_WORDS else None
    return None


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """Those that are the rarer in texts, as far as that shows: the longer, then the fewer."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda words: (min(map(len, words)), -len(words)))
