"""``qistas weigh``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qistas.cli.options import lang_option, made, model_options
from qistas.cli.saying import say

if TYPE_CHECKING:
    from qistas.contracts.documents import Language
    from qistas.contracts.power import Power


@click.command("weigh", short_help="weigh a model against a standard")
@click.argument("model")
@click.option("--standard", default="open-release", show_default=True, help="name or YAML file")
@click.option(
    "--out", type=click.Path(path_type=Path), help="the run's folder [default: runs/MODEL-STANDARD-SEED]"
)
@model_options
@lang_option
@click.option("--gate", is_flag=True, help="exit 1 unless every criterion that applies is met")
def command(model: str, standard: str, out: Path | None, lang: Language, gate: bool, **given: Any) -> None:
    """Weigh MODEL against a standard and write the findings.

    MODEL: sanja (bundled), a folder with a transformers model, hf:org/name[@revision],
    openai:http://host:port/v1#model, or python:package.module:callable. Keys and headers come from the
    environment (QISTAS_API_KEY, QISTAS_HEADERS). Running the same command again resumes.
    """
    from qistas import api
    from qistas.cli.progress import shown_progress

    options, settings = made(given)
    with shown_progress() as on_progress:
        weighing = api.weigh(
            model,
            standard,
            out=out,
            options=options,
            settings=settings,
            lang=lang,
            on_progress=on_progress,
            on_power=lambda powers: tell_power(powers, lang),
        )
    tell(weighing, lang)
    if gate:
        api.require(weighing.passed, weighing.report.findings)


def tell_power(powers: tuple[Power, ...], lang: Language) -> None:
    """Before anything is asked: which differences these prompts cannot show."""
    from qistas import api

    for line in api.power_lines(powers, lang):
        say(line, err=True)


def tell(weighing: Any, lang: Language) -> None:
    """Print the findings and where the report is."""
    from qistas.report.terminal import summary_lines

    for line in summary_lines(weighing.report, lang):
        say(line)
    if weighing.note:
        say(f"\nqistas: {weighing.note}", err=True)
    label = "report" if lang == "en" else "التقرير"
    say(f"\n{label}: {weighing.folder / 'report.html'}")
