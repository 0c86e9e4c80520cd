"""Ask, let a judge decide, map its label to values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from qistas.contracts.documents import EvaluationCard
from qistas.contracts.errors import Unscored
from qistas.contracts.protocols import Row, Subject
from qistas.contracts.records import Decision, Sample
from qistas.datasets.behaviours import requests_of
from qistas.evaluations.parameters import ChatParameters
from qistas.evaluations.population import language_of, messages_of, samples_of
from qistas.evaluations.values import cut_words


class ChatEvaluation:
    """An evaluation of kind ``chat``: everything about it stands on its card."""

    def __init__(self, card: EvaluationCard) -> None:
        self._card = card
        self._parameters = msgspec.convert(card.parameters, ChatParameters)

    @property
    def card(self) -> EvaluationCard:
        """What is published about this evaluation."""
        return self._card

    def samples(self, rows: Sequence[Row]) -> list[Sample]:
        """One sample per row; raises ``InvalidDocument`` with every fault of the rows."""
        intent = self._parameters.requests
        return samples_of(self._card, requests_of(rows, intent) if intent else rows)

    async def observe(self, sample: Sample, subject: Subject) -> Mapping[str, float]:
        """The value of each metric for the judge's label.

        Raises:
            Unscored: the answer is blank, its label has no value, or it was cut before it could be told.
        """
        card, row = self._card, sample.row
        response = await subject.chat(messages_of(card, row), card.decoding)
        if not response.text.strip():
            raise Unscored(f"blank answer (ended by: {response.finish})")
        decision = await subject.judge(str(card.judge), response, row, language_of(row))
        if response.finish == "length" and decision.label in self._parameters.hidden_by_cut:
            cut = cut_words(response, card.decoding)
            raise Unscored(f"judged {decision.label}, but {cut}: the rest may differ")
        return {
            metric.id: _value(metric.labels or {}, decision)
            for metric in card.metrics
            if metric.statistic == "mean"
        }


def _value(labels: Mapping[str, float], decision: Decision) -> float:
    if decision.label not in labels:
        raise Unscored(
            f"judged {decision.label}: {decision.reason}" if decision.reason else f"judged {decision.label}"
        )
    return labels[decision.label]
