"""Releases made of texts, and what their lineage says."""

from __future__ import annotations

from qistas.contracts.exchanges import FileInspection, ReleaseFile, ReleaseListing
from qistas.contracts.openness import Lineage
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.record import ReleaseRecord


def release(source: str, card: str = "", *inspections: FileInspection, **more: str) -> ReleaseRecord:
    """A release with a card and, by file name with ``__`` for a point, other documents."""
    texts = {"README.md": card} | {name.replace("__", "."): text for name, text in more.items()}
    files = tuple(ReleaseFile(path=path, size_bytes=len(text)) for path, text in texts.items())
    listing = ReleaseListing(files=files, texts=texts, source=source, inspections=inspections)
    return ReleaseRecord(listing, read_licences(ReleaseRecord(listing)))


def front(*lines: str) -> str:
    return "---\n" + "\n".join(lines) + "\n---\n# Title\n"


def said(made: Lineage) -> list[tuple[str, str, str]]:
    return [(edge.child, edge.relation, edge.parent) for edge in made.edges]
