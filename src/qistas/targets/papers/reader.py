"""Run as a program on one PDF document: writes a line of JSON for each of its pages, as they are read.

What a crafted document does to this process (time, memory, a crash) is bounded here and by whoever started it; it imports nothing of
the package, so that nothing else is here to be reached.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import warnings

MOST_MEMORY_BYTES = 2**30


def main(path: str, most_pages: int, most_characters: int, cpu_seconds: int) -> None:
    """The first line has the number of pages, each after it the text of one page, ``null`` for one that cannot be read."""
    _bound(cpu_seconds)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    from pypdf import PdfReader

    reader = PdfReader(path, strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise ValueError("a password is asked for")
    _write(len(reader.pages))
    left = most_characters
    for index in range(min(len(reader.pages), most_pages)):
        text = None
        # One broken page says nothing about the others.
        with contextlib.suppress(Exception):
            text = reader.pages[index].extract_text()[:left]
        left -= len(text or "")
        _write(text)
        if left <= 0:
            break


def _write(value: int | str | None) -> None:
    print(json.dumps(value), flush=True)  # noqa: T201 - this is what the program is for


def _bound(cpu_seconds: int) -> None:
    """Memory and processor time; Windows knows neither, there only the starter's deadline holds."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS refuses a limit on memory.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    try:
        main(sys.argv[1], *map(int, sys.argv[2:5]))
    except BaseException as error:  # noqa: BLE001 - no document may make this say more than the kind of its error
        sys.stderr.write(type(error).__name__)
        sys.exit(1)
