"""A file list that lies beside documents: what a release holds, where its files are not at hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product

import msgspec

from qistas.contracts.errors import Fault

TREE = "TREE.txt"
MOST_LISTED = 20_000
MOST_TREE_BYTES = 16 * 2**20
_MOST_NAME_CHARACTERS = 4_096
_STEP = "write lines as git ls-tree -r -l does, or one size and path each; comments begin with #"

# mode, kind, object, size (with -l), a tab, and the path.
_GIT = re.compile(r"[0-7]{6} (blob|tree|commit) [0-9a-f]{40,64}(?: +(\d{1,18}|-|BAD))?\t(.+)")
_SIZE_AND_PATH = re.compile(r" *(\d{1,18}|-|BAD)(?:\t(.+)| +(\S+) *)")
_PATH_ALONE = re.compile(r"[^\s#]+")
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


class Listed(msgspec.Struct, frozen=True):
    """A file that a list names; ``size_bytes`` is ``None`` where the list does not know it."""

    path: str
    size_bytes: int | None
    line: int


def parse_tree(text: str, where: str) -> tuple[dict[str, Listed], list[Fault]]:
    """The files of a list by path, and a fault for every line that is none.

    Read are the lines of ``git ls-tree -r`` with or without ``-l`` (folders and linked repositories are passed over),
    ``size path``, and a path alone, in which ``{a,b}`` stands for each. A size may be ``-`` or ``BAD`` (the
    object was not there). Blank lines and lines that begin with ``#`` are comments.
    """
    files: dict[str, Listed] = {}
    faults: list[Fault] = []
    for number, ended in enumerate(text.split("\n"), 1):
        line = ended.removesuffix("\r")
        if not line.strip() or line.startswith("#"):
            continue
        place = f"{where}:{number}"
        entries = _entries(line, number)
        if entries is None:
            faults.append(Fault(f"is no entry of a file list: {line[:80]!r}", place, _STEP))
            continue
        for entry in entries:
            if fault := _wrong(entry, files.get(entry.path), place):
                faults.append(fault)
            else:
                files.setdefault(entry.path, entry)
        if len(files) > MOST_LISTED:
            step = "give the list of this one release"
            return files, [*faults, Fault(f"more than {MOST_LISTED:,} files are no release", place, step)]
    return files, faults


def _entries(line: str, number: int) -> list[Listed] | None:
    """The files that a line names, none for a folder; ``None`` where it is no line of a list."""
    if found := _GIT.fullmatch(line):
        kind, size, path = found.groups()
        return [Listed(_unquoted(path), _size(size), number)] if kind == "blob" else []
    if found := _SIZE_AND_PATH.fullmatch(line):
        return [Listed(_unquoted(found[2] or found[3]), _size(found[1]), number)]
    if _PATH_ALONE.fullmatch(line):
        return [Listed(path, None, number) for path in islice(_expanded(line), MOST_LISTED + 1)]
    return None


def _size(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _unquoted(path: str) -> str:
    """A path as it is: git puts names with unusual characters in quotes, their bytes in octal."""
    if len(path) < 2 or not (path.startswith('"') and path.endswith('"')):
        return path

    def plain(found: re.Match[bytes]) -> bytes:
        mark = found[1]
        return bytes([int(mark, 8) & 255]) if len(mark) == 3 else _ESCAPES.get(mark, mark)

    return _ESCAPED.sub(plain, path[1:-1].encode()).decode("utf-8", "replace")


def _expanded(path: str) -> Iterator[str]:
    """``a/{b,c}.py`` is ``a/b.py`` and ``a/c.py``; the product is made one by one, so that a reader may stop."""
    pieces = _BRACES.split(path)
    choices = [piece.split(",") if index % 2 else [piece] for index, piece in enumerate(pieces)]
    return ("".join(chosen) for chosen in product(*choices))


def _wrong(entry: Listed, before: Listed | None, place: str) -> Fault | None:
    parts = entry.path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return Fault(f"{entry.path[:80]!r} is no path inside a release", place, "list paths from its root")
    if len(entry.path) > _MOST_NAME_CHARACTERS or not entry.path.isprintable():
        return Fault(f"{entry.path[:80]!r} is no name of a file", place, _STEP)
    if before is not None and before.size_bytes != entry.size_bytes:
        what = f"{entry.path!r} stands in line {before.line} with another size"
        return Fault(what, place, "keep the one that is right")
    return None
