"""The tool that writes the published calibration."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import msgspec
import pytest
from tests.fakes.calibrated import calibration, claim, coverage, recovered

from qistas.contracts.calibrations import Calibration

GOOD = msgspec.structs.replace(recovered(claim(0.05), yes=10), coverage=coverage(190))
BAD = recovered(claim(0.05), yes=190)


@pytest.fixture
def tool(tmp_path: Path, repo_root: Path):
    """The tool, run in an empty checkout."""
    made = runpy.run_path(str(repo_root / "tools" / "write_calibration.py"))
    made["main"].__globals__["ROOT"] = tmp_path
    for folder in ("docs", "src/qistas/evaluations"):
        (tmp_path / folder).mkdir(parents=True)
    return made


def test_a_run_is_written_whole_in_both_languages_and_for_reports(tool, tmp_path, capsys):
    asked = []
    tool["main"].__globals__["calibrate"] = lambda **given: asked.append(given) or calibration(GOOD)
    assert tool["main"](["--seeds", "7", "--out", "somewhere"]) == 0
    assert asked == [{"out": Path("somewhere"), "seeds": 7}]
    assert sorted(capsys.readouterr().out.split()[1::2]) == [
        "docs/calibration.ar.md",
        "docs/calibration.json",
        "docs/calibration.md",
        "src/qistas/evaluations/calibrations.json",
    ]
    run = (tmp_path / "docs/calibration.json").read_bytes()
    assert msgspec.json.decode(run, type=Calibration) == calibration(GOOD)
    english = (tmp_path / "docs/calibration.md").read_text()
    assert english.startswith("# Calibration\n\n[العربية](calibration.ar.md)\n\n")
    arabic = (tmp_path / "docs/calibration.ar.md").read_text()
    assert arabic.startswith(
        '<div dir="rtl" lang="ar">\n\n# المعايرة\n\n<a href="calibration.md" lang="en" dir="ltr">English</a>\n\n'
    )
    records = json.loads((tmp_path / "src/qistas/evaluations/calibrations.json").read_bytes())
    assert records["test/questions"]["recovered"] == 1


def test_a_broken_instrument_is_written_down_and_exits_1(tool, tmp_path, capsys):
    tool["main"].__globals__["calibrate"] = lambda **given: calibration(BAD)
    assert tool["main"]([]) == 1
    assert "(yes/en) on sanja: not recovered" in capsys.readouterr().err
    assert "not recovered" in (tmp_path / "docs/calibration.md").read_text()


def test_it_says_which_documents_are_out_of_date(tool, tmp_path, capsys):
    tool["main"].__globals__["calibrate"] = lambda **given: calibration(GOOD)
    tool["main"]([])
    assert tool["main"](["--check"]) == 0
    (tmp_path / "docs/calibration.ar.md").unlink()
    (tmp_path / "docs/calibration.md").write_text("typed by hand")
    capsys.readouterr()
    assert tool["main"](["--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "docs/calibration.md is out of date: python tools/write_calibration.py",
        "docs/calibration.ar.md is out of date: python tools/write_calibration.py",
    ]
