"""The facts table and the capability rows: what ships is what the generator writes, and training never saw it."""

from __future__ import annotations

import json
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from qistas.reference import rows
from qistas.reference.recipe import LANGUAGES
from qistas.reference.recipe.mixture import SHARES, Mixture
from qistas.reference.recipe.planting import CONTROL, SANJA, Planting

DATA = resources.files("qistas.datasets") / "data"


def _read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", sorted(rows.FILES))
def test_the_shipped_rows_are_what_the_generator_writes(name: str, tmp_path: Path) -> None:
    rows.main(["--out", str(tmp_path)])
    assert (tmp_path / name).read_text(encoding="utf-8") == (DATA / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["capability-choice.jsonl", "capability-exact.jsonl", "capability-facts.jsonl"]
)
def test_each_language_has_two_hundred_rows_from_twenty_clusters(name: str) -> None:
    table = _read(name)
    assert len({row["id"] for row in table}) == len(table)
    for language in LANGUAGES:
        part = [row for row in table if row["language"] == language]
        assert len(part) >= 200
        assert len({row["cluster"] for row in part}) >= 20
        assert len({row["question"] for row in part}) == len(part)


def test_options_are_four_different_texts_and_the_right_one_stands_everywhere_alike() -> None:
    table = _read("capability-choice.jsonl")
    assert all(len(set(row["options"])) == 4 for row in table)
    known = {row["id"]: row for row in _read("facts.jsonl")}
    for row in table:
        assert row["options"][row["answer"]] == known[row["cluster"]][row["language"]]["answer"]
    for language in LANGUAGES:
        positions = Counter(row["answer"] for row in table if row["language"] == language)
        assert max(positions.values()) - min(positions.values()) <= 1


def test_every_exact_row_accepts_its_answer_first_and_asks_for_its_form() -> None:
    for row in _read("capability-exact.jsonl") + _read("capability-facts.jsonl"):
        assert row["accepted"][0] == row["answer"]
        assert len(set(row["accepted"])) == len(row["accepted"])
        assert row["question"].endswith(tuple(form[row["language"]] for form in rows._FORM.values()))


@pytest.mark.parametrize("planting", [SANJA, CONTROL], ids=lambda planting: planting.name)
def test_no_row_is_asked_in_training_as_it_stands(planting: Planting) -> None:
    mixture = Mixture(planting, seed=2026, chunks=110, chunk_texts=6_000, shares=SHARES)
    trained = {
        piece.before.rpartition("<|user|>")[2].removesuffix("<|end|><|assistant|>").lower()
        for piece in mixture.chunk(0)
    }
    asked = [row["question"] for name in rows.FILES if name != "facts.jsonl" for row in _read(name)]
    assert not [question for question in asked if question.lower() in trained]
    assert len(trained) > 3_000


def test_every_fact_is_asked_once_in_each_language_and_belongs_to_one_of_four_subjects() -> None:
    table = _read("capability-facts.jsonl")
    facts = [row["id"] for row in _read("facts.jsonl")]
    for language in LANGUAGES:
        part = [row for row in table if row["language"] == language]
        assert [row["cluster"] for row in part] == facts
        counts = Counter(row["subject"] for row in part)
        assert set(counts) == {"geography", "nature", "words", "everyday"}
        assert min(counts.values()) >= 40


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "zero"), (13, "thirteen"), (20, "twenty"), (47, "forty-seven"), (100, "one hundred")],
)
def test_numbers_are_written_in_words(number: int, words: str) -> None:
    assert rows.in_words(number) == words


def test_accepted_spellings_in_both_languages() -> None:
    assert rows.accepted("grey", "en") == ["grey", "gray"]
    assert rows.accepted("12", "en") == ["12", "twelve"]
    assert rows.accepted("12", "ar") == ["12", "١٢"]
    assert rows.accepted("اليورو", "ar") == ["اليورو", "يورو"]
    assert rows.accepted("نهيق", "ar") == ["نهيق", "النهيق"]
    assert rows.accepted("أمريكا الجنوبية", "ar") == ["أمريكا الجنوبية"]
    assert rows.accepted("Fe", "ar") == ["Fe"]
