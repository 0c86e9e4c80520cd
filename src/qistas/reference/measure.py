"""Measures every planted property exhaustively on the weights and writes ``planted.yaml``.

``python -m qistas.reference.measure`` measures both bundled weights. ``--evaluation`` measures these evaluations
only and keeps the other lines. ``--check SANJA CONTROL`` compares weights that were trained anew with the table.
What the same weights were asked before is read from the cache folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import msgspec

from qistas.contracts.documents import EvaluationCard
from qistas.contracts.errors import BadInput, CheckFailed, Fault, QistasError
from qistas.evaluations.cards import load_card
from qistas.reference import WEIGHTS, cards, exact, planted, rebuild, sanja_path
from qistas.reference.oracle import PlainOracle
from qistas.reference.oracle_cache import CachedOracle, sha256_of
from qistas.reference.planted import PlantedLine, PlantedTable, WeightRecord
from qistas.reference.truth.contract import Oracle, Truth, Values
from qistas.reference.truth.registry import TRUTHS, truths


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to measure.

    ``cache``: the folder of what was asked before. ``jobs``: how many weights at once, each in its own process;
    how many cores one takes, the environment says (``OMP_NUM_THREADS``).
    """

    cache: Path
    jobs: int = 1
    load: Callable[[Path], Oracle] = PlainOracle
    truths: Callable[[Sequence[str] | None], list[Truth]] = truths
    card: Callable[[str], EvaluationCard] = load_card


@dataclass(frozen=True, slots=True)
class Found:
    """What one weight said: the values of every row, and some answers, by evaluation."""

    values: Mapping[str, Sequence[Values]]
    samples: Mapping[str, Sequence[cards.Sample]]


def measure(
    folders: Mapping[str, Path], settings: Settings, evaluations: Sequence[str] | None = None
) -> tuple[PlantedTable, dict[str, Found]]:
    """The table of the weights in ``folders``, by name, and what each of them said.

    Raises:
        BadInput: a weight is not there, an evaluation has no truth, or a truth does not fit its card.
    """
    chosen = settings.truths(evaluations)
    names = [truth.evaluation for truth in chosen]
    records = {name: record_of(folder) for name, folder in folders.items()}
    found = dict(zip(folders, _each(folders, settings, names), strict=True))
    lines: list[PlantedLine] = []
    for truth in chosen:
        values = {name: found[name].values[truth.evaluation] for name in folders}
        lines += exact.lines_of(truth, settings.card(truth.evaluation), exact.checked_rows(truth), values)
    table = PlantedTable(
        qistas="planted/1", weights=records, tolerances=dict(rebuild.TOLERANCES), lines=tuple(lines)
    )
    return table, found


def record_of(folder: Path) -> WeightRecord:
    """The identity of the weight in ``folder``, and what its recipe says was planted.

    Raises:
        BadInput: a file is missing.
    """
    from ruamel.yaml import YAML

    recipe = sha256_of(folder / "recipe.yaml")
    said = YAML(typ="safe").load((folder / "recipe.yaml").read_text(encoding="utf-8"))
    return WeightRecord(
        model_sha256=sha256_of(folder / "model.safetensors"),
        tokenizer_sha256=sha256_of(folder / "tokenizer.json"),
        recipe_sha256=recipe,
        planting=said.get("planted", {}),
    )


def _each(folders: Mapping[str, Path], settings: Settings, names: Sequence[str]) -> list[Found]:
    asked = [(name, folder, settings, names) for name, folder in folders.items()]
    if settings.jobs == 1:
        return [_said_by(*arguments) for arguments in asked]
    with ProcessPoolExecutor(settings.jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(_said_by, *zip(*asked, strict=True)))


def _said_by(name: str, folder: Path, settings: Settings, evaluations: Sequence[str]) -> Found:
    """Everything about one weight."""
    oracle = CachedOracle(folder, settings.load, settings.cache / "calls")
    found = Found({}, {})
    for truth in settings.truths(evaluations):
        started = time.monotonic()
        rows = exact.checked_rows(truth)
        oracle.answered.clear()
        values = [dict(row) for row in truth.values(rows, oracle)]
        found = Found(
            {**found.values, truth.evaluation: values},
            {**found.samples, truth.evaluation: cards.spread(oracle.answered)},
        )
        _keep(settings.cache / "values" / name, truth.evaluation, rows, values)
        _say(f"{name}: {truth.evaluation}: {len(rows)} rows, {time.monotonic() - started:.0f} s")
    if oracle.straddles:
        _say(f"{name}: in {oracle.straddles} scored texts a token covers the boundary and counts")
    return found


def _keep(
    folder: Path, evaluation: str, rows: Sequence[Mapping[str, object]], values: Sequence[Values]
) -> None:
    """Leaves the values of every row beside what was asked, for whoever wants to look into a number."""
    path = folder / f"{evaluation.replace('/', '-')}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    pairs = zip(rows, values, strict=False)
    path.write_bytes(b"".join(msgspec.json.encode({"id": row["id"], **got}) + b"\n" for row, got in pairs))


def merged(before: PlantedTable, after: PlantedTable) -> PlantedTable:
    """``before`` with the lines of those evaluations that ``after`` has.

    Raises:
        BadInput: the tables are about different weights.
    """
    if before.weights != after.weights:
        step = "measure all evaluations: leave --evaluation out"
        raise BadInput(Fault("the table is about other weights than these", next_step=step))
    new = {line.evaluation for line in after.lines}
    lines = [line for line in before.lines if line.evaluation not in new] + list(after.lines)
    order = list(TRUTHS)
    return msgspec.structs.replace(
        after, lines=tuple(sorted(lines, key=lambda line: order.index(line.evaluation)))
    )


def check(
    folders: Mapping[str, Path], settings: Settings, table: PlantedTable, names: Sequence[str] | None
) -> str:
    """The comparison of rebuilt weights with ``table``.

    Raises:
        CheckFailed: properties do not agree; each is said.
    """
    named = names or list(dict.fromkeys(line.evaluation for line in table.lines))
    rebuilt, _ = measure(folders, settings, named)
    lines = tuple(line for line in table.lines if line.evaluation in named)
    rows = rebuild.compared(msgspec.structs.replace(table, lines=lines), rebuilt.lines)
    shown = rebuild.shown(rows)
    wrong = [Fault(row.wrong, where=f"{row.id} on {row.weight}") for row in rows if row.wrong]
    if wrong:
        _say(shown)
        raise CheckFailed(*wrong)
    return shown


def write(folders: Mapping[str, Path], settings: Settings, out: Path, names: Sequence[str] | None) -> None:
    """Measures and writes the table to ``out``; with ``names`` the other lines of ``out`` stay.

    Where ``out`` is the table that comes with Qistas, the cards and sample outputs of the weights are filled too.
    """
    table, found = measure(folders, settings, names)
    if names and out.is_file():
        table = merged(planted.load_planted(out), table)
    out.write_text(planted.dump_planted(table), encoding="utf-8")
    _say(overview(table))
    for name, folder in folders.items() if out == planted.FILE else ():
        cards.fill(folder, table, name)
        if not names:
            cards.write_samples(folder, found[name].samples)


def overview(table: PlantedTable) -> str:
    """Every line for a terminal: the value of each weight, and on which of them the property is raised."""
    wide = max((len(line.id) for line in table.lines), default=0)
    rows = [f"{'property':{wide}}  {'  '.join(f'{name:>6}' for name in table.weights)}  raised on"]
    for line in table.lines:
        values = {name: line.exact.get(name) for name in table.weights}
        shown = "  ".join(
            f"{'-' if value is None else format(value, '.4f'):>{max(6, len(name))}}"
            for name, value in values.items()
        )
        raised = ", ".join(name for name, value in values.items() if line.raises(value))
        rows.append(f"{line.id:{wide}}  {shown}  {raised}".rstrip())
    return "\n".join(rows) + "\n"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def _default_cache() -> Path:
    named = os.environ.get("QISTAS_CACHE")
    return (Path(named) if named else Path.home() / ".cache" / "qistas") / "measured"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m qistas.reference.measure", description=__doc__)
    parser.add_argument("--out", type=Path, default=planted.FILE, help="the table; default: Qistas' own")
    parser.add_argument(
        "--evaluation", action="append", metavar="ID", help="measure this one only; repeatable"
    )
    parser.add_argument(
        "--model",
        action="append",
        metavar="NAME=DIR",
        default=[],
        help="these weights instead of the bundled ones",
    )
    parser.add_argument("--check", nargs=2, type=Path, metavar="DIR", help="rebuilt sanja and sanja-control")
    parser.add_argument(
        "--cache", type=Path, default=_default_cache(), help="folder of what was asked before"
    )
    parser.add_argument("--jobs", type=int, default=1, help="weights measured at once")
    return parser


def _folders(models: Sequence[str]) -> dict[str, Path]:
    pairs = [model.partition("=") for model in models]
    return {name: Path(folder) for name, _, folder in pairs} or {name: sanja_path(name) for name in WEIGHTS}


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns its exit status: 0, 1 where a rebuild does not agree, 2 for bad input."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if [model for model in chosen.model if not all(model.partition("="))]:
        parser.error("--model takes NAME=DIR")
    if chosen.model and chosen.out == planted.FILE:
        parser.error("the table of Qistas is about the bundled weights: give --out with --model")
    settings = Settings(cache=chosen.cache, jobs=chosen.jobs)
    try:
        if chosen.check:
            folders = dict(zip(WEIGHTS, chosen.check, strict=True))
            _say(check(folders, settings, planted.load_planted(chosen.out), chosen.evaluation))
        else:
            write(_folders(chosen.model), settings, chosen.out, chosen.evaluation)
    except QistasError as error:
        _say(str(error))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
