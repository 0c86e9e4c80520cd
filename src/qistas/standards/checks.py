"""What a standard must be beyond its form: names that exist, bounds that can hold, texts that say something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from qistas.contracts.documents import EvaluationCard, MetricCard, Standard
from qistas.contracts.errors import Fault, InvalidDocument
from qistas.standards.document import Document
from qistas.standards.tree import Node, repeated, tree
from qistas.standards.words import bilingual_faults, name_faults, version_faults

Cards = Mapping[str, EvaluationCard]


def check_standard(standard: Standard, cards: Cards | None = None) -> None:
    """Refuse a standard that was put together in Python and does not make sense.

    Raises:
        InvalidDocument: with every fault; each names the path of what is wrong.
    """
    faults = list(standard_faults(standard, cards))
    if faults:
        raise InvalidDocument(*faults)


def standard_faults(standard: Document | Standard, cards: Cards | None = None) -> Iterator[Fault]:
    """Every fault of meaning. Evaluations, metrics and strata are looked up where ``cards`` are given."""
    root = tree(standard)
    yield from name_faults(root["id"])
    yield from version_faults(root["version"])
    for text in (root["title"], root["summary"], root["intended_use"], *root["not_tested"].items()):
        yield from bilingual_faults(text)
    if root["not_tested"].value == []:
        yield root["not_tested"].fault("'not_tested' is empty", "say what this standard does not look at")
    criteria = root["criteria"].items()
    if root["criteria"].value == []:
        yield root["criteria"].fault("a standard needs at least one criterion")
    yield from repeated((criterion["id"] for criterion in criteria), "criterion")
    for criterion in criteria:
        yield from _criterion(criterion)
        if cards is not None:
            yield from _references(criterion, cards)


def _criterion(criterion: Node) -> Iterator[Fault]:
    yield from name_faults(criterion["id"])
    yield from bilingual_faults(criterion["title"])
    yield from bilingual_faults(criterion["why"])
    samples, confidence = criterion["samples"], criterion["confidence"]
    if samples.number is not None and samples.number <= 0:
        yield samples.fault(f"'samples' must be above 0, not {samples.value}")
    if confidence.number is not None and not 0 < confidence.number < 1:
        yield confidence.fault(
            f"'confidence' must lie between 0 and 1, not {confidence.value}", "write 0.95 for 95 %"
        )
    requirement = criterion["requirement"]
    low, high = requirement["at_least"].number, requirement["at_most"].number
    if requirement.value == {} or (requirement.fields() and not requirement_bounds(requirement)):
        yield requirement.fault(
            "a requirement needs 'at_least' or 'at_most'", "add a bound, or leave the requirement out"
        )
    if low is not None and high is not None and low > high:
        yield requirement.fault(f"'at_least' ({low:g}) is above 'at_most' ({high:g})", "exchange them")


def requirement_bounds(requirement: Node) -> list[Node]:
    """The bounds that stand, of whatever form; a misspelt field counts, its fault being another."""
    return [node for node in requirement.fields().values() if node.present]


def _references(criterion: Node, cards: Cards) -> Iterator[Fault]:
    evaluation, metric = criterion["evaluation"], criterion["metric"]
    if evaluation.text is None:
        return
    card = cards.get(evaluation.text)
    if card is None:
        yield evaluation.fault(
            f"there is no evaluation {evaluation.text!r}", _hint(evaluation.text, list(cards))
        )
        return
    for key, stratum in criterion["where"].fields().items():
        if key not in card.strata:
            yield stratum.fault(f"{card.id} has no stratum {key!r}", _hint(key, list(card.strata)))
    if metric.text is None:
        return
    metrics = {item.id: item for item in card.metrics}
    if metric.text not in metrics:
        yield metric.fault(f"{card.id} has no metric {metric.text!r}", _hint(metric.text, list(metrics)))
    else:
        yield from _bounds(criterion["requirement"], metrics[metric.text])


def _bounds(requirement: Node, metric: MetricCard) -> Iterator[Fault]:
    if metric.bounds is None:
        return
    low, high = metric.bounds
    for key in ("at_least", "at_most"):
        bound = requirement[key]
        if bound.number is not None and not low <= bound.number <= high:
            what = f"{key!r} is {bound.value}, but {metric.id!r} is a {metric.unit}"
            yield bound.fault(what, f"write a number from {low:g} to {high:g}")


def _hint(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known)) or 'none'}"
