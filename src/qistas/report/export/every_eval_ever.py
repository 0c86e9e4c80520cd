"""Every Eval Ever: the shared form for results of the EvalEval Coalition, schema 0.2.1 (https://github.com/evaleval/every_eval_ever)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qistas.contracts.documents import BOUNDS, Language
from qistas.report.export.material import Material, Measured
from qistas.report.export.written import behind_words, json_document
from qistas.report.words import text

SCHEMA_VERSION = "0.2.1"


def every_eval_ever(material: Material, lang: Language) -> bytes:
    """JSON: one result per criterion with a number, those without one named beside the evaluation library.

    Raises:
        BadInput: nothing was measured.
    """
    report, _ = material.weighed()
    on = material.written_on or ""
    seconds = str(int(datetime.fromisoformat(on).timestamp()))
    model = material.repository or material.name
    return json_document(
        {
            "schema_version": SCHEMA_VERSION,
            "evaluation_id": f"{report.standard.id}/{model}/{seconds}",
            "evaluation_timestamp": on,
            "retrieved_timestamp": seconds,
            "source_metadata": {
                "source_name": f"{text(report.summary.standard_title, lang)} ({report.standard.version})",
                "source_type": "evaluation_run",
                # Who ran it is not in the ledger.
                "source_organization_name": "unknown",
                "evaluator_relationship": "other",
                "additional_details": {
                    "standard_digest": report.standard.digest,
                    "ledger_head": report.ledger.head,
                },
            },
            "eval_library": {
                "name": "qistas",
                "version": report.qistas,
                "additional_details": {
                    f"not_measured:{one.criterion}": text(one.reason, lang) for one in material.unmeasured()
                },
            },
            "model_info": _model(material, model),
            "evaluation_results": [_result(one, on, lang) for one in material.measured()],
        }
    )


def _model(material: Material, model: str) -> dict[str, Any]:
    report, header = material.weighed()
    stated = {"revision": material.revision, "weights_digest": report.model.digest}
    return {
        "name": material.name,
        "id": model,
        **({"developer": material.group} if material.group else {}),
        "inference_engine": {"name": header.target.adapter},
        "additional_details": {name: value for name, value in stated.items() if value}
        | {"framing": header.target.framing},
    }


def _result(one: Measured, on: str, lang: Language) -> dict[str, Any]:
    data = one.card.data
    source = {"data_source": data.id, "licence": data.licence, "sha256": data.sha256} if data else {}
    return {
        "evaluation_name": f"{one.card.id} {one.card.version}",
        "source_data": {
            "dataset_name": data.id if data else one.card.id,
            "source_type": "other",
            "additional_details": {"evaluation": one.card.id} | source,
        },
        "evaluation_timestamp": on,
        "metric_config": _metric(one, lang),
        "score_details": {
            "score": one.value,
            "details": {"verdict": one.finding.verdict, "evidence": one.finding.evidence.digest}
            | behind_words(one.finding.estimate),
            "uncertainty": _uncertainty(one),
        },
        "generation_config": {
            "generation_args": {"execution_command": one.finding.rerun},
        },
    }


def _metric(one: Measured, lang: Language) -> dict[str, Any]:
    bounds = BOUNDS.get(one.finding.unit)
    scale = {"score_type": "continuous", "min_score": bounds[0], "max_score": bounds[1]} if bounds else {}
    return {
        "evaluation_description": text(one.finding.title, lang),
        "metric_id": f"{one.card.id}.{one.finding.metric}",
        "metric_name": text(one.explanation.measure, lang),
        "metric_unit": one.finding.unit,
        # The format knows two directions only; where neither is better, ``direction`` says so.
        "lower_is_better": one.finding.direction == "lower",
        **scale,
        "additional_details": {"direction": one.finding.direction, "criterion": one.finding.criterion},
    }


def _uncertainty(one: Measured) -> dict[str, Any]:
    estimate = one.finding.estimate
    interval: dict[str, Any] = {}
    if estimate.low is not None and estimate.high is not None:
        interval = {
            "confidence_interval": {
                "lower": estimate.low,
                "upper": estimate.high,
                "confidence_level": estimate.confidence,
                "method": estimate.method,
            }
        }
    return interval | {"num_samples": estimate.n}
