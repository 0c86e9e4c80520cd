"""``.eval_results/*.yaml``: results in a model's repository on the Hugging Face hub.

https://huggingface.co/docs/hub/eval-results. The hub shows results only for data sets that are registered there as benchmarks;
``dataset.id`` is then to be replaced by the one of the benchmark.
"""

from __future__ import annotations

from typing import Any

from qistas.contracts.documents import Language, Text
from qistas.report.export.material import Material, Measured
from qistas.report.export.remarks import left_out
from qistas.report.export.written import behind_words, figure, yaml_document
from qistas.report.words import text

_NAMES = Text(
    "dataset.id names an evaluation of Qistas, not a data set on the hub",
    "يسمّي dataset.id تقييمًا من تقييمات قِسطاس، لا مجموعة بيانات في المستودع",
)


def eval_results(material: Material, lang: Language) -> bytes:
    """YAML: one entry per criterion with a number."""
    remarks = (*left_out(material, lang), text(_NAMES, lang))
    return yaml_document([_entry(one, material) for one in material.measured()], remarks)


def _entry(one: Measured, material: Material) -> dict[str, Any]:
    estimate = one.finding.estimate
    interval = ""
    if estimate.low is not None and estimate.high is not None:
        interval = f"interval {figure(estimate.low)} to {figure(estimate.high)}; "
    behind = ", ".join(f"{name} {value}" for name, value in behind_words(estimate).items())
    return {
        "dataset": {"id": f"qistas/{one.card.id.replace('/', '-')}", "task_id": one.finding.criterion},
        "value": one.value,
        "date": material.written_on,
        "notes": f"{one.finding.metric}, {one.finding.unit}; {interval}{behind}; {one.finding.verdict}",
    }
