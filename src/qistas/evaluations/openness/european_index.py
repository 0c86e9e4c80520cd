"""A release as the European Open Source AI Index looks at it: 12 dimensions, each open, partial or closed, or undetermined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from qistas.contracts.canonical import digest_bytes
from qistas.contracts.documents import EvaluationCard, Text
from qistas.contracts.errors import Fault, InvalidDocument, Unscored
from qistas.contracts.openness import Judgement
from qistas.contracts.protocols import Row, Subject
from qistas.contracts.records import Sample
from qistas.evaluations.census import census_of
from qistas.evaluations.openness.ladder import UNDETERMINED, Ladders, judge_all, load_ladders
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.unread import or_unread
from qistas.evaluations.openness.weights_terms import LADDERS as TERMS
from qistas.evaluations.openness.weights_terms import WEIGHTS_TERMS, weights_terms

LADDERS = Path(__file__).parent / "european_index.yaml"
SCORES = {"open": 1.0, "partial": 0.5, "closed": 0.0}


def european_index_ladders() -> Ladders:
    """The rules, as they stand in ``european_index.yaml``."""
    return load_ladders(LADDERS)


def european_index(record: ReleaseRecord) -> dict[str, Judgement]:
    """Dimension to judgement, in the index's order.

    The licences of the record decide with the rest; a record without them says less. Criteria: Liesenfeld and Dingemanse
    (2024), osai-index.eu, version of March 2026 (12 dimensions).
    """
    ladders = european_index_ladders()
    judged = judge_all(ladders, record, {WEIGHTS_TERMS: weights_terms(record)})
    # What is shown elsewhere is undetermined whatever language it is in.
    here = {ladder.id for ladder in ladders.ladders if ladder.shows == "repository"}
    return {name: or_unread(one, record) if name in here else one for name, one in judged.items()}


def rules_digest() -> str:
    """The digest of both files of rules."""
    return digest_bytes(LADDERS.read_bytes() + TERMS.read_bytes())


class Dimension(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dimension of the index, as it stands on the card. ``shows``: see `ladder.Ladder`."""

    id: str
    area: str
    shows: str
    title: Text


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``ladders``: the digest of the rules (european_index.yaml, then weights_terms.yaml), part of what this evaluation is."""

    ladders: str
    dimensions: tuple[Dimension, ...]


class EuropeanIndex:
    """Evaluation ``openness/european-index``: one sample per dimension, ``openness`` 1, 0.5 or 0."""

    def __init__(self, card: EvaluationCard) -> None:
        self._card = card
        parameters = msgspec.convert(card.parameters, Parameters)
        found = rules_digest()
        if found != parameters.ladders:
            step = "write the digest of the rules into the card, with a new version"
            raise InvalidDocument(Fault(f"the card is for other rules than {found}", card.id, step))
        self._dimensions = {dimension.id: dimension for dimension in parameters.dimensions}

    @property
    def card(self) -> EvaluationCard:
        """What is published about this evaluation."""
        return self._card

    def samples(self, rows: Sequence[Row]) -> list[Sample]:
        """The dimensions; ``rows`` is empty, since they stand on the card."""
        del rows
        return census_of(self._card, self._dimensions.values())

    async def observe(self, sample: Sample, subject: Subject) -> Mapping[str, float]:
        """The score of the dimension's value.

        Raises:
            Unscored: it is undetermined, with the reason.
        """
        listing = await subject.release()
        record = ReleaseRecord(listing, read_licences(ReleaseRecord(listing)))
        judgement = european_index(record)[sample.id]
        if judgement.value == UNDETERMINED:
            raise Unscored(judgement.reason.en)
        return {"openness": SCORES[judgement.value]}
