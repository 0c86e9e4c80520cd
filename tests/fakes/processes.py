"""Processes that tests start."""

import os


def untraced() -> dict[str, str]:
    """The environment for a process whose lines are not counted: tracing slows it down, and other tests run the same lines."""
    return {name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_CONFIG"}
