"""Evaluation of the components of a release by the Model Openness Framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from qistas.contracts.documents import EvaluationCard
from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import ReleaseListing
from qistas.contracts.openness import Component
from qistas.contracts.protocols import Row, Subject
from qistas.contracts.records import Sample
from qistas.evaluations.census import census_of
from qistas.evaluations.openness.framework import mof
from qistas.evaluations.openness.framework_rules import Framework
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.record import ReleaseRecord


class FrameworkEvaluation:
    """Evaluation ``openness/framework``: one sample per component, ``counts`` 1 where it is there under an open licence, else 0."""

    def __init__(self, card: EvaluationCard) -> None:
        self._card = card
        self._components = msgspec.convert(card.parameters, Framework).components
        self._last: tuple[ReleaseListing, dict[str, Component]] | None = None

    @property
    def card(self) -> EvaluationCard:
        """What is published about this evaluation."""
        return self._card

    def samples(self, rows: Sequence[Row]) -> list[Sample]:
        """The components; ``rows`` is empty, since they stand on the card."""
        del rows
        return census_of(self._card, self._components)

    async def observe(self, sample: Sample, subject: Subject) -> Mapping[str, float]:
        """The component's value.

        Raises:
            Unscored: it cannot be told whether it is there, or whether its licence is open.
        """
        component = self._looked_at(await subject.release())[sample.id]
        if component.present is None or (component.present and component.open is None):
            raise Unscored(component.reason.en)
        return {"counts": float(component.counts)}

    def _looked_at(self, listing: ReleaseListing) -> dict[str, Component]:
        """The components of a release; all samples of a run look at the same one."""
        if self._last is None or self._last[0] != listing:
            record = ReleaseRecord(listing, read_licences(ReleaseRecord(listing)))
            self._last = (listing, mof(record).components)
        return self._last[1]
