"""The Open Source AI Definition blocks a release for reasons that are quoted, and nothing is called compliant."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from ruamel.yaml import YAML
from tests.evaluations.openness.test_framework import listing, reading, without

from qistas.contracts.exchanges import ReleaseListing
from qistas.contracts.openness import ClauseFact, Effect, LicenceReading, OsaidProjection, Quote
from qistas.evaluations.openness.clauses import Book
from qistas.evaluations.openness.framework import mof
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.osaid import osaid
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.reference import sanja_path
from qistas.targets.release import FolderRelease

FOLDER = Path("src/qistas/evaluations/openness")


@pytest.fixture(scope="module")
def sanja() -> ReleaseListing:
    return FolderRelease(sanja_path("sanja"), source="sanja", revision=None).listing()


def projected(made: ReleaseListing, *readings: LicenceReading) -> OsaidProjection:
    return osaid(ReleaseRecord(made, readings or read_licences(ReleaseRecord(made))))


def values(found: OsaidProjection) -> dict[str, tuple[str, str]]:
    return {name: (part.value, part.rule) for name, part in found.parts.items()}


def with_clause(fact: str, value: str | int | bool) -> LicenceReading:
    clause = ClauseFact(
        fact=fact, value=value, quote=f"words of {fact}", file="LICENSE", line=7, digest="sha256:0"
    )
    return msgspec.structs.replace(reading("LICENSE", "LicenseRef-x", open_=False), clauses=(clause,))


def test_nothing_blocks_sanja(sanja: ReleaseListing) -> None:
    found = projected(sanja)
    assert (found.verdict, found.blockers) == ("not_blocked", ())
    assert values(found) == {
        "data_information": ("not_blocked", "data-and-card"),
        "code": ("not_blocked", "code-open"),
        "parameters": ("not_blocked", "parameters-open"),
        **dict.fromkeys(("use", "study", "modify", "share"), ("not_blocked", "open-licence")),
    }
    assert all(part.evidence for part in found.parts.values())


def test_what_is_not_there_does_not_block(sanja: ReleaseListing) -> None:
    code = projected(without(sanja, ["train.py"]))
    assert (code.verdict, code.blockers, code.parts["code"].value) == ("undetermined", (), "undetermined")
    card = projected(without(sanja, ["DATA_CARD.md", "DATA_CARD.ar.md"]))
    assert (card.verdict, card.parts["data_information"].value) == ("undetermined", "undetermined")


def test_without_the_licence_of_the_code_sanja_is_blocked(sanja: ReleaseListing) -> None:
    found = projected(without(sanja, ["LICENSE"]))
    assert found.verdict == "blocked"
    assert [part.rule for part in found.blockers] == ["code-not-open", "parameters-not-open"]


@pytest.mark.parametrize(
    ("fact", "value", "rules"),
    [
        (
            "non_commercial",
            True,
            {"use": "non-commercial", "modify": "non-commercial", "share": "non-commercial"},
        ),
        (
            "research_only",
            True,
            {"use": "non-commercial", "modify": "non-commercial", "share": "non-commercial"},
        ),
        ("field_of_use", True, {"use": "field-of-use", "modify": "field-of-use", "share": "field-of-use"}),
        ("acceptable_use", True, {"use": "field-of-use", "modify": "field-of-use", "share": "field-of-use"}),
        ("territory_exclusion", "European Union", {"use": "territory", "share": "territory"}),
        ("outputs_train_models", "forbidden", {"use": "outputs"}),
        ("outputs_train_models", "allowed_with_naming", {}),
        ("no_derivatives", True, {"modify": "no-derivatives", "share": "no-redistribution"}),
        ("no_redistribution", True, {"share": "no-redistribution"}),
        ("notice_duty", "text", {}),
    ],
)
def test_a_clause_that_limits_a_freedom_blocks_it_with_its_words(
    fact: str, value: str | int | bool, rules: dict[str, str]
) -> None:
    found = projected(listing({"README.md": "# M\n"}, "model.safetensors"), with_clause(fact, value))
    blocked = {name: part.rule for name, part in found.parts.items() if part.value == "blocked"}
    assert blocked == {"parameters": "parameters-not-open", **rules}
    quote = Quote(file="LICENSE", line=7, quote=f"words of {fact}", digest="sha256:0")
    assert [part.evidence for part in found.blockers if part.rule in rules.values()] == [(quote,)] * len(
        rules
    )


@pytest.mark.parametrize("fact", ["threshold_mau", "threshold_dau", "threshold_revenue_usd"])
@pytest.mark.parametrize(
    ("effect", "use"),
    [
        ("permission", ("blocked", "threshold-permission")),
        ("ends", ("blocked", "threshold-ends")),
        ("fee", ("blocked", "threshold-fee")),
        ("display", ("undetermined", "threshold-display")),
        (None, ("undetermined", "threshold-unread")),
    ],
)
def test_what_holds_beyond_a_threshold_decides_and_words_to_be_shown_are_no_permission(
    fact: str, effect: Effect | None, use: tuple[str, str]
) -> None:
    limited = with_clause(fact, 1_000_000)
    clauses = tuple(msgspec.structs.replace(clause, effect=effect) for clause in limited.clauses)
    found = projected(
        listing({"README.md": "# M\n"}, "model.safetensors"),
        msgspec.structs.replace(limited, clauses=clauses),
    ).parts["use"]

    assert (found.value, found.rule) == use
    assert [quote.quote for quote in found.evidence] == [f"words of {fact}"]
    if effect != "permission":
        assert not re.search(r"must be asked|ask permission", found.reason.en)
        assert "استئذان" not in found.reason.ar or "لا استئذان" in found.reason.ar


def test_words_to_be_shown_beyond_a_threshold_do_not_block_a_real_release(test_data: Path) -> None:
    made = FolderRelease(test_data / "openness/releases/kimi-k2.5", source="r", revision=None).listing()
    found = projected(made)

    assert found.verdict == "undetermined"
    assert (found.parts["use"].value, found.parts["use"].rule) == ("undetermined", "threshold-display")
    assert {quote.file for quote in found.parts["use"].evidence} == {"LICENSE"}


def test_a_release_that_only_names_its_parts_is_undetermined() -> None:
    found = projected(listing({"README.md": "# M\nA model.\n"}, whole=False), reading("LICENSE", "MIT"))
    assert (found.verdict, set(values(found).values())) == (
        "undetermined",
        {("undetermined", "undetermined")},
    )


def test_weights_that_the_text_withholds_block() -> None:
    text = "The model weights are not publicly available. The training data are not disclosed.\n"
    found = projected(listing({"README.md": text}), reading("LICENSE", "MIT"))
    assert [(part.rule, [quote.line for quote in part.evidence]) for part in found.blockers] == [
        ("not-described", [1]),
        ("parameters-withheld", [1]),
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("The training data have not been released.", "undetermined"),
        ("We do not disclose our training data.", "not-described"),
        ("The training data remain confidential.", "not-described"),
        ("بيانات التدريب غير معلنة.", "not-described"),
        ("بيانات التدريب غير منشورة.", "undetermined"),
        ("The training data are not limited to what is publicly disclosed.", "undetermined"),
        ("We removed private data from the training set.", "undetermined"),
    ],
)
def test_data_block_where_it_is_said_that_they_are_not_disclosed(text: str, rule: str) -> None:
    found = projected(listing({"README.md": f"{text}\n"}), reading("LICENSE", "MIT"))
    assert found.parts["data_information"].rule == rule


def test_a_blocker_says_which_part_it_blocks() -> None:
    found = projected(
        listing({"README.md": "# M\n"}, "model.safetensors"), with_clause("non_commercial", True)
    )
    assert [part.reason.en.partition(":")[0] for part in found.blockers] == [
        "Parameters",
        "Freedom to use",
        "Freedom to modify",
        "Freedom to share",
    ]
    assert found.blockers[1].reason.ar == "حرّية الاستعمال: يمنع أحد البنود الاستعمال التجاري."


def test_an_open_licence_that_osi_has_not_approved_is_said_to_be_one() -> None:
    files = ("train.py", "inference.py", "prepare_data.py", "modeling_sea.py", "model.safetensors")
    found = projected(listing({"README.md": "# M\n"}, *files), reading("LICENSE", "CC-BY-4.0"))
    assert found.verdict == "undetermined"
    assert {name: part for name, part in values(found).items() if name != "data_information"} == {
        "code": ("undetermined", "code-not-approved"),
        "parameters": ("undetermined", "parameters-not-approved"),
        **dict.fromkeys(("use", "study", "modify", "share"), ("not_blocked", "open-licence")),
    }


def test_the_projection_of_the_framework_is_taken_where_it_was_made(sanja: ReleaseListing) -> None:
    record = ReleaseRecord(sanja, read_licences(ReleaseRecord(sanja)))
    assert osaid(record, mof(record)) == osaid(record)


def test_every_clause_that_blocks_is_one_that_is_read(repo_root: Path) -> None:
    facts: set[str] = set()

    def collect(node: object) -> None:
        if isinstance(node, dict):
            if "clause" in node:
                facts.add(node["clause"]["fact"])
            for value in node.values():
                collect(value)
        elif isinstance(node, list):
            for value in node:
                collect(value)

    collect(YAML(typ="safe").load((repo_root / FOLDER / "osaid.yaml").read_text("utf-8")))
    book = YAML(typ="safe").load((repo_root / FOLDER / "clauses.yaml").read_text("utf-8"))
    assert facts <= {fact.id for fact in msgspec.convert(book, Book).facts}
    assert len(facts) == 11


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("llama-3.1", {"use": "field-of-use", "modify": "field-of-use", "share": "field-of-use"}),
        ("stable-diffusion-v1", {"use": "field-of-use", "modify": "field-of-use", "share": "field-of-use"}),
        ("dbrx", {"use": "field-of-use", "modify": "field-of-use", "share": "field-of-use"}),
    ],
)
def test_licences_with_limits_block_real_releases(test_data: Path, name: str, rules: dict[str, str]) -> None:
    made = FolderRelease(test_data / "openness/releases" / name, source=name, revision=None).listing()
    found = projected(made)
    freedoms = {
        key: part.rule for key, part in found.parts.items() if key in {"use", "study", "modify", "share"}
    }
    assert {key: rule for key, rule in freedoms.items() if rule != "undetermined"} == rules
    assert found.verdict == "blocked"
    assert all("LICENSE" in quote.file or "POLICY" in quote.file for quote in found.parts["use"].evidence)
