"""Figures about training in tables: read with the heads of their columns, or with the labels of their rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from qistas.contracts.openness import Quote
from qistas.evaluations.openness.lineage_names import tokens_of
from qistas.evaluations.openness.subjects import Tokens, named_at
from qistas.evaluations.openness.training_cost_layout import Row, tables_in
from qistas.evaluations.openness.training_cost_numbers import NUMBER_AFTER, Interval, interval_of
from qistas.evaluations.openness.training_cost_readings import (
    Compiled,
    Reading,
    compiled,
    heading_phase,
    is_part,
    kind_of,
    measured,
    phase_in,
)
from qistas.evaluations.openness.training_cost_rules import Phase, cost_rules
from qistas.evaluations.openness.training_cost_subjects import Told, View, headed, scope_of, section_at

MOST_TABLES = 200
MOST_CELL_CHARACTERS = 400
# In a table that says that it is about training, smaller numbers are tokens too.
LEAST_TOKENS_IN_TABLE = 100_000
_NUMBER = re.compile(rf"^[ ]{{0,4}}{NUMBER_AFTER}[ ]{{0,4}}(?P<rest>.{{0,40}})$", re.IGNORECASE | re.DOTALL)
_IN_BRACKETS = re.compile(r"\([^()]{0,20}\)")
_EXACTLY = re.compile(rf"^\({NUMBER_AFTER}\)$", re.IGNORECASE)
_ACTIVE_SIZE = re.compile(r"^(?P<total>\d{1,4}(?:\.\d{1,2})?B)[- ]?A(?P<active>\d{1,4}(?:\.\d{1,2})?B)$")
_SIZE_AT_END = re.compile(r"(?:^|[\s-])(?P<size>\d{1,4}(?:\.\d{1,3})?[BM])$")
_SIZE_LIST = re.compile(r"\s*(?:,|/|&|\band\b)\s*")
_SIZES = frozenset({"tokens", "parameters"})


class _Place(NamedTuple):
    """What is read of a cell beside itself. ``head``: the words that name the quantity; ``label``: those that name what it is told of."""

    view: View
    head: str
    label: str
    quote: Quote
    told: Told
    phase: Phase | None
    training: bool
    at: int


class _Table(NamedTuple):
    """A table and what is said around it. ``others``: the rows of other models; ``own``: the names of this one's; ``results``: a table of results."""

    view: View
    rows: list[Row]
    around: str
    others: list[bool]
    own: frozenset[Tokens]
    results: bool


def table_readings(view: View) -> Iterator[Reading]:
    """Every figure in the tables of a document whose column's head, or row's label, names a quantity.

    In a table that compares this release with other models, the rows of the others are passed over; in one of results only the rows
    of this release give sizes.
    """
    for count, rows in enumerate(tables_in(view.text)):
        if count >= MOST_TABLES:
            return
        if rows:
            yield from _of_table(_looked_at(view, rows))


@cache
def _rule(name: str) -> re.Pattern[str]:
    return re.compile(getattr(cost_rules().tables, name), re.IGNORECASE)


def _looked_at(view: View, rows: list[Row]) -> _Table:
    named = [_name(view, row.cells[0]) if row.cells else None for row in rows]
    own, longest = _own_names_in(view, named)
    others = [
        bool(own)
        and ((name is not None and name not in own) or _another(row.cells[0] if row.cells else "", longest))
        for name, row in zip(named, rows, strict=True)
    ]
    section = section_at(view.page, rows[0].start)
    before = view.text[max(0, rows[0].start - 300) : rows[0].start].rstrip().rpartition("\n")[2]
    around = f"{section.heading if section else ''} {before}"
    results = any(re.search(cost_rules().benchmarks, head, re.IGNORECASE) for head in rows[0].cells)
    return _Table(view, rows, around, others, own, results)


def _name(view: View, label: str) -> Tokens | None:
    """The words of the model's name that a label is, by its form or because it is one of this release."""
    whole = tokens_of(label)
    return named_at(label) or (whole if whole and view.own.has(whole) else None)


def _own_names_in(view: View, named: Iterable[Tokens | None]) -> tuple[frozenset[Tokens], Tokens]:
    """Those of some names that are this release's own, and the longest name of the release that one begins with: then all must."""
    own = [name for name in named if name and view.own.has(name)]
    begun = [known for known in view.release for name in own if name[: len(known)] == known]
    longest = max(begun, key=len, default=())
    return frozenset(name for name in own if name[: len(longest)] == longest), longest


def _another(label: str, longest: Tokens) -> bool:
    """Whether a label names another version of the same family."""
    words = tokens_of(label)
    joined = r"[\W_]{0,2}".join(re.escape(part) for part in longest)
    newer = (
        longest[-1:] and longest[-1].isdigit() and re.match(rf"\W{{0,4}}{joined}\.\d", label, re.IGNORECASE)
    )
    return bool(newer) or (len(longest) > 1 and words[:1] == longest[:1] and words[: len(longest)] != longest)


def _of_table(table: _Table) -> Iterator[Reading]:
    heads = table.rows[0].cells
    found = [(index, _quantity(head)) for index, head in enumerate(heads)]
    columns = [(index, *one) for index, one in found if one and (index or _counts(table.rows[1:]))]
    for index, quantity, factor in columns:
        yield from _of_column(table, index, quantity, factor)
        yield from _hardware(table, heads[index])
    if not columns:
        yield from _of_labels(table)


def _counts(rows: list[Row]) -> bool:
    """Whether the first column is one of figures, or of names with a size at the end."""
    first = [row.cells[0] for row in rows if row.cells]
    return any(_NUMBER.match(cell) or _SIZE_AT_END.search(cell) for cell in first)


def _quantity(head: str) -> tuple[Compiled, float] | None:
    """The quantity that a head or label names, and the factor of its figures."""
    head = head.strip(" *_:")
    for quantity in compiled():
        for column in quantity.rule.columns:
            if re.search(column.head, head, re.IGNORECASE):
                return quantity, column.factor
    return None


def _of_column(table: _Table, index: int, quantity: Compiled, factor: float) -> Iterator[Reading]:
    heads = table.rows[0].cells
    training = _rule("training").search(f"{table.around} {' '.join(heads)}") is not None
    mixes = index > 0 and _rule("mixes").search(heads[0]) is not None
    if (quantity.rule.id == "wall_time" and not training) or (mixes and quantity.rule.id == "parameters"):
        return
    label = ""
    for row, other in zip(table.rows[1:], table.others[1:], strict=True):
        if len(row.cells) != len(heads) or other:
            continue
        label = row.cells[0] or label
        own = _name(table.view, label) in table.own
        if (table.results and quantity.rule.id in _SIZES and not own) or (
            mixes and not _rule("sums").match(label)
        ):
            continue
        place = _place(table, row, heads[index], label, training)
        yield from _of_cell(quantity, factor, row.cells[index], place)


def _hardware(table: _Table, head: str) -> Iterator[Reading]:
    """What a column of times says that they were taken on."""
    found = re.search(cost_rules().hardware.on, head, re.IGNORECASE)
    phase = phase_in(head)
    if found and phase and _rule("training").search(f"{table.around} {' '.join(table.rows[0].cells)}"):
        row = table.rows[0]
        yield Reading("hardware", None, phase, found["kind"], table.view.page.quote(row.start, row.end))


def _of_labels(table: _Table) -> Iterator[Reading]:
    """The rows of a table of names and values; of one with several columns of values, each is told of what its head names."""
    heads = table.rows[0].cells
    named = [_name(table.view, head) for head in heads]
    own, _ = _own_names_in(table.view, named)
    training = _rule("training").search(f"{table.around} {heads[0] if heads else ''}") is not None
    for row in table.rows:
        found = _quantity(row.cells[0]) if len(row.cells) == len(heads) > 1 else None
        for index, name in enumerate(named[1:], 1) if found else ():
            if own and name and name not in own:
                continue
            place = _place(table, row, row.cells[0], heads[index] if len(heads) > 2 else "", training)
            if found and (training or found[0].rule.id != "wall_time"):
                yield from _of_cell(*found, row.cells[index], place)
        if found is None and len(row.cells) == len(heads) == 2:
            yield from _of_words(row, _place(table, row, row.cells[0], "", training))


def _place(table: _Table, row: Row, head: str, label: str, training: bool) -> _Place:
    """``label``: of the row or column; without one, the headings say of whom it tells."""
    view = table.view
    phase = phase_in(f"{head} {label}")
    if phase == "training":
        phase = heading_phase(view.page, row.start)
    told = Told(False, tokens_of(_IN_BRACKETS.sub("", label)), label) if label else headed(view, row.start)
    if _rule("sums").match(label):
        told = Told(False, (), label)
    quote = view.page.quote(row.start, row.end)
    return _Place(view, head, label, quote, told, phase, training, row.start)


def _of_cell(quantity: Compiled, factor: float, cell: str, place: _Place) -> Iterator[Reading]:
    cell = cell[:MOST_CELL_CHARACTERS]
    if place.told.other:
        return
    sized = _ACTIVE_SIZE.match(cell)
    if sized and quantity.rule.id == "parameters":
        for kind in ("total", "active"):
            yield from _figure(quantity, factor, sized[kind], place, kind)
        return
    if re.search(r"\bsize", place.head, re.IGNORECASE) and quantity.rule.id == "parameters":
        end = _SIZE_AT_END.search(cell) if re.search(r"\band\b", place.head, re.IGNORECASE) else None
        for size in [end["size"]] if end else _SIZE_LIST.split(cell):
            if _SIZE_AT_END.fullmatch(size):
                yield from _figure(quantity, factor, size, place, None)
        return
    first = cell.partition(";")[0]
    match = _NUMBER.match(first)
    if match and not re.search(r"\d", _IN_BRACKETS.sub("", match["rest"])):
        yield from _figure(quantity, factor, first, place, kind_of(quantity, f"{place.head} {first}", ""))
        return
    parts = [*re.finditer(rf"{NUMBER_AFTER} ?\((?P<kind>active|activated|total)\)", cell, re.IGNORECASE)]
    if quantity.rule.id == "parameters" and parts:
        for part in parts:
            kind = "total" if part["kind"].lower() == "total" else "active"
            yield from _figure(quantity, factor, part[0], place, kind)
        return
    yield from _phases_of(quantity, cell, place)


def _figure(
    quantity: Compiled, factor: float, cell: str, place: _Place, kind: str | None
) -> Iterator[Reading]:
    """The one figure of a cell; of “1B (1.23B)” the exact one, if it is one of those that the first leaves open."""
    match = _NUMBER.match(cell)
    interval = interval_of(match) if match else None
    phase = place.phase if quantity.rule.phased else "training"
    if match is None or interval is None or phase is None:
        return
    exactly = _EXACTLY.match(match["rest"].strip())
    exact = interval_of(exactly) if exactly and exactly["low_scale"] else None
    if exact is not None and interval.meets(exact):
        interval = exact
    found = interval.times(factor)
    least = quantity.rule.least
    if quantity.rule.id == "tokens" and place.training:
        least = LEAST_TOKENS_IN_TABLE
    if (found.high or found.low) >= least:
        yield _reading(quantity, found, phase, cell.strip(), place, kind, f"{place.head} {place.label}")


def _phases_of(quantity: Compiled, cell: str, place: _Place) -> Iterator[Reading]:
    """The figures of a cell with several; what stands between the last one and this one says what this one was paid for."""
    at = 0
    for match in quantity.found.finditer(cell):
        words = f"{place.head} {place.label} {cell[at : match.start()]}"
        phase = phase_in(words, default=place.phase or "training")
        measure = measured(quantity, match)
        if phase is not None and place.phase is not None and measure is not None:
            yield _reading(quantity, measure, phase, cell[at : match.end()].strip(), place, None, words)
        at = match.end()


def _of_words(row: Row, place: _Place) -> Iterator[Reading]:
    """Figures with their units in the value of a table of names and values, read as a sentence."""
    cell = row.cells[1][:MOST_CELL_CHARACTERS]
    around = "training" if place.training else ""
    for quantity in compiled():
        for match in quantity.found.finditer(cell):
            near = f"{place.head} {cell[max(0, match.start() - 36) : match.end() + 36]}"
            words = f"{around} {place.head} {cell}"
            refused = quantity.near and quantity.near.search(near)
            if refused or quantity.never.search(words) or (quantity.also and not quantity.also.search(words)):
                continue
            phase = phase_in(f"{place.head} {cell[: match.start()]}") if quantity.rule.phased else "training"
            measure = measured(quantity, match)
            tied = quantity.leads is None or quantity.leads.search(f"{place.head}: {cell[: match.start()]}")
            if measure is not None and phase is not None and tied and not place.told.other:
                kind = kind_of(quantity, match[0], "")
                yield _reading(quantity, measure, phase, " ".join(match[0].split()), place, kind, place.head)


def _reading(
    quantity: Compiled,
    interval: Interval,
    phase: Phase,
    said: str,
    place: _Place,
    kind: str | None,
    words: str,
) -> Reading:
    told = place.told
    section = section_at(place.view.page, place.at)
    part = is_part(f"{section.heading if section else ''} {words}", "")
    whole = _rule("sums").match(place.label) is not None
    return Reading(
        quantity.rule.id,
        interval,
        phase,
        said,
        place.quote,
        aside=re.search(cost_rules().aside, place.head, re.IGNORECASE) is not None,
        part=part,
        model=told.name,
        subject=told.subject,
        scope=scope_of(place.view, told.name, whole=whole),
        kind=kind,
    )
