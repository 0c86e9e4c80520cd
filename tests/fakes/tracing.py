"""The tracing that measures coverage: out of the way where time is measured, and one thread at a time."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def untraced() -> Iterator[None]:
    """Without tracing, which makes loops take five times as long."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def untraced_environment() -> dict[str, str]:
    """The environment for a process whose lines are not counted: other tests run the same lines."""
    return {name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_CONFIG"}


def trace_threads_in_turn() -> None:
    """Python 3.11 refuses to trace two threads that begin at the same moment, and one of them dies; here they wait for each other."""
    turn, settrace = threading.RLock(), sys.settrace

    def in_turn(tracer: Any) -> None:
        with turn:
            settrace(tracer)

    sys.settrace = in_turn
