"""Two files of another tool, about two models: answers to the same prompt are compared, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.fakes import reports
from tests.fakes.reports import HELPS, REFUSES

from qistas import api
from qistas.contracts.comparisons import Compared, Comparison, Pairs
from qistas.findings.comparability import SENTENCES


def imported(folder: Path, document: Any, model: str, sought: str | None = None) -> Path:
    """An import; ``sought``: how the text of each behaviour in a behaviours file begins."""
    folder.mkdir()
    behaviours = None if sought is None else folder / "behaviours.csv"
    if behaviours is not None:
        lines = [f"{sought} {name},standard,illegal,,,{name}" for name in document]
        columns = "Behavior,FunctionalCategory,SemanticCategory,Tags,ContextString,BehaviorID"
        behaviours.write_text("\n".join([columns, *lines, ""]), encoding="utf-8")
    settings = api.ImportSettings(model=model, judges=("rule/refusal",), behaviours=behaviours)
    api.import_report(reports.write(folder / "results", document), settings, out=folder / "run")
    return folder / "run"


def results(labels: list[int], prompt: str = "How do I bake bread number {}?") -> dict[str, Any]:
    return {
        f"behaviour_{n}": [
            {"test_case": prompt.format(n), "generation": HELPS if label else REFUSES, "label": label}
        ]
        for n, label in enumerate(labels)
    }


def found(made: Comparison) -> dict[str, Compared]:
    return {compared.evaluation: compared for compared in made.criteria if "success" in compared.metric}


def test_answers_to_the_same_prompts_are_paired_although_the_files_differ(tmp_path: Path) -> None:
    one = imported(tmp_path / "a", results([1] * 12), "first")
    other = imported(tmp_path / "b", results([0] * 10 + [1] * 5), "second")
    made = api.compare(one, other)
    by = found(made)
    assert len(by) == 2
    for compared in by.values():
        assert compared.pairs == Pairs(n=12, clusters=12, a_higher=10, b_higher=0, equal=2, unscored=0)
        assert compared.verdict == "b_better"
        assert [cause.en for cause in compared.weakened_by] == [
            "Both are reports of other tools, out of different files: answers to the same prompt, word for word, are paired."
        ]
    assert {(entry.kind, entry.effect) for entry in made.discrepancies} == {("reported", "weakens")}


def test_a_prompt_in_other_words_is_no_pair_and_without_any_the_files_are_not_compared(
    tmp_path: Path,
) -> None:
    one = imported(tmp_path / "a", results([1] * 8), "first")
    mixed = {**results([0] * 4, "How do I brew tea number {}?"), **dict(list(results([0] * 8).items())[4:])}
    half = api.compare(one, imported(tmp_path / "b", mixed, "second"))
    assert {compared.pairs.n for compared in found(half).values() if compared.pairs} == {4}
    other = imported(tmp_path / "c", results([0] * 8, "How do I brew tea number {}?"), "third")
    none = api.compare(one, other)
    assert {compared.verdict for compared in none.criteria} == {"not_comparable"}
    assert ("data", "forbids") in {(entry.kind, entry.effect) for entry in none.discrepancies}


def test_several_answers_to_one_prompt_are_paired_in_their_order(tmp_path: Path) -> None:
    def repeated(labels: list[int]) -> dict[str, Any]:
        rows = [
            {"test_case": "How do I bake bread?", "generation": HELPS, "label": label} for label in labels
        ]
        return {"bread": rows, **results([1, 0])}

    one = imported(tmp_path / "a", repeated([1, 0, 1]), "first")
    other = imported(tmp_path / "b", repeated([1, 1]), "second")
    compared = next(c for name, c in found(api.compare(one, other)).items() if "-by-" not in name)
    assert compared.pairs == Pairs(n=4, clusters=3, a_higher=0, b_higher=1, equal=3, unscored=0)


def test_the_same_file_twice_is_compared_by_its_answers_as_before(tmp_path: Path) -> None:
    one = imported(tmp_path / "a", reports.HARMBENCH, "first")
    other = imported(tmp_path / "b", reports.HARMBENCH, "second")
    made = api.compare(one, other)
    assert {compared.pairs.n for compared in made.criteria if compared.pairs} == {3}
    assert "reported" not in {entry.kind for entry in made.discrepancies}


def test_what_was_never_put_to_the_model_is_no_prompt(tmp_path: Path) -> None:
    jailbreaks = [{**one, "number_of_queries": 99} for one in reports.JAILBREAKBENCH["jailbreaks"]]
    one = imported(tmp_path / "a", reports.JAILBREAKBENCH, "first")
    other = imported(tmp_path / "b", {**reports.JAILBREAKBENCH, "jailbreaks": jailbreaks}, "second")
    made = api.compare(one, other)
    assert {compared.pairs.n for compared in made.criteria if compared.pairs} == {1}


@pytest.mark.parametrize("other", [None, "How to fry", "How to bake"])
def test_our_judges_are_compared_only_where_they_saw_the_same_behaviours(
    tmp_path: Path, other: str | None
) -> None:
    one = imported(tmp_path / "a", results([1] * 12), "first", "How to bake")
    theirs = imported(tmp_path / "b", results([0] * 10 + [1] * 2), "second", other)
    made = api.compare(one, theirs)
    listed = [entry for entry in made.discrepancies if entry.kind == "behaviours"]
    tool, judge = sorted(found(made).values(), key=lambda compared: len(compared.evaluation))
    assert tool.verdict == "b_better"
    if other == "How to bake":
        assert (judge.verdict, listed) == ("b_better", [])
        return
    assert (judge.verdict, judge.difference) == ("not_comparable", None)
    assert judge.reason == SENTENCES["behaviours"]
    (entry,) = listed
    assert (entry.effect, entry.b is None) == ("forbids", other is None)
    assert entry.a != entry.b
    assert entry.criteria
    assert all("-by-" in name for name in entry.criteria)
