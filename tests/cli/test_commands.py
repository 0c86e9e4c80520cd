"""Every command says in one clear message what is wrong, and exits with the right code."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from qistas.cli import run

REFUSES = "python:tests.fakes.callables:mostly_refuses"
BREAKS = "python:tests.fakes.callables:breaks"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo_root: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(repo_root))


@pytest.fixture(scope="session")
def weighed(tmp_path_factory: pytest.TempPathFactory, repo_root: Path) -> Path:
    """The folder of a finished, small run."""
    out = tmp_path_factory.mktemp("weighed") / "run"
    given = ["weigh", REFUSES, "--budget", "20", "--out", str(out), "--seed", "3"]
    subprocess.run([sys.executable, "-m", "qistas", *given], cwd=repo_root, check=True, capture_output=True)
    return out


def failing(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = run(list(arguments))
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return code, said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["weigh", "nonesuch"], "unknown model 'nonesuch' → a model is one of: sanja"),
        (["weigh", "meta-llama/Llama"], "there is no such folder; for the hub write hf:meta-llama/Llama"),
        (["weigh", REFUSES, "--standard", "open-relase"], "did you mean 'open-release'?"),
        (["run", "safety/drect", REFUSES], "did you mean 'safety/direct'?"),
        (["weigh", REFUSES, "--data", "nonsense"], "--data 'nonsense' is not ID=FILE"),
        (["weigh", REFUSES, "--data", "x=absent.csv"], "absent.csv: there is no such file"),
        (["weigh", REFUSES, "--system-prompt", "absent.txt"], "absent.txt: the system prompt cannot be read"),
        (["weigh", REFUSES, "--release", "absent"], "absent: there is no such folder"),
        (["weigh", "python:no.such.module:f"], "there is no module 'no'"),
        (["report", "absent.sqlite"], "there is no ledger here"),
        (["verify", "absent.sqlite"], "there is no ledger here"),
        (["bundle", "absent.sqlite"], "there is no ledger here"),
        (["show", "nonesuch"], "unknown name 'nonesuch'"),
        (["show", "sha256:00"], "no record 'sha256:00' in no ledger under runs/"),
        (["validate", "absent.yaml"], "absent.yaml"),
        (["wiegh", "sanja"], "Did you mean 'weigh'?"),
    ],
)
def test_bad_input_is_one_message_with_the_next_step(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = failing(capsys, *arguments)
    assert code == 2
    assert says in said


def test_all_faults_of_the_arguments_are_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = failing(
        capsys, "weigh", REFUSES, "--data", "a", "--release", "no", "--system-prompt", "none"
    )
    assert code == 2
    assert len(said.splitlines()) == 3


def test_a_data_source_that_no_evaluation_uses_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rows.jsonl").write_text("{}\n")
    code, said = failing(capsys, "weigh", REFUSES, "--data", "safety-drect=rows.jsonl")
    assert code == 2
    assert "unknown data source 'safety-drect' → did you mean 'safety-direct'?" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    code, said = failing(capsys, "weigh", REFUSES, "--out", "out/run")
    assert code == 2
    assert "cannot write here" in said


def test_an_output_folder_that_is_a_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").write_text("")
    code, said = failing(capsys, "weigh", REFUSES, "--out", "out")
    assert code == 2
    assert "cannot write here" in said
    assert "choose another folder with --out" in said


def test_another_run_s_folder_is_not_written_to(weighed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = failing(capsys, "weigh", REFUSES, "--budget", "21", "--out", str(weighed), "--seed", "4")
    assert code == 2
    assert "differs in seed (3 there, 4 now)" in said
    assert "differs in budget (20 there, 21 now) → choose another folder with --out" in said


def test_a_weighing_leaves_ledger_and_reports_with_the_keys_that_are_promised(weighed: Path) -> None:
    names = {path.name for path in weighed.iterdir() if not path.name.endswith(".lock")}
    assert names == {"ledger.sqlite", "report.json", "report.html"}
    report = json.loads((weighed / "report.json").read_text())
    assert {"qistas", "model", "standard", "findings", "ledger", "not_tested", "run"} <= set(report)
    assert {"ref", "revision", "digest"} <= set(report["model"])
    assert {"id", "version", "digest"} <= set(report["standard"])
    assert {"records", "head"} <= set(report["ledger"])
    assert {"started", "seed", "host", "requests", "cached"} <= set(report["run"])
    for finding in report["findings"]:
        assert {
            "criterion", "pillar", "verdict", "reason", "metric", "unit", "cluster_unit", "requirement", "estimate",
            "judge", "evidence", "rerun",
        } <= set(finding)  # fmt: skip
        assert {"value", "low", "high", "confidence", "n", "clusters", "method", "unscored"} <= set(
            finding["estimate"]
        )
        assert {"count", "digest"} <= set(finding["evidence"])
    assert report["model"]["digest"] is None
    assert report["model"]["digest_reason"]


def test_what_a_callable_cannot_do_is_not_applicable_and_named(weighed: Path) -> None:
    findings = {f["criterion"]: f for f in json.loads((weighed / "report.json").read_text())["findings"]}
    assert findings["trust.groups.en"]["verdict"] == "not_applicable"
    assert "[score]" in findings["trust.groups.en"]["reason"]["en"]
    assert "[score]" in findings["trust.groups.en"]["reason"]["ar"]
    assert "[release]" in findings["openness.documents"]["reason"]["en"]


def test_verify_says_what_it_checked(weighed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(weighed)]) == 0
    said = capsys.readouterr().out
    report = json.loads((weighed / "report.json").read_text())
    assert said.startswith(
        f"verified: {report['ledger']['records']} records, head {report['ledger']['head']}"
    )
    assert (
        "checked: report.json, digests, chain, samples, judgements, observations, estimates, findings" in said
    )


def test_verify_names_a_changed_record_and_exits_1(
    weighed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "ledger.sqlite"
    copy.write_bytes((weighed / "ledger.sqlite").read_bytes())
    database = sqlite3.connect(copy)
    database.execute("DROP TRIGGER records_no_update")
    database.execute(
        "UPDATE records SET body = replace(body, 'help', 'hELp') WHERE kind = 'response' AND seq % 7 = 0"
    )
    database.commit()
    database.close()
    code, said = failing(capsys, "verify", str(copy))
    assert code == 1
    assert "verification failed: record" in said
    assert "(response, sha256:" in said


def test_verify_names_a_changed_report(
    weighed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ledger.sqlite").write_bytes((weighed / "ledger.sqlite").read_bytes())
    report = json.loads((weighed / "report.json").read_text())
    report["findings"][0]["verdict"] = "met" if report["findings"][0]["verdict"] != "met" else "not_met"
    (tmp_path / "report.json").write_text(json.dumps(report))
    code, said = failing(capsys, "verify", str(tmp_path))
    assert code == 1
    assert "report.json: findings[0].verdict is" in said


def test_a_bundle_verifies_and_a_changed_one_does_not(
    weighed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QISTAS_SIGNING_KEY", str(tmp_path / "key.pem"))
    bundle = tmp_path / "run.qistas"
    assert run(["bundle", str(weighed), "--out", str(bundle)]) == 0
    assert "public key: " in capsys.readouterr().out
    assert run(["verify", str(bundle)]) == 0
    assert "checked: signature by " in capsys.readouterr().out
    whole = bundle.read_bytes()
    bundle.write_bytes(whole[: len(whole) // 2] + b"?" + whole[len(whole) // 2 + 1 :])
    code, _ = failing(capsys, "verify", str(bundle))
    assert code == 1


@pytest.mark.parametrize(("format_", "says"), [("json", '"findings"'), ("html", "<html"), ("md", "#")])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_report_comes_in_every_format_and_language(
    weighed: Path, format_: str, says: str, lang: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["report", str(weighed), "--format", format_, "--lang", lang]) == 0
    assert says in capsys.readouterr().out
    assert run(["report", str(weighed), "--format", format_, "--out", str(tmp_path / "r")]) == 0
    assert says in (tmp_path / "r").read_text()


@pytest.mark.parametrize("what", ["standards", "evaluations", "judges", "targets"])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_everything_can_be_listed(what: str, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", what, "--lang", lang]) == 0
    expected = {
        "standards": "open-release",
        "evaluations": "safety/direct",
        "judges": "rule/refusal",
        "targets": "hf:",
    }
    assert expected[what] in capsys.readouterr().out


@pytest.mark.parametrize("name", ["open-release", "safety/direct", "rule/refusal", "model/refusal"])
def test_everything_by_name_can_be_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", name]) == 0
    assert name in json.dumps(json.loads(capsys.readouterr().out), ensure_ascii=False)


def test_a_record_can_be_shown_by_the_beginning_of_its_digest(
    weighed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = sqlite3.connect(weighed / "ledger.sqlite")
    digest = database.execute("SELECT digest FROM records WHERE kind = 'request'").fetchone()[0]
    database.close()
    assert run(["show", digest[:20], "--ledger", str(weighed)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["digest"], shown["kind"]) == (digest, "request")
    code, said = failing(capsys, "show", "sha256:", "--ledger", str(weighed))
    assert code == 2
    assert "begins several digests" in said


def test_a_plan_asks_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QISTAS_FAKE_LOG", str(tmp_path / "log"))
    for lang in ("en", "ar"):
        assert run(["plan", REFUSES, "--lang", lang]) == 0
        said = capsys.readouterr().out
        assert "safety.direct.en" in said
        assert "trust.groups.en" not in said
    assert not (tmp_path / "log").exists()


def test_one_evaluation_can_be_run_judged_or_bare(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(
            [
                "run",
                "safety/direct",
                REFUSES,
                "--budget",
                "5",
                "--standard",
                "open-release",
                "--out",
                "judged",
            ]
        )
        == 0
    )
    assert run(["run", "safety/direct", REFUSES, "--budget", "5", "--out", "bare"]) == 0
    judged, bare = (
        json.loads(Path(f"{name}/report.json").read_text())["findings"] for name in ("judged", "bare")
    )
    assert [f["criterion"] for f in judged] == ["safety.direct.en", "safety.direct.ar"]
    assert all(f["requirement"] is None for f in bare)
    assert {f["metric"] for f in bare} == {"refusal", "compliance"}


def test_the_gate_is_shut_unless_everything_that_applies_is_met(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = failing(capsys, "weigh", REFUSES, "--budget", "5", "--out", "gated", "--gate")
    assert code == 1
    assert "gate: safety.direct.en is not_enough_evidence" in said


def test_a_gate_is_not_open_because_nothing_applies(
    repo_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = (repo_root / "src/qistas/standards/data/open-release.yaml").read_text()
    head, *criteria = published.split("\n  - id: ")
    scored = next(text for text in criteria if text.startswith("trust.groups.en\n"))
    Path("one.yaml").write_text(f"{head}\n  - id: {scored}\n")
    code, said = failing(capsys, "weigh", REFUSES, "--standard", "one.yaml", "--out", "gated", "--gate")
    assert code == 1
    assert "gate: no criterion is met, because none applies" in said


CARD = """
qistas: evaluation/1
id: capability/mine
version: "1.0"
pillar: capability
title: {{en: Mine, ar: لي}}
question: {{en: Is it right?, ar: أهو صحيح؟}}
limits: [{{en: Small, ar: صغير}}]
kind: chat
metrics: [{{id: accuracy, title: {{en: Right, ar: صحيح}}, labels: {{correct: 1, incorrect: 0}}}}]
cluster_unit: {{en: question, ar: سؤال}}
needs: [chat]
design: fixed
judge: rule/exact-match
prompt: {{any: "{{question}}"}}
data: {{id: mine, file: mine.jsonl, sha256: {sha256}, licence: CC0-1.0}}
"""


def test_a_card_of_ones_own_finds_its_pinned_data_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command that the report gives names the home folder as ~, and works when it is quoted."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "own").mkdir()
    rows = b'{"id":"a","question":"1?","answer":"1"}\n{"id":"b","question":"2?","answer":"2"}\n'
    (tmp_path / "own/mine.jsonl").write_bytes(rows)
    (tmp_path / "own/mine.yaml").write_text(CARD.format(sha256=hashlib.sha256(rows).hexdigest()))
    (tmp_path / "own/prompt.txt").write_text("Be brief.")
    given = ["--system-prompt", f"{tmp_path}/own/prompt.txt", "--data", f"mine={tmp_path}/own/mine.jsonl"]
    assert run(["run", f"{tmp_path}/own/mine.yaml", REFUSES, "--out", "first"]) == 0
    assert run(["run", f"{tmp_path}/own/mine.yaml", REFUSES, "--out", "second", *given]) == 0
    again = json.loads(Path("second/report.json").read_text())["findings"][0]["rerun"]
    assert str(tmp_path) not in again
    assert run(["verify", "first"]) == 0
    _qistas, _run, _evaluation, *arguments = shlex.split(again)
    assert run(["run", "~/own/mine.yaml", *arguments, "--out", "second"]) == 0
    (tmp_path / "own/mine.jsonl").write_bytes(rows + b"{}\n")
    capsys.readouterr()
    code, said = failing(capsys, "run", f"{tmp_path}/own/mine.yaml", REFUSES, "--out", "third")
    assert code == 2
    assert "the data of 'mine' are not the pinned ones" in said


def test_a_callable_that_always_breaks_leaves_its_criteria_failed(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = failing(capsys, "weigh", BREAKS, "--budget", "5", "--out", "broken")
    assert code == 3
    assert "not one request to the model (python:tests.fakes.callables:breaks) was answered, " in said
    assert "each time with exception: RuntimeError: out of order" in said
    findings = {f["criterion"]: f for f in json.loads(Path("broken/report.json").read_text())["findings"]}
    assert findings["safety.direct.en"]["verdict"] == "failed"
    assert "out of order" in findings["safety.direct.en"]["reason"]["en"]


def test_nothing_that_a_model_says_moves_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    escapes = "python:tests.fakes.callables:escapes"
    assert run(["weigh", escapes, "--budget", "9", "--out", "run"]) == 0
    assert run(["verify", "run"]) == 0
    assert run(["report", "run"]) == 0
    database = sqlite3.connect("run/ledger.sqlite")
    query = "SELECT digest FROM records WHERE kind = 'response' AND instr(body, '\u202e') LIMIT 1"
    digest = database.execute(query).fetchone()[0]
    database.close()
    said = "".join(capsys.readouterr())
    assert run(["show", digest, "--ledger", "run"]) == 0
    shown = capsys.readouterr().out
    for character in "\x1b\x9b\u202e":
        assert character not in said + shown
    text = json.loads(shown)["record"]["response"]["text"]
    assert text == "\x1b[2J\x9b2J\u202e I can't help with that."


def test_two_runs_can_be_compared_sample_by_sample(
    weighed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(["run", "safety/direct", BREAKS, "--budget", "20", "--standard", "open-release", "--out", "b"])
        == 3
    )
    capsys.readouterr()
    assert run(["compare", str(weighed), str(weighed)]) == 0
    said = capsys.readouterr().out
    assert "= safety.direct.en: No difference shown" in said
    assert "Both runs weighed the same weights" not in said, "a callable has no digest"
    assert run(["compare", str(weighed), "b", "--lang", "ar"]) == 0
    assert "safety.direct.en: يتعذّر الحُكم" in capsys.readouterr().out


def test_a_comparison_is_written_in_every_form(weighed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for form, begins in (("html", "<!doctype html>"), ("json", "{"), ("md", "# Comparison of two runs")):
        assert run(["compare", str(weighed), str(weighed), "--format", form, "--out", "c"]) == 0
        assert Path("c").read_text(encoding="utf-8").startswith(begins)
        assert run(["compare", str(weighed), str(weighed), "--format", form]) == 0
        assert capsys.readouterr().out == Path("c").read_text(encoding="utf-8")


def test_before_anything_is_asked_it_is_said_what_so_many_prompts_cannot_show(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refuses = "python:tests.fakes.callables:mostly_refuses"
    assert run(["weigh", refuses, "--budget", "9", "--out", "nine"]) == 0
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("safety.direct.en, safety.direct.ar: With 9 prompts, differences under ")
    assert run(["plan", refuses, "--budget", "50", "--format", "json"]) == 0
    made = json.loads(capsys.readouterr().out)
    power = {entry["criterion"]: entry for entry in made["power"]}["safety.direct.en"]
    assert power["sentence"]["en"] == (
        "With 50 prompts, differences under 19 points will not show reliably (under 30 points where two runs share "
        "no prompt)."
    )
    assert [load["criterion"] for load in made["loads"]] == [entry["criterion"] for entry in made["power"]]
    assert run(["plan", refuses, "--budget", "50", "--lang", "ar"]) == 0
    assert "لا يُعوَّل على ظهور فرق دون 19 نقطة" in capsys.readouterr().out


def test_valid_documents_are_named_with_their_digest_and_faulty_ones_with_every_fault(
    repo_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = repo_root / "src" / "qistas"
    good = [source / "standards/data/open-release.yaml", source / "evaluations/safety/direct.yaml"]
    rows = source / "datasets/data/safety-direct.jsonl"
    assert run(["validate", *map(str, good), str(rows)]) == 0
    said = capsys.readouterr().out
    assert "standard open-release 1.1, sha256:" in said
    assert "evaluation safety/direct " in said
    assert "408 rows" in said
    bad = tmp_path / "bad.yaml"
    bad.write_text('qistas: standard/1\nid: bad\nversion: "1.0"\ntitel: {en: x}\ncriteria: [{id: a}]\n')
    code, said = failing(capsys, "validate", str(bad), str(good[0]))
    assert code == 2
    assert len(said.splitlines()) >= 5
    assert f"{bad}:4" in said


def test_no_name_of_a_person_and_no_home_path_is_in_a_ledger(weighed: Path) -> None:
    data = (weighed / "ledger.sqlite").read_bytes()
    for private in (os.path.expanduser("~"), os.environ.get("USER"), os.environ.get("HOSTNAME")):  # noqa: PTH111
        if private and private not in ("/root", "root"):
            assert private.encode() not in data


def test_a_card_of_one_s_own_is_run_again_by_its_file(tmp_path: Path, repo_root: Path) -> None:
    text = (repo_root / "src/qistas/evaluations/safety/direct.yaml").read_text()
    (tmp_path / "my card.yaml").write_text(text.replace("id: safety/direct", "id: safety/mine", 1))
    rows = repo_root / "src/qistas/datasets/data/safety-direct.jsonl"
    given = ["--budget", "2", "--out", "own", "--data", f"safety-direct={rows}"]
    assert run(["run", "my card.yaml", REFUSES, *given]) == 0
    rerun = json.loads(Path("own/report.json").read_text())["findings"][0]["rerun"]
    assert rerun.startswith("qistas run 'my card.yaml' python:tests.fakes.callables:mostly_refuses --seed 0")
