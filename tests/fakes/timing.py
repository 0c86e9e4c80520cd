"""Processor time of a call, on a machine that others may be using."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from tests.fakes.tracing import untraced

_TRIES = 3
T = TypeVar("T")


def seconds_of(call: Callable[[], T], *, below: float) -> tuple[T, float]:
    """(what the call gave, the processor seconds that it took, untraced).

    Whatever else runs on the machine makes a call slower and never quicker: one that took ``below`` seconds or more is made again, three times at
    most, and its least time counts.
    """
    taken = float("inf")
    for _ in range(_TRIES):
        with untraced():
            began = time.process_time()
            given = call()
            taken = min(taken, time.process_time() - began)
        if taken < below:
            break
    return given, taken
