"""The lines at the end of a run."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.fakes.weighing import Weighing, target

from qistas.report.document import build_report
from qistas.report.terminal import summary_lines

GOLDEN = Path(__file__).parent / "golden"
WEIGHING = Weighing()
REPORT = build_report(WEIGHING.reader, WEIGHING.findings)


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_summary_is_the_agreed_one(lang):
    assert (
        summary_lines(REPORT, lang)
        == (GOLDEN / f"summary.{lang}.txt").read_text(encoding="utf-8").splitlines()
    )


def test_without_revision_and_caveats_nothing_is_left_hanging():
    model = msgspec.structs.replace(target().model, revision=None)
    summary = msgspec.structs.replace(REPORT.summary, caveats=())
    lines = summary_lines(msgspec.structs.replace(REPORT, model=model, summary=summary))
    assert lines[0] == "hf:example-lab/very-long-model-name-8B-instruct"
    assert lines[-1].strip()
