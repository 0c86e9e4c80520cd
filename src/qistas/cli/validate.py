"""``qistas validate``."""

from __future__ import annotations

from pathlib import Path

import click

from qistas.cli.saying import say


@click.command("validate", short_help="check standards, evaluation cards and data files")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(files: tuple[Path, ...]) -> None:
    """Check FILES (YAML standards and evaluation cards, JSONL or CSV data); every fault with file and line."""
    from qistas import api

    for line in api.validate(files):
        say(line)
