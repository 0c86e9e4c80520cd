"""Compressed files: unpacked in memory up to a bound, since some loaders unpack them unasked (joblib)."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Any

from qistas.targets.inspection.reading import Reading
from qistas.targets.inspection.source import Source

MOST_UNPACKED_BYTES = 32 * 2**20
MOST_MEMORY_BYTES = 128 * 2**20
_END_BYTES = 64


def _lzma() -> Any:
    return lzma.LZMADecompressor(memlimit=MOST_MEMORY_BYTES)


_INFLATERS: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(31),
    "zlib": zlib.decompressobj,
    "bzip2": bz2.BZ2Decompressor,
    "xz": _lzma,
    "lzma": _lzma,
}


def unpacked(source: Source, how: str, reading: Reading) -> Source | None:
    """The bytes behind the compression, cut at ``MOST_UNPACKED_BYTES``; ``None`` where nothing comes out."""
    inflater = _INFLATERS[how]()
    made = bytearray()
    source.position = 0
    try:
        while source.position < source.size and not inflater.eof and len(made) < MOST_UNPACKED_BYTES:
            reading.deadline.check()
            # The end byte by byte: a fault in a checksum must not cost what was unpacked before it.
            piece = source.take(max(1, min(65_536, source.size - source.position - _END_BYTES)))
            made += inflater.decompress(piece, MOST_UNPACKED_BYTES - len(made))
    except (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError):
        # What came out before the fault is what a loader would get, too.
        reading.say("compressed.broken", "true")
    return Source(io.BytesIO(bytes(made))) if made else None
