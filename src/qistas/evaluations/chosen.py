"""A published card with parameters of the user's own: made, recorded and made again by the same function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import msgspec

from qistas.contracts.canonical import canonical
from qistas.contracts.documents import EvaluationCard, MetricCard, Text
from qistas.contracts.errors import BadInput, Fault
from qistas.evaluations.safety.choices import CHOICES, TITLES, BudgetTitle, Path

Chosen = Mapping[str, Any]


def with_chosen(card: EvaluationCard, chosen: Chosen) -> EvaluationCard:
    """The published card with these values in place of its parameters' own, by name.

    A name with dots leads into a mapping (``most_queries.target``) and leaves the rest of it as published. A title that
    names a budget names the chosen one. What the values mean is the evaluation's to check.

    Raises:
        BadInput: with every name that a user cannot choose, and every value that no record can hold.
    """
    faults: list[Fault] = []
    parameters = deepcopy(card.parameters)
    for name, value in chosen.items():
        faults += _put(card, parameters, tuple(name.split(".")), value)
    if faults:
        raise BadInput(*faults)
    if not chosen:
        return card
    return msgspec.structs.replace(card, parameters=parameters, metrics=tuple(_retitled(card, parameters)))


def choices_of(card: EvaluationCard, published: EvaluationCard) -> dict[str, Any]:
    """The values that make the published card this one, by name; none where no choice of a user does."""
    ours, theirs = card.parameters, published.parameters
    chosen = {
        name: ours[name]
        for name in CHOICES.get(published.id, ())
        if name in ours and (name not in theirs or ours[name] != theirs[name])
    }
    return chosen if with_chosen(published, chosen) == card else {}


def differing(card: EvaluationCard, other: EvaluationCard) -> list[str]:
    """The parts in which two cards differ: fields, and ``parameters.NAME`` and ``metrics.NAME`` within them."""
    found = []
    for field in EvaluationCard.__struct_fields__:
        ours, theirs = getattr(card, field), getattr(other, field)
        if field == "metrics":
            ours, theirs = ({metric.id: metric for metric in metrics} for metrics in (ours, theirs))
        if field in ("parameters", "metrics"):
            names = sorted({*ours, *theirs})
            found += [f"{field}.{name}" for name in names if not _alike(ours.get(name), theirs.get(name))]
        elif ours != theirs:
            found.append(field)
    if not found and card.metrics != other.metrics:
        return ["metrics"]
    return found


def _alike(ours: Any, theirs: Any) -> bool:
    """Equal also as they are written down: 2 and 2.0 are not."""
    return canonical(ours) == canonical(theirs)


def _put(card: EvaluationCard, parameters: dict[str, Any], path: Path, value: Any) -> Iterator[Fault]:
    where, allowed = f"{card.id}: parameters", CHOICES.get(card.id, ())
    if path[0] not in allowed:
        step = f"those that can be chosen: {', '.join(allowed)}" if allowed else "leave it out"
        yield Fault(f"the parameter {path[0]!r} cannot be chosen", where, step)
        return
    inside: Any = parameters
    for depth, name in enumerate(path[:-1], 1):
        inside = inside.setdefault(name, {})
        if not isinstance(inside, dict):
            yield Fault(f"{'.'.join(path[:depth])} is no mapping, so {'.'.join(path)} is nothing", where)
            return
    try:
        # As it will stand in the ledger, so that it compares alike before and after.
        inside[path[-1]] = msgspec.json.decode(canonical(value))
    except (TypeError, ValueError) as error:
        yield Fault(f"the value of {'.'.join(path)} cannot be recorded: {error}", where)


def _retitled(card: EvaluationCard, parameters: dict[str, Any]) -> Iterator[MetricCard]:
    named = TITLES.get(card.id)
    for metric in card.metrics:
        if named is None or metric.id != named.metric:
            yield metric
            continue
        now, published = _numbers(named, parameters), _numbers(named, card.parameters)
        title = Text(named.title.en.format(*now), named.title.ar.format(*now))
        yield metric if now == published else msgspec.structs.replace(metric, title=title)


def _numbers(named: BudgetTitle, parameters: dict[str, Any]) -> list[Any]:
    """The numbers of the title; ``None`` where a value has not the form that the evaluation will ask for."""
    found = []
    for path in named.numbers:
        value: Any = parameters
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        found.append(value)
    return found
