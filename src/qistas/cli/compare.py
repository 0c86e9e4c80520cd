"""``qistas compare``."""

from __future__ import annotations

from pathlib import Path

import click

from qistas.cli.saying import say


@click.command("compare", short_help="paired differences between two runs")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
def command(first: Path, second: Path) -> None:
    """Per criterion, the difference FIRST minus SECOND on the samples both runs observed."""
    from qistas import api

    for criterion, estimate in api.compare(first, second).items():
        if estimate.value is None or estimate.low is None or estimate.high is None:
            say(f"{criterion}: not estimable: {estimate.reason}")
            continue
        interval = f"{100 * estimate.low:+.1f} to {100 * estimate.high:+.1f}"
        say(
            f"{criterion}: {100 * estimate.value:+.1f} points ({interval}; n={estimate.n}; {estimate.method})"
        )
