"""Costs that are not stated, worked out from figures of the same model in the same document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from math import inf
from typing import NamedTuple

from qistas.contracts.openness import Quote
from qistas.evaluations.openness.training_cost_numbers import Interval
from qistas.evaluations.openness.training_cost_readings import Reading
from qistas.evaluations.openness.training_cost_rules import Derivation

MOST_FIGURES = 60


class Figure(NamedTuple):
    """An interval with the words that it stands in, all of one document. ``model``: the words of the model's name, if it is told."""

    interval: Interval
    quotes: tuple[Quote, ...]
    said: str
    model: tuple[str, ...]


def figures_of(told: Sequence[Reading]) -> list[Figure]:
    """The readings that have an interval."""
    return [
        Figure(reading.interval, (reading.quote,), reading.said, reading.model)
        for reading in told
        if reading.interval is not None
    ]


def worked_out(rule: Derivation, figures: Mapping[str, Sequence[Figure]]) -> list[Figure]:
    """The products of a derivation: of two figures in one sentence or row, or of one model.

    Where a document gives one quantity only once, it is taken for every model that the document does not name otherwise; figures of two
    models, or of two documents, are never multiplied.
    """
    first, second = (_preferred(rule, figures.get(name, ())) for name in rule.of)
    made: list[Figure] = []
    for document in dict.fromkeys(figure.quotes[0].file for figure in first):
        left = [figure for figure in first if figure.quotes[0].file == document][:MOST_FIGURES]
        right = [figure for figure in second if figure.quotes[0].file == document][:MOST_FIGURES]
        made += _pairs(rule, left, right)
    return made


def whole_of(figures: Sequence[Figure]) -> Interval:
    """From the least to the greatest."""
    return reduce(Interval.around, (figure.interval for figure in figures))


def _preferred(rule: Derivation, figures: Sequence[Figure]) -> list[Figure]:
    """Of the figures in each document, those that the formula means, as far as they say so."""
    made: list[Figure] = []
    for document in dict.fromkeys(figure.quotes[0].file for figure in figures):
        here = [figure for figure in figures if figure.quotes[0].file == document]
        meant = [one for one in here if rule.prefer and re.search(rule.prefer, one.said, re.IGNORECASE)]
        left = [one for one in here if not (rule.avoid and re.search(rule.avoid, one.said, re.IGNORECASE))]
        made += meant or left or here
    return made


def _pairs(rule: Derivation, left: Sequence[Figure], right: Sequence[Figure]) -> Iterator[Figure]:
    single = _agree(left) or _agree(right)
    for one in left:
        for other in right:
            shared = set(one.quotes) & set(other.quotes)
            named = one.model and other.model
            if shared or (_fit(one.model, other.model) and (single or named)):
                yield Figure(
                    one.interval.product(other.interval).times(rule.factor),
                    tuple(dict.fromkeys((*one.quotes, *other.quotes))),
                    rule.formula,
                    max(one.model, other.model, key=len),
                )


def _agree(figures: Sequence[Figure]) -> bool:
    """Whether all may be one figure, written more or less exactly."""
    lows = [figure.interval.low for figure in figures]
    highs = [inf if figure.interval.high is None else figure.interval.high for figure in figures]
    return max(lows, default=inf) <= min(highs, default=0.0)


def _fit(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names may be one model's: one begins with the other, or one is not told."""
    return one[: len(other)] == other[: len(one)]
