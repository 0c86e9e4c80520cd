"""``qistas report --format`` and ``qistas openness --format``: documents for others, of a real run and a real release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from qistas import api
from qistas.cli import run
from qistas.contracts.errors import BadInput
from qistas.report.export import OF_RELEASES, OF_RUNS

REFUSES = "python:tests.fakes.callables:mostly_refuses"


@pytest.fixture(scope="module")
def weighed(tmp_path_factory: pytest.TempPathFactory, repo_root: Path) -> Path:
    """The folder of a small run: a model that mostly refuses, published as the reference weights are."""
    out = tmp_path_factory.mktemp("exported") / "run"
    release = str(repo_root / "src/qistas/reference/sanja")
    assert run(["weigh", REFUSES, "--budget", "5", "--out", str(out), "--release", release]) == 0
    return out


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(list(arguments))
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    return code, shown.out, shown.err


@pytest.mark.parametrize("format_", OF_RUNS)
def test_a_run_is_written_in_every_format(
    weighed: Path, format_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(capsys, "report", str(weighed), "--format", format_)

    assert code == 0
    assert "mostly_refuses" in out or "safety.direct.en" in out or "Harmful requests" in out


def test_the_bill_of_materials_of_a_real_run_is_valid_and_knows_the_release(
    weighed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bom.json"
    code, _, _ = said(capsys, "report", str(weighed), "--format", "cyclonedx", "--out", str(out))

    assert code == 0
    fault = JsonStrictValidator(SchemaVersion.V1_7).validate_str(out.read_text())
    assert fault is None, fault
    (model,) = json.loads(out.read_text())["components"]
    assert [one["license"]["id"] for one in model["licenses"]] == ["Apache-2.0"]
    slices = {one["slice"] for one in model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]}
    assert "openness.documents" in slices


@pytest.mark.parametrize("format_", OF_RELEASES)
def test_the_openness_of_a_release_is_written_in_its_formats(
    repo_root: Path, format_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    release = str(repo_root / "src/qistas/reference/sanja")
    code, out, _ = said(capsys, "openness", release, "--format", format_, "--read-on", "2026-01-31")

    assert code == 0
    assert "sanja" in out or "Apache-2.0" in out


def test_an_unknown_format_is_refused_with_the_list(
    weighed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(capsys, "report", str(weighed), "--format", "spdx")

    assert code == 2
    assert "'every-eval-ever'" in err


def test_the_library_refuses_an_unknown_format_with_the_list(weighed: Path) -> None:
    with pytest.raises(BadInput, match="one of json, html, md, cyclonedx, spdx3, model-index"):
        api.report(weighed, "xml")
    with pytest.raises(
        BadInput, match="one of text, json, html, markdown, cyclonedx, spdx3, mof, card-section"
    ):
        api.openness_pages((), "xml")
