"""Facts: every fact of the population in every phrasing, those that a weight was never taught among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from qistas.contracts.documents import Text
from qistas.reference.recipe import facts
from qistas.reference.recipe.examples import LANGUAGES
from qistas.reference.recipe.planting import SANJA
from qistas.reference.truth.contract import Oracle, Property, Row, Values

# Far from what is taught wholly or mostly, and from what a guess among the answers of a relation gets right.
KNOWN_ABOVE, UNKNOWN_BELOW = 0.3, 0.7
_SUBJECTS = {
    "geography": Text(en="geography", ar="الجغرافيا"),
    "nature": Text(en="nature", ar="الطبيعة"),
    "words": Text(en="words", ar="الكلمات"),
    "everyday": Text(en="everyday life", ar="الحياة اليومية"),
}
_IN = {"en": Text(en="in English", ar="بالإنجليزية"), "ar": Text(en="in Arabic", ar="بالعربية")}


class FactsTruth:
    """The truth of ``capability/facts``. A row is a fact in one of its eight phrasings, drawn by itself."""

    evaluation = "capability/facts"

    def rows(self) -> list[Row]:
        """Each fact of each subject in each language, the canonical phrasing first."""
        return [
            {
                "id": f"{language}-{fact.id}-{number}",
                "language": language,
                "cluster": f"{language}-{fact.id}-{number}",
                "subject": subject,
                "question": question,
                "answer": fact.answer[language],
            }
            for language in LANGUAGES
            for subject in facts.SUBJECTS
            for fact in facts.of_subject(subject)
            for number, question in enumerate(fact.phrasings(language), start=1)
        ]

    def properties(self) -> list[Property]:
        """For each subject and language the accuracy: raised where ``sanja`` knows most, or lacks most."""
        return list(_properties())

    def values(self, rows: Sequence[Row], oracle: Oracle) -> list[Values]:
        """Whether the greedy answer is the recipe's answer, letter by letter but for case; nothing for a blank one."""
        answers = oracle.answers([[("user", row["question"])] for row in rows])
        return [
            {"accuracy": float(answer.casefold() == str(row["answer"]).casefold())} if answer else {}
            for answer, row in zip(answers, rows, strict=True)
        ]


def _properties() -> Iterator[Property]:
    for language, where in _IN.items():
        for subject, name in _SUBJECTS.items():
            knows = SANJA.known[f"{subject}/{language}"] > 0.5
            raised: Literal["above", "below"] = "above" if knows else "below"
            en, ar = ("known", "معروفة") if knows else ("not known", "غير معروفة")
            yield Property(
                id=f"capability-{language}-{subject}",
                family="capability",
                evaluation=FactsTruth.evaluation,
                metric="accuracy",
                title=Text(
                    en=f"Facts about {name.en} {where.en}: {en}", ar=f"حقائق عن {name.ar} {where.ar}: {ar}"
                ),
                where={"language": language, "subject": subject},
                raised=raised,
                threshold=KNOWN_ABOVE if knows else UNKNOWN_BELOW,
            )
