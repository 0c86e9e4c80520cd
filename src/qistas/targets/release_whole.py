"""Everything that a release shows of its openness: files at hand and listed, documents, what inspection found."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from qistas.contracts.documents import Text
from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.exchanges import FileInspection, ReleaseFile, ReleaseListing
from qistas.targets import release
from qistas.targets.papers.text import is_paper
from qistas.targets.release_documents import decoded, most_bytes, rank_of
from qistas.targets.release_git import commit_of
from qistas.targets.release_papers import Papers
from qistas.targets.release_passed_over import is_unreadable, passed_over
from qistas.targets.release_tree import MOST_TREE_BYTES, TREE, Listed, parse_tree

MOST_TEXTS_BYTES = 16 * 2**20
_MOST_NAMED = 5

MOST_INSPECTION_SECONDS = 120.0
_MOST_FILE_SECONDS = 10.0


class Inspect(Protocol):
    """What looks at the bytes of a file (``qistas.targets.inspection``)."""

    def __call__(self, path: Path, name: str, /, *, sha256: str | None, seconds: float) -> FileInspection:
        """What the file shows; what could not be read within ``seconds`` is said in its faults."""


class WholeRelease:
    """A release in a folder, with all that openness is judged by; implements ``ReleaseSource``.

    As ``FolderRelease`` reads it, and beyond that

    - more documents: also HTML, LaTeX, BibTeX, TOML, AsciiDoc and templates; prose up to 2 MiB a file, data (JSON, YAML, TOML,
      templates) up to 256 KiB, 16 MiB in all; prose at the top comes first;
    - papers: the words of PDF files (see ``papers.text``), where the extra ``papers`` is installed; lines are those of the words;
    - ``inspections``: what ``inspect`` finds in the bytes of every file that is no prose, 10 s a file and 120 s in all;
    - a file list: ``TREE.txt`` at the top (see ``release_tree``) is no part of the release. What it names and what is
      not in the folder is in ``files`` with the size that it gives, 0 where it gives none, and in ``listed_only``;
    - ``revision``: the commit of a git checkout, or of a snapshot in the cache of a hub.

    ``notes``, filled by ``listing``: where the file list and the files at hand disagree, PDF files that were not read or not wholly, links that
    were not followed, names that are no UTF-8, and documents that are too large to be read.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, source: str, revision: str | None = None, inspect: Inspect
    ) -> None:
        self._path = snapshot_in(Path(path))
        self._source = source
        self._revision = revision
        self._inspect = inspect
        self.notes: tuple[Text, ...] = ()

    def listing(self) -> ReleaseListing:
        """All files by path (POSIX, relative, sorted).

        Raises:
            BadInput: the path is missing, is no folder or file, holds too many files, parts of it cannot be read, or
                its file list is none; every fault is said.
        """
        faults: list[Fault] = []
        left: list[str] = []
        found = _named_apart(release.files_of(self._path, left))
        listed = self._listed(found, faults)
        reader = _Reader(self._inspect, faults)
        for name, path in sorted(found.items(), key=_order):
            reader.read(name, path)
        if faults:
            raise BadInput(*faults)
        elsewhere = {name: entry for name, entry in listed.items() if name not in reader.files}
        if len(reader.files) + len(elsewhere) > release.MOST_FILES:
            raise release.too_many(self._path)
        disagreeing = _notes(listed, reader.files) if listed else ()
        self.notes = (
            *disagreeing,
            *reader.papers.notes(),
            *passed_over(
                left, [name for name, path in found.items() if is_unreadable(path)], reader.too_large
            ),
        )
        files = reader.files | {
            name: ReleaseFile(path=name, size_bytes=entry.size_bytes or 0)
            for name, entry in elsewhere.items()
        }
        return ReleaseListing(
            files=tuple(files[name] for name in sorted(files)),
            texts=dict(sorted(reader.texts.items())),
            source=self._source,
            revision=self._revision or revision_of(self._path),
            inspections=tuple(sorted(reader.inspections, key=lambda one: one.path)),
            listed_only=tuple(sorted(elsewhere)),
        )

    def _listed(self, found: dict[str, Path], faults: list[Fault]) -> dict[str, Listed]:
        """What the file list names; it is taken out of what was found."""
        path = found.pop(TREE, None) if self._path.is_dir() else None
        if path is None:
            return {}
        try:
            size_bytes = path.stat().st_size
            if size_bytes > MOST_TREE_BYTES:
                what = f"has {size_bytes:,} bytes; a file list has at most {MOST_TREE_BYTES:,}"
                faults.append(Fault(what, str(path), "give the list of this one release"))
                return {}
            text = path.read_bytes().decode("utf-8-sig", "replace")
        except OSError as error:
            faults.append(release.unreadable(path, error))
            return {}
        listed, wrong = parse_tree(text, str(path))
        faults += wrong
        return listed


class _Reader:
    """Reads one file after another, and keeps count of how much text there is."""

    def __init__(self, inspect: Inspect, faults: list[Fault]) -> None:
        self.files: dict[str, ReleaseFile] = {}
        self.texts: dict[str, str] = {}
        self.inspections: list[FileInspection] = []
        self.papers = Papers()
        self._inspect = inspect
        self._faults = faults
        self.too_large: list[str] = []
        self._left_bytes = MOST_TEXTS_BYTES
        self._spent_seconds = 0.0

    def read(self, name: str, path: Path) -> None:
        try:
            size_bytes = path.stat().st_size
            rank = rank_of(name)
            if rank is not None and size_bytes <= most_bytes(rank):
                self._document(name, path)
            else:
                self._other(name, path, size_bytes)
                if rank is not None:
                    self.too_large.append(name)
            if is_paper(name):
                self._keep(name, self.papers.text(name, path, size_bytes))
            if rank != 0 or name not in self.texts:
                self._look(path, name)
        except OSError as error:
            self._faults.append(release.unreadable(path, error))

    def _look(self, path: Path, name: str) -> None:
        """A file made to be slow costs the time of the files after it, not that of whoever waits."""
        left_seconds = MOST_INSPECTION_SECONDS - self._spent_seconds
        began = time.monotonic()
        seconds = max(0.0, min(_MOST_FILE_SECONDS, left_seconds))
        self.inspections.append(self._inspect(path, name, sha256=self.files[name].sha256, seconds=seconds))
        self._spent_seconds += time.monotonic() - began

    def _document(self, name: str, path: Path) -> None:
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        self.files[name] = ReleaseFile(path=name, size_bytes=len(data), sha256=sha256)
        self._keep(name, decoded(data))

    def _keep(self, name: str, text: str | None) -> None:
        if text is None:
            return
        size_bytes = len(text.encode())
        if size_bytes > self._left_bytes:
            self.too_large.append(name)
            return
        self.texts[name] = text
        self._left_bytes -= size_bytes

    def _other(self, name: str, path: Path, size_bytes: int) -> None:
        sha256 = release.sha256_of(path) if size_bytes <= release.MOST_HASHED_BYTES else None
        self.files[name] = ReleaseFile(path=name, size_bytes=size_bytes, sha256=sha256)


def snapshot_in(path: Path) -> Path:
    """The snapshot in a repository's folder of a hub cache: that of ``main``, or the only one; else the path itself."""
    snapshots = path / "snapshots"
    if not path.name.startswith(("models--", "datasets--")) or not snapshots.is_dir():
        return path
    main = path / "refs" / "main"
    named = main.read_text("utf-8", "replace").strip() if main.is_file() and main.stat().st_size < 200 else ""
    if is_commit(named) and (snapshots / named).is_dir():
        return snapshots / named
    there = [one for one in snapshots.iterdir() if one.is_dir()]
    if len(there) == 1:
        return there[0]
    step = f"give one of the folders in {snapshots}"
    raise BadInput(Fault(f"{len(there)} snapshots, and none is marked as main", str(path), step))


def revision_of(root: Path) -> str | None:
    """The commit of a checkout or of a snapshot in a hub cache."""
    folder = root.absolute()
    if folder.parent.name == "snapshots" and is_commit(folder.name):
        return folder.name
    return commit_of(root)


def is_commit(name: str) -> bool:
    """Whether a name is that of a commit."""
    return len(name) == 40 and all(mark in "0123456789abcdef" for mark in name)


def _order(entry: tuple[str, Path]) -> tuple[int, int, str]:
    """Prose before data, the top before what lies deeper: where not all texts may be kept, these are."""
    name, _ = entry
    return rank_of(name) or 0, name.count("/"), name


def _named_apart(found: list[tuple[str, Path]]) -> dict[str, Path]:
    """Files by name; names that are equal once their bytes were made UTF-8 get a number, so that none is lost."""
    names: dict[str, Path] = {}
    for name, path in found:
        number, free = 2, name
        while free in names:
            number, free = number + 1, f"{name} ({number})"
        names[free] = path
    return names


def _notes(listed: dict[str, Listed], files: dict[str, ReleaseFile]) -> Iterator[Text]:
    for name in sorted(listed.keys() & files.keys()):
        entry, size_bytes = listed[name], files[name].size_bytes
        if entry.size_bytes not in (None, size_bytes):
            there = f"{TREE}:{entry.line}"
            yield Text(
                f"{name}: {there} says {entry.size_bytes} bytes, the file at hand has {size_bytes}",
                f"{name}: حجمه في {there} هو {entry.size_bytes} بايت، وحجم الملفّ الحاضر {size_bytes}",
            )
    for name in sorted(_folders(listed) & files.keys() | _folders(files) & listed.keys()):
        yield Text(
            f"{name}: a folder and a file by that name, one in {TREE} and one at hand",
            f"{name}: مجلّد وملفّ بهذا الاسم، أحدهما في {TREE} والآخر حاضر",
        )
    unlisted = sorted(files.keys() - listed.keys())
    if unlisted:
        shown = ", ".join(unlisted[:_MOST_NAMED]) + (", …" if len(unlisted) > _MOST_NAMED else "")
        yield Text(
            f"at hand and not in {TREE} ({len(unlisted)}): {shown}",
            f"ملفّات حاضرة غير مذكورة في {TREE} ({len(unlisted)}): {shown}",
        )


def _folders(names: Iterable[str]) -> set[str]:
    return {name[: slash.start()] for name in names for slash in re.finditer("/", name)}
