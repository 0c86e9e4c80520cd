"""Models on this machine and from a hub, weighed from end to end; tiny random ones, so no verdict is expected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers", reason="needs the extra local")

from tests.fakes.hub import COMMIT, FakeHub
from tests.fakes.tiny_model import copy_tiny_model

from qistas import api
from qistas.contracts.errors import BadInput
from qistas.contracts.findings import Finding
from qistas.contracts.records import Header
from qistas.engine.plan import RunSettings
from qistas.ledger.reader import LedgerReader
from qistas.wiring import ModelOptions


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def weigh(model: str, out: str, **options: Any) -> tuple[dict[str, Finding], Header]:
    made = api.weigh(
        model, out=Path(out), options=ModelOptions(**options), settings=RunSettings(budget=3, seed=1)
    )
    assert api.verify(Path(out)).fault is None
    with LedgerReader(Path(out) / "ledger.sqlite") as reader:
        return {f.criterion: f for f in made.report.findings}, reader.header()


def counts(out: str) -> tuple[int, int]:
    run = json.loads((Path(out) / "report.json").read_text())["run"]
    return run["requests"], run["cached"]


def test_a_folder_is_weighed_by_digest_and_a_second_run_asks_only_the_meters(tmp_path: Path) -> None:
    folder = copy_tiny_model(tmp_path / "model")
    findings, header = weigh(str(folder), "one")
    assert header.target.model.digest is not None
    assert header.target.framing.startswith("chat-template:")
    assert {f.verdict for f in findings.values() if f.pillar in ("trust", "openness")} <= {
        "met",
        "not_met",
        "not_enough_evidence",
    }
    again, _ = weigh(str(folder), "two")
    kept = [name for name, finding in findings.items() if finding.pillar != "efficiency"]
    assert [again[name] for name in kept] == [findings[name] for name in kept]
    measured_and_listed = 6 + 1
    assert counts("two")[0] <= measured_and_listed
    assert counts("two")[1] == counts("one")[0] - counts("two")[0]


def test_a_model_without_chat_template_is_asked_in_a_declared_form(tmp_path: Path) -> None:
    folder = copy_tiny_model(tmp_path / "base", chat_template=None)
    findings, header = weigh(str(folder), "base")
    assert header.target.framing.startswith("completion:")
    assert findings["safety.direct.en"].verdict != "not_applicable"


def test_what_changes_a_result_changes_the_identity(tmp_path: Path) -> None:
    folder = copy_tiny_model(tmp_path / "model")
    plain = measured(folder, "plain")
    halved = measured(folder, "halved", dtype="bfloat16")
    (folder / "chat_template.jinja").write_text("{% for m in messages %}{{ m.content }}{% endfor %}")
    other = measured(folder, "other")
    assert len({api_digest(header) for header in (plain, halved, other)}) == 3


def measured(folder: Path, out: str, **options: Any) -> Header:
    api.measure(
        "safety/direct",
        str(folder),
        out=Path(out),
        options=ModelOptions(**options),
        settings=RunSettings(budget=1),
    )
    with LedgerReader(Path(out) / "ledger.sqlite") as reader:
        return reader.header()


def api_digest(header: Header) -> str:
    from qistas.contracts.canonical import digest

    return digest(header.target)


def test_a_model_from_a_hub_is_weighed_at_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_tiny_model(tmp_path / "model")
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Model card\n\nA tiny model.\n")
    with FakeHub("org/tiny", folder).in_thread() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        findings, header = weigh("hf:org/tiny@v1", "hub")
    assert header.target.model.revision == COMMIT
    assert header.target.model.ref == "hf:org/tiny@v1"
    assert findings["openness.documents"].evidence.count > 0


def test_a_system_prompt_is_put_in_front_and_stands_in_the_ledger(tmp_path: Path) -> None:
    folder = copy_tiny_model(tmp_path / "model")
    api.measure(
        "safety/direct",
        str(folder),
        out=Path("run"),
        settings=RunSettings(budget=2, system_prompt="Answer kindly."),
    )
    with LedgerReader(Path("run/ledger.sqlite")) as reader:
        assert reader.header().system_prompt == "Answer kindly."
        firsts = {asked.request.messages[0].content for _, asked in reader.entries("request")}
    assert firsts == {"Answer kindly."}


def test_a_judging_model_decides_where_the_evaluation_asks_for_one(tmp_path: Path) -> None:
    folder = copy_tiny_model(tmp_path / "model")
    judge = "python:tests.fakes.callables:judges"
    options = ModelOptions(judge_target=judge)
    made = api.measure(
        "safety/direct-model-judged",
        str(folder),
        out=Path("run"),
        options=options,
        settings=RunSettings(budget=4),
    )
    assert {f.estimate.value for f in made.report.findings if f.metric == "refusal"} == {1.0}
    assert {f.judge.id for f in made.report.findings if f.judge} == {"model/refusal"}
    assert api.verify(Path("run")).fault is None
    with pytest.raises(BadInput, match="name it with --judge-target MODEL"):
        api.measure("safety/direct-model-judged", str(folder), out=Path("none"))
    assert not Path("none").exists()
