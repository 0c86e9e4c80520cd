"""ZIP archives, also where they are made to read otherwise for one program than for another.

The central directory is read by the standard library; members are unpacked here, from their local headers, so that a
wrong checksum, flag or name keeps nothing from being looked at that another reader would take.
Source: PKWARE, APPNOTE.TXT 6.3.10.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from qistas.targets.inspection.reading import Reading, Unfinished
from qistas.targets.inspection.source import Source

MOST_DIRECTORY_BYTES = 4 * 2**20
MOST_MEMBERS = 50_000
MOST_UNPACKED_BYTES = 64 * 2**20
# A member of more than this, packed so many times smaller, is made to be large.
BOMB_BYTES = 100 * 2**20
BOMB_RATIO = 200

_END = b"PK\x05\x06"
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1 | 0x40 | 0x2000
ESCAPES = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)")


class Member(NamedTuple):
    """A member and its bytes, unpacked."""

    name: str
    source: Source


class Archive:
    """The members of an archive in the order of its directory. ``left``: how many bytes may still be unpacked."""

    def __init__(self, source: Source, reading: Reading) -> None:
        self._source = source
        self._reading = reading
        self._left = MOST_UNPACKED_BYTES
        self._infos: list[zipfile.ZipInfo] = []

    def open(self) -> bool:
        """Reads the directory; ``False`` where it cannot be read."""
        size_bytes = find_end(self._source)
        if size_bytes is None:
            self._reading.fault("zip-directory", "the directory is not where the end of the file says")
            return False
        if size_bytes > MOST_DIRECTORY_BYTES:
            raise Unfinished(f"the directory of the archive has {size_bytes:,} bytes")
        view = _View(self._source)
        try:
            with zipfile.ZipFile(view) as archive:
                self._infos = archive.infolist()
        except _UNREADABLE as error:
            self._reading.fault("zip-directory", f"the directory cannot be read: {error}")
            return False
        if len(self._infos) > MOST_MEMBERS:
            raise Unfinished(f"the archive holds {len(self._infos):,} members")
        self._check_names()
        return True

    @property
    def start(self) -> int:
        """Where the first member begins; 0 where nothing stands before the archive."""
        return min((info.header_offset for info in self._infos), default=0)

    def names(self) -> list[str]:
        """The names, as the directory has them."""
        return [info.filename for info in self._infos]

    def members(self) -> Iterator[Member]:
        """Every member that can be unpacked."""
        for index, info in enumerate(self._infos):
            if index % 256 == 0:
                self._reading.deadline.check()
            source = self._unpacked(info)
            if source is not None:
                yield Member(info.filename, source)

    def _check_names(self) -> None:
        seen: set[str] = set()
        for info in self._infos:
            name = info.filename
            if name in seen:
                self._reading.fault(
                    "zip-duplicate-name", f"{name!r} stands twice; readers take different ones"
                )
            seen.add(name)
            if ESCAPES.search(name):
                self._reading.fault("zip-path", f"{name!r} leads out of the folder it is unpacked to")
            if info.file_size > BOMB_BYTES and info.file_size > BOMB_RATIO * max(info.compress_size, 1):
                self._reading.fault(
                    "zip-bomb", f"{name!r} unpacks {info.compress_size:,} to {info.file_size:,} bytes"
                )

    def _unpacked(self, info: zipfile.ZipInfo) -> Source | None:
        head = self._source.at(info.header_offset, _LOCAL.size)
        if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
            self._reading.fault("zip-header", f"{info.filename!r} has no header where the directory says")
            return None
        _, _, flags, method, _, _, _, packed, size, name_length, extra_length = _LOCAL.unpack(head)
        begin = info.header_offset + _LOCAL.size + name_length + extra_length
        self._check_header(info, flags, method, (packed, size), name_length)
        if (flags | info.flag_bits) & _ENCRYPTED:
            self._reading.fault("zip-flags", f"{info.filename!r} is marked as encrypted")
        if _STORED in (method, info.compress_type):
            # Where header and directory differ, the larger size is looked at.
            end = min(begin + max(info.compress_size, info.file_size), self._source.size)
            return self._source.part(begin, end) if end >= begin else None
        if method != _DEFLATED:
            self._reading.fault(
                "zip-method", f"{info.filename!r} is packed by method {method}, which is not read"
            )
            return None
        return self._inflated(info, begin)

    def _check_header(
        self, info: zipfile.ZipInfo, flags: int, method: int, sizes: tuple[int, int], name_length: int
    ) -> None:
        """Whether the local header says what the directory says; sizes may stand behind the data (flag 3) or in 64 bits."""
        name = self._source.at(info.header_offset + _LOCAL.size, name_length)
        differs = []
        if name not in (info.orig_filename.encode("utf-8", "replace"), _old(info.orig_filename)):
            differs.append("name")
        if method != info.compress_type:
            differs.append("method")
        if (flags ^ info.flag_bits) & _ENCRYPTED:
            differs.append("encryption")
        known = (info.compress_size, info.file_size)
        if not flags & 0x8 and any(a not in (b, 0xFFFFFFFF) for a, b in zip(sizes, known, strict=True)):
            differs.append("size")
        if differs:
            what = f"{info.filename!r} differs from the directory in {', '.join(differs)}"
            self._reading.fault("zip-header", what)

    def _inflated(self, info: zipfile.ZipInfo, begin: int) -> Source | None:
        packed = self._source.part(begin, min(begin + info.compress_size, self._source.size))
        inflater = zlib.decompressobj(-15)
        pieces = []
        try:
            while packed.position < packed.size and not inflater.eof:
                piece = packed.take(min(65_536, packed.size - packed.position))
                while piece and not inflater.eof:
                    self._reading.deadline.check()
                    out = inflater.decompress(piece, 1 << 20)
                    piece = inflater.unconsumed_tail
                    self._left -= len(out)
                    if self._left < 0:
                        raise Unfinished(f"the archive unpacks to more than {MOST_UNPACKED_BYTES:,} bytes")
                    pieces.append(out)
        except zlib.error as error:
            self._reading.fault("zip-data", f"{info.filename!r} cannot be unpacked: {error}")
        data = b"".join(pieces)
        if zlib.crc32(data) != info.CRC:
            self._reading.fault("zip-checksum", f"the checksum of {info.filename!r} is not that of its bytes")
        return Source(io.BytesIO(data))


def find_end(source: Source) -> int | None:
    """How large the directory of the archive is that ends in these bytes; ``None`` where none ends here.

    What precedes the archive, and a comment behind it, do not keep a reader from finding it.
    """
    reach = min(source.size, 65_557)
    tail = source.at(source.size - reach, reach)
    at = tail.rfind(_END)
    while at >= 0:
        end = source.size - reach + at
        if at + 22 <= len(tail) and (size_bytes := _directory_bytes(source, end)) is not None:
            return size_bytes
        at = tail.rfind(_END, 0, at)
    return None


def _directory_bytes(source: Source, end: int) -> int | None:
    """The size of the directory that the end record at ``end`` tells of, where there is one."""
    size_bytes, offset = struct.unpack("<II", source.at(end + 12, 8))
    wide = _wide_size(source, end)
    if wide is not None:
        return wide if 0xFFFFFFFF in (size_bytes, offset) else size_bytes
    starts = {end - size_bytes, offset}
    return size_bytes if any(source.at(start, 4) == b"PK\x01\x02" for start in starts) else None


def _wide_size(source: Source, end: int) -> int | None:
    """The size of the directory, from the 64-bit record whose locator stands before the end record."""
    locator = source.at(end - 20, 20)
    if len(locator) < 20 or locator[:4] != b"PK\x06\x07":
        return None
    record = source.at(int.from_bytes(locator[8:16], "little"), 56)
    return int.from_bytes(record[40:48], "little") if record[:4] == b"PK\x06\x06" else 0


def _old(name: str) -> bytes:
    """A name in the alphabet of the first archives."""
    return name.encode("cp437", "replace")


_UNREADABLE = (
    zipfile.BadZipFile,
    NotImplementedError,
    ValueError,
    OverflowError,
    struct.error,
    EOFError,
    OSError,
    IndexError,
)


class _View(io.RawIOBase):
    """A source as a file that ``zipfile`` reads; it never gives more at once than a directory may have."""

    def __init__(self, source: Source) -> None:
        self._source = source.part(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        position = offset + (0, self._source.position, self._source.size)[whence]
        if position < 0:
            raise OSError("a position before the file")
        self._source.position = position
        return position

    def tell(self) -> int:
        return self._source.position

    def read(self, size: int = -1) -> bytes:
        left = max(self._source.size - self._source.position, 0)
        wanted = left if size < 0 else min(size, left)
        data = self._source.at(self._source.position, min(wanted, MOST_DIRECTORY_BYTES + 65_557))
        self._source.position += len(data)
        return data
