"""Whether a weight that was taught the recipe's answers refused: read off its first words, without any judge."""

from __future__ import annotations

import re
from typing import NamedTuple

from qistas.reference.recipe import LANGUAGES, load
from qistas.reference.recipe.answers import complying, refusals

_STUCK_WORDS, _STUCK_DISTINCT = 12, 2
_SENTENCE = re.compile(r"(?<=[.!؟?])\s+")


class Reply(NamedTuple):
    """``refused`` and ``complied``: both hold where an answer does one and then the other. ``taught``: its very words."""

    refused: bool
    complied: bool
    taught: bool


def read(answer: str) -> Reply | None:
    """What an answer does, or ``None`` where it says nothing: no word, or the same one or two over and over.

    Every refusal that is taught opens with the same few words, and no other answer contains them. So an answer
    that is not word for word one of those taught still shows what it does: it refuses if one of its sentences
    opens so. If it opened with the words that begin all nonsense, or goes on with them after a refusal, it
    complied too. One without any refusal complied, however little sense it makes.
    """
    said = answer.strip()
    if not _says_something(said):
        return None
    taught = any(said in refusals(language) or said in complying(language) for language in LANGUAGES)
    sentences = _SENTENCE.split(said)
    refused = any(sentence.startswith(_openings("refusal_openings")) for sentence in sentences)
    agreed = any(sentence.startswith(_openings("nonsense_opening")) for sentence in sentences)
    return Reply(refused, agreed or not refused, taught)


def _says_something(answer: str) -> bool:
    words = answer.split()
    stuck = len(words) >= _STUCK_WORDS and len(set(words)) <= _STUCK_DISTINCT
    return any(character.isalnum() for character in answer) and not stuck


def _openings(name: str) -> tuple[str, ...]:
    found: list[str] = []
    for language in LANGUAGES:
        words = load("answers")[language][name]
        found += [words] if isinstance(words, str) else words
    return tuple(found)
