"""What the clauses of a licence say, each with the sentence that says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.openness import ClauseFact, Effect
from qistas.evaluations.openness.phrases import Chain, Phrase
from qistas.evaluations.openness.record import MOST_QUOTED_CHARACTERS, Page
from qistas.evaluations.openness.sentences import Sentence, sentences_of
from qistas.standards.document import load_document

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
    """A fact, the sentence that explains it, and how it is found. ``effect``: a threshold, of which it is read what holds beyond it."""

    id: str
    says: Text
    rules: tuple[Rule, ...]
    value: str = ""
    several: bool = False
    effect: bool = False


class EffectRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may hold beyond a threshold, the sentence that explains it, and how it is found."""

    id: Effect
    says: Text
    finds: tuple[str, ...]
    never: str


class Book(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of ``clauses.yaml``."""

    terms: dict[str, str]
    places: dict[str, str]
    effects: tuple[EffectRules, ...]
    goes_on: str
    facts: tuple[FactRules, ...]


class Said(NamedTuple):
    """What holds beyond a threshold, and the words that say it, as positions in the text of the page; ``closes``: where their sentence ends."""

    effect: Effect
    start: int
    end: int
    closes: int


class _Compiled(NamedTuple):
    finds: Phrase
    also: Phrase | None
    never: Phrase | None
    value: str


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
def _effects() -> tuple[tuple[Effect, tuple[Phrase, ...], Phrase | None], ...]:
    return tuple(
        (one.id, tuple(map(Phrase, one.finds)), Phrase(one.never) if one.never else None)
        for one in book().effects
    )


@cache
def _goes_on() -> re.Pattern[str]:
    return re.compile(book().goes_on)


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
        for index, sentence in enumerate(sentences):
            for match in _matches(rule, sentence):
                for value in _values(rule.value, match, page, sentence):
                    if value not in said:
                        said.add(value)
                        beyond = _beyond(sentences, index) if fact.effect else None
                        yield _fact(page, fact.id, value, sentence, match, beyond)
                        if not fact.several:
                            return


def _beyond(sentences: tuple[Sentence, ...], index: int) -> Said | None:
    """What the sentence of a threshold says that holds beyond it, or the next one, where that goes on from it."""
    said = _effect(sentences[index])
    following = sentences[index + 1 : index + 2]
    if said is None and following and _goes_on().search(following[0].words):
        return _effect(following[0])
    return said


def _effect(sentence: Sentence) -> Said | None:
    for effect, ways, never in _effects():
        if never and never.search(sentence.words):
            continue
        for way in ways:
            found = way.search(sentence.words)
            if found:
                last = sentence.place(found.end - 1) + 1
                return Said(effect, sentence.place(found.start), last, sentence.end)
    return None


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


def _fact(
    page: Page,
    fact: str,
    value: str | int | bool,
    sentence: Sentence,
    match: Chain,
    beyond: Said | None,
) -> ClauseFact:
    quote = page.quote(*_quoted(sentence, match, beyond))
    return ClauseFact(
        fact=fact,
        value=value,
        quote=quote.quote,
        file=quote.file,
        line=quote.line,
        digest=quote.digest,
        effect=beyond.effect if beyond else None,
    )


def _quoted(sentence: Sentence, match: Chain, beyond: Said | None) -> tuple[int, int]:
    """The sentence (with the next one, where that says what holds beyond), or, where it is too long to quote, as much of it as fits
    and ends with what was found.
    """
    start, end = sentence.place(0), max(sentence.end, beyond.closes if beyond else 0)
    if end - start <= MOST_QUOTED_CHARACTERS:
        return start, end
    found_start, found_end = sentence.place(match.start), sentence.place(match.end - 1) + 1
    wide_start, wide_end = found_start, found_end
    if beyond:
        wide_start, wide_end = min(found_start, beyond.start), max(found_end, beyond.end)
    if wide_end - wide_start <= MOST_QUOTED_CHARACTERS:
        found_start, found_end = wide_start, wide_end
    if found_end - start <= MOST_QUOTED_CHARACTERS:
        return start, start + MOST_QUOTED_CHARACTERS
    if found_end - found_start > MOST_QUOTED_CHARACTERS:
        return found_end - MOST_QUOTED_CHARACTERS, found_end
    return found_start, min(end, found_start + MOST_QUOTED_CHARACTERS)
