"""On whose data, compute, frameworks, labour and hosting a release depends, and what it discloses of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.openness import DisclosedCost, Judgement, Quote
from qistas.evaluations.openness.conditions import distinct
from qistas.evaluations.openness.dependence import Said, is_stated, names_data, prose_pages, statements
from qistas.evaluations.openness.framework_evidence import components_shown
from qistas.evaluations.openness.hints import can_find
from qistas.evaluations.openness.ladder import UNDETERMINED, judge_all, load_ladders
from qistas.evaluations.openness.record import Page, ReleaseRecord
from qistas.evaluations.openness.training_cost import training_cost
from qistas.evaluations.openness.unread import or_unread

_LADDERS = Path(__file__).parent / "concentration.yaml"
_TEXTS = re.compile(
    r"\.(md|rst)$|(^|/)(readme|requirements|[^/]{0,60}(card|sheet|report))[^/]{0,20}\.txt$", re.IGNORECASE
)
_NO_TEXTS = re.compile(
    r"(^|/)([^/]*[._-])?(licen[cs]e|copying|notice|unlicense|use_policy)([._-][^/]*)?$", re.IGNORECASE
)
# Data sets by their identifiers or the words of a link, and models whose answers became data: named by whoever wrote the text, not by a list.
_DATASET = re.compile(r"(?:huggingface\.co|hf\.co)/datasets/([\w.-]{1,80}/[\w.-]{0,79}\w)")
_ANCHOR = re.compile(r"\[(?:[Tt]he )?(?=[^\[\]]{0,59}[A-Z])([^\[\]\n]{2,60})\]\(https?://\S{0,200}\Z")
_NO_NAME = re.compile(
    r"\b(repository|repo|here|link|data|data ?sets?|corpus|corpora|paper|page|hub)\b\W*\Z", re.IGNORECASE
)
_MADE_BY = re.compile(
    r"\b(?:generated|distill?ed|synthesi[sz]ed|annotated|labell?ed|written) (?:by|with|from|using) "
    r"(?:the )?([A-Z][\w.-]{2,30}(?:[ -][A-Z0-9][\w.-]{0,30}){0,3})"
)
_SAYS_WHAT = re.compile(r"\btrained\b.{0,80}\b(?:on|with|using)\b|\bmix of\b|\bsources\b", re.IGNORECASE)
_SAID_OF = {
    "data": ("data_linked", "data_described"),
    "compute": ("hardware",),
    "labour": ("work", "paid"),
}
_MOST_NAMES = 12
_MOST_TRIED = 40

Statements = Mapping[str, tuple[Said, ...]]


class Name(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Infrastructure by the name under which it is shown, and the expression that finds it."""

    name: str
    pattern: str


def concentration(
    record: ReleaseRecord, cost: Mapping[str, DisclosedCost] | None = None
) -> dict[str, Judgement]:
    """``data``, ``compute``, ``frameworks``, ``labour``, ``hosting``: disclosed, partly, undisclosed or undetermined.

    What a release takes to run, to tune further or to weigh is none of it (see dependence.yaml). The reason ends with whom the text names.
    Undetermined by the rule ``unread`` is what nothing is said of where documents are in a language that is not read. ``cost``: as
    ``training_cost`` gives it, if it is at hand already. Source: Widder, West and Whittaker (2024), Nature 635, who ask which resources of
    a system stay with few, however open it is.
    """
    said = _statements(record, cost if cost is not None else training_cost(record))
    ladders = load_ladders(_LADDERS)
    shown = components_shown(record)
    known = {name: shown[name] for name in ladders.uses if name in shown}
    judged = judge_all(ladders, record, {**known, **_as_judgements(said)})
    return {name: _told(name, judgement, record, said) for name, judgement in judged.items()}


def _statements(record: ReleaseRecord, cost: Mapping[str, DisclosedCost]) -> Statements:
    said = dict(statements(record))
    figures = [
        Said(quote, quote.quote, one.stated)
        for name in ("hardware", "accelerator_hours")
        for one in (cost[name].statements if name in cost else ())
        for quote in one.evidence[:1]
        if is_stated(quote.quote)
    ]
    said["hardware"] = (*said["hardware"], *figures)
    amounts = _words("amounts")
    said["amount"] = tuple(one for one in said["hardware"] if amounts.search(one.sentence))
    said["data_linked"] = tuple(sorted(said["data_linked"], key=lambda one: "<" in one.quote.quote))
    said["data_described"] = tuple(
        sorted(said["data_described"], key=lambda one: not _SAYS_WHAT.search(one.sentence))
    )
    return said


def _as_judgements(said: Statements) -> dict[str, Judgement]:
    return {
        f"said-{name}": Judgement(
            value="said" if found else "unsaid",
            rule="said",
            reason=Text("", ""),
            evidence=distinct(one.quote for one in found),
        )
        for name, found in said.items()
    }


def _told(dimension: str, judgement: Judgement, record: ReleaseRecord, said: Statements) -> Judgement:
    if judgement.value == UNDETERMINED:
        return or_unread(judgement, record)
    named = dict(_distinct_names(_found(dimension, record, said)))
    if not named:
        return judgement
    more = max(0, len(named) - _MOST_NAMES)
    words = list(named)[:_MOST_NAMES]
    rest = load_ladders(_LADDERS).words["more"]
    reason = Text(
        f"{judgement.reason.en} Named: {', '.join([*words, *([rest['en'].format(count=more)] if more else [])])}.",
        f"{judgement.reason.ar} المذكور: {'، '.join([*words, *([rest['ar'].format(count=more)] if more else [])])}.",
    )
    evidence = distinct((*judgement.evidence[:3], *named.values()))
    return msgspec.structs.replace(judgement, reason=reason, evidence=evidence)


def _distinct_names(found: Iterable[tuple[str, Quote]]) -> Iterator[tuple[str, Quote]]:
    """Each name once, with the first sentence that has it."""
    seen: set[str] = set()
    for name, quote in found:
        if name.lower() not in seen:
            seen.add(name.lower())
            yield name, quote


def _found(dimension: str, record: ReleaseRecord, said: Statements) -> Iterator[tuple[str, Quote]]:
    """Names in what is said of a dimension; of frameworks and hosts, wherever they stand."""
    if dimension == "data":
        yield from _data_names(record, said)
    told = [one for name in _SAID_OF.get(dimension, ()) for one in said[name]]
    for entry in _vocabulary()[dimension]:
        if dimension in _SAID_OF:
            found = re.compile(entry.pattern, re.IGNORECASE)
            quotes = (one.quote for one in told if found.search(one.sentence))
            quote = next(quotes, None) or (
                _in_sections(entry.pattern, record) if dimension == "data" else None
            )
        else:
            # A link is where it is, whatever else its sentence denies.
            pages = [
                page
                for page in record.pages.values()
                if _TEXTS.search(page.path) and not _NO_TEXTS.search(page.path)
            ]
            quote = next(_said(entry.pattern, pages, denials=dimension != "hosting"), None)
        if quote is not None:
            yield entry.name, quote


def _in_sections(pattern: str, record: ReleaseRecord) -> Quote | None:
    """The first sentence with a name in a section about the data of training."""
    for page in prose_pages(record):
        if can_find(pattern, page.text):
            for match in islice(re.finditer(pattern, page.text, re.IGNORECASE), _MOST_TRIED):
                quote = page.sentence(match.start(), match.end())
                if names_data(page, match.start()) and not _words("denied").search(quote.quote):
                    return quote
    return None


def _said(pattern: str, pages: list[Page], *, denials: bool) -> Iterator[Quote]:
    """The sentences with the name, those left out that deny or compare where ``denials`` is asked for."""
    for page in pages:
        if not can_find(pattern, page.text):
            continue
        found = re.finditer(pattern, page.text, re.IGNORECASE | re.MULTILINE)
        for match in islice(found, _MOST_TRIED):
            quote = page.sentence(match.start(), match.end())
            if not denials or not _words("denied").search(quote.quote):
                yield quote


def _data_names(record: ReleaseRecord, said: Statements) -> Iterator[tuple[str, Quote]]:
    for page in record.pages.values():
        given = page.fields.get("datasets") if _TEXTS.search(page.path) else None
        for name in given if isinstance(given, list) else [given] if given else []:
            yield str(name)[:100], record.of_field(page, "datasets")
    for one in said["data_linked"]:
        identifiers = _DATASET.findall(one.found)
        anchors = [words for words in _ANCHOR.findall(one.found) if not _NO_NAME.search(words)]
        yield from ((name, one.quote) for name in identifiers or anchors)
    for one in (*said["data_linked"], *said["data_described"]):
        yield from ((name, one.quote) for name in _MADE_BY.findall(one.sentence))


@cache
def _words(name: str) -> re.Pattern[str]:
    return re.compile(load_ladders(_LADDERS).words[name], re.IGNORECASE)


@cache
def _vocabulary() -> dict[str, tuple[Name, ...]]:
    given: Any = load_ladders(_LADDERS).words["names"]
    return msgspec.convert(given, dict[str, tuple[Name, ...]])
