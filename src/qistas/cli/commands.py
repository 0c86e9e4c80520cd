"""The group of all commands: each one's module is loaded when it is called, not when help is shown."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from qistas.contracts.version import __version__

_COMMANDS = {
    "weigh": "weigh a model against a standard",
    "run": "run one evaluation on a model",
    "openness": "what is open of a release, with the words that say so",
    "report": "write a ledger's report, also in formats of others",
    "verify": "recompute everything in a ledger or bundle",
    "import": "read what another tool reported, and judge it again",
    "compare": "paired differences between two runs",
    "list": "list standards, evaluations, judges or targets",
    "show": "show a standard, an evaluation, a judge or a record",
    "validate": "check standards, evaluation cards and data files",
    "plan": "what a run would ask, before anything is asked",
    "bundle": "make a ledger portable and signed",
    "calibrate": "hold evaluations against weights with planted properties",
    "judges": "list judges, or hold one against people's labels",
}


class _Lazy(click.Group):
    """Loads a command's module when it is called, not when help is shown."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"qistas.cli.{cmd_name}")
        return module.command  # type: ignore[no-any-return]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], list(_COMMANDS), n=1)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) from None


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qistas")
def group() -> None:
    """Weigh an open AI model: openness, safety, trust, capability, efficiency.

    Exit codes: 0 done, 1 a gate or verification failed, 2 bad input, 3 the target failed for good,
    130 interrupted.
    """
