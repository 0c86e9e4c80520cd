"""Where nothing is required the numbers stand first, and nothing is said of standards, requirements or empty pillars."""

from __future__ import annotations

from functools import cache

from msgspec.structs import replace
from tests.fakes.weighing import CRITERIA, STANDARD, Weighing
from tests.report.page import Node, parse, shape

from qistas.contracts.findings import Report
from qistas.report.document import build_report
from qistas.report.html import render_html
from qistas.report.markdown import render_markdown


class Bare(Weighing):
    """The same run of one evaluation, of whose numbers nothing is required."""

    def __init__(self, standard: str = "bare") -> None:
        criteria = tuple(replace(c, requirement=None) for c in CRITERIA)
        super().__init__(standard=replace(STANDARD, id=standard, criteria=criteria))
        of = self.findings
        self.findings = tuple(
            replace(f, requirement=None, verdict="not_applicable" if f.estimate.estimable else f.verdict)
            for f in of
            if f.pillar == "safety"
        )


def report(standard: str = "bare") -> Report:
    weighing = Bare(standard)
    return build_report(weighing.reader, weighing.findings)


@cache
def page() -> Node:
    weighing = Bare()
    return parse(render_html(report(), weighing.reader))


def test_the_first_table_holds_the_numbers_and_no_other_pillar() -> None:
    table = page().find("en-findings")
    made = report()
    for explanation in made.summary.explanations:
        assert explanation.amount is not None
        assert explanation.amount.en in table.text
    for absent in ("Openness", "Efficiency", "Not applicable"):
        assert absent not in table.text
    assert "الأرقام" in page().find("ar-findings").text
    assert shape(page().find("report-en")) == shape(page().find("report-ar"))


def test_no_standard_is_named_where_none_was_applied() -> None:
    assert report().summary.sentence.en.startswith("No standard was applied")
    assert "bare 1" not in page().text
    assert "bare 1" not in render_markdown(report())
    assert "What was measured" in render_markdown(report())
    assert "## The numbers" in render_markdown(report())
    assert "## الأرقام" in render_markdown(report(), "ar")


def test_a_published_standard_that_requires_nothing_is_named_as_that() -> None:
    made = report("open")
    assert made.summary.sentence.en == (
        f"The standard open {STANDARD.version} requires nothing: the numbers are shown without a verdict."
    )
    assert "open 1" in render_markdown(made)


def test_no_sample_goes_against_a_requirement_that_is_not_there() -> None:
    assert "gainst the requirement" not in page().text
    assert "بخلاف المطلوب" not in page().text
    assert "On the worse side" in page().text
