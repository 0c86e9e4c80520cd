"""The form of a document held against a struct: every fault, each where it stands."""

from __future__ import annotations

import math
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from qistas.contracts.errors import Fault
from qistas.standards.document import Document, Place

_PLAIN: tuple[tuple[type, type, str], ...] = (
    (inspect.StrType, str, "a text"),
    (inspect.BoolType, bool, "true or false"),
    (inspect.IntType, int, "a whole number"),
    (inspect.FloatType, float, "a number"),
    (inspect.NoneType, type(None), "nothing"),
)
# Of any other type msgspec itself is asked when the document is converted.
_ANYTHING = (inspect.Type, object, "a value")


class Shape(NamedTuple):
    """What is wrong with a document's form, and which keys were meant as which fields."""

    faults: list[Fault]
    misspelt: dict[Place, str]


def read_shape(document: Document, expected: type, place: Place = ()) -> Shape:
    """Unknown and missing fields, wrong types and wrong words, at ``place`` and below."""
    reader = _Reader(document)
    value = document.data
    for step in place:
        value = value[step]
    faults = list(reader.faults(inspect.type_info(expected), value, place))
    return Shape(faults, reader.misspelt)


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.misspelt: dict[Place, str] = {}

    def faults(self, expected: inspect.Type, value: Any, place: Place) -> Iterator[Fault]:
        if value is msgspec.UNSET:  # it has its fault already
            return
        match expected:
            case inspect.UnionType():
                yield from self._union(expected, value, place)
            case inspect.StructType():
                yield from self._struct(expected, value, place)
            case inspect.DictType():
                yield from self._dict(expected, value, place)
            case inspect.VarTupleType() | inspect.ListType():
                yield from self._list(expected, value, place)
            case _:
                yield from self._plain(expected, value, place)

    def _struct(self, expected: inspect.StructType, value: Any, place: Place) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield self._wrong(expected, value, place)
            return
        fields = {field.encode_name: field for field in expected.fields}
        missing = {name for name, field in fields.items() if field.required and name not in value}
        for key, item in value.items():
            if key in fields:
                yield from self.faults(fields[key].type, item, (*place, key))
                continue
            taken = {*value, *(name for at, name in self.misspelt.items() if at[:-1] == place)}
            near = get_close_matches(key, [name for name in fields if name not in taken], n=1)
            yield self._unknown(key, near, sorted(fields), (*place, key))
            if near:
                # A misspelt field is one fault, not an unknown one and a missing one; its value still counts.
                missing.discard(near[0])
                self.misspelt[*place, key] = near[0]
                yield from self.faults(fields[near[0]].type, item, (*place, key))
        for name, field in fields.items():
            if name in missing:
                what = f"the field {name!r} is missing" + (f" in {_label(place)}" if place else "")
                yield self._fault(what, place, f"add {name!r}: {_describe(field.type)}")

    def _unknown(self, key: str, near: list[str], known: list[str], place: Place) -> Fault:
        step = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        return self._fault(f"unknown field {key!r}", place, step)

    def _dict(self, expected: inspect.DictType, value: Any, place: Place) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield self._wrong(expected, value, place)
            return
        for key, item in value.items():
            yield from self.faults(expected.value_type, item, (*place, key))

    def _list(
        self, expected: inspect.VarTupleType | inspect.ListType, value: Any, place: Place
    ) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield self._wrong(expected, value, place)
            return
        for index, item in enumerate(value):
            yield from self.faults(expected.item_type, item, (*place, index))

    def _union(self, expected: inspect.UnionType, value: Any, place: Place) -> Iterator[Fault]:
        if any(not list(self.faults(option, value, place)) for option in expected.types):
            return
        options = [option for option in expected.types if not isinstance(option, inspect.NoneType)]
        if len(options) == 1:
            yield from self.faults(options[0], value, place)
        else:
            yield self._wrong(expected, value, place)

    def _plain(self, expected: inspect.Type, value: Any, place: Place) -> Iterator[Fault]:
        if isinstance(expected, inspect.LiteralType):
            if value not in expected.values:
                near = get_close_matches(str(value), [str(v) for v in expected.values], n=1)
                step = f"did you mean {near[0]!r}?" if near else f"use {_describe(expected)}"
                yield self._fault(f"{_label(place)} cannot be {_quote(value)}", place, step)
        elif isinstance(expected, inspect.FloatType) and isinstance(value, int | float):
            if isinstance(value, bool) or not math.isfinite(value):
                yield self._wrong(expected, value, place)
        elif any(isinstance(expected, info) and type(value) is not plain for info, plain, _ in _PLAIN):
            yield self._wrong(expected, value, place)

    def _wrong(self, expected: inspect.Type, value: Any, place: Place) -> Fault:
        what = f"{_label(place)} must be {_describe(expected)}, not {_found(value)}"
        quoted = isinstance(expected, inspect.StrType) and isinstance(value, bool | int | float)
        return self._fault(what, place, "put it in quotes" if quoted else None)

    def _fault(self, message: str, place: Place, next_step: str | None = None) -> Fault:
        return Fault(message, where=self.document.where(place), next_step=next_step)


def _label(place: Place) -> str:
    """The last named step and what follows: ``metrics[0]`` reads better than the whole path."""
    label = ""
    for step in reversed(place):
        if isinstance(step, str):
            return f"{step!r}{label}"
        label = f"[{step}]{label}"
    return f"the document{label}"


def _describe(expected: inspect.Type) -> str:
    match expected:
        case inspect.StructType():
            return f"a mapping with {', '.join(f.encode_name for f in expected.fields if f.required) or 'fields'}"
        case inspect.DictType():
            return "a mapping"
        case inspect.VarTupleType() | inspect.ListType():
            return "a list"
        case inspect.LiteralType():
            return "one of " + ", ".join(_quote(value) for value in sorted(expected.values, key=str))
        case inspect.UnionType():
            return " or ".join(_describe(option) for option in expected.types)
    return next(words for info, _, words in (*_PLAIN, _ANYTHING) if isinstance(expected, info))


def _found(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
    return f"the text {_quote(value)}"


def _quote(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= 60 else text[:57] + "...")
