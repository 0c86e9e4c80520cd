"""Whether a text is a licence word for word, and where it departs from the one that it is nearest to."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import Any, NamedTuple

from qistas.evaluations.openness.licence_texts import HASH_BYTES, SHINGLE_WORDS, Licence, library, shingles
from qistas.evaluations.openness.licence_words import TELLING, Words, digest_of, words_of

# Below this share of common five-word runs (Dice), a text is not near the licence but another text.
LEAST_LIKENESS = 0.5
# A title and a holder's name may stand around a licence; more is an addition to it.
MOST_TITLE_WORDS = 16
_TITLE_WORDS = frozenset(
    ["the", "license", "licence", "agreement", "version", "terms", "text", "full", "of", "for", "and"]
)
MOST_SPANS = 40
# A text that begins a licence again and again is not compared for ever; more licences than this fill no honest file.
MOST_COMPARED_WORDS = 1_000_000


class Variant(NamedTuple):
    """One accepted wording of a licence: the hash of its first run, how many words, and the digest of them all."""

    licence: int
    first: bytes
    words: int
    digest: bytes


class Known(NamedTuple):
    """The fingerprints: licences, their accepted wordings by first run, and the runs of each.

    ``osi``, ``fsf``, ``not_fsf``, ``listed``: identifiers by what SPDX says of them.
    """

    licences: tuple[Licence, ...]
    variants: dict[bytes, tuple[Variant, ...]]
    runs: tuple[frozenset[bytes], ...]
    osi: frozenset[str]
    fsf: frozenset[str]
    not_fsf: frozenset[str]


class Found(NamedTuple):
    """A licence that stands in a text word for word, from one word to another (exclusive)."""

    licence: Licence
    start: int
    end: int


class Span(NamedTuple):
    """Words of a text, from one to another (exclusive), that are not those of the licence; empty where words are missing."""

    start: int
    end: int


class Near(NamedTuple):
    """The nearest licence: ``likeness`` 0-1 (Dice over runs of five words) and the words that differ.

    ``inside``: some of them stand where the licence itself does (or words of it are missing), not only around it.
    """

    licence: Licence
    likeness: float
    spans: tuple[Span, ...]
    inside: bool


@cache
def known() -> Known:
    """The fingerprints that come with Qistas (built by ``tools/fingerprint_licence_words.py``)."""
    packed = json.loads(files("qistas.evaluations.openness").joinpath("licence_exact.json").read_bytes())
    base = library()
    by_id = dict(zip((licence.id for licence in base.licences), base.shingles, strict=True))
    licences, variants, runs = [], [], _runs(packed)
    for index, record in enumerate(packed["licences"]):
        licences.append(Licence(record["id"], record["name"], record["id"] in base.open_ids))
        variants += [
            Variant(index, bytes.fromhex(first), words, bytes.fromhex(digest))
            for first, words, digest in record["wordings"]
        ]
        runs[index] |= by_id.get(record["id"], frozenset())
    by_first: dict[bytes, tuple[Variant, ...]] = {}
    for variant in sorted(variants, key=lambda variant: -variant.words):
        by_first[variant.first] = (*by_first.get(variant.first, ()), variant)
    flags = packed["spdx"]
    return Known(
        tuple(licences),
        by_first,
        tuple(map(frozenset, runs)),
        frozenset(flags["osi"]),
        frozenset(flags["fsf"]),
        frozenset(flags["not_fsf"]),
    )


def _runs(packed: dict[str, Any]) -> list[set[bytes]]:
    """The packaged runs of every licence."""
    runs: list[set[bytes]] = [set() for _ in packed["licences"]]
    for group in packed["groups"]:
        blob = base64.b64decode(group["hashes"])
        members = {blob[i : i + HASH_BYTES] for i in range(0, len(blob), HASH_BYTES)}
        for index in group["licences"]:
            runs[index] |= members
    return runs


@lru_cache(maxsize=128)
def runs_of(words: tuple[str, ...]) -> tuple[bytes, ...]:
    """The hash of every run of five words."""
    return tuple(shingles(words))


def standing_in(words: Words, starts: Sequence[int] | None = None) -> tuple[Found, ...]:
    """The licences that stand whole in a text, word for word, in their order; ``starts``: the words to look from (all)."""
    fingerprints = known()
    runs = runs_of(words.words)
    found: list[Found] = []
    end, left = 0, MOST_COMPARED_WORDS
    for start in range(len(runs)) if starts is None else starts:
        if start < end or start >= len(runs):
            continue
        for variant in fingerprints.variants.get(runs[start], ()):
            left -= variant.words
            if left < 0:
                return tuple(found)
            if digest_of(words.words[start : start + variant.words]) == variant.digest:
                end = start + variant.words
                found.append(Found(fingerprints.licences[variant.licence], start, end))
                break
    return tuple(found)


def added(words: Words, found: Sequence[Found]) -> tuple[Span, ...]:
    """What stands around the licences of a text, a title left out."""
    edges = [0, *(edge for one in found for edge in (one.start, one.end)), len(words.words)]
    licences = [one.licence for one in found]
    spans = (Span(edges[i], edges[i + 1]) for i in range(0, len(edges), 2))
    return tuple(span for span in spans if span.end > span.start and not _is_title(words, span, licences))


def _is_title(words: Words, span: Span, licences: Sequence[Licence]) -> bool:
    here = words.words[span.start : span.end]
    if len(here) > MOST_TITLE_WORDS:
        return False
    if span.start == 0 and "copyright" in here:
        # A title and a holder on the line on which the licence begins.
        place = here.index("copyright")
        return not TELLING.search(" ".join(here[place:])) and _is_title(words, Span(0, place), licences)
    named = {word for one in licences for word in words_of(f"{one.id} {one.name}").words}
    return set(here) <= named | _TITLE_WORDS | {"spdx", "identifier"}


def nearest(words: Words) -> Near | None:
    """The licence with which a text has most in common, if it has enough in common with any."""
    fingerprints = known()
    hashes = runs_of(words.words)
    present = set(hashes)
    best, likeness = -1, 0.0
    for index, runs in enumerate(fingerprints.runs):
        value = 2 * len(present & runs) / (len(present) + len(runs)) if present else 0.0
        if value > likeness:
            best, likeness = index, value
    if likeness < LEAST_LIKENESS:
        return None
    licence = fingerprints.licences[best]
    spans = tuple(
        span
        for span in _differing(hashes, fingerprints.runs[best], len(words.words))
        if span.start or not _is_title(words, span, (licence,))
    )
    body = _body(hashes, fingerprints, best)
    inside = body.end > len(words.words) or any(
        _meets(span, body) and not _is_date(words, span) for span in spans
    )
    return Near(licence, likeness, spans[:MOST_SPANS], inside)


def _body(hashes: Sequence[bytes], fingerprints: Known, index: int) -> Span:
    """Where the most of a licence stands: as many words as its shortest wording has, with the title that it may bear."""
    lengths = [
        variant.words
        for variants in fingerprints.variants.values()
        for variant in variants
        if variant.licence == index
    ]
    least = min(lengths)
    length = max(words for words in lengths if words <= least + MOST_TITLE_WORDS)
    runs = fingerprints.runs[index]
    sums = [0, *accumulate(run in runs for run in hashes)]
    last = max(0, len(hashes) - length)
    start = max(range(last + 1), key=lambda at: sums[min(at + length, len(hashes))] - sums[at])
    covered = next((at for at in range(start, len(hashes)) if hashes[at] in runs), start)
    return Span(covered, covered + length)


def _meets(span: Span, body: Span) -> bool:
    return span.start < body.end and span.end > body.start


def _is_date(words: Words, span: Span) -> bool:
    """A year or a version in a title: no clause."""
    return span.end <= MOST_TITLE_WORDS and all(word.isdigit() for word in words.words[span.start : span.end])


def _differing(hashes: Sequence[bytes], runs: frozenset[bytes], words: int) -> Iterator[Span]:
    """Between two runs that the licence has: the words that neither covers, or, if they touch, the seam."""
    covered, inside = 0, False
    for start, run in enumerate(hashes):
        if run not in runs:
            inside = True
            continue
        if inside:
            yield Span(min(covered, start), start) if start > covered else Span(start, start)
        covered, inside = start + SHINGLE_WORDS, False
    if covered < words:
        yield Span(covered, words)
