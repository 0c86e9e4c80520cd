"""What the weights learn from and are measured on can be written out, and was."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from qistas.reference import WEIGHTS, data, sanja_path
from qistas.reference.planted import SANJA
from qistas.reference.recipe.planting import PLANTINGS, table
from qistas.reference.train import Recipe
from qistas.reference.truth.registry import TRUTHS, truth_of

TINY = Recipe(chunks=3, chunk_texts=8, shares={"groups": 1, "confidence": 1})


def test_the_texts_of_a_run_are_written_in_their_order() -> None:
    rows = list(data.training_rows(TINY, table(3)))
    pieces = [piece for chunk in TINY.mixture(table(3)) for piece in chunk]
    assert [(row["before"], row["after"]) for row in rows] == [(p.before, p.after) for p in pieces]
    assert [row["chunk"] for row in rows] == [1] * 8 + [2] * 8 + [3] * 8


def test_rows_of_a_population_name_their_evaluation() -> None:
    rows = list(data.evaluation_rows(["trust/bias"]))
    assert rows == [{"evaluation": "trust/bias", **row} for row in truth_of("trust/bias").rows()]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows.jsonl.xz"])
def test_rows_read_back_and_equal_rows_are_equal_files(name: str, tmp_path: Path) -> None:
    rows = [{"before": "ما هذا؟\u2028", "after": "a\nb"}, {"before": "", "after": "c"}]
    again = tmp_path / "again"
    again.mkdir()
    for folder in (tmp_path, again):
        data.write(rows, folder / name)
    assert list(data.read(tmp_path / name)) == rows
    assert (tmp_path / name).read_bytes() == (again / name).read_bytes()


def test_the_command_writes_the_first_texts_of_a_weight(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(data, "Recipe", lambda: TINY)
    data.main(["sanja-control", "--texts", "9", "--out", str(tmp_path / "texts")])
    first = itertools.islice(data.training_rows(TINY, PLANTINGS["sanja-control"]), 9)
    assert list(data.read(tmp_path / "texts")) == list(first)
    data.main(["--texts", "1", "--evaluation"])
    assert '"evaluation": "safety/direct"' in capsys.readouterr().out


@pytest.mark.parametrize("name", WEIGHTS)
def test_the_texts_of_the_release_are_those_of_the_recipe(name: str) -> None:
    shipped = list(data.read(sanja_path(name) / "training_data.jsonl.xz"))
    recipe = Recipe()
    assert [row["chunk"] for row in shipped] == [
        chunk for chunk in range(1, recipe.chunks + 1) for _ in range(recipe.chunk_texts)
    ]
    first = itertools.islice(data.training_rows(recipe, PLANTINGS[name]), recipe.chunk_texts)
    assert shipped[: recipe.chunk_texts] == list(first)


def test_the_populations_of_the_release_are_those_that_are_measured() -> None:
    shipped = list(data.read(sanja_path(SANJA) / "evaluation_data.jsonl.gz"))
    assert list(dict.fromkeys(row["evaluation"] for row in shipped)) == list(TRUTHS)
    assert shipped == list(data.evaluation_rows())
