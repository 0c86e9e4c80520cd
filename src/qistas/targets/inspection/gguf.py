"""GGUF headers, versions 1 to 3, little and big endian: what they say, and whether the tensors lie where they may.

Source: the format's own description (github.com/ggml-org/ggml, docs/gguf.md), block sizes of ``ggml.h``.
"""

from __future__ import annotations

import struct
from math import prod
from typing import NamedTuple

from qistas.targets.inspection.reading import Reading, Unfinished
from qistas.targets.inspection.source import EndsEarlyError, Source

MAGIC = b"GGUF"
MOST_KEYS = 65_536
MOST_TENSORS = 200_000
MOST_KEY_BYTES = 65_535
MOST_TEXT_BYTES = 2**20
MOST_ITEMS = 1_500_000
MOST_DIMENSIONS = 4
MOST_LISTED = 32
MOST_DEPTH = 3
MOST_TEMPLATE_CHARACTERS = 32_768
DEFAULT_ALIGNMENT = 32

_TEXT, _ARRAY, _BOOL = 8, 9, 7
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", _BOOL: "B", 10: "Q", 11: "q", 12: "d"}
# Type of a tensor to (values in a block, bytes of a block).
BLOCKS = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    9: (32, 36),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    15: (256, 292),
    16: (256, 66),
    17: (256, 74),
    18: (256, 98),
    19: (256, 50),
    20: (32, 18),
    21: (256, 110),
    22: (256, 82),
    23: (256, 136),
    24: (1, 1),
    25: (1, 2),
    26: (1, 4),
    27: (1, 8),
    28: (1, 8),
    29: (256, 56),
    30: (1, 2),
    34: (256, 54),
    35: (256, 66),
    39: (32, 17),
}


class _Malformed(Exception):
    """The header goes against the format; the message says how."""


class _Tensor(NamedTuple):
    offset: int
    size_bytes: int | None
    name: str


class _Header:
    """Reads values one after another; counts what it reads."""

    def __init__(self, source: Source, reading: Reading) -> None:
        self.source = source
        self.reading = reading
        self.items = 0
        self.order = "<"
        self.version = 0
        self.keys: dict[str, object] = {}

    def number(self, form: str) -> int:
        kind = struct.Struct(self.order + form)
        return int(kind.unpack(self.source.take(kind.size))[0])

    def size(self) -> int:
        return self.number("I" if self.version == 1 else "Q")

    def text(self, most_bytes: int, what: str) -> str:
        length = self.size()
        if length > self.source.size - self.source.position:
            raise _Malformed(f"{what} of {length:,} bytes is longer than the file")
        if length > most_bytes:
            self.source.skip(length)
            self.reading.fault("gguf-unfinished", f"{what} of {length:,} bytes was passed over")
            return ""
        return self.source.take(length, most_bytes).decode("utf-8", "replace")

    def value(self, kind: int, depth: int = 0) -> object:
        """A value; of an array the first items, and the rest is passed over."""
        if kind == _TEXT:
            return self.text(MOST_TEXT_BYTES, "a text")
        if kind == _ARRAY:
            return self._array(depth)
        if kind not in _NUMBERS:
            raise _Malformed(f"a value has the unknown type {kind}")
        form = struct.Struct(self.order + _NUMBERS[kind])
        number = form.unpack(self.source.take(form.size))[0]
        return bool(number) if kind == _BOOL else number

    def _array(self, depth: int) -> list[object]:
        if depth >= MOST_DEPTH:
            raise _Malformed(f"arrays are nested more than {MOST_DEPTH} deep")
        kind, count = self.number("I"), self.size()
        first: list[object] = []
        if kind in _NUMBERS:
            width = struct.calcsize(self.order + _NUMBERS[kind])
            first = [self.value(kind) for _ in range(min(count, MOST_LISTED))]
            self.source.skip((count - len(first)) * width)
            return first
        for index in range(count):
            self.items += 1
            if self.items > MOST_ITEMS:
                raise Unfinished(f"the arrays hold more than {MOST_ITEMS:,} items")
            if self.items % 4096 == 0:
                self.reading.deadline.check()
            if index < MOST_LISTED or kind != _TEXT:
                value = self.value(kind, depth + 1)
                first += [value] if index < MOST_LISTED else []
            else:
                self.source.skip(self.size())
        return first


def claims(source: Source) -> bool:
    """Whether the first bytes are those of a GGUF file."""
    return source.at(0, 4) == MAGIC


def read(source: Source, reading: Reading) -> int:
    """Checks the header against the file; the position after the last byte that it accounts for."""
    header = _Header(source, reading)
    try:
        tensors = _tensors(header)
    except (_Malformed, EndsEarlyError) as error:
        reading.fault("gguf-header", str(error))
        return source.size
    alignment = header.keys.get("general.alignment", DEFAULT_ALIGNMENT)
    if type(alignment) is not int or not 0 < alignment <= 2**20 or alignment & (alignment - 1):
        reading.fault("gguf-alignment", f"the alignment {alignment!r:.40} is no power of two")
        alignment = DEFAULT_ALIGNMENT
    start = _padded(source.position, alignment)
    return min(source.size, start + _check_places(tensors, source.size - start, alignment, reading))


def _tensors(header: _Header) -> list[_Tensor]:
    """The tensors that the header tells of; its keys are noted on the way."""
    header.source.take(4)
    version = header.source.take(4)
    header.version = int.from_bytes(version, "little")
    if header.version > 0xFFFF:
        header.order, header.version = ">", int.from_bytes(version, "big")
    if header.version not in (1, 2, 3):
        raise _Malformed(f"version {header.version} is not known")
    header.reading.say("gguf.version", header.version)
    tensors, keys = header.size(), header.size()
    if keys > MOST_KEYS or tensors > MOST_TENSORS:
        raise Unfinished(f"{keys:,} keys and {tensors:,} tensors are announced")
    for _ in range(keys):
        _key(header)
    found = [_tensor(header, index) for index in range(tensors)]
    header.reading.tensors = tensors
    return found


def _key(header: _Header) -> None:
    name = header.text(MOST_KEY_BYTES, "a key")
    value = header.value(header.number("I"))
    if name in header.keys:
        header.reading.fault("gguf-duplicate", f"the key {name!r} stands twice")
    header.keys[name] = value
    if isinstance(value, list):
        shown = ", ".join(str(item) for item in value[:8])
        header.reading.say(name, shown if name.startswith("general.") else f"[{shown}, …]")
    else:
        most = MOST_TEMPLATE_CHARACTERS if name.startswith("tokenizer.chat_template") else 1_000
        header.reading.say(name, value, most)


def _tensor(header: _Header, index: int) -> _Tensor:
    if index % 4096 == 0:
        header.reading.deadline.check()
    name = header.text(MOST_KEY_BYTES, "a tensor's name")
    dimensions = header.number("I")
    if dimensions > MOST_DIMENSIONS:
        raise _Malformed(f"{name!r} has {dimensions:,} dimensions, at most {MOST_DIMENSIONS} are allowed")
    shape = [header.size() for _ in range(dimensions)]
    kind, offset = header.number("I"), header.number("Q")
    count = prod(shape)
    header.reading.parameters = (header.reading.parameters or 0) + min(count, 2**63)
    if kind not in BLOCKS:
        header.reading.fault("gguf-tensor-type", f"{name!r} is of the unknown type {kind}")
        return _Tensor(offset, None, name)
    values, size_bytes = BLOCKS[kind]
    row = shape[0] if shape else 1
    if row % values:
        header.reading.fault("gguf-tensor", f"rows of {name!r} have {row:,} values, no multiple of {values}")
    return _Tensor(offset, -(-count // values) * size_bytes, name)


def _check_places(tensors: list[_Tensor], size_bytes: int, alignment: int, reading: Reading) -> int:
    """Whether every tensor lies inside the file and apart from the others; where the last of them ends.

    The end is that of the file where a tensor's size is not known.
    """
    reached, known, names = 0, True, set()
    for offset, size, name in sorted(tensors, key=lambda tensor: tensor.offset):
        if name in names:
            reading.fault("gguf-duplicate", f"the tensor {name!r} stands twice")
        names.add(name)
        if offset % alignment:
            reading.fault("gguf-alignment", f"{name!r} begins at {offset:,}, no multiple of {alignment}")
        if offset < reached and size != 0:
            reading.fault("gguf-overlap", f"{name!r} begins at {offset:,}, inside the tensor before it")
        if known and offset > _padded(reached, alignment):
            reading.fault("gguf-hole", f"{offset - reached:,} bytes before {name!r} belong to no tensor")
        if offset + (size or 0) > max(size_bytes, 0):
            reading.fault("gguf-bounds", f"{name!r} ends at {offset + (size or 0):,} of {size_bytes:,} bytes")
        known = size is not None
        reached = max(reached, offset + (size or 0))
    return _padded(reached, alignment) if known else max(size_bytes, reached)


def _padded(position: int, alignment: int) -> int:
    return -(-position // alignment) * alignment
