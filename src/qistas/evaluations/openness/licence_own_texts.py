"""The licences' own texts, where they are at hand: the package ``licensedcode-data`` or a folder."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from qistas.contracts.openness import DifferingSpan
from qistas.evaluations.openness.licence_words import Words, words_of

# A comparison takes quadratic time at worst; what is longer is compared by fingerprints alone.
MOST_COMPARED_WORDS = 15_000
MOST_SHOWN_CHARACTERS = 300
_FRONT = re.compile(r"\A---\n.{0,8000}?\n---\n", re.DOTALL)
_KEY = re.compile(r"^spdx_license_key:[ \t]*(\S{1,100})", re.MULTILINE)


class OwnTexts:
    """Texts of licences by identifier, from a folder of LicenseDB files (``KEY.LICENSE``, ``KEY.txt`` or ``KEY.json``).

    Files are found when the first text is asked for; a file without an SPDX key is known by its name.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def installed(cls) -> OwnTexts | None:
        """Those of the package ``licensedcode-data`` (extra ``licences``); ``None`` where it is not installed."""
        found = find_spec("licensedcode")
        for place in (found.submodule_search_locations or ()) if found else ():
            folder = Path(place) / "data" / "licenses"
            if folder.is_dir():
                return cls(folder)
        return None

    @cached_property
    def _files(self) -> dict[str, Path]:
        files: dict[str, Path] = {}
        for path in sorted(self._folder.iterdir()):
            if path.suffix in {".LICENSE", ".txt", ".json"} and path.is_file():
                for identifier in _identifiers(path):
                    files.setdefault(identifier, path)
        return files

    def text(self, identifier: str) -> str | None:
        """The text of a licence, or ``None`` where it is not among them."""
        path = self._files.get(identifier.lower())
        if path is None:
            return None
        content = path.read_text(encoding="utf-8", errors="replace")
        return str(json.loads(content)["text"]) if path.suffix == ".json" else _FRONT.sub("", content)


def _identifiers(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        head = file.read(8_000)
    if path.suffix == ".json":
        found = re.search(r'"spdx_license_key":\s{0,5}"([^"]{1,100})"', head)
    else:
        found = _KEY.search(head)
    if found:
        identifier = found[1].lower()
        yield identifier
        yield re.sub(r"-(?:only|or-later)$", "", identifier)
        yield identifier.removeprefix("licenseref-scancode-")
    yield path.stem.lower()


def differing(text: str, words: Words, own: str) -> tuple[DifferingSpan, ...]:
    """Where a text departs from the licence's own text, word by word; empty where it does not, or is too long to compare."""
    theirs = words_of(own)
    if max(len(words.words), len(theirs.words)) > MOST_COMPARED_WORDS:
        return ()
    matcher = difflib.SequenceMatcher(None, words.words, theirs.words, autojunk=False)
    return tuple(
        DifferingSpan(
            line=line_of(text, words, start),
            found=slice_of(text, words, start, end),
            expected=slice_of(own, theirs, low, high),
        )
        for tag, start, end, low, high in matcher.get_opcodes()
        if tag != "equal"
    )


def slice_of(text: str, words: Words, start: int, end: int) -> str:
    """The words from ``start`` to ``end`` as they stand, on one line, cut at ``MOST_SHOWN_CHARACTERS``."""
    if start >= end:
        return ""
    return " ".join(text[words.starts[start] : words.ends[end - 1]].split())[:MOST_SHOWN_CHARACTERS]


def line_of(text: str, words: Words, position: int) -> int:
    """The line, from 1, of a word; of the last word for a position behind it."""
    if not words.starts:
        return 1
    return text.count("\n", 0, words.starts[min(position, len(words.starts) - 1)]) + 1
