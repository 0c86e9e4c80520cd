"""Releases that are written down as the Model Openness Tool does get the classes and percentages that it expects."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from qistas.contracts.errors import InvalidDocument
from qistas.evaluations.openness.framework_rules import (
    ComponentType,
    count,
    framework,
    is_open,
    resolve,
    suits,
)
from qistas.evaluations.openness.mof_yaml import declared, load_mof_yaml, read_mof_yaml
from qistas.standards.document import Document

BY_ID = {component.id: component for component in framework().components}
ALL = {name for name, component in BY_ID.items() if component.required}


def expected(test_data: Path) -> list[dict[str, Any]]:
    """The tool's own file; it has commas before closing brackets, which JSON does not allow."""
    text = (test_data / "openness/mot/expected_results.json").read_text(encoding="utf-8")
    models: list[dict[str, Any]] = json.loads(re.sub(r",(\s*[}\]])", r"\1", text))["models"]
    return models


def shape(name: str) -> str:
    """A test file's name without its percentages, which are out of date, and in the one spelling."""
    return re.sub(r"_C\d_\d+%-C\d_\d+%-C\d_\d+%", "", name.removesuffix(".yml")).replace(
        "Licenese", "Licenses"
    )


def progress(found: Any) -> dict[str, float]:
    return {str(class_): round(value, 6) for class_, value in found.progress.items()}


def test_all_expected_classes_and_percentages_are_found(test_data: Path) -> None:
    models = expected(test_data)
    assert len(models) == 27

    found, wanted = {}, {}
    for model in models:
        made = declared(Document("expected", model)).classification()
        name, said = model["release"]["name"], model["classification"]
        found[name] = (made.class_, progress(made))
        wanted[name] = (
            said["class"],
            {k: round(v, 6) for k, v in sorted(said["progress"].items(), reverse=True)},
        )
    assert found == wanted


def test_the_files_of_the_tool_are_read_as_its_expected_results_say(test_data: Path) -> None:
    wanted = {
        shape(model["release"]["name"]): (
            model["classification"]["class"],
            round(model["classification"]["progress"]["3"]),
        )
        for model in expected(test_data)
    }
    folder = test_data / "openness/mot/test_models"
    read = {
        shape(path.name): load_mof_yaml(path).classification()
        for path in sorted(folder.glob("*.yml"))
        if path.name != "Components.yml"
    }
    assert {name: (made.class_, round(made.progress[3])) for name, made in read.items()} == wanted


def test_the_components_are_those_of_the_tools_settings(test_data: Path) -> None:
    from ruamel.yaml import YAML

    settings = YAML(typ="safe").load((test_data / "openness/mot/mof.settings.yml").read_text("utf-8"))
    assert {
        (c.number, c.title.en, c.type, c.framework_class, c.required) for c in framework().components
    } == {(c["id"], c["name"], c["content_type"], c["class"], c["required"]) for c in settings["components"]}


def test_the_licences_that_suit_a_type_are_those_of_the_tools_list(test_data: Path) -> None:
    listed = json.loads((test_data / "openness/mot/mof-licenses.json").read_text("utf-8"))["licenses"]
    wanted = {
        (entry["licenseId"], type_)
        for entry in listed
        for type_ in (
            [entry["ContentType"]] if isinstance(entry["ContentType"], str) else entry["ContentType"]
        )
    }
    names = {entry["licenseId"] for entry in listed}
    types: tuple[ComponentType, ...] = ("code", "data", "document")
    assert {(name, type_) for name in names for type_ in types if suits(name, type_)} == wanted


def test_a_class_asks_for_what_the_classes_below_it_ask_for() -> None:
    assert [len(framework().required(class_)) for class_ in (3, 2, 1)] == [6, 10, 14]
    complete = count(ALL)
    assert (complete.class_, complete.progress) == (1, {3: 100.0, 2: 100.0, 1: 100.0})


@pytest.mark.parametrize("name", sorted(ALL))
def test_without_one_required_component_the_class_drops_to_the_one_below_that_needs_it(name: str) -> None:
    found = count(ALL - {name})
    below = {1: 2, 2: 3, 3: 0}[BY_ID[name].framework_class]
    if name == "technical-report":
        assert (found.class_, found.stands_in) == (1, {"technical-report": "research-paper"})
        assert found.progress == {3: 100.0, 2: 100.0, 1: 100.0}
    else:
        assert (found.class_, found.stands_in) == (below, {})
        assert found.missing[BY_ID[name].framework_class] == (name,)


def test_report_and_paper_cannot_both_be_missing() -> None:
    found = count(ALL - {"technical-report", "research-paper"})
    assert (found.class_, found.missing[3]) == (0, ("technical-report",))
    assert round(found.progress[3], 2) == 83.33


def test_a_licence_is_that_of_the_component_else_of_its_type_else_of_the_distribution() -> None:
    data = BY_ID["datasets"]
    overall = {"data": "cc0-1.0", "distribution": "apache-2.0"}
    assert [
        resolve(data, "MIT", overall),
        resolve(data, None, overall),
        resolve(BY_ID["model-card"], None, overall),
        resolve(data, None, {}),
        resolve(data, "License not specified", overall),
        resolve(data, "ODC-PDDL-1.0", {}),
    ] == ["MIT", "CC0-1.0", "Apache-2.0", "unlicensed", "unlicensed", "PDDL-1.0"]


def test_open_is_decided_by_the_licence_and_not_by_its_name() -> None:
    names = [
        "apache-2.0",
        "PDDL-1.0",
        "ODC-PDDL-1.0",
        "OpenMDW-1.0",
        "CC-BY-NC-4.0",
        "unlicensed",
        "bsd",
        "openrail",
    ]
    assert [name for name in names if is_open(name)] == [
        "apache-2.0",
        "PDDL-1.0",
        "ODC-PDDL-1.0",
        "OpenMDW-1.0",
    ]


def test_an_open_licence_that_does_not_suit_the_type_is_a_warning_and_counts() -> None:
    from qistas.evaluations.openness.framework_rules import classify

    found = classify(dict.fromkeys(ALL, "Apache-2.0"))
    assert (found.class_, found.unsuited) == (
        1,
        tuple(name for name in BY_ID if name in ALL and BY_ID[name].type == "data"),
    )


TEXT = """
release:
  name: small
  license: {distribution: {name: MIT}, data: {name: null}}
  components:
    - {name: Model card, license: " "}
    - {name: datasets, license: Component not included}
    - {name: Research paper, license: CC-BY-4.0}
"""


def test_a_component_that_is_not_included_is_not_there() -> None:
    found = read_mof_yaml("small.yml", TEXT)
    assert found.components == {"model-card": None, "research-paper": "CC-BY-4.0"}
    assert found.licences() == {"model-card": "MIT", "research-paper": "CC-BY-4.0"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a list\n", ["x.yml: this is no release of the framework"]),
        ("release: {components: 3}\n", ["x.yml:1: 'components' is no list"]),
        (
            "release:\n  components:\n    - {name: Moonlight}\n    - Sun\n",
            [
                "x.yml:3: the framework knows no component 'Moonlight'",
                "x.yml:4: the framework knows no component 'Sun'",
            ],
        ),
        ("a: 1\na: 2\n", ["x.yml:2: "]),
    ],
)
def test_every_fault_of_a_file_is_said_with_its_line(text: str, said: list[str]) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read_mof_yaml("x.yml", text)
    faults = [f"{fault.where}: {fault.message}" for fault in caught.value.faults]
    assert [found.startswith(wanted) for found, wanted in zip(faults, said, strict=True)] == [True] * len(
        said
    )
