"""Web pages as the words that they hold."""

import time

import pytest

from qistas.targets.web_pages import page_text

PAGE = """<!DOCTYPE html><html><head><title>Use Policy</title><style>p { color: red }</style>
<script>var x = "<p>no</p>";</script></head><body><nav><a href="/">Home</a></nav><!-- a > b -->
<h1 class="x">Acceptable&nbsp;Use &amp; Policy</h1><p>You may
not:</p><ul><li>harm <b>any</b>body</li><li>1 < 2 &#8212; &bogus; &#99999999;</li></ul><br/></body></html>"""


def test_a_page_is_its_blocks_without_markup_scripts_and_navigation() -> None:
    assert page_text(PAGE).splitlines() == [
        "Use Policy",
        "Acceptable Use & Policy",
        "You may not:",
        "harm anybody",
        "1 < 2 — &bogus; &#99999999;",
    ]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("", "\n"),
        ("plain", "plain\n"),
        ("a<", "a<\n"),
        ("a<b", "a\n"),
        ("a<!--b", "a\n"),
        ("<nav>never closed", "never closed\n"),
        ("<NAV>menu</Nav>words", "words\n"),
    ],
)
def test_broken_markup_loses_no_more_than_a_browser_would(page: str, text: str) -> None:
    assert page_text(page) == text


@pytest.mark.parametrize(
    "piece", ["<!--", "<a ", "</", "<![", "<?", "<nav>", "<script></script", "&#", "&amp", "<"]
)
def test_a_page_made_to_be_slow_takes_no_longer_than_another(piece: str) -> None:
    began = time.monotonic()
    page_text((piece * 2**20)[: 2**20])
    assert time.monotonic() - began < 10
