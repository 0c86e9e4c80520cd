"""Figures about training in the sentences of a document, each with what it was paid for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from qistas.contracts.openness import Quote
from qistas.evaluations.openness.record import Page
from qistas.evaluations.openness.subjects import Own, names_for
from qistas.evaluations.openness.text_spans import Span, spans_between, windows
from qistas.evaluations.openness.training_cost_layout import TABLE_CLOSES, TABLE_OPENS
from qistas.evaluations.openness.training_cost_numbers import NUMBER, NUMBER_AFTER, Interval, interval_of
from qistas.evaluations.openness.training_cost_rules import Phase, Quantity, cost_rules
from qistas.evaluations.openness.training_cost_subjects import (
    COMPARED,
    Scope,
    Sentence,
    View,
    scope_of,
    section_at,
    sentence_at,
    told_at,
)

MOST_PAGE_CHARACTERS = 400_000
MOST_SEARCHED_CHARACTERS = 30_000
HINT_BEFORE, HINT_BEHIND = 110, 60
MOST_FOUND = 200
_NEAR_CHARACTERS = 36
_LEAD_CHARACTERS = 140
_MARKUP = re.compile(r"[*\\]|</?(?:sub|b|strong|em|i|span)\b[^<>\n]{0,120}>")
_SAME = str.maketrans({"\u00a0": " ", "\u202f": " ", "∼": "~", "＄": "$", "\u2011": "-"})
_FRONT_MATTER = re.compile(r"\s{0,20}---\r?\n.{0,20000}?\n---\r?\n", re.DOTALL)
_FENCE_OPENS = re.compile(r"^[ \t]{0,8}```[^\n]{0,80}$", re.MULTILINE)
_FENCE_CLOSES = re.compile(r"^[ \t]{0,8}```[ \t]{0,8}$", re.MULTILINE)
_IN_LINK, _LINK_ENDS = re.compile(r"\[[^\[\]\n]{0,199}\Z"), re.compile(r"[^\[\]\n]{1,200}\]\(")
_CLAUSE_ENDS = re.compile(r"[;.]\s|,\s| and ")
_GREW = re.compile(
    r"\b(?<!in )(?:scal(?:e|es|ed|ing)|increas\w{1,3}|gr(?:ow|ows|ew|own)|expand\w{0,3}|extend\w{0,3}|rais\w{1,3}|upscal\w{1,3})\b[^.]{0,160}\bfrom\b(?P<since>[^.]{0,60})$",
    re.IGNORECASE,
)
_TO = re.compile(r"[^.]{0,60}?\bto (?:about |around |roughly |~)?\d")
_SIZES = re.compile(r"(?:\d{1,4}(?:\.\d{1,3})?[BMT]\b(?:,? (?:and|or) |, | ?/ ?| & )){1,12}$")
_SIZE = re.compile(r"(?P<said>(?P<digits>\d{1,4}(?:\.\d{1,3})?)(?P<scale>[BMT]))\b")
# What an item of a list begins with: “Phase 1 (…):”.
_ITEM_HEAD = re.compile(r"[ \t]{0,8}(?:[*+-]|\d{1,2}[.)])?[ \t]{0,6}[^:\n]{1,60}:")
_TAIL = re.compile(r"(?:[ -]?eq\b|e\b)?")


class Reading(NamedTuple):
    """One figure. ``kind``: the words for it, or the name of hardware. ``aside``: told, but no part of the interval.

    ``interval`` is ``None`` for hardware whose number is not said. ``part``: for one stage of several, or the warm-up. ``model``: the words of
    the name of the model that it is told of, where it is named; ``subject``: as they stand. ``kind``: which parameters, which emissions.
    """

    quantity: str
    interval: Interval | None
    phase: Phase
    said: str
    quote: Quote
    aside: bool = False
    part: bool = False
    model: tuple[str, ...] = ()
    subject: str | None = None
    scope: Scope = "release"
    kind: str | None = None


def view_of(page: Page, own: Own) -> View:
    """The document, ready to be read; ``own``: the names that hold for every document of the release."""
    text = plain(page.text)
    return View(page, text, skipped_spans(text), names_for(page, own), own.names)


class Compiled(NamedTuple):
    """The expressions of a quantity; ``factors`` by the name of the unit's group."""

    rule: Quantity
    found: re.Pattern[str]
    led: re.Pattern[str] | None
    also: re.Pattern[str] | None
    near: re.Pattern[str] | None
    leads: re.Pattern[str] | None
    trails: re.Pattern[str] | None
    never: re.Pattern[str]
    factors: dict[str, float]


def searched(source: str) -> re.Pattern[str] | None:
    """An expression in any case; ``None`` for none."""
    return re.compile(source, re.IGNORECASE) if source else None


@cache
def compiled() -> tuple[Compiled, ...]:
    """The quantities in their order."""
    made = []
    for rule in cost_rules().quantities:
        units = "|".join(f"(?P<u{i}>{unit.finds})" for i, unit in enumerate(rule.units))
        found = re.compile(rf"{NUMBER}[ -]{{0,4}}(?:{units})", re.IGNORECASE)
        led = re.compile(rf"(?:{rule.before}){NUMBER_AFTER}(?![\d-])", re.IGNORECASE) if rule.before else None
        factors = {f"u{i}": unit.factor for i, unit in enumerate(rule.units)}
        made.append(
            Compiled(
                rule,
                found,
                led,
                searched(rule.also),
                searched(rule.near),
                searched(rule.leads),
                searched(rule.trails),
                re.compile(rule.never or cost_rules().never, re.IGNORECASE),
                factors,
            )
        )
    return tuple(made)


@cache
def _phases() -> re.Pattern[str]:
    return re.compile(
        "|".join(f"(?P<{name}>{words})" for name, words in cost_rules().phases.items()), re.IGNORECASE
    )


@cache
def _rule(
    name: Literal["never", "cited", "ours", "stages", "wholes", "together", "aside"],
) -> re.Pattern[str]:
    return re.compile(getattr(cost_rules(), name), re.IGNORECASE)


def never_counted(sentence: str, never: re.Pattern[str] | None = None) -> bool:
    """Whether a sentence speaks of others, of what might be done, or of what somebody else wrote.

    What stands in front of a comma only to compare (“Compared to …,”) is not what the sentence speaks of.
    """
    sentence = COMPARED.sub("", sentence)
    if (never or _rule("never")).search(sentence):
        return True
    return _rule("cited").search(sentence) is not None and not _rule("ours").search(sentence)


def is_part(before: str, after: str) -> bool:
    """Whether the words around a figure say that it is for one stage of several, and none that it is the whole."""
    ends = _CLAUSE_ENDS.search(after)
    behind = after[: ends.start()] if ends else after
    before = before.rpartition("; ")[2]
    stages, wholes = _rule("stages"), _rule("wholes")
    return bool(stages.search(before) or stages.search(behind)) and not wholes.search(before + behind)


def plain(text: str) -> str:
    """A text without its marks of emphasis; every character stands where it stood."""
    blanked = _MARKUP.sub(lambda match: " " * len(match[0]), text[:MOST_PAGE_CHARACTERS])
    return blanked.translate(_SAME)


def phase_in(before: str, after: str = "", default: Phase = "training") -> Phase | None:
    """What a figure was paid for: the last word for a phase in front of it, else the first behind it; ``None`` for inference."""
    named = [_name(match) for match in _phases().finditer(before)]
    special = [name for name in named if name != "training"]
    behind = _phases().search(after)
    chosen = (
        special[-1] if special else _name(behind) if behind and not named else named[-1] if named else default
    )
    return None if chosen == "inference" else chosen


def _name(match: re.Match[str]) -> Phase:
    return match.lastgroup  # type: ignore[return-value]


def sentence_readings(view: View) -> Iterator[Reading]:
    """Every figure in the sentences of a document; rows of tables and blocks of code are passed over."""
    for quantity in compiled():
        yield from _of_quantity(view, quantity)


def skipped_spans(text: str) -> tuple[Span, ...]:
    """Front matter, blocks of code, HTML tables."""
    front = _FRONT_MATTER.match(text)
    return (
        *spans_between(text, _FENCE_OPENS, _FENCE_CLOSES),
        *spans_between(text, TABLE_OPENS, TABLE_CLOSES),
        *([front.span()] if front else []),
    )


def _of_quantity(view: View, quantity: Compiled) -> Iterator[Reading]:
    text = view.text
    taken: set[int] = set()
    looked_at = 0
    for low, high in windows(
        text.lower(), quantity.rule.hints, HINT_BEFORE, HINT_BEHIND, MOST_SEARCHED_CHARACTERS
    ):
        for pattern in (quantity.found, quantity.led):
            for match in pattern.finditer(text, low, high) if pattern else ():
                if match.end("low") in taken or elsewhere(view, match.start()):
                    continue
                looked_at += 1
                if looked_at > MOST_FOUND:
                    return
                for reading in _of_match(view, quantity, match):
                    taken.add(match.end("low"))
                    yield reading


def elsewhere(view: View, start: int) -> bool:
    """Whether a place is no sentence: in a row of a table, in the words of a link (a title of something else), or passed over."""
    text = view.text
    line = text.rfind("\n", 0, start) + 1
    if _IN_LINK.search(text, max(line, start - 200), start) and _LINK_ENDS.match(text, start):
        return True
    return text[line : line + 8].lstrip().startswith("|") or any(
        low <= start < high for low, high in view.skipped
    )


def _of_match(view: View, quantity: Compiled, match: re.Match[str]) -> Iterator[Reading]:
    text = view.text
    start, end = match.span()
    around = sentence_at(text, start, end)
    sentence = text[around.start : around.end]
    if never_counted(sentence, quantity.never) or (quantity.also and not quantity.also.search(sentence)):
        return
    if (quantity.near and quantity.near.search(_near(text, around, start, end))) or not _led(
        text, quantity, around, start, end
    ):
        return
    before, after = text[around.start : start], text[end : around.end]
    interval, said = _grown(before, after, quantity, match)
    phase = phase_at(view, around, start, end) if quantity.rule.phased else "training"
    told = told_at(view, around, start, end)
    if interval is None or phase is None or told.other:
        return
    item = _ITEM_HEAD.match(text, text.rfind("\n", 0, start) + 1, start)
    section = section_at(view.page, start)
    part = is_part(f"{section.heading if section else ''} {item[0] if item else ''} {before}", after)
    whole = quantity.rule.phased and _rule("together").search(before + _clause(after)) is not None
    reading = Reading(
        quantity.rule.id,
        interval,
        phase,
        " ".join((said + _TAIL.match(text, end)[0]).split()),  # type: ignore[index]
        quote_of(view.page, around, start, end),
        aside=_rule("aside").search(text[max(around.start, start - 110) : start]) is not None,
        part=part,
        model=told.name,
        subject=told.subject,
        scope=scope_of(view, told.name, whole=whole and not part),
        kind=kind_of(quantity, match[0], text[max(around.start, start - 110) : start]),
    )
    others = [*_sizes_before(quantity, before, reading)]
    yield reading._replace(scope="model", subject=match[0].split()[0]) if others else reading
    yield from others


def kind_of(quantity: Compiled, said: str, before: str) -> str | None:
    """Which of the kinds of a quantity the words of a figure, or those in front of it, name; the nearest."""
    if not quantity.rule.phased:
        before = re.split(r"[(),;/]", before)[-1][-30:]
    for words in (said, before):
        found = [
            (match.end(), name)
            for name, finds in quantity.rule.kinds.items()
            for match in re.finditer(finds, words, re.IGNORECASE)
        ]
        if found:
            return max(found)[1]
    return None


def _clause(after: str) -> str:
    ends = _CLAUSE_ENDS.search(after)
    return after[: ends.start()] if ends else after


def _grown(before: str, after: str, quantity: Compiled, match: re.Match[str]) -> tuple[Interval | None, str]:
    """The figure; of “scales from … to …” the last one, for the first is of what was before."""
    grew = _GREW.search(before[-240:])
    if grew is None or " to " in grew["since"] or "rang" in before:
        return measured(quantity, match), match[0]
    if match["to"] == "to":
        last = re.search(NUMBER, match[0][match.end("to") - match.start() :], re.IGNORECASE)
        interval = interval_of(last) if last else None
        return (interval and interval.times(factor_of(quantity, match))), match[0][
            match.end("to") - match.start() :
        ]
    return (None if _TO.match(after) else measured(quantity, match)), match[0]


def _sizes_before(quantity: Compiled, before: str, reading: Reading) -> Iterator[Reading]:
    """The other sizes of “3B, 8B and 20B parameters”."""
    sizes = _SIZES.search(before) if quantity.rule.id == "parameters" and reading.kind is None else None
    for size in _SIZE.finditer(sizes[0]) if sizes else ():
        found = re.fullmatch(NUMBER_AFTER, size["said"], re.IGNORECASE)
        interval = interval_of(found) if found else None
        if interval is not None and interval.low >= quantity.rule.least:
            yield reading._replace(interval=interval, said=size["said"], scope="model", subject=size["said"])


def _near(text: str, around: Sentence, start: int, end: int) -> str:
    """A few words on either side, up to a semicolon."""
    before = text[max(around.start, start - _NEAR_CHARACTERS) : start].rpartition("; ")[2]
    return before + text[start:end] + text[end : min(around.end, end + _NEAR_CHARACTERS)].partition("; ")[0]


def _led(text: str, quantity: Compiled, around: Sentence, start: int, end: int) -> bool:
    """Whether the words around a figure tie it to what it is a figure of."""
    if quantity.leads is None:
        return True
    before = text[max(around.start, start - _LEAD_CHARACTERS) : start]
    trailing = quantity.trails is not None and quantity.trails.search(text[end : around.end]) is not None
    return trailing or quantity.leads.search(before) is not None


def phase_at(view: View, around: Sentence, start: int, end: int) -> Phase | None:
    """What a figure in a sentence was paid for: as the sentence says, else as the heading above it does."""
    text = view.text
    phase = phase_in(text[around.start : start], text[end : around.end])
    if phase != "training":
        return phase
    headed = heading_phase(view.page, start)
    return headed if headed is None or not _phases().search(text[around.start : around.end]) else phase


def heading_phase(page: Page, position: int) -> Phase | None:
    """What the heading above a place says that it is about."""
    section = section_at(page, position)
    return phase_in(" ".join((*section.around[-1:], section.heading))) if section else "training"


def measured(quantity: Compiled, match: re.Match[str]) -> Interval | None:
    """The figure in the quantity's own unit; ``None`` for what is no number, or less than the quantity can be."""
    interval = interval_of(match)
    if interval is None:
        return None
    found = interval.times(factor_of(quantity, match))
    return found if (found.high or found.low) >= quantity.rule.least else None


def factor_of(quantity: Compiled, match: re.Match[str]) -> float:
    """What brings the unit of a match to the quantity's own."""
    groups = match.groupdict()
    return next((factor for name, factor in quantity.factors.items() if groups.get(name)), 1.0)


def quote_of(page: Page, around: Sentence, start: int, end: int) -> Quote:
    """The sentence, or as much of it as fits, with the figure in it."""
    first = (
        around.start
        + len(page.text[around.start : around.end])
        - len(page.text[around.start : around.end].lstrip())
    )
    stop = around.start + len(page.text[around.start : around.end].rstrip())
    if end - first > 390:
        first = max(first, start - 200)
    return page.quote(first, max(stop, end))
