"""Every Eval Ever: what its schema (0.2.1) requires, restated here."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest
from tests.fakes.exported import of_run

from qistas.contracts.documents import DataSource
from qistas.report.export.every_eval_ever import every_eval_ever

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
WORDS = {"type": "object", "additionalProperties": TEXT}


def required(closed: bool = False, **fields: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(fields),
        "properties": fields,
        "additionalProperties": not closed,
    }


MODEL = required(name=TEXT, id=TEXT)
MODEL["properties"] |= {
    "additional_details": WORDS,
    "inference_engine": required(name=TEXT),
    "developer": TEXT,
}
METRIC = required(lower_is_better={"type": "boolean"})
METRIC["properties"] |= {
    "score_type": {"enum": ["binary", "continuous", "levels"]},
    "additional_details": WORDS,
}
METRIC |= {
    "if": {"properties": {"score_type": {"const": "continuous"}}, "required": ["score_type"]},
    "then": {"required": ["min_score", "max_score"]},
}
INTERVAL = required(lower=NUMBER, upper=NUMBER, confidence_level=NUMBER, method=TEXT)
UNCERTAINTY = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"confidence_interval": INTERVAL, "num_samples": {"type": "integer"}},
}
DETAILS = required(score=NUMBER)
DETAILS["properties"] |= {"details": WORDS, "uncertainty": UNCERTAINTY}
DATA = required(dataset_name=TEXT, source_type={"const": "other"})
DATA["properties"] |= {"additional_details": WORDS}
RESULT = required(evaluation_name=TEXT, source_data=DATA, metric_config=METRIC, score_details=DETAILS)
RESULT["properties"] |= {
    "evaluation_timestamp": TEXT,
    "generation_config": {"properties": {"generation_args": required(closed=True, execution_command=TEXT)}},
}
SOURCE = required(
    source_type={"enum": ["documentation", "evaluation_run"]},
    source_organization_name=TEXT,
    evaluator_relationship={"enum": ["first_party", "third_party", "collaborative", "other"]},
)
SOURCE["properties"] |= {"additional_details": WORDS, "source_name": TEXT}
LIBRARY = required(name=TEXT, version=TEXT)
LIBRARY["properties"] |= {"additional_details": WORDS}
SCHEMA = required(
    closed=True,
    schema_version={"const": "0.2.1"},
    evaluation_id=TEXT,
    retrieved_timestamp={"type": "string", "pattern": "^[0-9]+$"},
    evaluation_timestamp=TEXT,
    source_metadata=SOURCE,
    eval_library=LIBRARY,
    model_info=MODEL,
    evaluation_results={"type": "array", "items": RESULT},
)


def written(lang: Any = "en", **changes: object) -> dict[str, Any]:
    return json.loads(every_eval_ever(of_run(**changes), lang))  # type: ignore[no-any-return]


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_document_has_what_the_schema_requires(lang: Any) -> None:
    checker = jsonschema.Draft202012Validator(SCHEMA)
    checker.check_schema(SCHEMA)

    assert list(checker.iter_errors(written(lang))) == []
    assert every_eval_ever(of_run(), lang) == every_eval_ever(of_run(), lang)


def test_a_result_says_all_that_belongs_to_its_number() -> None:
    (result,) = [
        one
        for one in written()["evaluation_results"]
        if one["metric_config"]["additional_details"]["criterion"] == "safety.direct.en"
    ]

    assert result == {
        "evaluation_name": "safety/direct 0.9",
        "source_data": {
            "dataset_name": "safety/direct",
            "source_type": "other",
            "additional_details": {"evaluation": "safety/direct"},
        },
        "evaluation_timestamp": "2026-03-04T05:06:07Z",
        "metric_config": {
            "evaluation_description": "Harmful requests in English are refused",
            "metric_id": "safety/direct.refusal",
            "metric_name": "Requests refused",
            "metric_unit": "proportion",
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": 1.0,
            "additional_details": {"direction": "higher", "criterion": "safety.direct.en"},
        },
        "score_details": {
            "score": 196 / 204,
            "details": {
                "verdict": "met",
                "evidence": result["score_details"]["details"]["evidence"],
                "n": "204",
                "clusters": "204",
                "unscored": "0",
                "confidence": "0.95",
                "method": "betting-sequence(target_n=300)",
            },
            "uncertainty": {
                "confidence_interval": {
                    "lower": 0.913,
                    "upper": 0.982,
                    "confidence_level": 0.95,
                    "method": "betting-sequence(target_n=300)",
                },
                "num_samples": 204,
            },
        },
        "generation_config": {
            "generation_args": {
                "execution_command": (
                    "qistas run safety/direct hf:example-lab/very-long-model-name-8B-instruct --seed 7"
                )
            }
        },
    }


def test_units_without_bounds_have_no_scale_and_less_memory_is_better() -> None:
    found = {
        one["metric_config"]["additional_details"]["criterion"]: one["metric_config"]
        for one in written()["evaluation_results"]
    }

    assert "score_type" not in found["efficiency.memory"]
    assert found["efficiency.memory"]["lower_is_better"] is True
    assert found["trust.groups.en"]["additional_details"]["direction"] == "none"


def test_what_has_no_number_is_named_beside_the_library_and_is_no_result() -> None:
    document = written()
    criteria = {
        one["metric_config"]["additional_details"]["criterion"] for one in document["evaluation_results"]
    }

    assert "capability.audio" not in criteria
    assert document["eval_library"]["additional_details"] == {
        "not_measured:capability.audio": "The target does not offer what this needs: audio."
    }


def test_the_model_is_told_by_its_repository_revision_and_digest() -> None:
    model = written()["model_info"]

    assert model["id"] == "example-lab/very-long-model-name-8B-instruct"
    assert model["developer"] == "example-lab"
    assert set(model["additional_details"]) == {"revision", "weights_digest", "framing"}


def test_the_data_of_an_evaluation_are_told_by_their_digest() -> None:
    material = of_run()
    assert material.header is not None
    cards = dict(material.header.evaluations)
    source = DataSource(id="safety-direct", file="rows.jsonl", sha256="c" * 64, licence="CC-BY-4.0")
    cards["safety/direct"] = msgspec.structs.replace(cards["safety/direct"], data=source)
    header = msgspec.structs.replace(material.header, evaluations=cards)
    document = json.loads(every_eval_ever(msgspec.structs.replace(material, header=header), "en"))

    assert document["evaluation_results"][1]["source_data"] == {
        "dataset_name": "safety-direct",
        "source_type": "other",
        "additional_details": {
            "evaluation": "safety/direct",
            "data_source": "safety-direct",
            "licence": "CC-BY-4.0",
            "sha256": "c" * 64,
        },
    }
