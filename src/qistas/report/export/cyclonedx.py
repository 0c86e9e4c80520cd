"""A machine-learning bill of materials: CycloneDX 1.7 (ECMA-424), JSON.

https://cyclonedx.org/docs/1.7/json/. What the format has no field for stands in ``properties`` whose names begin with ``qistas:``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from qistas.contracts.documents import Language
from qistas.contracts.openness import Assessment, LicenceReading, LineageNode
from qistas.report.export.cyclonedx_model import model_card
from qistas.report.export.licences import clause_words, covering_weights, distinct_licences, is_listed
from qistas.report.export.material import Material
from qistas.report.export.properties import Properties, openness_properties, properties, release_properties
from qistas.report.export.written import json_document, relative_iri

_MODEL = "model"


def cyclonedx(material: Material, lang: Language) -> bytes:
    """The model as a component with its card, files, licences and ancestors; its data sets as components."""
    datasets = list(_datasets(material))
    references = [str(one["bom-ref"]) for one in datasets]
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "serialNumber": f"urn:uuid:{material.identifier('cyclonedx')}",
        "version": 1,
        "metadata": _metadata(material),
        "components": [_model(material, references, lang), *datasets],
        "dependencies": [{"ref": _MODEL, "dependsOn": references}, *({"ref": one} for one in references)],
    }
    return json_document(document)


def _metadata(material: Material) -> dict[str, Any]:
    tool = {"type": "application", "name": "qistas", "version": material.version}
    on = {"timestamp": material.written_on} if material.written_on else {}
    return on | {"tools": {"components": [tool]}, "properties": release_properties(material)}


def _model(material: Material, datasets: list[str], lang: Language) -> dict[str, Any]:
    made = material.assessment
    component: dict[str, Any] = {"type": "machine-learning-model", "bom-ref": _MODEL}
    if material.group:
        component["group"] = material.group
    component["name"] = material.name
    if material.revision:
        component["version"] = material.revision
    if made is not None:
        component |= _shown_by_release(made)
    if references := list(_references(material)):
        component["externalReferences"] = references
    if made is not None and (files := _files(made)):
        component["components"] = files
    component["modelCard"] = model_card(material, datasets, lang)
    if made is not None:
        component["properties"] = openness_properties(made, lang)
    return component


def _shown_by_release(made: Assessment) -> dict[str, Any]:
    found: dict[str, Any] = {}
    weights = [one for one in made.release.get("model", {}).get("weights", ()) if one["sha256"]]
    # The hash of a model is that of its file; of several files each has its own.
    if len(weights) == 1:
        found["hashes"] = [_hash(weights[0]["sha256"])]
    if covering := covering_weights(made.licences):
        found["licenses"] = [_licence(one) for one in covering]
    if every := distinct_licences(made.licences):
        found["evidence"] = {"licenses": [_licence(one) for one in every]}
    if ancestors := list(_ancestors(made)):
        found["pedigree"] = {"ancestors": ancestors}
    return found


def _hash(sha256: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": sha256}


def _licence(reading: LicenceReading) -> dict[str, Any]:
    named = {"id": reading.id} if is_listed(reading) else {"name": reading.name or reading.file}
    said: Properties = [("file", reading.file), ("match", reading.match)]
    if reading.id and not is_listed(reading):
        said.append(("id" if reading.match == "exact" else "nearest", reading.id))
    said += [(f"clause:{clause.fact}", clause_words(clause)) for clause in reading.clauses]
    return {
        "license": named | {"acknowledgement": "declared", "properties": properties("licence", said)},
    }


def _ancestors(made: Assessment) -> Iterator[dict[str, Any]]:
    """Every model on the way to the roots, with what was made of it."""
    ways = _ways(made)
    for node in made.lineage.nodes:
        if node.kind == "model" and node.status != "here":
            yield _node(node, "machine-learning-model") | {
                "properties": properties("lineage", [("status", node.status), *ways[node.id]])
            }


def _datasets(material: Material) -> Iterator[dict[str, Any]]:
    made = material.assessment
    if made is None:
        return
    ways = _ways(made)
    found = [node for node in made.lineage.nodes if node.kind == "dataset" and node.status != "here"]
    for number, node in enumerate(found, 1):
        yield _node(node, "data") | {
            "bom-ref": f"dataset-{number}",
            "data": [{"type": "dataset", "name": node.id}],
            "properties": properties("lineage", [("status", node.status), *ways[node.id]]),
        }


def _ways(made: Assessment) -> dict[str, Properties]:
    """By parent, what was made of it and where that is said."""
    found: dict[str, Properties] = defaultdict(list)
    for edge in made.lineage.edges:
        found[edge.parent].append((edge.relation, edge.child))
        found[edge.parent] += [("said", f"{one.file}:{one.line}") for one in edge.evidence]
    return found


def _node(node: LineageNode, kind: str) -> dict[str, Any]:
    stated = {"licenses": [{"license": {"name": node.licence}}]} if node.licence else {}
    return {"type": kind, "name": node.id, **stated}


def _files(made: Assessment) -> list[dict[str, Any]]:
    """The files of weights, each with its hash and with what it shows about its own safety."""
    shown = defaultdict(list)
    for finding in made.supply_chain:
        shown[finding.file].append((finding.code, f"{finding.severity}: {finding.reason.en}"))
    return [
        {
            "type": "file",
            "bom-ref": f"file-{number}",
            "name": file["file"],
            **({"hashes": [_hash(file["sha256"])]} if file["sha256"] else {}),
            "properties": properties(
                "supply_chain", [*shown[file["file"]], ("size_bytes", str(file["size_bytes"]))]
            ),
        }
        for number, file in enumerate(made.release.get("model", {}).get("weights", ()), 1)
    ]


def _references(material: Material) -> Iterator[dict[str, Any]]:
    if material.repository:
        yield {"type": "distribution", "url": f"https://huggingface.co/{material.repository}"}
    made = material.assessment
    if made is None:
        return
    texts = dict.fromkeys(one.file for one in made.licences if one.place == "text")
    yield from ({"type": "license", "url": relative_iri(file)} for file in texts)
    card = made.projections.mof.components.get("model-card")
    if card is not None and card.present:
        # What gives the card its licence is evidence too, and no card.
        files = dict.fromkeys(one.file for one in card.evidence if one.file not in texts)
        yield from ({"type": "model-card", "url": relative_iri(file)} for file in files)
