"""The options that several commands share, and what they make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qistas.cli.sizes import Size

if TYPE_CHECKING:
    from qistas.engine.plan import RunSettings
    from qistas.wiring import ModelOptions

# That of RunSettings, which would load msgspec to say it.
AUDITED_SHARE = 0.01

judge_prompt_option = click.option(
    "--judge-prompt",
    multiple=True,
    metavar="JUDGE=FILE",
    help="a prompt in place of the judge's own, for model/harmbench or model/strongreject",
)

_MODEL_OPTIONS = (
    click.option(
        "--budget", type=click.IntRange(1), help="samples per criterion, in place of the standard's"
    ),
    click.option("--seed", type=int, default=0, show_default=True, help="order of samples and other choices"),
    click.option(
        "--concurrency", type=click.IntRange(1), help="most requests in flight; found by itself if absent"
    ),
    click.option(
        "--timeout", type=click.FloatRange(0.001), default=120.0, show_default=True, help="seconds a request"
    ),
    click.option("--dtype", help="weights' type for a local model: float32, bfloat16, float16"),
    click.option("--device", help="where a local model runs: cpu, cuda, cuda:1, mps"),
    click.option(
        "--memory", type=Size(), help="most that a local model may take beside its weights: 2GiB, 500MB"
    ),
    click.option(
        "--audit",
        type=click.FloatRange(0, 1),
        default=AUDITED_SHARE,
        show_default=True,
        metavar="SHARE",
        help="share of the samples scored by log-likelihood to score again, alone in float32; 0 for none",
    ),
    click.option("--system-prompt", type=click.Path(path_type=Path), help="file put in front of every chat"),
    click.option(
        "--release", type=click.Path(path_type=Path), help="folder with the documents of the release"
    ),
    click.option("--data", multiple=True, metavar="ID=FILE", help="a file in place of a data source"),
    click.option("--attacker", metavar="MODEL", help="model that attacks, for evaluations that need one"),
    click.option("--judge-target", metavar="MODEL", help="model that judges, for evaluations that need one"),
    click.option(
        "--guard",
        metavar="NAME",
        help="guard around MODEL: rule/harm, or a model that answers as Llama Guard does",
    ),
    click.option(
        "--judge-record",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="a judge's calibration record in place of its own; from qistas judges calibrate --out",
    ),
    judge_prompt_option,
    click.option(
        "--trust-remote-code",
        is_flag=True,
        help="run code that the model's folder or the task brings (dangerous)",
    ),
)


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how to reach, load and ask a model."""
    for option in reversed(_MODEL_OPTIONS):
        command = option(command)
    return command


lang_option = click.option(
    "--lang", type=click.Choice(["en", "ar"]), default="en", show_default=True, help="language shown first"
)


def made(given: dict[str, Any], evaluation: str = "") -> tuple[ModelOptions, RunSettings]:
    """Model options and run settings out of a command's parameters, and of the evaluation's own; every fault at once."""
    from qistas.cli.parameters import parameters
    from qistas.contracts.errors import BadInput, Fault
    from qistas.engine.plan import RunSettings
    from qistas.wiring import ModelOptions

    faults: list[Fault] = []
    data = named_files("--data", "ID", given["data"], faults)
    prompts = named_files("--judge-prompt", "JUDGE", given["judge_prompt"], faults)
    prompt = _text(given["system_prompt"], faults)
    chosen = parameters(given["param"], faults) if given.get("param") else {}
    # What a report says to run again names the home folder as "~", and quotes keep a shell from reading it.
    release: Path | None = given["release"] and given["release"].expanduser()
    if release is not None and not release.exists():
        faults.append(
            Fault("there is no such folder", where=str(release), next_step="give --release a folder")
        )
    if faults:
        raise BadInput(*faults)
    options = ModelOptions(
        dtype=given["dtype"],
        device=given["device"],
        memory_bytes=given["memory"],
        timeout_seconds=given["timeout"],
        release=release,
        trust_remote_code=given["trust_remote_code"],
        data=data,
        attacker=given["attacker"],
        judge_target=given["judge_target"],
        judge_records=tuple(path.expanduser() for path in given["judge_record"]),
        judge_prompts=prompts,
        guard=given["guard"],
    )
    settings = RunSettings(
        seed=given["seed"],
        budget=given["budget"],
        concurrency=given["concurrency"],
        timeout_seconds=given["timeout"],
        system_prompt=prompt,
        audit=given["audit"],
        rerun=_rerun(given),
        chosen={evaluation: chosen} if chosen else {},
    )
    return options, settings


def _rerun(given: dict[str, Any]) -> str:
    """The remaining arguments that repeat a run; paths are shown without the home folder's name.

    How much memory to take belongs to a machine and changes no answer: it is not among them.
    """
    import shlex

    from qistas.targets.refs import without_home

    parts: list[str] = []
    for name in ("dtype", "device", "system_prompt", "release", "attacker", "judge_target", "guard"):
        if given[name] is not None:
            parts += [f"--{name.replace('_', '-')}", without_home(str(given[name]))]
    for option in ("data", "judge_prompt"):
        for item in given[option]:
            name, _, file = item.partition("=")
            parts += [f"--{option.replace('_', '-')}", f"{name}={without_home(file)}"]
    for path in given["judge_record"]:
        parts += ["--judge-record", without_home(str(path))]
    if given["audit"] != AUDITED_SHARE:
        parts += ["--audit", f"{given['audit']:g}"]
    if given["trust_remote_code"]:
        parts.append("--trust-remote-code")
    return shlex.join(parts)


def named_files(option: str, form: str, items: tuple[str, ...], faults: list[Any]) -> dict[str, Path]:
    """The files by name out of an option that is given as NAME=FILE; ``form`` is what the option calls a name."""
    from qistas.contracts.errors import Fault

    found = {}
    for item in items:
        name, equals, file = item.partition("=")
        if not equals or not name or not file:
            what = f"{option} {item!r} is not {form}=FILE"
            faults.append(Fault(what, next_step=f"write {option} {form}=FILE"))
        elif not Path(file).expanduser().exists():
            faults.append(
                Fault("there is no such file", where=file, next_step=f"give {option} {name}= a file")
            )
        else:
            found[name] = Path(file).expanduser()
    return found


def _text(path: Path | None, faults: list[Any]) -> str | None:
    from qistas.contracts.errors import Fault

    if path is None:
        return None
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        faults.append(Fault(f"the system prompt cannot be read: {reason}", where=str(path)))
        return None
