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
from qistas.evaluations.openness.framework_rules import Covered, known_id
from qistas.evaluations.openness.licence_texts import library
from qistas.evaluations.openness.record import Page, ReleaseRecord
from qistas.standards.document import load_document

_MOST_WORDS = 6
_MOST_STATEMENTS = 200
_MOST_ANCHORS = 8
_BEFORE, _AFTER, _NEAR = 80, 160, 60
# A cell, a clause or a line: what is said of one kind ends there.
_CLAUSE = re.compile(r"[^\n|;؛]{1,1000}")
# The name of the next sentence is not of this one; “Apache License, v. 2.0” goes on.
_SENTENCE_END = re.compile(r"[.!?؟]\s{1,4}(?=[^\W\d_a-z])|。")
_WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)*\+?")
_POINTER = re.compile(r"`([^`\s]{1,120})`|\]\(([^)\s]{1,300})\)")
_PATH = re.compile(r"(^|/)([^/]*[._-])?(licen[cs]e|copying|unlicense)([._-][^/]*)?$", re.IGNORECASE)


class StatementWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of licence_statements.yaml, where each is explained."""

    pages: str
    kinds: dict[Covered, str]
    verbs: str
    of: str
    dropped: frozenset[str]
    written: dict[str, str]
    alone: dict[str, str]
    changed: str
    not_across: str


class Statement(NamedTuple):
    """``licence`` covers ``kinds``. ``points_to``: the file of the release that should hold its text; ``missing``: it is not there."""

    kinds: frozenset[Covered]
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
    for clause in _CLAUSE.finditer(page.text, 0, MOST_SEARCHED_CHARACTERS):
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
    rest = _SENTENCE_END.split(clause[0][anchor.end() : anchor.end() + _AFTER])[0]
    if anchor.lastgroup == "of":
        before, colon, rest = rest.partition(":")
        if colon:
            kinds = _kinds(before) if len(before) < _NEAR else frozenset()
        else:
            rest = before
            kinds = _kinds(begins[0]) if (begins := _begins_with_kind().match(rest)) else frozenset()
    elif anchor.lastgroup == "colon":
        kinds = _kinds(before) if _ends_with_kind().search(before) else frozenset()
    else:
        across = re.search(rf"\b(?:{statement_words().not_across})\b", before, re.IGNORECASE)
        kinds = frozenset() if across else _kinds(before)
    licence = licence_in(rest) if kinds else None
    if licence is None:
        return None
    points_to = _pointer(rest)
    missing = points_to is not None and is_listed(record) and not _is_there(record, page, points_to)
    start = clause.start() + anchor.start() - len(before if anchor.lastgroup != "of" else "")
    quote = page.quote(start, clause.start() + min(len(clause[0]), anchor.end() + _AFTER))
    return Statement(kinds, licence, quote, points_to, missing)


@cache
def _anchors() -> re.Pattern[str]:
    words = statement_words()
    return re.compile(
        rf"(?P<of>\b(?:{words.of})\s)|(?P<verb>\b(?:{words.verbs})\b)|(?P<colon>:(?!//))", re.IGNORECASE
    )


@cache
def _ends_with_kind() -> re.Pattern[str]:
    kind = "|".join(statement_words().kinds.values())
    return re.compile(rf"(?<![/\w])(?:{kind})[ \t*_`]{{0,4}}$", re.IGNORECASE)


@cache
def _begins_with_kind() -> re.Pattern[str]:
    return re.compile(rf"\s{{0,4}}(?:{'|'.join(statement_words().kinds.values())})\b", re.IGNORECASE)


def _kinds(text: str) -> frozenset[Covered]:
    return frozenset(
        kind
        for kind, words in statement_words().kinds.items()
        if re.search(rf"(?<![/\w])(?:{words})\b", text, re.IGNORECASE)
    )


def licence_in(text: str) -> str | None:
    """The first licence that a run of words names, as an identifier; ``None`` for a changed one."""
    given = statement_words()
    words = [] if re.search(given.changed, text, re.IGNORECASE) else _words(text)
    for start in range(len(words)):
        for length in range(min(_MOST_WORDS, len(words) - start), 0, -1):
            name = "-".join(words[start : start + length])
            if length == 1 and name in given.alone:
                return given.alone[name]
            spellings = (name, f"{name}.0") if length > 1 else ()
            for spelling in spellings:
                if spelling in library().names:
                    return known_id(spelling)
    return None


def _words(text: str) -> list[str]:
    given = statement_words()
    folded = text.lower()
    for phrase, short in given.written.items():
        folded = folded.replace(phrase, f" {short} ")
    return [re.sub(r"^v(?=\d)", "", word) for word in _WORD.findall(folded) if word not in given.dropped]


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
