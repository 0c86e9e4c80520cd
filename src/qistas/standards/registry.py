"""Standards by name or by file."""

from __future__ import annotations

from pathlib import Path

from qistas.contracts.documents import Standard
from qistas.standards.checks import Cards, standard_faults
from qistas.standards.document import document_path, load_document

_FOLDER = Path(__file__).parent / "data"


def standard_names() -> list[str]:
    """The names of the published standards that come with Qistas."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def load_standard(name_or_path: str | Path, cards: Cards | None = None) -> Standard:
    """A standard by name, or from a YAML file.

    ``cards`` are the evaluation cards by id; with them, the evaluations, metrics and strata that the
    standard names are checked as well, and all faults are said at once.

    Raises:
        UnknownName: no standard has this name, and no file is there.
        InvalidDocument: the file has faults, each with its line.
    """
    return load_document(
        standard_path(name_or_path), None, Standard, [lambda document: standard_faults(document, cards)]
    )


def standard_path(name_or_path: str | Path) -> Path:
    """The file of a standard.

    Raises:
        UnknownName: no standard has this name, and no file is there.
    """
    return document_path("standard", name_or_path, _FOLDER, standard_names())
