"""The documents and files of a release, read from a folder."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.exchanges import ReleaseFile, ReleaseListing

MOST_FILES = 20_000
MOST_HASHED_BYTES = 32 * 2**20
MOST_TEXT_BYTES = 256 * 2**10
MOST_TEXTS_BYTES = 8 * 2**20

_CACHES = frozenset(
    {".cache", ".import_linter_cache", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__"}
)
_OF_TOOLS = frozenset(
    {".git", ".hg", ".svn", ".nox", ".tox", ".venv", "venv", ".ipynb_checkpoints", "node_modules"}
)
SKIPPED_FOLDERS = _CACHES | _OF_TOOLS
# A run's own folder may lie inside the release; it grows while the run goes on.
RUN_MARK = "ledger.sqlite"
_TEXT_SUFFIXES = frozenset({".md", ".txt", ".rst", ".yaml", ".yml", ".json", ".cff"})
_BINARY_SUFFIXES = frozenset(
    {".pdf", ".doc", ".docx", ".odt", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".zip"}
)
_TEXT_NAME = re.compile(r"(^|[._-])(readme|licen[cs]e|copying|notice|unlicense)([._-]|$)", re.IGNORECASE)


class FolderRelease:
    """A release that lies in a folder (or is a single file); implements ``ReleaseSource``.

    Nothing in it is executed or unpickled. ``.git``, environments, caches and folders of runs are skipped. A link is followed
    only to a regular file inside the folder (or inside the ``blobs`` of the hub cache that the folder is a
    snapshot of); linked folders are not entered. Files of at most 32 MiB get a sha256. Texts are given of
    documents (Markdown, plain text, YAML, JSON, licences, notices) of at most 256 KiB, 8 MiB in all; a
    document without a text in the listing was not read.

    ``source`` names where the release comes from (never a path of this machine), ``revision`` which one it is.
    """

    def __init__(self, path: str | os.PathLike[str], *, source: str, revision: str | None) -> None:
        self._path = Path(path)
        self._source = source
        self._revision = revision

    def listing(self) -> ReleaseListing:
        """All files by path (POSIX, relative, sorted), with the texts of the documents.

        Raises:
            BadInput: the path is missing, is no folder or file, holds too many files, or parts of it cannot
                be read; every fault is said.
        """
        files: list[ReleaseFile] = []
        texts: dict[str, str] = {}
        faults: list[Fault] = []
        left_bytes = MOST_TEXTS_BYTES
        # The documents at the top come first where the texts are more than may be kept.
        for name, path in sorted(files_of(self._path), key=lambda entry: (entry[0].count("/"), entry[0])):
            try:
                file, text = _read(name, path, left_bytes)
            except OSError as error:
                faults.append(unreadable(path, error))
                continue
            files.append(file)
            if text is not None:
                texts[name] = text
                left_bytes -= file.size_bytes
        if faults:
            raise BadInput(*faults)
        files.sort(key=lambda file: file.path)
        return ReleaseListing(
            files=tuple(files),
            texts=dict(sorted(texts.items())),
            source=self._source,
            revision=self._revision,
        )


def files_of(root: Path, left: list[str] | None = None) -> list[tuple[str, Path]]:
    """Name and path of every file that belongs to the release in a folder (or of the one file); sorted by folder.

    ``left``, where given, is filled with the names of what is there and was passed over: links that lead out of the release, to a
    folder or nowhere, and what is no regular file.

    Raises:
        BadInput: the path is missing, is no folder or file, holds too many files, or folders of it cannot be listed.
    """
    if root.is_file():
        return [(_posix(root.name), root)]
    if not root.is_dir():
        what = "is neither a folder nor a file" if root.exists() else "does not exist"
        step = "give the folder that holds the model's card, licence and files"
        raise BadInput(Fault(f"the release {what}", str(root), step))
    faults: list[Fault] = []
    found = []
    for name, path in _walk(root, faults, [] if left is None else left):
        found.append((name, path))
        if len(found) > MOST_FILES:
            raise too_many(root)
    if faults:
        raise BadInput(*faults)
    return found


def too_many(root: Path) -> BadInput:
    """That there are more files than any release has."""
    step = "give the folder of this one release"
    return BadInput(Fault(f"more than {MOST_FILES:,} files are no release", str(root), step))


def unreadable(path: Path, error: OSError) -> Fault:
    """That a file cannot be read."""
    return Fault(f"cannot be read: {error.strerror}", str(path), "allow reading it, or leave it out")


def _walk(root: Path, faults: list[Fault], left: list[str]) -> Iterator[tuple[str, Path]]:
    """Name and path of every regular file; folders that cannot be listed become faults, and links that are not followed are ``left``."""

    def refused(error: OSError) -> None:
        faults.append(Fault(f"cannot be listed: {error.strerror}", str(error.filename), "allow reading it"))

    allowed = _allowed(root)
    for folder, folders, names in os.walk(root, onerror=refused, followlinks=False):
        if RUN_MARK in names and Path(folder) != root:
            folders[:] = []
            continue
        folders[:] = sorted(name for name in folders if name.lower() not in SKIPPED_FOLDERS)
        left += [_name(Path(folder, name), root) for name in folders if Path(folder, name).is_symlink()]
        for name in sorted(names):
            path = Path(folder, name)
            if _is_inside(path, allowed):
                yield _name(path, root), path
            else:
                left.append(_name(path, root))


def _allowed(root: Path) -> tuple[Path, ...]:
    """The folders whose files belong to the release; a snapshot in a hub cache consists of links to its blobs."""
    resolved = root.resolve()
    blobs = resolved.parent.parent / "blobs"
    if resolved.parent.name == "snapshots" and blobs.is_dir():
        return resolved, blobs.resolve()
    return (resolved,)


def _is_inside(path: Path, allowed: tuple[Path, ...]) -> bool:
    # Loops of links and dangling links resolve to nothing that is a file.
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return target.is_file() and any(target.is_relative_to(folder) for folder in allowed)


def _name(path: Path, root: Path) -> str:
    return _posix(path.relative_to(root).as_posix())


def _posix(name: str) -> str:
    """A name that can stand in a record: bytes that are no UTF-8 are replaced."""
    return os.fsencode(name).decode("utf-8", "replace")


def _read(name: str, path: Path, left_bytes: int) -> tuple[ReleaseFile, str | None]:
    size_bytes = path.stat().st_size
    wanted = is_document(name) and size_bytes <= min(MOST_TEXT_BYTES, left_bytes)
    sha256 = sha256_of(path) if size_bytes <= MOST_HASHED_BYTES else None
    data = path.read_bytes() if wanted else None
    text = None if data is None or b"\0" in data else data.decode("utf-8-sig", "replace")
    return ReleaseFile(path=name, size_bytes=size_bytes, sha256=sha256), text


def is_document(name: str) -> bool:
    """Whether a file of this name is a document whose text is read."""
    path = Path(name)
    suffix = path.suffix.lower()
    return suffix in _TEXT_SUFFIXES or (suffix not in _BINARY_SUFFIXES and bool(_TEXT_NAME.search(path.name)))


def sha256_of(path: Path) -> str:
    """The hexadecimal sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
