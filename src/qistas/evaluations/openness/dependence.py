"""What the documents of a release say that it was made with: sentence by sentence, told from what it takes to run or to weigh it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, islice, takewhile
from pathlib import Path
from typing import NamedTuple

import msgspec

from qistas.contracts.openness import Quote
from qistas.evaluations.openness.hints import can_find
from qistas.evaluations.openness.lineage_names import tokens_of
from qistas.evaluations.openness.record import Page, ReleaseRecord
from qistas.evaluations.openness.release_texts import read_sections
from qistas.evaluations.openness.subjects import own_names
from qistas.evaluations.openness.training_cost_readings import quote_of, view_of
from qistas.evaluations.openness.training_cost_subjects import (
    COMPARED,
    Sentence,
    View,
    sentence_at,
    told_at,
)
from qistas.evaluations.openness.unread import is_english
from qistas.standards.document import load_document

MOST_PAGES = 100
MOST_SEARCHED_CHARACTERS = 120_000
MOST_CHARACTERS = 2_000_000
_MOST_TRIED = 200
_MOST_SAID = 60
_BEHIND_CHARACTERS = 160
_TABLE_CHARACTERS = 20_000
_PROSE = re.compile(
    r"\.(md|markdown|rst)$|(^|/)(readme|[^/]{0,60}(card|sheet|report))[^/]{0,20}\.txt$", re.IGNORECASE
)
_LICENCES = re.compile(
    r"(^|/)([^/]*[._-])?(licen[cs]e|copying|notice|unlicense|use_policy)([._-][^/]*)?$", re.IGNORECASE
)
_LINK = re.compile(r"[^\s()<>\[\]]{0,200}")
_TITLE = re.compile(r"\s{0,8}(?:#[ \t]|<h1\b|[^\n]{1,200}\n=)")
_FOLDED = re.compile(r"\s+")


class _Topic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    finds: str
    told: tuple[str, ...]
    never: str


class _Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    instructions: str
    elsewhere: str
    other_paths: str
    sure: str
    making: str
    using: str
    asides: str
    topics: dict[str, _Topic]
    hardware_label: str
    hardware_heading: str
    made: str
    of_model: str
    data_sections: str
    data_paths: str


class Said(NamedTuple):
    """One statement: its words in the document, the whole sentence on one line, and what was found in it."""

    quote: Quote
    sentence: str
    found: str


class _Compiled(NamedTuple):
    finds: re.Pattern[str]
    told: tuple[re.Pattern[str], ...]
    never: re.Pattern[str]


@cache
def _rules() -> _Rules:
    return load_document(Path(__file__).parent / "dependence.yaml", None, _Rules)


@cache
def _words(name: str) -> re.Pattern[str]:
    return re.compile(getattr(_rules(), name), re.IGNORECASE)


@cache
def _topic(name: str) -> _Compiled:
    topic = _rules().topics[name]
    told = tuple(re.compile(words, re.IGNORECASE) for words in topic.told)
    return _Compiled(_cased(topic.finds), told, re.compile(topic.never, re.IGNORECASE))


def _cased(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


def prose_pages(record: ReleaseRecord) -> list[Page]:
    """The documents that are English prose and no licences, nearest to the top first, as many as are searched."""
    pages = [
        page
        for page in record.pages.values()
        if _PROSE.search(page.path) and not _LICENCES.search(page.path) and is_english(page)
    ]
    pages.sort(key=lambda page: (page.path.count("/"), page.path))
    sizes = accumulate(min(len(page.text), MOST_SEARCHED_CHARACTERS) for page in pages)
    return [page for page, size in zip(pages, sizes, strict=True) if size <= MOST_CHARACTERS][:MOST_PAGES]


def statements(record: ReleaseRecord) -> dict[str, tuple[Said, ...]]:
    """What is said of each topic of dependence.yaml, the first ``60`` statements of each."""
    own = own_names(record)
    made: dict[str, list[Said]] = {name: [] for name in _rules().topics}
    for page in prose_pages(record):
        if _words("other_paths").search(page.path):
            continue
        view = None
        for name, found in made.items():
            if not can_find(_rules().topics[name].finds, page.text[:MOST_SEARCHED_CHARACTERS]):
                continue
            view = view or view_of(page, own)
            found.extend(islice(_said(name, view), max(0, _MOST_SAID - len(found))))
    return {name: tuple(found) for name, found in made.items()}


def is_stated(words: str) -> bool:
    """Whether words tell what was done, and neither advise nor compare."""
    return not _words("asides").search(words)


def names_data(page: Page, position: int) -> bool:
    """Whether a place is in a section, or a document, about the data of training."""
    return _is_about_data(page, _headings(page, position))


def _said(name: str, view: View) -> Iterator[Said]:
    topic, seen = _topic(name), -1
    for match in islice(topic.finds.finditer(view.text, 0, MOST_SEARCHED_CHARACTERS), _MOST_TRIED):
        start, end = match.span()
        around = sentence_at(view.text, start, end)
        if (name != "data_linked" and around.start == seen) or _is_no_sentence(view, start):
            continue
        sentence = _FOLDED.sub(" ", view.text[around.start : around.end]).strip()
        headings = _headings(view.page, start)
        about = _is_about(name, view.page, headings, sentence)
        if not _counts(name, headings, COMPARED.sub("", sentence), about=about):
            continue
        if _is_row_of_another(view, start) or not (about or _is_of_makers(name, view, around, match)):
            continue
        seen = around.start
        link = _LINK.match(view.text, end) if match[0].endswith("://") else None
        yield Said(quote_of(view.page, around, start, end), sentence, match[0] + (link[0] if link else ""))


def _is_no_sentence(view: View, start: int) -> bool:
    """Whether a place is in a block of code, in a table of HTML or in a heading."""
    line = view.text.rfind("\n", 0, start) + 1
    heading = view.text[line : line + 8].lstrip().startswith("#")
    return heading or any(low <= start < high for low, high in view.skipped)


def _is_about(name: str, page: Page, headings: tuple[str, ...], sentence: str) -> bool:
    """Whether the place itself, by its heading or label, is about the data of training, or about its hardware."""
    if name == "hardware":
        labelled = _words("hardware_label").search(sentence) or (
            headings and _words("hardware_heading").search(headings[0])
        )
        around = (page.path, *headings)
        return bool(labelled) and any(_words("made").search(words) for words in around)
    return name in {"data_linked", "data_described", "work"} and _is_about_data(page, headings)


def _counts(name: str, headings: tuple[str, ...], sentence: str, *, about: bool) -> bool:
    topic = _topic(name)
    if topic.never.search(sentence) or any(_words("elsewhere").search(words) for words in headings):
        return False
    if about and name != "work":
        return True
    if not any(told.search(sentence) for told in topic.told):
        return False
    instructed = any(_words("instructions").search(words) for words in headings)
    return about or not instructed or _words("sure").search(sentence) is not None


def _is_of_makers(name: str, view: View, around: Sentence, match: re.Match[str]) -> bool:
    """Whether a sentence tells of the release itself; of hardware, one that is no row of a table, and of making the model."""
    start, end = match.span()
    if name == "hardware":
        in_row = view.text[around.start : around.start + 8].lstrip().startswith("|")
        if in_row or not _is_of_making(view, around, start):
            return False
    return not told_at(view, around, start, end).other


def _is_row_of_another(view: View, start: int) -> bool:
    """Whether a place is in a row of a table that has a column for models, and names none of this release there."""
    row, above = (
        _line_at(view.text, start),
        view.text[max(0, start - _TABLE_CHARACTERS) : start].split("\n")[:-1],
    )
    if not row.lstrip().startswith("|"):
        return False
    rows = list(takewhile(lambda line: line.lstrip().startswith("|"), reversed(above)))
    head = rows[-1] if rows else row
    column = next((i for i, cell in enumerate(_cells(head)) if _words("of_model").search(cell)), None)
    if column is None or column >= len(_cells(row)):
        return False
    words = tokens_of(_cells(row)[column])
    return not any(words[i : i + len(name)] == name for name in view.own.names for i in range(len(words)))


def _line_at(text: str, at: int) -> str:
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)]


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def _is_about_data(page: Page, headings: tuple[str, ...]) -> bool:
    inner = headings[0] if headings else ""
    return (
        _words("data_sections").search(inner) is not None
        or _words("data_paths").search(page.path) is not None
    )


def _headings(page: Page, at: int) -> tuple[str, ...]:
    """The heading above a place and those around it, innermost first, without the title of the document."""
    sections = read_sections(page.text)
    index = bisect_right([one.start for one in sections], at) - 1
    if index < 0:
        return ()
    headings = (*sections[index].around, sections[index].heading)
    titled = (
        len(headings) > 1
        and headings[0] == sections[0].heading
        and _TITLE.match(page.text, sections[0].start)
    )
    return tuple(reversed(headings[1:] if titled else headings))


def _is_of_making(view: View, around: Sentence, start: int) -> bool:
    """Whether the words for what was done that stand nearest in front, else the first behind, are about making the model."""
    acts = re.compile(f"(?P<making>{_rules().making})|(?P<using>{_rules().using})", re.IGNORECASE)
    before = list(acts.finditer(view.text, around.start, start))
    nearest = (
        before[-1] if before else acts.search(view.text, start, min(around.end, start + _BEHIND_CHARACTERS))
    )
    return nearest is not None and nearest.lastgroup == "making"
