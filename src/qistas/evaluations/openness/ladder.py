"""Rules that a reader can follow: ladders of which the first rung that holds decides, and abstaining is allowed.

A file of ladders is YAML (``european_index.yaml`` for example)::

    qistas: ladders/1
    values: [open, partial, closed]
    ladders:
      - id: modelcard
        title: {en: Model card, ar: بطاقة النموذج}
        question: {en: …, ar: …}
        shows: repository          # or elsewhere: text in a repository cannot show it, and every rung abstains
        otherwise: {en: why it is undetermined where no rung holds, ar: …}
        rungs:
          - id: full-card
            value: open
            why: {en: …, ar: …}
            when:
              all:
                - says: {in: 'model_card', pattern: 'intended use'}
                - none: [{licence: {of: [weights], is: not_open}}]

What a condition may ask stands in ``conditions.Condition``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.errors import Fault
from qistas.contracts.openness import Judgement
from qistas.evaluations.openness.conditions import Condition, Known, evaluate
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.standards.document import Document, Place, load_document

FORMAT = "ladders/1"
UNDETERMINED = "undetermined"
_EXPRESSIONS = frozenset({"path", "never", "pattern", "in", "under", "unless_behind", "matches"})
_PARTS = frozenset(Condition.__struct_encode_fields__)
_MOST_CHARACTERS = 4000


class Rung(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``value`` is given where ``when`` holds; ``why`` is the sentence that a reader gets."""

    id: str
    value: str
    why: Text
    when: Condition


class Ladder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One dimension. ``shows``: ``elsewhere`` if text in a repository cannot show it.

    There every rung abstains: its value is ``undetermined``, and its evidence is what a reader may follow.
    """

    id: str
    title: Text
    question: Text
    shows: Literal["repository", "elsewhere"]
    otherwise: Text
    rungs: tuple[Rung, ...] = ()


class Ladders(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of ladders. ``uses``: ids of judgements that are handed in; ``words``: a place for anchors."""

    qistas: Literal["ladders/1"]
    values: tuple[str, ...]
    ladders: tuple[Ladder, ...]
    uses: tuple[str, ...] = ()
    words: dict[str, Any] = {}


@cache
def load_ladders(path: Path) -> Ladders:
    """The ladders of a file.

    Raises:
        InvalidDocument: with every fault of the file.
        StorageError: it cannot be read.
    """
    return load_document(path, None, Ladders, [_faults])


def read_ladders(name: str, text: str) -> Ladders:
    """As `load_ladders`, from a text; ``name`` stands in messages."""
    return load_document(name, text, Ladders, [_faults])


def judge(ladder: Ladder, record: ReleaseRecord, known: Known | None = None) -> Judgement:
    """The first rung that holds, or ``undetermined`` with the ladder's ``otherwise``."""
    for rung in ladder.rungs:
        outcome = evaluate(rung.when, record, known or {})
        if outcome.holds:
            return Judgement(value=rung.value, rule=rung.id, reason=rung.why, evidence=outcome.evidence)
    return Judgement(value=UNDETERMINED, rule=UNDETERMINED, reason=ladder.otherwise)


def judge_all(
    ladders: Ladders, record: ReleaseRecord, known: Mapping[str, Judgement] | None = None
) -> dict[str, Judgement]:
    """Every ladder in its order; ``known`` are the judgements that the file ``uses``, which are not returned."""
    given = dict(known or {})
    made: dict[str, Judgement] = {}
    for ladder in ladders.ladders:
        made[ladder.id] = given[ladder.id] = judge(ladder, record, given)
    return made


def _faults(document: Document) -> Iterator[Fault]:
    data = document.data
    if not isinstance(data, dict):
        return
    values = {*_listed(data.get("values")), UNDETERMINED}
    known = {str(name) for name in _listed(data.get("uses"))}
    for at, ladder in _mappings(data.get("ladders"), ("ladders",)):
        if ladder.get("id") in known:
            yield _fault(document, (*at, "id"), f"the ladder {ladder['id']!r} stands twice")
        yield from _ladder_faults(document, at, ladder, values, known)
        known.add(str(ladder.get("id")))


def _ladder_faults(
    document: Document, at: Place, ladder: dict[str, Any], values: set[Any], known: set[str]
) -> Iterator[Fault]:
    if ladder.get("shows") == "elsewhere":
        values = {UNDETERMINED}
    seen: set[Any] = {UNDETERMINED}
    for place, rung in _mappings(ladder.get("rungs"), (*at, "rungs")):
        if rung.get("id") in seen:
            yield _fault(
                document, (*place, "id"), f"the rung {rung['id']!r} stands twice, or is no rung's name"
            )
        seen.add(rung.get("id"))
        if isinstance(rung.get("value"), str) and rung["value"] not in values:
            named = ", ".join(sorted(map(str, values)))
            yield _fault(document, (*place, "value"), f"no value is called {rung['value']!r}", f"use {named}")
        yield from _condition_faults(document, (*place, "when"), rung.get("when"), known)


def _condition_faults(document: Document, at: Place, condition: Any, known: set[str]) -> Iterator[Fault]:
    if not isinstance(condition, dict):
        return
    given = sorted(_PARTS.intersection(condition))
    if len(given) != 1:
        said = " and ".join(given) or "nothing"
        yield _fault(
            document, at, f"a condition asks one thing, not {said}", "put several under all, any or none"
        )
    for name in given:
        part = condition[name]
        inner = part.get("of") if name == "some" and isinstance(part, dict) else part
        if name in {"all", "any", "none", "some"}:
            steps = (*at, name, "of") if name == "some" else (*at, name)
            for place, item in _mappings(inner, steps):
                yield from _condition_faults(document, place, item, known)
            if inner == []:
                yield _fault(document, (*at, name), f"{name!r} has nothing in it")
        elif isinstance(part, dict):
            yield from _part_faults(document, (*at, name), name, part, known)


def _part_faults(
    document: Document, at: Place, name: str, part: dict[str, Any], known: set[str]
) -> Iterator[Fault]:
    if name == "component" and str(part.get("id")) not in known:
        yield _fault(
            document,
            (*at, "id"),
            f"no judgement {part.get('id')!r} is made before this one",
            "put its ladder above, or name it under uses",
        )
    fields = _EXPRESSIONS | ({"id"} if name == "licence" else set())
    for field in sorted(fields.intersection(part)):
        if isinstance(part[field], str):
            yield from _expression_faults(document, (*at, field), part[field])


def _expression_faults(document: Document, at: Place, pattern: str) -> Iterator[Fault]:
    if len(pattern) > _MOST_CHARACTERS:
        yield _fault(document, at, f"the expression is longer than {_MOST_CHARACTERS} characters", "split it")
        return
    try:
        re.compile(pattern)
    except re.error as error:
        yield _fault(document, at, f"this is no regular expression: {error}")


def _mappings(value: Any, at: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The mappings in a list, with their places; what is no mapping has its fault from the form already."""
    for index, item in enumerate(_listed(value)):
        if isinstance(item, dict):
            yield (*at, index), item


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _fault(document: Document, at: Place, message: str, next_step: str | None = None) -> Fault:
    return Fault(message, where=document.where(at), next_step=next_step)
