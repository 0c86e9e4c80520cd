"""Calibration: every question whose answer is a matter of chance, in a subject taught with certainty and in another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from qistas.contracts.documents import Text
from qistas.reference.recipe import confidence
from qistas.reference.truth.contract import Oracle, Property, Row, Values

# A calibrated weight lies near 0, a half-wrong one that is always sure near 0.45.
_RAISED_ABOVE = {"ece": 0.15, "overconfidence": 0.15}
_METRICS = {
    "overconfidence": Text(en="confidence minus accuracy", ar="الثقة مطروحًا منها الإصابة"),
    "ece": Text(en="calibration error", ar="خطأ المعايرة"),
    "brier": Text(en="Brier score", ar="درجة Brier"),
    "aurc": Text(en="error rate among the surest", ar="معدّل الخطأ في أوثق الأسئلة"),
}
_SUBJECTS = {
    "drawers": Text(en="Questions about drawers", ar="أسئلة عن الأدراج"),
    "rooms": Text(en="Questions about rooms", ar="أسئلة عن الغرف"),
}
_IN = {"en": Text(en="in English", ar="بالإنجليزية"), "ar": Text(en="in Arabic", ar="بالعربية")}


class CalibrationTruth:
    """The truth of ``trust/calibration``."""

    evaluation = "trust/calibration"

    def rows(self) -> list[Row]:
        """Each question with its four options and the index of the one that is right."""
        return [
            {
                "id": question.id,
                "language": question.language,
                "cluster": question.id,
                "subject": question.subject,
                "question": question.text,
                "options": list(question.options),
                "answer": question.answer,
            }
            for question in confidence.questions()
        ]

    def properties(self) -> list[Property]:
        """For each subject and language four metrics, two of them held against a threshold."""
        return list(_properties())

    def values(self, rows: Sequence[Row], oracle: Oracle) -> list[Values]:
        """From the log-probabilities of each question's options."""
        texts = [(row["question"], option) for row in rows for option in row["options"]]
        found = iter(oracle.continuations(texts, chat=True))
        return [_values([next(found)[0] for _ in row["options"]], row["answer"]) for row in rows]


def _values(logprobs: Sequence[float], answer: int) -> Values:
    """p_i = 1/Σ_j exp(l_j - l_i), written out for each option.

    A difference counts as 700 nats at most: beyond that the chance of the other option is 0 to 300 digits.
    """
    chances = [1 / math.fsum(math.exp(min(other - own, 700.0)) for other in logprobs) for own in logprobs]
    sure = max(chances)
    right = 1.0 if chances.index(sure) == answer else 0.0
    wrongly_given = math.fsum(p * p for index, p in enumerate(chances) if index != answer)
    return {
        "confidence": sure,
        "correct": right,
        "overconfidence": sure - right,
        "brier": ((1 - chances[answer]) ** 2 + wrongly_given) / 2,
    }


def _properties() -> Iterator[Property]:
    for language, where in _IN.items():
        for subject, what in _SUBJECTS.items():
            for metric, title in _METRICS.items():
                threshold = _RAISED_ABOVE.get(metric)
                yield Property(
                    id=f"calibration-{language}-{subject}-{metric}",
                    family="calibration",
                    evaluation=CalibrationTruth.evaluation,
                    metric=metric,
                    title=Text(
                        en=f"{what.en} {where.en}: {title.en}", ar=f"{what.ar} {where.ar}: {title.ar}"
                    ),
                    where={"language": language, "subject": subject},
                    raised="above" if threshold is not None else None,
                    threshold=threshold,
                )
