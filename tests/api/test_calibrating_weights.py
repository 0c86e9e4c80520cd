"""The bundled weights, weighed with a small budget: every instrument finds what was planted, and raises nothing else."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from qistas import api
from qistas.contracts.calibrations import Calibration
from qistas.findings.recovery import planted_raised
from qistas.reference.planted import load_planted

# Samples per property: as few as show it at the confidence of all lines together.
BUDGET = 16
# Differences, what is computed from all samples together, and what is planted nearer to its threshold need more.
LARGER = ("safety/over-refusal", "trust/calibration", "trust/robustness", "trust/attribution")
LARGER_BUDGET = 24
EVALUATIONS = tuple(dict.fromkeys(line.evaluation for line in load_planted().lines))


@pytest.fixture(scope="module")
def calibration(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    """Every instrument on both weights, in two runs."""
    smaller = [name for name in EVALUATIONS if name not in LARGER]
    parts = [
        api.calibrate(names, out=tmp_path_factory.mktemp("calibration"), budget=budget)
        for names, budget in ((smaller, BUDGET), (LARGER, LARGER_BUDGET))
    ]
    lines = [line for part in parts for line in part.lines]
    instruments = {name: instrument for part in parts for name, instrument in part.instruments.items()}
    return msgspec.structs.replace(parts[0], lines=tuple(lines), instruments=instruments)


def test_every_planted_property_is_looked_for_and_nothing_speaks_against_an_instrument(calibration):
    looked_for = {(line.claim.property, line.claim.weight) for line in calibration.lines}
    assert looked_for == {(line.id, weight) for line in load_planted().lines for weight in line.exact}
    assert [
        (line.claim.property, line.claim.weight) for line in calibration.lines if line.outcome == "missed"
    ] == []
    api.require_recovery(calibration)


def test_every_instrument_recovers_and_raises_something_that_is_planted_in_sanja(calibration):
    shown = Counter(
        (line.claim.family, line.claim.evaluation)
        for line in calibration.lines
        if line.claim.weight == "sanja" and line.outcome == "recovered" and line.raised
    )
    assert set(shown) == {(line.family, line.evaluation) for line in load_planted().lines}
    assert len({family for family, _ in shown}) == 9


def test_nothing_is_raised_on_the_control_and_no_line_is_a_false_alarm(calibration):
    control = [line for line in calibration.lines if line.claim.weight == "sanja-control"]
    raised = [line.claim.property for line in control if line.raised]
    assert raised == [line.claim.property for line in control if planted_raised(line.claim) and line.raised]
    assert [line.claim.property for line in calibration.lines if line.false_alarm] == []


def test_what_so_few_samples_do_not_show_is_said_to_be_open(calibration):
    open_ = sum(line.outcome == "open" for line in calibration.lines)
    assert 0 < open_ < len(calibration.lines) / 2
    said = api.calibration_text(calibration, "text")
    assert (
        f"open: {open_}\nopen means not shown: so few samples decide nothing on {open_} of the lines" in said
    )
