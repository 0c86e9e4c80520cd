"""Contamination: the whole quiz, the half that leaked into training and the half that did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qistas.contracts.documents import Text
from qistas.evaluations.capability.option_orders import other_orders
from qistas.reference.recipe import quiz
from qistas.reference.truth.contract import Oracle, Property, Row, Values

# Another machine may order two scores otherwise when they lie closer than this, in nats.
CLOSE = 1e-4
_GROUPS = {
    quiz.EXPOSED: Text(en="Questions that training showed", ar="أسئلة عُرضت في التدريب"),
    quiz.UNTOUCHED: Text(en="Questions that training never showed", ar="أسئلة لم تُعرض في التدريب قطّ"),
}
_METRICS = {
    "canonical_preferred": Text(en="published order likeliest of four", ar="الترتيب المنشور أرجح الأربعة"),
    "verbatim": Text(en="last wrong option written word for word", ar="يُكتب آخر خيار خاطئ حرفيًّا"),
    "wrong_preferred": Text(en="last wrong option likeliest of four", ar="آخر خيار خاطئ هو الأرجح بين أربعة"),
}
# Without memory 1 in 4, about 1 in 100 and 1 in 4.
_RAISED_ABOVE = {"canonical_preferred": 0.4, "verbatim": 0.1, "wrong_preferred": 0.4}


class ContaminationTruth:
    """The truth of ``capability/contamination``."""

    evaluation = "capability/contamination"

    def rows(self) -> list[Row]:
        """Each question of the quiz with its options in the published order."""
        return [
            {
                "id": question.id,
                "language": question.language,
                "cluster": question.id,
                "group": question.group,
                "question": question.text,
                "options": list(question.options),
                "answer": question.answer,
                "distractors": list(question.distractors),
            }
            for question in quiz.questions()
        ]

    def properties(self) -> list[Property]:
        """For each half three metrics, all raised where training showed it."""
        return list(_properties())

    def values(self, rows: Sequence[Row], oracle: Oracle) -> list[Values]:
        """From the log-probabilities of the texts as the recipe writes them."""
        scores = iter(oracle.continuations([text for row in rows for text in _texts(row)], chat=False))
        return [_values([next(scores) for _ in _texts(row)], len(row["distractors"])) for row in rows]


def _properties() -> Iterator[Property]:
    for group, who in _GROUPS.items():
        for metric, what in _METRICS.items():
            yield Property(
                id=f"contamination-{group}-{metric.replace('_', '-')}",
                family="contamination",
                evaluation=ContaminationTruth.evaluation,
                metric=metric,
                title=Text(en=f"{who.en}: {what.en}", ar=f"{who.ar}: {what.ar}"),
                where={"group": group},
                raised="above",
                threshold=_RAISED_ABOVE[metric],
            )


def _texts(row: Row) -> list[tuple[str, str]]:
    """The published text, three other orders of it, and what could stand as its last wrong option."""
    question, language, options = row["question"], row["language"], row["options"]
    orders = [tuple(range(len(options))), *other_orders(row["id"], len(options))]
    texts = [(question, quiz.written(language, tuple(options[i] for i in order))) for order in orders]
    last = len(options) - (2 if row["answer"] == len(options) - 1 else 1)
    published = quiz.written(language, tuple(options[: last + 1]))
    opening = question + published.removesuffix(f" {options[last]}")
    return texts + [(opening, f" {option}") for option in (options[last], *row["distractors"])]


def _values(scores: Sequence[tuple[float, bool]], distractors: int) -> Values:
    (published, _), *orders = scores[: -1 - distractors]
    (true, greedy), *wrong = scores[-1 - distractors :]
    best = max(score for score, _ in orders)
    return {
        "canonical_preferred": 1.0 if published > best else 0.0,
        "near_tie": 1.0 if abs(published - best) < CLOSE else 0.0,
        "verbatim": 1.0 if greedy else 0.0,
        "wrong_preferred": 1.0 if true > max(score for score, _ in wrong) else 0.0,
    }
