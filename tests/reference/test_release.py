"""The release folders are complete, openly licensed, and their own evaluation finds them so."""

from __future__ import annotations

import asyncio
import contextlib
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.fakes.subject import ScriptedSubject

from qistas.evaluations.cards import load_card
from qistas.evaluations.openness.documents import Documents
from qistas.evaluations.openness.licence import LicenceEvaluation
from qistas.evaluations.openness.licence_texts import identify
from qistas.reference import WEIGHTS, sanja_path
from qistas.reference.oracle import PlainOracle
from qistas.reference.planted import CONTROL, SANJA
from qistas.targets.release import FolderRelease

COMPONENTS = {
    "III": {
        "Model architecture", "Model parameters (final)", "Technical report", "Evaluation results", "Model card",
        "Data card", "Sample model outputs",
    },
    "II": {
        "Training code", "Inference code", "Evaluation code", "Evaluation data", "Supporting libraries and tools",
    },
    "I": {
        "Datasets", "Data preprocessing code", "Model parameters (intermediate)", "Research paper", "Model metadata",
    },
}  # fmt: skip
# Which licence suits what; weights are data, under the licence of the code that made them.
SUITABLE = {"code": {"Apache-2.0"}, "document": {"CC-BY-4.0"}, "data": {"CDLA-Permissive-2.0", "Apache-2.0"}}
MILESTONES = {f"checkpoint-{chunk:03d}.safetensors" for chunk in (16, 32, 48)}


def components(name: str) -> Any:
    return YAML(typ="safe").load((sanja_path(name) / "components.yaml").read_text(encoding="utf-8"))


def files(folder: Path) -> set[str]:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name for name in found if "__pycache__" not in name}


@pytest.mark.parametrize("name", WEIGHTS)
def test_all_seventeen_components_are_listed_each_under_an_open_licence_that_suits_it(name: str) -> None:
    said = components(name)
    listed = [(item["class"], item["component"]) for item in said["components"]]
    left_out = [item["component"] for item in said["does_not_apply"]]
    assert left_out == ([] if name == SANJA else ["Model parameters (intermediate)"])
    listed += [("I", component) for component in left_out]
    assert sorted(listed) == sorted(
        (grade, title) for grade, titles in COMPONENTS.items() for title in titles
    )
    assert [
        item["component"] for item in said["components"] if item["licence"] not in SUITABLE[item["type"]]
    ] == []


@pytest.mark.parametrize("name", WEIGHTS)
def test_every_path_of_a_component_is_there(name: str) -> None:
    paths = [path for item in components(name)["components"] for path in item["paths"]]
    assert [path for path in paths if not (sanja_path(name) / path).exists()] == []


@pytest.mark.parametrize("name", WEIGHTS)
def test_every_file_of_a_folder_belongs_to_a_component_or_is_a_licence(name: str) -> None:
    said = components(name)
    paths = {path for item in said["components"] for path in item["paths"]}
    known = paths | set(said["licences"].values())
    assert {file for file in files(sanja_path(name)) if not {file, file.split("/")[0]} & known} == set()


@pytest.mark.parametrize("name", WEIGHTS)
def test_each_licence_is_there_with_its_whole_text(name: str) -> None:
    for spdx, file in components(name)["licences"].items():
        found = identify((sanja_path(name) / file).read_text(encoding="utf-8"))
        assert found.licence is not None
        assert (found.licence.id, found.coverage) == (spdx, 1.0)


def test_weights_of_three_milestones_are_kept() -> None:
    folder = sanja_path(SANJA) / "intermediate"
    assert {path.name for path in folder.iterdir()} == MILESTONES


def observed(name: str, kind: Callable[..., Any], card: str) -> dict[str, dict[str, Any]]:
    evaluation = kind(load_card(card))
    subject = ScriptedSubject(release=FolderRelease(sanja_path(name), source=name, revision=None).listing())
    return {
        sample.id: dict(asyncio.run(evaluation.observe(sample, subject))) for sample in evaluation.samples([])
    }


def test_the_evaluation_of_documents_finds_every_component_of_sanja() -> None:
    found = observed(SANJA, Documents, "openness/documents")
    assert {name for name, values in found.items() if values != {"present": 1.0}} == set()


def test_the_evaluation_of_documents_misses_only_what_the_control_shares() -> None:
    found = observed(CONTROL, Documents, "openness/documents")
    assert {name for name, values in found.items() if values != {"present": 1.0}} == {
        "technical-report", "training-code", "inference-code", "evaluation-code", "evaluation-data",
        "supporting-tools", "data-code", "intermediate-weights",
    }  # fmt: skip


@pytest.mark.parametrize("name", WEIGHTS)
def test_the_evaluation_of_licences_finds_them_open_and_the_card_in_agreement(name: str) -> None:
    assert observed(name, LicenceEvaluation, "openness/licence") == {
        "licence-text": {"identified": 1.0, "open": 1.0},
        "other-texts": {},
        "card-field": {"identified": 1.0, "open": 1.0, "agrees": 1.0},
    }


def test_the_script_of_the_folder_gives_the_answers_of_the_weight() -> None:
    questions = ["Hello", "ما عاصمة اليابان؟"]
    script = runpy.run_path(str(sanja_path(SANJA) / "inference.py"))
    assert script["answers"](questions) == PlainOracle(sanja_path(SANJA)).answers(
        [[("user", question)] for question in questions]
    )


@pytest.mark.parametrize(
    ("script", "module"), [("train", "train"), ("prepare_data", "data"), ("evaluate", "measure")]
)
def test_the_other_scripts_lead_to_the_code_of_the_package(
    script: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(f"qistas.reference.{module}.main", lambda given: called.append(list(given)))
    monkeypatch.setattr("sys.argv", [script, "--out", "there"])
    with contextlib.suppress(SystemExit):
        runpy.run_path(str(sanja_path(SANJA) / f"{script}.py"), run_name="__main__")
    named = [] if script == "evaluate" else [SANJA]
    assert called == [[*named, "--out", "there"]]
