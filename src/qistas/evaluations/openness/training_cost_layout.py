"""The tables of a document as rows of cells."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from qistas.evaluations.openness.text_spans import spans_between

MOST_ROWS = 200
MOST_CELLS = 40
MOST_TABLE_CHARACTERS = 60_000
TABLE_OPENS, TABLE_CLOSES = re.compile(r"<table\b", re.IGNORECASE), re.compile(r"</table>", re.IGNORECASE)
_SEPARATOR = re.compile(r"^[ \t]{0,8}\|?[ \t:|-]{3,400}$")
_SPAN = re.compile(r"\b(row|col)span\s{0,4}=\s{0,4}[\"']?(\d{1,2})", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,300}>")
_LINK = re.compile(r"\[([^\[\]\n]{1,120})\]\([^()\s]{0,300}\)")


class Row(NamedTuple):
    """The cells of a row, as they read, and where the row stands."""

    cells: tuple[str, ...]
    start: int
    end: int


def tables_in(text: str) -> Iterator[list[Row]]:
    """Every table, the rows of one without its line of dashes: those of Markdown, then those of HTML."""
    if "|" in text:
        yield from _markdown(text)
    yield from _html(text)


def _markdown(text: str) -> Iterator[list[Row]]:
    rows: list[Row] = []
    start, ruled = 0, False
    for line in text.split("\n"):
        end = start + len(line)
        # Below its line of dashes a table may do without the bars at the edges.
        if line.lstrip().startswith("|") or (ruled and "|" in line):
            if _SEPARATOR.match(line):
                ruled = bool(rows)
            elif len(rows) <= MOST_ROWS:
                rows.append(Row(tuple(_cells(line)), start, end))
        elif rows:
            yield rows
            rows, ruled = [], False
        start = end + 1
    if rows:
        yield rows


def _cells(line: str) -> list[str]:
    cells = line.strip().removeprefix("|").removesuffix("|").split("|")[:MOST_CELLS]
    return [_shown(cell) for cell in cells]


def _shown(cell: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", _LINK.sub(r"\1", cell))).replace("`", "").split())


def _html(text: str) -> Iterator[list[Row]]:
    for low, high in spans_between(text, TABLE_OPENS, TABLE_CLOSES):
        rows: list[Row] = []
        below: dict[int, tuple[int, str]] = {}
        at = low
        for part in re.split(
            r"(?=<tr\b)", text[low : min(high, low + MOST_TABLE_CHARACTERS)], flags=re.IGNORECASE
        )[: MOST_ROWS + 1]:
            cells = re.split(r"<t[dh]\b", part, flags=re.IGNORECASE)[1 : MOST_CELLS + 1]
            if cells:
                rows.append(Row(tuple(_laid_out(cells, below)), at, at + len(part.rstrip())))
            at += len(part)
        yield rows


def _laid_out(cells: list[str], below: dict[int, tuple[int, str]]) -> Iterator[str]:
    """The cells of a row, with those that reach down from rows above; ``below``: column to rows left and what they say."""
    given = list(cells)
    column = 0
    while (given or column in below) and column < MOST_CELLS:
        if column in below:
            left, shown = below.pop(column)
            if left > 1:
                below[column] = (left - 1, shown)
            yield shown
            column += 1
            continue
        attributes, _, words = given.pop(0).partition(">")
        reach = {match[1].lower(): int(match[2]) for match in _SPAN.finditer(attributes)}
        shown = _shown(words)
        for _ in range(max(1, reach.get("col", 1))):
            if reach.get("row", 1) > 1:
                below[column] = (reach["row"] - 1, shown)
            yield shown
            column += 1
