"""Which licence a sentence of a card or a notice names, and for what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import unquote

import msgspec

from qistas.contracts.openness import Quote
from qistas.evaluations.openness.hints import can_find
from qistas.evaluations.openness.licence_exact import known
from qistas.evaluations.openness.licence_texts import Licence, named
from qistas.evaluations.openness.record import Page
from qistas.evaluations.openness.sentences import MOST_TEXT_CHARACTERS, Sentence, sentences_of
from qistas.standards.document import load_document

TermFact = Literal["non_commercial", "research_only"]
Kind = Literal["code", "data", "document", "weights"]
KINDS: tuple[Kind, ...] = ("code", "data", "document", "weights")

_HEADING = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}|\*\*)[^\n]{0,60}(?:licen[cs]|lizenz|许可|协议|الترخيص|الرخصة)[^\n]{0,40}$",
    re.IGNORECASE | re.MULTILINE,
)
_ANY_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]", re.MULTILINE)
_BADGE = re.compile(
    r"img\.shields\.io/badge/(?P<kind>[^-\s/)\"]{0,40}licen[cs]e)-(?P<name>[^\s/)\"]{2,60}?)-[a-z0-9]{3,20}(?=[.?)\"\s])",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"licen[cs]|lizenz|许可|协议|商业|仅供|仅限|只能用于|ترخيص|رخصة|مرخ|تجاري|للبحث|لأغراض البحث|non-?commercial|commercial(?:ly)?\b|\bonly\b.{0,20}\bfor\b|for .{0,30}\bonly\b|nur für|\b(?:released|distributed|available|provided|published|shared|governed|offered)\s{1,3}under\b|授[权權]|許可|協議|\bunter\b",
    re.IGNORECASE,
)
_TITLE = re.compile(r"《[^《》]{2,60}》?")
_TARGET = re.compile(r"https?://[^\s)]{4,300}")
_CLAUSE_MARK = re.compile(r"[,;，；、،؛]")
# A second licence beside the one that is known: both together are none that is known.
_BESIDE = re.compile(
    r"(?:\band\b|\bplus\b|&|和|与|及)\W{0,4}(?:the |our |a )?.{0,60}?(?:\bcommunity licen[cs]e|\bmodel licen[cs]e|\blicen[cs]e agreement|模型[^,，。]{0,12}(?:许可|协议))"
)
_BRACKET = re.compile(r"[^().]{0,40}\((?P<name>[^()]{2,80})\)")
# A name by itself, between marks: “`ISC`”.
_ALONE = re.compile(r"[^\w]{0,12}([A-Za-z0-9][\w.+-]{1,60})(?![\w.+-])")
_MOST_SECTION_CHARACTERS = 800
_MOST_SAID = 8
_MOST_BESIDE_CHARACTERS = 200


class Name(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to write a licence's name; ``id`` is an identifier or a name that ``licence_texts.named`` knows."""

    finds: str
    id: str


class Term(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"in_": "in"}):
    """Words that limit what is spoken of to a use; ``in_`` and ``never`` as in ``licence_names.yaml``."""

    fact: TermFact
    finds: str
    in_: str = ""
    never: str = ""


class Names(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of ``licence_names.yaml``."""

    names: tuple[Name, ...]
    says: tuple[str, ...]
    terms: tuple[Term, ...]
    labels: str
    elsewhere: str
    never: str
    kinds: dict[Kind, str]


class Named(NamedTuple):
    """A licence that a sentence names: the licences it may mean (several for a family), what for, and the sentence.

    ``facts``: limits that the sentence itself sets.
    """

    name: str
    licences: tuple[Licence, ...]
    kinds: tuple[Kind, ...]
    quote: Quote
    facts: tuple[TermFact, ...] = ()


class _Limit(NamedTuple):
    fact: TermFact
    finds: re.Pattern[str]
    within: re.Pattern[str]
    never: re.Pattern[str] | None


class _Rules(NamedTuple):
    names: tuple[tuple[re.Pattern[str], str], ...]
    says: tuple[re.Pattern[str], ...]
    terms: tuple[_Limit, ...]
    labels: re.Pattern[str]
    elsewhere: re.Pattern[str]
    never: re.Pattern[str]
    kinds: tuple[tuple[Kind, re.Pattern[str]], ...]


@cache
def _rules() -> _Rules:
    names = load_document(Path(__file__).parent / "licence_names.yaml", None, Names)
    return _Rules(
        tuple((re.compile(name.finds), name.id) for name in names.names),
        tuple(re.compile(says) for says in names.says),
        tuple(
            _Limit(
                term.fact,
                re.compile(term.finds),
                re.compile(term.in_, re.IGNORECASE),
                re.compile(term.never) if term.never else None,
            )
            for term in names.terms
        ),
        re.compile(names.labels),
        re.compile(names.elsewhere),
        re.compile(names.never),
        tuple((kind, re.compile(names.kinds[kind])) for kind in KINDS),
    )


def meant(name: str) -> tuple[Licence, ...]:
    """The licences that a name may mean: none for an unknown one, several for a family."""
    licences = named(name) or _by_id(name)
    return licences or _meant(name.lower())[1]


def _by_id(name: str) -> tuple[Licence, ...]:
    return tuple(licence for licence in known().licences if licence.id.lower() == name.strip().lower())


def _meant(words: str) -> tuple[str, tuple[Licence, ...]]:
    """The first name in these words (small letters), and the licences that it may mean."""
    places = [
        (match.start(), index, identifier, match[0])
        for index, (finds, identifier) in enumerate(_rules().names)
        if can_find(finds.pattern, words) and (match := finds.search(words))
    ]
    if not places:
        return "", ()
    _, _, identifier, name = min(places)
    return name, named(identifier) or _by_id(identifier)


def kinds_in(words: str) -> tuple[Kind, ...]:
    """What these words (small letters) speak of."""
    return tuple(kind for kind, finds in _rules().kinds if finds.search(words))


def ends_with_a_kind(words: str) -> bool:
    """Whether these words (small letters) end with the word for a kind, as in front of a colon."""
    return any(
        match.end() == len(words.rstrip(" \t*_`"))
        for _, finds in _rules().kinds
        for match in finds.finditer(words)
    )


def kinds_at_the_start(words: str) -> tuple[Kind, ...]:
    """What these words (small letters) begin with."""
    at = len(words) - len(words.lstrip())
    return tuple(kind for kind, finds in _rules().kinds if finds.match(words, at))


def speaks_of_another(words: str) -> bool:
    """Whether words (small letters) are about the licence of a work of others, or deny one."""
    return _rules().never.search(words) is not None


def named_first(words: str) -> tuple[Licence, ...]:
    """The licences that the first name in these words may mean; none for an unknown name, several for a family."""
    found = _meant(words.lower())[1]
    alone = _ALONE.match(words)
    return found or ((named(alone[1]) or _by_id(alone[1])) if alone else ())


def names_in(page: Page) -> Iterator[Named]:
    """Every sentence of a page that names the licence of what is released, in order; rows of tables are passed over."""
    yield from _badges(page)
    headed = _headed(page.text)
    for begin, end in _around(page.text[:MOST_TEXT_CHARACTERS]):
        for sentence in sentences_of(page.text[begin:end], items=True):
            start = begin + sentence.place(0)
            if _is_row(page.text, start) or speaks_of_another(sentence.words):
                continue
            span = start, begin + sentence.end
            labelled = _rules().labels.search(sentence.words) is not None
            yield from _said(
                page, sentence, span, labelled or any(low <= start < high for low, high in headed)
            )


def _around(text: str) -> Iterator[tuple[int, int]]:
    """The parts of a text that speak of licences, from one blank line to another."""
    last = 0
    for match in _SPOKEN.finditer(text):
        if match.start() < last:
            continue
        begin = text.rfind("\n\n", max(last, match.start() - _MOST_SECTION_CHARACTERS), match.start())
        begin = max(last, match.start() - _MOST_SECTION_CHARACTERS) if begin < 0 else begin
        end = text.find("\n\n", match.end() + _MOST_SECTION_CHARACTERS)
        last = min(len(text) if end < 0 else end, match.end() + 3 * _MOST_SECTION_CHARACTERS)
        yield begin, last


def _said(page: Page, sentence: Sentence, span: tuple[int, int], headed: bool) -> Iterator[Named]:
    quote = page.quote(*span)
    limited = _limited(page, sentence, quote)
    if limited:
        yield limited
    elsewhere = _rules().elsewhere.search(sentence.words)
    if elsewhere:
        target = page.text[span[0] : span[1]][-len(sentence.words) :]
        address = _TARGET.search(target)
        yield Named(address[0] if address else elsewhere["name"], (), ("weights",), quote)
        return
    found = False
    for says in _rules().says:
        last = 0
        for match in islice(says.finditer(sentence.words), _MOST_SAID):
            given = next(group for group in match.groups() if group is not None)
            name, licences = _meant(given)
            title = _TITLE.match(given.strip())
            # What is licensed stands before the words that say so.
            kinds = kinds_in(sentence.words[last : match.start()]) or kinds_in(
                sentence.words[last : match.end()]
            )
            last = match.end()
            if limited and set(kinds) == {"weights"}:
                continue
            if name and _has_beside(sentence, name, match.start()):
                name, licences, title = quote.quote[:80], (), None
            if (name or title) and (kinds or headed):
                found = True
                yield Named(name or title[0] if title else name, licences, kinds, quote)
        if found:
            return
    if headed and not limited:
        name, licences = _meant(sentence.words[:120])
        if name and _has_beside(sentence, name, 0):
            name, licences = quote.quote[:80], ()
        if name:
            yield Named(name, licences, kinds_in(sentence.words), quote)


def _has_beside(sentence: Sentence, name: str, start: int) -> bool:
    behind = sentence.words.find(name, start) + len(name)
    return _BESIDE.search(sentence.words, behind, behind + _MOST_BESIDE_CHARACTERS) is not None


def _limited(page: Page, sentence: Sentence, quote: Quote) -> Named | None:
    """What a sentence limits by itself (“the weights may only be used for research”), under the licence that it names for that in brackets."""
    found = [
        (term.fact, match)
        for term in _rules().terms
        if term.within.search(page.path)
        and (match := term.finds.search(sentence.words))
        and not (term.never and term.never.search(sentence.words))
    ]
    if not found:
        return None
    first = min((match for _, match in found), key=re.Match.start)
    before = sentence.words[: first.start()]
    near = _CLAUSE_MARK.split(before)[-1]
    kinds = kinds_in(near) or kinds_in(before) or kinds_in(first[0])
    bracket = _BRACKET.match(sentence.words, first.end())
    name, licences = _meant(bracket["name"]) if bracket else ("", ())
    facts = tuple(dict.fromkeys(fact for fact, _ in found))
    return Named(name or quote.quote[:80], licences, kinds, quote, facts)


def _badges(page: Page) -> Iterator[Named]:
    for match in _BADGE.finditer(page.text):
        words = unquote(match["name"]).replace("_", " ").lower()
        name, licences = _meant(words)
        if name:
            kind = unquote(match["kind"]).replace("_", " ").lower()
            yield Named(name, licences, kinds_in(kind), page.quote(match.start(), match.end()))


def _headed(text: str) -> list[tuple[int, int]]:
    """Where sections about the licence stand."""
    sections = []
    for match in _HEADING.finditer(text):
        limit = match.end() + _MOST_SECTION_CHARACTERS
        following = _ANY_HEADING.search(text, match.end(), limit)
        sections.append((match.end(), following.start() if following else limit))
    return sections


def _is_row(text: str, start: int) -> bool:
    line = text[
        text.rfind("\n", 0, start) + 1 : text.find("\n", start) if text.find("\n", start) >= 0 else len(text)
    ]
    return line.lstrip().startswith("|") and not re.match(
        r"\s*\|[ *]{0,4}licen[cs]e[ *:]{0,4}\|", line, re.IGNORECASE
    )
