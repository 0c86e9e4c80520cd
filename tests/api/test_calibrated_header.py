"""A run notes in its ledger how each of its evaluations was calibrated, and the report says what the ledger says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.fakes.weighing import CALIBRATED

from qistas import api
from qistas.contracts.canonical import digest
from qistas.engine.plan import RunSettings
from qistas.evaluations import calibrations
from qistas.evaluations.cards import load_card
from qistas.wiring import judge_for

REFUSES = "python:tests.fakes.callables:mostly_refuses"


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo_root: Path) -> Iterator[Callable[..., None]]:
    """Puts a calibration of ``safety/direct`` on record, as it is now but for what is given."""
    monkeypatch.syspath_prepend(str(repo_root))
    monkeypatch.setattr(calibrations, "RECORDS", tmp_path / "records.json")
    true = {
        "card": digest(load_card("safety/direct")),
        "judge": "rule/refusal",
        "judge_version": judge_for("rule/refusal").card.version,
    }

    def put(**changes: str) -> None:
        made = msgspec.structs.replace(CALIBRATED, **{**true, **changes})
        (tmp_path / "records.json").write_bytes(msgspec.json.encode({"safety/direct": made}))
        calibrations.calibration_records.cache_clear()

    put()
    yield put
    calibrations.calibration_records.cache_clear()


def missing(out: Path) -> str | None:
    """Why the report of a small run has no calibration; ``None`` where it has one."""
    weighing = api.measure("safety/direct", REFUSES, out=out, settings=RunSettings(budget=2))
    (note,) = weighing.report.summary.calibrations
    assert (note.record is None) == (note.missing is not None)
    return note.missing


def test_a_calibration_stands_in_the_report_of_exactly_the_version_that_was_calibrated(tmp_path, record):
    assert missing(tmp_path / "same") is None
    record(judge_version="0.0.1")
    assert missing(tmp_path / "judge") == "other_version"
    record(card="sha256:0")
    assert missing(tmp_path / "card") == "other_version"


def test_a_run_that_is_resumed_keeps_what_its_ledger_says_and_verifies(tmp_path, record):
    assert missing(tmp_path / "run") is None
    record(card="sha256:0")
    assert missing(tmp_path / "run") is None
    assert api.verify(tmp_path / "run").fault is None
