"""Whether an answer that is right as asked stays right when the spelling of the question changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from qistas.contracts.documents import EvaluationCard
from qistas.contracts.errors import Fault, InvalidDocument, Unscored
from qistas.contracts.protocols import Row, Subject
from qistas.contracts.records import Sample
from qistas.evaluations.population import language_of, messages_of, samples_of
from qistas.evaluations.trust.perturbations import PERTURBATIONS
from qistas.evaluations.values import cut_words


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``perturbations``: which ones, each with its version. ``versions``: how many changed texts of a question."""

    perturbations: dict[str, str]
    versions: int = 2
    column: str = "question"


class RobustnessEvaluation:
    """Evaluation ``trust/robustness``: each question as it stands and in changed spellings.

    A sample is a question under one perturbation; a question that the perturbation cannot change is none. Rows
    are crossed with the card's perturbations, or name theirs in the column ``perturbation``.

    ``clean`` and ``perturbed`` are the share of right answers as asked and over the changed versions, ``worst``
    the least of all of them (the worst case of Liang et al., "Holistic Evaluation of Language Models", 2022, over
    one perturbation), ``drop`` their difference. The ratio of drops to clean answers is the performance drop
    rate of Zhu et al., "PromptBench", 2023.
    """

    def __init__(self, card: EvaluationCard) -> None:
        self._card = card
        self._parameters = msgspec.convert(card.parameters, Parameters)
        self._labels = {metric.id: metric.labels or {} for metric in card.metrics}.get("clean", {})
        faults = list(self._card_faults())
        if faults:
            raise InvalidDocument(*faults)

    def _card_faults(self) -> Iterator[Fault]:
        unknown = [
            f"{name} {version}"
            for name, version in self._parameters.perturbations.items()
            if name not in PERTURBATIONS or PERTURBATIONS[name].version != version
        ]
        if unknown:
            known = ", ".join(f"{one.id} {one.version}" for one in PERTURBATIONS.values())
            yield Fault(f"no such perturbation: {', '.join(unknown)}", self._card.id, f"known: {known}")
        if not self._labels:
            step = "give the metric 'clean' the value of each label of the judge"
            yield Fault("no metric 'clean' says what an answer is worth", self._card.id, step)

    @property
    def card(self) -> EvaluationCard:
        """What is published about this evaluation."""
        return self._card

    def samples(self, rows: Sequence[Row]) -> list[Sample]:
        """One sample per row and perturbation that fits its language and changes it.

        Raises:
            InvalidDocument: with every fault of the rows; a row that names a perturbation must be changed by it.
        """
        before = tuple(name for name in self._card.strata if name != "perturbation")
        plain = samples_of(msgspec.structs.replace(self._card, strata=before), rows, ["answer"])
        faults = [fault for sample in plain for fault in self._row_faults(sample)]
        if faults:
            raise InvalidDocument(*faults)
        crossed = [row for sample in plain for row in self._crossed(sample.row)]
        return samples_of(self._card, crossed)

    def _row_faults(self, sample: Sample) -> Iterator[Fault]:
        where = f"{self._card.data.id if self._card.data else self._card.id} (id {sample.id!r})"
        name = sample.row.get("perturbation")
        if name is None:
            return
        if not isinstance(name, str) or name not in self._parameters.perturbations:
            known = ", ".join(self._parameters.perturbations)
            yield Fault(f"the card knows no perturbation {name!r}", where, f"known: {known}")
        elif not self._versions(sample.row):
            yield Fault(
                f"the perturbation {name!r} does not change this question", where, "leave the row out"
            )

    def _crossed(self, row: Row) -> Iterator[Row]:
        """The row under each of its perturbations; the id of what results is the seed of the changed texts."""
        if "perturbation" in row:
            yield row
            return
        for name in self._parameters.perturbations:
            crossed = {**row, "id": f"{row['id']}-{name}", "perturbation": name}
            if self._versions(crossed):
                yield crossed

    def _versions(self, row: Row) -> list[str]:
        text, perturbation = str(row[self._parameters.column]), PERTURBATIONS[row["perturbation"]]
        return perturbation.versions(text, language_of(row), str(row["id"]), self._parameters.versions)

    async def observe(self, sample: Sample, subject: Subject) -> Mapping[str, float]:
        """The four values of one question under one perturbation.

        Raises:
            Unscored: one of the answers is blank, cut before the right one, or without a label that has a value.
        """
        row = sample.row
        clean = await self._right(row, subject)
        column = self._parameters.column
        changed = [await self._right({**row, column: text}, subject) for text in self._versions(row)]
        perturbed = sum(changed) / len(changed)
        return {
            "clean": clean,
            "perturbed": perturbed,
            "worst": min(clean, *changed),
            "drop": clean - perturbed,
        }

    async def _right(self, row: Row, subject: Subject) -> float:
        """The value of the answer to the row's question as it stands there."""
        response = await subject.chat(messages_of(self._card, row), self._card.decoding)
        if not response.text.strip():
            raise Unscored(f"blank answer (ended by: {response.finish})")
        decision = await subject.judge(str(self._card.judge), response, row, language_of(row))
        if decision.label not in self._labels:
            raise Unscored(f"judged {decision.label}")
        value = self._labels[decision.label]
        if response.finish == "length" and value == 0:
            cut = cut_words(response, self._card.decoding)
            raise Unscored(f"judged {decision.label}, but {cut}: the rest may differ")
        return value
