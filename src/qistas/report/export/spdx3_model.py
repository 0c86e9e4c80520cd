"""The AI package of SPDX 3: what kind of model it is, what was measured of it, and its energy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qistas.contracts.documents import Language
from qistas.report.export.cyclonedx_model import JOULES_PER_KWH
from qistas.report.export.material import Material, Measured
from qistas.report.export.properties import openness_properties
from qistas.report.export.written import figure, single_figure
from qistas.report.words import text


def ai_package(material: Material) -> dict[str, Any]:
    """The fields of ``ai_AIPackage`` that are known."""
    facts = material.facts
    package: dict[str, Any] = {"name": material.name, "software_primaryPurpose": "model"}
    if material.revision:
        package["software_packageVersion"] = material.revision
    if material.repository:
        package["software_downloadLocation"] = f"https://huggingface.co/{material.repository}"
    kinds = [*facts.get("architectures", ()), *([facts["family"]] if facts.get("family") else [])]
    if kinds:
        package["ai_typeOfModel"] = kinds
    if facts.get("task"):
        package["ai_domain"] = [facts["task"]]
    measured = material.measured()
    if measured:
        package["ai_metric"] = [_entry(one) for one in measured]
    if energy := _energy(material, measured):
        package["ai_energyConsumption"] = {"type": "ai_EnergyConsumption"} | energy
    return package


def _entry(one: Measured) -> dict[str, str]:
    """A number with everything that belongs to it, as one value."""
    estimate = one.finding.estimate
    interval = ""
    if estimate.low is not None and estimate.high is not None:
        interval = f" [{figure(estimate.low)}, {figure(estimate.high)}] at {figure(estimate.confidence)}"
    said = (
        f"{figure(one.value)}{interval} {one.finding.unit}; n={estimate.n}, clusters={estimate.clusters}, "
        f"unscored={estimate.unscored}; {estimate.method}; {one.finding.verdict}"
    )
    return {"type": "DictionaryEntry", "key": one.finding.criterion, "value": said}


def _energy(material: Material, measured: tuple[Measured, ...]) -> dict[str, Any]:
    """Energy of training, where the release states one figure, and for 1,000 tokens written, where that was measured."""
    found: dict[str, Any] = {}
    training = single_figure(material.assessment.training_cost.get("energy")) if material.assessment else None
    if training is not None:
        found["ai_trainingEnergyConsumption"] = [_described(training)]
    writing = [one for one in measured if one.finding.unit.replace(",", "") == "J/1000 tokens"]
    if writing:
        found["ai_inferenceEnergyConsumption"] = [_described(one.value / JOULES_PER_KWH) for one in writing]
    return found


def _described(kwh: float) -> dict[str, Any]:
    return {
        "type": "ai_EnergyConsumptionDescription",
        "ai_energyQuantity": kwh,
        "ai_energyUnit": "kilowattHour",
    }


def statements(material: Material, lang: Language) -> Iterator[str]:
    """What the format has no field for, by area: criteria without a number, each projection of the release, faults of its files."""
    missing = [f"{one.criterion}: {text(one.reason, lang)}" for one in material.unmeasured()]
    yield from _of_area("not_measured", missing)
    made = material.assessment
    if made is None:
        return
    areas: dict[str, list[str]] = {}
    for one in openness_properties(made, lang):
        _, area, name = one["name"].split(":", 2)
        areas.setdefault(area, []).append(f"{name}: {one['value']}")
    for area, lines in areas.items():
        yield from _of_area(area, lines)
    faults = [one for one in made.supply_chain if one.severity != "ok"]
    said = [f"{one.file}: {one.severity}: {one.code}: {text(one.reason, lang)}" for one in faults]
    yield from _of_area("supply_chain", said)


def _of_area(area: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield "\n".join([f"qistas:{area}", *lines])
