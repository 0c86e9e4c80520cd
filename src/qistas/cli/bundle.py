"""``qistas bundle``."""

from __future__ import annotations

from pathlib import Path

import click

from qistas.cli.saying import say


@click.command("bundle", short_help="make a ledger portable and signed")
@click.argument("ledger", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="the bundle's file [default: beside the ledger]")
@click.option(
    "--key", type=click.Path(path_type=Path), help="Ed25519 private key (PEM) [default: one of this user]"
)
def command(ledger: Path, out: Path | None, key: Path | None) -> None:
    """Write LEDGER as a bundle: canonical records, manifest and Ed25519 signature."""
    from qistas import api

    made = api.bundle(ledger, out, key)
    say(f"bundle: {made['bundle']}")
    say(f"records: {made['records']}, head {made['head']}")
    say(f"public key: {made['public_key']}")
