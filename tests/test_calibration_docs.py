"""The published calibration is one run: its pages, the packaged records and planted.yaml agree with each other."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from qistas.contracts.calibrations import Calibration, CalibrationRecord
from qistas.evaluations.calibrations import calibration_of
from qistas.evaluations.cards import load_card
from qistas.findings.recovery import faulty
from qistas.reference.planted import load_planted
from qistas.wiring import judge_for

ROOT = Path(__file__).resolve().parent.parent
TOOL = runpy.run_path(str(ROOT / "tools" / "write_calibration.py"))
documents: Callable[[Calibration], dict[Path, bytes]] = TOOL["documents"]


@pytest.fixture(scope="module")
def published() -> Calibration:
    return msgspec.json.decode((ROOT / TOOL["RUN"]).read_bytes(), type=Calibration)


def test_the_pages_and_the_records_follow_from_the_run(published: Calibration) -> None:
    made = documents(published)
    assert [str(place) for place in made if (ROOT / place).read_bytes() != made[place]] == []


def test_the_run_held_every_planted_value_against_every_instrument(published: Calibration) -> None:
    said = {(line.claim.property, line.claim.weight): line.claim.planted for line in published.lines}
    assert said == {
        (line.id, weight): value for line in load_planted().lines for weight, value in line.exact.items()
    }


def test_everything_planted_was_recovered_with_intervals_that_cover(published: Calibration) -> None:
    assert [line.claim.property for line in published.lines if faulty(line)] == []
    assert {line.outcome for line in published.lines} == {"recovered"}
    assert all(line.coverage is not None and line.coverage.seeds >= 200 for line in published.lines)


def test_the_records_are_of_the_evaluations_and_judges_as_they_are(published: Calibration) -> None:
    found: dict[str, Any] = {}
    for name in published.instruments:
        card = load_card(name)
        found[name] = calibration_of(card, judge_for(card.judge).card.version if card.judge else None)
    assert [name for name, record in found.items() if not isinstance(record, CalibrationRecord)] == []


def test_the_weights_are_those_that_ship(published: Calibration) -> None:
    from qistas.reference import sanja_path
    from qistas.targets._folder import inspect_folder

    shipped = {name: inspect_folder(sanja_path(name), code=False).digests()[0] for name in published.weights}
    assert {name: weight.digest for name, weight in published.weights.items()} == shipped
