"""The page on openness: whole in both languages, safe against what a release says, every value with its words or why it has none."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from tests.fakes.assessments import CARD, LISTED, component, cost, full_assessment, judgement
from tests.report.page import Node, parse
from tests.report.test_css import PHYSICAL

from qistas import api
from qistas.contracts.documents import Text
from qistas.contracts.openness import (
    Assessment,
    DifferingSpan,
    Lineage,
    LineageConflict,
    LineageEdge,
    LineageNode,
    MofProjection,
    OsaidProjection,
    Quote,
    SupplyFinding,
)
from qistas.report import openness_chrome, openness_words
from qistas.report.openness_html import render_openness_html
from qistas.report.openness_markdown import openness_markdown
from qistas.report.openness_page import columns, main_licence, rows, safe

_ARABIC = re.compile("[\u0621-\u064a]")
HOSTILE = '</script></blockquote><script>alert(1)</script><img src=x onerror=alert(2)>\u202egnp.exe\x1b[2J" onclick="x'
WRITTEN_OUT = HOSTILE.replace("\u202e", "[U+202E]").replace("\x1b", "[U+001B]")


def other(**release: object) -> Assessment:
    """A release with little in it, and what the first lacks."""
    one = full_assessment()
    return msgspec.structs.replace(
        one,
        release={
            **one.release,
            "source": "/there/plain",
            "revision": None,
            "incorporates": [],
            "notes": [],
            **release,
        },
        licences=(
            msgspec.structs.replace(
                one.licences[0],
                id="LicenseRef-scancode-other",
                open=True,
                clauses=(),
                differs=(DifferingSpan(line=3, found="x"), DifferingSpan(line=4, found="y", expected="z")),
            ),
            msgspec.structs.replace(one.licences[0], id=None, open=None, clauses=(), applies_to=()),
        ),
        projections=msgspec.structs.replace(
            one.projections,
            mof=MofProjection(
                class_=0, progress={"3": 67, "2": 0, "1": 0}, components={"a": component(present=None)}
            ),
            osaid=OsaidProjection(verdict="undetermined", blockers=(), parts={}),
            eu={"modelcard": judgement("closed", "short-card", CARD)},
        ),
        concentration={},
        lineage=Lineage(cycles=(("a", "b", "a"),)),
        supply_chain=(),
        contradictions=(),
        training_cost={},
    )


def hostile() -> Assessment:
    """A release that attacks the page wherever its own words stand."""
    quote = Quote(file=HOSTILE, line=3, quote=HOSTILE * 4, digest=HOSTILE, origin=HOSTILE)
    said = Text(HOSTILE, f"ع {HOSTILE}")
    one = full_assessment()
    return msgspec.structs.replace(
        one,
        release={**one.release, "source": HOSTILE, "revision": HOSTILE, "notes": [{"en": HOSTILE, "ar": HOSTILE}]},
        licences=(
            msgspec.structs.replace(
                one.licences[0],
                file=HOSTILE, id=HOSTILE, name=HOSTILE, reason=said, evidence=(quote,),
                differs=(DifferingSpan(line=1, found=HOSTILE, expected=HOSTILE),),
            ),
        ),
        projections=msgspec.structs.replace(
            one.projections, eu={"modelcard": judgement("open", "full-card", *[quote] * 5)}
        ),
        lineage=Lineage(
            nodes=(
                LineageNode(id=HOSTILE, kind="model", status="renamed", renamed_to=HOSTILE, licence=HOSTILE),
                LineageNode(id="b", kind="model", status="here"),
            ),
            edges=(LineageEdge(child=HOSTILE, parent=HOSTILE, relation=HOSTILE, evidence=(quote,)),),
            conflicts=(LineageConflict(kind="x", path=(HOSTILE,), reason=said, clauses=(quote,)),),
        ),
        supply_chain=(
            SupplyFinding(
                file=HOSTILE, format=HOSTILE, severity="danger", code="x", reason=said, runs=(HOSTILE,) * 13
            ),
        ),
        training_cost={"hardware": cost(disclosed=True, text=HOSTILE, unit="", evidence=(quote,))},
    )  # fmt: skip


@cache
def tree(lang: str = "en") -> Node:
    return parse(render_openness_html([full_assessment(), other()], lang))  # type: ignore[arg-type]


def texts(node: Node, lang: str) -> list[str]:
    return [one.text.strip() for one in node.all("span") if one.attributes.get("lang") == lang]


def test_whatever_is_said_in_one_language_is_said_in_the_other_beside_it() -> None:
    for page in (tree(), parse(render_openness_html([hostile()]))):
        shared = next(node for node in page.walk() if node.attributes.get("class") == "shared")
        english, arabic = texts(shared, "en"), texts(shared, "ar")
        assert len(english) == len(arabic) > 100
        assert [pair for pair in zip(english, arabic, strict=True) if not all(pair)] == []
        assert not any(_ARABIC.search(text) for text in english)
        for node in shared.all("span"):
            if node.attributes.get("lang") == "en" and node.parent is not None:
                kin = [child for child in node.parent.children if isinstance(child, Node)]
                assert kin[kin.index(node) + 1].attributes.get("lang") == "ar"


def test_no_words_stand_outside_both_languages() -> None:
    """Apart from names, figures, signs and the release's own words, every text belongs to a language."""
    shared = next(node for node in tree().walk() if node.attributes.get("class") == "shared")
    for node in shared.walk():
        if (
            node.tag in ("bdi", "blockquote")
            or node.under({"bdi", "blockquote"})
            or "lang" in node.attributes
        ):
            continue
        inside = node
        while inside.parent is not None and "lang" not in inside.attributes:
            inside = inside.parent
        if "lang" in inside.attributes and inside.tag == "span":
            continue
        loose = " ".join(child for child in node.children if isinstance(child, str))
        assert not re.search(r"[A-Za-z\u0621-\u064a]{4,}", loose), loose


def test_no_word_of_the_page_lacks_its_arabic() -> None:
    named = [openness_chrome.CHROME, openness_chrome.PLACES, openness_chrome.KINDS, openness_words.AREAS]
    named += [openness_words.WORDS, openness_words.VALUES, openness_words.MEANINGS]
    for words in named:
        assert [name for name, word in words.items() if not _ARABIC.search(word.ar)] == []
    assert "الترجمة العربية ناقصة" not in tree("ar").text


def test_what_a_release_says_stays_text_and_hidden_characters_are_written_out() -> None:
    page = render_openness_html([hostile()])
    root = parse(page)
    assert [len(root.all(tag)) for tag in ("script", "img")] == [1, 0]
    assert "\u202e" not in page.decode()
    assert "\x1b" not in page.decode()
    assert not any(name.startswith("on") for node in root.walk() for name in node.attributes)
    assert WRITTEN_OUT * 4 in [node.text for node in root.all("blockquote")]
    links = [
        n.attributes[name] or "" for n in root.walk() for name in ("href", "src") if name in n.attributes
    ]
    assert all(link.startswith("#") for link in links)


def test_only_the_page_s_own_script_may_run_and_nothing_is_loaded() -> None:
    (script,) = tree().all("script")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    policy = [n.attributes["content"] for n in tree().all("meta") if n.attributes.get("http-equiv")]
    assert policy == [f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"]
    assert not re.search(r"fetch|XMLHttp|import\(|eval|innerHTML|https?:", script.text)


def test_the_same_assessments_give_the_same_bytes_and_no_id_stands_twice() -> None:
    made = [full_assessment(), other(), hostile()]
    assert render_openness_html(made) == render_openness_html(made)
    root = parse(render_openness_html(made))
    ids = [n.attributes["id"] for n in root.walk() if "id" in n.attributes]
    assert len(ids) == len(set(ids))
    links = {n.attributes["href"] or "" for n in root.walk() if "href" in n.attributes}
    assert {link[1:] for link in links} <= set(ids)


def test_every_value_leads_to_its_words_with_their_place_or_to_why_there_are_none() -> None:
    body = tree().find("comparison-table").all("tbody")[0]
    values = [node for node in body.all("a") if "data-entry" in node.attributes]
    assert (
        len(values) == sum(len(row.all("td")) for row in body.all("tr")) - 3
    )  # three that the second has not
    for value in values:
        entry = tree().find((value.attributes["href"] or "")[1:])
        quoted = [node for node in entry.walk() if node.attributes.get("class") in ("where", "where listed")]
        reasons = [text for text in texts(entry, "en") if text]
        assert quoted or len(reasons) >= 2
    assert "No words are quoted" in tree().find("r1-eu-paper").text
    card = tree().find("r1-eu-modelcard").text
    for said in ("because of full-card", "full-card", "The weights are\nhere.", "README.md:7", "sha256:ab"):
        assert said in card
    assert "in the list of files: model.bin" in " ".join(tree().find("r1-eu-made_up").text.split()).replace(
        "في قائمة الملفّات", ""
    )


def test_values_are_said_by_word_and_sign_and_have_an_order() -> None:
    row = rows([full_assessment()])[0]
    by_column = dict(zip([column.id for column in columns([full_assessment()])], row.cells, strict=True))
    shown = {
        name: cell and (cell.shape, cell.label.en, cell.key, cell.detail) for name, cell in by_column.items()
    }
    assert shown == {
        "licence": ("○", "not open", "0", "example"),
        "mof": ("◐", "class III", "1050", "II 50%"),
        "osaid": ("○", "blocked", "0", ""),
        "eu-modelcard": ("●", "open", "2", ""),
        "eu-made_up": ("○", "closed", "0", ""),
        "concentration-compute": ("●", "disclosed", "2", ""),
        "cost": ("◐", "3 of 5", "3", ""),
        "supply_chain": ("✗", "danger", "0", "× 1"),
        "contradictions": ("!", "1 found", "1", ""),
        "eu-paper": ("?", "undetermined", "", ""),
    }
    assert list(shown)[-1] == "eu-paper"


def test_a_class_that_is_highest_and_files_in_order_are_said_so() -> None:
    one = full_assessment()
    highest = msgspec.structs.replace(one.projections.mof, class_=1)
    made = msgspec.structs.replace(
        one,
        projections=msgspec.structs.replace(
            one.projections, mof=highest, osaid=OsaidProjection(verdict="not_blocked", blockers=(), parts={})
        ),
        supply_chain=one.supply_chain[:1],
        licences=(),
        contradictions=(),
    )
    row = rows([made])[0]
    cells = {column.id: cell for column, cell in zip(columns([made]), row.cells, strict=True) if cell}
    assert (cells["mof"].label.en, cells["mof"].key, cells["mof"].detail) == ("class I", "3000", "")
    assert (cells["supply_chain"].label.en, cells["supply_chain"].detail) == ("nothing found", "")
    assert (cells["licence"].label.en, cells["licence"].key) == ("none found", "")
    assert row.sentence.en.startswith(
        "No licence was found. It reaches class I of the Model Openness Framework."
    )
    assert "no licence was found" in parse(render_openness_html([made])).find("r1-licence").text


def test_the_licence_of_the_weights_is_the_one_that_is_named() -> None:
    first = full_assessment().licences[0]
    code = msgspec.structs.replace(first, applies_to=("code",), id="MIT", open=True)
    stated = msgspec.structs.replace(first, place="card", id="Apache-2.0")
    unknown = msgspec.structs.replace(first, id=None)
    assert main_licence([code, stated, unknown, first]) == first
    assert main_licence([code, unknown]) == unknown
    assert main_licence([code]) == code
    assert main_licence([]) is None


def test_a_release_is_named_by_the_end_of_its_place_unless_that_is_said_twice() -> None:
    made = [other(source=place) for place in ("/a/one", "/b/one", "/c/two/", "hf:org/name")]
    assert [row.name for row in rows(made)] == ["/a/one", "/b/one", "two", "hf:org/name"]


def test_sentences_say_the_release_plainly_in_both_languages() -> None:
    first, second = rows([full_assessment(), other()])
    assert first.sentence == Text(
        "The licence of the weights (example) is not an open licence. It reaches class III of the Model Openness "
        "Framework. Something in it blocks the Open Source AI Definition 1.0. European index: 1 open, 1 closed (and 1 "
        "not judged from repository text). Dangers in its files: 1. Contradictions in its documents: 1.",
        "ترخيص الأوزان (example): ليس ترخيصًا مفتوحًا. ويبلغ الإصدار الفئة III من إطار انفتاح النماذج. وفيه ما يمنع انطباق تعريف "
        "الذكاء الاصطناعي مفتوح المصدر 1.0 عليه. المؤشّر الأوروبي: مفتوح 1، مغلق 1 (و1 لا يُحكم فيها من نصوص المستودع). أخطار في ملفّاته: 1. "
        "تناقضات في وثائقه: 1.",
    )
    assert second.sentence.en.startswith(
        "The licence of the weights (other) is an open licence. It reaches no class"
    )
    unknown = other()
    unknown = msgspec.structs.replace(unknown, licences=unknown.licences[1:])
    assert rows([unknown])[0].sentence.en.startswith(
        "The licence that was found (LICENSE) could not be told to be open or not."
    )


def test_the_heads_are_buttons_that_wait_for_the_script_and_cells_carry_what_sorts() -> None:
    table = tree().find("comparison-table")
    heads = [n for n in table.all("th") if "data-column" in n.attributes]
    assert [n.attributes["data-column"] for n in heads] == [str(at) for at in range(len(heads))]
    assert all("disabled" in n.all("button")[0].attributes for n in heads)
    for row in table.all("tbody")[0].all("tr"):
        cells = [n for n in row.children if isinstance(n, Node)]
        assert len(cells) == len(heads)
        assert all("data-key" in n.attributes for n in cells)


_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_DRIVE = """<script>
const button = (at) => document.querySelectorAll("th[data-column] button")[at];
const names = () => [...document.querySelectorAll("#comparison-table tbody th")].map((n) => n.dataset.key).join(" ");
const said = [names()];
const column = [...document.querySelectorAll("th[data-column]")].findIndex((n) => n.textContent.includes("Model card"));
for (const at of [0, 0, column, column]) {
  const sorted = (button(at).click(), document.querySelector("th[aria-sort$=ending]").getAttribute("aria-sort"));
  said.push(sorted + " " + names());
}
document.querySelector("a[data-entry]").click();
said.push(document.getElementById("entry").open + " " + document.querySelector("#entry .whose").textContent);
document.title = said.join("; ");
</script>"""


@pytest.mark.skipif(_CHROMIUM is None, reason="no Chromium here to press the buttons of the page")
def test_in_a_browser_the_heads_sort_with_the_undetermined_last_and_a_value_opens_its_entry(
    tmp_path: Path,
) -> None:
    made = [
        msgspec.structs.replace(
            other(source=f"/x/{name}"),
            projections=msgspec.structs.replace(
                full_assessment().projections, eu={"modelcard": judgement(value, "short-card", CARD)}
            ),
        )
        for name, value in (("c", "closed"), ("u", "undetermined"), ("a", "open"), ("p", "partial"))
    ]
    page = re.sub(r"<meta http-equiv[^>]*>", "", render_openness_html(made).decode())
    (tmp_path / "page.html").write_text(page.replace("</body>", f"{_DRIVE}</body>"), encoding="utf-8")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
    ]
    done = subprocess.run(
        [str(_CHROMIUM), *flags, f"--user-data-dir={tmp_path}", "--dump-dom", f"file://{tmp_path}/page.html"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert re.findall(r"<title>(.*?)</title>", done.stdout) == [
        "c u a p; ascending a c p u; descending u p c a; descending a p c u; ascending c p a u; true c"
    ]


def test_one_release_is_a_page_of_its_own_and_open() -> None:
    page = parse(render_openness_html([other()], "ar"))
    assert page.all("html")[0].attributes["dir"] == "rtl"
    assert "إصدار وُزن انفتاحه" in page.all("h1")[0].text
    assert all(
        "open" in node.attributes for node in page.all("details") if node.attributes.get("class") == "all"
    )


def test_many_releases_stay_small_and_their_sentences_folded() -> None:
    page = render_openness_html([other(source=f"/x/{at}") for at in range(30)])
    assert len(page) < 1_500_000
    root = parse(page)
    assert [
        n for n in root.all("details") if n.attributes.get("class") == "short-all" and "open" in n.attributes
    ] == []


def test_long_quotes_are_folded_and_file_lists_said_in_a_line() -> None:
    long = Quote(file="LICENSE", line=1, quote="word " * 200, digest="sha256:cd")
    one = full_assessment()
    made = msgspec.structs.replace(
        one,
        projections=msgspec.structs.replace(
            one.projections, eu={"modelcard": judgement("open", "full-card", long, *[CARD] * 3, LISTED)}
        ),
    )
    entry = parse(render_openness_html([made])).find("r1-eu-modelcard")
    assert [n.attributes["class"] for n in entry.all("details")] == ["long", "more"]
    assert "in the list of files" in entry.text


def test_everything_else_of_a_release_stands_in_its_section() -> None:
    first, second = tree().find("r1").text, tree().find("r2").text
    for said in (
        "more than the rest of the licence asks holds.", "beyond it, permission is needed", "example.org/policy", "no address given", "no training code",
        "a/base", "a term was dropped", "os.system", "two licences", "“10 to 12 hours”, that is 10 to 12.5 hours", "6 × 10²¹ FLOP (worked out: 6 ×", "8 boards",
        "a note", "Files in which nothing was found", "sha256:00",
    ):  # fmt: skip
        assert said in first
    for said in (
        "Where it departs from its own text",
        "that text is not at hand",
        "a ← b ← a",
        "none inspected",
        "undisclosed",
    ):
        assert said in second


def test_hidden_characters_are_written_out_in_every_field() -> None:
    cleaned = msgspec.json.encode(safe(hostile())).decode()
    assert "[U+202E]" in cleaned
    assert "\u202e" not in cleaned
    assert safe(full_assessment()) == full_assessment()


def test_the_style_sheet_names_no_side() -> None:
    css = files("qistas.report").joinpath("templates", "openness.css").read_text(encoding="utf-8")
    assert PHYSICAL.findall(re.sub(r"@media[^{]*", "@media ", css)) == []


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_markdown_holds_the_table_and_each_release_with_its_quotes_escaped(lang: str) -> None:
    written = openness_markdown([full_assessment(), other(), hostile()], lang)  # type: ignore[arg-type]
    assert "<script>" not in re.sub(r"`[^`\n]*`", "", written)
    assert "\u202e" not in written
    assert written.count("\n## ") == 3
    assert "`README.md:7`: `The weights are here.`" in written
    assert written.startswith("# Releases" if lang == "en" else '<div dir="rtl" lang="ar">')
    heads = [line for line in written.splitlines() if line.startswith("| ")]
    assert len({line.replace("\\|", "").count("|") for line in heads}) == 1


def test_the_formats_are_reached_by_their_names() -> None:
    made = (full_assessment(),)
    assert api.openness_pages(made, "html") == render_openness_html(made)
    assert api.openness_pages(made, "markdown", "ar").decode() == openness_markdown(made, "ar")


def test_an_open_licence_that_may_be_of_the_code_only_is_not_said_to_be_that_of_the_weights() -> None:
    made = full_assessment()
    licence = msgspec.structs.replace(
        made.licences[0], id="MIT", name="MIT", open=True, applies_to=("code", "weights")
    )
    projections = msgspec.structs.replace(
        made.projections, eu={"licenses": judgement("undetermined", "otherwise")}
    )
    (row,) = rows([msgspec.structs.replace(made, licences=(licence,), projections=projections)])

    assert row.sentence.en.startswith(
        "It holds an open licence (MIT); whether the weights are under it is undetermined."
    )
    assert row.cells[0].value == "undetermined"
