"""One file of a release, looked at without loading, running or rendering anything of it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from qistas.contracts.exchanges import FileInspection
from qistas.targets.inspection.contents import read
from qistas.targets.inspection.reading import Deadline, Reading, Unfinished
from qistas.targets.inspection.source import EndsEarlyError, Source

MOST_SECONDS = 10.0
# What a record can hold in any reader's numbers.
_MOST_COUNTED = 2**53


def inspect_file(
    path: str | Path, name: str, *, sha256: str | None = None, seconds: float = MOST_SECONDS
) -> FileInspection:
    """What the bytes of one file show.

    ``name``: its path in the release (POSIX, relative). ``sha256`` is passed on. ``seconds``: the most time that
    reading may take; what was found until then is kept, and ``unfinished`` said. No content makes this raise.

    Raises:
        OSError: the file cannot be read.
    """
    with Path(path).open("rb", buffering=0) as stream:
        return inspect_stream(stream, name, sha256=sha256, seconds=seconds)


def inspect_stream(
    stream: BinaryIO, name: str, *, sha256: str | None = None, seconds: float = MOST_SECONDS
) -> FileInspection:
    """As ``inspect_file``, of what can be read and sought like an open file; a few blocks of it are read, not the whole.

    Raises:
        OSError: the stream cannot be read.
    """
    reading = Reading("other", Deadline(seconds))
    source = Source(stream)
    try:
        with warnings.catch_warnings():
            # The standard library warns of odd escapes in a crafted pickle; to whoever inspects it that says nothing.
            warnings.simplefilter("ignore")
            read(source, name, reading)
    except (Unfinished, EndsEarlyError, RecursionError, MemoryError) as error:
        reading.fault("unfinished", str(error) or type(error).__name__)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - one crafted file must not end the inspection of the others
        reading.fault("unfinished", f"the reader failed: {type(error).__name__}")
    return _inspection(name, source.size, sha256, reading)


def inspect_files(
    files: Iterable[tuple[str, Path]], *, seconds: float = MOST_SECONDS
) -> Iterator[FileInspection]:
    """What the bytes of each file show; ``files`` are (path in the release, file)."""
    for name, path in files:
        yield inspect_file(path, name, seconds=seconds)


def _inspection(name: str, size_bytes: int, sha256: str | None, reading: Reading) -> FileInspection:
    parameters = reading.parameters
    return FileInspection(
        path=name,
        format=reading.form,
        size_bytes=size_bytes,
        sha256=sha256,
        faults=tuple(reading.faults),
        runs=tuple(reading.runs),
        metadata=dict(reading.said),
        tensors=reading.tensors,
        parameters=parameters if parameters is not None and parameters < _MOST_COUNTED else None,
        line=reading.line,
    )
