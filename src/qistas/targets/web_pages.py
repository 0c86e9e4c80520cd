"""The words of a web page: markup, scripts and what only leads elsewhere are left out.

Written by hand: the parser of the standard library takes quadratic time on a page of unclosed comments in Python 3.11, and a page that
is fetched because a release names it is as untrusted as the release.
"""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9-]{0,40})")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# What these hold is no text of the document.
_LEFT_OUT = frozenset({"script", "style", "noscript", "template", "svg", "nav", "iframe", "select", "button"})
_LINES = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "br",
            "dd",
            "div",
            "dl",
            "dt",
            "figure",
            "footer",
            "form",
        ),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section"),
        *("table", "td", "th", "title", "tr", "ul"),
    }
)


def page_text(page: str) -> str:
    """The words of an HTML page, a block a line; no markup makes this raise, and the time grows with the page's length only."""
    lines = (" ".join(line.split()) for line in _words(page).split("\n"))
    return "\n".join(line for line in lines if line) + "\n"


def _words(page: str) -> str:
    parts: list[str] = []
    unclosed: set[str] = set()
    position = 0
    while position < len(page):
        start = page.find("<", position)
        start = len(page) if start < 0 else start
        parts.append(_plain(page[position:start]))
        tag = _TAG.match(page, start)
        if tag is None and page[start + 1 : start + 2] not in {"!", "?"}:
            parts.append(page[start : start + 1])
            position = start + 1
            continue
        closes = "-->" if page.startswith("<!--", start) else ">"
        end = page.find(closes, start + 2)
        # What is opened and never closed hides the rest, as in a browser.
        position = len(page) if end < 0 else end + len(closes)
        if tag is not None:
            name = tag[1].lower()
            parts.append("\n" if name in _LINES else "")
            if name in _LEFT_OUT and name not in unclosed and page[start + 1] != "/":
                position = _behind(page, name, position, unclosed)
    return "".join(parts)


def _behind(page: str, name: str, position: int, unclosed: set[str]) -> int:
    """Where the text goes on behind an element; one that is never closed leaves nothing out."""
    end = re.compile(rf"</{name}\b", re.IGNORECASE).search(page, position)
    if end is None:
        unclosed.add(name)
        return position
    return end.start()


def _plain(text: str) -> str:
    """The characters that references stand for; line ends of the source are spaces."""
    return _REFERENCE.sub(lambda match: html.unescape(match[0]), text.replace("\n", " ").replace("\r", " "))
