"""Samples that stand on the card itself: everything there is of its kind, each counted once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from qistas.contracts.documents import EvaluationCard
from qistas.contracts.records import Sample


class Entry(Protocol):
    """One of those that a card lists in its parameters (a struct)."""

    @property
    def id(self) -> str:
        """By which it is told from the others."""


def census_of(card: EvaluationCard, entries: Iterable[Entry]) -> list[Sample]:
    """One sample per entry, in their order, with the strata of the card; one that an entry does not have is its id."""
    return [_sample(card, entry) for entry in entries]


def _sample(card: EvaluationCard, entry: Entry) -> Sample:
    row: dict[str, Any] = msgspec.to_builtins(entry)
    return Sample(
        evaluation=card.id,
        id=entry.id,
        cluster=str(row[card.cluster]),
        strata={name: str(row.get(name, entry.id)) for name in card.strata},
        row=row,
    )
