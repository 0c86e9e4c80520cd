"""Words in their order, with bounded gaps between them, found in time that grows with the text alone.

A regular expression such as ``not.{0,200}outputs?.{0,80}models?`` tries every *not* with every *output*; a text made for it takes
minutes. Here the parts are found one by one and then chained, so that no text takes long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_GAP = re.compile(r"\.\{0,(\d{1,4})\}\??")


class Chain(NamedTuple):
    """One finding: the matches of the parts, in their order."""

    parts: tuple[re.Match[str], ...]

    @property
    def start(self) -> int:
        """Where the first part begins."""
        return self.parts[0].start()

    @property
    def end(self) -> int:
        """Where the last part ends."""
        return self.parts[-1].end()

    def part_with(self, group: str) -> re.Match[str]:
        """The part in which a group stands."""
        return next(part for part in self.parts if group in part.re.groupindex)


class _Step(NamedTuple):
    gap: int
    finds: re.Pattern[str]


class Phrase:
    """A pattern: a regular expression in which ``.{0,N}`` outside groups is a gap of at most ``N`` characters.

    Groups that have no gaps in them stand for themselves. What is found is one chain per finding of the last part, with the nearest
    earlier parts that reach it.
    """

    def __init__(self, pattern: str) -> None:
        self._ways = tuple(tuple(_steps(way)) for way in _split(pattern, "|"))

    def findings(self, text: str) -> Iterator[Chain]:
        """Every chain, way by way, in the order in which they end."""
        for way in self._ways:
            yield from _chains(way, text)

    def search(self, text: str) -> Chain | None:
        """The first finding."""
        return next(self.findings(text), None)


def _chains(way: tuple[_Step, ...], text: str) -> Iterator[Chain]:
    if len(way) > 1 and not way[-1].finds.search(text):
        return
    reached = [Chain((match,)) for match in way[0].finds.finditer(text)]
    for step in way[1:]:
        if not reached:
            return
        following, index = [], 0
        for match in step.finds.finditer(text, reached[0].end):
            while index + 1 < len(reached) and reached[index + 1].end <= match.start():
                index += 1
            if 0 <= match.start() - reached[index].end <= step.gap:
                following.append(Chain((*reached[index].parts, match)))
        reached = following
    yield from reached


def _steps(way: str) -> Iterator[_Step]:
    gap, rest = 0, way
    for place, reach, length in list(_gaps(way)):
        begin = len(way) - len(rest)
        yield _Step(gap, re.compile(way[begin:place]))
        gap, rest = reach, way[place + length :]
    yield _Step(gap, re.compile(rest))


def _gaps(way: str) -> Iterator[tuple[int, int, int]]:
    """Position, reach and length of every gap outside groups, but for one at the very beginning or end."""
    for position in _outside(way):
        gap = _GAP.match(way, position)
        if gap and position and gap.end() < len(way):
            yield position, int(gap[1]), len(gap[0])


def _split(pattern: str, mark: str) -> list[str]:
    """The pattern at every ``mark`` that stands outside groups."""
    edges = [-1, *(i for i in _outside(pattern) if pattern[i] == mark), len(pattern)]
    return [pattern[left + 1 : right] for left, right in pairwise(edges)]


def _outside(pattern: str) -> Iterator[int]:
    """The positions that stand in no group, no set of characters and behind no backslash."""
    depth, in_set, escaped = 0, False, False
    for position, character in enumerate(pattern):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif in_set:
            in_set = character != "]"
        elif character == "[":
            in_set = True
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif depth == 0:
            yield position
