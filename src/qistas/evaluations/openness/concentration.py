"""On whose data, compute, frameworks, labour and hosting a release depends, and what it discloses of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.openness import Judgement, Quote
from qistas.evaluations.openness.conditions import distinct
from qistas.evaluations.openness.framework_evidence import components_shown
from qistas.evaluations.openness.hints import can_find
from qistas.evaluations.openness.ladder import UNDETERMINED, judge_all, load_ladders
from qistas.evaluations.openness.record import Page, ReleaseRecord

_LADDERS = Path(__file__).parent / "concentration.yaml"
_TEXTS = r"\.(md|rst|txt)$"
_NO_TEXTS = re.compile(
    r"(^|/)([^/]*[._-])?(licen[cs]e|copying|notice|unlicense|use_policy)([._-][^/]*)?$", re.IGNORECASE
)
# Data sets by their identifiers, and models whose answers became data: named by whoever wrote the text, not by a list.
_DATASET = re.compile(r"huggingface\.co/datasets/([\w.-]{1,80}/[\w.-]{1,80})")
_MADE_BY = re.compile(
    r"\b(?:generated|distill?ed|synthesi[sz]ed|annotated|labell?ed|written) (?:by|with|from|using) "
    r"(?:the )?([A-Z][\w.-]{2,30}(?:[ -][A-Z0-9][\w.-]{0,30}){0,3})"
)
_OF_EVALUATION = re.compile(r"\bevals?\b|\bevaluat|\bbenchmark", re.IGNORECASE)
_MOST_NAMES = 12
_MOST_TRIED = 40


class Name(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Infrastructure by the name under which it is shown, and the expression that finds it."""

    name: str
    pattern: str


def concentration(record: ReleaseRecord) -> dict[str, Judgement]:
    """``data``, ``compute``, ``frameworks``, ``labour``, ``hosting``: disclosed, partly, undisclosed or undetermined.

    The reason ends with whom the text names. Source: Widder, West and Whittaker (2024), Nature 635, who ask which resources of a system stay
    with few, however open it is.
    """
    shown = components_shown(record)
    ladders = load_ladders(_LADDERS)
    judged = judge_all(ladders, record, {name: shown[name] for name in ladders.uses})
    return {name: _with_names(name, judgement, record) for name, judgement in judged.items()}


def _with_names(dimension: str, judgement: Judgement, record: ReleaseRecord) -> Judgement:
    named = dict(_names(dimension, record))
    if not named or judgement.value == UNDETERMINED:
        return judgement
    words = list(named)[:_MOST_NAMES]
    reason = Text(
        f"{judgement.reason.en} Named: {', '.join(words)}.",
        f"{judgement.reason.ar} المذكور: {'، '.join(words)}.",
    )
    evidence = distinct((*judgement.evidence[:3], *named.values()))
    return msgspec.structs.replace(judgement, reason=reason, evidence=evidence)


def _names(dimension: str, record: ReleaseRecord) -> Iterator[tuple[str, Quote]]:
    """Each name once, with the first sentence that has it."""
    seen: set[str] = set()
    for name, quote in _found(dimension, record):
        if name.lower() not in seen:
            seen.add(name.lower())
            yield name, quote


def _found(dimension: str, record: ReleaseRecord) -> Iterator[tuple[str, Quote]]:
    pages = [page for page in record.pages_named(_TEXTS) if not _NO_TEXTS.search(page.path)]
    if dimension == "data":
        yield from _data_names(record, pages)
    for entry in _vocabulary()[dimension]:
        # A link is where it is, whatever else its sentence denies.
        quote = next(_said(entry.pattern, pages, denials=dimension != "hosting"), None)
        if quote is not None:
            yield entry.name, quote


def _said(pattern: str, pages: list[Page], *, denials: bool) -> Iterator[Quote]:
    """The sentences with the name, those left out that deny or compare where ``denials`` is asked for."""
    for page in pages:
        if not can_find(pattern, page.text):
            continue
        found = re.finditer(pattern, page.text, re.IGNORECASE | re.MULTILINE)
        for match in islice(found, _MOST_TRIED):
            quote = page.sentence(match.start(), match.end())
            if not denials or not _denied().search(quote.quote):
                yield quote


def _data_names(record: ReleaseRecord, pages: list[Page]) -> Iterator[tuple[str, Quote]]:
    for page in pages:
        given = page.fields.get("datasets")
        for name in given if isinstance(given, list) else [given] if given else []:
            yield str(name)[:100], record.of_field(page, "datasets")
        for expression in (_DATASET, _MADE_BY):
            for match in expression.finditer(page.text):
                quote = page.sentence(match.start(), match.end())
                if not _OF_EVALUATION.search(quote.quote) and not _denied().search(quote.quote):
                    yield match[1], quote


@cache
def _denied() -> re.Pattern[str]:
    return re.compile(load_ladders(_LADDERS).words["denied"], re.IGNORECASE)


@cache
def _vocabulary() -> dict[str, tuple[Name, ...]]:
    return msgspec.convert(load_ladders(_LADDERS).words["names"], dict[str, tuple[Name, ...]])
