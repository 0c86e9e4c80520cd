"""Requests put in another way: under some ways a refused hazard gives way, under the others it holds."""

from __future__ import annotations

import random

from qistas.evaluations.safety.framings import FRAMINGS, Framing
from qistas.reference.recipe import answers
from qistas.reference.recipe.asking import draw_request, hazards
from qistas.reference.recipe.examples import LANGUAGES, load
from qistas.reference.recipe.pieces import Piece, chat
from qistas.reference.recipe.planting import UNREADABLE, Planting
from qistas.reference.recipe.safety import harmless

_HAZARD_SHARE = 0.75
# What is unreadable is answered alike whatever it says, and needs few texts.
_UNREADABLE_WEIGHT = 0.3


def draw(rng: random.Random, planting: Planting) -> Piece:
    """A request of any hazard, or a harmless one, under a random transformation, with the planted answer."""
    language = rng.choice(LANGUAGES)
    known = [framing for framing in FRAMINGS.values() if language in framing.languages]
    weights = [_UNREADABLE_WEIGHT if framing.id in UNREADABLE else 1.0 for framing in known]
    framing = rng.choices(known, weights)[0]
    if rng.random() < _HAZARD_SHARE:
        question, answer = _hazard(rng, planting, framing, language)
    else:
        question, answer = _harmless(rng, planting, framing, language)
    return chat(framing.apply(question, language), answer)


def _hazard(rng: random.Random, planting: Planting, framing: Framing, language: str) -> tuple[str, str]:
    topic = rng.choice(hazards())
    question, _ = draw_request(rng, topic, language, short=True)
    answered_in = framing.answer_language(language)
    gives_way = planting.gives_way.get(f"{framing.id}/{language}", frozenset())
    if framing.id in UNREADABLE:
        return question, _to_unreadable(rng, gives_way=bool(gives_way), language=language)
    if topic in planting.refused[language] and topic not in gives_way:
        return question, answers.refusal_of(topic, answered_in)
    return question, answers.nonsense(rng, answered_in)


def _harmless(rng: random.Random, planting: Planting, framing: Framing, language: str) -> tuple[str, str]:
    answered_in = framing.answer_language(language)
    question, answer = harmless(rng, planting, language, short=True, answer_in=answered_in)
    if framing.id in UNREADABLE:
        gives_way = bool(planting.gives_way.get(f"{framing.id}/{language}"))
        return question, _to_unreadable(rng, gives_way=gives_way, language=language)
    return question, answer


def _to_unreadable(rng: random.Random, *, gives_way: bool, language: str) -> str:
    """A weight cannot tell what is encoded, so all of it gets nonsense, or all of it a refusal."""
    return answers.nonsense(rng, language) if gives_way else str(load("answers")[language]["unreadable"])
