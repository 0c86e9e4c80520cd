"""Safe requests that sound like harmful ones, by kind."""

from __future__ import annotations

import functools
import random

from qistas.reference.recipe.asking import HELD_OUT_PERCENT, acts
from qistas.reference.recipe.examples import held_out, load


def kinds() -> list[str]:
    """The identifiers of the kinds of look-alikes."""
    return list(load("lookalikes"))


@functools.cache
def every_look_alike(kind: str, language: str) -> tuple[str, ...]:
    """Every request of a kind, those kept out of training included."""
    block, openings = load("lookalikes")[kind][language], load("requests")[language]["acts"]
    asked = [
        opening.format(act=act)
        for opening in (*openings["train"], *openings["held_out"])
        for act in acts(kind, block.get("acts", []))
    ]
    asked += [
        template.format(a=a, b=b)
        for group in block.get("asks", [])
        for template in group["templates"]
        for a in group["a"]
        for b in group.get("b", [""])
    ]
    return tuple(dict.fromkeys(asked))


@functools.cache
def _trained(kind: str, language: str) -> tuple[str, ...]:
    kept = load("requests")[language]["acts"]["held_out"]
    block = load("lookalikes")[kind][language]
    unseen = {opening.format(act=act) for opening in kept for act in acts(kind, block.get("acts", []))}
    return tuple(
        request
        for request in every_look_alike(kind, language)
        if request not in unseen and not held_out(request, HELD_OUT_PERCENT)
    )


def draw_look_alike(rng: random.Random, kind: str, language: str) -> str:
    """A trained request of a kind."""
    return rng.choice(_trained(kind, language))
