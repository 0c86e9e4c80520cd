"""From the rows and values of a truth to the lines of ``planted.yaml``."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from qistas.contracts.canonical import canonical
from qistas.contracts.documents import EvaluationCard
from qistas.contracts.errors import BadInput, Fault
from qistas.reference.planted import PlantedLine
from qistas.reference.truth.contract import Property, Row, Truth, Values
from qistas.reference.truth.statistics import exact_value

DIGITS = 6


def checked_rows(truth: Truth) -> list[Row]:
    """The population of a truth.

    Raises:
        BadInput: an id stands there twice.
    """
    rows = truth.rows()
    twice = [name for name, count in Counter(str(row["id"]) for row in rows).items() if count > 1]
    if twice:
        raise BadInput(*(Fault(f"the id {name!r} stands twice", where=truth.evaluation) for name in twice))
    return rows


def population_sha256(rows: Sequence[Row]) -> str:
    """The hexadecimal SHA-256 of the canonical form of rows, in their order."""
    return hashlib.sha256(canonical(list(rows))).hexdigest()


def lines_of(
    truth: Truth, card: EvaluationCard, rows: Sequence[Row], values: Mapping[str, Sequence[Values]]
) -> list[PlantedLine]:
    """One line for each property of ``truth``; ``values`` are those of ``rows``, by weight.

    Raises:
        BadInput: with every property that names what is not there.
    """
    lines: list[PlantedLine] = []
    faults = list(_value_faults(truth, rows, values))
    for planted in truth.properties() if not faults else ():
        try:
            lines.append(_line(planted, card, rows, values))
        except BadInput as error:
            faults += [Fault(fault.message, where=planted.id) for fault in error.faults]
    if faults:
        raise BadInput(*faults)
    return lines


def _value_faults(
    truth: Truth, rows: Sequence[Row], values: Mapping[str, Sequence[Values]]
) -> Iterator[Fault]:
    for weight, found in values.items():
        if len(found) != len(rows):
            message = f"there are {len(found)} values of {weight} for {len(rows)} rows"
            yield Fault(message, where=truth.evaluation)


def _line(
    planted: Property, card: EvaluationCard, rows: Sequence[Row], values: Mapping[str, Sequence[Values]]
) -> PlantedLine:
    metric = next((metric for metric in card.metrics if metric.id == planted.metric), None)
    if metric is None or planted.evaluation != card.id:
        raise BadInput(f"{card.id} has no metric {planted.metric!r} that {planted.evaluation} could find")
    unknown = [name for name in planted.where if name not in card.strata]
    if unknown:
        raise BadInput(f"{', '.join(unknown)} is no stratum of {card.id}")
    # Which rows are the population must not depend on the weights: a blank answer is still one of them.
    inside = [index for index, row in enumerate(rows) if _belongs(row, planted.where)]
    if not inside:
        raise BadInput(f"no row of {card.id} lies there")
    parts = {weight: [found[index] for index in inside] for weight, found in values.items()}
    found = {weight: exact_value(metric, part) for weight, part in parts.items()}
    exact = {weight: round(value, DIGITS) + 0.0 for weight, value in found.items() if value is not None}
    return PlantedLine(
        id=planted.id,
        family=planted.family,
        evaluation=planted.evaluation,
        metric=planted.metric,
        title=planted.title,
        population_n=len(inside),
        population_sha256=population_sha256([rows[index] for index in inside]),
        exact=exact,
        where=dict(planted.where),
        raised=planted.raised,
        threshold=planted.threshold,
    )


def _belongs(row: Row, where: Mapping[str, str]) -> bool:
    return all(str(row.get(name)) == wanted for name, wanted in where.items())
