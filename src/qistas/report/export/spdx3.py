"""SPDX 3.0.1, AI and Dataset profiles, as JSON-LD (https://spdx.github.io/spdx-spec/v3.0.1/).

Conformance with the AI profile is not claimed: it asks for the time of release and other things that a release need not show, and
nothing is made up to fill them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qistas.contracts.documents import Language
from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.openness import Assessment, LineageNode
from qistas.report.export.licences import clause_words, covering_weights, is_listed
from qistas.report.export.material import Material
from qistas.report.export.spdx3_model import ai_package, statements
from qistas.report.export.written import json_document

_CREATION = "_:creation"
_Element = dict[str, Any]


def spdx3(material: Material, lang: Language) -> bytes:
    """The model as an AI package with its files, licences, ancestors and data sets.

    Raises:
        BadInput: nothing says when the release was read, which the format wants to know.
    """
    if material.written_on is None:
        step = "give the date on which the release was read"
        raise BadInput(Fault("SPDX 3 wants a date, and there is none", "release.read_on", step))
    space = f"https://spdx.org/spdxdocs/{material.identifier('spdx3')}#"
    made = _Graph(space)
    agent = made.add("SoftwareAgent", "qistas", name=f"qistas {material.version}")
    model = made.add("ai_AIPackage", "model", **ai_package(material), **_supplier(material, made))
    for number, statement in enumerate(statements(material, lang), 1):
        made.add(
            "Annotation",
            f"annotation-{number}",
            annotationType="other",
            subject=model,
            statement=statement,
        )
    if material.assessment is not None:
        _licences(material.assessment, model, made)
        _files(material.assessment, model, made)
        _lineage(material.assessment, model, made)
    elements = [element["spdxId"] for element in made.elements]
    made.add(
        "SpdxDocument",
        "document",
        name=f"{material.name}: qistas",
        rootElement=[model],
        element=elements,
        profileConformance=["core", "software", "simpleLicensing"],
    )
    creation = {
        "type": "CreationInfo",
        "@id": _CREATION,
        "specVersion": "3.0.1",
        "created": material.written_on,
        "createdBy": [agent],
    }
    context = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
    return json_document({"@context": context, "@graph": [creation, *made.elements]})


class _Graph:
    """The elements of a document, each with its identifier."""

    def __init__(self, space: str) -> None:
        self._space = space
        self._relationships = 0
        self.elements: list[_Element] = []

    def add(self, type_: str, local: str, **fields: Any) -> str:
        """Adds an element and returns its identifier."""
        identifier = f"{self._space}{local}"
        self.elements.append({"type": type_, "spdxId": identifier, "creationInfo": _CREATION} | fields)
        return identifier

    def relate(self, origin: str, kind: str, to: str, **fields: Any) -> None:
        """Adds a relationship between two elements."""
        self._relationships += 1
        self.add(
            "Relationship",
            f"relationship-{self._relationships}",
            relationshipType=kind,
            to=[to],
            **{"from": origin},
            **fields,
        )


def _supplier(material: Material, made: _Graph) -> dict[str, str]:
    return {"suppliedBy": made.add("Agent", "supplier", name=material.group)} if material.group else {}


def _licences(made: Assessment, model: str, graph: _Graph) -> None:
    for number, reading in enumerate(covering_weights(made.licences), 1):
        if is_listed(reading) or (reading.match == "exact" and reading.id):
            expression = str(reading.id)
        else:
            # A changed or unknown text is a licence of its own.
            expression = f"LicenseRef-qistas-{reading.match}-{number}"
        clauses = "; ".join(f"{clause.fact}: {clause_words(clause)}" for clause in reading.clauses)
        said = f"{reading.file}: {reading.match} match, {reading.name}" + (f" ({clauses})" if clauses else "")
        licence = graph.add(
            "simplelicensing_LicenseExpression",
            f"licence-{number}",
            comment=said,
            simplelicensing_licenseExpression=expression,
        )
        graph.relate(model, "hasDeclaredLicense", licence)


def _files(made: Assessment, model: str, graph: _Graph) -> None:
    for number, file in enumerate(made.release.get("model", {}).get("weights", ()), 1):
        sha256 = file["sha256"]
        known = {"verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": sha256}]}
        place = graph.add(
            "software_File",
            f"file-{number}",
            name=file["file"],
            software_primaryPurpose="model",
            **(known if sha256 else {}),
        )
        graph.relate(model, "contains", place)


def _lineage(made: Assessment, model: str, graph: _Graph) -> None:
    places: dict[str, str] = {}
    for number, node in enumerate(made.lineage.nodes, 1):
        here = node.status == "here"
        places[node.id] = model if here else graph.add(*_node(node, number), **dict(_said_of(node)))
    for edge in made.lineage.edges:
        if edge.child in places and edge.parent in places:
            kind = "trainedOn" if edge.relation == "trained_on" else "descendantOf"
            where = ", ".join(f"{one.file}:{one.line}" for one in edge.evidence)
            said = f"{edge.relation} ({where})" if where else edge.relation
            graph.relate(places[edge.child], kind, places[edge.parent], comment=said)


def _node(node: LineageNode, number: int) -> tuple[str, str]:
    return ("dataset_DatasetPackage" if node.kind == "dataset" else "ai_AIPackage", f"{node.kind}-{number}")


def _said_of(node: LineageNode) -> Iterator[tuple[str, Any]]:
    yield "name", node.id
    if node.licence:
        yield "comment", f"stated licence: {node.licence}"
    if node.kind == "dataset":
        yield "dataset_datasetType", ["noAssertion"]
        yield "software_primaryPurpose", "data"
    else:
        yield "software_primaryPurpose", "model"
