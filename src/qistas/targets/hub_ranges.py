"""A file on the hub read in ranges of bytes, so that the header of weights is seen and the weights are not fetched."""

from __future__ import annotations

import io
import os
import time
from collections import OrderedDict

from qistas.targets._telemetry import no_telemetry
from qistas.targets.inspection.reading import Unfinished

BLOCK_BYTES = 2**20
MOST_FILE_BYTES = 48 * 2**20
MOST_KEPT_BLOCKS = 4
REQUEST_SECONDS = 20.0


class Budget:
    """How many bytes and how much time the headers of one release may cost."""

    def __init__(self, most_bytes: int, seconds: float) -> None:
        self.left_bytes = most_bytes
        self._ends = time.monotonic() + seconds

    def spend(self, count: int) -> None:
        """Raises `Unfinished` once too much was asked for."""
        if count > self.left_bytes:
            raise Unfinished("the headers of the release are longer than may be fetched of it")
        if time.monotonic() > self._ends:
            raise Unfinished("reading the headers of the release took too long")
        self.left_bytes -= count


class RangeFile(io.RawIOBase):
    """One remote file of a known size, read-only; blocks that were read last are kept.

    Reading raises ``OSError`` where the hub does not give the range that was asked for, ``Unfinished`` where more is
    asked for than the budget (or ``MOST_FILE_BYTES`` of one file) allows.
    """

    def __init__(self, url: str, size_bytes: int, budget: Budget) -> None:
        super().__init__()
        self._url = url
        self._size_bytes = size_bytes
        self._budget = budget
        self._left_bytes = MOST_FILE_BYTES
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be sought."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of a file."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size_bytes}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer only at the end."""
        end = self._size_bytes if size < 0 else min(self._position + size, self._size_bytes)
        parts = []
        while self._position < end:
            number, start = divmod(self._position, BLOCK_BYTES)
            part = self._block(number)[start : start + end - self._position]
            parts.append(part)
            self._position += len(part)
        return b"".join(parts)

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            self._blocks[number] = self._fetched(number * BLOCK_BYTES)
            if len(self._blocks) > MOST_KEPT_BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _fetched(self, start: int) -> bytes:
        count = min(BLOCK_BYTES, self._size_bytes - start)
        if count > self._left_bytes:
            raise Unfinished(f"more than {MOST_FILE_BYTES:,} bytes of a header are not fetched")
        self._budget.spend(count)
        self._left_bytes -= count
        return fetched_range(self._url, start, count)


def fetched_range(url: str, start: int, count: int) -> bytes:
    """So many bytes of a file from ``start``.

    Raises:
        OSError: the hub cannot be reached, refuses, or does not give ranges; a whole file is never read instead.
    """
    no_telemetry()
    from huggingface_hub.utils import build_hf_headers, get_session

    # Without this, a server may pack what it sends, and the bytes are no longer those of the file.
    headers = {
        **build_hf_headers(),
        "Range": f"bytes={start}-{start + count - 1}",
        "Accept-Encoding": "identity",
    }
    try:
        with get_session().stream("GET", url, headers=headers, timeout=REQUEST_SECONDS) as response:
            if response.status_code != 206:
                raise OSError(f"the hub answered {response.status_code} to a range")
            data = bytearray()
            for piece in response.iter_bytes():
                data += piece
                if len(data) > count:
                    break
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}") from error
    if len(data) != count:
        raise OSError(f"the hub gave {len(data):,} bytes of {count:,}")
    return bytes(data)
