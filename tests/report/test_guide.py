"""The guide to reading a report says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qistas.report import changes, samples, selection, strength
from qistas.report.json import PublishedReport, report_schema

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", ["report.md", "report.ar.md"])
def test_the_published_rule_has_the_numbers_of_the_code(name):
    guide = (DOCS / name).read_text(encoding="utf-8")
    rows = [line for line in guide.splitlines() if line.startswith("| ")][1:]
    numbers = [re.findall(r"\d+(?:\.\d+)?%?", row) for row in rows]
    share = "{:.0%}".format
    assert numbers == [
        [f"{strength.NARROW_ESCAPE:g}"],
        [f"{strength.VERY_WIDE:.2f}", f"{strength.WIDE:.2f}", f"{strength.VERY_WIDE:.2f}"],
        [str(strength.ENOUGH_UNITS), str(strength.FEW_UNITS)],
        [str(strength.ENOUGH_REPEATS), str(strength.FEW_REPEATS)],
        [share(strength.SOME_UNSCORED), share(strength.MANY_UNSCORED)],
        [share(strength.JUDGE_GOOD), str(strength.FEW_LABELS), share(strength.JUDGE_POOR)],
        [],
    ]
    for number in (
        selection.FAILURES_SHOWN,
        selection.OTHERS_SHOWN,
        samples.CHARACTERS_SHOWN,
        changes._HOPELESS,
    ):
        assert f"{number:,}" in guide


@pytest.mark.parametrize("name", ["report.md", "report.ar.md"])
def test_every_key_of_the_report_is_explained(name):
    guide = (DOCS / name).read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_.]+)`", guide))
    known = {part for key in named for part in key.split(".")}
    definitions = report_schema()["$defs"]
    keys = set(PublishedReport.__struct_fields__)
    for record in (
        "Finding",
        "Estimate",
        "JudgeNote",
        "Evidence",
        "LedgerRef",
        "RunNote",
        "StandardRef",
        "ModelIdentity",
        "Summary",
    ):
        keys |= set(definitions[record]["properties"])
    assert keys - known - {"standard_title", "intended_use"} == set()
