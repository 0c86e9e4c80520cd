"""``qistas run``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qistas.cli.options import lang_option, made, model_options
from qistas.cli.weigh import tell, tell_power

if TYPE_CHECKING:
    from qistas.contracts.documents import Language


@click.command("run", short_help="run one evaluation on a model")
@click.argument("evaluation")
@click.argument("model")
@click.option("--standard", help="judge by this standard's criteria for the evaluation; else numbers only")
@click.option(
    "--param",
    multiple=True,
    metavar="NAME=VALUE",
    help="a value in place of a parameter's on the evaluation's card; the report says so",
)
@click.option("--out", type=click.Path(path_type=Path), help="the run's folder")
@model_options
@lang_option
def command(
    evaluation: str, model: str, standard: str | None, out: Path | None, lang: Language, **given: Any
) -> None:
    """Run EVALUATION (a name, a YAML card or a task of lm-eval) on MODEL.

    VALUE of --param is YAML: repeats=2, families=[base64, rot13], most_queries.target=40.
    """
    from qistas import api
    from qistas.cli.progress import shown_progress

    options, settings = made(given, evaluation)
    with shown_progress() as on_progress:
        weighing = api.run_evaluation(
            evaluation,
            model,
            standard,
            out=out,
            options=options,
            settings=settings,
            lang=lang,
            listeners=api.Listeners(on_progress, lambda powers: tell_power(powers, lang)),
        )
    tell(weighing, lang)
