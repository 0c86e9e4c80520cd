"""Time on the wall."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from qistas.contracts.exchanges import Reading


class ClockMeter:
    """Seconds from ``start`` to ``stop`` on a monotonic clock, which no change of the date can move.

    ``now_nanoseconds`` is the clock; a test gives its own.
    """

    def __init__(self, now_nanoseconds: Callable[[], int] = time.perf_counter_ns) -> None:
        self._now = now_nanoseconds
        self._start: int | None = None

    def start(self) -> None:
        """Begin the window."""
        self._start = self._now()

    def stop(self) -> Sequence[Reading]:
        """One reading ``clock`` in seconds.

        Raises:
            RuntimeError: the window was not begun.
        """
        end = self._now()
        if self._start is None:
            raise RuntimeError("the clock was not started")
        seconds = (end - self._start) / 1e9
        self._start = None
        return (
            Reading(meter="clock", value=seconds, unit="seconds", grade="measured", source="monotonic clock"),
        )
