"""Which documents of a release are in a language that the rules over prose do not read: what they say is unread, not unsaid."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.openness import Judgement, UnreadPage
from qistas.evaluations.openness.conditions import MOST_SEARCHED_CHARACTERS
from qistas.evaluations.openness.ladder import UNDETERMINED
from qistas.evaluations.openness.record import Page, ReleaseRecord
from qistas.standards.document import load_document

READ = "en"
UNREAD = "unread"
LATIN = "und-Latn"
# Less prose than this is a caption or a name, and says little.
_LEAST_WORDS = 25
_LEAST_SHARE = 1 / 3
# Names, versions and terms stay in Latin letters in every script's technical prose.
_LEAST_SHARE_OF_LINE = 0.3
# Of English running text, function words are a third and more; of other text, below this.
_LEAST_SHARE_OF_FUNCTION_WORDS = 0.1
_LEAST_FUNCTION_WORDS = 3
_MOST_NAMED = 12
# A translation is never as long as its original.
_LEAST_SHARE_OF_TRANSLATION = 0.6

_DOCUMENTS = re.compile(
    r"\.(md|markdown|rst)$|(^|/)readme[^/]{0,40}$|(card|datasheet|report)[^/]{0,40}\.txt$", re.IGNORECASE
)
_NO_DOCUMENTS = re.compile(
    r"(^|/)([^/]{0,60}[._-])?(licen[cs]e|copying|notice|unlicense|use_policy)([._-][^/]*)?$", re.IGNORECASE
)
_FENCE = re.compile(r"^[ \t>]{0,8}(`{3}|~{3})")
_NO_PROSE = re.compile(
    r"`[^`\n]{1,300}`|\]\([^()\s]{0,400}\)|https?://[^\s)>\]]{1,400}|<[a-zA-Z/!][^<>\n]{0,400}>|^[ \t]{0,8}\|[^\n]*$",
    re.MULTILINE,
)
_WORD = re.compile(r"[^\W\d_]{1,40}")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]{1,40}")
_LANGUAGE_IN_NAME = re.compile(
    r"(?:^|[._-])(?:en|eng|english|zh|cn|chs|ch|chinese|ar|arabic|ja|jp|ko|kr|ru|fr|de|es|pt|it|hi|fa|tr|vi|id|nl|pl|uk)"
    r"(?:[_-](?:cn|tw|hk|hans|hant|us|gb|br))?(?=[._-]|$)",
    re.IGNORECASE,
)


class _Language(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    has: str = ""
    one_in: int = 1


class _Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    letters: str
    letters_per_word: float
    languages: tuple[_Language, ...]


class _Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    scripts: tuple[_Script, ...]
    function_words: dict[str, str]
    said: Text


class _Line(NamedTuple):
    """The prose of one line: ``script`` is the index of the script that it is written in, ``None`` for the Latin one."""

    number: int
    script: int | None
    words: float
    text: str


class _Prose(NamedTuple):
    """The words of a page by language, and the first and last line of each."""

    words: dict[str, float]
    lines: dict[str, tuple[int, int]]

    def unread(self) -> float:
        return sum(count for name, count in self.words.items() if name != READ)


@cache
def _rules() -> _Rules:
    return load_document(Path(__file__).parent / "unread.yaml", None, _Rules)


@cache
def _finders() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(f"[{script.letters}]") for script in _rules().scripts)


@cache
def _function_words() -> dict[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in _rules().function_words.items()}


@cache
def _languages_with() -> dict[str, list[str]]:
    """The languages by each of their function words."""
    made: dict[str, list[str]] = {}
    for name, words in _function_words().items():
        for word in words:
            made.setdefault(word, []).append(name)
    return made


def or_unread(judgement: Judgement, record: ReleaseRecord) -> Judgement:
    """The judgement; undetermined for want of words, it says what was not read, where something was not (rule ``unread``)."""
    pages = unread_pages(record)
    if not pages or judgement.value != UNDETERMINED or judgement.evidence:
        return judgement
    names = [f"{page.file} ({page.language})" for page in pages[:_MOST_NAMED]]
    said = _rules().said
    reason = Text(said.en.format(files=", ".join(names)), said.ar.format(files="، ".join(names)))
    return msgspec.structs.replace(judgement, rule=UNREAD, reason=reason)


# Several projections look at the same record.
@lru_cache(maxsize=4)
def unread_pages(record: ReleaseRecord) -> tuple[UnreadPage, ...]:
    """The documents of which a third and more is in another language than English, in the order of their paths.

    A document is read where English prose of its own length stands beside it, in the same document or in one of the same name but for the
    language. Licence texts are left out: they are read by what they are compared with. The language is told by script and function words.
    """
    prose = {
        page.path: _prose(page)
        for page in record.pages.values()
        if _DOCUMENTS.search(page.path) and not _NO_DOCUMENTS.search(page.path)
    }
    english: Counter[str] = Counter()
    for path, found in prose.items():
        english[_without_language(path)] += round(found.words.get(READ, 0))
    return tuple(
        _page(path, found)
        for path, found in prose.items()
        if _is_unread(found, english[_without_language(path)])
    )


def is_english(page: Page) -> bool:
    """Whether the prose of a document is mostly English, or there is too little of it to tell."""
    found = _prose(page)
    return found.words.get(READ, 0) >= found.unread() or found.unread() < _LEAST_WORDS


def _is_unread(found: _Prose, english: int) -> bool:
    unread = found.unread()
    if unread < max(_LEAST_WORDS, _LEAST_SHARE * sum(found.words.values())):
        return False
    return english < _LEAST_SHARE_OF_TRANSLATION * unread


def _page(path: str, found: _Prose) -> UnreadPage:
    counts = {name: count for name, count in found.words.items() if name != READ}
    language = max(counts, key=lambda name: counts[name])
    share = counts[language] / sum(found.words.values())
    return UnreadPage(file=path, language=language, share=round(share, 2), lines=found.lines[language])


def _without_language(path: str) -> str:
    """A path that the same document in another language has too."""
    parts = PurePosixPath(path)
    folders = [_LANGUAGE_IN_NAME.sub("", part) for part in parts.parts[:-1]]
    return "/".join([*folders, _LANGUAGE_IN_NAME.sub("", parts.stem) + parts.suffix]).lower()


@lru_cache(maxsize=256)
def _prose(page: Page) -> _Prose:
    words: Counter[str] = Counter()
    lines: dict[str, tuple[int, int]] = {}
    for language, block in _by_language(list(_lines(page))):
        for line in block:
            words[language] += line.words  # type: ignore[assignment]
            first, _ = lines.get(language, (line.number, 0))
            lines[language] = (first, line.number)
    return _Prose(dict(words), lines)


def _by_language(lines: list[_Line]) -> Iterator[tuple[str, list[_Line]]]:
    for index, script in enumerate(_rules().scripts):
        written = [line for line in lines if line.script == index]
        if written:
            yield _language_of(script, "".join(line.text for line in written)), written
    for block in _paragraphs([line for line in lines if line.script is None]):
        language = _latin_language(" ".join(line.text for line in block))
        if language is not None:
            yield language, block


def _language_of(script: _Script, text: str) -> str:
    letters = len(re.findall(f"[{script.letters}]", text))
    return next(
        language.name
        for language in script.languages
        if not language.has or len(re.findall(f"[{language.has}]", text)) * language.one_in >= letters
    )


def _paragraphs(lines: list[_Line]) -> Iterator[list[_Line]]:
    block: list[_Line] = []
    for line in lines:
        if block and line.number != block[-1].number + 1:
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _latin_language(text: str) -> str | None:
    """The language whose function words the text has most of; ``None`` where it is no running text."""
    words = _WORD.findall(text)
    counts = Counter(word.lower() for word in words)
    hits = dict.fromkeys(_function_words(), 0)
    for word, count in counts.items():
        for name in _languages_with().get(word, ()):
            hits[name] += count
    best = max(hits, key=lambda name: hits[name])
    if hits[best] >= _LEAST_SHARE_OF_FUNCTION_WORDS * len(words):
        best = READ if hits[READ] * 2 > hits[best] else best
        several = len(_function_words()[best].intersection(counts)) >= _LEAST_FUNCTION_WORDS
        return best if several or best == READ else None
    small = sum(word[0].islower() for word in words)
    return LATIN if len(words) >= _LEAST_WORDS and small > 0.8 * len(words) and not hits[READ] else None


def _lines(page: Page) -> Iterator[_Line]:
    """The lines that are prose, without code, links, tags and tables."""
    start = len(page.text) - len(page.parts.body)
    shown = _NO_PROSE.sub(" ", page.text[start : start + MOST_SEARCHED_CHARACTERS])
    fence = None
    for number, line in enumerate(shown.split("\n"), page.line_at(start)):
        mark = _FENCE.match(line)
        if mark and fence in (None, mark[1]):
            fence = None if fence else mark[1]
        elif fence is None and line and not line.isspace():
            yield _line(number, line)


def _line(number: int, line: str) -> _Line:
    names = len(_LATIN_WORD.findall(line))
    if line.isascii():
        return _Line(number, None, float(names), line)
    weights = [
        len(finder.findall(line)) / script.letters_per_word
        for finder, script in zip(_finders(), _rules().scripts, strict=True)
    ]
    most = max(range(len(weights)), key=weights.__getitem__)
    if weights[most] and weights[most] >= _LEAST_SHARE_OF_LINE * (weights[most] + names):
        return _Line(number, most, weights[most] + names, line)
    return _Line(number, None, float(names), line)
