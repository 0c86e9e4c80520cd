"""Evaluation cards by name or by file."""

from __future__ import annotations

from pathlib import Path

from qistas.contracts.documents import PILLARS, EvaluationCard
from qistas.evaluations.parameters import parameter_faults
from qistas.standards.card_checks import card_faults
from qistas.standards.document import document_path, load_document

_FOLDER = Path(__file__).parent
# Rules and word lists may stand beside a pillar's cards; a card says in its first lines that it is one.
_MARK = "\nqistas: evaluation/"


def card_names() -> list[str]:
    """The identifiers (``pillar/name``) of the evaluations that come with Qistas."""
    paths = [path for pillar in PILLARS for path in (_FOLDER / pillar).glob("*.yaml")]
    return sorted(
        f"{path.parent.name}/{path.stem}" for path in paths if _MARK in "\n" + path.read_text("utf-8")
    )


def load_card(name_or_path: str | Path) -> EvaluationCard:
    """A card by identifier, or from a YAML file.

    Raises:
        UnknownName: no evaluation has this name, and no file is there.
        InvalidDocument: the file has faults, each with its line.
    """
    return load_document(card_path(name_or_path), None, EvaluationCard, [card_faults, parameter_faults])


def all_cards() -> dict[str, EvaluationCard]:
    """Every card that comes with Qistas, by identifier: what a standard may refer to."""
    return {name: load_card(name) for name in card_names()}


def card_path(name_or_path: str | Path) -> Path:
    """The file of a card; data of the user's own cards are looked for in its folder.

    Raises:
        UnknownName: no evaluation has this name, and no file is there.
    """
    return document_path("evaluation", name_or_path, _FOLDER, card_names())
