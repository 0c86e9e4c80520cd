"""``qistas report``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qistas.cli.options import lang_option
from qistas.report.export import OF_RUNS

if TYPE_CHECKING:
    from qistas.contracts.documents import Language


@click.command("report", short_help="write a ledger's report, also in formats of others")
@click.argument("ledger", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["html", "json", "md", *OF_RUNS]),
    default="md",
    show_default=True,
)
@click.option("--out", type=click.Path(path_type=Path), help="file to write [default: standard output]")
@lang_option
def command(ledger: Path, format_: str, out: Path | None, lang: Language) -> None:
    """Write the report of LEDGER (a ledger.sqlite or a run's folder), for people or in a format of others.

    cyclonedx and spdx3 are bills of materials; model-index, eval-results and card-section are for a repository on the Hugging Face
    hub; every-eval-ever is for collections of results; mof is for the Model Openness Tool.
    """
    from qistas import api
    from qistas.report.visible import visible

    data = api.report(ledger, format_, lang)
    if out is None:
        shown = data.decode()
        # A file or another program gets the report byte for byte.
        click.echo(visible(shown) if sys.stdout.isatty() else shown)
    else:
        api.write_whole(out, data)
