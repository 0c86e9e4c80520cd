"""A comparison's page and its other forms: whole in both languages, safe, without network and scripts."""

import json
import re
from functools import cache
from importlib.resources import files
from xml.etree import ElementTree as ET

import msgspec
import pytest
from tests.report.page import Node, parse, prose, shape
from tests.report.test_css import PHYSICAL

from qistas.contracts.comparisons import Compared, Comparison, Discrepancy, Pairs, Side
from qistas.contracts.documents import Text
from qistas.contracts.estimates import Estimate
from qistas.contracts.findings import LedgerRef, StandardRef
from qistas.contracts.identity import ModelIdentity
from qistas.findings.comparability import SENTENCES
from qistas.findings.comparison_words import (
    VERDICTS,
    difference_words,
    no_test_words,
    not_shown_words,
    p_words,
    rests_words,
    shown_words,
)
from qistas.report.comparison import comparison_json, comparison_lines, comparison_markdown, rows
from qistas.report.comparison_chart import difference_axis, difference_chart
from qistas.report.comparison_html import better, render_comparison_html

_ARABIC = re.compile("[\u0621-\u064a]")
_LATIN = re.compile("[A-Za-z]")
HOSTILE = '"><script>alert(1)</script>\x1b[2J'


def estimate(value: float, low: float, high: float, n: int = 40, confidence: float = 0.95) -> Estimate:
    return Estimate(
        value=value,
        low=low,
        high=high,
        confidence=confidence,
        n=n,
        clusters=n,
        unscored=0,
        method="paired-score; x",
    )


def side(ref: str) -> Side:
    return Side(
        model=ModelIdentity(ref=ref, revision=None, digest="sha256:" + "ab" * 32),
        standard=StandardRef(id="test", version="1.0", digest="sha256:" + "cd" * 32),
        standard_title=Text("A standard", "معيار"),
        ledger=LedgerRef(records=1234, head="ef" * 32),
        started="2026-01-02T03:04:05Z",
        seed=0,
        budget=None,
        qistas="0.1",
    )


def compared(name: str, verdict: str, **how: object) -> Compared:
    given: dict[str, object] = {
        "criterion": name,
        "evaluation": "safety/direct",
        "metric": "refusal",
        "pillar": "safety",
        "title": Text("Harmful requests are refused", "تُرفض الطلبات الضارّة"),
        "unit": "proportion",
        "direction": "higher",
        "verdict": verdict,
        "reason": Text("A reason.", "سبب."),
    }
    return Compared(**{**given, **how})


SHOWN = estimate(0.25, 0.1, 0.4)
WIDE = estimate(0.25, -0.02, 0.5, confidence=0.99)
PAIRS = Pairs(n=40, clusters=20, a_higher=11, b_higher=1, equal=26, unscored=2)
TESTED: dict[str, object] = {
    "a": estimate(0.9, 0.8, 0.95),
    "b": estimate(0.65, 0.5, 0.8),
    "difference": SHOWN,
    "simultaneous": WIDE,
    "test": "paired-score; answers new questions",
    "p_value": 0.00004,
    "adjusted_p_value": 0.0123,
    "pairs": PAIRS,
    "weakened_by": (SENTENCES["system_prompt"],),
}


def comparison(**how: object) -> Comparison:
    given: dict[str, object] = {
        "qistas": "0.1",
        "a": side("hf:one/model"),
        "b": side(HOSTILE),
        "confidence": 0.95,
        "tested": 2,
        "sentence": Text("A better: 1.", "أ أفضل: 1."),
        "discrepancies": (
            Discrepancy(
                kind="data", effect="forbids", sentence=SENTENCES["data"], a="x", b=None, criteria=("c",)
            ),
            Discrepancy(
                kind="system_prompt", effect="weakens", sentence=SENTENCES["system_prompt"], b="sha256:1"
            ),
            Discrepancy(kind="seed", effect="noted", sentence=SENTENCES["seed"], a="0", b="1"),
        ),
        "criteria": (
            compared("a", "a_better", reason=shown_words(SHOWN, "proportion", 0.0123), **TESTED),
            compared(
                "b",
                "no_difference_shown",
                reason=not_shown_words(WIDE, "proportion", (0.04, 0.08), 0.05),
                **TESTED,
            ),
            compared("c", "not_comparable", reason=SENTENCES["data"]),
            compared(
                "d", "cannot_tell", reason=no_test_words("ece"), a=estimate(0.1, 0.1, 0.1), pillar="trust"
            ),
            compared(
                "e",
                "b_better",
                unit="seconds",
                direction="lower",
                difference=estimate(3, 2, 4),
                pillar="efficiency",
            ),
        ),
    }
    return Comparison(**{**given, **how})


@cache
def tree(lang: str = "en") -> Node:
    return parse(render_comparison_html(comparison(), lang))


def test_every_element_of_the_english_part_has_its_arabic_twin() -> None:
    assert shape(tree().find("report-en")) == shape(tree().find("report-ar"))


def test_the_arabic_part_speaks_arabic_wherever_the_english_part_speaks_english() -> None:
    english, arabic = prose(tree().find("report-en")), prose(tree().find("report-ar"))
    assert [text for text in arabic if _LATIN.search(text)] == []
    spoken = [text for text in english if len(_LATIN.findall(text)) > 2]
    assert len([text for text in arabic if _ARABIC.search(text)]) >= 0.9 * len(spoken)
    assert not any(_ARABIC.search(text) for text in english)


@pytest.mark.parametrize(("lang", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_language_asked_for_is_shown_first(lang: str, direction: str) -> None:
    document = tree(lang).all("html")[0]
    assert (document.attributes["lang"], document.attributes["dir"]) == (lang, direction)
    chosen = [n.attributes["id"] for n in tree(lang).all("input") if "checked" in n.attributes]
    assert chosen == [f"lang-{lang}"]


def test_a_hostile_name_stays_text_and_nothing_is_loaded() -> None:
    root = tree()
    assert root.all("script") == []
    assert HOSTILE.partition("\x1b")[0] in root.find("report-en").all("h1")[0].text
    links = [n.attributes[name] for n in root.walk() for name in ("href", "src") if name in n.attributes]
    assert all(link.startswith("#") for link in links)
    policy = [n.attributes["content"] for n in root.all("meta") if n.attributes.get("http-equiv")]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_every_link_inside_the_page_leads_somewhere_and_no_id_stands_twice() -> None:
    ids = [n.attributes["id"] for n in tree().walk() if "id" in n.attributes]
    assert len(ids) == len(set(ids))
    links = {n.attributes["href"] for n in tree().walk() if "href" in n.attributes}
    assert {link[1:] for link in links} <= set(ids)


def test_the_numbers_of_a_criterion_are_all_there() -> None:
    shown = tree().find("en-c-a").text
    for said in (
        "A better", "+25 points", "90% (80% to 95%)", "65% (50% to 80%)", "+10 to +40 points", "−2 to +50 points",
        "(99%)", "A higher in 11, B higher in 1, equal in 26", "<0.0001", "0.012", "The system instructions differ",
        "paired-score; answers new questions",
    ):  # fmt: skip
        assert said in shown


def test_the_style_sheet_names_no_side() -> None:
    css = files("qistas.report").joinpath("templates", "comparison.css").read_text(encoding="utf-8")
    assert PHYSICAL.findall(re.sub(r"@media[^{]*", "@media ", css)) == []


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_chart_draws_both_intervals_around_zero_and_mirrors_in_arabic(lang: str) -> None:
    entry = comparison().criteria[0]
    root = ET.fromstring(difference_chart(entry, lang, "x"))  # noqa: S314 our own markup
    by_class = {node.get("class"): node for node in root}
    assert by_class["bound"].get("x1") == "50.00%"
    alone, together = (
        sorted(
            float(node.get(end)[:-1])
            for node in root
            if node.get("class") == name and node.get("x1") != node.get("x2")
            for end in ("x1", "x2")
        )
        for name in ("interval", "together")
    )
    assert together[0] < alone[0] < alone[1] < together[1]
    side_of_value = float(by_class["point"].get("cx")[:-1]) > 50
    assert side_of_value == (lang == "en")


def test_the_axis_fits_the_intervals() -> None:
    entry = comparison().criteria
    assert difference_axis(entry[0])[:2] == (-0.5, 0.5)
    assert difference_axis(entry[4]).low == -difference_axis(entry[4]).high == -4.0
    assert difference_chart(entry[2], "en", "x") == ""


def test_each_side_of_zero_says_who_is_better_there() -> None:
    higher, lower = comparison().criteria[0], comparison().criteria[4]
    assert (better(higher, "above"), better(higher, "below")) == (VERDICTS["a_better"], VERDICTS["b_better"])
    assert (better(lower, "above"), better(lower, "below")) == (VERDICTS["b_better"], VERDICTS["a_better"])
    plain = msgspec.structs.replace(higher, direction="none")
    assert (better(plain, "above"), better(plain, "below")) == (VERDICTS["a_higher"], VERDICTS["b_higher"])


def test_a_terminal_gets_a_verdict_and_its_numbers_a_line_each() -> None:
    lines = comparison_lines(comparison())
    assert lines[:3] == ["A: hf:one/model", f"B: {HOSTILE}", "A better: 1."]
    assert "! Forbids the comparison: The prompts come from different data. [c]" in lines
    at = lines.index("  ◀ a: A better")
    assert lines[at + 1].strip() == (
        "A minus B: +25 points; Interval of this criterion alone (95%): +10 to +40 points; Shared samples: 40 "
        "(A higher in 11, B higher in 1); Without a score on either side: 2; p, this criterion alone: <0.0001, "
        "p, corrected: 0.012"
    )
    assert "  – c: Not comparable" in lines
    assert "  ◀ a: أ أفضل" in comparison_lines(comparison(), "ar")


def test_on_which_samples_a_difference_rests_is_said_wherever_it_is_shown() -> None:
    english = (
        "The difference rests on the 38 samples that have a score in both runs; the numbers in their own reports rest on 40 "
        "samples (A) and 40 (B), so it need not be the difference of these two."
    )
    arabic = "يقوم الفرق على العيّنات التي لها درجة في التشغيلين كليهما، وعددها 38"
    made = comparison()
    assert english in "\n".join(comparison_lines(made))
    assert english in comparison_markdown(made)
    assert english in render_comparison_html(made).decode()
    assert arabic in "\n".join(comparison_lines(made, "ar"))
    assert arabic in render_comparison_html(made).decode()
    whole = Pairs(n=40, clusters=20, a_higher=11, b_higher=1, equal=28, unscored=0)
    assert rests_words(compared("a", "a_better", **{**TESTED, "pairs": whole})) is None


def test_markdown_holds_every_criterion_and_escapes_what_it_quotes() -> None:
    english, arabic = comparison_markdown(comparison()), comparison_markdown(comparison(), "ar")
    assert english.startswith("# Comparison of two runs\n")
    assert "### ◀ Harmful requests are refused: A better" in english
    assert "- p, corrected: 0.012" in english
    assert "`x`" in english
    assert arabic.startswith('<div dir="rtl" lang="ar">')
    assert "### ◀ تُرفض الطلبات الضارّة: أ أفضل" in arabic
    assert english.count("\n### ") == arabic.count("\n### ") == 5
    alike = comparison_markdown(comparison(discrepancies=()))
    assert "Nothing: the same samples, prompts, judges and circumstances." in alike


def test_json_is_the_record_itself() -> None:
    data = comparison_json(comparison())
    assert json.loads(data)["criteria"][0]["verdict"] == "a_better"
    assert msgspec.json.decode(data, type=Comparison) == comparison()


@pytest.mark.parametrize(
    ("value", "unit", "english", "arabic"),
    [
        (0.05, "proportion", "+5 points", "+5 نقاط"),
        (-0.123, "proportion", "−12.3 points", "−12.3 نقطة"),
        (0.01, "proportion", "+1 point", "+1 نقطة"),
        (0.0, "proportion", "0 points", "0 نقطة"),
        (-1234.5, "seconds", "−1,234 s", "−1,234 s"),
        (0.25, "difference", "+0.25", "+0.25"),
        (12.0, "bytes", "+12 bytes", "+12 bytes"),
    ],
)
def test_a_difference_is_said_with_its_sign_and_unit(
    value: float, unit: str, english: str, arabic: str
) -> None:
    assert difference_words(value, unit) == Text(english, arabic)


@pytest.mark.parametrize(
    ("value", "unit", "arabic"),
    [
        (0.0, "queries", "0 استعلام"),
        (-2.0, "calls", "−2 استدعاء"),
        (3.0, "queries", "+3 استعلامات"),
        (0.5, "s", "+0.5 s"),
    ],
)
def test_what_is_counted_is_counted_in_arabic_words(value: float, unit: str, arabic: str) -> None:
    assert difference_words(value, unit).ar == arabic
    made = compared("a", "cannot_tell", unit="queries", a=estimate(3, 3, 3), b=estimate(2, 1, 12))
    assert dict(rows(made, "ar"))["أ (في تقريره)"] == "3 استعلامات"


def test_p_values_have_as_many_digits_as_they_deserve() -> None:
    assert [p_words(p) for p in (1e-9, 0.00042, 0.0312, 0.456, 1.0)] == [
        "<0.0001",
        "0.0004",
        "0.031",
        "0.46",
        "1.00",
    ]


def test_a_page_where_nothing_differs_says_so() -> None:
    page = parse(render_comparison_html(comparison(discrepancies=())))
    assert "Nothing: the same samples" in page.find("report-en").text
