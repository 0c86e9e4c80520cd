"""Rows of a data source: package data held against its pinned digest, or the user's own file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import msgspec

from qistas.contracts.canonical import digest_bytes
from qistas.contracts.documents import DataSource
from qistas.contracts.errors import BadInput, Fault, InvalidDocument, StorageError

Numbered = tuple[int, dict[str, Any]]

_FOLDER = Path(__file__).parent / "data"


def load_rows(
    source: DataSource, override: Path | None = None, folder: Path | None = None
) -> tuple[list[dict[str, Any]], str]:
    """The rows of ``source`` and the digest (``sha256:…``) of the bytes they came from.

    ``override`` replaces the file; its digest is what it is, and is recorded by whoever asks. Otherwise the
    file is looked for beside the card (``folder``), then among the package's data, and must have the pinned
    digest. Values of a CSV file are texts.

    Raises:
        StorageError: the file is not there or cannot be read.
        InvalidDocument: a byte differs from the pinned data, or lines cannot be read (all of them are said).
    """
    if override is not None:
        return load_file(override, f"pass another path with --data {source.id}=FILE")
    path = _pinned_path(source, folder)
    step = f"restore the file, or pass --data {source.id}=FILE"
    if source.source and not path.is_file():
        step = f"get the file ({source.source}), then pass --data {source.id}=FILE"
    data = _bytes(path, step)
    found = digest_bytes(data)
    _hold_against(source, path, found)
    return _read(path, data), found


def is_packaged(source: DataSource) -> bool:
    """Whether the data come with Qistas; others are published elsewhere, and pinned all the same."""
    return (_FOLDER / source.file).is_file()


def load_file(path: Path, next_step: str | None = None) -> tuple[list[dict[str, Any]], str]:
    """The rows of a JSON Lines or CSV file and the digest of its bytes; ``next_step`` is said where it is missing.

    Raises:
        StorageError: the file is not there or cannot be read.
        InvalidDocument: lines cannot be read (all of them are said), or there are none.
    """
    data = _bytes(path, next_step)
    return _read(path, data), digest_bytes(data)


def load_numbered(path: Path) -> tuple[list[Numbered], list[Fault], str]:
    """(each row with the line on which it begins, the faults of lines that cannot be read, the digest of the bytes).

    For readers that check what the rows hold, and say every fault of a file at once.

    Raises:
        StorageError: the file is not there or cannot be read.
        InvalidDocument: it is neither JSON Lines nor CSV, or no text in UTF-8.
    """
    data = _bytes(path, "check the path: name a CSV or JSONL file that is there")
    rows, faults = _numbered(path, data)
    return rows, faults, digest_bytes(data)


def _pinned_path(source: DataSource, folder: Path | None) -> Path:
    if Path(source.file).name != source.file:
        what = f"the data file {source.file!r} of {source.id!r} is not a plain file name"
        raise BadInput(Fault(what, next_step="name a file without folders, or pass --data ID=FILE"))
    beside = folder / source.file if folder else None
    return beside if beside and beside.is_file() else _FOLDER / source.file


def _bytes(path: Path, next_step: str | None) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise StorageError(Fault("there is no such data file", str(path), next_step)) from error
    except OSError as error:
        raise StorageError(Fault(f"cannot be read: {error.strerror}", str(path))) from error


def _hold_against(source: DataSource, path: Path, found: str) -> None:
    pinned = f"sha256:{source.sha256}"
    if found != pinned:
        what = f"the data of {source.id!r} are not the pinned ones: {found} instead of {pinned}"
        step = f"restore the file, or pass --data {source.id}=FILE to use other data knowingly"
        raise InvalidDocument(Fault(what, where=str(path), next_step=step))


def _read(path: Path, data: bytes) -> list[dict[str, Any]]:
    rows, faults = _numbered(path, data)
    if faults:
        raise InvalidDocument(*faults)
    if not rows:
        raise InvalidDocument(Fault("there are no rows", where=str(path)))
    return [row for _, row in rows]


def _numbered(path: Path, data: bytes) -> tuple[list[Numbered], list[Fault]]:
    readers = {".jsonl": _jsonl, ".csv": _csv}
    if path.suffix not in readers:
        step = "use JSON Lines (.jsonl) or CSV (.csv)"
        raise InvalidDocument(
            Fault(f"{path.suffix or 'a file without ending'} cannot be read as rows", str(path), step)
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fault = Fault("the text is not UTF-8", f"{path}:{line}", "save the file as UTF-8")
        raise InvalidDocument(fault) from error
    return readers[path.suffix](path, text)


def _jsonl(path: Path, text: str) -> tuple[list[Numbered], list[Fault]]:
    rows: list[Numbered] = []
    faults: list[Fault] = []
    # Not splitlines: a line separator that stands inside a JSON text ends no line.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line)
        except msgspec.DecodeError as error:
            faults.append(
                Fault(f"this is not JSON: {error}", f"{path}:{number}", "write one JSON object per line")
            )
            continue
        if isinstance(row, dict):
            rows.append((number, row))
        else:
            faults.append(
                Fault("a row must be a JSON object", f"{path}:{number}", "write one JSON object per line")
            )
    return rows, faults


def _csv(path: Path, text: str) -> tuple[list[Numbered], list[Fault]]:
    rows: list[Numbered] = []
    faults: list[Fault] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if len(set(header)) != len(header) or not all(header):
            faults.append(
                Fault("the columns need names, each its own", f"{path}:1", "name them in the first line")
            )
            return rows, faults
        before = reader.line_num
        for values in reader:
            begins, before = before + 1, reader.line_num
            if len(values) == len(header):
                rows.append((begins, dict(zip(header, values, strict=True))))
            elif values:
                what = f"{len(values)} values for {len(header)} columns"
                faults.append(
                    Fault(what, f"{path}:{reader.line_num}", "put values that hold commas in quotes")
                )
    except csv.Error as error:
        faults.append(Fault(f"this is not CSV: {error}", f"{path}:{reader.line_num}", "check the quotes"))
    return rows, faults
