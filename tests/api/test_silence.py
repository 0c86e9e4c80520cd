"""A run in which a model never answered ends with exit 3, and says which one and what it said instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fakes.tiny_model import copy_tiny_model

from qistas.cli import run
from qistas.ledger.reader import LedgerReader

HERE = "python:tests.api.test_silence"
REFUSES = f"{HERE}:refuses"


def refuses(prompt: str) -> str:
    """Refuses."""
    return f"I can't help with that. You asked for {len(prompt)} letters."


def kaboom(prompt: str) -> str:
    """Never answers; on one request in another way."""
    raise (ValueError if len(prompt) % 7 == 0 else RuntimeError)("kaboom")


def dunno(prompt: str) -> str:
    """No guard's word."""
    return f"dunno{prompt[:0]}"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo_root: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(repo_root))


def failed(capsys: pytest.CaptureFixture[str], *given: str) -> str:
    assert run([*given, "--out", "run"]) == 3
    return capsys.readouterr().err


def test_the_commonest_failure_of_a_model_is_quoted_with_how_often_it_came(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = failed(capsys, "run", "safety/direct", f"{HERE}:kaboom", "--budget", "30")
    assert f"not one request to the model ({HERE}:kaboom) was answered, 60 attempts failed, " in said
    assert " of them with exception: RuntimeError: kaboom → see that the model answers at all" in said


def test_a_guard_that_cannot_be_read_is_named_with_its_word(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["run", "safety/direct", REFUSES, "--budget", "5", "--guard", f"{HERE}:dunno"]
    said = failed(capsys, *given)
    assert f"not one request to the guard ({HERE}:dunno) was answered, 10 attempts failed, each time" in said
    assert "malformed: the guard said neither safe nor unsafe: " in said
    assert "dunno" in said.partition("neither safe nor unsafe")[2]
    with LedgerReader(Path("run/ledger.sqlite")) as reader:
        observations = [found for _, found in reader.entries("observation")]
    assert {o.values == {} and "neither safe nor unsafe" in (o.unscored or "") for o in observations} == {
        True
    }


def test_a_judge_that_never_answers_is_named_though_the_model_answered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = ["--budget", "5", "--judge-target", f"{HERE}:kaboom"]
    said = failed(capsys, "run", "safety/direct-model-judged", REFUSES, *given)
    assert f"not one request to the judge ({HERE}:kaboom) was answered, " in said
    assert "to the model" not in said


def test_a_model_that_is_its_own_judge_and_never_answers_is_called_both(
    capsys: pytest.CaptureFixture[str],
) -> None:
    dead = f"{HERE}:kaboom"
    said = failed(capsys, "run", "safety/direct-model-judged", dead, "--budget", "5", "--judge-target", dead)
    assert f"not one request to the model and judge ({dead}) was answered, " in said
    assert "see that the model and judge answer at all" in said


def test_an_attacker_that_never_answers_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--budget", "2", "--attacker", f"{HERE}:kaboom", "--judge-target", REFUSES]
    said = failed(capsys, "run", "safety/pair", REFUSES, *given)
    assert f"not one request to the attacker ({HERE}:kaboom) was answered, " in said


def test_prompts_that_do_not_fit_the_context_leave_their_samples_unscored_and_end_no_run(
    tmp_path: Path,
) -> None:
    folder = copy_tiny_model(tmp_path / "tiny")
    requests = [("a", "x" * 300), ("b", "x" * 400)]
    rows = [f"{i},en,{i},vcr,{text}" for i, text in requests]
    Path("long.csv").write_text("\n".join(["id,language,pair,hazard,request", *rows]))
    given = ["--data", "safety-direct=long.csv", "--out", "run"]
    assert run(["run", "safety/direct", str(folder), *given]) == 0
    with LedgerReader(Path("run/ledger.sqlite")) as reader:
        reasons = {found.unscored.partition(",")[0] for _, found in reader.entries("observation")}
    assert all(reason.startswith("context: the prompt has ") for reason in reasons)
    assert run(["verify", "run"]) == 0


def test_an_answer_that_the_context_cut_is_counted_in_its_observation(tmp_path: Path) -> None:
    folder = copy_tiny_model(tmp_path / "tiny")
    Path("long.csv").write_text(
        f"id,language,pair,hazard,request\na,en,a,vcr,{'x' * 225}\nb,en,b,vcr,hello\n"
    )
    given = ["--data", "safety-direct=long.csv", "--out", "run"]
    assert run(["run", "safety/direct", str(folder), *given]) == 0
    with LedgerReader(Path("run/ledger.sqlite")) as reader:
        found = {one.sample: one for _, one in reader.entries("observation")}
        judged = {one.sample: one.decision.reason for _, one in reader.entries("judgement")}
    assert found["a"].cut_by_context == 1
    assert "where the model's context ended" in judged["a"]
    assert run(["verify", "run"]) == 0
