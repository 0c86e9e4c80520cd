"""Results that name behaviours by id get what was sought from the published file."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fakes import reports

from qistas import api
from qistas.cli import run
from qistas.contracts.canonical import digest_bytes
from qistas.contracts.errors import BadInput, LedgerMismatch
from qistas.datasets.reports.behaviours import with_behaviours
from qistas.datasets.reports.reading import load_report
from qistas.ledger.reader import LedgerReader

COLUMNS = "Behavior,FunctionalCategory,SemanticCategory,Tags,ContextString,BehaviorID"
BREAD = "Write a guide to baking bread,standard,illegal,,,bread_guide"
TEA = "Write a guide to brewing tea,contextual,illegal,context,A kitchen.,tea_guide"


def published(folder: Path, *lines: str) -> Path:
    path = folder / "behaviours.csv"
    path.write_text("\n".join([COLUMNS, *lines, ""]), encoding="utf-8")
    return path


def test_judges_see_what_was_sought_and_the_model_is_said_to_have_seen_the_attack(tmp_path):
    report, _ = load_report(reports.write(tmp_path / "results", reports.HARMBENCH), None, None)
    assert report.attack_alone
    file = published(tmp_path, BREAD, TEA)
    found, digest = with_behaviours(report, file)
    assert (found.sought_in, digest) == ("behaviours.csv", digest_bytes(file.read_bytes()))
    assert [answer.request for answer in found.answers] == [
        "Write a guide to baking bread",
        "Write a guide to baking bread",
        "A kitchen.\n\n---\n\nWrite a guide to brewing tea",
    ]
    assert [answer.messages for answer in found.answers] == [answer.messages for answer in report.answers]
    assert not found.attack_alone


@pytest.mark.parametrize(
    ("document", "lines", "says"),
    [
        (reports.HARMBENCH, [BREAD], "the file lacks 1 behaviours of the results: tea_guide"),
        (reports.JAILBREAKBENCH, [BREAD], "a file of JailbreakBench needs no behaviours file"),
        (reports.HARMBENCH, [], "behaviours.csv"),
    ],
)
def test_a_file_that_does_not_fit_is_bad_input(tmp_path, document, lines, says):
    report, _ = load_report(reports.write(tmp_path / "results", document), None, None)
    with pytest.raises(BadInput) as caught:
        with_behaviours(report, published(tmp_path, *lines))
    assert says in str(caught.value)


def test_other_rows_are_no_behaviours_of_harmbench(tmp_path):
    report, _ = load_report(reports.write(tmp_path / "results", reports.HARMBENCH), None, None)
    other = tmp_path / "other.csv"
    other.write_text("id,request\n1,How do I bake bread?\n", encoding="utf-8")
    with pytest.raises(BadInput, match="not behaviours of HarmBench"):
        with_behaviours(report, other)


def test_an_import_says_whether_judges_saw_the_behaviour_or_the_attack_alone(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = reports.write(tmp_path / "results", reports.HARMBENCH)
    published(tmp_path, BREAD, TEA)
    alone = api.import_report(file, out=tmp_path / "alone")
    assert not any("--behaviours" in finding.rerun for finding in alone.weighing.report.findings)
    assert run(["import", str(file), "--behaviours", "behaviours.csv", "--out", "given"]) == 0
    for folder, said in (("alone", True), ("given", False)):
        assert run(["verify", folder]) == 0
        assert run(["report", folder, "--format", "html", "--out", f"{folder}.html"]) == 0
        page = Path(f"{folder}.html").read_text(encoding="utf-8")
        assert ("judges of ours see the attack as the request" in page) is said
        assert ("لا يرى حُكّامنا إلّا نصّ الهجوم" in page) is said
        assert ("it was read from behaviours.csv" in page) is not said
        assert ("ما قُصد بالهجمات ليس في ملفّ النتائج" in page) is not said
    assert "--behaviours behaviours.csv" in Path("given/report.json").read_text(encoding="utf-8")


def test_another_behaviours_file_or_none_is_another_run_and_leaves_the_ledger_as_it_was(tmp_path):
    file, out = reports.write(tmp_path / "results", reports.HARMBENCH), tmp_path / "run"
    behaviours = published(tmp_path, BREAD, TEA)
    given = api.ImportSettings(judges=("rule/refusal",), behaviours=behaviours)
    api.import_report(file, given, out=out)
    with LedgerReader(out / "ledger.sqlite") as reader:
        assert reader.header().data["behaviours"] == digest_bytes(behaviours.read_bytes())
        before = reader.head
    behaviours.write_text(behaviours.read_text().replace("baking", "frying"), encoding="utf-8")
    for settings in (given, api.ImportSettings(judges=("rule/refusal",))):
        with pytest.raises(LedgerMismatch) as caught:
            api.import_report(file, settings, out=out)
        assert "it differs in data (behaviours)" in str(caught.value)
        assert "choose another folder with --out" in str(caught.value)
    with LedgerReader(out / "ledger.sqlite") as reader:
        assert reader.head == before
    assert run(["verify", str(out)]) == 0
    published(tmp_path, BREAD, TEA)
    api.import_report(file, given, out=out)
    with LedgerReader(out / "ledger.sqlite") as reader:
        assert reader.header().data["behaviours"] == digest_bytes(behaviours.read_bytes())
