"""Figures about training in tables, read with the heads of their columns."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from qistas.evaluations.openness.lineage_names import tokens_of
from qistas.evaluations.openness.record import Page
from qistas.evaluations.openness.subjects import named_at
from qistas.evaluations.openness.text_spans import spans_between
from qistas.evaluations.openness.training_cost_numbers import NUMBER_AFTER, interval_of
from qistas.evaluations.openness.training_cost_readings import (
    TABLE_CLOSES,
    TABLE_OPENS,
    Compiled,
    Reading,
    View,
    compiled,
    is_part,
    measured,
    phase_in,
)
from qistas.evaluations.openness.training_cost_rules import cost_rules

MOST_TABLES = 200
MOST_ROWS = 200
MOST_CELLS = 40
MOST_CELL_CHARACTERS = 400
_SEPARATOR = re.compile(r"^[ \t]{0,8}\|?[ \t:|-]{3,400}$")
_SPAN = re.compile(r"\b(row|col)span\s{0,4}=\s{0,4}[\"']?(\d{1,2})", re.IGNORECASE)
MOST_TABLE_CHARACTERS = 60_000
_TAG = re.compile(r"<[^<>]{0,300}>")
_NUMBER = re.compile(rf"^[ ]{{0,4}}{NUMBER_AFTER}[ ]{{0,4}}(?P<rest>.{{0,24}})$", re.IGNORECASE | re.DOTALL)


class Row(NamedTuple):
    """The cells of a row, as they read, and where the row stands."""

    cells: tuple[str, ...]
    start: int
    end: int


def table_readings(view: View) -> Iterator[Reading]:
    """Every figure in the tables of a document whose column's head names a quantity.

    In a table that compares this release with other models, the rows of the others are passed over.
    """
    for count, rows in enumerate([*_markdown(view.text), *_html(view.text)]):
        if count >= MOST_TABLES:
            return
        if len(rows) > 1:
            yield from _of_table(view, rows)


def _markdown(text: str) -> Iterator[list[Row]]:
    rows: list[Row] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if line.lstrip().startswith("|"):
            if not _SEPARATOR.match(line) and len(rows) <= MOST_ROWS:
                rows.append(Row(tuple(_cells(line)), start, end))
        elif rows:
            yield rows
            rows = []
        start = end + 1
    if rows:
        yield rows


def _cells(line: str) -> list[str]:
    cells = line.strip()[1:].removesuffix("|").split("|")[:MOST_CELLS]
    return [_shown(cell) for cell in cells]


def _shown(cell: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", cell)).split())


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


def _of_table(view: View, rows: list[Row]) -> Iterator[Reading]:
    heads = rows[0].cells
    named = [named_at(row.cells[0]) for row in rows]
    compared = any(name and view.own.has(name) for name in named)
    others = [compared and name is not None and not view.own.has(name) for name in named]
    # A comparison of results names the sizes of other models.
    results = any(re.search(cost_rules().benchmarks, head, re.IGNORECASE) for head in heads)
    for index, head in enumerate(heads):
        for quantity in compiled():
            factor = _factor(quantity, head)
            if factor is None or (results and quantity.rule.id in {"tokens", "parameters"}):
                continue
            for row, other in zip(rows[1:], others[1:], strict=True):
                if len(row.cells) == len(heads) and not other:
                    yield from _of_cell(view.page, quantity, factor, head, row, index)
            break


def _factor(quantity: Compiled, head: str) -> float | None:
    found = (column.factor for column in quantity.rule.columns if re.search(column.head, head, re.IGNORECASE))
    return next(found, None)


def _of_cell(
    page: Page, quantity: Compiled, factor: float, head: str, row: Row, index: int
) -> Iterator[Reading]:
    cell, label = (
        row.cells[index][:MOST_CELL_CHARACTERS],
        row.cells[0][:MOST_CELL_CHARACTERS] if index else "",
    )
    aside = re.search(cost_rules().aside, head, re.IGNORECASE) is not None
    quote = page.quote(row.start, row.end)
    name = f"{label}: " if label else ""
    model = () if re.search(cost_rules().wholes, label, re.IGNORECASE) else tokens_of(label)
    match = _NUMBER.match(cell)
    if match and not re.search(r"\d", re.sub(r"\([^()]{0,20}\)", "", match["rest"])):
        interval = interval_of(match)
        phase = phase_in(f"{head} {label}") if quantity.rule.phased else "training"
        if interval is not None and phase is not None:
            found = interval.times(factor)
            if (found.high or found.low) >= quantity.rule.least or quantity.rule.id != "tokens":
                part = is_part(f"{head} {label}", "")
                yield Reading(quantity.rule.id, found, phase, f"{name}{cell}", quote, aside, part, model)
        return
    at = 0
    for match in quantity.found.finditer(cell):
        # What stands between the last figure and this one says what this one was paid for.
        phase = phase_in(f"{head} {label} {cell[at : match.start()]}", default="training")
        measure = measured(quantity, match)
        if phase is not None and measure is not None:
            part = is_part(f"{head} {label} {cell[at : match.start()]}", "")
            said = f"{name}{cell[at : match.end()].strip()}"
            yield Reading(quantity.rule.id, measure, phase, said, quote, aside, part, model)
        at = match.end()
