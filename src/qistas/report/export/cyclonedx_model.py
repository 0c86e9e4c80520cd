"""The ``modelCard`` of CycloneDX: parameters, what was measured, energy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qistas.contracts.documents import Language
from qistas.contracts.openness import DisclosedCost
from qistas.report.export.material import Material, Measured
from qistas.report.export.properties import Properties, properties
from qistas.report.export.written import behind_words, figure, single_figure
from qistas.report.words import text

JOULES_PER_KWH = 3_600_000


def model_card(material: Material, datasets: list[str], lang: Language) -> dict[str, Any]:
    """What is known of the model; what is not is left out, and a property says why."""
    card: dict[str, Any] = {}
    if parameters := _parameters(material, datasets):
        card["modelParameters"] = parameters
    measured = material.measured()
    if measured:
        card["quantitativeAnalysis"] = {"performanceMetrics": [_metric(one) for one in measured]}
    if energy := [*_training(material), *_writing(measured)]:
        card["considerations"] = {"environmentalConsiderations": {"energyConsumptions": energy}}
    card["properties"] = [
        *properties("finding", _behind(measured, lang)),
        *properties(
            "not_measured", [(one.criterion, text(one.reason, lang)) for one in material.unmeasured()]
        ),
        *properties("training_cost", _costs(material, lang)),
    ]
    return card


def _parameters(material: Material, datasets: list[str]) -> dict[str, Any]:
    facts = material.facts
    found: dict[str, Any] = {}
    if facts.get("task"):
        found["task"] = facts["task"]
    if facts.get("family"):
        found["architectureFamily"] = facts["family"]
    if facts.get("architectures"):
        found["modelArchitecture"] = ", ".join(facts["architectures"])
    if datasets:
        found["datasets"] = [{"ref": reference} for reference in datasets]
    return found


def _metric(one: Measured) -> dict[str, Any]:
    """A number with its interval. The criterion is the slice: one metric may be asked for in several languages."""
    estimate = one.finding.estimate
    metric: dict[str, Any] = {
        "type": f"{one.card.id}:{one.finding.metric} ({one.finding.unit})",
        "value": figure(one.value),
        "slice": one.finding.criterion,
    }
    if estimate.low is not None and estimate.high is not None:
        metric["confidenceInterval"] = {
            "lowerBound": figure(estimate.low),
            "upperBound": figure(estimate.high),
        }
    return metric


def _behind(measured: tuple[Measured, ...], lang: Language) -> Iterator[tuple[str, str]]:
    for one in measured:
        name = one.finding.criterion
        yield f"{name}:verdict", one.finding.verdict
        yield from ((f"{name}:{what}", value) for what, value in behind_words(one.finding.estimate).items())
        if one.finding.judge:
            yield f"{name}:judge", one.finding.judge.id
        if one.explanation.corrected:
            yield f"{name}:corrected", text(one.explanation.corrected, lang)
        yield f"{name}:evidence", one.finding.evidence.digest


def _writing(measured: tuple[Measured, ...]) -> Iterator[dict[str, Any]]:
    """Energy of writing text, where it was measured."""
    for one in measured:
        if one.finding.unit.replace(",", "") == "J/1000 tokens":
            yield _energy(
                "inference",
                one.value / JOULES_PER_KWH,
                [("per", "1000 tokens"), ("criterion", one.finding.criterion)],
            )


def _training(material: Material) -> Iterator[dict[str, Any]]:
    """Energy of training, where one figure was stated; carbon beside it likewise."""
    costs = material.assessment.training_cost if material.assessment else {}
    energy = single_figure(costs.get("energy"))
    if energy is None:
        return
    said = [("source", f"{one.file}:{one.line}") for one in costs["energy"].evidence]
    found = _energy("training", energy, [("disclosed", "by the release"), *said])
    carbon = single_figure(costs.get("carbon"))
    if carbon is not None:
        found["co2CostEquivalent"] = {"value": carbon, "unit": "tCO2eq"}
    yield found


def _energy(activity: str, kwh: float, said: Properties) -> dict[str, Any]:
    return {
        "activity": activity,
        # Who provided it is not known, and the format wants the list.
        "energyProviders": [],
        "activityEnergyCost": {"value": kwh, "unit": "kWh"},
        "properties": properties("energy", said),
    }


def _costs(material: Material, lang: Language) -> Iterator[tuple[str, str]]:
    for name, cost in (material.assessment.training_cost if material.assessment else {}).items():
        yield name, _stated(cost)
        yield f"{name}:reason", text(cost.reason, lang)


def _stated(cost: DisclosedCost) -> str:
    if cost.low is None and cost.high is None:
        return cost.text or "undisclosed"
    bounds = [f"{bound:.12g}" if bound is not None else "unknown" for bound in (cost.low, cost.high)]
    formula = f" (derived: {cost.formula})" if cost.derived else ""
    return f"{' to '.join(dict.fromkeys(bounds))} {cost.unit}{formula}"
