"""What a metric must be that is computed from two others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from qistas.contracts.errors import Fault
from qistas.standards.tree import Node, repeated

_PAIR = 2
# What the two metrics are, in their order; where it is a confidence and a correctness both lie in 0-1.
_WANTED = {
    "ratio": "a numerator and a denominator",
    "ece": "a confidence and a correctness",
    "aurc": "a confidence and a correctness",
}
_SHARES = ("proportion", "score")
_MOST_BINS = 100


def is_mean(metric: Node) -> bool:
    """Whether each sample has a value of this metric."""
    return not metric["statistic"].present or metric["statistic"].text == "mean"


def statistic_faults(metrics: Sequence[Node]) -> Iterator[Fault]:
    """Every fault of the metrics' ``statistic``, ``of`` and ``bins``."""
    by_name = {metric["id"].text: metric for metric in metrics if metric["id"].text is not None}
    for metric in metrics:
        statistic = metric["statistic"].text
        if is_mean(metric):
            if metric["of"].items():
                yield metric["of"].fault(
                    "'of' stands beside no 'statistic'",
                    "add 'statistic': ratio, ece or aurc, or leave 'of' out",
                )
        elif statistic in _WANTED:
            yield from _computed(metric, statistic, by_name)
        yield from _bins(metric["bins"])


def _computed(metric: Node, statistic: str, by_name: Mapping[str, Node]) -> Iterator[Fault]:
    if metric["labels"].fields():
        yield metric["labels"].fault(
            f"a metric of statistic {statistic!r} has no labels",
            "put them on the metrics that it is computed from",
        )
    named = metric["of"].items()
    if len(named) != _PAIR:
        where = metric["of"] if named else metric
        yield where.fault(
            f"statistic {statistic!r} is computed from two metrics, not {len(named)}",
            f"name {_WANTED[statistic]} in 'of'",
        )
    yield from repeated(named, "metric")
    for place, name in enumerate(named):
        if name.text is not None:
            yield from _named(name, metric, statistic, by_name, place)
    unit = _unit(metric)
    if statistic != "ratio" and unit not in _SHARES:
        yield metric["unit"].fault(
            f"statistic {statistic!r} lies in 0 to 1, and {unit!r} does not", "write score"
        )


def _unit(metric: Node) -> str | None:
    return metric["unit"].text if metric["unit"].present else "proportion"


def _named(
    name: Node, metric: Node, statistic: str, by_name: Mapping[str, Node], place: int
) -> Iterator[Fault]:
    other = by_name.get(str(name.text))
    if other is None:
        known = ", ".join(sorted(text for text, node in by_name.items() if is_mean(node)))
        yield name.fault(f"there is no metric {name.text!r} on this card", f"known: {known or 'none'}")
    elif name.text == metric["id"].text:
        yield name.fault(f"the metric {name.text!r} is computed from itself", f"name {_WANTED[statistic]}")
    elif not is_mean(other):
        yield name.fault(
            f"{name.text!r} is itself computed from other metrics",
            "name metrics that each sample has a value of",
        )
    else:
        unit = _unit(other)
        allowed = _SHARES if statistic != "ratio" or place == 1 else (*_SHARES, "difference")
        if unit not in allowed:
            yield name.fault(
                f"{name.text!r} has the unit {unit!r}; here statistic {statistic!r} takes {' or '.join(allowed)}",
                f"name {_WANTED[statistic]}",
            )


def _bins(bins: Node) -> Iterator[Fault]:
    if bins.number is not None and not 1 <= bins.number <= _MOST_BINS:
        yield bins.fault(f"'bins' must be 1 to {_MOST_BINS}, not {bins.value}", "10 is the custom")
