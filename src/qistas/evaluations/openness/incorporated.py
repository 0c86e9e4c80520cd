"""Documents that a licence makes part of itself by naming where they stand; they bind, and need not be in the release."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from qistas.contracts.openness import Quote
from qistas.evaluations.openness.record import ReleaseRecord

_SAID = re.compile(
    r"\b(?:is|are)\s{1,20}(?:(?:hereby|herein)\s{1,20})?incorporated\s{1,20}(?:herein\s{1,20})?by\s{1,20}reference",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:https?://)?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}(?::\d{1,5})?/[^\s()<>\[\]\"'`]{1,300}",
    re.IGNORECASE,
)
_BEFORE_CHARACTERS = 400
_MOST = 50


class Incorporated(msgspec.Struct, frozen=True, kw_only=True):
    """A document incorporated by reference. ``address``: where it stands, ``None`` where the text does not say it there."""

    address: str | None
    evidence: Quote


def incorporated(record: ReleaseRecord) -> tuple[Incorporated, ...]:
    """Every document that a text of the release incorporates by reference, in the order of files and lines; at most 50."""
    found: list[Incorporated] = []
    for one in _found(record):
        if one not in found:
            found.append(one)
        if len(found) == _MOST:
            break
    return tuple(found)


def _found(record: ReleaseRecord) -> Iterator[Incorporated]:
    for page in record.pages.values():
        for match in _SAID.finditer(page.text):
            begin = max(0, match.start() - _BEFORE_CHARACTERS)
            addresses = _ADDRESS.findall(page.text[begin : match.start()])
            address = addresses[-1].rstrip(".,;:") if addresses else None
            yield Incorporated(address=address, evidence=page.sentence(match.start(), match.end()))
