"""What a quantity is stated to be: every figure with its own subject, and those that stand at the head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from math import inf
from typing import NamedTuple

import msgspec

from qistas.contracts.openness import CostStatement
from qistas.evaluations.openness.training_cost_numbers import Interval
from qistas.evaluations.openness.training_cost_readings import Reading
from qistas.evaluations.openness.training_cost_rules import Headline

MOST_STATEMENTS = 60
MOST_STATED_CHARACTERS = 300


class Head(NamedTuple):
    """The statements at the head of a quantity, the interval that holds them, and by which rule they were chosen."""

    name: Headline
    statements: tuple[CostStatement, ...]
    interval: Interval | None

    @property
    def stated(self) -> str:
        """The words of the figures, each with its subject where there are several."""
        if len(self.statements) == 1:
            return self.statements[0].stated
        return "; ".join(told(one) for one in self.statements)[:MOST_STATED_CHARACTERS]


def told(one: CostStatement) -> str:
    """The words of a figure behind those of its subject."""
    return f"{one.subject}: {one.stated}" if one.subject else one.stated


def interval_of_statement(one: CostStatement) -> Interval | None:
    """Its interval, if it has one."""
    return None if one.low is None else Interval(one.low, one.high)


def counted_readings(found: Iterable[Reading]) -> list[Reading]:
    """The figures for training, those for fine-tuning where there are no others; those for one stage where none is for more.

    Of active and all parameters those of all, where they are told.
    """
    counted = [reading for reading in found if not reading.aside]
    first = [reading for reading in counted if reading.phase != "tuning"] or counted
    whole = [reading for reading in first if not reading.part] or first
    return [reading for reading in whole if reading.kind != "active"] or whole


def shared_by_models(found: Sequence[Reading]) -> list[Reading]:
    """Where models of the release have figures that differ, a figure without a name that is one of theirs is of that model, and not of all."""
    named = [one for one in counted_readings(found) if one.scope == "model" and one.model]
    if all(_meet(one, other) for one in named for other in named):
        return list(found)
    return [
        one._replace(scope="model")
        if one.scope == "release"
        and not one.model
        and not _is_range(one)
        and any(_meet(one, other) for other in named)
        else one
        for one in found
    ]


def sizes_apart(found: Sequence[Reading]) -> list[Reading]:
    """Numbers of parameters that differ are of several models of the release, and a size without a name is of the model that has it."""
    whole = [one for one in found if one.scope == "release" and one.kind != "active" and not _is_range(one)]
    differ = any(not _meet(one, other) for one in whole for other in whole)
    return [_sized(one, found, apart=differ and any(one is other for other in whole)) for one in found]


def _sized(one: Reading, found: Sequence[Reading], *, apart: bool) -> Reading:
    same = [other for other in found if other.quote.file == one.quote.file and other.kind == one.kind]
    named = [other for other in same if other.scope == "model" and _meet(one, other)]
    if one.scope == "release" and not one.model and named and not _is_range(one):
        return one._replace(scope="model", subject=named[0].subject, model=named[0].model)
    return one._replace(scope="model") if apart else one


def _is_range(one: Reading) -> bool:
    """Whether a figure is one from the smallest model to the largest."""
    return one.interval is not None and (
        one.interval.high is None or one.interval.high > 3 * one.interval.low
    )


def with_kinds(found: Sequence[Reading]) -> list[Reading]:
    """A figure that does not say its kind is one of active parameters, where it is one of those that its document names so."""
    made = []
    for reading in found:
        same = [other for other in found if other.quote.file == reading.quote.file and other.kind]
        alike = {other.kind for other in same if _meet(reading, other)}
        made.append(
            reading._replace(kind="active") if reading.kind is None and alike == {"active"} else reading
        )
    return made


def statements_of(found: Sequence[Reading], counted: Sequence[Reading]) -> tuple[CostStatement, ...]:
    """Every figure once, those that count first."""
    ids = {id(reading) for reading in counted}
    made: dict[tuple[object, ...], CostStatement] = {}
    for reading in (*counted, *(one for one in found if id(one) not in ids)):
        key = (reading.said.lower(), reading.subject, reading.kind, reading.interval)
        earlier = made.get(key)
        if earlier is None:
            made[key] = _statement(reading, id(reading) in ids)
        elif reading.quote not in earlier.evidence:
            evidence = (*earlier.evidence, reading.quote)
            made[key] = msgspec.structs.replace(earlier, evidence=evidence)
    return tuple(made.values())


def head_of(statements: Sequence[CostStatement]) -> Head:
    """The total where one is stated, else the figure of the release, else those of its models.

    A total that is less than that of one of its models, or another one than that of the only model, contradicts them: all are shown.
    """
    counted = [one for one in statements if one.counted]
    by_scope = {
        scope: [one for one in counted if one.scope == scope] for scope in ("total", "release", "model")
    }
    totals, models = by_scope["total"], by_scope["model"]
    if any(_contradicts(total, models) for total in totals):
        return _head("contradicting", (*totals, *models))
    if totals:
        return _agreeing("total", totals)
    if by_scope["release"]:
        return _agreeing("release", by_scope["release"])
    subjects = {one.subject for one in models}
    return (
        _agreeing("model", models)
        if len(subjects) == 1 and None not in subjects
        else _head("per_model", models)
    )


def _statement(reading: Reading, counted: bool) -> CostStatement:
    return CostStatement(
        stated=reading.said,
        low=reading.interval.low if reading.interval else None,
        high=reading.interval.high if reading.interval else None,
        subject=reading.subject,
        scope=reading.scope,
        kind=reading.kind,
        phase=reading.phase,
        counted=counted,
        evidence=(reading.quote,),
    )


def _meet(one: Reading, other: Reading) -> bool:
    return one.interval is not None and other.interval is not None and one.interval.meets(other.interval)


def _contradicts(total: CostStatement, models: Sequence[CostStatement]) -> bool:
    """Whether a total cannot be that of the models of its document."""
    whole = interval_of_statement(total)
    files = {quote.file for quote in total.evidence}
    here = [
        one for one in models if files & {quote.file for quote in one.evidence} and one.kind == total.kind
    ]
    parts = [part for one in here if (part := interval_of_statement(one))]
    if whole is None or not parts:
        return False
    if len({one.subject for one in here}) == 1:
        return not any(whole.meets(part) for part in parts)
    return (inf if whole.high is None else whole.high) < max(part.low for part in parts)


def _agreeing(name: Headline, chosen: Sequence[CostStatement]) -> Head:
    """The most exact of figures that may be one; all of them where they differ."""
    intervals = [interval for one in chosen if (interval := interval_of_statement(one))]
    if len(intervals) < len(chosen):
        return _head(name, chosen)
    if not all(one.meets(other) for one in intervals for other in intervals):
        return _head("several", chosen)
    # Of bounds from above the widest holds them all.
    if all(one.low == 0 for one in intervals):
        return _head(name, [max(chosen, key=lambda one: one.high or 0.0)])
    exact = min(chosen, key=lambda one: inf if one.high is None else one.high - (one.low or 0.0))
    return _head(name, [exact])


def _head(name: Headline, chosen: Sequence[CostStatement]) -> Head:
    intervals = [interval for one in chosen if (interval := interval_of_statement(one))]
    return Head(name, tuple(chosen), reduce(Interval.around, intervals) if intervals else None)
