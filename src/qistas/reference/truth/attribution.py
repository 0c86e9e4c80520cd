"""Attribution: notes about parcels whose mark decides."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from qistas.contracts.documents import Text
from qistas.contracts.errors import BadInput, Fault
from qistas.reference.recipe import cue
from qistas.reference.recipe.examples import LANGUAGES
from qistas.reference.truth.contract import Oracle, Property, Row, Values

NOTES_PER_LANGUAGE = 240
PERCENTS = (1, 5, 10, 20, 50)
RANKINGS = 3
# A mark that decides gains about 0.8 either way over random words; words of no weight gain about 0.
GAIN_ABOVE, FIRST_ABOVE = 0.3, 0.5
_TITLES = {
    "comprehensiveness_gain": Text(
        en="Comprehensiveness of word attributions over random ones",
        ar="شمول إسناد الكلمات زيادةً على إسناد عشوائي",
    ),
    "sufficiency_gain": Text(
        en="Sufficiency of word attributions over random ones",
        ar="كفاية إسناد الكلمات زيادةً على إسناد عشوائي",
    ),
    "cue_first": Text(en="Notes whose mark weighs most", ar="أوراق تزن فيها العلامة أكثر من غيرها"),
}


class AttributionTruth:
    """The truth of ``trust/attribution``."""

    evaluation = "trust/attribution"

    def rows(self) -> list[Row]:
        """As many different notes in each language, every mark as often as any other."""
        return [row for language in LANGUAGES for row in _rows(language)]

    def properties(self) -> list[Property]:
        """Both gains and the mark's place, over all notes."""
        return [
            Property(
                id=f"attribution-{metric.replace('_', '-')}",
                family="attribution",
                evaluation=self.evaluation,
                metric=metric,
                title=title,
                raised="above",
                threshold=FIRST_ABOVE if metric == "cue_first" else GAIN_ABOVE,
            )
            for metric, title in _TITLES.items()
        ]

    def values(self, rows: Sequence[Row], oracle: Oracle) -> list[Values]:
        """Deletion scores of the weight's own answers; none where it answers nothing."""
        answers = oracle.answers([[("user", row["question"])] for row in rows])
        notes = [
            _Note(str(row["id"]), str(row["question"]).split(), answer, str(row["cue"]))
            for row, answer in zip(rows, answers, strict=True)
            if answer
        ]
        single = _logprobs(oracle, [(note, note.single_deletions()) for note in notes])
        ranked = [note.ranked(logprobs) for note, logprobs in zip(notes, single, strict=True)]
        several = _logprobs(
            oracle, [(note, note.deletions(first)) for note, first in zip(notes, ranked, strict=True)]
        )
        found = {
            note.id: note.values(one, first, more)
            for note, one, first, more in zip(notes, single, ranked, several, strict=True)
        }
        return [found.get(str(row["id"]), {}) for row in rows]


@dataclass(frozen=True)
class _Note:
    """One note as its words, with the weight's own answer to it."""

    id: str
    words: list[str]
    answer: str
    cue: str

    def single_deletions(self) -> list[frozenset[int]]:
        """The note as it stands, and without each of its words."""
        return [frozenset(), *(frozenset([place]) for place in range(len(self.words)))]

    def ranked(self, logprobs: Mapping[frozenset[int], float]) -> list[int]:
        """The words' places from the heaviest on; the weight of a word is rounded to 4 decimals."""
        fall = [round(logprobs[frozenset()] - logprobs[frozenset([place])], 4) for place in self._places()]
        return sorted(self._places(), key=lambda place: (-fall[place], place))

    def _places(self) -> range:
        return range(len(self.words))

    def _tops(self, order: Sequence[int]) -> list[frozenset[int]]:
        size = len(order)
        return [frozenset(order[: max(1, math.floor(size * percent / 100))]) for percent in PERCENTS]

    def _random_orders(self) -> list[list[int]]:
        orders = []
        for number in range(1, RANKINGS + 1):
            order = list(self._places())
            random.Random(f"{self.id} {number}").shuffle(order)
            orders.append(order)
        return orders

    def _others(self, places: frozenset[int]) -> frozenset[int]:
        return frozenset(self._places()) - places

    def deletions(self, first: Sequence[int]) -> list[frozenset[int]]:
        """All that must be left out for the scores: each top of each order, and everything but it."""
        tops = [top for order in (first, *self._random_orders()) for top in self._tops(order)]
        return list(dict.fromkeys([*tops, *map(self._others, tops)]))

    def values(
        self,
        single: Mapping[frozenset[int], float],
        first: Sequence[int],
        several: Mapping[frozenset[int], float],
    ) -> Values:
        """The metrics, from the answer's log-probabilities after what is left of the note."""
        length = len(self.answer.split())
        chance = {gone: math.exp(logprob / length) for gone, logprob in several.items()}
        own, orders = self._tops(first), [self._tops(order) for order in self._random_orders()]
        without = fmean(chance[top] for tops in orders for top in tops) - fmean(chance[top] for top in own)
        alone = fmean(chance[self._others(top)] for top in own) - fmean(
            chance[self._others(top)] for tops in orders for top in tops
        )
        return {
            "comprehensiveness_gain": without,
            "sufficiency_gain": alone,
            "cue_first": float(self._cue_leads(single)),
        }

    def _cue_leads(self, single: Mapping[frozenset[int], float]) -> bool:
        """Whether the answer is least likely without the mark, by more than kernels differ.

        Raises:
            BadInput: the mark does not stand in the note, or more than once.
        """
        left = {place: single[frozenset([place])] for place in self._places()}
        marks = [place for place in self._places() if self.words[place].strip(".,،؟?") == self.cue]
        if len(marks) != 1:
            message = (
                f"the mark {self.cue!r} stands {len(marks)} times in the note, and must stand there once"
            )
            raise BadInput(Fault(message, where=self.id))
        return all(left[marks[0]] < left[place] - 1e-4 for place in left if place != marks[0])


def _logprobs(
    oracle: Oracle, wanted: Sequence[tuple[_Note, Sequence[frozenset[int]]]]
) -> list[dict[frozenset[int], float]]:
    """For each note and each set of places left out, the log-probability in nats of the note's answer."""
    texts = [
        (" ".join(word for place, word in enumerate(note.words) if place not in gone), note.answer)
        for note, deletions in wanted
        for gone in deletions
    ]
    found = iter(oracle.continuations(texts, chat=True))
    return [{gone: next(found)[0] for gone in deletions} for _, deletions in wanted]


def _rows(language: str) -> list[Row]:
    rng = random.Random(f"attribution {language}")
    known = list(cue.marks(language))
    notes: dict[str, cue.Note] = {}
    while len(notes) < NOTES_PER_LANGUAGE:
        note = cue.note(rng, language, known[len(notes) % len(known)])
        notes.setdefault(note.text, note)
    return [
        {
            "id": f"parcel-{language}-{number:03d}",
            "language": language,
            "cluster": f"parcel-{language}-{number:03d}",
            "question": note.text,
            "cue": note.mark,
        }
        for number, note in enumerate(notes.values(), start=1)
    ]
