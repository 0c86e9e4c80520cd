"""How many requests may be in flight: additive increase, multiplicative decrease."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Limiter:
    """A gate whose width follows the server: one wider per full width of successes, half on overload.

    Chiu and Jain 1989. ``most`` bounds the width; a fixed width is ``start == most``.
    """

    def __init__(self, start: int, most: int) -> None:
        self.width = float(min(start, most))
        self.most = most
        self.in_flight = 0
        self._burst = 0
        self._freed = asyncio.Condition()

    async def __aenter__(self) -> None:
        async with self._freed:
            await self._freed.wait_for(lambda: self.in_flight < int(self.width))
            self.in_flight += 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async with self._freed:
            self.in_flight -= 1
            self._freed.notify_all()

    def succeeded(self) -> None:
        """One answer came: the width grows by one over a full width of these."""
        self._burst = max(0, self._burst - 1)
        self.width = min(float(self.most), self.width + 1.0 / self.width)

    def overloaded(self) -> None:
        """The server said too much, or did not answer: half the width, once for all that were in flight then."""
        if self._burst > 0:
            self._burst -= 1
            return
        self._burst = max(0, self.in_flight - 1)
        self.width = max(1.0, self.width / 2)
