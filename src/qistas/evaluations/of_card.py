"""What code reads off the card that it belongs to, which a user may have changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from qistas.contracts.documents import EvaluationCard
from qistas.contracts.errors import Fault, InvalidDocument

S = TypeVar("S", bound=msgspec.Struct)


def read_parameters(card: EvaluationCard, form: type[S]) -> S:
    """The card's parameters in this form.

    Raises:
        InvalidDocument: they do not have it.
    """
    try:
        return msgspec.convert(card.parameters, form)
    except msgspec.ValidationError as error:
        step = "correct it on the card, or in --param"
        raise InvalidDocument(Fault(str(error), f"{card.id}: parameters", step)) from error


def labels_of(card: EvaluationCard, metric: str) -> Mapping[str, float]:
    """What each of the judge's labels is worth in a metric.

    Raises:
        InvalidDocument: the card has no such metric, or it has no labels.
    """
    for one in card.metrics:
        if one.id == metric and one.labels:
            return one.labels
    fault = Fault(f"the card has no metric {metric!r} with labels", f"{card.id}: metrics", "correct the card")
    raise InvalidDocument(fault)
