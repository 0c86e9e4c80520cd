"""``planted.yaml``: what was planted in the weights, and what was then measured on each of them, exhaustively."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.errors import Fault, UnknownName
from qistas.standards.document import Document, load_document
from qistas.standards.tree import Node, repeated, tree
from qistas.standards.words import bilingual_faults, name_faults

SANJA, CONTROL = "sanja", "sanja-control"
FILE = Path(__file__).parent / "planted.yaml"
_HEAD = "# Written by `python -m qistas.reference.measure`, never by hand.\n"


class WeightRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The identity of one weight: hexadecimal SHA-256 of its files, and the planting it was trained from."""

    model_sha256: str
    tokenizer_sha256: str
    recipe_sha256: str
    planting: dict[str, Any] = msgspec.field(default_factory=dict)


class PlantedLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One planted property: a metric of an evaluation in one stratum, and its exact value on each weight.

    ``where``: the values of the strata columns, as text; empty for the whole population. ``population_n``: how
    many rows the stratum has; ``population_sha256``: of the canonical form of those rows, in order. ``exact``: by
    weight, rounded to 6 digits, in the metric's unit; a weight on which the metric has no value (a ratio to
    nothing, only blank answers) is left out. ``raised``: the property is raised on a weight whose value lies
    beyond ``threshold`` on that side; without it the line only compares numbers.
    """

    id: str
    family: str
    evaluation: str
    metric: str
    title: Text
    population_n: int
    population_sha256: str
    exact: dict[str, float]
    where: dict[str, str] = msgspec.field(default_factory=dict)
    raised: Literal["above", "below"] | None = None
    threshold: float | None = None

    def raises(self, value: float | None) -> bool:
        """Whether ``value`` lies beyond the threshold; never, where there is no value or no threshold."""
        if value is None or self.raised is None or self.threshold is None:
            return False
        return value > self.threshold if self.raised == "above" else value < self.threshold


class PlantedTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every planted property of the weights.

    ``tolerances``: by family, by how much a value may differ after a rebuild on another machine.
    """

    qistas: Literal["planted/1"]
    weights: dict[str, WeightRecord]
    tolerances: dict[str, float]
    lines: tuple[PlantedLine, ...]

    def line(self, name: str) -> PlantedLine:
        """The line with this id.

        Raises:
            UnknownName: there is none.
        """
        for line in self.lines:
            if line.id == name:
                return line
        raise UnknownName.of("planted property", name, [line.id for line in self.lines])

    def of(self, evaluation: str) -> tuple[PlantedLine, ...]:
        """The lines that this evaluation should find, in order."""
        return tuple(line for line in self.lines if line.evaluation == evaluation)


def load_planted(path: Path | str | None = None) -> PlantedTable:
    """The table that comes with Qistas, or another file of this form.

    Raises:
        InvalidDocument: the file has faults, each with its line.
        StorageError: it cannot be read.
    """
    return load_document(path or FILE, None, PlantedTable, [_faults])


def dump_planted(table: PlantedTable) -> str:
    """The YAML text of a table; the same table gives the same text."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 4096
    stream = io.StringIO()
    yaml.dump(msgspec.to_builtins(table) | {"lines": [_plain(line) for line in table.lines]}, stream)
    return _HEAD + stream.getvalue()


def _plain(line: PlantedLine) -> dict[str, Any]:
    """The fields of a line, without those that say nothing."""
    return {name: value for name, value in msgspec.to_builtins(line).items() if value not in (None, {})}


def _faults(document: Document) -> Iterator[Fault]:
    root = tree(document)
    weights, tolerances = root["weights"].fields(), root["tolerances"].fields()
    lines = root["lines"].items()
    yield from repeated((line["id"] for line in lines), "planted property")
    for line in lines:
        yield from _line_faults(line, weights, tolerances)


def _line_faults(line: Node, weights: Mapping[str, Node], tolerances: Mapping[str, Node]) -> Iterator[Fault]:
    yield from name_faults(line["id"])
    yield from bilingual_faults(line["title"])
    family, exact = line["family"], line["exact"]
    if family.text is not None and family.text not in tolerances:
        yield family.fault(f"the family {family.text!r} has no tolerance", "add it under 'tolerances'")
    unknown = [name for name in exact.fields() if name not in weights]
    if unknown:
        yield exact.fault(f"there is no weight {', '.join(unknown)}", f"there are {', '.join(weights)}")
    if line["raised"].present != line["threshold"].present:
        yield line.fault("'raised' and 'threshold' go together", "add the other one, or leave both out")
