"""Which calibration an evaluation has."""

from __future__ import annotations

import msgspec
import pytest
from tests.fakes.weighing import CALIBRATED, CARDS, JUDGE

from qistas.evaluations import calibrations
from qistas.evaluations.calibrations import calibration_of, calibration_records

CARD = CARDS["safety/direct"]


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(calibrations, "RECORDS", tmp_path / "calibrations.json")
    calibration_records.cache_clear()
    (tmp_path / "calibrations.json").write_bytes(msgspec.json.encode({CARD.id: CALIBRATED}))
    yield tmp_path / "calibrations.json"
    calibration_records.cache_clear()


@pytest.mark.usefixtures("recorded")
def test_a_calibration_counts_for_exactly_this_card_and_this_judge():
    assert calibration_of(CARD, JUDGE.version) == CALIBRATED
    assert calibration_of(CARD, "2.0.0") == "other_version"
    assert calibration_of(CARD, None) == "other_version"
    assert calibration_of(msgspec.structs.replace(CARD, version="1.1"), JUDGE.version) == "other_version"
    assert calibration_of(CARDS["trust/groups"], None) == "none"


def test_without_records_nothing_is_calibrated(recorded):
    recorded.unlink()
    calibration_records.cache_clear()
    assert calibration_of(CARD, JUDGE.version) == "none"
