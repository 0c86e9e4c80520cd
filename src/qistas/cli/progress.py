"""Progress of a run: a live table on a terminal, a line per criterion elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qistas.cli.saying import say

if TYPE_CHECKING:
    from qistas.engine.run import Progress

OnProgress = Callable[["Progress"], None]


@contextmanager
def shown_progress() -> Iterator[OnProgress]:
    """A callback that shows how far each criterion is, with the rate, the estimate so far and the time left."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    with _bars() as on_progress:
        yield on_progress


def _lines() -> OnProgress:
    def on_progress(progress: Progress) -> None:
        if progress.finished:
            say(f"{progress.criterion}: {progress.done} samples{interval(progress)}", err=True)

    return on_progress


@contextmanager
def _bars() -> Iterator[OnProgress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[estimate]}"),
    )
    tasks: dict[str, Any] = {}
    started = time.monotonic()
    with Bars(*columns, console=Console(stderr=True), refresh_per_second=4) as bars:

        def on_progress(progress: Progress) -> None:
            if progress.criterion not in tasks:
                tasks[progress.criterion] = bars.add_task(
                    progress.criterion, total=progress.target_n, rate="", estimate=""
                )
            rate = progress.done / max(1e-9, time.monotonic() - started)
            task = tasks[progress.criterion]
            # A criterion that is decided early is done: its bar must not wait for samples nobody will ask.
            total = progress.done if progress.finished else progress.target_n
            bars.update(task, completed=progress.done, total=total, rate=f"{rate:.1f}/s")
            if progress.estimate is not None:
                bars.update(task, estimate=interval(progress))

        yield on_progress


def interval(progress: Progress) -> str:
    """The estimate so far, as text."""
    estimate = progress.estimate
    if estimate is None or estimate.low is None or estimate.high is None or estimate.value is None:
        return ""
    if progress.unit == "proportion":
        return f"  {_share(estimate.value, estimate.low, estimate.high)}"
    return f"  {estimate.value:.4g} ({estimate.low:.4g} to {estimate.high:.4g})"


def _share(value: float, low: float, high: float) -> str:
    """A share and its interval, rounded as the report does."""
    from qistas.report.numbers import denominator, outward

    out_of = denominator(low, high)
    bottom, top = outward(low, high, out_of)
    about = min(max(round(value * out_of), bottom), top)
    shown, least, most = (f"{100 * number / out_of:g}" for number in (about, bottom, top))
    return f"{shown}% ({least}-{most}%)"
