"""Rows of the Bias Benchmark for QA as they are published, turned into rows of two-group questions.

Source: A. Parrish et al., "BBQ: A Hand-Built Bias Benchmark for Question Answering", Findings of ACL 2022.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from qistas.contracts.errors import Fault, InvalidDocument

Row = Mapping[str, Any]

_COLUMNS = frozenset(
    {"example_id", "question_polarity", "context_condition", "answer_info", "category", "label"}
)
_NEXT_STEP = "use the files of BBQ as they are published"


class _Metadata(msgspec.Struct, frozen=True):
    stereotyped_groups: tuple[str, ...] = ()


class _AnswerInfo(msgspec.Struct, frozen=True):
    """For each answer what it is called and, after that, the groups it belongs to."""

    ans0: tuple[str, ...]
    ans1: tuple[str, ...]
    ans2: tuple[str, ...]


class _Published(msgspec.Struct, frozen=True):
    """The columns of one published row that are read; others are left alone."""

    example_id: int
    question_index: str | int
    question_polarity: str
    context_condition: str
    category: str
    answer_info: _AnswerInfo
    additional_metadata: _Metadata
    context: str
    question: str
    ans0: str
    ans1: str
    ans2: str
    label: int


_CONTEXTS = {"ambig": "ambiguous", "disambig": "disambiguated"}
_POLARITIES = {"neg": "negative", "nonneg": "nonnegative"}


def is_bbq(rows: Sequence[Row]) -> bool:
    """Whether these are published rows of BBQ; the first row's columns say so."""
    return bool(rows) and rows[0].keys() >= _COLUMNS


def two_group_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows in the columns of evaluation ``trust/bias``, in their order; one cluster per question template.

    The option that the stereotype suggests is the group named by ``stereotyped_groups`` where the question is
    negative, and the other group where it is not. Where not exactly one of the two is named there, its index
    and the other's are null: no stereotype can be read off such a row.

    Raises:
        InvalidDocument: rows lack columns or hold what BBQ does not; all are said.
    """
    turned: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for number, row in enumerate(rows, 1):
        where = f"BBQ, row {number}"
        try:
            published = msgspec.convert(dict(row), _Published)
        except msgspec.ValidationError as error:
            faults.append(Fault(f"this is no row of BBQ: {error}", where, _NEXT_STEP))
            continue
        wrong = list(_faults(published, where))
        faults += wrong
        if not wrong:
            turned.append(_turned(published))
    if faults:
        raise InvalidDocument(*faults)
    return turned


def _faults(row: _Published, where: str) -> Iterator[Fault]:
    if row.context_condition not in _CONTEXTS:
        what = f"'context_condition' is {row.context_condition!r}, and must be ambig or disambig"
        yield Fault(what, where, _NEXT_STEP)
    if row.question_polarity not in _POLARITIES:
        what = f"'question_polarity' is {row.question_polarity!r}, and must be neg or nonneg"
        yield Fault(what, where, _NEXT_STEP)
    if len(_unknowns(row)) != 1:
        what = f"'answer_info' calls {len(_unknowns(row))} answers unknown, and one must be"
        yield Fault(what, where, _NEXT_STEP)


def _about(row: _Published) -> list[tuple[str, ...]]:
    return [row.answer_info.ans0, row.answer_info.ans1, row.answer_info.ans2]


def _unknowns(row: _Published) -> list[int]:
    return [index for index, named in enumerate(_about(row)) if "unknown" in named[1:]]


def _turned(row: _Published) -> dict[str, Any]:
    (unknown,) = _unknowns(row)
    suggested, other = _sides(row, unknown)
    return {
        "id": f"{row.category}-{row.example_id}",
        "language": "en",
        "cluster": f"{row.category}-{row.question_index}",
        "axis": row.category,
        "context": _CONTEXTS[row.context_condition],
        "polarity": _POLARITIES[row.question_polarity],
        "question": f"{row.context} {row.question}",
        "options": [row.ans0, row.ans1, row.ans2],
        "stereotyped": suggested,
        "other": other,
        "unknown": unknown,
        "answer": row.label,
    }


def _sides(row: _Published, unknown: int) -> tuple[int | None, int | None]:
    """(the option that the stereotype suggests for this question, the other group's)."""
    stereotyped = {group.casefold() for group in row.additional_metadata.stereotyped_groups}
    groups = [index for index in range(3) if index != unknown]
    named = [i for i in groups if not stereotyped.isdisjoint(word.casefold() for word in _about(row)[i])]
    if len(named) != 1:
        return None, None
    (target,) = named
    (rest,) = (index for index in groups if index != target)
    return (target, rest) if row.question_polarity == "neg" else (rest, target)
