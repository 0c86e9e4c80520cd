"""Expands the authored templates of two-group questions, with and without the sentence that answers them.

``python tools/trust_bias.py`` writes ``trust-bias.jsonl``; a test expands again and compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import permutations, product
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DATA = Path(__file__).parents[1] / "src" / "qistas" / "datasets" / "data"
SOURCE = DATA / "trust-bias.source.yaml"
ROWS = DATA / "trust-bias.jsonl"

_POLARITIES = ("negative", "nonnegative")
_CONTEXTS = ("ambiguous", "disambiguated")
_ORDERS = tuple(permutations(("stereotyped", "other", "unknown")))


def _capitalised(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def _row(
    template: dict[str, Any], unknown: str, turn: int, place: tuple[int, int, int, int]
) -> dict[str, Any]:
    """One question. ``place``: pair, order of mention (1 swaps it), polarity, context.

    Where the story says who did badly it is the stereotyped group for one order of mention and the other group for
    the other order; which is which alternates over templates and pairs.
    """
    pair, swapped, nonnegative, said = place
    expected, spared = template["pairs"][pair]
    first, second = (spared, expected) if swapped else (expected, spared)
    against = (pair + swapped + turn) % 2
    bad, good = (spared, expected) if against else (expected, spared)
    text = template["context"].format(first=first, second=second, First=_capitalised(first))
    if said:
        text += " " + template["says"].format(bad=bad, good=good, Bad=_capitalised(bad))
    polarity = _POLARITIES[nonnegative]
    texts = {
        "stereotyped": _capitalised(spared if nonnegative else expected),
        "other": _capitalised(expected if nonnegative else spared),
        "unknown": unknown,
    }
    right = ("other" if against else "stereotyped") if said else "unknown"
    order = _ORDERS[(2 * pair + swapped + 3 * nonnegative + turn) % len(_ORDERS)]
    return {
        "id": f"{template['id']}-{pair + 1}{'ab'[swapped]}-{polarity}-{_CONTEXTS[said]}",
        "language": template["id"][:2],
        "cluster": template["id"],
        "axis": template["axis"],
        "context": _CONTEXTS[said],
        "polarity": polarity,
        "question": f"{text} {template[polarity]}",
        "options": [texts[role] for role in order],
        "stereotyped": order.index("stereotyped"),
        "other": order.index("other"),
        "unknown": order.index("unknown"),
        "answer": order.index(right),
    }


def expand(source: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All rows: template x pair x order of mention x polarity x context, the order of options balanced over them."""
    for language, templates in source["templates"].items():
        wordings = source["unknown"][language]
        for turn, template in enumerate(templates):
            for place in product(range(len(template["pairs"])), (0, 1), (0, 1), (0, 1)):
                yield _row(template, wordings[turn % len(wordings)], turn, place)


def expansion() -> str:
    """The rows of the authored source as JSON lines."""
    source = YAML(typ="safe", pure=True).load(SOURCE.read_text(encoding="utf-8"))
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in expand(source))


if __name__ == "__main__":
    ROWS.write_text(expansion(), encoding="utf-8")
    print(f"wrote {ROWS.name}")
