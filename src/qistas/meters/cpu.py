"""Processor time."""

from __future__ import annotations

import resource
from collections.abc import Callable, Sequence

from qistas.contracts.exchanges import Reading


def cpu_seconds_so_far() -> float:
    """User and system seconds of all threads of this process, and of its children that have ended."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    usages = [resource.getrusage(who) for who in whose]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


class CpuMeter:
    """CPU seconds (user and system, all threads) of this process and its children over the window.

    A child counts once it has ended and been waited for (POSIX ``getrusage``); one that still runs does not.
    ``so_far`` reads the total in seconds; a test gives its own.
    """

    def __init__(self, so_far: Callable[[], float] = cpu_seconds_so_far) -> None:
        self._so_far = so_far
        self._start: float | None = None

    def start(self) -> None:
        """Begin the window."""
        self._start = self._so_far()

    def stop(self) -> Sequence[Reading]:
        """One reading ``cpu`` in CPU seconds.

        Raises:
            RuntimeError: the window was not begun.
        """
        end = self._so_far()
        if self._start is None:
            raise RuntimeError("the processor meter was not started")
        seconds = end - self._start
        self._start = None
        source = "getrusage: this process and its ended children"
        return (Reading(meter="cpu", value=seconds, unit="seconds", grade="measured", source=source),)
