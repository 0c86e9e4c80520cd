"""Licences that the text of a release states for one kind of its parts: “weights and code: Apache-2.0 (`LICENSE`)”."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from qistas.contracts.openness import Quote
from qistas.evaluations.openness.conditions import MOST_SEARCHED_CHARACTERS, is_listed
from qistas.evaluations.openness.licence_names import (
    Kind,
    ends_with_a_kind,
    kinds_at_the_start,
    kinds_in,
    named_first,
    speaks_of_another,
)
from qistas.evaluations.openness.record import Page, ReleaseRecord
from qistas.evaluations.openness.sentences import CLAUSE, SENTENCE_END
from qistas.standards.document import load_document

_MOST_STATEMENTS = 200
_MOST_ANCHORS = 8
_BEFORE, _AFTER, _NEAR = 80, 160, 60
_POINTER = re.compile(r"`([^`\s]{1,120})`|\]\(([^)\s]{1,300})\)")
_PATH = re.compile(r"(^|/)([^/]*[._-])?(licen[cs]e|copying|unlicense)([._-][^/]*)?$", re.IGNORECASE)


class StatementWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of licence_statements.yaml, where each is explained."""

    pages: str
    verbs: str
    of: str
    changed: str
    not_across: str


class Statement(NamedTuple):
    """``licence`` covers ``kinds``. ``points_to``: the file of the release that should hold its text; ``missing``: it is not there."""

    kinds: frozenset[Kind]
    licence: str
    quote: Quote
    points_to: str | None
    missing: bool


@cache
def statement_words() -> StatementWords:
    """The packaged words."""
    return load_document(Path(__file__).parent / "licence_statements.yaml", None, StatementWords)


@lru_cache(maxsize=4)
def stated_licences(record: ReleaseRecord) -> tuple[Statement, ...]:
    """Every statement of the documents, those at the top of the release first."""
    pages = sorted(
        record.pages_named(statement_words().pages),
        key=lambda page: (page.path.count("/"), len(page.path), page.path),
    )
    found = [statement for page in pages for statement in _of_page(record, page)]
    return tuple(found[:_MOST_STATEMENTS])


def _of_page(record: ReleaseRecord, page: Page) -> Iterator[Statement]:
    count = 0
    for clause in CLAUSE.finditer(page.text, 0, MOST_SEARCHED_CHARACTERS):
        if count >= _MOST_STATEMENTS:
            return
        for anchor in islice(_anchors().finditer(clause[0]), _MOST_ANCHORS):
            statement = _at(record, page, clause, anchor)
            if statement is not None:
                count += 1
                yield statement
                break


def _at(record: ReleaseRecord, page: Page, clause: re.Match[str], anchor: re.Match[str]) -> Statement | None:
    """What is stated around a colon, “is licensed under” or “licence of the” in a clause."""
    before = re.split(r"[.!?]\s", clause[0][max(0, anchor.start() - _BEFORE) : anchor.start()])[-1]
    rest = SENTENCE_END.split(clause[0][anchor.end() : anchor.end() + _AFTER])[0]
    if anchor.lastgroup == "of":
        before, colon, rest = rest.partition(":")
        if colon:
            kinds = kinds_in(before.lower()) if len(before) < _NEAR else ()
        else:
            rest = before
            kinds = kinds_at_the_start(rest.lower())
    elif anchor.lastgroup == "colon":
        kinds = kinds_in(before.lower()) if ends_with_a_kind(before.lower()) else ()
    else:
        across = re.search(rf"\b(?:{statement_words().not_across})\b", before, re.IGNORECASE)
        kinds = () if across else kinds_in(before.lower())
    licence = licence_in(rest) if kinds else None
    if licence is None or speaks_of_another(clause[0].lower()):
        return None
    points_to = _pointer(rest)
    missing = points_to is not None and is_listed(record) and not _is_there(record, page, points_to)
    start = clause.start() + anchor.start() - len(before if anchor.lastgroup != "of" else "")
    quote = page.quote(start, clause.start() + min(len(clause[0]), anchor.end() + _AFTER))
    return Statement(frozenset(kinds), licence, quote, points_to, missing)


@cache
def _anchors() -> re.Pattern[str]:
    words = statement_words()
    return re.compile(
        rf"(?P<of>\b(?:{words.of})\s)|(?P<verb>\b(?:{words.verbs})\b)|(?P<colon>:(?!//))", re.IGNORECASE
    )


def licence_in(text: str) -> str | None:
    """The first licence that a run of words names, as an identifier; ``None`` for a changed one, a family or an unknown one."""
    if re.search(statement_words().changed, text, re.IGNORECASE):
        return None
    licences = named_first(text)
    return licences[0].id if len(licences) == 1 else None


def _pointer(text: str) -> str | None:
    for match in _POINTER.finditer(text):
        target = match[1] or match[2]
        if "://" not in target and not target.startswith("../") and _PATH.search(target):
            return target.removeprefix("./").removeprefix("/")
    return None


def _is_there(record: ReleaseRecord, page: Page, target: str) -> bool:
    folder = page.path.rpartition("/")[0]
    names = {file.path for file in record.files}
    return target in names or (f"{folder}/{target}" if folder else target) in names
