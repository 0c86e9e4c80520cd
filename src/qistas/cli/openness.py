"""``qistas openness``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qistas.cli.options import lang_option
from qistas.report.export import OF_RELEASES

if TYPE_CHECKING:
    from qistas.contracts.documents import Language


@click.command("openness", short_help="what is open of a release, with the words that say so")
@click.argument("releases", nargs=-1, required=True, metavar="RELEASE...")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "html", "markdown", *OF_RELEASES]),
    default="text",
    show_default=True,
)
@click.option("--explain", metavar="DIMENSION", help="the rules of one dimension, which decided, and why")
@click.option(
    "--licence-texts",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="folder with the texts of licences, to show where one departs from its own",
)
@click.option(
    "--parent",
    "parents",
    multiple=True,
    metavar="ORG/NAME=RELEASE",
    help="what a release was made from, to read its lineage on; may be repeated",
)
@click.option(
    "--parents",
    "parents_folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="folder of such releases, called org--name (or a hub's cache)",
)
@click.option(
    "--public-key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="the signer's public key (PEM), to verify signatures in a release under",
)
@click.option(
    "--fetch",
    is_flag=True,
    help="fetch policies that a licence incorporates by their address, and parents' documents from the hub",
)
@click.option("--read-on", metavar="DATE", help="date for the head, as 2026-01-31 [default: today]")
@click.option("--out", type=click.Path(path_type=Path), help="file to write [default: standard output]")
@lang_option
def command(
    releases: tuple[str, ...],
    format_: str,
    explain: str | None,
    out: Path | None,
    lang: Language,
    **given: Any,
) -> None:
    """Weigh each RELEASE on openness: a folder, a git checkout, hf:org/name[@revision], or documents beside a TREE.txt.

    Every judgement names the words, file and line that decided it, or is undetermined. Nothing in a release is executed. Several
    releases make a list in JSON, and one comparison in HTML.
    """
    from qistas import api
    from qistas.contracts.errors import BadInput, Fault
    from qistas.report.visible import visible

    if explain is not None and format_ != "text":
        step = "leave out --format, or --explain"
        raise BadInput(Fault("--explain is a text for people", f"--format {format_}", step))
    settings = api.OpennessSettings(
        licence_texts=given["licence_texts"] and given["licence_texts"].expanduser(),
        parents=_in_folder(given["parents_folder"]) | _parents(given["parents"]),
        read_on=given["read_on"],
        public_key=given["public_key"] and given["public_key"].expanduser(),
        fetch=given["fetch"],
    )
    made = api.openness(*releases, settings=settings)
    if explain is not None:
        data = api.openness_explained(made, explain, lang).encode()
    else:
        data = api.openness_pages(made, format_, lang)
    if out is not None:
        api.write_whole(out.expanduser(), data)
        return
    shown = data.decode()
    # What a person reads may hold words of a release; a file or another program gets it byte for byte.
    readable = explain is not None or format_ == "text" or sys.stdout.isatty()
    click.echo(visible(shown) if readable else shown, nl=False)


def _parents(items: tuple[str, ...]) -> dict[str, str]:
    from qistas.contracts.errors import BadInput, Fault

    pairs = [item.partition("=") for item in items]
    wrong = ["".join(pair) for pair in pairs if not all(pair)]
    if wrong:
        step = "write --parent org/name=RELEASE"
        raise BadInput(
            *(Fault(f"--parent {item!r} is not ORG/NAME=RELEASE", next_step=step) for item in wrong)
        )
    return {name: place for name, _, place in pairs}


def _in_folder(folder: Path | None) -> dict[str, str]:
    from qistas.api.assessing import parents_in

    return {} if folder is None else parents_in(folder.expanduser())
