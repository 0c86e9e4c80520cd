"""The planted populations as files that a run takes like any other: rows, and a standard with one criterion a line."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from qistas.api.reporting import write_whole
from qistas.contracts.canonical import canonical
from qistas.contracts.documents import Criterion, EvaluationCard, Standard, Text
from qistas.contracts.errors import BadInput, Fault, StorageError
from qistas.reference.exact import population_sha256
from qistas.reference.planted import PlantedLine

Row = dict[str, Any]


class Population:
    """All rows on which an evaluation is calibrated, and what is planted there."""

    def __init__(self, card: EvaluationCard, rows: Sequence[Row], lines: Sequence[PlantedLine]) -> None:
        self.card, self.rows, self.lines = card, tuple(rows), tuple(lines)
        self._strata: dict[str, list[Row]] = {}

    def stratum(self, line: PlantedLine) -> list[Row]:
        """The rows that a line speaks of."""
        if line.id not in self._strata:
            where = line.where.items()
            self._strata[line.id] = [row for row in self.rows if all(str(row.get(k)) == v for k, v in where)]
        return self._strata[line.id]

    def samples(self, line: PlantedLine, budget: int | None) -> int:
        """How many samples a line may look at: half of its stratum, unless a budget says otherwise."""
        size = len(self.stratum(line))
        return max(1, size // 2) if budget is None else min(budget, size)


def populations(
    lines: Sequence[PlantedLine], rows: Mapping[str, Sequence[Row]], cards: Mapping[str, EvaluationCard]
) -> dict[str, Population]:
    """The population of each evaluation, held against what was planted.

    Raises:
        BadInput: rows that are not those on which the exact values were measured, or lines that the evaluation's
            card does not fit; every one is named.
    """
    found = {
        name: Population(cards[name], given, [line for line in lines if line.evaluation == name])
        for name, given in rows.items()
    }
    faults = [fault for population in found.values() for fault in _faults(population)]
    if faults:
        raise BadInput(*faults)
    return found


def _faults(population: Population) -> Iterator[Fault]:
    card = population.card
    if card.data is None:
        yield Fault(f"{card.id} takes no rows, so nothing can be planted for it", where=card.id)
        return
    metrics = {metric.id for metric in card.metrics}
    for line in population.lines:
        where, strangers = f"planted.yaml, {line.id}", sorted(set(line.where) - set(card.strata))
        if line.metric not in metrics:
            yield Fault(f"{card.id} has no metric {line.metric!r}", where)
        elif strangers:
            yield Fault(f"{card.id} has no stratum {', '.join(strangers)}", where)
        elif population_sha256(population.stratum(line)) != line.population_sha256:
            step = "measure the planted values again: python -m qistas.reference.measure"
            yield Fault("the rows are not those on which the exact value was measured", where, step)


def write_population(population: Population, folder: Path) -> Path:
    """The rows as a data file.

    Rows are what is drawn from a stratum: where one holds several of a cluster, which would be drawn together,
    every row is made a unit of its own.
    """
    card, rows = population.card, population.rows
    if any(_repeats(population.stratum(line), card.cluster) for line in population.lines):
        rows = tuple({**row, card.cluster: row["id"]} for row in rows)
    path = folder / f"{slug(card.id)}.jsonl"
    _write(path, b"".join(canonical(row) + b"\n" for row in rows))
    return path


def _repeats(rows: Sequence[Row], column: str) -> bool:
    return len({str(row[column]) for row in rows}) < len(rows)


def standard_of(population: Population, confidence: float, budget: int | None) -> Standard:
    """The standard that asks for each planted line, judging nothing; ``budget``: samples per line."""
    card = population.card
    return Standard(
        qistas="standard/1",
        id=f"calibration.{card.id.replace('/', '.')}",
        version="1.0",
        title=Text(f"Calibration: {card.title.en}", f"معايرة: {card.title.ar}"),
        summary=Text(
            "Every property that is planted in the weights, measured without judging.",
            "كلّ خاصّية مزروعة في وزنات المعايرة، تُقاس بلا حُكم.",
        ),
        intended_use=Text("Calibrating this evaluation.", "معايرة هذا التقييم."),
        not_tested=(Text("Everything that is not planted.", "كلّ ما لم يُزرع."),),
        criteria=tuple(
            Criterion(
                id=line.id,
                evaluation=card.id,
                metric=line.metric,
                title=line.title,
                why=card.question,
                where=dict(line.where),
                samples=population.samples(line, budget),
                confidence=confidence,
            )
            for line in population.lines
        ),
    )


def write_standard(standard: Standard, path: Path) -> None:
    """The standard as a file, for whoever runs it again by hand."""
    _write(path, _yaml(standard))


def _yaml(standard: Standard) -> bytes:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 4096
    stream = io.BytesIO()
    yaml.dump(_without_nulls(msgspec.to_builtins(standard)), stream)
    return stream.getvalue()


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list | tuple) else value


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        step = "choose another folder with --out"
        raise StorageError(
            Fault(f"cannot write here: {error.strerror}", where=str(path.parent), next_step=step)
        ) from error
    write_whole(path, data)


def slug(evaluation: str) -> str:
    """An evaluation's name as part of a file's."""
    return evaluation.replace("/", "-")
