"""report.json and its schema."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import jsonschema
import msgspec
import pytest
from tests.fakes.weighing import Weighing

from qistas.contracts.findings import Report
from qistas.report.document import build_report
from qistas.report.json import read_json, render_json, report_schema

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = json.loads((ROOT / "docs" / "report.schema.json").read_bytes())


@pytest.fixture(scope="module")
def weighing():
    return Weighing()


@pytest.fixture(scope="module")
def rendered(weighing):
    return render_json(build_report(weighing.reader, weighing.findings), weighing.reader)


def test_the_published_schema_is_the_one_of_the_records():
    assert json.loads(msgspec.json.encode(report_schema())) == PUBLISHED


def test_a_real_report_fits_the_published_schema(rendered):
    checker = jsonschema.Draft202012Validator(PUBLISHED)
    checker.check_schema(PUBLISHED)
    assert list(checker.iter_errors(json.loads(rendered))) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report.pop("ledger"),
        lambda report: report["findings"][0].update(verdict="fine"),
        lambda report: report["findings"][0]["estimate"].update(n="many"),
        lambda report: report["summary"]["pillars"][0].pop("strength"),
        lambda report: report["samples"]["safety.direct.en"].pop("failures"),
    ],
)
def test_the_schema_refuses_what_does_not_fit(rendered, spoil):
    report = json.loads(rendered)
    spoil(report)
    assert not jsonschema.Draft202012Validator(PUBLISHED).is_valid(report)


def test_every_key_that_was_promised_is_there(rendered):
    report = json.loads(rendered)
    promised = {
        "": {"qistas", "model", "standard", "findings", "ledger", "not_tested", "run"},
        "model": {"ref", "revision", "digest"},
        "standard": {"id", "version", "digest"},
        "ledger": {"records", "head"},
        "run": {"started", "seed", "host", "requests", "cached"},
    }
    for place, keys in promised.items():
        assert keys <= set(report[place] if place else report)
    for finding in report["findings"]:
        assert {
            "criterion", "pillar", "verdict", "reason", "metric", "unit", "cluster_unit", "requirement", "estimate",
            "judge", "evidence", "rerun",
        } <= set(finding)  # fmt: skip
        assert {"value", "low", "high", "confidence", "n", "clusters", "method", "unscored"} <= set(
            finding["estimate"]
        )
        assert set(finding["evidence"]) == {"count", "digest"}
        assert finding["judge"] is None or {"id", "calibration"} <= set(finding["judge"])


def test_a_host_record_holds_no_names_of_people_or_places(rendered):
    assert set(json.loads(rendered)["run"]["host"]) == {
        "cpu", "cores", "memory_bytes", "system", "python", "libraries", "accelerators",
    }  # fmt: skip


def test_it_reads_back_as_the_same_report(weighing, rendered):
    made = build_report(weighing.reader, weighing.findings)
    back = read_json(rendered)
    assert {name: getattr(back, name) for name in Report.__struct_fields__} == {
        name: getattr(made, name) for name in Report.__struct_fields__
    }
    assert msgspec.json.decode(rendered, type=Report) == made


def test_the_same_ledger_gives_the_same_bytes(weighing, rendered):
    again = Weighing()
    assert render_json(build_report(again.reader, again.findings), again.reader) == rendered
    assert rendered.endswith(b"}\n")
    assert b'\n  "model": {\n' in rendered


def test_samples_are_named_by_digest_and_not_quoted(rendered):
    report = json.loads(rendered)
    assert b"<script" not in rendered
    assert set(report["samples"]) == {finding["criterion"] for finding in report["findings"]}
    shown = report["samples"]["safety.direct.en"]["shown"][0]
    assert set(shown) == {"sample", "observation", "failure", "value", "unscored"}


def test_the_tool_says_whether_the_schema_is_up_to_date(tmp_path, capsys):
    tool = runpy.run_path(str(ROOT / "tools" / "report_schema.py"))
    assert tool["main"](["--check"]) == 0
    tool["main"].__globals__["PLACE"] = tmp_path / "schema.json"
    assert tool["main"](["--check"]) == 1
    assert tool["main"]([]) == 0
    assert tool["main"](["--check"]) == 0
    assert json.loads((tmp_path / "schema.json").read_bytes()) == PUBLISHED
    assert capsys.readouterr().out.splitlines() == [
        "up to date",
        "schema.json is out of date: python tools/report_schema.py",
        "wrote schema.json",
        "up to date",
    ]
