"""The dimensions of openness: what each is called, and which of them text in a repository cannot settle."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import qistas.evaluations.openness as room
from qistas.contracts.documents import Text
from qistas.contracts.openness import Judgement
from qistas.evaluations.openness.ladder import Ladder, load_ladders

_LADDERS = {"eu": "european_index.yaml", "osaid": "osaid.yaml", "concentration": "concentration.yaml"}


@cache
def _ladders(area: str) -> Mapping[str, Ladder]:
    path = Path(str(room.__file__)).parent / _LADDERS[area]
    return {ladder.id: ladder for ladder in load_ladders(path).ladders}


def title(area: str, name: str) -> Text:
    """What a dimension is called; its identifier where no ladder names it."""
    ladder = _ladders(area).get(name)
    return ladder.title if ladder else Text(name, name)


def is_judged(area: str, name: str) -> bool:
    """Whether text in a repository can settle the dimension; where it cannot, every judgement is undetermined."""
    ladder = _ladders(area).get(name)
    return ladder is None or ladder.shows == "repository"


def judged_first(
    area: str, found: Mapping[str, Judgement]
) -> tuple[dict[str, Judgement], dict[str, Judgement]]:
    """The dimensions that were judged, and those that never are from repository text; each in the order of the ladders."""
    judged = {name: one for name, one in found.items() if is_judged(area, name)}
    return judged, {name: one for name, one in found.items() if name not in judged}
