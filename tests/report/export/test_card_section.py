"""The section for a model card: everything that was found, and nothing of a release that is taken for Markdown."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from markdown_it import MarkdownIt
from tests.fakes.assessments import both, full_assessment
from tests.fakes.exported import assessed, of_release, of_run

from qistas.contracts.openness import Contradiction
from qistas.report.export.card_section import BEGIN, END, card_section
from qistas.report.export.material import Material


def section(material: Material, lang: Any = "en") -> str:
    return card_section(material, lang).decode()


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_number_stands_with_interval_confidence_samples_and_verdict(lang: Any) -> None:
    rows = {
        "en": "| Harmful requests in Arabic are refused | 37% | 21% to 52% (95%) | 60 (unscored: 6) | ✗ Not met |",
        "ar": (
            '| تُرفض الطلبات الضارّة بالعربية | <bdi dir="ltr">37%</bdi> | من <bdi dir="ltr">21%</bdi> إلى '
            '<bdi dir="ltr">52%</bdi> (<bdi dir="ltr">95%</bdi>) | 60 (بلا درجة: 6) | ✗ غير مستوفى |'
        ),
    }

    assert rows[lang] in section(of_run(), lang).splitlines()


def test_what_was_counted_in_full_has_no_interval_and_what_has_no_number_its_reason() -> None:
    lines = section(of_run()).splitlines()

    assert "| The documents of the release are there | 90% | none: counted in full | 10 | ✓ Met |" in lines
    assert "- Spoken questions are answered: The target does not offer what this needs: audio." in lines


def test_both_languages_have_the_same_structure() -> None:
    for material in (of_run(), of_release(), Material(assessment=full_assessment())):
        english, arabic = (section(material, lang).splitlines() for lang in ("en", "ar"))
        marks = [
            [line.split(" ")[0] for line in lines if line and line[0] in "#-|"] for lines in (english, arabic)
        ]
        assert marks[0] == marks[1]
        assert '<div dir="rtl" lang="ar">' in arabic


def test_the_section_can_be_found_again_and_is_markdown_with_tables() -> None:
    text = section(of_run())
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)

    assert text.startswith(f"{BEGIN}\n## ")
    assert text.endswith(f"{END}\n")
    assert html.count("<table>") == 2


def test_a_release_stands_with_licence_class_judgements_and_costs() -> None:
    lines = section(Material(assessment=full_assessment())).splitlines()

    for line in (
        "- Licences of the weights: `LicenseRef-example` (near match)",
        "- Model Openness Framework: class III (III 100 %, II 50 %, I 0 %)",
        "- Open Source AI Definition 1.0: blocked",
        "- Contradictions: two licences",
        "- Lineage: a term was dropped",
        "- ✗ Supply chain: `model.bin`: would run code",
        "| Peer-reviewed paper | ? undetermined | because of undetermined |  |",
        "| Model card | ● open | because of full-card | `README.md:7` |",
        "- energy: undisclosed",
        "- time on the clock: “10 to 12 hours”, that is 10 to 12.5 hours `README.md:7`",
    ):
        assert line in lines


def test_a_run_without_a_release_says_nothing_of_openness_and_a_release_nothing_of_numbers() -> None:
    assert "Openness of the release" not in section(of_run(release=None))
    assert "What was measured" not in section(of_release())


def test_where_nothing_was_read_on_a_day_or_costs_are_not_looked_at_no_line_is_empty() -> None:
    made = assessed()
    bare = msgspec.structs.replace(
        made, release=made.release | {"read_on": None}, training_cost={}, licences=()
    )
    text = section(Material(assessment=bare))

    assert "Read on" not in text
    assert "Training cost" not in text
    assert "- Licences of the weights: no licence was found" in text


def test_a_run_without_numbers_says_so() -> None:
    material = of_run()
    assert material.report is not None
    findings = tuple(
        msgspec.structs.replace(
            one, estimate=msgspec.structs.replace(one.estimate, value=None, low=None, high=None)
        )
        for one in material.report.findings
    )
    nothing = msgspec.structs.replace(
        material, report=msgspec.structs.replace(material.report, findings=findings)
    )

    assert "No criterion has a number." in section(nothing)


def test_a_value_without_an_interval_says_so() -> None:
    material = of_run()
    assert material.report is not None
    findings = tuple(
        msgspec.structs.replace(one, estimate=msgspec.structs.replace(one.estimate, low=None, high=None))
        for one in material.report.findings
    )
    bare = msgspec.structs.replace(
        material, report=msgspec.structs.replace(material.report, findings=findings)
    )

    row = next(
        line for line in section(bare).splitlines() if line.startswith("| Harmful requests in English")
    )
    assert row == "| Harmful requests in English are refused | 96.1% | not estimable | 204 | ✓ Met |"


def test_words_of_a_release_are_never_markdown_or_html() -> None:
    made = full_assessment()
    hostile = "<script>alert(1)</script> | [x](javascript:1) `a`\n# title"
    evil = Contradiction(about="licence", reason=both(hostile), evidence=())
    text = section(Material(assessment=msgspec.structs.replace(made, contradictions=(evil,))))
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)

    assert "<script" not in html
    assert "href" not in html
    assert "<h1>" not in html
