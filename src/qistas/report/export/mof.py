"""A release as the Model Openness Tool writes it down: the YAML of the Model Openness Framework (White et al., 2024)."""

from __future__ import annotations

from typing import Any

from qistas.contracts.documents import Language, Text
from qistas.contracts.openness import Component
from qistas.report.export.material import Material
from qistas.report.export.remarks import left_out
from qistas.report.export.written import yaml_document
from qistas.report.words import text

# The edition whose rules are applied; the tool's own files name it so.
_FRAMEWORK = {"name": "Model Openness Framework", "version": "1.0", "date": "2024-12-15"}
_UNKNOWN = Text("not known whether it is there: {title}: {reason}", "لا يُعرَف وجوده: {title}: {reason}")


def mof(material: Material, lang: Language) -> bytes:
    """The components that are there, each with its licence; one of which that is not known is left out with a remark.

    Raises:
        BadInput: there is no release.
    """
    made = material.released()
    components = sorted(made.projections.mof.components.values(), key=lambda one: one.number)
    release: dict[str, Any] = {
        "name": material.name,
        **({"version": material.revision} if material.revision else {}),
        **({"date": str(made.release["read_on"])} if made.release.get("read_on") else {}),
        "producer": material.group or "",
        **({"huggingface": f"https://huggingface.co/{material.repository}"} if material.repository else {}),
        "license": {},
        "components": [_component(one, lang) for one in components if one.present],
    }
    unknown = (
        text(_UNKNOWN, lang).format(title=text(one.title, lang), reason=text(one.reason, lang))
        for one in components
        if one.present is None
    )
    return yaml_document(
        {"framework": dict(_FRAMEWORK), "release": release}, (*left_out(material, lang), *unknown)
    )


def _component(one: Component, lang: Language) -> dict[str, str]:
    """By the framework's own name, which is English in every language."""
    place = next((quote.file for quote in one.evidence), None)
    return {
        "name": one.title.en,
        "description": text(one.reason, lang),
        "license": _licence(one),
        **({"component_path": place} if place else {}),
    }


def _licence(one: Component) -> str:
    """The licence's name; one that was not found or cannot be read is written in the framework's own words."""
    if one.licence:
        return one.licence
    return "Pending evaluation" if one.open is None else "unlicensed"
