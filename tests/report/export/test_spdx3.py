"""SPDX 3: read back by the bindings made from its published model, which refuse what does not belong there."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import msgspec
import pytest
from spdx_python_model import v3_0_1 as spdx
from tests.fakes.assessments import full_assessment
from tests.fakes.exported import assessed, of_release, of_run

from qistas.contracts.errors import BadInput
from qistas.report.export.material import Material
from qistas.report.export.spdx3 import spdx3

MATERIALS = {
    "a run": of_run,
    "a run without a release": lambda: of_run(release=None),
    "a release": of_release,
    "a release with faults of every kind": lambda: Material(assessment=full_assessment()),
}


def read(data: bytes) -> Any:
    """The objects; writing them again is what looks at required properties."""
    objects = spdx.SHACLObjectSet()
    spdx.JSONLDDeserializer().read(BytesIO(data), objects)
    spdx.JSONLDSerializer().write(objects, BytesIO())
    return objects


def elements(material: Material, kind: str) -> list[dict[str, Any]]:
    graph = json.loads(spdx3(material, "en"))["@graph"]
    return [one for one in graph if one["type"] == kind]


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("name", MATERIALS)
def test_the_document_fits_the_published_model_and_every_reference_is_to_something_in_it(
    name: str, lang: Any
) -> None:
    data = spdx3(MATERIALS[name](), lang)
    objects = read(data)

    (document,) = objects.foreach_type(spdx.SpdxDocument)
    (root,) = document.rootElement
    assert isinstance(root, spdx.ai_AIPackage)
    graph = json.loads(data)["@graph"]
    there = {one.get("spdxId") for one in graph}
    pointed = {to for one in graph if one["type"] == "Relationship" for to in [*one["to"], one["from"]]}
    assert pointed <= there
    assert spdx3(MATERIALS[name](), lang) == data


def test_the_model_would_have_refused_another_property() -> None:
    document = json.loads(spdx3(of_release(), "en"))
    document["@graph"][-1]["ai_accuracy"] = 1

    with pytest.raises(KeyError, match="ai_accuracy"):
        read(json.dumps(document).encode())


def test_a_number_stands_with_all_that_belongs_to_it() -> None:
    (package,) = elements(of_run(release=None), "ai_AIPackage")
    metrics = {one["key"]: one["value"] for one in package["ai_metric"]}

    assert metrics["safety.direct.en"] == (
        "0.9607843137254902 [0.913, 0.982] at 0.95 proportion; n=204, clusters=204, unscored=0; "
        "betting-sequence(target_n=300); met"
    )
    assert "capability.audio" not in metrics
    (said,) = elements(of_run(release=None), "Annotation")
    assert said["statement"] == (
        "qistas:not_measured\ncapability.audio: The target does not offer what this needs: audio."
    )


def test_energy_is_that_of_training_as_stated_and_that_of_writing_as_measured() -> None:
    (trained, _) = elements(of_release(), "ai_AIPackage")
    (measured,) = elements(of_run(release=None), "ai_AIPackage")

    assert trained["ai_energyConsumption"] == {
        "type": "ai_EnergyConsumption",
        "ai_trainingEnergyConsumption": [
            {
                "type": "ai_EnergyConsumptionDescription",
                "ai_energyQuantity": 1500.0,
                "ai_energyUnit": "kilowattHour",
            }
        ],
    }
    assert measured["ai_energyConsumption"] == {
        "type": "ai_EnergyConsumption",
        "ai_inferenceEnergyConsumption": [
            {
                "type": "ai_EnergyConsumptionDescription",
                "ai_energyQuantity": 0.002,
                "ai_energyUnit": "kilowattHour",
            }
        ],
    }


def test_the_release_gives_licences_files_ancestors_and_data() -> None:
    material = of_release()
    names = {
        one["spdxId"]: one.get("name") or one.get("simplelicensing_licenseExpression")
        for one in json.loads(spdx3(material, "en"))["@graph"]
        if "spdxId" in one
    }
    related = [
        (names[one["from"]], one["relationshipType"], names[one["to"][0]])
        for one in elements(material, "Relationship")
    ]

    assert related == [
        ("tuned", "hasDeclaredLicense", "Apache-2.0"),
        ("tuned", "contains", "model.safetensors"),
        ("tuned", "descendantOf", "example-lab/base"),
        ("tuned", "trainedOn", "example-lab/corpus"),
    ]
    (package, _) = elements(material, "ai_AIPackage")
    assert package["ai_typeOfModel"] == ["LlamaForCausalLM", "llama"]
    assert package["ai_domain"] == ["text-generation"]
    (dataset,) = elements(material, "dataset_DatasetPackage")
    assert dataset["dataset_datasetType"] == ["noAssertion"]
    (file,) = elements(material, "software_File")
    assert file["verifiedUsing"] == [{"type": "Hash", "algorithm": "sha256", "hashValue": "b" * 64}]


def test_a_changed_licence_is_one_of_its_own() -> None:
    (licence,) = elements(Material(assessment=full_assessment()), "simplelicensing_LicenseExpression")

    assert licence["simplelicensing_licenseExpression"] == "LicenseRef-qistas-near-1"
    assert licence["comment"] == "LICENSE: near match, Example (threshold_mau: 700; notice_duty: true)"


def test_a_stated_licence_of_an_ancestor_is_said() -> None:
    lineage = assessed().lineage
    nodes = tuple(msgspec.structs.replace(node, licence="mit") for node in lineage.nodes)
    edges = tuple(msgspec.structs.replace(edge, evidence=()) for edge in lineage.edges)
    made = msgspec.structs.replace(
        assessed(), lineage=msgspec.structs.replace(lineage, nodes=nodes, edges=edges)
    )

    (_, base) = elements(Material(assessment=made), "ai_AIPackage")
    assert base["comment"] == "stated licence: mit"
    assert [one["comment"] for one in elements(Material(assessment=made), "Relationship")[-2:]] == [
        "finetune",
        "trained_on",
    ]


def test_faults_of_files_are_said_and_files_without_are_not() -> None:
    statements = [one["statement"] for one in elements(Material(assessment=full_assessment()), "Annotation")]

    assert statements[-1] == "qistas:supply_chain\nmodel.bin: danger: pickle-runs: would run code"


def test_a_file_that_was_not_read_has_no_hash() -> None:
    release = assessed().release | {
        "model": {"weights": [{"file": "a.bin", "size_bytes": 1, "sha256": None}]}
    }
    (file,) = elements(
        Material(assessment=msgspec.structs.replace(assessed(), release=release)), "software_File"
    )

    assert "verifiedUsing" not in file


def test_a_release_that_nobody_says_when_they_read_is_refused() -> None:
    release = assessed().release | {"read_on": None}

    with pytest.raises(BadInput, match="wants a date"):
        spdx3(Material(assessment=msgspec.structs.replace(assessed(), release=release)), "en")
