"""TAR archives (old checkpoints, packaged models): the members, by their headers alone.

Source: POSIX.1-1988, ustar.
"""

from __future__ import annotations

from collections.abc import Iterator

from qistas.targets.inspection.reading import Reading, Unfinished
from qistas.targets.inspection.source import Source
from qistas.targets.inspection.zips import ESCAPES, Member

BLOCK_BYTES = 512
MOST_MEMBERS = 10_000


def claims(source: Source) -> bool:
    """Whether the first bytes are those of a TAR archive."""
    return source.at(257, 5) == b"ustar"


def members(source: Source, reading: Reading) -> Iterator[Member]:
    """Every member that is there in full; a header that cannot be read ends the archive."""
    position = 0
    for _ in range(MOST_MEMBERS):
        head = source.at(position, BLOCK_BYTES)
        if len(head) < BLOCK_BYTES or not head.strip(b"\0"):
            return
        name = head[:100].rstrip(b"\0").decode("utf-8", "replace")
        size = _octal(head[124:136])
        if size is None or position + BLOCK_BYTES + size > source.size:
            reading.fault("tar-header", f"{name!r} has no size that fits the file")
            return
        if ESCAPES.search(name):
            reading.fault("tar-path", f"{name!r} leads out of the folder it is unpacked to")
        if head[156:157] in (b"1", b"2"):
            reading.fault(
                "tar-link",
                f"{name!r} is a link to {head[157:257].rstrip(bytes(1)).decode('utf-8', 'replace')!r}",
            )
        yield Member(name, source.part(position + BLOCK_BYTES, position + BLOCK_BYTES + size))
        position += BLOCK_BYTES + -(-size // BLOCK_BYTES) * BLOCK_BYTES
    raise Unfinished(f"the archive holds more than {MOST_MEMBERS:,} members")


def _octal(field: bytes) -> int | None:
    digits = field.strip(b"\0 ")
    if not digits or digits.translate(None, b"01234567"):
        return None
    return int(digits, 8)
