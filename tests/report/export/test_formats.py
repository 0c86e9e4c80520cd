"""Which formats there are, and what is said where there is nothing to write."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.fakes.assessments import full_assessment
from tests.fakes.exported import LISTING, assessed, of_run, run

from qistas.contracts.errors import BadInput
from qistas.contracts.findings import Report
from qistas.contracts.records import Answered
from qistas.report.export import OF_RELEASES, OF_RUNS
from qistas.report.export.formats import FORMATS, export_releases, export_run
from qistas.report.export.material import Material, material_of_run


def without_numbers(report: Report) -> Report:
    findings = tuple(
        msgspec.structs.replace(one, estimate=msgspec.structs.replace(one.estimate, value=None))
        for one in report.findings
    )
    return msgspec.structs.replace(report, findings=findings)


def test_the_names_that_commands_offer_are_those_that_can_be_written() -> None:
    assert tuple(FORMATS) == OF_RUNS
    assert {name for name, one in FORMATS.items() if not one.of_numbers} == set(OF_RELEASES)


@pytest.mark.parametrize("format_", OF_RUNS)
def test_a_run_with_its_release_is_written_in_every_format(format_: str) -> None:
    report, weighing = run()

    assert export_run(format_, report, weighing.reader, "en")


@pytest.mark.parametrize("format_", OF_RELEASES)
def test_a_release_is_written_in_its_formats(format_: str) -> None:
    assert export_releases(format_, [full_assessment()], "ar")


def test_another_format_is_refused_with_the_list() -> None:
    report, weighing = run()

    with pytest.raises(
        BadInput, match="nothing is written as 'xml' here → one of cyclonedx, spdx3, model-index"
    ):
        export_run("xml", report, weighing.reader, "en")
    with pytest.raises(
        BadInput, match="nothing is written as 'model-index' here → one of cyclonedx, spdx3, mof"
    ):
        export_releases("model-index", [full_assessment()], "en")


def test_a_ledger_without_a_release_has_no_class_of_openness() -> None:
    report, weighing = run(release=None)

    with pytest.raises(BadInput, match=r"the ledger holds no release.*qistas openness RELEASE --format"):
        export_run("mof", report, weighing.reader, "en")


@pytest.mark.parametrize("format_", ["model-index", "eval-results", "every-eval-ever"])
def test_a_run_without_numbers_is_no_collection_of_results(format_: str) -> None:
    report, weighing = run()

    with pytest.raises(BadInput, match="no criterion has a number"):
        export_run(format_, without_numbers(report), weighing.reader, "en")


def test_a_release_alone_holds_no_numbers() -> None:
    with pytest.raises(BadInput, match="nothing was measured here"):
        FORMATS["every-eval-ever"].write(Material(assessment=assessed()), "en")


@pytest.mark.parametrize("made", [[], [full_assessment(), assessed()]])
def test_a_document_about_one_release_is_not_made_of_another_number(made: list[Any]) -> None:
    with pytest.raises(BadInput, match=f"cyclonedx is about one release, and {len(made)} were given"):
        export_releases("cyclonedx", made, "en")


def test_the_openness_of_a_run_is_that_of_the_listing_in_its_ledger() -> None:
    report, weighing = run()
    rows = [
        (
            kind,
            name,
            msgspec.structs.replace(entry, response=LISTING)
            if isinstance(entry, Answered) and entry.response.__class__.__name__ == "ReleaseListing"
            else entry,
        )
        for kind, name, entry in weighing.reader.rows
    ]
    weighing.reader.replace(rows)
    made = material_of_run(report, weighing.reader).assessment

    assert made == msgspec.structs.replace(
        assessed(), release=assessed().release | {"read_on": report.run.started.partition("T")[0]}
    )


def test_a_listing_that_was_asked_for_and_never_came_is_none() -> None:
    report, weighing = run()
    rows = [row for row in weighing.reader.rows if row[0] != "response"]
    weighing.reader.replace(rows)

    assert material_of_run(report, weighing.reader).assessment is None


@pytest.mark.parametrize(
    ("source", "group", "name"),
    [
        ("hf:org/model@main", "org", "model"),
        ("hf:org/model", "org", "model"),
        ("sanja", None, "sanja"),
        ("example/model", None, "example/model"),
        ("/data/releases/model", None, "model"),
        ("../model/", None, "model"),
        ("C:\\data\\model", None, "model"),
        (".", None, "."),
    ],
)
def test_a_model_has_the_name_that_its_place_gives_it(source: str, group: str | None, name: str) -> None:
    release = assessed().release | {"source": source}
    material = Material(assessment=msgspec.structs.replace(assessed(), release=release))

    assert (material.group, material.name) == (group, name)


def test_the_weights_of_a_run_are_told_by_the_report_and_not_by_the_release() -> None:
    material = of_run()

    assert material.revision == "9f2c1b7a3d5e4f60718293a4b5c6d7e8f9012345"
    assert material.name == "very-long-model-name-8B-instruct"
