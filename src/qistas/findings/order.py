"""The seeded order in which a criterion looks at its samples."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from qistas.contracts.documents import Criterion, EvaluationCard
from qistas.contracts.records import Sample


def seeded_order(
    samples: Sequence[Sample], criterion: Criterion, card: EvaluationCard, seed: int, budget: int | None
) -> list[Sample]:
    """The samples a criterion may look at, in order, cut to its target size.

    Clusters are permuted as blocks (a block shares its prompt's prefix), samples inside a block too. The
    order depends on ids and seed alone, so it is the same on every machine. A census takes all there is
    and repeats keep their own order; neither is shuffled.
    """
    kept = [s for s in samples if all(s.strata.get(key) == value for key, value in criterion.where.items())]
    if card.design == "census":
        return kept
    if card.design == "repeats":
        return kept[: target_size(len(kept), criterion, budget)]
    kept.sort(key=lambda s: (_rank(seed, s.cluster), s.cluster, _rank(seed, s.id), s.id))
    return kept[: target_size(len(kept), criterion, budget)]


def target_size(population: int, criterion: Criterion, budget: int | None) -> int:
    """The declared n: the standard's, or the budget in its place, and never more than there is."""
    return min(population, criterion.samples if budget is None else budget)


def _rank(seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed}\x00{name}".encode()).digest()
