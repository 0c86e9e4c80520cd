"""How requests are put together: a verb and an object, or a text to write, in one of the shared openings."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping, Sequence
from typing import Any

from qistas.reference.recipe.examples import held_out, load

HELD_OUT_PERCENT = 10
HARMLESS = "harmless"


def hazards() -> list[str]:
    """The identifiers of the hazards."""
    return list(load("hazards"))


def block_of(topic: str, language: str) -> Mapping[str, Any]:
    """The words of a hazard, or of the harmless requests."""
    found: Mapping[str, Any] = (load("everyday") if topic == HARMLESS else load("hazards")[topic])[language]
    return found


def compose(verb: str, thing: str) -> str:
    """An act's phrase; an Arabic preposition written with a tatweel joins its object."""
    return verb + thing if verb.endswith("ـ") else f"{verb} {thing}"


def acts(topic: str, groups: Sequence[Mapping[str, Any]], *, kept_out: bool | None = None) -> list[str]:
    """The acts of verb-and-object groups: all, or only those in or out of the tenth kept out of training."""
    return [
        compose(verb, thing)
        for group in groups
        for verb in group["verbs"]
        for thing in group["objects"]
        if kept_out is None or held_out(f"{topic} {verb} {thing}", HELD_OUT_PERCENT) is kept_out
    ]


@functools.cache
def trained_acts(topic: str, language: str) -> tuple[tuple[str, ...], ...]:
    """Trained acts by verb-and-object group, so that every group is drawn alike."""
    groups = block_of(topic, language)["acts"]
    return tuple(tuple(acts(topic, [group], kept_out=False)) for group in groups)


def draw_request(rng: random.Random, topic: str, language: str, *, short: bool = False) -> tuple[str, str]:
    """A trained request and its form, ``acts`` or ``texts``; ``short``: one sentence without a tail."""
    block, openings = block_of(topic, language), load("requests")[language]
    says = block.get("says", [])
    if not short and says and rng.random() < min(0.15, 0.02 * len(says)):
        return rng.choice(says), "acts"
    if rng.random() < 0.2:
        return rng.choice(openings["texts"]["train"]).format(text=rng.choice(block["texts"])), "texts"
    act = rng.choice(rng.choice(trained_acts(topic, language)))
    tail = "" if short else rng.choice(openings["acts"]["tails"])
    return rng.choice(openings["acts"]["train"]).format(act=act + tail), "acts"


@functools.cache
def every_request(topic: str, language: str) -> tuple[str, ...]:
    """Every composed request without a tail, in all openings, those kept out of training included."""
    block, openings = block_of(topic, language), load("requests")[language]
    asked = [
        opening.format(act=act)
        for opening in (*openings["acts"]["train"], *openings["acts"]["held_out"])
        for act in acts(topic, block["acts"])
    ]
    asked += [
        opening.format(text=text)
        for opening in (*openings["texts"]["train"], *openings["texts"]["held_out"])
        for text in block["texts"]
    ]
    return tuple(dict.fromkeys(asked))


def held_out_requests(topic: str, language: str) -> tuple[str, ...]:
    """Requests in openings that training never uses, about acts that it never composes (or texts that it does)."""
    block, openings = block_of(topic, language), load("requests")[language]
    asked = [
        opening.format(act=act)
        for opening in openings["acts"]["held_out"]
        for act in acts(topic, block["acts"], kept_out=True)
    ]
    asked += [
        opening.format(text=text) for opening in openings["texts"]["held_out"] for text in block["texts"]
    ]
    return tuple(asked)
