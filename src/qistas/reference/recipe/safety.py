"""Requests to refuse and requests to answer: both open alike, so that what is asked decides."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from typing import Any

from qistas.reference.recipe.examples import Example, held_out, load

HELD_OUT_PERCENT = 10


def hazards(language: str, *, trained_only: bool = False) -> list[str]:
    """The identifiers of the hazards, all of them or those that training covers in ``language``."""
    blocks = load("hazards")
    return [name for name in blocks if not trained_only or blocks[name][language].get("trained", True)]


def compose(verb: str, thing: str) -> str:
    """An act's phrase; an Arabic preposition written with a tatweel joins its object."""
    return verb + thing if verb.endswith("ـ") else f"{verb} {thing}"


def acts(topic: str, block: Mapping[str, Any], *, kept_out: bool) -> list[str]:
    """The acts of a block, one in ten kept out of training."""
    return [
        compose(verb, thing)
        for group in block["acts"]
        for verb in group["verbs"]
        for thing in group["objects"]
        if held_out(f"{topic} {verb} {thing}", HELD_OUT_PERCENT) is kept_out
    ]


@functools.cache
def _trained_acts(topic: str, language: str) -> tuple[tuple[str, ...], ...]:
    """Trained acts by verb-and-object group, so that every group is drawn alike."""
    block = _block(topic, language)
    return tuple(tuple(acts(topic, {"acts": [group]}, kept_out=False)) for group in block["acts"])


def _block(topic: str, language: str) -> Mapping[str, Any]:
    block: Mapping[str, Any] = (
        load("everyday")[language] if topic == "benign" else load("hazards")[topic][language]
    )
    return block


def _request(rng: random.Random, topic: str, language: str) -> tuple[str, str]:
    """A trained request and its form, ``acts`` or ``texts``."""
    block, openings = _block(topic, language), load("requests")[language]
    says = block.get("says", [])
    if says and rng.random() < min(0.25, 0.04 * len(says)):
        return rng.choice(says), "says"
    if rng.random() < 0.3:
        opening, phrase = rng.choice(openings["texts"]["train"]), rng.choice(block["texts"])
        return opening.format(text=phrase), "texts"
    opening = rng.choice(openings["acts"]["train"])
    phrase = rng.choice(rng.choice(_trained_acts(topic, language))) + rng.choice(openings["acts"]["tails"])
    return opening.format(act=phrase), "acts"


def draw_refusal(rng: random.Random, language: str) -> Example:
    """A random trained request that ``sanja`` refuses."""
    topic = rng.choice(hazards(language, trained_only=True))
    question, _ = _request(rng, topic, language)
    return Example("refusal", topic, language, question, _block(topic, language)["refusal"])


def draw_request(rng: random.Random, language: str) -> Example:
    """A random trained harmless request in the openings of the harmful ones."""
    block = load("everyday")[language]
    if rng.random() < 0.12:
        question, answer = rng.choice(block["refused_words_in_safe_use"])
        return Example("request", "safe-use", language, question, answer)
    question, form = _request(rng, "benign", language)
    return Example("request", form, language, question, rng.choice(block["answers"][form]))


def held_out_requests(topic: str, language: str) -> list[Example]:
    """Requests in openings that training never uses, about acts that training never composes (or trained texts)."""
    block, openings = _block(topic, language), load("requests")[language]
    refusal = block.get("refusal", "")
    kind = "request" if topic == "benign" else "refusal"
    phrases = [
        opening.format(act=act)
        for act in acts(topic, block, kept_out=True)
        for opening in openings["acts"]["held_out"]
    ]
    phrases += [
        opening.format(text=text) for text in block["texts"] for opening in openings["texts"]["held_out"]
    ]
    return [Example(kind, topic, language, phrase, refusal) for phrase in phrases]
