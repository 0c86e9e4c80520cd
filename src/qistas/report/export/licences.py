"""Which licences of a release stand in the documents for others, and by what name."""

from __future__ import annotations

from collections.abc import Iterable

from qistas.contracts.openness import ClauseFact, LicenceReading


def is_listed(reading: LicenceReading) -> bool:
    """Whether this is a licence of the SPDX list, word for word: a changed text is another licence."""
    return reading.match == "exact" and reading.id is not None and not reading.id.startswith("LicenseRef-")


def distinct_licences(readings: Iterable[LicenceReading]) -> tuple[LicenceReading, ...]:
    """The licences that were found, each once: by its text where it stands there. Policies are no licences."""
    found: dict[str, LicenceReading] = {}
    order = {"text": 0, "header": 1, "card": 2}
    for reading in sorted((one for one in readings if one.place in order), key=lambda one: order[one.place]):
        found.setdefault(reading.id if reading.match == "exact" and reading.id else reading.file, reading)
    return tuple(found.values())


def covering_weights(readings: Iterable[LicenceReading]) -> tuple[LicenceReading, ...]:
    """Those that cover the weights."""
    return distinct_licences(one for one in readings if "weights" in one.applies_to)


def clause_words(clause: ClauseFact) -> str:
    """What a clause says, as a word or a number."""
    return str(clause.value).lower() if isinstance(clause.value, bool) else str(clause.value)
