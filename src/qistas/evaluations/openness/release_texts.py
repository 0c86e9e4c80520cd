"""What stands in the documents of a release: front matter, headings and body."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from qistas.contracts.errors import InvalidDocument
from qistas.standards.document import parse

_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
# Every repetition is bounded or ends with its line: a text made for it must not take quadratic time.
_HEADING = re.compile(
    r"^ {0,3}#{1,6}[ \t]+(?P<hash>[^\n]+)$"
    r"|^(?P<underlined>[^\n|]+)\n(?:={3,}|-{3,})[ \t\r]*$"
    r"|<h[1-6][^>]{0,200}>(?P<html>.{0,500}?)</h[1-6]>"
    r"|^[ \t]*\*\*(?P<bold>[^*\n]+)\*\*",
    re.MULTILINE | re.DOTALL,
)
_EDGES = {"hash": " \t\r#", "bold": ":"}


class Document(NamedTuple):
    """A text with its parts. ``fields`` is the front matter, empty where there is none or it is no YAML."""

    fields: dict[str, Any]
    headings: tuple[str, ...]
    body: str


@lru_cache(maxsize=64)
def read_document(text: str) -> Document:
    """The parts of a Markdown (or plain) document."""
    found = _FRONT_MATTER.match(text)
    body = text[found.end() :] if found else text
    headings = tuple(heading for match in _HEADING.finditer(body) if (heading := _heading(match)))
    return Document(_fields(found[1]) if found else {}, headings, body)


def _heading(match: re.Match[str]) -> str:
    """The words of a heading, empty where there are none (a row of marks above a line, for example)."""
    form = str(match.lastgroup)
    said = match[form].rstrip(_EDGES.get(form, "")).strip()
    return said if re.search(r"\w", said) else ""


def _fields(text: str) -> dict[str, Any]:
    """The front matter, by the parser that bounds depth and aliases."""
    try:
        fields = parse("front matter", text).data
    except InvalidDocument:
        return {}
    return fields if isinstance(fields, dict) else {}
