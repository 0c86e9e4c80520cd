"""``qistas show``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("show", short_help="show a standard, an evaluation, a judge or a record")
@click.argument("name")
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    help="ledger to look a digest up in [default: those under runs/]",
)
def command(name: str, ledger: Path | None) -> None:
    """Show NAME (a standard, an evaluation, a judge) or the record with the digest NAME (or its beginning)."""
    from qistas import api

    click.echo(api.show(name, ledger))
