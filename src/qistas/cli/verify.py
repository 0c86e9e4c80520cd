"""``qistas verify``."""

from __future__ import annotations

from pathlib import Path

import click

from qistas.cli.saying import say


@click.command("verify", short_help="recompute everything in a ledger or bundle")
@click.argument("ledger", type=click.Path(path_type=Path))
def command(ledger: Path) -> int:
    """Re-read LEDGER (ledger.sqlite, a run's folder or a bundle) and recompute all that follows from it.

    Digests, chain, every judgement of a rule judge, every estimate and finding; the count and head that
    report.json states. Exit code 1 and the first record that disagrees when something does.
    """
    from qistas import api

    found = api.verify(ledger)
    if found.fault is not None:
        say(f"qistas: verification failed: {found.fault}", err=True)
        return 1
    say(f"verified: {found.records} records, head {found.head}")
    say(f"checked: {', '.join(found.checked)}")
    for line in found.chosen:
        say(line)
    return 0
