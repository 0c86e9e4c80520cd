"""A calibration run in words: tables, sentences, both languages."""

from __future__ import annotations

import msgspec
import pytest
from markdown_it import MarkdownIt
from tests.fakes.calibrated import calibration, claim, coverage, recovered
from tests.report.page import parse

from qistas.contracts.calibrations import Weight
from qistas.findings.recovery import (
    MOST_UNSCORED,
    TOLERANCE,
    WHOLE_TOLERANCE,
    WIDEST_COMPUTED,
    WIDEST_DIFFERENCE,
    WIDEST_HALF,
)
from qistas.report.calibration_markdown import calibration_markdown
from qistas.report.calibration_text import calibration_lines
from qistas.report.recovery import fault_sentences, interval, number, sides, verdict

replace = msgspec.structs.replace
GOOD = recovered(claim(0.05), yes=10)
MISSED = recovered(claim(0.05), yes=190)
ALARM = recovered(claim(0.95, weight="sanja-control"), yes=10)
WIDE = recovered(claim(0.5), yes=30, n=60)
SHORT = replace(GOOD, coverage=coverage(150, short=True))
UNSEEN = recovered(claim(0.48), yes=96)
NOTHING = recovered(claim(0.05), yes=0, n=3, missing=3)
SCORE = recovered(claim(0.25, unit="score", share=False, raised=None, threshold=None), yes=50)
UNSCORED = recovered(claim(0.05), yes=10, missing=12)
OFF = replace(GOOD, coverage=coverage(190, off=True))
ALL = (GOOD, MISSED, ALARM, WIDE, SHORT, UNSEEN, NOTHING, SCORE, UNSCORED, OFF)
WORDS = "test/questions: “a text” (yes/en) on "


@pytest.mark.parametrize(
    ("line", "english", "arabic"),
    [
        (GOOD, "recovered, raised", "اكتُشفت، ظاهرة"),
        (MISSED, "not recovered", "لم تُكتشف"),
        (ALARM, "false alarm", "إنذار كاذب"),
        (WIDE, "recovered, too wide", "اكتُشفت، مجال واسع"),
        (SHORT, "recovered, raised, covers too rarely", "اكتُشفت، ظاهرة، تغطية ناقصة"),
        (UNSCORED, "recovered, raised, too many without a score", "اكتُشفت، ظاهرة، كثرة ما لا درجة له"),
        (
            OFF,
            "recovered, raised, off on the whole population",
            "اكتُشفت، ظاهرة، تخالف المزروع على المجتمع كلّه",
        ),
        (recovered(claim(0.4), yes=8, n=20, full_budget=False), "open", "غير محسومة"),
    ],
)
def test_a_verdict_is_a_few_words(line, english, arabic):
    assert (verdict(line, "en"), verdict(line, "ar")) == (english, arabic)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (MISSED, "sanja: not recovered: planted 5.0%, found 95.0% (89.2% to 97.5%)"),
        (
            ALARM,
            "sanja-control: a false alarm: found 5.0% (2.5% to 10.8%), beyond 50.0%; planted 95.0%",
        ),
        (WIDE, "sanja: the interval is too wide: its half-width is 12.0%, above 7%"),
        (SHORT, "sanja: the interval says 95% and held the planted value in 150 of 200 drawings"),
        (
            UNSEEN,
            "sanja: not recovered: planted 48.0%, beyond 50.0%, which does not show: found 48.0% (38.8% to 57.2%)",
        ),
        (
            UNSCORED,
            "sanja: 12 of 200 samples have no score, more than 5%, though all of them have a true value",
        ),
        (
            OFF,
            "sanja: on the whole population the instrument gives 50.0%, planted 5.0%: they differ by more than 1%",
        ),
    ],
)
def test_what_speaks_against_an_instrument_is_one_sentence_that_names_the_property(line, said):
    assert fault_sentences(line, calibration(line), "en") == [f"{WORDS}{said}"]
    (arabic,) = fault_sentences(line, calibration(line), "ar")
    assert arabic.startswith("test/questions: «نصّ» (yes/en) على sanja")


def test_where_nothing_was_scored_both_things_are_said():
    assert fault_sentences(NOTHING, calibration(NOTHING), "en") == [
        f"{WORDS}sanja: not recovered: planted 5.0%, no estimate (every unit is unscored)",
        f"{WORDS}sanja: 3 of 3 samples have no score, more than 5%, though all of them have a true value",
    ]


def test_a_limit_has_the_form_of_its_unit():
    line = recovered(claim(0.0, unit="difference", share=False), yes=5, n=10)
    assert "its half-width is 0.307, above 0.14" in " ".join(fault_sentences(line, calibration(line), "en"))


def test_what_a_small_budget_does_not_show_and_other_weights_are_told():
    made = replace(
        calibration(recovered(claim(0.4), yes=8, n=20, full_budget=False)),
        weights={"sanja": Weight(ref="python:x:y", digest=None, other=True)},
        budget=20,
    )
    english, arabic = (calibration_lines(made, lang) for lang in ("en", "ar"))
    assert english[-5:-2] == [
        "recovered: 0 of 1; false alarms: 0; open: 1",
        "open means not shown: so few samples decide nothing on 1 of the lines; a larger budget does",
        "other weights in place of those that the properties are planted in: sanja = python:x:y",
    ]
    assert arabic[-4].startswith("غير المحسوم لم يُثبت: ")
    assert arabic[-3].endswith(": sanja = python:x:y")


def test_nothing_is_said_against_a_good_instrument():
    assert fault_sentences(GOOD, calibration(GOOD), "en") == []


def test_numbers_have_the_form_of_their_unit():
    assert (number(0.1234, "proportion"), number(-0.1234, "difference"), number(None, "score")) == (
        "12.3%",
        "-0.123",
        "–",
    )
    assert interval(0.1, 0.2, "score", "en") == "0.100 to 0.200"
    assert interval(None, None, "score", "ar") == "–"
    assert sides(claim(0.5)).en == "below 50.0%"
    assert sides(claim(0.5, raised="above", threshold=0.1)).ar == "فوق 10.0%"
    assert sides(SCORE.claim).en == "–"


def test_a_terminal_gets_a_table_for_each_evaluation_and_what_it_comes_to():
    assert calibration_lines(calibration(SHORT, ALARM, SCORE)) == [
        "test/questions 1.0, rule/yes 1: a text",
        "  property  weight         planted  found  interval        ±      samples  verdict                               covered",
        "  a text    sanja          5.0%     5.0%   3.2% to 7.8%    2.2%   200/400  recovered, raised, covers too rarely  150/200",
        "  a text    sanja-control  95.0%    5.0%   3.2% to 7.8%    2.2%   200/400  false alarm",
        "  a text    sanja          0.250    0.250  0.210 to 0.295  0.042  200/400  recovered",
        "",
        "recovered: 2 of 3; false alarms: 1; open: 0",
        "widest half-width of a share: 2.2%",
        "intervals: 95%; verdicts: 99.500%, so that 10 lines hold together with 95%",
        "covered: 150 of 200 drawings (75%); lines that fall short: 1; off on the whole population: 0",
    ]


def test_without_shares_and_drawings_their_lines_are_left_out():
    made = replace(calibration(SCORE), seeds=0)
    assert calibration_lines(made)[-2:] == [
        "recovered: 1 of 1; false alarms: 0; open: 0",
        "intervals: 95%; verdicts: 99.500%, so that 10 lines hold together with 95%",
    ]


def test_arabic_has_the_same_lines_in_columns_that_marks_do_not_shift():
    english, arabic = (calibration_lines(calibration(SHORT, ALARM), lang) for lang in ("en", "ar"))
    assert len(english) == len(arabic)
    assert "اكتُشفت، ظاهرة، تغطية ناقصة" in arabic[2]


@pytest.mark.parametrize("seeds", [0, 200])
def test_both_pages_have_the_same_structure(seeds):
    made = replace(calibration(*[replace(line, coverage=coverage(190)) for line in ALL]), seeds=seeds)
    pages = [
        MarkdownIt("commonmark").enable("table").render(calibration_markdown(made, lang))
        for lang in ("en", "ar")
    ]
    trees = [parse(page.encode()) for page in pages]
    shapes = [[n.tag for n in tree.walk() if n.tag in {"h1", "h2", "li", "tr", "td"}] for tree in trees]
    assert shapes[0] == shapes[1]
    assert len(trees[0].all("table")) == (4 if seeds else 3)
    assert [len(tree.all("tr")) for tree in trees] == [2 + 2 + 11 + (11 if seeds else 0)] * 2


def test_the_rules_have_the_numbers_of_the_code():
    for lang in ("en", "ar"):
        page = calibration_markdown(calibration(GOOD), lang)
        assert f"{WIDEST_HALF:.0%}" in page
        assert f"{TOLERANCE:g}" in page
        assert f" {WIDEST_DIFFERENCE:g} " in page
        assert f" {WIDEST_COMPUTED:g} " in page
        assert f"{MOST_UNSCORED:.0%}" in page
        assert f"{WHOLE_TOLERANCE:g}" in page
        assert "99.500%" in page


def test_a_weight_without_a_digest_and_a_budget_are_told():
    made = replace(
        calibration(GOOD), weights={"sanja": Weight(ref="python:x:y", digest=None, other=True)}, budget=12
    )
    assert "| `sanja` | `python:x:y` (another model in its place) | none |" in calibration_markdown(made)
    assert "- samples per property: 12\n" in calibration_markdown(made)
    assert "لا بصمة" in calibration_markdown(made, "ar")
