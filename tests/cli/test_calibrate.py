"""The command ``qistas calibrate``: what it prints, in which form, and with which exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.fakes.table import WEIGHTS, install

from qistas import wiring
from qistas.cli import run

GIVEN = [part for name, model in WEIGHTS.items() for part in ("--weights", f"{name}={model}")]
SMALL = ["calibrate", "safety/direct", "--budget", "40", *GIVEN]


@pytest.fixture(autouse=True)
def _tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    install(monkeypatch)


def test_it_prints_a_table_and_exits_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(SMALL) == 0
    said, progress = capsys.readouterr()
    assert said.splitlines()[0].startswith("safety/direct 1.0, rule/refusal ")
    assert [line.split()[:3] for line in said.splitlines()[2:6]] == [
        ["refusal", language, weight] for language in ("en", "ar") for weight in WEIGHTS
    ]
    assert "recovered: 4 of 4; false alarms: 0; open: 0" in said
    assert "sanja-control: refusal/ar: 40 samples" in progress
    assert (tmp_path / "runs" / "calibration-40-0" / "sanja" / "safety-direct" / "ledger.sqlite").is_file()
    assert run(["verify", "runs/calibration-40-0/sanja-control/safety-direct"]) == 0


def test_a_run_by_hand_of_what_was_kept_gives_the_same_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SMALL, "--out", "out"]) == 0
    findings = json.loads(Path("out/sanja/safety-direct/report.json").read_text())["findings"]
    capsys.readouterr()
    assert run([*findings[0]["rerun"].split()[1:], "--out", "again"]) == 0
    again = json.loads(Path("again/report.json").read_text())["findings"]
    assert [f["estimate"] for f in again] == [f["estimate"] for f in findings]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--format", "md"], "# Calibration\n"),
        (["--format", "md", "--lang", "ar"], '<div dir="rtl" lang="ar">\n\n# المعايرة\n'),
        (["--lang", "ar"], "المكتشَف: 4 من أصل 4"),
        (["--seeds", "5"], "covered: "),
    ],
)
def test_it_speaks_both_languages_in_every_form(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*SMALL, *arguments]) == 0
    assert says in capsys.readouterr().out


def test_json_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SMALL, "--format", "json", "--seed", "3"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["seed"], said["budget"], len(said["lines"])) == (3, 40, 4)


def test_a_broken_instrument_exits_1_and_names_each_property_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(wiring.JUDGES, "rule/refusal", "tests.fakes.broken:NoJudge")
    for lang, says in (("en", "a false alarm"), ("ar", "إنذار كاذب")):
        assert run([*SMALL, "--lang", lang, "--out", "broken"]) == 1
        said = capsys.readouterr().err
        blamed = [line for line in said.splitlines() if line.startswith("qistas: ")]
        assert [("refusal/en" in line, "refusal/ar" in line, says in line) for line in blamed] == [
            (True, False, False),
            (True, False, True),
            (False, True, True),
            (False, True, True),
        ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["safety/drect"],
            "unknown evaluation with planted truth 'safety/drect' → did you mean 'safety/direct'?",
        ),
        (["--weights", "sanja"], "--weights 'sanja' is not NAME=MODEL → write --weights NAME=MODEL"),
        (["--weights", "other=sanja"], "unknown weight 'other'"),
        (["--out", "file", *GIVEN], "cannot write here"),
    ],
)
def test_bad_input_is_one_message_with_the_next_step(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_text("")
    assert run(["calibrate", *arguments]) == 2
    assert says in capsys.readouterr().err
