"""The hash chain: each head covers its record and everything before it."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import msgspec

from qistas.contracts.canonical import digest_bytes
from qistas.contracts.records import KINDS, LEDGER_FORMAT

GENESIS = digest_bytes(LEDGER_FORMAT.encode())

_decoders: dict[str, msgspec.json.Decoder[Any]] = {}


class Row(NamedTuple):
    """One stored record. ``digest`` is the sha256 of ``body``, ``head`` the chain's head after it."""

    seq: int
    kind: str
    digest: str
    body: bytes
    head: str


def next_head(previous: str, seq: int, kind: str, digest: str) -> str:
    """The head after a record: sha256 over the previous head, the number, the kind and the digest."""
    data = f"{previous}\n{seq}\n{kind}\n{digest}".encode()
    return "sha256:" + hashlib.sha256(data).hexdigest()


def decode(kind: str, body: bytes) -> Any:
    """The record in ``body``; raises ``KeyError`` for an unknown kind, ``msgspec`` errors for a bad body."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(KINDS[kind], strict=True)
    return decoder.decode(body)
