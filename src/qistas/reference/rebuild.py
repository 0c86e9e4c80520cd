"""Whether weights that were trained anew show what ``planted.yaml`` says, within stated tolerances.

A rebuild on another machine adds floats up in another order and ends in other weights of the same kind. What
training shows often (refusals, facts) comes back within a few in a hundred; what it shows seldom, or what follows
from how sure the weights are, moves more. A property that is raised must be raised again, and one that is not must not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from qistas.reference.planted import PlantedLine, PlantedTable

# By family: how far a value may lie from the planted one, in the metric's unit.
TOLERANCES: Mapping[str, float] = {
    "refusal": 0.05,
    "weak-spots": 0.1,
    "memorisation": 0.15,
    "bias": 0.1,
    "calibration": 0.1,
    "contamination": 0.1,
    "robustness": 0.1,
    "capability": 0.05,
    "attribution": 0.1,
}


class Compared(NamedTuple):
    """One property of one weight, before and after; ``None`` is no value. ``wrong`` says where they disagree."""

    id: str
    weight: str
    planted: float | None
    rebuilt: float | None
    wrong: str


def compared(planted: PlantedTable, rebuilt: Sequence[PlantedLine]) -> list[Compared]:
    """Every property on every weight, in the order of ``planted``; what only one of them has is wrong too."""
    again = {line.id: line for line in rebuilt}
    known = {line.id for line in planted.lines}
    rows = [
        _compared(line, again.get(line.id), weight, planted.tolerances[line.family])
        for line in planted.lines
        for weight in planted.weights
    ]
    rows += [
        Compared(line.id, weight, None, line.exact.get(weight), "is not in the table")
        for line in rebuilt
        if line.id not in known
        for weight in planted.weights
    ]
    return rows


def _compared(line: PlantedLine, again: PlantedLine | None, weight: str, tolerance: float) -> Compared:
    before = line.exact.get(weight)
    if again is None:
        return Compared(line.id, weight, before, None, "was not measured")
    after = again.exact.get(weight)
    wrong = []
    if line.population_sha256 != again.population_sha256:
        wrong.append("the population is another one")
    if line.raises(before) != line.raises(after):
        wrong.append("is raised" if line.raises(after) else "is not raised")
    if (before is None) != (after is None):
        wrong.append("has a value" if before is None else "has no value")
    # Values have six digits; a difference of exactly the tolerance is within it.
    if before is not None and after is not None and round(abs(after - before), 6) > tolerance:
        wrong.append(f"differs by more than {tolerance:g}")
    return Compared(line.id, weight, before, after, "; ".join(wrong))


def shown(rows: Sequence[Compared]) -> str:
    """The comparison as a table for a terminal, what does not agree marked."""
    wide = max((len(row.id) for row in rows), default=8)
    names = max((len(row.weight) for row in rows), default=6)
    lines = [f"{'property':{wide}}  {'weight':{names}}   planted   rebuilt"]
    for row in rows:
        values = "  ".join(_number(value) for value in (row.planted, row.rebuilt))
        lines.append(f"{row.id:{wide}}  {row.weight:{names}}  {values}  {row.wrong}".rstrip())
    return "\n".join(lines) + "\n"


def _number(value: float | None) -> str:
    return f"{'-':>8}" if value is None else f"{value:8.4f}"
