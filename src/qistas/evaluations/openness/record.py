"""A release as evidence: its files and documents, and the words in them, each with its place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from qistas.contracts.canonical import digest_bytes
from qistas.contracts.exchanges import FileInspection, ReleaseFile, ReleaseListing
from qistas.contracts.openness import LicenceReading, Quote
from qistas.evaluations.openness.release_texts import Document, read_document

MOST_QUOTED_CHARACTERS = 400


class Page:
    """One document of a release. Positions are characters of ``text``; lines count from 1."""

    def __init__(self, file: ReleaseFile | None, path: str, text: str, origin: str | None) -> None:
        self.path = path
        self.text = text
        self._origin = origin
        sha256 = file.sha256 if file is not None else None
        self.digest = f"sha256:{sha256}" if sha256 else digest_bytes(text.encode())

    @cached_property
    def parts(self) -> Document:
        """Front matter, headings and body."""
        return read_document(self.text)

    @property
    def fields(self) -> Mapping[str, Any]:
        """The front matter; empty where there is none."""
        return self.parts.fields

    @cached_property
    def _line_ends(self) -> list[int]:
        return [match.start() for match in re.finditer("\n", self.text)]

    def line_at(self, position: int) -> int:
        """The line of a character."""
        return bisect_right(self._line_ends, position - 1) + 1

    def quote(self, start: int, end: int) -> Quote:
        """The words from ``start`` to ``end``, verbatim, cut at ``MOST_QUOTED_CHARACTERS`` and before half a line end."""
        words = self.text[start : min(end, start + MOST_QUOTED_CHARACTERS)].rstrip("\r")
        return Quote(
            file=self.path, line=self.line_at(start), quote=words, digest=self.digest, origin=self._origin
        )

    def sentence(self, start: int, end: int) -> Quote:
        """The sentence (or line) around a found span: what a reader needs to see why it was taken."""
        floor, ceiling = max(0, start - 200), min(len(self.text), end + 200)
        before = max(
            (match.end() + floor for match in re.finditer(r"[.!?]\s|\n", self.text[floor:start])),
            default=floor,
        )
        after = re.search(r"[.!?](?=\s)|\n", self.text[end:ceiling])
        stop = end + after.end() if after else ceiling
        first = self.text[before:stop]
        begin = before + len(first) - len(first.lstrip())
        return self.quote(begin, max(end, before + len(first.rstrip())))


class ReleaseRecord:
    """Everything that a release shows, in the order of its paths. Two records of one listing are equal in all they say.

    ``licences`` is given once the licence texts were read (``licences.read_licences``).
    """

    def __init__(self, listing: ReleaseListing, licences: tuple[LicenceReading, ...] | None = None) -> None:
        self.listing = listing
        self.licences = licences or ()
        self.licences_were_read = licences is not None
        files = {file.path: file for file in listing.files}
        self.files: tuple[ReleaseFile, ...] = tuple(files[path] for path in sorted(files))
        self.pages: dict[str, Page] = {
            path: Page(files.get(path), path, text, listing.origins.get(path))
            for path, text in sorted(listing.texts.items())
        }
        self.inspections: tuple[FileInspection, ...] = listing.inspections

    def pages_named(self, pattern: str) -> Iterator[Page]:
        """The documents whose path has ``pattern`` in it, in any case."""
        found = re.compile(pattern, re.IGNORECASE)
        return (page for path, page in self.pages.items() if found.search(path))

    def files_named(self, pattern: str) -> Iterator[ReleaseFile]:
        """The files whose path has ``pattern`` in it, in any case; their bytes need not be at hand."""
        found = re.compile(pattern, re.IGNORECASE)
        return (file for file in self.files if found.search(file.path))

    def said(self, pattern: str, where: str = "", never: str = "") -> Iterator[Quote]:
        """Every sentence in which ``pattern`` is found, in the documents whose path has ``where`` in it.

        A sentence in which ``never`` is found is passed over.
        """
        wanted = re.compile(pattern, re.IGNORECASE | re.MULTILINE)
        refused = re.compile(never, re.IGNORECASE) if never else None
        for page in self.pages_named(where):
            for match in wanted.finditer(page.text):
                quote = page.sentence(match.start(), match.end())
                if refused is None or not refused.search(quote.quote):
                    yield quote

    def of_file(self, file: ReleaseFile) -> Quote:
        """That a file is there."""
        digest = f"sha256:{file.sha256}" if file.sha256 else None
        return Quote(file=file.path, line=0, quote=file.path, digest=digest)

    def of_field(self, page: Page, name: str) -> Quote:
        """A front-matter field as it is written."""
        match = re.search(rf"^{re.escape(name)}\s*:.*$", page.text, re.MULTILINE)
        return page.quote(match.start(), match.end()) if match else page.quote(0, 0)
