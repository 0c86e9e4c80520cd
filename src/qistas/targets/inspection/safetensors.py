"""Safetensors headers: 8 bytes of length, so many bytes of JSON, and a buffer that they index without gap or overlap.

Source: the format's own description (github.com/huggingface/safetensors, README, "Format").
"""

from __future__ import annotations

import json
from math import prod
from typing import Any

from qistas.targets.inspection.reading import Reading
from qistas.targets.inspection.source import Source

FORMAT_MOST_HEADER_BYTES = 100_000_000
MOST_HEADER_BYTES = 16 * 2**20
MOST_DIMENSIONS = 64
MOST_SIZE = 2**63

# Bits of one value.
DTYPES = {
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
}


def claims(source: Source) -> bool:
    """Whether the first bytes can be those of a safetensors file."""
    head = source.at(0, 9)
    length = int.from_bytes(head[:8], "little")
    return len(head) == 9 and head[8:] == b"{" and 2 <= length <= max(source.size, FORMAT_MOST_HEADER_BYTES)


def read(source: Source, reading: Reading) -> int:
    """Checks the header against the file; the position after the last byte that it accounts for."""
    length = int.from_bytes(source.take(8), "little")
    if length > source.size - 8:
        reading.fault("safetensors-header", f"a header of {length:,} bytes in a file of {source.size:,}")
        return source.size
    if length > FORMAT_MOST_HEADER_BYTES:
        reading.fault("safetensors-header", f"a header of {length:,} bytes; the format allows 100,000,000")
        return source.size
    header = _header(source.take(length, MOST_HEADER_BYTES), reading)
    if header is None:
        return source.size
    _said(header.pop("__metadata__", None), reading)
    spans = _spans(header, reading)
    reading.tensors = len(header)
    end = _check_cover(spans, source.size - 8 - length, reading)
    return 8 + length + end


def _header(data: bytes, reading: Reading) -> dict[str, Any] | None:
    twice: list[str] = []

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            seen: set[str] = set()
            twice.extend(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return made

    if data.rstrip(b" ")[-1:] != b"}":
        reading.fault("safetensors-padding", "the header ends with something other than } and spaces")
    try:
        header = json.loads(data.decode("utf-8"), object_pairs_hook=mapping)
    except RecursionError:
        reading.fault("safetensors-header", "the header is nested too deep")
        return None
    except ValueError as error:
        reading.fault("safetensors-header", f"the header is no JSON: {error}")
        return None
    if not isinstance(header, dict):
        reading.fault("safetensors-header", "the header is no JSON object")
        return None
    for key in twice:
        reading.fault("safetensors-duplicate", f"the key {key!r} stands twice")
    return header


def _said(metadata: Any, reading: Reading) -> None:
    if metadata is None:
        return
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        reading.fault("safetensors-metadata", "__metadata__ must map text to text")
        return
    for key, value in metadata.items():
        reading.say(key, value)


def _spans(header: dict[str, Any], reading: Reading) -> list[tuple[int, int, str]]:
    """(begin, end, name) of every tensor whose entry can be read, in the order of their bytes."""
    spans = []
    parameters = 0
    for index, (name, entry) in enumerate(header.items()):
        if index % 4096 == 0:
            reading.deadline.check()
        fault = _entry_fault(entry)
        if fault:
            reading.fault("safetensors-tensor", f"{name!r}: {fault}")
            continue
        begin, end = entry["data_offsets"]
        count = prod(entry["shape"])
        parameters += count
        bits = count * DTYPES[entry["dtype"]]
        if bits % 8 or bits // 8 != end - begin:
            what = (
                f"{name!r}: shape and dtype ask for {bits / 8:,.0f} bytes, the offsets span {end - begin:,}"
            )
            reading.fault("safetensors-size", what)
        spans.append((begin, end, name))
    reading.parameters = parameters
    return sorted(spans)


def _entry_fault(entry: Any) -> str | None:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        return "an entry has dtype, shape and data_offsets, and nothing else"
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in DTYPES:
        return f"the dtype {entry['dtype']!r:.40} is not known"
    shape, offsets = entry["shape"], entry["data_offsets"]
    if not isinstance(shape, list) or len(shape) > MOST_DIMENSIONS or not all(map(_is_size, shape)):
        return f"the shape is no list of at most {MOST_DIMENSIONS} sizes"
    if prod(shape) >= MOST_SIZE:
        return "the shape has more values than a file can hold"
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(map(_is_size, offsets)):
        return "the offsets are no pair of sizes"
    return "the offsets run backwards" if offsets[0] > offsets[1] else None


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < MOST_SIZE


def _check_cover(spans: list[tuple[int, int, str]], size_bytes: int, reading: Reading) -> int:
    """Whether the tensors cover the buffer; the end of the last of them."""
    reached, last = 0, ""
    for begin, end, name in spans:
        if end > size_bytes:
            reading.fault("safetensors-bounds", f"{name!r} ends at {end:,} of {size_bytes:,} bytes")
        if begin < reached and begin < end:
            reading.fault("safetensors-overlap", f"{name!r} begins inside {last!r}")
        if begin > reached:
            reading.fault(
                "safetensors-hole", f"{begin - reached:,} bytes before {name!r} belong to no tensor"
            )
        if end > reached:
            reached, last = end, name
    return min(reached, size_bytes)
