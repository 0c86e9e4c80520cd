"""The words of a licence text with their places, as they are compared: every word counts, layout and holders do not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

# Longer texts are no licence; what stands behind is not compared.
MOST_WORDS = 60_000
# A statement of copyright is a short line; a longer one may say anything.
MOST_STATEMENT_WORDS = 24
DIGEST_BYTES = 16

_FRONT_MATTER = re.compile(r"\A\s{0,50}---\r?\n.{0,20000}?\n---\r?\n", re.DOTALL)
_MARKUP = re.compile(
    r"</?(?:br|p|h[1-6]|b|i|u|em|strong|div|span|a|center|ul|ol|li|hr|pre|code|sup|sub|font|blockquote)"
    r"(?:\s[^<>]{0,300})?/?>"
    r"|copyright\s{1,9}[\[{<]yyyy[\]}>]\s{1,9}[\[{<]name of copyright owner[\]}>]"
    r"|\]\([^()\s]{0,500}\)|https?://(?:www\.)?|\\(?=[^\w\s])",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"(?<![\w.])\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)](?=\s)")
_STATEMENT_WORDS = (
    r"^[^\w\n(©]{0,20}(?:(?:portions\s)?copyright\b%s|\(c\)|©|all rights reserved\b)[^\n]{0,300}$"
)
_STATEMENT = re.compile(_STATEMENT_WORDS % "", re.MULTILINE)
# Where lines are those of pages, one may begin in the middle of a sentence: “copyright holders be liable”.
_SET_STATEMENT = re.compile(
    _STATEMENT_WORDS % r"(?!\s{1,4}(?:holders?|owners?|laws?|and|or|in|of)\b)", re.MULTILINE
)
# What no statement of years and holders says.
TELLING = re.compile(
    r"\b(?:licen[cs]e[ds]?|may|must|shall|will|not|use[ds]?|permi\w+|grant\w*|subject|provided|notices?|commercial)\b"
)
_SIGN = re.compile(r"\(c\)|©")
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
# As pages are set: a word is divided at the end of a line, and a number stands alone on its line.
_HYPHEN = re.compile(r"-[ \t]{0,4}\n[ \t]{0,4}")
_SET_WORD = re.compile(
    rf"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+(?:(?<=[^\W\d_]){_HYPHEN.pattern}(?=[^\W\d_])[^\W_\u3400-\u9fff]+)?"
)
_PAGE_NUMBER = re.compile(
    r"^[ \t]{0,80}(?:page[ \t]{1,4})?\d{1,3}(?:[ \t]{0,4}(?:/|of)[ \t]{0,4}\d{1,3})?[ \t]{0,80}$",
    re.MULTILINE,
)


class Words(NamedTuple):
    """Words in their order; ``starts`` and ``ends``: where each stands in the text."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def words_of(text: str, *, pages: bool = False) -> Words:
    """The words of a text without case, punctuation, marks of lists and layout, link targets and statements of copyright.

    Of a text that is longer than ``MOST_WORDS`` words, the first. ``pages``: the text was set in pages (PDF); words that are divided at
    the end of a line are joined, and numbers of pages are left out.
    """
    folded = in_small_letters(text)
    if pages:
        folded = _PAGE_NUMBER.sub(_blank, folded)
    front = _FRONT_MATTER.match(folded)
    if front:
        folded = " " * front.end() + folded[front.end() :]
    folded = _MARKUP.sub(_blank, folded)
    folded = (_SET_STATEMENT if pages else _STATEMENT).sub(_blank_statement, folded)
    folded = _SIGN.sub(_blank, _LIST_MARK.sub(_blank, folded))
    words, starts, ends = [], [], []
    for match in (_SET_WORD if pages else _WORD).finditer(folded):
        words.append(unicodedata.normalize("NFKC", _HYPHEN.sub("", match[0])))
        starts.append(match.start())
        ends.append(match.end())
        if len(words) == MOST_WORDS:
            break
    return Words(tuple(words), tuple(starts), tuple(ends))


def in_small_letters(text: str) -> str:
    """The text in small letters, each where its capital stood."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)


def digest_of(words: Sequence[str]) -> bytes:
    """The digest of words in their order."""
    return blake2b(" ".join(words).encode(), digest_size=DIGEST_BYTES).digest()


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _blank_statement(match: re.Match[str]) -> str:
    words = _WORD.findall(match[0])
    if len(words) > MOST_STATEMENT_WORDS or TELLING.search(match[0]):
        return match[0]
    return " " * len(match[0])
