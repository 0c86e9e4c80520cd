"""The sentences of a text for searching (small letters, straight quotes, single spaces), each with its place in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from qistas.evaluations.openness.licence_words import in_small_letters

# Texts made for it must not take long: no sentence is longer, what is longer is read in overlapping pieces.
MOST_SENTENCE_CHARACTERS = 3_000
_OVERLAP_CHARACTERS = 800
MOST_TEXT_CHARACTERS = 150_000

# A cell, a clause or a line: what is said of one kind ends there.
CLAUSE = re.compile(r"[^\n|;؛]{1,1000}")
# The name of the next sentence is not of this one; “Apache License, v. 2.0” goes on.
SENTENCE_END = re.compile(r"[.!?؟]\s{1,4}(?=[^\W\d_a-z])|。")

_FRONT_MATTER = re.compile(r"\A\s{0,50}---\r?\n.{0,20000}?\n---\r?\n", re.DOTALL)
_LAYOUT = re.compile(
    r"</?[a-zA-Z][a-zA-Z0-9]{0,10}(?:\s[^<>]{0,300})?/?>|\*{1,3}|(?<=\n)[ \t]{0,8}[>#]{1,6}(?=[ \t])|\\(?=[^\w\s])"
)
_PIECE = re.compile(r"\S+")
_ITEM = re.compile(
    r"^[ \t]{0,12}(?:[-*+•][ \t]|\d{1,3}[.)][ \t]|#{1,6}[ \t]|\||\*\*|<(?:li|p|tr|h[1-6])\b)", re.MULTILINE
)
_HEADING = re.compile(
    r"^[ \t]{0,3}#{1,6}[ \t][^\n]*$|^[^\S\n]{0,3}(?:={3,}|-{3,})[^\S\n]*$|^[ \t]{0,3}\*\*[^*\n]{1,120}\*\*:?[^\S\n]*$",
    re.MULTILINE,
)
_END = re.compile(
    r"(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<!\bCorp)(?<!\be\.g)(?<!\bi\.e)(?<!\bNo)(?<!\bU\.S)[.!?؟][\"')\]]{0,3} (?=[A-Zء-ي\"'(\[0-9•-])|\n|。"
)
_SAME = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-"}
)


class Sentence(NamedTuple):
    """A sentence for searching (small letters, single spaces) and where its characters stand in the text."""

    words: str
    starts: tuple[int, ...]
    places: tuple[int, ...]
    end: int

    def place(self, position: int) -> int:
        """Where a character of ``words`` stands in the text."""
        index = bisect_right(self.starts, position) - 1
        return self.places[index] + position - self.starts[index]


def sentences_of(text: str, *, items: bool = False) -> Iterator[Sentence]:
    """The sentences of a text; a blank line ends one, a line end does not, but with ``items`` where a list item or heading begins and where a heading ends."""
    text = text[:MOST_TEXT_CHARACTERS]
    front = _FRONT_MATTER.match(text)
    if front:
        text = " " * front.end() + text[front.end() :]
    shown = _LAYOUT.sub(lambda match: " " * len(match[0]), text)
    breaks = _breaks(text) if items else []
    pieces: list[str] = []
    starts: list[int] = []
    places: list[int] = []
    length, last = 0, 0
    for match in _PIECE.finditer(shown):
        apart = text.count("\n", last, match.start()) > 1 or bisect_right(breaks, last) < bisect_right(
            breaks, match.start()
        )
        gap = "\n" if apart else " "
        pieces.append(gap + match[0] if pieces else match[0])
        length += len(pieces[-1])
        starts.append(length - len(match[0]))
        places.append(match.start())
        last = match.end()
    yield from _cut("".join(pieces).translate(_SAME), tuple(starts), tuple(places))


def _breaks(text: str) -> list[int]:
    starts = (match.start() for match in _ITEM.finditer(text))
    return sorted([*starts, *(match.end() + 1 for match in _HEADING.finditer(text))])


def _cut(flat: str, starts: tuple[int, ...], places: tuple[int, ...]) -> Iterator[Sentence]:
    edges = [0, *(match.end() for match in _END.finditer(flat)), len(flat)]
    flat = in_small_letters(flat)
    for begin, end in pairwise(edges):
        step = MOST_SENTENCE_CHARACTERS - _OVERLAP_CHARACTERS
        for piece in range(begin, max(begin + 1, end - _OVERLAP_CHARACTERS), step):
            yield from _sentence(flat, starts, places, piece, min(end, piece + MOST_SENTENCE_CHARACTERS))


def _sentence(
    flat: str, starts: tuple[int, ...], places: tuple[int, ...], begin: int, end: int
) -> Iterator[Sentence]:
    while begin < end and flat[begin].isspace():
        begin += 1
    while end > begin and flat[end - 1].isspace():
        end -= 1
    if begin >= end:
        return
    low, high = bisect_right(starts, begin) - 1, bisect_right(starts, end - 1)
    shift = begin - starts[low]
    within = (0, *(start - begin for start in starts[low + 1 : high]))
    at = (places[low] + shift, *places[low + 1 : high])
    yield Sentence(flat[begin:end], within, at, at[-1] + (end - begin) - within[-1])
