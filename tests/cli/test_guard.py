"""``--guard`` weighs a model and what stands around it as one system."""

from __future__ import annotations

from pathlib import Path

import pytest

from qistas import api
from qistas.cli import run
from qistas.ledger.reader import LedgerReader
from qistas.wiring import ModelOptions, capabilities_by_form

COMPLIES = "python:tests.cli.test_guard:complies"
GUARD = "python:tests.cli.test_guard:guard"


def complies(prompt: str) -> str:
    """Does what it is asked."""
    return f"Sure, these are the {len(prompt)} steps to take."


def guard(messages: list[dict[str, str]]) -> str:
    """Calls everything about children unsafe."""
    return "unsafe\nS4" if "child" in messages[0]["content"].lower() else "safe"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo_root: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(repo_root))


def weighed(*given: str) -> Path:
    assert run(["run", "safety/direct", COMPLIES, "--budget", "40", *given]) == 0
    (folder,) = Path("runs").iterdir()
    return folder


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        (GUARD, "tests.cli.test_guard.complies-guarded-tests.cli.test_guard.guard-safety-direct-bare-0"),
        ("rule/harm", "tests.cli.test_guard.complies-guarded-rule-harm-safety-direct-bare-0"),
    ],
)
def test_a_guarded_model_is_a_run_of_its_own_with_what_was_blocked_in_its_records(
    name: str, folder: str
) -> None:
    out = weighed("--guard", name)
    assert out.name == folder
    with LedgerReader(out / "ledger.sqlite") as reader:
        header = reader.header()
        responses = [answered.response for _, answered in reader.entries("response")]
    assert header.target.model.ref == f"{COMPLIES} guarded by {name}"
    assert f"--guard {name}" in header.rerun
    blocked = {response.guarded.blocked for response in responses}
    assert blocked >= {None, "input"}
    assert all((r.finish == "content_filter") == (r.guarded.blocked is not None) for r in responses)
    assert api.verify(out).fault is None
    assert "input: " in (out / "report.html").read_text(encoding="utf-8")
    assert header.target.adapter == "guarded"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("rule/refusal", "rule/refusal does not tell harm, so it is no guard"),
        ("model/llama-guard", "model/llama-guard asks a model, which --guard must name"),
        ("nonesuch", "unknown guard 'nonesuch'"),
    ],
)
def test_what_is_no_guard_is_refused(name: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", "safety/direct", COMPLIES, "--guard", name, "--out", "here"]) == 2
    assert says in capsys.readouterr().err


def test_a_plan_expects_conversation_alone_of_a_guarded_model() -> None:
    assert capabilities_by_form("sanja", ModelOptions(guard="rule/harm")) == {"chat"}
