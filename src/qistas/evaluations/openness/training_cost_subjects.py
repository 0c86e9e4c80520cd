"""Of which model a figure is told: this release, one of its models, or something else."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, NamedTuple

from qistas.evaluations.openness.lineage_names import tokens_of
from qistas.evaluations.openness.record import Page
from qistas.evaluations.openness.release_texts import Section, read_sections
from qistas.evaluations.openness.subjects import Own, Tokens, Whose, named_at, told_of
from qistas.evaluations.openness.text_spans import Span
from qistas.evaluations.openness.training_cost_rules import cost_rules

_END = re.compile(
    r"[.!?](?=\s)|^[ \t]{0,8}(?:#{1,6}[ \t]|\|)[^\n]{0,2000}\n|\n(?=\s{0,8}(?:\n|[-*#|>+]|\d{1,3}[.)]\s))",
    re.MULTILINE,
)
_PRONOUN = re.compile(r"[\s*_]{0,8}(?:it|its|they|their)\b", re.IGNORECASE)
_FIRST_VERB = re.compile(r"^.{0,200}?\b(?:is|are|was|were|has|have|had)\b", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"[;:,]\s|\s(?:and|while|whereas|but|although|though|—|–)\s|[()]")
_JOINS = re.compile(r"^(?:and|while|whereas|but|although|though|that|because|since)\s", re.IGNORECASE)
_MARKS = re.compile(r"^[\s#>*+|`_-]{1,20}")
_NAME = r"(?:The |Our |A |An )?(?P<name>[A-Z][\w.-]{1,40}(?: [A-Z0-9][\w.-]{0,40}){0,3})(?:['’]s)?"
_SIZED = re.compile(
    r"(?<![\w.-])\d{1,4}(?:\.\d{1,2})?[BM](?:[- ]parameters?)? (?:[a-z]{1,12} )?(?:models?|variants?|versions?)\b"
)
_SCRIPT = re.compile(
    r"[\s*+`-]{0,8}[\w./-]{1,80}(?:/|\.(?:py|ipynb|sh|ya?ml|json|cu|cpp))[`*\s]{1,4}(?:[-–—:]\s)",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"[A-Z]{3,12}")
COMPARED = re.compile(
    r"^\W{0,8}(?:compared (?:to|with)|unlike|in contrast to) (?:[^,.;]|\.(?=\d)){1,60}, (?!which|that|who)",
    re.IGNORECASE,
)
# An item of a list that begins with a name: “- name: …”, “- `name` — …”.
_ITEM = re.compile(r"[ \t]{0,8}[*+-]?[ \t`*]{0,6}(?P<name>[^\n—–:]{2,60}?)[`* ]{0,4}(?:\s[—–-]\s|:\s)")
_GOES_ON = re.compile(r"\s(?!(?:as|is|was|has|vs|this|its|across)\b)[a-z]{2,16}(?:s|ed)\b")
_ACTS = re.compile(r"\s(?:is|was|were|has|had|took|[a-z]{2,16}(?:s|ed))\b")
_LONGER = r"(?:[ -][A-Z][A-Za-z]{1,12}\b){0,2}"
_TITLE_WORDS = re.compile(
    r"\s+(?:(?:pre-?)?training|fine-?tuning|recipes?|models?|cards?|details|overview|information|guide|summary|report|specifications?|introduction)\b.*$",
    re.IGNORECASE,
)
_HEADING_MARKS = re.compile(r"^[\W_]{1,12}|[\W_]{1,12}$")
_MOST_SUBJECT_CHARACTERS = 80
_MOST_SEARCHED = 60_000

Scope = Literal["total", "release", "model"]


class Sentence(NamedTuple):
    """Where a sentence stands in the plain text."""

    start: int
    end: int


class View(NamedTuple):
    """A document as it is read: its plain text, what is no sentence of it, and the names that are the release's own in it.

    ``release``: the names of the whole release, not of one of its models or documents.
    """

    page: Page
    text: str
    skipped: tuple[Span, ...]
    own: Own
    release: frozenset[Tokens]


class Told(NamedTuple):
    """``other``: of something else than this release. ``name``: the words of the model's name; ``subject``: as they stand."""

    other: bool
    name: Tokens = ()
    subject: str | None = None


@cache
def _words() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    rules = cost_rules().subjects
    behind_name = re.compile(rf"^(?:{rules.leads})?{_NAME}(?: {rules.trails})? (?:{rules.verbs})\b")
    return behind_name, re.compile(rules.common, re.IGNORECASE), re.compile(rules.ours, re.IGNORECASE)


def sentence_at(text: str, start: int, end: int) -> Sentence:
    """The sentence around a span; a line end within a paragraph does not end it."""
    floor = max(0, start - 600)
    before = max((match.end() for match in _END.finditer(text, floor, start)), default=floor)
    after = _END.search(text, end, min(len(text), end + 600))
    return Sentence(before, after.end() if after else min(len(text), end + 600))


def told_at(view: View, around: Sentence, start: int, end: int) -> Told:
    """Of whom a sentence tells a figure; “it” is whom the sentence in front of it speaks of; else the headings above it say it."""
    before = view.text[around.start : start]
    whose = _whose(view, around, start, end)
    if whose.other or _SCRIPT.match(before):
        return Told(True)
    if whose.name:
        return _named(view, around, start, whose.name)
    if foreign_subject(before, view):
        return Told(True)
    begun = _begins(view, around, start)
    if begun is not None:
        return begun
    sized = [match[0] for match in _SIZED.finditer(before)]
    if sized:
        return Told(False, tokens_of(sized[-1]), sized[-1])
    return headed(view, start)


def _begins(view: View, around: Sentence, start: int) -> Told | None:
    """Of whom a sentence, or an item of a list, tells that begins with a name."""
    line = view.text.rfind("\n", 0, start) + 1
    item = _ITEM.match(view.text, line, start)
    words = item["name"] if item else ""
    whole = tokens_of(words)
    name = (named_at(words) or (whole if whole and view.own.has(whole) else None)) if words else None
    if name is None:
        lead = COMPARED.match(view.text[around.start : start])
        first = around.start + (lead.end() if lead else 0)
        words = _MARKS.sub("", view.text[first:start])
        name = named_at(words)
        goes_on = re.match(rf"\S+(?:\s\d\S*)?{_GOES_ON.pattern}", words) is not None
        if name is not None and not view.own.has(name) and not (goes_on and not _words()[2].search(words)):
            return None
    if name is None:
        return None
    return _named(view, around, start, name) if view.own.has(name) else Told(True)


def _named(view: View, around: Sentence, start: int, name: Tokens) -> Told:
    """A name with the words in capitals behind it, if they belong to a name of this release; as it stands nearest in front."""
    words = _shown(view.text, around, start, name)
    longer = tokens_of(words)
    return Told(False, longer if view.own.has(longer) and longer[: len(name)] == name else name, words)


def foreign_subject(before: str, view: View) -> bool:
    """Whether the words in front of a figure have a subject that is a name, by its capital alone, and none of this release.

    A word that the document writes with a capital at the beginning of sentences alone, and in small letters within them, is no name,
    nor is one of those that begin sentences about training.
    """
    named, common, ours = _words()
    segments = [_JOINS.sub("", _MARKS.sub("", segment)) for segment in _BREAK.split(before[-400:])]
    for segment in reversed(segments):
        match = named.match(segment)
        if match is None:
            continue
        name, first = tokens_of(match["name"]), match["name"].partition(" ")[0]
        known = (
            view.own.has(name) or ours.search(segment[match.end() :]) or _own_behind(segment, match, view.own)
        )
        if known or not name or common.match(first):
            return False
        within = re.compile(rf"[a-z,] {re.escape(first)}\b").search(view.text, 0, _MOST_SEARCHED)
        alone = re.compile(rf"(?<![\w/.@-]){re.escape(first.lower())}(?![\w/.-])")
        small = alone.search(view.text, 0, _MOST_SEARCHED)
        return within is not None or small is None
    return False


def headed(view: View, position: int) -> Told:
    """Of whom the headings above a place say that it tells: the innermost that is a name and nothing else."""
    section = section_at(view.page, position)
    for heading in (section.heading, *reversed(section.around)) if section else ():
        words = _TITLE_WORDS.sub("", _HEADING_MARKS.sub("", heading))
        whole = tokens_of(words)
        name = named_at(words) or (whole if whole in view.release else None)
        if name and view.own.has(name) and len(words) <= _MOST_SUBJECT_CHARACTERS:
            own = whole if whole[: len(name)] == name and len(whole) <= len(name) + 2 else name
            if own in view.release:
                return Told(False)
            return Told(False, own, words)
        if (name and name == whole) or _spoken_of(words, view):
            return Told(True)
    return Told(False)


def section_at(page: Page, position: int) -> Section | None:
    """The section that a place stands in."""
    return next((one for one in read_sections(page.text) if one.start <= position < one.end), None)


def scope_of(view: View, name: Tokens, *, whole: bool) -> Scope:
    """``total``, ``release`` or ``model``; ``whole``: words for a total stand beside the figure."""
    if name and name not in view.release:
        return "model"
    return "total" if whole else "release"


def _whose(view: View, around: Sentence, start: int, end: int) -> Whose:
    text = view.text
    whose = told_of(text[around.start : start], text[end : around.end], view.own)
    if whose.other or whose.name or not _PRONOUN.match(text, around.start):
        return whose
    gap = text[: around.start][-3:]
    if around.start < 3 or "\n\n" in gap:
        return whose
    earlier = sentence_at(text, around.start - 2, around.start - 2)
    verb = _FIRST_VERB.match(text[earlier.start : around.start])
    if verb is None:
        return whose
    if foreign_subject(verb[0], view):
        return Whose(True)
    return told_of(verb[0], "", view.own)


def _own_behind(segment: str, match: re.Match[str], own: Own) -> bool:
    """Whether a name of this release stands behind the verb: “Acme trained Corvid on …”."""
    words = segment[match.end() :].split()[:12]
    return any(own.has(tokens_of(word)) for word in words if word[:1].isupper() and tokens_of(word))


def _shown(text: str, around: Sentence, start: int, name: Tokens) -> str:
    """The words of a name as they stand: with a verb behind it nearest in front of a figure, else in its sentence, else in the document."""
    joined = r"[\W_]{0,2}".join(re.escape(part) for part in name[:12])
    finds = re.compile(rf"(?<![^\W_])(?i:{joined})(?![^\W_]){_LONGER}")
    before = [*finds.finditer(text, around.start, start)]
    acting = [one for one in before if _ACTS.match(text, one.end(), start)]
    nearest = acting[-1] if acting else before[0] if before else None
    found = nearest or finds.search(text, start, around.end) or finds.search(text, 0, _MOST_SEARCHED)
    return " ".join(found[0].split()) if found else " ".join(name)


def _spoken_of(words: str, view: View) -> bool:
    """Whether a heading in capitals is a name that the document speaks of as of a model, and none of this release."""
    if not _CAPITALS.fullmatch(words) or view.own.has(tokens_of(words)):
        return False
    spoken = re.compile(rf"\b{words} (?:is|was) (?:a|an|the|our)\b")
    return spoken.search(view.text, 0, _MOST_SEARCHED) is not None
