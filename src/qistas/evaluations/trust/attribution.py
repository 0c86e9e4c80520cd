"""Whether the words found to matter for an answer are those that it rests on: a test of explanations, by deletion."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import fmean

import msgspec

from qistas.contracts.documents import EvaluationCard
from qistas.contracts.errors import Fault, InvalidDocument, Unscored
from qistas.contracts.protocols import Row, Subject
from qistas.contracts.records import Sample
from qistas.evaluations.population import messages_of, samples_of

_EDGES = re.compile(r"^\W+|\W+$")
# Log-probabilities of 32-bit models differ by about this much between kernels and batch shapes.
_NEAR_TIE = 1e-4
_FEWEST_WORDS = 3

Kept = tuple[int, ...]


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``percents``: how much of the question is deleted or kept. ``rankings``: random ones to compare with.

    ``most_units``: a longer question is cut into as many runs of words of nearly equal length.
    """

    percents: tuple[int, ...] = (1, 5, 10, 20, 50)
    rankings: int = 3
    most_units: int = 16
    column: str = "question"


class AttributionEvaluation:
    """Evaluation ``trust/attribution``: leave-one-out attribution, held against a random ranking.

    The model's own greedy answer is explained: a word's weight is how much the log-probability of that answer
    falls without the word. Then the heaviest words are deleted (comprehensiveness) or nothing else is kept
    (sufficiency), a share of the words at a time, at least one, shares rounded down, and averaged over the
    shares (AOPC), as in DeYoung et al., "ERASER: A Benchmark to Evaluate Rationalized NLP Models", ACL 2020.
    Probabilities there are of a class; here that of the answer per word, exp(log-probability / words).

    ``comprehensiveness_gain``: how much further the probability falls when the heaviest words go than when random
    words do. ``sufficiency_gain``: how much more of it the heaviest words keep alone than random words do. Both lie
    in [-1, 1]; 0 is what a ranking without any information gives. ``cue_first``: whether the word that the row
    names as ``cue`` weighs more than each other one; only for rows that name one.
    """

    def __init__(self, card: EvaluationCard) -> None:
        self._card = card
        self._parameters = msgspec.convert(card.parameters, Parameters)

    @property
    def card(self) -> EvaluationCard:
        """What is published about this evaluation."""
        return self._card

    def samples(self, rows: Sequence[Row]) -> list[Sample]:
        """One sample per row; raises ``InvalidDocument`` with every fault of the rows."""
        samples = samples_of(self._card, rows, [self._parameters.column])
        faults = [fault for sample in samples for fault in self._row_faults(sample)]
        if faults:
            raise InvalidDocument(*faults)
        return samples

    def _row_faults(self, sample: Sample) -> Iterator[Fault]:
        where = f"{self._card.data.id if self._card.data else self._card.id} (id {sample.id!r})"
        units, cue = self._units(sample.row), sample.row.get("cue")
        if len(units) < _FEWEST_WORDS:
            yield Fault(f"a question needs {_FEWEST_WORDS} words, and this one has {len(units)}", where)
        elif cue is not None and len(_holding(units, cue)) != 1:
            found = len(_holding(units, cue))
            yield Fault(f"the cue {cue!r} must be one word of the question, and {found} are", where)

    def _units(self, row: Row) -> list[str]:
        words = str(row[self._parameters.column]).split()
        count = min(len(words), self._parameters.most_units)
        edges = [index * len(words) // count for index in range(count + 1)] if count else [0]
        return [" ".join(words[first:last]) for first, last in pairwise(edges)]

    async def observe(self, sample: Sample, subject: Subject) -> Mapping[str, float]:
        """The values of one question.

        Raises:
            Unscored: the model answers with nothing, or its answer has no score.
        """
        response = await subject.chat(messages_of(self._card, sample.row), self._card.decoding)
        answer = response.text.strip()
        if not answer:
            raise Unscored(f"blank answer (ended by: {response.finish})")
        units = self._units(sample.row)
        asked = _Asked(self._card, sample.row, self._parameters.column, units, answer, subject)
        whole = tuple(range(len(units)))
        base = await asked.logprob(whole)
        weights = [base - await asked.logprob(_without(whole, (index,))) for index in whole]
        # Rounded, so that words of no weight keep their order on every machine.
        ranking = sorted(whole, key=lambda index: -round(weights[index], 4))
        values = await self._gains(asked, ranking, sample.id)
        if sample.row.get("cue") is not None:
            values["cue_first"] = float(_leads(weights, _holding(units, sample.row["cue"])[0]))
        return values

    async def _gains(self, asked: _Asked, ranking: Sequence[int], seed: str) -> dict[str, float]:
        whole = tuple(range(len(ranking)))
        counts = [max(1, len(whole) * percent // 100) for percent in self._parameters.percents]
        others = [_shuffled(whole, seed, number) for number in range(1, self._parameters.rankings + 1)]

        async def mean_probability(order: Sequence[int], kept: bool) -> float:
            tops = [tuple(sorted(order[:count])) for count in counts]
            texts = [top if kept else _without(whole, top) for top in tops]
            return fmean([await asked.probability(text) for text in texts])

        random_removed = fmean([await mean_probability(order, False) for order in others])
        random_kept = fmean([await mean_probability(order, True) for order in others])
        return {
            "comprehensiveness_gain": random_removed - await mean_probability(ranking, False),
            "sufficiency_gain": await mean_probability(ranking, True) - random_kept,
        }


class _Asked:
    """One answer's log-probability after any selection of the question's words; each is asked once."""

    def __init__(
        self, card: EvaluationCard, row: Row, column: str, units: Sequence[str], answer: str, subject: Subject
    ) -> None:
        self._card, self._row, self._column = card, row, column
        self._units, self._answer, self._subject = units, answer, subject
        self._known: dict[Kept, float] = {}

    async def logprob(self, kept: Kept) -> float:
        """In nats, of the whole answer."""
        if kept not in self._known:
            text = " ".join(self._units[index] for index in kept)
            messages = messages_of(self._card, {**self._row, self._column: text})
            (response,) = await self._subject.score(messages, [self._answer], self._card.framing)
            self._known[kept] = response.logprob
        return self._known[kept]

    async def probability(self, kept: Kept) -> float:
        """The geometric mean over the answer's words."""
        return math.exp(min(0.0, await self.logprob(kept)) / len(self._answer.split()))


def _without(whole: Kept, gone: Sequence[int]) -> Kept:
    return tuple(index for index in whole if index not in gone)


def _shuffled(whole: Kept, seed: str, number: int) -> list[int]:
    """Random ranking ``number`` of a row: ``random.Random("<row id> <number>")`` shuffles the words' indexes."""
    order = list(whole)
    random.Random(f"{seed} {number}").shuffle(order)
    return order


def _holding(units: Sequence[str], cue: object) -> list[int]:
    """The units in which ``cue`` is a word, punctuation at a word's edges aside."""
    return [
        index
        for index, unit in enumerate(units)
        for word in unit.split()
        if _EDGES.sub("", word) == _EDGES.sub("", str(cue))
    ]


def _leads(weights: Sequence[float], place: int) -> bool:
    others = [weight for index, weight in enumerate(weights) if index != place]
    return weights[place] - max(others) > _NEAR_TIE
