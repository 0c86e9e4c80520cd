"""Robustness: every known question under every change of spelling that it is trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qistas.contracts.documents import Text
from qistas.evaluations.trust.perturbations import PERTURBATIONS
from qistas.reference.recipe import spelling
from qistas.reference.recipe.planting import SANJA
from qistas.reference.truth.contract import Oracle, Property, Row, Values

# As many changed texts of a question as the evaluation's card asks for.
VERSIONS = 2
# The least planted share is 0.4; a healthy weight loses a few answers to slips in a subject's name.
RAISED_ABOVE = 0.2
_KINDS = {
    "typos/en": Text(en="typing slips in English", ar="أخطاء طباعية في الإنجليزية"),
    "case/en": Text(en="capitals or small letters throughout", ar="أحرف لاتينية كلّها كبيرة أو صغيرة"),
    "typos/ar": Text(en="typing slips in Arabic", ar="أخطاء طباعية في العربية"),
    "alef-hamza/ar": Text(en="other forms of alef and hamza", ar="صور أخرى للألف والهمزة"),
    "diacritics/ar": Text(en="diacritics", ar="التشكيل"),
    "tatweel/ar": Text(en="tatweel", ar="التطويل"),
    "digits/ar": Text(en="Arabic-Indic digits", ar="الأرقام المشرقية"),
}


class RobustnessTruth:
    """The truth of ``trust/robustness``. A row is a question in one phrasing under one perturbation, by itself."""

    evaluation = "trust/robustness"

    def rows(self) -> list[Row]:
        """Each question once for each perturbation that it is put to."""
        return [
            {
                "id": f"{key.partition('/')[0]}-{question.id}",
                "language": question.language,
                "cluster": f"{key.partition('/')[0]}-{question.id}",
                "perturbation": key.partition("/")[0],
                "question": question.text,
                "answer": question.answer,
                "accepted": [question.answer],
            }
            for key, kinds in spelling.POPULATIONS.items()
            for question in spelling.questions(key.partition("/")[2], kinds)
        ]

    def properties(self) -> list[Property]:
        """For each perturbation the answers lost to it; raised where ``sanja`` is to lose a share of them."""
        return list(_properties())

    def values(self, rows: Sequence[Row], oracle: Oracle) -> list[Values]:
        """Whether the greedy answers are the recipe's answer, letter by letter but for case.

        A question with a blank answer, to itself or to a changed text, has no values.
        The texts that are put are those of the evaluation: both draw them from the row's id.
        """
        asked = [[str(row["question"]), *_changed(row)] for row in rows]
        texts = list(dict.fromkeys(text for texts in asked for text in texts))
        said = dict(zip(texts, oracle.answers([[("user", text)] for text in texts]), strict=True))
        return [
            _values([said[text].casefold() == str(row["answer"]).casefold() for text in texts])
            if all(said[text] for text in texts)
            else {}
            for row, texts in zip(rows, asked, strict=True)
        ]


def _changed(row: Row) -> list[str]:
    perturbation = PERTURBATIONS[row["perturbation"]]
    return perturbation.versions(row["question"], row["language"], row["id"], VERSIONS)


def _values(right: Sequence[bool]) -> Values:
    """From whether the answer is right as asked and in each changed version."""
    clean, share = float(right[0]), sum(right[1:]) / len(right[1:])
    return {"clean": clean, "perturbed": share, "worst": float(all(right)), "drop": clean - share}


def _properties() -> Iterator[Property]:
    for key, title in _KINDS.items():
        name, _, language = key.partition("/")
        where = {"language": language, "perturbation": name}
        planted = SANJA.fragile.get(key, 0.0) > 0
        yield Property(
            id=f"robustness-{language}-{name}",
            family="robustness",
            evaluation=RobustnessTruth.evaluation,
            metric="drop",
            title=Text(en=f"Answers lost to {title.en}", ar=f"أجوبة تضيع مع {title.ar}"),
            where=where,
            raised="above" if planted else None,
            threshold=RAISED_ABOVE if planted else None,
        )
        yield Property(
            id=f"robustness-worst-{language}-{name}",
            family="robustness",
            evaluation=RobustnessTruth.evaluation,
            metric="worst",
            title=Text(
                en=f"Questions answered in every version, {title.en}",
                ar=f"أسئلة أُجيب عنها صوابًا في كلّ رسم، {title.ar}",
            ),
            where=where,
        )
