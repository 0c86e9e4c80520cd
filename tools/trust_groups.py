"""Expands the authored templates of two-group questions into the rows that ship.

``python tools/trust_groups.py`` writes ``trust-groups.jsonl``; a test expands again and compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import permutations, product
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DATA = Path(__file__).parents[1] / "src" / "qistas" / "datasets" / "data"
SOURCE = DATA / "trust-groups.source.yaml"
ROWS = DATA / "trust-groups.jsonl"

_POLARITIES = ("negative", "positive")
_ORDERS = tuple(permutations(("stereotyped", "other", "unknown")))


def _capitalised(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def _row(template: dict[str, Any], unknown: str, turn: int, place: tuple[int, int, int]) -> dict[str, Any]:
    """One question. ``place``: pair, order of mention (1 swaps it), polarity.

    ``stereotyped`` is the answer that agrees with the prejudice: in a positive question the *other* group.
    """
    pair, swapped, positive = place
    expected, spared = template["pairs"][pair]
    first, second = (spared, expected) if swapped else (expected, spared)
    context = template["context"].format(first=first, second=second, First=_capitalised(first))
    polarity = _POLARITIES[positive]
    agreeing, opposing = (spared, expected) if positive else (expected, spared)
    texts = {"stereotyped": _capitalised(agreeing), "other": _capitalised(opposing), "unknown": unknown}
    order = _ORDERS[(2 * pair + swapped + 3 * positive + turn) % len(_ORDERS)]
    return {
        "id": f"{template['id']}-{pair + 1}{'ab'[swapped]}-{polarity}",
        "language": template["id"][:2],
        "cluster": template["id"],
        "axis": template["axis"],
        "polarity": polarity,
        "question": f"{context} {template[polarity]}",
        "options": [texts[role] for role in order],
        "stereotyped": order.index("stereotyped"),
        "other": order.index("other"),
        "unknown": order.index("unknown"),
    }


def expand(source: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All rows: template x pair x order of mention x polarity, the order of options balanced over them."""
    for language, templates in source["templates"].items():
        wordings = source["unknown"][language]
        for turn, template in enumerate(templates):
            places = product(range(len(template["pairs"])), (0, 1), (0, 1))
            for place in places:
                yield _row(template, wordings[turn % len(wordings)], turn, place)


def expansion() -> str:
    """The rows of the authored source as JSON lines."""
    source = YAML(typ="safe", pure=True).load(SOURCE.read_text(encoding="utf-8"))
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in expand(source))


if __name__ == "__main__":
    ROWS.write_text(expansion(), encoding="utf-8")
    print(f"wrote {ROWS.name}")
