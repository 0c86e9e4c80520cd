"""The YAML of the Model Openness Tool: read back, it is of the same class."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from ruamel.yaml import YAML
from tests.fakes.assessments import both, component, full_assessment
from tests.fakes.exported import of_release, of_run

from qistas import api
from qistas.evaluations.openness.mof_yaml import read_mof_yaml
from qistas.report.export.material import Material
from qistas.report.export.mof import mof


@pytest.fixture(scope="module")
def reference(repo_root: Path) -> Material:
    """The release of the reference weights."""
    (made,) = api.openness(
        repo_root / "src/qistas/reference/sanja", settings=api.OpennessSettings(read_on="2026-01-31")
    )
    return Material(assessment=made)


def classes(material: Material) -> tuple[tuple[int, dict[str, int]], tuple[int, dict[str, int]]]:
    """Class and progress as they were judged, and as they are read back."""
    assert material.assessment is not None
    judged = material.assessment.projections.mof
    read = read_mof_yaml("mof.yaml", mof(material, "en").decode()).classification()
    return (judged.class_, judged.progress), (
        read.class_,
        {str(name): round(value) for name, value in read.progress.items()},
    )


def test_a_release_of_class_one_is_read_back_as_one(reference: Material) -> None:
    judged, read = classes(reference)

    assert judged == read == (1, {"1": 100, "2": 100, "3": 100})


def test_a_release_of_which_little_is_known_is_read_back_as_it_was_judged() -> None:
    judged, read = classes(of_release())

    assert judged == read
    assert judged[0] == 0


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_file_fits_the_tool_s_schema(reference: Material, test_data: Path, lang: Any) -> None:
    schema = json.loads((test_data / "openness/mot/mof_schema.json").read_text())
    for material in (reference, of_release(), of_run()):
        jsonschema.validate(YAML(typ="safe", pure=True).load(mof(material, lang)), schema)


def test_what_a_component_s_licence_is_or_that_it_is_none_stands_in_the_framework_s_words() -> None:
    unknown = component(id="x", number=10, title=both("Data card"), licence=None, open=None)
    none = component(id="y", number=11, title=both("Research paper"), licence=None, open=False, evidence=())
    hidden = component(id="z", number=12, title=both("Datasets"), present=None)
    absent = component(id="w", number=9, title=both("Training code"), present=False)
    made = full_assessment()
    components = {one.id: one for one in (component(), unknown, none, hidden, absent)}
    projection = msgspec.structs.replace(made.projections.mof, components=components)
    projections = msgspec.structs.replace(made.projections, mof=projection)
    text = mof(Material(assessment=msgspec.structs.replace(made, projections=projections)), "ar").decode()

    assert YAML(typ="safe", pure=True).load(text)["release"]["components"] == [
        {
            "name": "Data card",
            "description": "ع there and open",
            "license": "Pending evaluation",
            "component_path": "README.md",
        },
        {"name": "Research paper", "description": "ع there and open", "license": "unlicensed"},
        {
            "name": "Model card",
            "description": "ع there and open",
            "license": "CC-BY-4.0",
            "component_path": "README.md",
        },
    ]
    assert "# لا يُعرَف وجوده: ع Datasets: ع there and open\n" in text
    assert text.startswith("# من قِسطاس ")
