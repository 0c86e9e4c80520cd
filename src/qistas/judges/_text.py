"""Text as the rules read it: folded for matching, with the way back to the reader's own characters."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

_LETTER_FOLDS = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ة": "ه",
        "ؤ": "و",
        "ئ": "ي",
        "‘": "'",
        "’": "'",
        "ʼ": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "−": "-",
        "٫": ".",
        "٬": ",",
        "٪": "%",
    }
)
_TATWEEL = "ـ"
_MARKUP = frozenset("*_#>")
_SENTENCE_END = re.compile(r"(?<=[.!?؟;؛])\s+|\n+")


class Folded(NamedTuple):
    """``text`` is what patterns see; ``origins[i]`` is where its character ``i`` stands in ``raw``."""

    text: str
    origins: tuple[int, ...]
    raw: str

    def original(self, start: int, end: int) -> str | None:
        """The reader's own characters behind ``text[start:end]``; None for an empty stretch."""
        if start >= end:
            return None
        return self.raw[self.origins[start] : self.origins[end - 1] + 1]


@cache
def _fold_character(character: str) -> str:
    """One character as patterns see it: maybe nothing, maybe several characters."""
    if character == _TATWEEL or character in _MARKUP:
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    pieces = unicodedata.normalize("NFKD", character.translate(_LETTER_FOLDS))
    kept = "".join(piece for piece in pieces if unicodedata.category(piece) not in ("Mn", "Cf", "Cc"))
    if not kept and character in "\n\r\t":
        return "\n" if character != "\t" else " "
    return kept.casefold().translate(_LETTER_FOLDS)


def fold(text: str) -> Folded:
    """Case, diacritics, tatweel, alef, ya, ta marbuta and hamza forms, quotes, digits and Markdown marks folded.

    Runs of blanks become one blank, runs of line ends one line end. Display keeps the author's spelling:
    the result carries the way back.
    """
    characters: list[str] = []
    origins: list[int] = []
    for position, character in enumerate(text):
        for piece in _fold_character(character):
            shown = piece if piece == "\n" or not piece.isspace() else " "
            if shown.isspace() and (not characters or characters[-1].isspace()):
                if shown == "\n" and characters:
                    characters[-1] = "\n"
                continue
            characters.append(shown)
            origins.append(position)
    while characters and characters[-1].isspace():
        characters.pop()
        origins.pop()
    return Folded("".join(characters), tuple(origins), text)


def sentences(folded: str) -> list[tuple[int, int]]:
    """Where each sentence of a folded text starts and ends; a line end closes a sentence too."""
    bounds: list[tuple[int, int]] = []
    start = 0
    for gap in _SENTENCE_END.finditer(folded):
        if gap.start() > start:
            bounds.append((start, gap.start()))
        start = gap.end()
    if start < len(folded):
        bounds.append((start, len(folded)))
    return bounds


def is_garbage(folded: str) -> bool:
    """Nothing a reader could judge: no letter and no digit, or the same one or two words over and over."""
    words = re.findall(r"\w+", folded)
    if not words:
        return True
    return len(words) >= 12 and len(set(words)) <= 2
