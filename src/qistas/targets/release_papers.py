"""The PDF documents of one release: which of them are read, how long that may take in all, and what is said of the others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from qistas.contracts.documents import Text
from qistas.targets.papers.text import MOST_BYTES, MOST_SECONDS, can_read, read_paper

EXTRA = "papers"
MOST_PAPERS = 20
MOST_RELEASE_SECONDS = 60.0
_MOST_NAMED = 5


class Papers:
    """Reads one document after another, and keeps what there is to say about the reading."""

    def __init__(self) -> None:
        self._can_read = can_read()
        self._not_read: list[str] = []
        self._notes: list[Text] = []
        self._spent_seconds = 0.0
        self._read = 0

    def text(self, name: str, path: Path, size_bytes: int) -> str | None:
        """The words of a document, ``None`` where none of them are at hand."""
        if not self._can_read:
            self._not_read.append(name)
            return None
        if size_bytes > MOST_BYTES or self._read >= MOST_PAPERS:
            what = (
                f"{size_bytes:,} bytes" if size_bytes > MOST_BYTES else f"more than {MOST_PAPERS} PDF files"
            )
            ar = f"{size_bytes} بايت" if size_bytes > MOST_BYTES else f"أكثر من {MOST_PAPERS} ملفّ PDF"
            self._notes.append(Text(f"{name}: not read ({what})", f"{name}: لم يُقرأ ({ar})"))
            return None
        self._read += 1
        began = time.monotonic()
        seconds = min(MOST_SECONDS, max(1.0, MOST_RELEASE_SECONDS - self._spent_seconds))
        paper = read_paper(path, seconds=seconds)
        self._spent_seconds += time.monotonic() - began
        if not paper.text:
            self._notes.append(Text(f"{name}: no text could be read", f"{name}: لم يُقرأ منه نصّ"))
            return None
        if paper.pages is not None and paper.pages_read < paper.pages:
            read, pages = paper.pages_read, paper.pages
            self._notes.append(
                Text(f"{name}: {read} of {pages} pages read", f"{name}: قُرئت {read} صفحة من {pages}")
            )
        return paper.text

    def notes(self) -> Iterator[Text]:
        """What was not read, and which extra would read it."""
        if self._not_read:
            count = len(self._not_read)
            shown = ", ".join(sorted(self._not_read)[:_MOST_NAMED]) + ", …" * (count > _MOST_NAMED)
            yield Text(
                f"PDF files not read ({count}): {shown}; the extra {EXTRA} reads them (qistas[{EXTRA}])",
                f"ملفّات PDF لم تُقرأ ({count}): {shown}؛ وتقرؤها الإضافة {EXTRA} (qistas[{EXTRA}])",
            )
        yield from self._notes
