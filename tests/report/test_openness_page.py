"""What the page on openness says of dimensions that cannot be judged, prose that was not read, and costs."""

from __future__ import annotations

from importlib.resources import files

import msgspec
from tests.fakes.assessments import both, cost, full_assessment
from tests.report.page import Node, parse

from qistas.contracts.openness import CostStatement, Quote, UnreadPage
from qistas.report.openness_html import render_openness_html
from qistas.report.openness_markdown import openness_markdown
from qistas.report.openness_page import columns, licence_name, rows
from qistas.report.openness_terminal import openness_lines


def tree() -> Node:
    return parse(render_openness_html([full_assessment(), full_assessment()]))


def texts(node: Node, lang: str) -> list[str]:
    return [one.text.strip() for one in node.all("span") if one.attributes.get("lang") == lang]


def test_what_is_never_judged_from_repository_text_stands_last_and_folded() -> None:
    table = tree().find("comparison-table")
    folded = [n for n in table.walk() if "unjudged" in (n.attributes.get("class") or "").split()]
    assert [n.tag for n in folded] == ["th", "th", "td", "td"]
    assert texts(folded[0], "en") == ["Not judged from repository text"]
    assert [texts(row, "en")[-1] for row in table.all("thead")[0].all("tr")] == [
        "Not judged from repository text",
        "Peer-reviewed paper",
    ]
    switch = next(n for n in tree().walk() if n.attributes.get("id") == "unjudged")
    assert (switch.tag, switch.attributes["type"], "checked" in switch.attributes) == (
        "input",
        "checkbox",
        False,
    )
    css = files("qistas.report").joinpath("templates", "openness.css").read_text(encoding="utf-8")
    assert "#comparison-table .unjudged { display: none; }" in css
    assert "#unjudged:checked ~ .scroller .unjudged { display: table-cell; }" in css
    entry = tree().find("r1-eu-paper")
    assert entry.under({"details"})
    one = full_assessment()
    judged = msgspec.structs.replace(one.projections, eu={"modelcard": one.projections.eu["modelcard"]})
    page = parse(render_openness_html([msgspec.structs.replace(one, projections=judged)]))
    assert [n for n in page.walk() if n.attributes.get("id") == "unjudged"] == []


def test_prose_that_was_not_read_and_words_of_a_known_licence_text_are_said_so() -> None:
    known = Quote(file="licence text of CC-BY-NC-4.0", line=151, quote="x", origin="some/facts.json")
    one = full_assessment()
    made = msgspec.structs.replace(
        one,
        unread=(UnreadPage(file="b.md", language="zh-Hant", share=0.9, lines=(1, 5)),),
        lineage=msgspec.structs.replace(
            one.lineage, conflicts=(msgspec.structs.replace(one.lineage.conflicts[0], clauses=(known,)),)
        ),
    )
    section = parse(render_openness_html([made])).find("r1").text
    assert "90% of the prose of b.md (lines 1 to 5) is in Chinese" in section
    assert "نصّ الترخيص" in section
    assert "licence text of" not in section
    for lang, says in (("en", "text of the licence CC-BY-NC-4.0, line 151"), ("ar", "نصّ الترخيص")):
        written = openness_markdown([made], lang)  # type: ignore[arg-type]
        assert says in written
        assert "licence text of" not in written


def test_an_unread_cost_is_no_undisclosed_one() -> None:
    one = full_assessment()
    costs = {"energy": cost(value="unread"), "money": cost(quantity="money")}
    made = msgspec.structs.replace(one, training_cost=costs)
    cells = {
        column.id: cell for column, cell in zip(columns([made]), rows([made])[0].cells, strict=True) if cell
    }

    assert (cells["cost"].label.en, cells["cost"].key) == ("not read", "")
    assert "- energy: ? not read. not said" in openness_markdown([made]).splitlines()
    assert "- money: ? undisclosed" in openness_markdown([made]).splitlines()


def test_a_licence_without_a_name_is_called_by_its_short_words_or_its_file() -> None:
    reading = msgspec.structs.replace(full_assessment().licences[0], id=None, place="card", file="README.md")

    assert licence_name(msgspec.structs.replace(reading, name="other")) == "other"
    assert licence_name(msgspec.structs.replace(reading, name="as said " * 9)) == "README.md"
    assert licence_name(msgspec.structs.replace(reading, name="x", place="text")) == "README.md"


def several(stated: int) -> tuple[CostStatement, ...]:
    return tuple(
        CostStatement(stated=f"{at} kWh", low=at, high=at, subject=f"Heron {at:g}B", scope="model")
        for at in map(float, range(1, stated + 1))
    )


def test_of_several_figures_the_interval_is_said_and_each_with_its_words() -> None:
    energy = cost(
        disclosed=True, low=1.0, high=6.0, value="stated", headline="per_model", stated="…",
        statements=several(6), reason=both("from the least to the greatest"),
    )  # fmt: skip
    made = msgspec.structs.replace(full_assessment(), training_cost={"energy": energy})
    lines = openness_lines([made])
    at = lines.index("    ● energy: 1 to 6 kWh. from the least to the greatest")

    assert lines[at + 1] == "          Heron 1B: “1.0 kWh”, that is 1 kWh"
    assert lines[at + 5] == "          … +2 (--explain training_cost.energy: all of them)"
    written = openness_markdown([made]).splitlines()
    assert "- energy: ● 1 to 6 kWh. from the least to the greatest" in written
    assert "  - Heron 6B: “6.0 kWh”, that is 6 kWh" in written
    entry = parse(render_openness_html([made])).find("r1-cost").text
    assert "Figure by figure" in entry
    assert "Heron 6B: “6.0 kWh”, that is 6 kWh" in entry


def test_several_kinds_of_hardware_without_a_number_are_said_by_why() -> None:
    kinds = tuple(
        CostStatement(stated=name, low=None, high=None, subject=None, scope="release") for name in ("A", "B")
    )
    hardware = cost(
        quantity="hardware", disclosed=True, headline="several", stated="A; B", statements=kinds,
        reason=both("two kinds"), unit="accelerator",
    )  # fmt: skip
    made = msgspec.structs.replace(full_assessment(), training_cost={"hardware": hardware})

    assert "    ● hardware: two kinds" in openness_lines([made])
    assert "          the release: “B”" in openness_lines([made])


def test_a_figure_that_is_the_headline_is_not_said_twice() -> None:
    figures = several(2)
    energy = cost(disclosed=True, low=1.0, high=1.0, stated="1.0 kWh", headline="release", statements=figures)
    made = msgspec.structs.replace(full_assessment(), training_cost={"energy": energy})

    lines = openness_lines([made])
    at = lines.index("Training cost disclosed")

    assert lines[at + 1 : at + 4] == [
        "    ● energy: “1.0 kWh”, that is 1 kWh",
        "          Heron 2B: “2.0 kWh”, that is 2 kWh",
        "",
    ]
