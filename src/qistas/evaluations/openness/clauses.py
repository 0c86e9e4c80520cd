"""What the clauses of a licence say, each with the sentence that says it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.openness import ClauseFact
from qistas.evaluations.openness.licence_words import in_small_letters
from qistas.evaluations.openness.phrases import Chain, Phrase
from qistas.evaluations.openness.record import MOST_QUOTED_CHARACTERS, Page
from qistas.standards.document import load_document

# Texts made for it must not take long: no sentence is longer, what is longer is read in overlapping pieces.
MOST_SENTENCE_CHARACTERS = 3_000
_OVERLAP_CHARACTERS = 800
MOST_TEXT_CHARACTERS = 150_000

_FRONT_MATTER = re.compile(r"\A\s{0,50}---\r?\n.{0,20000}?\n---\r?\n", re.DOTALL)
_LAYOUT = re.compile(
    r"</?[a-zA-Z][a-zA-Z0-9]{0,10}(?:\s[^<>]{0,300})?/?>|\*{1,3}|(?<=\n)[ \t]{0,8}[>#]{1,6}(?=[ \t])|\\(?=[^\w\s])"
)
_PIECE = re.compile(r"\S+")
_ITEM = re.compile(
    r"^[ \t]{0,12}(?:[-*+•][ \t]|\d{1,3}[.)][ \t]|#{1,6}[ \t]|\||\*\*|<(?:li|p|tr|h[1-6])\b)", re.MULTILINE
)
_HEADING = re.compile(
    r"^[ \t]{0,3}#{1,6}[ \t][^\n]*$|^[^\S\n]{0,3}(?:={3,}|-{3,})[^\S\n]*$|^[ \t]{0,3}\*\*[^*\n]{1,120}\*\*:?[^\S\n]*$",
    re.MULTILINE,
)
_END = re.compile(
    r"(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<!\bCorp)(?<!\be\.g)(?<!\bi\.e)(?<!\bNo)(?<!\bU\.S)[.!?؟][\"')\]]{0,3} (?=[A-Zء-ي\"'(\[0-9•-])|\n|。"
)
_SAME = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "‑": "-"}
)
_SCALES = {
    "million": 10**6,
    "mn": 10**6,
    "m": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "b": 10**9,
    "thousand": 10**3,
}
_SCALES |= {"k": 10**3, "亿": 10**8, "万": 10**4}
_NUMBERS = {
    "a": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
}
_NUMBERS |= {"ten": 10, "twenty": 20, "fifty": 50}


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to find a clause; see ``clauses.yaml``."""

    finds: str
    also: str = ""
    never: str = ""
    value: str = ""


class FactRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact, the sentence that explains it, and how it is found."""

    id: str
    says: Text
    rules: tuple[Rule, ...]
    value: str = ""
    several: bool = False


class Book(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of ``clauses.yaml``."""

    terms: dict[str, str]
    places: dict[str, str]
    facts: tuple[FactRules, ...]


class _Compiled(NamedTuple):
    finds: Phrase
    also: Phrase | None
    never: Phrase | None
    value: str


class Sentence(NamedTuple):
    """A sentence for searching (small letters, single spaces) and where its characters stand in the text."""

    words: str
    starts: tuple[int, ...]
    places: tuple[int, ...]
    end: int

    def place(self, position: int) -> int:
        """Where a character of ``words`` stands in the text."""
        index = bisect_right(self.starts, position) - 1
        return self.places[index] + position - self.starts[index]


@cache
def book() -> Book:
    """The rules that come with Qistas."""
    return load_document(Path(__file__).parent / "clauses.yaml", None, Book)


@cache
def _compiled() -> tuple[tuple[FactRules, tuple[_Compiled, ...]], ...]:
    terms = book().terms

    def pattern(source: str) -> Phrase:
        for name, words in terms.items():
            source = source.replace(f"<{name}>", words)
        return Phrase(source)

    def one(fact: FactRules, rule: Rule) -> _Compiled:
        also = pattern(rule.also) if rule.also else None
        never = pattern(rule.never) if rule.never else None
        return _Compiled(pattern(rule.finds), also, never, rule.value or fact.value)

    return tuple((fact, tuple(one(fact, rule) for rule in fact.rules)) for fact in book().facts)


@cache
def _places() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(words)) for name, words in book().places.items())


def clauses_of(page: Page) -> tuple[ClauseFact, ...]:
    """The clause facts of a licence or policy, in the order of ``clauses.yaml``; none for a text that has no such clause.

    Of a text that is longer than ``MOST_TEXT_CHARACTERS``, the first are read.
    """
    sentences = tuple(sentences_of(page.text))
    return tuple(found for fact, rules in _compiled() for found in _of_fact(page, sentences, fact, rules))


def _of_fact(
    page: Page, sentences: tuple[Sentence, ...], fact: FactRules, rules: tuple[_Compiled, ...]
) -> Iterator[ClauseFact]:
    said: set[str | int | bool] = set()
    for rule in rules:
        for sentence in sentences:
            for match in _matches(rule, sentence):
                for value in _values(rule.value, match, page, sentence):
                    if value not in said:
                        said.add(value)
                        yield _fact(page, fact.id, value, sentence, match)
                        if not fact.several:
                            return


def _matches(rule: _Compiled, sentence: Sentence) -> Iterator[Chain]:
    if rule.finds.search(sentence.words) is None or (rule.also and not rule.also.search(sentence.words)):
        return
    if rule.never and rule.never.search(sentence.words):
        return
    yield from rule.finds.findings(sentence.words)


def _values(kind: str, match: Chain, page: Page, sentence: Sentence) -> Iterator[str | int | bool]:
    if kind == "number":
        part = match.part_with("n")
        number = _number(part["n"], part["scale"])
        if number is not None:
            yield number
    elif kind == "text":
        # As it is written, with its capitals.
        part = match.part_with("value")
        start, end = sentence.place(part.start("value")), sentence.place(part.end("value") - 1) + 1
        yield " ".join(page.text[start:end].split()).strip(" .,*")
    elif kind == "places":
        yield from (name for name, words in _places() if words.search(match.part_with("places")["places"]))
    else:
        yield kind or True


def _number(words: str, scale: str | None) -> int | None:
    """A count: at least a thousand, else it counts something else."""
    first, _, hundred = words.partition(" ")
    amount = _NUMBERS[first] * (100 if hundred else 1) if first in _NUMBERS else float(words.replace(",", ""))
    value = round(amount * _SCALES.get(scale or "", 1))
    return value if value >= 1_000 else None


def _fact(page: Page, fact: str, value: str | int | bool, sentence: Sentence, match: Chain) -> ClauseFact:
    quote = page.quote(*_quoted(sentence, match))
    return ClauseFact(
        fact=fact, value=value, quote=quote.quote, file=quote.file, line=quote.line, digest=quote.digest
    )


def _quoted(sentence: Sentence, match: Chain) -> tuple[int, int]:
    """The sentence, or, where it is too long to quote, as much of it as fits and ends with what was found."""
    start, end = sentence.place(0), sentence.end
    if end - start <= MOST_QUOTED_CHARACTERS:
        return start, end
    found_start, found_end = sentence.place(match.start), sentence.place(match.end - 1) + 1
    if found_end - start <= MOST_QUOTED_CHARACTERS:
        return start, start + MOST_QUOTED_CHARACTERS
    if found_end - found_start > MOST_QUOTED_CHARACTERS:
        return found_end - MOST_QUOTED_CHARACTERS, found_end
    return found_start, min(end, found_start + MOST_QUOTED_CHARACTERS)


def sentences_of(text: str, *, items: bool = False) -> Iterator[Sentence]:
    """The sentences of a text; a blank line ends one, a line end does not, but with ``items`` where a list item or heading begins and where a heading ends."""
    text = text[:MOST_TEXT_CHARACTERS]
    front = _FRONT_MATTER.match(text)
    if front:
        text = " " * front.end() + text[front.end() :]
    shown = _LAYOUT.sub(lambda match: " " * len(match[0]), text)
    breaks = _breaks(text) if items else []
    pieces: list[str] = []
    starts: list[int] = []
    places: list[int] = []
    length, last = 0, 0
    for match in _PIECE.finditer(shown):
        apart = text.count("\n", last, match.start()) > 1 or bisect_right(breaks, last) < bisect_right(
            breaks, match.start()
        )
        gap = "\n" if apart else " "
        pieces.append(gap + match[0] if pieces else match[0])
        length += len(pieces[-1])
        starts.append(length - len(match[0]))
        places.append(match.start())
        last = match.end()
    yield from _cut("".join(pieces).translate(_SAME), tuple(starts), tuple(places))


def _breaks(text: str) -> list[int]:
    starts = (match.start() for match in _ITEM.finditer(text))
    return sorted([*starts, *(match.end() + 1 for match in _HEADING.finditer(text))])


def _cut(flat: str, starts: tuple[int, ...], places: tuple[int, ...]) -> Iterator[Sentence]:
    edges = [0, *(match.end() for match in _END.finditer(flat)), len(flat)]
    flat = in_small_letters(flat)
    for begin, end in pairwise(edges):
        step = MOST_SENTENCE_CHARACTERS - _OVERLAP_CHARACTERS
        for piece in range(begin, max(begin + 1, end - _OVERLAP_CHARACTERS), step):
            yield from _sentence(flat, starts, places, piece, min(end, piece + MOST_SENTENCE_CHARACTERS))


def _sentence(
    flat: str, starts: tuple[int, ...], places: tuple[int, ...], begin: int, end: int
) -> Iterator[Sentence]:
    while begin < end and flat[begin].isspace():
        begin += 1
    while end > begin and flat[end - 1].isspace():
        end -= 1
    if begin >= end:
        return
    low, high = bisect_right(starts, begin) - 1, bisect_right(starts, end - 1)
    shift = begin - starts[low]
    within = (0, *(start - begin for start in starts[low + 1 : high]))
    at = (places[low] + shift, *places[low + 1 : high])
    yield Sentence(flat[begin:end], within, at, at[-1] + (end - begin) - within[-1])
