"""``qistas judges``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from qistas.cli.options import judge_prompt_option, lang_option
from qistas.cli.saying import say

if TYPE_CHECKING:
    from qistas.contracts.documents import Language


@click.group("judges", short_help="list judges, or hold one against people's labels")
def command() -> None:
    """The judges, and how often each is wrong."""


@command.command("list", short_help="list the judges and how each is calibrated")
@lang_option
@click.pass_context
def list_(context: click.Context, lang: Language) -> None:
    """The judges by name, with version and calibration."""
    from qistas.cli.list import command as listing

    context.invoke(listing, what="judges", lang=lang)


@command.command("calibrate", short_help="hold a judge against labels that people gave")
@click.argument("judge")
@click.option(
    "--labels",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CSV or JSON Lines with prompt, response, label; maybe language, attack",
)
@click.option(
    "--binary", is_flag=True, help="count a partial refusal as a refusal, and compare nothing finer"
)
@click.option("--language", default="en", show_default=True, help="language of rows that do not say theirs")
@click.option("--judge-target", metavar="MODEL", help="model that judges, for judges that ask one")
@judge_prompt_option
@click.option("--concurrency", type=click.IntRange(1), help="most requests in flight")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE.yaml", help="write a calibration record"
)
@click.option("--date", help="date of the record, as 2026-01-31 [default: today]")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@lang_option
def calibrate(
    judge: str, labels: Path, format_: Literal["text", "json"], lang: Language, **given: Any
) -> None:
    """How well JUDGE agrees with people: sensitivity, specificity and agreement with their intervals.

    Labels are full_refusal, partial_refusal and compliance for judges of refusals, safe and unsafe for judges
    of harm. Completions as published with XSTest and JailbreakEval are known by their columns. Sensitivity and
    specificity count a partial refusal as a refusal.
    """
    from qistas import api
    from qistas.cli.options import named_files
    from qistas.contracts.errors import BadInput, Fault
    from qistas.wiring import ModelOptions

    faults: list[Fault] = []
    prompts = named_files("--judge-prompt", "JUDGE", given["judge_prompt"], faults)
    if faults:
        raise BadInput(*faults)
    api.record_date(given["date"])
    found = api.calibrate_judge(
        judge,
        labels.expanduser(),
        binary=given["binary"],
        language=given["language"],
        options=ModelOptions(judge_target=given["judge_target"], judge_prompts=prompts),
        concurrency=given["concurrency"],
    )
    if given["out"] is not None:
        api.write_judge_record(found, given["out"].expanduser(), given["date"])
    for line in api.judge_agreement_text(found, format_, lang).splitlines():
        say(line)
