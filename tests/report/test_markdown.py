"""The report as Markdown."""

from __future__ import annotations

import msgspec
import pytest
from markdown_it import MarkdownIt
from tests.fakes.weighing import HOST, Weighing, target
from tests.report.page import parse

from qistas.contracts.documents import Text
from qistas.report.bidi import marked_up
from qistas.report.document import build_report
from qistas.report.markdown import code, prose, render_markdown

WEIGHING = Weighing()
REPORT = build_report(WEIGHING.reader, WEIGHING.findings)


@pytest.fixture(scope="module", params=["en", "ar"])
def written(request):
    return request.param, render_markdown(REPORT, request.param)


def test_both_languages_have_the_same_structure():
    english, arabic = (render_markdown(REPORT, lang).splitlines() for lang in ("en", "ar"))
    marks = [
        [line.split(" ")[0] for line in lines if line and line[0] in "#-|"]
        for lines in (english, arabic[2:-2])
    ]
    assert marks[0] == marks[1]


def test_every_finding_stands_there_with_evidence_and_command(written):
    lang, page = written
    for finding in REPORT.findings:
        assert f"{prose(getattr(finding.title, lang), lang)}\n" in page
        assert f"`{finding.evidence.digest}`" in page
        assert f"`{finding.rerun}`" in page
    assert f"`{REPORT.ledger.head}`" in page
    assert "`qistas verify ledger.sqlite`" in page


def test_it_renders_as_tables_headings_and_lists(written):
    _, page = written
    root = parse(MarkdownIt("commonmark").enable("table").render(page).encode())
    assert len(root.all("h1")) == 1
    assert len(root.all("h3")) == len(REPORT.findings)
    assert len(root.all("table")) == len(REPORT.findings) + 1
    assert root.all("script") == []


def test_arabic_runs_from_the_right_with_latin_isolated():
    page = render_markdown(REPORT, "ar")
    assert page.startswith('<div dir="rtl" lang="ar">\n\n# تقرير الوزن: `hf:')
    assert '<bdi dir="ltr">open-release 1.0</bdi>' in page
    assert page.endswith("\n\n</div>\n")


def test_text_cannot_become_markup():
    assert prose("a | b *c* <script> [x](y) & `d`\n# e", "en") == (
        "a \\| b \\*c\\* \\<script\\> \\[x\\](y) \\& \\`d\\` \\# e"
    )
    assert code("a `b` c") == "``a `b` c``"
    assert code("`x`") == "`` `x` ``"


def test_what_is_not_known_is_said():
    model = msgspec.structs.replace(target().model, revision=None, digest=None, digest_reason="an endpoint")
    host = msgspec.structs.replace(HOST, memory_bytes=None, libraries={})
    summary = msgspec.structs.replace(REPORT.summary, instruments=(), caveats=())
    run = msgspec.structs.replace(REPORT.run, host=host)
    page = render_markdown(msgspec.structs.replace(REPORT, model=model, run=run, summary=summary))
    for line in ("- Revision: not stated", "- Weights digest: none (`an endpoint`)", "- Memory: not known",
                 "- Libraries: not known", "No number here rests on a judge."):  # fmt: skip
        assert f"\n{line}\n" in page
    assert "Before reading on" not in page


@pytest.mark.parametrize(
    ("arabic", "html"),
    [
        ("المعيار open-release 1.0.", 'المعيار <bdi dir="ltr">open-release 1.0</bdi>.'),
        ("نحو 43 tokens/s؛ والأرجح", 'نحو <bdi dir="ltr">43 tokens/s</bdi>؛ والأرجح'),
        ("نحو 312 CPU s/1,000 tokens", 'نحو <bdi dir="ltr">312 CPU s/1,000 tokens</bdi>'),
        ("بنسبة 96.1%، أو", 'بنسبة <bdi dir="ltr">96.1%</bdi>، أو'),
        ("الخيار (--release) هنا", 'الخيار (<bdi dir="ltr">--release</bdi>) هنا'),
        ("«/sys is not there: x, y (z)».", '«<bdi dir="ltr">/sys is not there: x, y (z)</bdi>».'),
        ("عويِر في 2026-11-22 على", 'عويِر في <bdi dir="ltr">2026-11-22</bdi> على'),
        ("القيمة -2.5 هنا", 'القيمة <bdi dir="ltr">-2.5</bdi> هنا'),
        (
            "نحو +0.23؛ والأرجح بين −0.1 و+0.35",
            'نحو <bdi dir="ltr">+0.23</bdi>؛ والأرجح بين <bdi dir="ltr">−0.1</bdi> و<bdi dir="ltr">+0.35</bdi>',
        ),
        ("نحو 7 من كل 100؛ & <", "نحو 7 من كل 100؛ &amp; &lt;"),
    ],
)
def test_latin_runs_in_arabic_are_isolated_whole(arabic, html):
    assert marked_up(arabic, "ar") == html


def test_english_is_only_escaped():
    assert marked_up("a <b> 5%", "en") == "a &lt;b&gt; 5%"
    assert Text("a", "ب").ar == "ب"
