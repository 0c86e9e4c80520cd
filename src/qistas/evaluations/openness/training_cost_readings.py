"""Figures about training in the sentences of a document, each with what it was paid for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from qistas.contracts.openness import Quote
from qistas.evaluations.openness.record import Page
from qistas.evaluations.openness.release_texts import read_sections
from qistas.evaluations.openness.subjects import Own, Whose, names_for, told_of
from qistas.evaluations.openness.text_spans import Span, spans_between, windows
from qistas.evaluations.openness.training_cost_numbers import NUMBER, NUMBER_AFTER, Interval, interval_of
from qistas.evaluations.openness.training_cost_rules import Phase, Quantity, cost_rules

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
TABLE_OPENS, TABLE_CLOSES = re.compile(r"<table\b", re.IGNORECASE), re.compile(r"</table>", re.IGNORECASE)
_IN_LINK, _LINK_ENDS = re.compile(r"\[[^\[\]\n]{0,199}\Z"), re.compile(r"[^\[\]\n]{1,200}\]\(")
# A heading and a row of a table are no part of the sentence behind them.
_END = re.compile(
    r"[.!?](?=\s)|^[ \t]{0,8}(?:#{1,6}[ \t]|\|)[^\n]{0,2000}\n|\n(?=\s{0,8}(?:\n|[-*#|>+]|\d{1,3}[.)]\s))",
    re.MULTILINE,
)
_CLAUSE_ENDS = re.compile(r"[;.]\s|,\s| and ")
_PRONOUN = re.compile(r"[\s*_]{0,8}(?:it|its|they|their)\b", re.IGNORECASE)
_FIRST_VERB = re.compile(r"^.{0,200}?\b(?:is|are|was|were|has|have|had)\b", re.IGNORECASE | re.DOTALL)


class Reading(NamedTuple):
    """One figure. ``kind``: the words for it, or the name of hardware. ``aside``: told, but no part of the interval.

    ``interval`` is ``None`` for hardware whose number is not said. ``part``: for one stage of several, or the warm-up. ``model``: the words of
    the name of the model that it is told of, where it is named.
    """

    quantity: str
    interval: Interval | None
    phase: Phase
    said: str
    quote: Quote
    aside: bool = False
    part: bool = False
    model: tuple[str, ...] = ()


class View(NamedTuple):
    """A document as it is read: its plain text, what is no sentence of it, and the names that are the release's own in it."""

    page: Page
    text: str
    skipped: tuple[Span, ...]
    own: Own


def view_of(page: Page, own: Own) -> View:
    """The document, ready to be read; ``own``: the names that hold for every document of the release."""
    text = plain(page.text)
    return View(page, text, skipped_spans(text), names_for(page, own))


class Compiled(NamedTuple):
    """The expressions of a quantity; ``factors`` by the name of the unit's group."""

    rule: Quantity
    found: re.Pattern[str]
    led: re.Pattern[str] | None
    also: re.Pattern[str] | None
    near: re.Pattern[str] | None
    leads: re.Pattern[str] | None
    trails: re.Pattern[str] | None
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
def _rule(name: Literal["never", "cited", "ours", "stages", "wholes", "aside"]) -> re.Pattern[str]:
    return re.compile(getattr(cost_rules(), name), re.IGNORECASE)


def never_counted(sentence: str) -> bool:
    """Whether a sentence speaks of others, of what might be done, or of what somebody else wrote."""
    if _rule("never").search(sentence):
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


class Sentence(NamedTuple):
    """Where a sentence stands in the plain text."""

    start: int
    end: int


def sentence_at(text: str, start: int, end: int) -> Sentence:
    """The sentence around a span; a line end within a paragraph does not end it."""
    floor = max(0, start - 600)
    before = max((match.end() for match in _END.finditer(text, floor, start)), default=floor)
    after = _END.search(text, end, min(len(text), end + 600))
    return Sentence(before, after.end() if after else min(len(text), end + 600))


def sentence_readings(view: View) -> Iterator[Reading]:
    """Every figure in the sentences of a document; rows of tables and blocks of code are passed over."""
    for quantity in compiled():
        yield from _of_quantity(view, quantity)


def whose_at(view: View, around: Sentence, start: int, end: int) -> Whose:
    """Whom a sentence tells a figure of; “it” is whom the sentence in front of it speaks of."""
    text = view.text
    whose = told_of(text[around.start : start], text[end : around.end], view.own)
    if whose.other or whose.name or not _PRONOUN.match(text, around.start):
        return whose
    gap = text[: around.start][-3:]
    if around.start < 3 or "\n\n" in gap:
        return whose
    earlier = sentence_at(text, around.start - 2, around.start - 2)
    verb = _FIRST_VERB.match(text[earlier.start : around.start])
    return told_of(verb[0], "", view.own) if verb else whose


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
                reading = _of_match(view, quantity, match)
                if reading is not None:
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


def _of_match(view: View, quantity: Compiled, match: re.Match[str]) -> Reading | None:
    text = view.text
    start, end = match.span()
    around = sentence_at(text, start, end)
    sentence = text[around.start : around.end]
    if never_counted(sentence) or (quantity.also and not quantity.also.search(sentence)):
        return None
    if (quantity.near and quantity.near.search(_near(text, around, start, end))) or not _led(
        text, quantity, around, start, end
    ):
        return None
    interval = measured(quantity, match)
    phase = phase_at(view, around, start, end) if quantity.rule.phased else "training"
    whose = whose_at(view, around, start, end)
    if interval is None or phase is None or whose.other:
        return None
    return Reading(
        quantity.rule.id,
        interval,
        phase,
        " ".join(match[0].split()),
        quote_of(view.page, around, start, end),
        aside=_rule("aside").search(text[max(around.start, start - 110) : start]) is not None,
        part=is_part(text[around.start : start], text[end : around.end]),
        model=whose.name,
    )


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
    section = next((one for one in read_sections(page.text) if one.start <= position < one.end), None)
    return phase_in(" ".join((*section.around[-1:], section.heading))) if section else "training"


def measured(quantity: Compiled, match: re.Match[str]) -> Interval | None:
    """The figure in the quantity's own unit; ``None`` for what is no number, or less than the quantity can be."""
    interval = interval_of(match)
    if interval is None:
        return None
    groups = match.groupdict()
    factor = next((factor for name, factor in quantity.factors.items() if groups.get(name)), 1.0)
    found = interval.times(factor)
    return found if (found.high or found.low) >= quantity.rule.least else None


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
