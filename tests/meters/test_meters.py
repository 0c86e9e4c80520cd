"""Meters of time, processor and memory read what happened in their window, and say where from."""

import subprocess
import sys
from pathlib import Path

import pytest

from qistas.contracts.exchanges import Reading
from qistas.contracts.protocols import Meter
from qistas.meters.clock import ClockMeter
from qistas.meters.cpu import CpuMeter
from qistas.meters.elsewhere import ElsewhereMeter
from qistas.meters.energy import EnergyMeter
from qistas.meters.memory import MemoryMeter


def test_the_clock_reads_the_seconds_between_start_and_stop() -> None:
    ticks = iter([1_000_000_000, 3_500_000_000])
    meter = ClockMeter(lambda: next(ticks))
    meter.start()

    expected = Reading(
        meter="clock", value=2.5, unit="seconds", grade="measured", source="monotonic clock", reason=None
    )
    assert meter.stop() == (expected,)


def test_the_real_clock_never_goes_back() -> None:
    meter = ClockMeter()
    meter.start()
    (reading,) = meter.stop()

    assert reading.value is not None
    assert 0 < reading.value < 60


def test_the_processor_meter_sees_a_busy_loop() -> None:
    meter = CpuMeter()
    meter.start()
    wall = ClockMeter()
    wall.start()
    sum(number * number for number in range(2_000_000))
    (elapsed,) = wall.stop()
    (reading,) = meter.stop()

    assert (reading.meter, reading.unit, reading.grade) == ("cpu", "seconds", "measured")
    assert reading.value is not None
    assert elapsed.value is not None
    assert 0.02 < reading.value <= elapsed.value * 1.2 + 0.1


def test_the_processor_meter_counts_children_that_have_ended() -> None:
    meter = CpuMeter()
    meter.start()
    subprocess.run([sys.executable, "-c", "sum(range(5_000_000))"], check=True)
    (reading,) = meter.stop()

    assert reading.value is not None
    assert reading.value > 0.02


@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="only Linux sets the high-water mark back"
)
def test_the_memory_meter_sees_what_is_held_in_its_window_and_forgets_what_was_before() -> None:
    size = 64 * 2**20
    before = b"\1" * (2 * size)
    del before
    meter = MemoryMeter()
    meter.start()
    (idle,) = meter.stop()
    meter.start()
    held = b"\1" * size
    (reading,) = meter.stop()
    del held

    assert (reading.meter, reading.unit, reading.grade, reading.reason) == (
        "memory",
        "bytes",
        "measured",
        None,
    )
    assert reading.value is not None
    assert idle.value is not None
    assert 0.9 * size < reading.value - idle.value < 1.5 * size


def test_memory_is_the_peak_of_the_process_where_the_mark_cannot_be_set_back(tmp_path: Path) -> None:
    meter = MemoryMeter(tmp_path / "no-such-process")
    meter.start()
    (reading,) = meter.stop()

    assert reading.source == "getrusage ru_maxrss"
    assert reading.reason == "the peak since the process began; that of this window alone may be lower"
    assert reading.value is not None
    assert reading.value > 5_000_000


def test_memory_is_read_from_the_high_water_mark_in_bytes(tmp_path: Path) -> None:
    (tmp_path / "status").write_text("Name:\tpython\nVmHWM:\t    2048 kB\nVmRSS:\t 1000 kB\n")
    meter = MemoryMeter(tmp_path)
    meter.start()
    (reading,) = meter.stop()

    assert (tmp_path / "clear_refs").read_text() == "5"
    assert reading.value == 2048 * 1024


def test_a_status_without_a_mark_is_no_reading_of_zero(tmp_path: Path) -> None:
    (tmp_path / "status").write_text("Name:\tpython\n")
    meter = MemoryMeter(tmp_path)
    meter.start()
    (reading,) = meter.stop()

    assert reading.source == "getrusage ru_maxrss"


def test_what_another_machine_uses_is_not_read_and_the_reason_is_said() -> None:
    meter = ElsewhereMeter()
    meter.start()
    reason = "the model did not run in this process, so its counters cannot be read from here"

    assert meter.stop() == tuple(
        Reading(meter=name, value=None, unit=unit, grade="unread", source="none", reason=reason)
        for name, unit in (("cpu", "seconds"), ("memory", "bytes"), ("energy", "joules"))
    )


@pytest.mark.parametrize("make", [ClockMeter, CpuMeter, MemoryMeter, EnergyMeter])
def test_a_window_that_was_not_begun_cannot_end(make: type[Meter]) -> None:
    with pytest.raises(RuntimeError, match="not started"):
        make().stop()
