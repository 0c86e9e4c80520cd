"""The calibrations of the evaluations that come with Qistas, as ``docs/calibration.md`` reports them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from qistas.contracts.calibrations import CalibrationRecord, NoCalibration
from qistas.contracts.canonical import digest
from qistas.contracts.documents import EvaluationCard

RECORDS = Path(__file__).parent / "calibrations.json"


@cache
def calibration_records() -> dict[str, CalibrationRecord]:
    """Every calibration on record, by evaluation."""
    if not RECORDS.is_file():
        return {}
    return msgspec.json.decode(RECORDS.read_bytes(), type=dict[str, CalibrationRecord])


def calibration_of(card: EvaluationCard, judge_version: str | None) -> CalibrationRecord | NoCalibration:
    """The calibration of exactly this card with this version of its judge, or why there is none."""
    record = calibration_records().get(card.id)
    if record is None:
        return "none"
    same = (record.card, record.judge, record.judge_version) == (digest(card), card.judge, judge_version)
    return record if same else "other_version"
