"""The one canonical form and the one digest of everything that has an identity."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys, no white space and shortest floats; refuses NaN and infinity.

    msgspec would write NaN as ``null``, which a reader could take for *unread*; here it is an error.
    """
    data = _encoder.encode(value)
    if b"null" in data:
        _refuse_nan(msgspec.to_builtins(value))
    return data


def _refuse_nan(value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a record may not hold NaN or infinity: use None and a reason")
    if isinstance(value, dict):
        for item in value.values():
            _refuse_nan(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_nan(item)


def digest_bytes(data: bytes) -> str:
    """``sha256:`` and the hexadecimal digest of ``data``."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """The digest of the canonical form of ``value``."""
    return digest_bytes(canonical(value))
