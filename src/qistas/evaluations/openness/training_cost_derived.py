"""Costs that are not stated, worked out from figures of the same model in the same document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import NamedTuple

from qistas.contracts.openness import Quote
from qistas.evaluations.openness.training_cost_numbers import Interval
from qistas.evaluations.openness.training_cost_readings import Reading
from qistas.evaluations.openness.training_cost_rules import Derivation
from qistas.evaluations.openness.training_cost_subjects import Scope

MOST_FIGURES = 60
_SIZE_PARTS = frozenset({"b", "m", "t", "base"})


class Figure(NamedTuple):
    """An interval with the words that it stands in, all of one document. ``model``: the words of the model's name, if it is told."""

    interval: Interval
    quotes: tuple[Quote, ...]
    said: str
    model: tuple[str, ...]
    kind: str | None = None
    subject: str | None = None
    scope: Scope = "release"


def figures_of(told: Sequence[Reading]) -> list[Figure]:
    """The readings that have an interval."""
    return [
        Figure(one.interval, (one.quote,), one.said, one.model, one.kind, one.subject, one.scope)
        for one in told
        if one.interval is not None
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


def _preferred(rule: Derivation, figures: Sequence[Figure]) -> list[Figure]:
    """Of the figures of each model in each document, those that the formula means, where they are told."""
    meant = [one for one in figures if rule.kind and one.kind == rule.kind]
    return [
        one
        for one in figures
        if one in meant
        or not any(one.quotes[0].file == other.quotes[0].file and _fit(one, other) for other in meant)
    ]


def _pairs(rule: Derivation, left: Sequence[Figure], right: Sequence[Figure]) -> Iterator[Figure]:
    """Each figure with those of its own sentence or row, else with those of its model; of several that may be one, with the most exact."""
    single = _agree(left) or _agree(right)
    for one in left:
        here = [other for other in right if set(one.quotes) & set(other.quotes)]
        fitting = [other for other in right if _may_pair(one, other, left, right, single=single)]
        others = here or fitting
        for other in [_most_exact(others)] if others and _agree(others) else others:
            yield _product(rule, one, other)


def _may_pair(
    one: Figure, other: Figure, left: Sequence[Figure], right: Sequence[Figure], *, single: bool
) -> bool:
    """Whether two figures of different sentences are of one model: both name it, or one quantity is told once for all.

    A figure without a name is not taken for a model where the document names another one beside it.
    """
    if not _fit(one, other):
        return False
    if one.scope == other.scope == "model" and one.model and other.model:
        return True
    strange = bool(one.model) != bool(other.model) and (
        any(figure.model and not _fit(one, figure) for figure in right)
        or any(figure.model and not _fit(other, figure) for figure in left)
    )
    return single and not strange


def _product(rule: Derivation, one: Figure, other: Figure) -> Figure:
    named = next((figure for figure in (one, other) if figure.scope == "total"), None) or max(
        one, other, key=lambda figure: len(figure.model)
    )
    return Figure(
        one.interval.product(other.interval).times(rule.factor),
        tuple(dict.fromkeys((*one.quotes, *other.quotes))),
        f"{f'{rule.factor:g} × ' if rule.factor >= 1 else ''}{one.said} × {other.said}",
        named.model,
        None,
        named.subject,
        named.scope,
    )


def _most_exact(figures: Sequence[Figure]) -> Figure:
    return min(
        figures, key=lambda one: inf if one.interval.high is None else one.interval.high - one.interval.low
    )


def _agree(figures: Sequence[Figure]) -> bool:
    """Whether all may be one figure, written more or less exactly."""
    lows = [figure.interval.low for figure in figures]
    highs = [inf if figure.interval.high is None else figure.interval.high for figure in figures]
    return max(lows, default=inf) <= min(highs, default=0.0)


def _fit(one: Figure, other: Figure) -> bool:
    """Whether two figures may be of one model: of one name, or of one with its size behind it."""
    if not one.model or not other.model or one.model == other.model:
        return True
    short, long = sorted((one, other), key=lambda figure: len(figure.model))
    behind = long.model[len(short.model) :]
    begins = long.model[: len(short.model)] == short.model
    return begins and all(part.isdigit() or part in _SIZE_PARTS for part in behind)
