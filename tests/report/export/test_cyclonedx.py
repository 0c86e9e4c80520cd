"""CycloneDX: valid against the published schema, with what was measured and shown, and nothing else."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import cyclonedx.schema as published
import msgspec
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from tests.fakes.assessments import cost, full_assessment
from tests.fakes.exported import assessed, of_release, of_run

from qistas.evaluations.openness.licence_texts import library
from qistas.report.export.cyclonedx import cyclonedx
from qistas.report.export.material import Material

MATERIALS = {
    "a run": of_run,
    "a run without a release": lambda: of_run(release=None),
    "a release": of_release,
    "a release with faults of every kind": lambda: Material(assessment=full_assessment()),
}


def written(material: Material, lang: Any = "en") -> dict[str, Any]:
    return json.loads(cyclonedx(material, lang))  # type: ignore[no-any-return]


def model(document: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in document["components"] if one["bom-ref"] == "model")


def values(properties: list[dict[str, str]]) -> dict[str, list[str]]:
    found = defaultdict(list)
    for one in properties:
        found[one["name"]].append(one["value"])
    return found


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("name", MATERIALS)
def test_the_document_is_valid_against_the_published_schema(name: str, lang: Any) -> None:
    fault = JsonStrictValidator(SchemaVersion.V1_7).validate_str(cyclonedx(MATERIALS[name](), lang).decode())

    assert fault is None, fault


def test_the_validator_would_have_said_so() -> None:
    document = written(of_release())
    model(document)["modelCard"]["accuracy"] = 1

    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(json.dumps(document)) is not None


@pytest.mark.parametrize("name", MATERIALS)
def test_the_same_material_gives_the_same_bytes(name: str) -> None:
    assert cyclonedx(MATERIALS[name](), "en") == cyclonedx(MATERIALS[name](), "en")


def test_the_serial_number_is_of_what_is_said_and_the_time_of_the_run() -> None:
    documents = [written(MATERIALS[name]()) for name in MATERIALS]

    assert len({one["serialNumber"] for one in documents}) == len(MATERIALS)
    assert [one["metadata"]["timestamp"] for one in documents] == [
        "2026-03-04T05:06:07Z",
        "2026-03-04T05:06:07Z",
        "2026-01-31T00:00:00Z",
        "2026-01-31T00:00:00Z",
    ]


def test_without_a_date_there_is_no_timestamp() -> None:
    release = assessed().release | {"read_on": None}
    material = Material(assessment=msgspec.structs.replace(assessed(), release=release))

    assert "timestamp" not in written(material)["metadata"]


def test_a_number_stands_with_its_interval_and_with_how_it_was_found() -> None:
    card = model(written(of_run()))["modelCard"]
    metric = next(
        one
        for one in card["quantitativeAnalysis"]["performanceMetrics"]
        if one["slice"] == "safety.direct.en"
    )

    assert metric == {
        "type": "safety/direct:refusal (proportion)",
        "value": "0.9607843137254902",
        "slice": "safety.direct.en",
        "confidenceInterval": {"lowerBound": "0.913", "upperBound": "0.982"},
    }
    said = values(card["properties"])
    behind = {
        name: said[f"qistas:finding:safety.direct.en:{name}"]
        for name in ("n", "clusters", "unscored", "confidence", "method", "verdict", "judge")
    }
    assert behind == {
        "n": ["204"],
        "clusters": ["204"],
        "unscored": ["0"],
        "confidence": ["0.95"],
        "method": ["betting-sequence(target_n=300)"],
        "verdict": ["met"],
        "judge": ["rule/refusal"],
    }


def test_what_has_no_number_is_left_out_and_says_why() -> None:
    card = model(written(of_run()))["modelCard"]
    slices = {one["slice"] for one in card["quantitativeAnalysis"]["performanceMetrics"]}

    assert "capability.audio" not in slices
    assert values(card["properties"])["qistas:not_measured:capability.audio"] == [
        "The target does not offer what this needs: audio."
    ]
    arabic = values(model(written(of_run(), "ar"))["modelCard"]["properties"])
    assert arabic["qistas:not_measured:capability.audio"] == ["لا يتيح النموذج ما يلزم هنا: audio."]


def test_measured_energy_is_per_1000_tokens_in_kilowatt_hours() -> None:
    considerations = model(written(of_run()))["modelCard"]["considerations"]

    assert considerations["environmentalConsiderations"] == {
        "energyConsumptions": [
            {
                "activity": "inference",
                "energyProviders": [],
                "activityEnergyCost": {"value": 0.002, "unit": "kWh"},
                "properties": [
                    {"name": "qistas:energy:per", "value": "1000 tokens"},
                    {"name": "qistas:energy:criterion", "value": "efficiency.energy"},
                ],
            }
        ]
    }


def test_disclosed_energy_of_training_stands_with_its_carbon_and_its_place() -> None:
    (energy,) = model(written(of_release()))["modelCard"]["considerations"]["environmentalConsiderations"][
        "energyConsumptions"
    ]

    assert energy == {
        "activity": "training",
        "energyProviders": [],
        "activityEnergyCost": {"value": 1500.0, "unit": "kWh"},
        "properties": [
            {"name": "qistas:energy:disclosed", "value": "by the release"},
            {"name": "qistas:energy:source", "value": "README.md:10"},
        ],
        "co2CostEquivalent": {"value": 0.5, "unit": "tCO2eq"},
    }


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"low": 10.0, "high": 20.0}, "10 to 20 kWh"),
        ({"low": 10.0}, "10 to unknown kWh"),
        (
            {"low": 10.0, "high": 10.0, "derived": True, "formula": "power × hours"},
            "10 kWh (derived: power × hours)",
        ),
        ({}, "undisclosed"),
    ],
)
def test_several_figures_or_none_are_no_energy_but_a_property(stated: dict[str, Any], said: str) -> None:
    costs = {"energy": cost(disclosed=bool(stated), **stated)}
    card = model(written(Material(assessment=msgspec.structs.replace(assessed(), training_cost=costs))))[
        "modelCard"
    ]

    assert "considerations" not in card
    assert values(card["properties"])["qistas:training_cost:energy"] == [said]


def test_the_release_gives_the_model_its_parts() -> None:
    document = written(of_release())
    found = model(document)

    assert {name: found[name] for name in ("type", "group", "name", "version", "hashes")} == {
        "type": "machine-learning-model",
        "group": "example-lab",
        "name": "tuned",
        "version": "r1",
        "hashes": [{"alg": "SHA-256", "content": "b" * 64}],
    }
    assert found["modelCard"]["modelParameters"] == {
        "task": "text-generation",
        "architectureFamily": "llama",
        "modelArchitecture": "LlamaForCausalLM",
        "datasets": [{"ref": "dataset-1"}],
    }
    assert [one["license"].get("id") for one in found["licenses"]] == ["Apache-2.0"]
    assert [(one["type"], one["url"]) for one in found["externalReferences"]] == [
        ("distribution", "https://huggingface.co/example-lab/tuned"),
        ("license", "LICENSE"),
        ("model-card", "README.md"),
    ]
    assert [(one["type"], one["name"]) for one in found["pedigree"]["ancestors"]] == [
        ("machine-learning-model", "example-lab/base")
    ]
    assert [(one["type"], one["name"], one["hashes"][0]["content"]) for one in found["components"]] == [
        ("file", "model.safetensors", "b" * 64)
    ]
    assert [(one["bom-ref"], one["type"], one["name"]) for one in document["components"][1:]] == [
        ("dataset-1", "data", "example-lab/corpus")
    ]
    assert document["dependencies"] == [{"ref": "model", "dependsOn": ["dataset-1"]}, {"ref": "dataset-1"}]


def test_an_ancestor_says_how_it_is_one_and_where_that_stands() -> None:
    (ancestor,) = model(written(of_release()))["pedigree"]["ancestors"]
    said = values(ancestor["properties"])

    assert said["qistas:lineage:status"] == ["named"]
    assert [name for name in said if name != "qistas:lineage:status"] == [
        "qistas:lineage:finetune",
        "qistas:lineage:said",
    ]
    assert said["qistas:lineage:said"][0].startswith("README.md:")


def test_what_the_ledger_does_not_show_of_the_release_is_left_out() -> None:
    found = model(written(of_run(release=None)))

    assert set(found) == {
        "type",
        "bom-ref",
        "group",
        "name",
        "version",
        "externalReferences",
        "modelCard",
    }


def test_a_changed_licence_is_not_called_by_the_name_of_the_one_it_is_near_to() -> None:
    (licence,) = model(written(Material(assessment=full_assessment())))["licenses"]

    assert licence["license"]["name"] == "Example"
    assert "id" not in licence["license"]
    assert values(licence["license"]["properties"]) == {
        "qistas:licence:file": ["LICENSE"],
        "qistas:licence:match": ["near"],
        "qistas:licence:nearest": ["LicenseRef-example"],
        "qistas:licence:clause:threshold_mau": ["700"],
        "qistas:licence:clause:notice_duty": ["true"],
    }


def test_several_files_of_weights_have_a_hash_each_and_the_model_none() -> None:
    release = full_assessment().release | {
        "model": {
            "weights": [
                {"file": "a b.bin", "size_bytes": 1, "sha256": "a" * 64},
                {"file": "model.bin", "size_bytes": 2, "sha256": "b" * 64},
                {"file": "unread.bin", "size_bytes": 3, "sha256": None},
            ]
        }
    }
    material = Material(assessment=msgspec.structs.replace(full_assessment(), release=release))
    found = model(written(material))

    assert "hashes" not in found
    assert [(one["name"], len(one.get("hashes", ()))) for one in found["components"]] == [
        ("a b.bin", 1),
        ("model.bin", 1),
        ("unread.bin", 0),
    ]
    assert values(found["components"][1]["properties"]) == {
        "qistas:supply_chain:pickle-runs": ["danger: would run code"],
        "qistas:supply_chain:size_bytes": ["2"],
    }


def test_every_judgement_is_there_with_its_reason_and_undetermined_is_a_word() -> None:
    said = values(model(written(Material(assessment=full_assessment())))["properties"])

    assert said["qistas:mof:class"] == ["3"]
    assert said["qistas:mof:reason"] == ["no training code"]
    assert said["qistas:osaid:verdict"] == ["blocked"]
    assert said["qistas:eu:paper"] == ["undetermined"]
    assert said["qistas:eu:paper:reason"] == ["because of undetermined"]
    assert said["qistas:contradiction:licence"] == ["two licences"]
    assert said["qistas:lineage_conflict:dropped"] == ["a/base > b: a term was dropped"]


def test_every_licence_known_by_its_text_is_on_the_list_that_the_format_takes() -> None:
    schemas = Path(published.__file__).parent / "_res"
    listed = set(json.loads((schemas / "spdx.SNAPSHOT.schema.json").read_bytes())["enum"])
    known = {one.id for one in library().licences if not one.id.startswith("LicenseRef-")}

    assert known - listed == set()
