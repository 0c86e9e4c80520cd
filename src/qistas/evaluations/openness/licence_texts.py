"""Which licence a text is, decided by its words: fingerprints instead of file names or tags."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Literal, NamedTuple

SHINGLE_WORDS = 5
HASH_BYTES = 4

# What a text may differ by and still be the licence: a fifth may be missing (an appendix, a paragraph),
# a title or a holder's name may be added. A different *number* is a different licence.
LEAST_COVERAGE = 0.8
MOST_EXTRA_WORDS = 12
MOST_NEW_SHINGLES = 24
MOST_BREAKS = 4
LEAST_LEAD = 0.002
# Below this, naming the nearest licence says nothing.
LEAST_LIKENESS = 0.1
# A copyright statement names years and holders, which belong to nobody's licence text.
COPYRIGHT_WORDS = 12

_FRONT_MATTER = re.compile(r"\A\s*---\r?\n.*?\n---\r?\n", re.DOTALL)
_STATEMENT = "copyrightstatement"
_LIST_MARK = re.compile(r"(?<![\w.])\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)](?=\s)")
# "Copyright (c) 2020-2024", "© 2024", "Copyright [yyyy]"; not the word in running text.
_COPYRIGHT = re.compile(
    r"(?:copyright[\s,]*)?(?:\(c\)|©)(?:[\s,]*copyright)?(?:[\s,]*\d{4}(?:\s*[-–,]\s*(?:\d{4}|present))*)?"
    r"|copyright[\s,]*(?:\d{4}(?:\s*[-–,]\s*(?:\d{4}|present))*|(?=[\[<{]))"
)
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")


class Licence(NamedTuple):
    """A licence that is known by its text. ``id``: SPDX, or ``LicenseRef-…`` where SPDX has none."""

    id: str
    name: str
    open: bool


class Identified(NamedTuple):
    """What a text was found to be.

    ``status``: ``identified``; ``unknown`` (no licence that is known by its text, ``reason`` says how near
    the nearest is); ``ambiguous`` (several fit equally well). ``coverage``: how much of the licence's text
    (0-1) was found.
    """

    status: Literal["identified", "unknown", "ambiguous"]
    licence: Licence | None
    coverage: float
    reason: str


class Library(NamedTuple):
    """The packaged fingerprints; ``names`` gives for every accepted name, in small letters, the ids it may mean."""

    licences: tuple[Licence, ...]
    shingles: tuple[frozenset[bytes], ...]
    names: dict[str, tuple[str, ...]]
    open_ids: frozenset[str]


class _Fit(NamedTuple):
    licence: Licence
    coverage: float
    likeness: float
    common: int
    extra: tuple[str, ...]
    new: int
    breaks: int

    @property
    def fault(self) -> str | None:
        """Why the text is not this licence, or ``None`` where it is."""
        number = next((word for word in self.extra if any(c.isdigit() for c in word)), None)
        if number is not None:
            return f"it says {number!r} where {self.licence.name} does not"
        if "modified" in self.extra:
            return f"it calls itself a modified {self.licence.name}"
        if self.coverage < LEAST_COVERAGE:
            return f"{1 - self.coverage:.0%} of {self.licence.name} is missing"
        if len(self.extra) > MOST_EXTRA_WORDS or self.new > MOST_NEW_SHINGLES or self.breaks > MOST_BREAKS:
            return f"its wording differs from {self.licence.name} in {self.breaks} places"
        return None


def words(text: str) -> list[str]:
    """The words of a licence text, without case, punctuation, list marks, front matter and years of copyright."""
    folded = unicodedata.normalize("NFKC", _FRONT_MATTER.sub("", text, count=1)).lower()
    return _WORD.findall(_COPYRIGHT.sub(f" {_STATEMENT} ", _LIST_MARK.sub(" ", folded)))


def shingles(sequence: Sequence[str]) -> list[bytes]:
    """A hash of every run of ``SHINGLE_WORDS`` words, in order."""
    starts = range(len(sequence) - SHINGLE_WORDS + 1)
    runs = (" ".join(sequence[i : i + SHINGLE_WORDS]) for i in starts)
    return [blake2b(run.encode(), digest_size=HASH_BYTES).digest() for run in runs]


def library_bytes() -> bytes:
    """The packaged file of fingerprints, as it is."""
    return files("qistas.evaluations.openness").joinpath("licences.json").read_bytes()


@cache
def library() -> Library:
    """The fingerprints that come with Qistas (built by ``tools/fingerprint_licences.py``)."""
    packed = json.loads(library_bytes())
    licences = tuple(Licence(r["id"], r["name"], r["id"] in packed["open_ids"]) for r in packed["licences"])
    sets: list[set[bytes]] = [set() for _ in licences]
    for group in packed["groups"]:
        blob = base64.b64decode(group["hashes"])
        members = {blob[i : i + HASH_BYTES] for i in range(0, len(blob), HASH_BYTES)}
        for index in group["licences"]:
            sets[index] |= members
    names: dict[str, tuple[str, ...]] = {name: (identifier,) for name, identifier in packed["names"].items()}
    names |= {name: tuple(members) for name, members in packed["families"].items()}
    return Library(licences, tuple(map(frozenset, sets)), names, frozenset(packed["open_ids"]))


def identify(text: str, known: Library | None = None) -> Identified:
    """The licence that ``text`` is, or that it is none of those known, and why.

    A licence is never guessed: a text with other numbers, other wording in more than a few places, or more
    than a fifth of the licence missing is ``unknown``.
    """
    known = known or library()
    sequence = words(text)
    hashes = shingles(sequence)
    fits = sorted(_fits(sequence, hashes, known), key=lambda fit: (-fit.likeness, fit.licence.id))
    if not fits:
        return Identified(
            "unknown", None, 0.0, f"the text is like none of the {len(known.licences)} known licences"
        )
    good = [fit for fit in fits if fit.fault is None]
    if not good:
        return Identified(
            "unknown", None, fits[0].coverage, f"the text is not a known licence: {fits[0].fault}"
        )
    # Of near relatives, the one that explains more of the text; of two that explain the same, the fuller one.
    good.sort(key=lambda fit: (fit.common, fit.coverage), reverse=True)
    first = good[0]
    for other in good[1:]:
        if other.common == first.common and first.coverage - other.coverage < LEAST_LEAD:
            reason = f"{first.licence.name} and {other.licence.name} fit the text equally well"
            return Identified("ambiguous", None, first.coverage, reason)
    return Identified("identified", first.licence, first.coverage, f"the text is {first.licence.name}")


def named(name: str, known: Library | None = None) -> tuple[Licence, ...]:
    """The licences that a card's ``license:`` field may mean: none for an unknown name, several for a family."""
    known = known or library()
    by_id = {licence.id: licence for licence in known.licences}
    return tuple(
        by_id.get(identifier) or Licence(identifier, identifier, identifier in known.open_ids)
        for identifier in known.names.get(name.strip().lower(), ())
    )


def _fits(sequence: Sequence[str], hashes: Sequence[bytes], known: Library) -> Iterator[_Fit]:
    """How the text compares with every licence that is there to four fifths, and with the likeliest of all."""
    present = set(hashes)
    rough = [
        (2 * common / (len(present) + len(fingerprint)), common, licence, fingerprint)
        for licence, fingerprint in zip(known.licences, known.shingles, strict=True)
        if (common := len(present & fingerprint))
    ]
    likeliest = max((entry[0] for entry in rough), default=0.0)
    for likeness, common, licence, fingerprint in rough:
        there = common / len(fingerprint) >= LEAST_COVERAGE
        if there or (likeness == likeliest and likeness > LEAST_LIKENESS):
            yield _fit(licence, fingerprint, sequence, hashes, likeness, common)


def _fit(
    licence: Licence,
    fingerprint: frozenset[bytes],
    sequence: Sequence[str],
    hashes: Sequence[bytes],
    likeness: float,
    common: int,
) -> _Fit:
    free = _copyright_zone(sequence)
    covered = [False] * len(sequence)
    new, breaks, inside, done = 0, 0, False, 0
    for start, shingle in enumerate(hashes):
        end = start + SHINGLE_WORDS
        if shingle in fingerprint:
            for position in range(max(start, done), end):
                covered[position] = True
            inside, done = False, end
        elif not any(free[start:end]):
            new += 1
            breaks += not inside
            inside = True
    own_name = {"the", "license", "licence", *words(licence.id)}
    extra = tuple(
        word
        for word, is_covered, is_free in zip(sequence, covered, free, strict=True)
        if not is_covered and not is_free and word not in own_name
    )
    return _Fit(licence, common / len(fingerprint), likeness, common, extra, new, breaks)


def _copyright_zone(sequence: Sequence[str]) -> list[bool]:
    free, left = [], 0
    for word in sequence:
        left = COPYRIGHT_WORDS if word == _STATEMENT else left - 1
        free.append(left > 0)
    return free
