"""What a rung of a ladder asks of a release, and what shows that it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import accumulate, islice
from typing import Literal, NamedTuple

import msgspec

from qistas.contracts.openness import ClauseFact, Effect, Judgement, LicenceReading, Quote
from qistas.evaluations.openness.carried import is_carried
from qistas.evaluations.openness.citations import names_another, own_citations, tells_of_another, words_of
from qistas.evaluations.openness.hints import can_find
from qistas.evaluations.openness.record import Page, ReleaseRecord
from qistas.evaluations.openness.release_texts import read_sections

MOST_QUOTES = 6
# What stands behind these characters of a document is not searched, so that no crafted text takes long.
MOST_SEARCHED_CHARACTERS = 120_000

Kind = Literal["code", "data", "document", "weights"]
_EVERY_KIND = frozenset(("code", "data", "document", "weights"))
Place = Literal["text", "card", "header", "policy"]
Standing = Literal["open", "not_open", "undecided", "near", "changed", "unknown", "any"]


class FileCondition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file whose path has ``path`` and not ``never`` in it; ``least_bytes``: smaller ones are placeholders.

    ``least``: how many such files. Their bytes need not be at hand. ``own``: none whose name names something else than the release.
    """

    path: str
    never: str = ""
    own: bool = False
    least_bytes: int = 1
    least: int = 1


class SaysCondition(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"in_": "in"}
):
    """``least`` sentences with ``pattern`` in them, in documents whose path has ``in`` in it.

    A sentence with ``never`` in it is passed over. ``under``: only in sections whose heading (or the heading around it) has this in it.
    ``own``: only what is said of the release itself (``citations.tells_of_another``), and not behind words with ``unless_behind`` in them.
    ``runs``: only where the group ``file`` of the pattern is the name of a file of the release.
    """

    pattern: str
    in_: str = ""
    never: str = ""
    under: str = ""
    own: bool = False
    unless_behind: str = ""
    runs: bool = False
    least: int = 1


class CitesCondition(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"in_": "in"}
):
    """A reference under which the release asks to be cited (``citations.own_citations``) with ``pattern`` in it.

    In documents whose path has ``in`` in it; ``never``: words in front of it that are about citing another work. ``all_asked``: any
    reference in a section about citing, also one whose title does not name the release.
    """

    pattern: str
    in_: str = ""
    never: str = ""
    all_asked: bool = False


class HeadingCondition(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"in_": "in"}
):
    """``least`` headings with ``pattern`` in them, in documents whose path has ``in`` in it."""

    pattern: str
    in_: str = ""
    least: int = 1


class FieldCondition(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"in_": "in"}
):
    """A front-matter field that is filled, in a document whose path has ``in`` in it; ``matches``: as text."""

    name: str
    in_: str = ""
    matches: str = ""


class LicenceCondition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A licence that was read and covers one of the kinds ``of`` (none given: any kind).

    ``standing``: ``open``, ``not_open``, ``undecided`` (it cannot be told), a ``near`` match, one whose clauses are ``changed`` (the words
    that differ are its evidence), an ``unknown`` text, or ``any``.
    ``place``: where it was read (``text``, ``card``, ``header``, ``policy``); ``id``: expression searched in its identifier.
    ``stated``: only one that is said to cover what it covers; a licence of which nothing is said covers every kind.
    """

    of: tuple[Kind, ...] = ()
    standing: Standing = msgspec.field(name="is", default="any")
    place: tuple[Place, ...] = ()
    id: str = ""
    stated: bool = False


class ClauseCondition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A clause fact (see ``clauses.yaml``) that a licence covering one of the kinds ``of`` states. ``is``: only with these values.

    ``effect``: of a threshold, only where this holds beyond it; ``unread``: where it was not read what does. ``place``: as of a licence.
    """

    fact: str
    of: tuple[Kind, ...] = ()
    values: tuple[str, ...] = msgspec.field(name="is", default=())
    effect: tuple[Effect | Literal["unread"], ...] = ()
    place: tuple[Place, ...] = ()


class ComponentCondition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another judgement, of this file or handed in, whose value is one of ``values``."""

    id: str
    values: tuple[str, ...] = msgspec.field(name="is")


class SomeCondition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At least so many of these hold."""

    least: int
    of: tuple[Condition, ...]


class Condition(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"all_of": "all", "any_of": "any", "none_of": "none"},
):
    """Exactly one of these. ``listed``: whether the list of files is known to be whole (true) or not (false)."""

    all_of: tuple[Condition, ...] | None = None
    any_of: tuple[Condition, ...] | None = None
    none_of: tuple[Condition, ...] | None = None
    some: SomeCondition | None = None
    file: FileCondition | None = None
    says: SaysCondition | None = None
    cites: CitesCondition | None = None
    heading: HeadingCondition | None = None
    field: FieldCondition | None = None
    licence: LicenceCondition | None = None
    clause: ClauseCondition | None = None
    component: ComponentCondition | None = None
    listed: bool | None = None


class Outcome(NamedTuple):
    """Whether a condition holds, and the words that show it.

    ``holds`` is ``None`` where it cannot be told: a document that could show it is named, but was not read, or the list of
    files is not whole. What is not known neither shows a thing nor its absence.
    """

    holds: bool | None
    evidence: tuple[Quote, ...] = ()


NO = Outcome(False)
UNREAD = Outcome(None)
Known = Mapping[str, Judgement]


def evaluate(condition: Condition, record: ReleaseRecord, known: Known) -> Outcome:
    """Whether a condition holds of a release; ``known``: judgements that were made before, by id."""
    match condition:
        case Condition(all_of=tuple() as parts):
            return _all([evaluate(part, record, known) for part in parts])
        case Condition(any_of=tuple() as parts):
            return _some([evaluate(part, record, known) for part in parts], 1)
        case Condition(none_of=tuple() as parts):
            return _none([evaluate(part, record, known) for part in parts])
        case Condition(some=SomeCondition() as some):
            return _some([evaluate(part, record, known) for part in some.of], some.least)
        case Condition(component=ComponentCondition() as component):
            return _component(component, known)
        case Condition(listed=bool() as listed):
            return Outcome(is_listed(record) is listed)
    part = next(name for name in _READ if getattr(condition, name) is not None)
    return _READ[part](getattr(condition, part), record)


def is_listed(record: ReleaseRecord) -> bool:
    """Whether the files are the whole release, as far as that shows: there is more than the documents that were read."""
    return any(file.path not in record.pages for file in record.files)


def distinct(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    """The first few quotes, none twice."""
    return tuple(islice(dict.fromkeys(quotes), MOST_QUOTES))


def _all(outcomes: list[Outcome]) -> Outcome:
    if any(outcome.holds is False for outcome in outcomes):
        return NO
    if any(outcome.holds is None for outcome in outcomes):
        return UNREAD
    return Outcome(True, distinct(quote for outcome in outcomes for quote in outcome.evidence))


def _some(outcomes: list[Outcome], least: int) -> Outcome:
    held = [outcome for outcome in outcomes if outcome.holds]
    if len(held) >= least:
        # One quote of each first, so that every part is seen.
        first = [outcome.evidence[0] for outcome in held if outcome.evidence]
        return Outcome(True, distinct([*first, *(quote for one in held for quote in one.evidence)]))
    open_ones = sum(outcome.holds is None for outcome in outcomes)
    return UNREAD if len(held) + open_ones >= least else NO


def _none(outcomes: list[Outcome]) -> Outcome:
    if any(outcome.holds for outcome in outcomes):
        return NO
    return UNREAD if any(outcome.holds is None for outcome in outcomes) else Outcome(True)


def _file(condition: FileCondition, record: ReleaseRecord) -> Outcome:
    never = _never(condition.never)
    # A size of 0 stands for one that is not known where only the list names the file.
    unsized = frozenset(record.listing.listed_only)
    found = [
        file
        for file in record.files_named(condition.path)
        if not never(file.path)
        and not (condition.own and names_another(file.path, record))
        and (file.size_bytes >= condition.least_bytes or (not file.size_bytes and file.path in unsized))
    ]
    if len(found) >= condition.least:
        return Outcome(True, tuple(record.of_file(file) for file in found[:MOST_QUOTES]))
    return NO if is_listed(record) else UNREAD


def _says(condition: SaysCondition, record: ReleaseRecord) -> Outcome:
    wanted = re.compile(condition.pattern, re.IGNORECASE | re.MULTILINE)
    never = _never(condition.never)
    quotes = (
        quote
        for page in record.pages_named(condition.in_)
        if can_find(condition.pattern, page.text[:MOST_SEARCHED_CHARACTERS])
        for start, end in _scope(page.text, condition.under)
        for match in wanted.finditer(page.text, start, end)
        if not never((quote := page.sentence(match.start(), match.end())).quote)
        and _is_meant(condition, match, page, record)
    )
    return _enough(quotes, condition.least, record, condition.in_)


def _is_meant(condition: SaysCondition, match: re.Match[str], page: Page, record: ReleaseRecord) -> bool:
    if condition.runs:
        named = match["file"].removeprefix("./")
        return any(file.path == named or file.path.endswith(f"/{named}") for file in record.files)
    return not (condition.own and tells_of_another(page, match, record, condition.unless_behind))


def _cites(condition: CitesCondition, record: ReleaseRecord) -> Outcome:
    wanted = re.compile(condition.pattern, re.IGNORECASE | re.MULTILINE)
    quotes = (
        one.page.sentence(one.start + match.start(), one.start + match.end())
        for one in own_citations(record, condition.in_, condition.never, all_asked=condition.all_asked)
        for match in wanted.finditer(words_of(one))
    )
    return _enough(quotes, 1, record, condition.in_)


def _heading(condition: HeadingCondition, record: ReleaseRecord) -> Outcome:
    wanted = re.compile(condition.pattern, re.IGNORECASE)
    quotes = (
        page.quote(section.start, section.body)
        for page in record.pages_named(condition.in_)
        if can_find(condition.pattern, page.text[:MOST_SEARCHED_CHARACTERS])
        for section in read_sections(page.text[:MOST_SEARCHED_CHARACTERS])
        if wanted.search(section.heading)
    )
    return _enough(quotes, condition.least, record, condition.in_)


def _field(condition: FieldCondition, record: ReleaseRecord) -> Outcome:
    quotes = (
        record.of_field(page, condition.name)
        for page in record.pages_named(condition.in_)
        if _filled(page.fields.get(condition.name), condition.matches)
    )
    return _enough(quotes, 1, record, condition.in_)


def _enough(quotes: Iterator[Quote], least: int, record: ReleaseRecord, where: str) -> Outcome:
    found = list(islice(dict.fromkeys(islice(quotes, MOST_QUOTES * 20)), max(least, MOST_QUOTES)))
    if len(found) >= least:
        return Outcome(True, tuple(found[:MOST_QUOTES]))
    return UNREAD if _unread(record, where) else NO


def _unread(record: ReleaseRecord, where: str) -> bool:
    """Whether a document of this name is there whose text is not, or was not searched to its end."""
    if any(len(page.text) > MOST_SEARCHED_CHARACTERS for page in record.pages_named(where)):
        return True
    texts = re.compile(r"\.(md|rst|txt|cff|bib)$|(^|/)[A-Z_-]+$")
    return any(
        file.path not in record.pages and texts.search(file.path) for file in record.files_named(where)
    )


@lru_cache(maxsize=512)
def _scope(text: str, under: str) -> tuple[tuple[int, int], ...]:
    if not under:
        return ((0, MOST_SEARCHED_CHARACTERS),)
    searched = text[:MOST_SEARCHED_CHARACTERS]
    if not can_find(under, searched):
        return ()
    wanted = cache(re.compile(under, re.IGNORECASE).search)
    return tuple(
        (section.body, section.end)
        for section in read_sections(searched)
        if any(wanted(heading) for heading in (section.heading, *section.around))
    )


def _filled(value: object, matches: str) -> bool:
    if value in (None, "", [], {}):
        return False
    return not matches or re.search(matches, str(value), re.IGNORECASE) is not None


def _licence(condition: LicenceCondition, record: ReleaseRecord) -> Outcome:
    held = [
        reading
        for reading in record.licences
        if not is_carried(reading.file)
        and _covers(reading, condition.of)
        and not (condition.stated and set(reading.applies_to) >= _EVERY_KIND)
        and _stands(reading, condition.standing)
        and (not condition.place or reading.place in condition.place)
        and re.search(condition.id, reading.id or "", re.IGNORECASE)
    ]
    if not held:
        return NO
    if condition.standing == "changed":
        return Outcome(True, distinct(quote for reading in held for quote in changed_lines(record, reading)))
    return Outcome(True, distinct(quote for reading in held for quote in reading.evidence))


def changed_lines(record: ReleaseRecord, reading: LicenceReading) -> tuple[Quote, ...]:
    """The lines on which a text departs from the licence that it is near to."""
    page = record.pages[reading.file]
    lines = page.text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    numbers = dict.fromkeys(span.line for span in reading.differs)
    return tuple(page.quote(starts[line - 1], starts[line] - 1) for line in numbers) or reading.evidence


def _clause(condition: ClauseCondition, record: ReleaseRecord) -> Outcome:
    held = [
        Quote(file=clause.file, line=clause.line, quote=clause.quote, digest=clause.digest)
        for reading in record.licences
        if _covers(reading, condition.of)
        and not is_carried(reading.file)
        and (not condition.place or reading.place in condition.place)
        for clause in reading.clauses
        if clause.fact == condition.fact and _means(condition, clause)
    ]
    return Outcome(True, distinct(held)) if held else NO


def _means(condition: ClauseCondition, clause: ClauseFact) -> bool:
    valued = not condition.values or str(clause.value) in condition.values
    return valued and (not condition.effect or (clause.effect or "unread") in condition.effect)


def _covers(reading: LicenceReading, kinds: tuple[Kind, ...]) -> bool:
    return not kinds or not set(kinds).isdisjoint(reading.applies_to)


def _stands(reading: LicenceReading, standing: Standing) -> bool:
    return {
        "any": True,
        "open": reading.open is True,
        "not_open": reading.open is False,
        "undecided": reading.open is None,
        "near": reading.match == "near",
        "changed": reading.clauses_changed is True,
        "unknown": reading.match == "unknown",
    }[standing]


def _component(condition: ComponentCondition, known: Known) -> Outcome:
    judgement = known[condition.id]
    if judgement.value in condition.values:
        return Outcome(True, judgement.evidence)
    return UNREAD if judgement.value == "undetermined" else NO


def _never(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern, re.IGNORECASE).search if pattern else lambda _: None


_READ: dict[str, Callable[..., Outcome]] = {
    "file": _file,
    "says": _says,
    "cites": _cites,
    "heading": _heading,
    "field": _field,
    "licence": _licence,
    "clause": _clause,
}
