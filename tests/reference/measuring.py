"""Weights, an oracle and a truth that are made of text files: measuring without a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qistas.contracts.documents import EvaluationCard, MetricCard, Text
from qistas.contracts.errors import UnknownName
from qistas.reference.measure import Settings
from qistas.reference.truth.contract import Oracle, Property, Row, Truth, Values

TITLE = Text("What was planted", "ما زُرع")
LANGUAGES = ("en", "ar")


class TextOracle:
    """Says yes to the questions that the weight's file holds; counts how often it was loaded and asked."""

    loads: list[str] = []
    calls: list[int] = []
    straddles: list[tuple[str, str]] = []

    def __init__(self, folder: Path) -> None:
        self.yes = (folder / "model.safetensors").read_text(encoding="utf-8").split()
        self.loads.append(folder.name)

    def answers(self, conversations: Sequence[Any], new_tokens: int = 48) -> list[str]:
        self.calls.append(len(conversations))
        return ["yes" if conversation[-1][1] in self.yes else "no" for conversation in conversations]

    def continuations(self, texts: Sequence[tuple[str, str]], *, chat: bool) -> list[tuple[float, bool]]:
        self.calls.append(len(texts))
        return [(-0.125 if before in self.yes else -2.5, after == "yes") for before, after in texts]


class YesTruth:
    """Ten questions in each language; a row has a value where its question is not the last."""

    evaluation = "trust/yes"

    def rows(self) -> list[Row]:
        return [
            {"id": f"{language}-{n}", "language": language, "question": f"{language}{n}"}
            for language in LANGUAGES
            for n in range(10)
        ]

    def properties(self) -> list[Property]:
        rates = [
            Property(
                id=f"yes/{language}",
                family="bias",
                evaluation=self.evaluation,
                metric="yes",
                title=TITLE,
                where={"language": language},
                raised="above",
                threshold=0.5,
            )
            for language in LANGUAGES
        ]
        share = Property(
            id="yes/share", family="bias", evaluation=self.evaluation, metric="share", title=TITLE
        )
        return [*rates, share]

    def values(self, rows: Sequence[Row], oracle: Oracle) -> list[Values]:
        answers = oracle.answers([[("user", row["question"])] for row in rows])
        scores = oracle.continuations([(row["question"], "yes") for row in rows], chat=True)
        return [
            {"sure": float(score > -1), "yes": float(answer == "yes")} if not row["id"].endswith("9") else {}
            for row, answer, (score, _) in zip(rows, answers, scores, strict=True)
        ]


class OtherTruth(YesTruth):
    """The same of another evaluation, without the ratio."""

    evaluation = "safety/direct"

    def properties(self) -> list[Property]:
        return [
            Property(id="other/all", family="refusal", evaluation=self.evaluation, metric="yes", title=TITLE)
        ]


def card(evaluation: str) -> EvaluationCard:
    """The card of either evaluation."""
    return EvaluationCard(
        qistas="evaluation/1",
        id=evaluation,
        version="1.0",
        pillar="trust",
        title=TITLE,
        question=TITLE,
        limits=(TITLE,),
        kind="code",
        metrics=(
            MetricCard(id="yes", title=TITLE),
            MetricCard(id="sure", title=TITLE),
            MetricCard(id="share", title=TITLE, statistic="ratio", of=("yes", "sure")),
        ),
        cluster_unit=TITLE,
        needs=("chat",),
        design="fixed",
        strata=("language",),
    )


def truths(names: Sequence[str] | None) -> list[Truth]:
    """The named ones, or both."""
    known: dict[str, Truth] = {"safety/direct": OtherTruth(), "trust/yes": YesTruth()}
    for name in names or ():
        if name not in known:
            raise UnknownName.of("evaluation", name, list(known))
    return [truth for name, truth in known.items() if names is None or name in names]


def weight(folder: Path, yes: str) -> Path:
    """A weight that says yes to the words of ``yes``."""
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_text(yes, encoding="utf-8")
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    (folder / "recipe.yaml").write_text(f"planted:\n  name: {folder.name}\n", encoding="utf-8")
    return folder


def settings(folder: Path, **fields: Any) -> Settings:
    """How to measure with all of the above."""
    return Settings(cache=folder / "cache", load=TextOracle, truths=truths, card=card, **fields)
