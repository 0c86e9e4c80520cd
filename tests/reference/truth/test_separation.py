"""Truth and instrument share the texts that are put to a model, and nothing that asks, judges or estimates."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import qistas.reference.truth

FOLDER = Path(qistas.reference.truth.__file__).parent
# What makes texts out of rows: the stimuli of three evaluations.
STIMULI = {
    "qistas.evaluations.capability.option_orders",
    "qistas.evaluations.safety.framings",
    "qistas.evaluations.trust.perturbations",
}
INSTRUMENTS = ("qistas.evaluations", "qistas.judges", "qistas.engine", "qistas.targets", "qistas.stats")
# What the truths are written with, and what reads the weights for them.
SOURCES = [*FOLDER.glob("*.py"), *FOLDER.parent.glob("recipe/*.py"), FOLDER.parent / "oracle.py"]


def imported(source: str) -> Iterator[str]:
    """Every module that a source text imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports are not used here"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def of_instruments(source: str) -> set[str]:
    """What a source text imports from the instruments, other than stimuli."""
    names = {
        name for name in imported(source) if f"{name}.".startswith(tuple(f"{one}." for one in INSTRUMENTS))
    }
    return {name for name in names if name not in STIMULI and name.rpartition(".")[0] not in STIMULI}


def test_truths_import_three_modules_of_stimuli_and_nothing_else_of_the_instruments() -> None:
    found = {path.name: of_instruments(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert len(found) > 20
    assert {name: names for name, names in found.items() if names} == {}
    truths = [set(imported(path.read_text(encoding="utf-8"))) for path in FOLDER.glob("*.py")]
    assert set().union(*truths) & STIMULI == STIMULI


def test_an_instrument_that_is_imported_in_any_way_is_seen() -> None:
    assert of_instruments("from qistas.evaluations.trust import bias") == {
        "qistas.evaluations.trust",
        "qistas.evaluations.trust.bias",
    }
    assert of_instruments("def f():\n    import qistas.judges.refusal") == {"qistas.judges.refusal"}
    assert of_instruments("from qistas import engine") == {"qistas.engine"}
    assert of_instruments("from qistas.evaluations.safety.framings import FRAMINGS") == set()
