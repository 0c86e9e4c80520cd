"""``model-index``: results in the front matter of a model card on the Hugging Face hub.

https://github.com/huggingface/hub-docs/blob/main/modelcard.md
"""

from __future__ import annotations

from typing import Any

from qistas.contracts.documents import Language
from qistas.report.export.material import Material, Measured
from qistas.report.export.remarks import left_out
from qistas.report.export.written import behind, yaml_document
from qistas.report.words import text

_OTHERWISE_TASK = "text-generation"


def model_index(material: Material, lang: Language) -> bytes:
    """YAML to be put into the front matter: one result per evaluation, one metric per criterion."""
    results: dict[str, dict[str, Any]] = {}
    for one in material.measured():
        result = results.setdefault(one.card.id, _result(one, material, lang))
        result["metrics"].append(_metric(one, lang))
    return yaml_document(
        {"model-index": [{"name": material.name, "results": list(results.values())}]},
        left_out(material, lang),
    )


def _result(one: Measured, material: Material, lang: Language) -> dict[str, Any]:
    return {
        "task": {"type": material.facts.get("task") or _OTHERWISE_TASK},
        "dataset": {
            # A slash would make a repository of another account of it.
            "type": f"qistas-{one.card.id.replace('/', '-')}",
            "name": f"{text(one.card.title, lang)} ({one.card.id} {one.card.version})",
        },
        "metrics": [],
    }


def _metric(one: Measured, lang: Language) -> dict[str, Any]:
    estimate = one.finding.estimate
    interval = {"low": estimate.low, "high": estimate.high} if estimate.estimable else {}
    return {
        "type": one.finding.metric,
        "value": one.value,
        "name": text(one.finding.title, lang),
        "args": {
            "criterion": one.finding.criterion,
            "unit": one.finding.unit,
            **interval,
            **behind(estimate),
            "verdict": one.finding.verdict,
        },
    }
