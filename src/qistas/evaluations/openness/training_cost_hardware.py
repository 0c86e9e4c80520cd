"""Which accelerators a release says it was trained on, and how many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from math import prod

from qistas.evaluations.openness.text_spans import windows
from qistas.evaluations.openness.training_cost_numbers import Interval
from qistas.evaluations.openness.training_cost_readings import (
    HINT_BEFORE,
    MOST_SEARCHED_CHARACTERS,
    Reading,
    elsewhere,
    heading_phase,
    never_counted,
    phase_at,
    quote_of,
)
from qistas.evaluations.openness.training_cost_rules import cost_rules
from qistas.evaluations.openness.training_cost_subjects import (
    Sentence,
    View,
    headed,
    scope_of,
    sentence_at,
    told_at,
)

_COUNT = re.compile(r"^(\d[\d,]{0,7}(?: ?[x×] ?\d[\d,]{0,5}(?! ?gb)){0,3})(?! ?gb\b)(?![\d,])", re.IGNORECASE)


@cache
def _expressions() -> tuple[re.Pattern[str], ...]:
    rules = cost_rules()
    given = (
        rules.hardware.field,
        rules.hardware.finds,
        rules.hardware.also,
        rules.hardware.must,
    )
    return tuple(re.compile(words, re.IGNORECASE | re.MULTILINE) for words in given)


def hardware_readings(view: View) -> Iterator[Reading]:
    """Hardware in fields of a card and in sentences about training."""
    hints = windows(
        view.text.lower(),
        cost_rules().hardware.hints,
        2 * HINT_BEFORE,
        HINT_BEFORE,
        MOST_SEARCHED_CHARACTERS,
    )
    lines: set[int] = set()
    for low, high in hints:
        yield from _in_fields(view, low, high, lines)
    for low, high in hints:
        yield from _in_sentences(view, low, high, lines)


def _in_fields(view: View, low: int, high: int, lines: set[int]) -> Iterator[Reading]:
    field, _, _, must = _expressions()
    for match in field.finditer(view.text, view.text.rfind("\n", 0, low) + 1, high + 2 * HINT_BEFORE):
        kind = " ".join(match["kind"].split())
        line = view.page.line_at(match.start("kind"))
        phase = heading_phase(view.page, match.start("kind"))
        if phase is None or line in lines or not must.search(kind) or elsewhere(view, match.start("kind")):
            continue
        lines.add(line)
        quote = quote_of(view.page, Sentence(match.start(), match.end()), match.start(), match.end())
        told = headed(view, match.start())
        if not told.other:
            scope = scope_of(view, told.name, whole=False)
            yield Reading(
                "hardware", _count(kind), phase, kind, quote, False, False, told.name, told.subject, scope
            )


def _in_sentences(view: View, low: int, high: int, lines: set[int]) -> Iterator[Reading]:
    _, finds, also, must = _expressions()
    for match in finds.finditer(view.text, low, high):
        start, end = match.span()
        said = " ".join(match[0].split())
        if not must.search(said) or view.page.line_at(start) in lines or elsewhere(view, start):
            continue
        around = sentence_at(view.text, start, end)
        sentence = view.text[around.start : around.end]
        phase = phase_at(view, around, start, end)
        if phase is None or not also.search(sentence) or never_counted(sentence):
            continue
        told = told_at(view, around, start, end)
        if not told.other:
            yield Reading(
                "hardware",
                _count(said),
                phase,
                said,
                quote_of(view.page, around, start, end),
                model=told.name,
                subject=told.subject,
                scope=scope_of(view, told.name, whole=False),
            )


def _count(kind: str) -> Interval | None:
    """The number in front: “32 x 8 x …” are 256."""
    match = _COUNT.match(kind)
    if match is None:
        return None
    count = float(prod(int(part.replace(",", "")) for part in re.findall(r"\d[\d,]*", match[1])))
    return Interval(count, count)
