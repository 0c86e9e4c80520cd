# A command's module has its name, and this one's is a word of Python's.
# ruff: noqa: N999
"""``qistas import``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from qistas.cli.options import judge_prompt_option, lang_option
from qistas.cli.saying import say
from qistas.cli.weigh import tell

if TYPE_CHECKING:
    from qistas.contracts.documents import Language

# Those of qistas.datasets.reports.reading, which would load msgspec to say them.
FORMATS = ("garak", "inspect", "promptfoo", "harmbench", "jailbreakbench")


@click.command("import", short_help="read what another tool reported, and judge it again")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["auto", *FORMATS]),
    default="auto",
    show_default=True,
    help="the file's format; known by its content",
)
@click.option("--out", type=click.Path(path_type=Path), help="folder for ledger and reports")
@click.option("--model", metavar="NAME", help="model it is about, in place of the name in the file")
@click.option(
    "--judge", "judges", multiple=True, metavar="JUDGE", help="a judge that decides again about each answer"
)
@click.option(
    "--success",
    multiple=True,
    metavar="VERDICT",
    help="verdict that means that an attack succeeded, as the file has it, or a bound such as >=0.5",
)
@click.option(
    "--behaviours",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="HarmBench's behaviours, whose results name them by id: judges then see what was sought",
)
@click.option(
    "--language", default="en", show_default=True, help="language of answers that do not say theirs"
)
@click.option("--judge-target", metavar="MODEL", help="model that judges, for judges that ask one")
@click.option(
    "--judge-record",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="a judge's calibration record in place of its own",
)
@judge_prompt_option
@click.option("--concurrency", type=click.IntRange(1), help="most requests in flight to the judging model")
@click.option(
    "--as",
    "as_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="what is printed",
)
@lang_option
def command(
    file: Path, format_: str, out: Path | None, as_: Literal["text", "json"], lang: Language, **given: Any
) -> None:
    """Read FILE, results of garak, Inspect, promptfoo, HarmBench or JailbreakBench, into a ledger of reported evidence.

    The model that FILE is about is not asked. Ledger and reports say first that Qistas observed nothing of it. With
    --judge our judges decide again about every answer, and answers on which they and the tool disagree are listed.
    """
    from qistas import api
    from qistas.cli.options import named_files
    from qistas.contracts.errors import BadInput, Fault
    from qistas.wiring import ModelOptions

    faults: list[Fault] = []
    prompts = named_files("--judge-prompt", "JUDGE", given["judge_prompt"], faults)
    if faults:
        raise BadInput(*faults)
    settings = api.ImportSettings(
        format=None if format_ == "auto" else format_,
        model=given["model"],
        success=given["success"],
        language=given["language"],
        judges=given["judges"],
        behaviours=given["behaviours"] and given["behaviours"].expanduser(),
        concurrency=given["concurrency"],
    )
    options = ModelOptions(
        judge_target=given["judge_target"],
        judge_prompts=prompts,
        judge_records=tuple(path.expanduser() for path in given["judge_record"]),
    )
    made = api.import_report(file.expanduser(), settings, out=out, options=options, lang=lang)
    if as_ == "json":
        say(api.imported_json(made).decode())
    else:
        tell(made.weighing, lang)
