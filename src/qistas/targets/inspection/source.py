"""Bytes of a file in order, never more of them in memory than were asked for and allowed."""

from __future__ import annotations

import os
from typing import BinaryIO

from qistas.targets.inspection.reading import Unfinished

_WINDOW_BYTES = 16_384


class EndsEarlyError(Exception):
    """More bytes were announced than are there."""


class Source:
    """A part of an open file, read forwards and by position. Positions count from ``start``."""

    def __init__(self, stream: BinaryIO, start: int = 0, end: int | None = None) -> None:
        self._stream = stream
        self.start = start
        self.size = (stream.seek(0, os.SEEK_END) if end is None else end) - start
        self.position = 0
        self._window = b""
        self._window_at = 0

    def at(self, position: int, most_bytes: int) -> bytes:
        """The bytes from ``position``, as many as there are, at most ``most_bytes``."""
        if not 0 <= position < self.size:
            return b""
        offset = position - self._window_at
        if offset >= 0 and offset + most_bytes <= len(self._window):
            return self._window[offset : offset + most_bytes]
        wanted = min(max(most_bytes, _WINDOW_BYTES), self.size - position)
        self._stream.seek(self.start + position)
        self._window, self._window_at = self._stream.read(wanted), position
        return self._window[:most_bytes]

    def take(self, count: int, most_bytes: int = 1 << 20) -> bytes:
        """The next ``count`` bytes.

        Raises:
            EndsEarlyError: so many are not left.
            Unfinished: more than ``most_bytes``.
        """
        if count > self.size - self.position:
            raise EndsEarlyError(f"{count:,} bytes are announced, {self.size - self.position:,} are left")
        if count > most_bytes:
            raise Unfinished(f"{count:,} bytes in one piece are more than {most_bytes:,}")
        data = self.at(self.position, count)
        if len(data) < count:
            raise EndsEarlyError("the file became shorter while it was read")
        self.position += count
        return data

    def line(self, most_bytes: int) -> bytes:
        """The bytes up to the end of the line, that included; fewer where it is longer than ``most_bytes`` or the last."""
        for known in (256, most_bytes):
            data = self.at(self.position, known)
            end = data.find(b"\n") + 1
            if end:
                break
        found = data[:end] if end else data
        self.position += len(found)
        return found

    def skip(self, count: int) -> None:
        """Passes over bytes.

        Raises:
            EndsEarlyError: so many are not left.
        """
        if count > self.size - self.position:
            raise EndsEarlyError(f"{count:,} bytes are announced, {self.size - self.position:,} are left")
        self.position += count

    def part(self, start: int, end: int | None = None) -> Source:
        """The bytes from ``start`` to ``end`` of this source."""
        return Source(self._stream, self.start + start, self.start + (self.size if end is None else end))
