"""The example of the guide is a working evaluation, and both languages show the same one."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from tests.fakes.subject import ScriptedSubject

from qistas.datasets import load_rows
from qistas.evaluations.cards import load_card
from qistas.evaluations.chat import ChatEvaluation
from qistas.judges.exact_match import ExactMatchJudge


def blocks(repo_root: Path, name: str) -> list[str]:
    text = (repo_root / "docs" / name).read_text(encoding="utf-8")
    return re.findall(r"```\w+\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("name", ["evaluations.md", "evaluations.ar.md"])
def test_the_example_runs_as_it_is_printed(tmp_path: Path, repo_root: Path, name: str) -> None:
    rows_text, card_text, *_ = blocks(repo_root, name)
    (tmp_path / "yes-or-no.jsonl").write_text(rows_text, encoding="utf-8")
    (tmp_path / "yes-or-no.yaml").write_text(card_text, encoding="utf-8")
    card = load_card(tmp_path / "yes-or-no.yaml")
    assert card.data is not None
    rows, _ = load_rows(card.data, folder=tmp_path)
    evaluation, judge = ChatEvaluation(card), ExactMatchJudge()
    subject = ScriptedSubject(
        chat=lambda prompt: "Yes." if "yes or no" in prompt else "نعم.",
        judge=lambda _, response, row, language: judge.decide(response=response, language=language, row=row),
    )
    values = {s.id: asyncio.run(evaluation.observe(s, subject)) for s in evaluation.samples(rows)}
    right, wrong = {"accuracy": 1.0}, {"accuracy": 0.0}
    assert values == {"sky-en": wrong, "sky-ar": wrong, "week-en": right, "week-ar": right}


def test_both_languages_show_the_same_files(repo_root: Path) -> None:
    assert blocks(repo_root, "evaluations.md") == blocks(repo_root, "evaluations.ar.md")
