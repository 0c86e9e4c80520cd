"""Energy is read from counters or not at all: never 0 for what was not read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from qistas.contracts.exchanges import Reading
from qistas.meters.energy import EnergyMeter

RANGE_MICROJOULES = 262_143_328_850


def domain(root: Path, entry: str, name: str, microjoules: int) -> Path:
    """A powercap domain as the kernel shows it."""
    folder = root / entry
    folder.mkdir(parents=True)
    (folder / "name").write_text(f"{name}\n")
    (folder / "energy_uj").write_text(f"{microjoules}\n")
    (folder / "max_energy_range_uj").write_text(f"{RANGE_MICROJOULES}\n")
    return folder


def advance(folder: Path, microjoules: int) -> None:
    """The counter after a while."""
    (folder / "energy_uj").write_text(f"{microjoules}\n")


class FakeNvmlError(Exception):
    """What NVML raises."""


class FakeNvml:
    """NVML with one counter per device, in millijoules; each start-up moves every counter on by ``step``."""

    NVMLError = FakeNvmlError

    def __init__(self, devices: int = 2, step: int = 5000, fault: str | None = None) -> None:
        self.devices, self.step, self.fault = devices, step, fault
        self.time = 0

    def nvmlInit(self) -> None:  # noqa: N802 - NVML's own name
        self.time += 1
        if self.fault:
            raise FakeNvmlError(self.fault)

    def nvmlShutdown(self) -> None:  # noqa: N802
        return None

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return self.devices

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        return index

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: int) -> int:  # noqa: N802
        return 1000 * handle + self.time * self.step


def measured(meter: EnergyMeter, between: Callable[[], object] = lambda: None) -> tuple[Reading, ...]:
    meter.start()
    between()
    return tuple(meter.stop())


def cpu_only(root: Path, seconds: float = 1.0) -> EnergyMeter:
    times = iter([0.0, seconds])
    return EnergyMeter(root, nvidia_driver=root / "no-driver", now_seconds=lambda: next(times))


def unread(reason: str, meter: str = "energy", source: str = "powercap") -> Reading:
    return Reading(meter=meter, value=None, unit="joules", grade="unread", source=source, reason=reason)


def test_all_packages_are_added_up_and_no_part_is_counted_twice(tmp_path: Path) -> None:
    first = domain(tmp_path, "intel-rapl:0", "package-0", 1_000_000)
    second = domain(tmp_path, "intel-rapl:1", "package-1", 5_000_000)
    core = domain(tmp_path, "intel-rapl:0:0", "core", 0)
    platform = domain(tmp_path, "intel-rapl:2", "psys", 0)
    again = domain(tmp_path, "intel-rapl-mmio:0", "package-0", 0)

    def work() -> None:
        advance(first, 3_500_000)
        advance(second, 6_000_000)
        for other in (core, platform, again):
            advance(other, 99_000_000)

    assert measured(cpu_only(tmp_path), work) == (
        Reading(
            meter="energy",
            value=3.5,
            unit="joules",
            grade="measured",
            source="powercap: package-0, package-1",
        ),
    )


def test_a_counter_that_went_round_is_corrected(tmp_path: Path) -> None:
    package = domain(tmp_path, "intel-rapl:0", "package-0", RANGE_MICROJOULES - 1_000_000)
    (reading,) = measured(cpu_only(tmp_path), lambda: advance(package, 2_000_000))

    assert reading.value == pytest.approx(3.0)


def test_a_window_in_which_the_counter_may_go_round_twice_has_no_value(tmp_path: Path) -> None:
    package = domain(tmp_path, "intel-rapl:0", "package-0", 0)

    assert measured(cpu_only(tmp_path, seconds=600.0), lambda: advance(package, 7_000_000)) == (
        unread("the window is too long: the counter of package-0 may have gone round twice"),
    )


def test_a_counter_that_stands_still_was_not_read(tmp_path: Path) -> None:
    domain(tmp_path, "intel-rapl:0", "package-0", 1_000_000)

    assert measured(cpu_only(tmp_path)) == (
        unread("the counter of package-0 did not move during the window"),
    )


def test_without_powercap_the_reason_is_that_it_is_absent(tmp_path: Path) -> None:
    absent = tmp_path / "powercap"

    assert measured(cpu_only(absent)) == (
        unread(f"{absent} is not there: a virtual machine, a container or another system"),
    )


def test_powercap_without_a_package_is_said(tmp_path: Path) -> None:
    domain(tmp_path, "intel-rapl:0", "psys", 0)

    assert measured(cpu_only(tmp_path)) == (unread(f"{tmp_path} shows no processor package"),)


def test_a_counter_for_the_administrator_only_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = domain(tmp_path, "intel-rapl:0", "package-0", 0)
    real = Path.read_text

    def guarded(path: Path, *args: str, **kwargs: str) -> str:
        if path.name == "energy_uj":
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", guarded)

    assert measured(cpu_only(tmp_path)) == (
        unread(f"{package / 'energy_uj'} may be read by the administrator only"),
    )


def test_a_counter_that_vanishes_or_holds_no_number_is_said(tmp_path: Path) -> None:
    package = domain(tmp_path, "intel-rapl:0", "package-0", 0)
    counter = package / "energy_uj"

    assert measured(cpu_only(tmp_path), lambda: counter.write_text("broken")) == (
        unread(f"{counter} holds no number: 'broken'"),
    )
    advance(package, 0)
    assert measured(cpu_only(tmp_path), counter.unlink) == (
        unread(f"{counter} cannot be read: No such file or directory"),
    )


def with_devices(root: Path, nvml: FakeNvml | ImportError) -> EnergyMeter:
    driver = root / "version"
    driver.write_text("NVRM version: 550")

    def load() -> FakeNvml:
        if isinstance(nvml, ImportError):
            raise nvml
        return nvml

    return EnergyMeter(root / "none", nvidia_driver=driver, load_nvml=load)


def test_devices_are_read_beside_the_packages(tmp_path: Path) -> None:
    readings = measured(with_devices(tmp_path, FakeNvml()))

    assert readings[0].value is None
    assert readings[1] == Reading(
        meter="energy-gpu", value=10.0, unit="joules", grade="measured", source="NVML: gpu-0, gpu-1"
    )


@pytest.mark.parametrize(
    ("nvml", "reason"),
    [
        (ImportError("pynvml"), "pynvml is not installed: pip install nvidia-ml-py"),
        (FakeNvml(fault="Not Supported"), "NVML: Not Supported"),
        (FakeNvml(devices=0), "no device is there"),
        (FakeNvml(step=0), "the counter of gpu-0, gpu-1 did not move during the window"),
    ],
)
def test_devices_that_cannot_be_read_have_no_value(
    tmp_path: Path, nvml: FakeNvml | ImportError, reason: str
) -> None:
    assert measured(with_devices(tmp_path, nvml))[1] == unread(reason, "energy-gpu", "NVML")


def test_a_device_that_appears_meanwhile_spoils_the_window(tmp_path: Path) -> None:
    nvml = FakeNvml(devices=1)

    assert measured(with_devices(tmp_path, nvml), lambda: setattr(nvml, "devices", 2))[1] == unread(
        "the devices changed during the window", "energy-gpu", "NVML"
    )


def test_without_an_nvidia_driver_nothing_is_imported(tmp_path: Path) -> None:
    def load() -> FakeNvml:
        raise AssertionError("imported for nothing")

    assert len(measured(EnergyMeter(tmp_path, nvidia_driver=tmp_path / "none", load_nvml=load))) == 1
