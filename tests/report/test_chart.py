"""The drawn interval."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import msgspec
import pytest
from tests.fakes.weighing import estimate, findings_of_weighing, header

from qistas.contracts.documents import Requirement, Text
from qistas.report.chart import axis_of, interval_chart
from qistas.report.document import explain

BY_ID = {finding.criterion: finding for finding in findings_of_weighing()}


def changed(identifier="safety.direct.en", **fields):
    return msgspec.structs.replace(BY_ID[identifier], **fields)


def drawn(finding, lang="en"):
    return ET.fromstring(interval_chart(finding, explain(finding, header()), lang, "x"))  # noqa: S314 our own markup


def places(svg, css, name):
    return [
        float(n.attrib[name].rstrip("%"))
        for n in svg.iter()
        if n.attrib.get("class") == css and name in n.attrib
    ]


def test_the_arabic_drawing_is_the_english_one_mirrored():
    english, arabic = drawn(BY_ID["safety.direct.ar"]), drawn(BY_ID["safety.direct.ar"], "ar")
    assert places(arabic, "point", "cx") == pytest.approx([100 - x for x in places(english, "point", "cx")])
    assert places(arabic, "interval", "x1") == pytest.approx(
        [100 - x for x in places(english, "interval", "x2")]
    )
    assert places(arabic, "bound", "x1") == pytest.approx([100 - x for x in places(english, "bound", "x1")])
    labels = [[n.text for n in svg.iter() if n.tag == "text"] for svg in (english, arabic)]
    assert labels[0] == labels[1] == ["0%", "25%", "50%", "75%", "100%"]


def test_it_describes_itself_in_words():
    svg = drawn(BY_ID["safety.direct.ar"])
    assert [n.text for n in svg if n.tag in ("title", "desc")] == [
        "Interval: Harmful requests in Arabic are refused",
        "about 37 in 100; likely 21 to 52. The shaded part satisfies the requirement: at least 90%.",
    ]
    assert svg.attrib["aria-labelledby"] == "x-title x-desc"


def test_the_shaded_part_is_what_satisfies_the_requirement():
    two_sided = drawn(BY_ID["trust.groups.en"])
    start, width = places(two_sided, "wanted", "x")[0], places(two_sided, "wanted", "width")[0]
    assert (start, start + width) == pytest.approx((5 + 90 * 0.35, 5 + 90 * 0.65), abs=0.02)
    assert len(places(two_sided, "bound", "x1")) == 2


def test_without_requirement_nothing_is_shaded():
    svg = drawn(BY_ID["efficiency.memory"])
    assert places(svg, "wanted", "x") == []
    assert [n.text for n in svg if n.tag == "desc"] == ["about 1.22 GB; likely 1.2 to 1.24 GB."]


def test_a_requirement_at_the_end_of_the_scale_is_still_seen():
    licence = changed(requirement=Requirement(at_least=1.0), estimate=estimate(1.0, 1.0, 1.0, 1, 1, "census"))
    for lang in ("en", "ar"):
        svg = drawn(licence, lang)
        start, width = places(svg, "wanted", "x")[0], places(svg, "wanted", "width")[0]
        assert width >= 0.6
        assert start >= 5 - 0.61
        assert start + width <= 95.01


@pytest.mark.parametrize(
    ("low", "high", "requirement", "window"),
    [
        (0.001, 0.012, Requirement(at_most=0.02), (0.0, 0.02)),
        (0.001, 0.03, Requirement(at_most=0.05), (0.0, 0.05)),
        (0.93, 0.99, Requirement(at_least=0.9), (0.9, 1.0)),
        (0.6, 0.8, None, (0.5, 1.0)),
        (0.3, 0.8, None, (0.0, 1.0)),
    ],
)
def test_the_scale_is_the_smallest_window_that_holds_all(low, high, requirement, window):
    finding = changed(requirement=requirement, estimate=estimate((low + high) / 2, low, high, 100, 100, "m"))
    axis = axis_of(finding)
    assert (axis.low, axis.high) == pytest.approx(window)


def test_a_physical_scale_starts_at_zero_and_has_round_ticks():
    axis = axis_of(BY_ID["efficiency.throughput"])
    assert (axis.low, axis.high) == (0.0, 60.0)
    assert axis.ticks == (0.0, 20.0, 40.0, 60.0)
    below = axis_of(changed("efficiency.throughput", estimate=estimate(-2.0, -4.0, 0.0, 5, 5, "m")))
    assert below.low <= -4.0
    nothing = axis_of(changed("efficiency.memory", estimate=estimate(0.0, 0.0, 0.0, 5, 5, "m")))
    assert nothing.high > nothing.low


def test_labels_carry_the_unit_only_where_it_is_short():
    speed = [n.text for n in drawn(BY_ID["efficiency.throughput"]).iter() if n.tag == "text"]
    memory = [n.text for n in drawn(BY_ID["efficiency.memory"]).iter() if n.tag == "text"]
    assert speed == ["0", "20", "40", "60"]
    assert memory == ["0 bytes", "500 MB", "1 GB", "1.5 GB"]


def test_no_number_no_drawing():
    finding = BY_ID["capability.audio"]
    assert interval_chart(finding, explain(finding, header()), "en", "x") == ""


def test_an_estimate_without_a_middle_is_drawn_as_a_bare_interval():
    number = msgspec.structs.replace(BY_ID["safety.direct.en"].estimate, value=None)
    svg = drawn(changed(estimate=number))
    assert places(svg, "point", "cx") == []
    assert len(places(svg, "interval", "x1")) == 1
    assert "anything from 91.3% to 98.2%" in next(n.text for n in svg if n.tag == "desc")


def test_titles_are_escaped():
    finding = changed(title=Text("<b>&", "<b>&"))
    markup = interval_chart(finding, explain(finding, header()), "en", "x")
    assert re.search("<title[^>]*>Interval: &lt;b&gt;&amp;</title>", markup)


@pytest.mark.parametrize(
    ("unit", "ends", "ticks"),
    [
        ("difference", (-0.08, 0.04), ["−0.1", "−0.05", "0", "+0.05", "+0.1"]),
        ("difference", (0.3, 0.9), ["−1", "−0.5", "0", "+0.5", "+1"]),
        ("score", (0.02, 0.09), ["0", "0.025", "0.05", "0.075", "0.1"]),
    ],
)
def test_a_difference_is_drawn_around_0_and_a_score_as_a_share_is(unit, ends, ticks):
    value = estimate(sum(ends) / 2, *ends, 200, 200, "x")
    svg = drawn(changed(unit=unit, estimate=value, requirement=None))
    assert [n.text for n in svg.iter() if n.tag == "text"] == ticks
