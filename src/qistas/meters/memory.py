"""Peak resident memory."""

from __future__ import annotations

import re
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from qistas.contracts.exchanges import Reading

_HIGH_WATER = re.compile(r"^VmHWM:\s*(\d+) kB$", re.MULTILINE)
_RESET_HIGH_WATER = "5"
_KERNEL = Path("/proc/self")


class MemoryMeter:
    """Most bytes of this process that were resident at once during the window (weights included).

    On Linux the kernel's high-water mark is set back at ``start`` and read at ``stop`` (proc(5): ``clear_refs``
    and ``VmHWM``). Where it cannot be set back, the reading is the peak since the process began, which may be
    higher than that of the window; its reason says so. Memory of an accelerator is not counted.

    ``process`` is the folder of the process in procfs; a test gives its own.
    """

    def __init__(self, process: Path = _KERNEL) -> None:
        self._status = process / "status"
        self._clear = process / "clear_refs"
        self._was_reset: bool | None = None

    def start(self) -> None:
        """Begin the window."""
        try:
            self._clear.write_text(_RESET_HIGH_WATER)
        except OSError:
            self._was_reset = False
        else:
            self._was_reset = self._high_water_bytes() is not None

    def stop(self) -> Sequence[Reading]:
        """One reading ``memory`` in bytes.

        Raises:
            RuntimeError: the window was not begun.
        """
        if self._was_reset is None:
            raise RuntimeError("the memory meter was not started")
        peak_bytes = self._high_water_bytes() if self._was_reset else None
        self._was_reset = None
        if peak_bytes is not None:
            return (_reading(float(peak_bytes), "/proc/self/status VmHWM, set back at the start"),)
        reason = "the peak since the process began; that of this window alone may be lower"
        return (_reading(float(_process_peak_bytes()), "getrusage ru_maxrss", reason),)

    def _high_water_bytes(self) -> int | None:
        try:
            found = _HIGH_WATER.search(self._status.read_text())
        except OSError:
            return None
        return int(found[1]) * 1024 if found else None


def _reading(peak_bytes: float, source: str, reason: str | None = None) -> Reading:
    return Reading(
        meter="memory", value=peak_bytes, unit="bytes", grade="measured", source=source, reason=reason
    )


def _process_peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts bytes, Linux kilobytes.
    return peak if sys.platform == "darwin" else peak * 1024
