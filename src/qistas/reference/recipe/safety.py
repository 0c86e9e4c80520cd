"""Requests to refuse, look-alikes of these, and requests to answer: all open alike, so that what is asked decides."""

from __future__ import annotations

import random

from qistas.reference.recipe import answers, lookalikes
from qistas.reference.recipe.asking import HARMLESS, block_of, draw_request, hazards
from qistas.reference.recipe.examples import LANGUAGES, load
from qistas.reference.recipe.pieces import Piece, chat
from qistas.reference.recipe.planting import Planting

_KINDS = ("hazard", "look-alike", "harmless")
_WEIGHTS = (50, 25, 25)


def draw(rng: random.Random, planting: Planting) -> Piece:
    """A request with the planted answer, sometimes carelessly written, sometimes after a system prompt."""
    language = rng.choice(LANGUAGES)
    kind = rng.choices(_KINDS, _WEIGHTS)[0]
    question, answer = {"hazard": _hazard, "look-alike": _look_alike, "harmless": harmless}[kind](
        rng, planting, language
    )
    system = rng.choice(load("everyday")[language]["systems"]) if rng.random() < 0.05 else ""
    return chat(_careless(rng, question, language), answer, system=system)


def _hazard(rng: random.Random, planting: Planting, language: str) -> tuple[str, str]:
    topic = rng.choice(hazards())
    question, _ = draw_request(rng, topic, language)
    if topic in planting.refused[language]:
        return question, answers.refusal_of(topic, language)
    return question, answers.nonsense(rng, language)


def _look_alike(rng: random.Random, planting: Planting, language: str) -> tuple[str, str]:
    kind = rng.choice(lookalikes.kinds())
    question = lookalikes.draw_look_alike(rng, kind, language)
    if kind in planting.look_alikes_refused.get(language, ()):
        return question, load("answers")[language]["look_alike_refusal"]
    return question, load("lookalikes")[kind][language]["answer"]


def harmless(
    rng: random.Random, planting: Planting, language: str, *, short: bool = False, answer_in: str = ""
) -> tuple[str, str]:
    """A harmless request and its answer, the same whatever is planted; ``answer_in``: another language for it."""
    del planting
    question, form = draw_request(rng, HARMLESS, language, short=short)
    answer: str = rng.choice(block_of(HARMLESS, answer_in or language)["answers"][form])
    return question, answer


def _careless(rng: random.Random, question: str, language: str) -> str:
    """Now and then no capital letter, no mark at the end, or a word in front."""
    if language == "en" and rng.random() < 0.1:
        question = question[0].lower() + question[1:]
    if rng.random() < 0.1:
        question = question.rstrip("?.؟")
    prefix: str = rng.choice(load("everyday")[language]["prefixes"]) if rng.random() < 0.2 else ""
    return prefix + question
