"""A judge with a prompt of its own may be given another: checked, put as it is, and told apart by its digest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from ruamel.yaml import YAML
from tests.fakes import reports

from qistas.cli import run
from qistas.contracts.errors import BadInput
from qistas.contracts.exchanges import Message
from qistas.contracts.records import Decision
from qistas.judges.ensemble import EnsembleJudge
from qistas.judges.harm import HarmRuleJudge
from qistas.judges.harmbench import HarmBenchJudge
from qistas.judges.prompts import as_recorded, with_prompts
from qistas.judges.refusal import RefusalJudge
from qistas.judges.strongreject import StrongRejectJudge
from qistas.ledger.reader import LedgerReader

ROW = {"request": "How do I bake {bread}?"}
RESPONSE = "Mix {flour} and water."
HARM = "Is this it? {behavior}\nIt: {generation}\nA set: {{1, 2}}. Yes or no.\n"
SHOWN = hashlib.sha256(HARM.encode()).hexdigest()[:16]


def test_the_prompt_is_put_as_the_file_has_it_and_the_answer_read_as_ever():
    judge = HarmBenchJudge(HARM)
    assert judge.conversation(response=RESPONSE, language="en", row=ROW) == (
        Message(
            "user",
            "Is this it? How do I bake {bread}?\nIt: Mix {flour} and water.\nA set: {1, 2}. Yes or no.\n",
        ),
    )
    assert judge.read("Yes") == Decision("unsafe", "the judging model said so", "Yes")
    (turn,) = StrongRejectJudge("{response} to {forbidden_prompt}").conversation(
        response=RESPONSE, language="en", row=ROW
    )
    assert turn.content == "Mix {flour} and water. to How do I bake {bread}?"


def test_the_card_holds_the_prompt_and_its_version_the_digest():
    own, given = HarmBenchJudge().card, HarmBenchJudge(HARM).card
    assert (own.id, own.version) == ("model/harmbench", "1.0.0")
    assert (given.id, given.version, given.prompt) == ("model/harmbench", f"1.0.0+prompt.{SHOWN}", HARM)
    assert given.calibration_reason.startswith(
        f"its prompt is that of a file (sha256 {SHOWN}…); it depends on"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{generation}", ["the placeholder {behavior} is missing"]),
        (
            "{behaviour} {generation.__class__} {}",
            [
                "unknown placeholder {behaviour}",
                "unknown placeholder {generation.__class__}",
                "unknown placeholder {}",
                "the placeholder {behavior} is missing",
                "the placeholder {generation} is missing",
            ],
        ),
        (
            "{behavior:>9} {generation!r}",
            [
                "the placeholder {behavior} stands with more than its name",
                "the placeholder {generation} stands with more than its name",
            ],
        ),
        ("{behavior} {generation", ["a brace is out of place: expected '}' before end of string"]),
        ("", ["the placeholder {behavior} is missing", "the placeholder {generation} is missing"]),
    ],
)
def test_every_fault_of_a_prompt_is_said_at_once(text, said):
    with pytest.raises(BadInput) as caught:
        HarmBenchJudge(text)
    assert [fault.message for fault in caught.value.faults] == said


def test_every_prompt_that_cannot_be_used_is_said_at_once(tmp_path: Path):
    faulty, bytes_ = tmp_path / "faulty.txt", tmp_path / "bytes.txt"
    faulty.write_text("{behavior}", encoding="utf-8")
    bytes_.write_bytes(b"\xff")
    judges = {"harmbench": HarmBenchJudge(), "model/strongreject": StrongRejectJudge(), "r": RefusalJudge()}
    files = {
        "model/harmbench": faulty,
        "model/strongreject": bytes_,
        "rule/refusal": faulty,
        "model/llama-guard": faulty,
    }
    with pytest.raises(BadInput) as caught:
        with_prompts(judges, files)
    assert sorted(fault.message for fault in caught.value.faults) == [
        "model/llama-guard is none of the judges here: model/harmbench, model/strongreject, rule/refusal",
        "rule/refusal takes no prompt",
        "the placeholder {generation} is missing",
        "the prompt cannot be read: it is not UTF-8 text",
    ]
    assert {fault.where for fault in caught.value.faults} == {str(faulty), str(bytes_), "--judge-prompt"}


def test_the_next_step_for_a_judge_that_is_not_here_speaks_of_ensembles_only_where_it_is_in_one(
    tmp_path: Path,
):
    file = tmp_path / "prompt.txt"
    file.write_text(HARM, encoding="utf-8")
    members = [HarmBenchJudge(), StrongRejectJudge()]
    here: tuple[dict[str, Any], ...] = ({"rule/harm": HarmRuleJudge()}, {"e": EnsembleJudge(members)})
    steps = []
    for judges in here:
        with pytest.raises(BadInput) as caught:
            with_prompts(judges, {"model/harmbench": file})
        steps += [fault.next_step for fault in caught.value.faults]
    assert steps == [
        "name it with --judge where the command takes that, or leave --judge-prompt out",
        "those of an ensemble keep their own prompts; leave --judge-prompt out",
    ]


def test_a_byte_order_mark_is_no_part_of_a_prompt(tmp_path: Path):
    file = tmp_path / "prompt.txt"
    file.write_text(HARM, encoding="utf-8-sig")
    given = with_prompts({"harmbench": HarmBenchJudge()}, {"model/harmbench": file})
    assert given["harmbench"].card == HarmBenchJudge(HARM).card


def test_a_ledgers_judge_has_the_prompt_that_stands_there_where_version_and_prompt_agree():
    given = HarmBenchJudge(HARM).card
    assert as_recorded(HarmBenchJudge(), given).card == given
    forged = HarmBenchJudge(HARM + "!").card
    own = HarmBenchJudge()
    for version, prompt in (
        (given.version, forged.prompt),
        (given.version, "{x}"),
        ("0.9.0", own.own_prompt),
    ):
        card = replace(given, version=version, prompt=prompt)
        assert as_recorded(own, card) is own


JUDGING = "python:tests.fakes.callables:says_yes"


@pytest.fixture
def prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("prompt.txt").write_text(HARM, encoding="utf-8")
    return "harmbench=prompt.txt"


def test_an_import_judged_with_a_users_prompt_keeps_it_and_is_verified(tmp_path, capsys, prompt):
    file = reports.write(tmp_path / "results", reports.HARMBENCH)
    arguments = [str(file), "--judge", "model/harmbench", "--judge-target", JUDGING]
    assert run(["import", *arguments, "--judge-prompt", prompt, "--out", "given"]) == 0
    assert run(["import", *arguments, "--out", "own"]) == 0
    for folder, version in (("given", f"1.0.0+prompt.{SHOWN}"), ("own", "1.0.0")):
        assert run(["verify", folder]) == 0
        with LedgerReader(Path(folder) / "ledger.sqlite") as reader:
            assert reader.header().judges["model/harmbench"].version == version
    report = json.loads(Path("given/report.json").read_text(encoding="utf-8"))
    assert "--judge-prompt harmbench=prompt.txt" in report["findings"][0]["rerun"]
    assert SHOWN in json.dumps(report)
    assert run(["compare", "given", "own"]) == 0
    assert "judged by different judges, or by different versions of one" in capsys.readouterr().out


def test_a_calibration_record_is_of_the_prompt_it_was_made_with(tmp_path, capsys, prompt):
    labels = Path("labels.jsonl")
    rows = [
        {"prompt": f"bread {n}", "response": "Mix.", "label": ("safe", "unsafe")[n % 2]} for n in range(6)
    ]
    labels.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    calibrate = ["judges", "calibrate", "harmbench", "--labels", str(labels), "--judge-target", JUDGING]
    assert run([*calibrate, "--judge-prompt", prompt, "--out", "r.yaml"]) == 0
    record = YAML(typ="safe", pure=True).load(Path("r.yaml").read_text(encoding="utf-8"))["calibration"]
    assert (record["judge"], record["version"]) == ("model/harmbench", f"1.0.0+prompt.{SHOWN}")
    file = reports.write(tmp_path / "results", reports.HARMBENCH)
    judged = ["import", str(file), "--judge", "model/harmbench", "--judge-target", JUDGING]
    judged += ["--judge-record", "r.yaml"]
    capsys.readouterr()
    assert run([*judged, "--out", "own"]) == 2
    assert "judges of this run: model/harmbench 1.0.0" in capsys.readouterr().err
    assert run([*judged, "--judge-prompt", prompt, "--out", "given"]) == 0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("prompt.txt", "--judge-prompt 'prompt.txt' is not JUDGE=FILE"),
        ("harmbench=none.txt", "there is no such file"),
    ],
)
def test_what_names_no_prompt_is_said_by_every_command(tmp_path, capsys, prompt, given, says):
    file = reports.write(tmp_path / "results", reports.HARMBENCH)
    for arguments in (
        ["import", str(file)],
        ["judges", "calibrate", "harmbench", "--labels", str(file), "--judge-target", JUDGING],
        ["run", "safety/direct", JUDGING],
    ):
        assert run([*arguments, "--judge-prompt", given]) == 2
        assert says in capsys.readouterr().err
