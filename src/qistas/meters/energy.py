"""Energy from the counters of the hardware: processor packages (RAPL) and NVIDIA devices (NVML)."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from qistas.contracts.exchanges import Reading

POWERCAP = Path("/sys/class/powercap")
NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")
# No package draws more; a counter that could have gone round twice at this power cannot be trusted.
MOST_PACKAGE_WATTS = 500.0


class _Domain(NamedTuple):
    name: str
    path: Path
    range_joules: float


class _UnreadError(Exception):
    """The counters gave no number; the message is the reason."""


class EnergyMeter:
    """Joules of all processor packages, and of all NVIDIA devices where there are any.

    Packages are read from Linux powercap (``intel-rapl:N/energy_uj``, which AMD uses as well); a counter
    that went round once is corrected by ``max_energy_range_uj``. Core, uncore, memory and platform domains
    lie inside or across packages and are left out, so nothing is counted twice. This is not the power at the
    wall: memory, disks, fans and the power supply are missing. All processes of the machine are counted.
    Devices are read from NVML's total energy counter (Volta and later).

    A counter that cannot be read gives a reading without a value and with the reason, never 0.

    ``powercap``, ``nvidia_driver``: where the kernel shows them; ``load_nvml`` imports NVML; ``now_seconds``
    is a monotonic clock. Tests give their own.
    """

    def __init__(
        self,
        powercap: Path = POWERCAP,
        *,
        nvidia_driver: Path = NVIDIA_DRIVER,
        load_nvml: Callable[[], Any] = lambda: importlib.import_module("pynvml"),
        now_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._powercap = powercap
        self._nvidia_driver = nvidia_driver
        self._load_nvml = load_nvml
        self._now = now_seconds
        self._began: float | None = None
        self._packages: dict[str, float] | _UnreadError = _UnreadError("the energy meter was not started")
        self._devices: dict[str, float] | _UnreadError = self._packages

    def start(self) -> None:
        """Begin the window."""
        self._packages = _attempt(self._read_packages)
        self._devices = _attempt(self._read_devices)
        self._began = self._now()

    def stop(self) -> Sequence[Reading]:
        """A reading ``energy`` (processor packages) and, where NVIDIA devices are, ``energy-gpu``; in joules.

        Raises:
            RuntimeError: the window was not begun.
        """
        if self._began is None:
            raise RuntimeError("the energy meter was not started")
        window_seconds = self._now() - self._began
        self._began = None
        readings = [_reading("energy", "powercap", _attempt(lambda: self._package_joules(window_seconds)))]
        if self._nvidia_driver.exists():
            readings.append(_reading("energy-gpu", "NVML", _attempt(self._device_joules)))
        return tuple(readings)

    def _read_packages(self) -> dict[str, float]:
        return {domain.name: _number(domain.path / "energy_uj") / 1e6 for domain in self._domains()}

    def _domains(self) -> list[_Domain]:
        if not self._powercap.is_dir():
            raise _UnreadError(
                f"{self._powercap} is not there: a virtual machine, a container or another system"
            )
        domains = []
        for path in sorted(self._powercap.glob("intel-rapl:*")):
            name = _text(path / "name")
            if name.startswith("package"):
                domains.append(_Domain(name, path, _number(path / "max_energy_range_uj") / 1e6))
        if not domains:
            raise _UnreadError(f"{self._powercap} shows no processor package")
        return domains

    def _package_joules(self, window_seconds: float) -> dict[str, float]:
        before, after = _known(self._packages), self._read_packages()
        used = {}
        for domain in self._domains():
            joules = after[domain.name] - before.get(domain.name, after[domain.name])
            if window_seconds * MOST_PACKAGE_WATTS > domain.range_joules:
                raise _UnreadError(
                    f"the window is too long: the counter of {domain.name} may have gone round twice"
                )
            used[domain.name] = joules + domain.range_joules if joules < 0 else joules
        return used

    def _read_devices(self) -> dict[str, float]:
        if not self._nvidia_driver.exists():
            return {}
        try:
            nvml = self._load_nvml()
        except ImportError:
            raise _UnreadError("pynvml is not installed: pip install nvidia-ml-py") from None
        try:
            nvml.nvmlInit()
            handles = [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
            joules = {
                f"gpu-{index}": nvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1e3
                for index, handle in enumerate(handles)
            }
            nvml.nvmlShutdown()
        except nvml.NVMLError as error:
            raise _UnreadError(f"NVML: {error}") from None
        return joules

    def _device_joules(self) -> dict[str, float]:
        before, after = _known(self._devices), self._read_devices()
        if before.keys() != after.keys():
            raise _UnreadError("the devices changed during the window")
        return {name: after[name] - before[name] for name in after}


def _attempt(read: Callable[[], dict[str, float]]) -> dict[str, float] | _UnreadError:
    try:
        return read()
    except _UnreadError as reason:
        return reason


def _known(outcome: dict[str, float] | _UnreadError) -> dict[str, float]:
    if isinstance(outcome, _UnreadError):
        raise outcome
    return outcome


def _reading(meter: str, source: str, used: dict[str, float] | _UnreadError) -> Reading:
    # A counter that stands still was not read: at rest, too, hardware uses energy.
    still = [name for name, joules in used.items() if joules <= 0] if isinstance(used, dict) else []
    if still:
        used = _UnreadError(f"the counter of {', '.join(still)} did not move during the window")
    if isinstance(used, dict) and not used:
        used = _UnreadError("no device is there")
    if isinstance(used, _UnreadError):
        return Reading(
            meter=meter, value=None, unit="joules", grade="unread", source=source, reason=str(used)
        )
    named = f"{source}: {', '.join(sorted(used))}"
    return Reading(meter=meter, value=sum(used.values()), unit="joules", grade="measured", source=named)


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except PermissionError:
        raise _UnreadError(f"{path} may be read by the administrator only") from None
    except OSError as error:
        raise _UnreadError(f"{path} cannot be read: {error.strerror}") from None


def _number(path: Path) -> float:
    text = _text(path)
    try:
        return float(text)
    except ValueError:
        raise _UnreadError(f"{path} holds no number: {text[:20]!r}") from None
