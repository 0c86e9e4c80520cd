"""What stands in the documents of a release: front matter, headings and body."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, pairwise
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
# YAML is slow to read, and front matter is made by anyone: of a field with more characters, and of more fields, the first are read.
MOST_FIELD_CHARACTERS = 8_000
MOST_FIELDS_CHARACTERS = 24_000
_TOP = re.compile(r"^(?=[^\s#\-\]}])", re.MULTILINE)
# A document with more headings is none that people read; what stands behind the last of them belongs to it.
_MOST_HEADINGS = 5_000
_WORD = re.compile(r"\w")
_FENCE = re.compile(r"^[ \t>]{0,8}(```|~~~)([^\n]*)$", re.MULTILINE)
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
    matches = islice(_HEADING.finditer(body), _MOST_HEADINGS)
    headings = tuple(heading for match in matches if (heading := _heading(match)))
    return Document(_fields(found[1]) if found else {}, headings, body)


class Section(NamedTuple):
    """A heading and the text up to the next one, as positions in the whole text.

    ``around``: the headings that it stands under, outermost first.
    """

    heading: str
    start: int
    body: int
    end: int
    around: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def read_sections(text: str) -> tuple[Section, ...]:
    """The sections of a Markdown (or plain) document, in their order; what stands in code blocks is no heading."""
    fences = _fences(text)
    front = _FRONT_MATTER.match(text)
    start = front.end() if front else 0
    found = [
        (match, words)
        for match in islice(_HEADING.finditer(text, start), _MOST_HEADINGS)
        if bisect_right(fences, match.start()) % 2 == 0 and (words := _heading(match))
    ]
    ends = [match.start() for match, _ in found[1:]] + [len(text)]
    above: list[tuple[int, str]] = []
    sections = []
    for (match, words), end in zip(found, ends, strict=False):
        rank = _rank(match)
        above = [(level, heading) for level, heading in above if level < rank]
        around = tuple(heading for _, heading in above)
        sections.append(Section(words, match.start(), match.end(), end, around))
        above.append((rank, words))
    return tuple(sections)


def _fences(text: str) -> list[int]:
    """Where code blocks begin and end, in turn; one that never ends is none."""
    found: list[int] = []
    for match in _FENCE.finditer(text):
        mark, rest = match[1], match[2]
        inside = len(found) % 2 == 1
        if rest.strip() == "" if inside else mark not in rest:
            found.append(match.start())
    return found[: len(found) // 2 * 2]


def _rank(match: re.Match[str]) -> int:
    """How deep a heading stands: 1 is the title, 7 a line in bold."""
    words = match[0].lstrip()
    match match.lastgroup:
        case "hash":
            return len(words) - len(words.lstrip("#"))
        case "underlined":
            return 1 if "=" in words.rpartition("\n")[2] else 2
        case "html":
            return int(words[2])
    return 7


def _heading(match: re.Match[str]) -> str:
    """The words of a heading, empty where there are none (a row of marks above a line, for example)."""
    form = str(match.lastgroup)
    said = match[form].rstrip(_EDGES.get(form, "")).strip()
    return said if _WORD.search(said) else ""


def _fields(text: str) -> dict[str, Any]:
    """The front matter, by the parser that bounds depth and aliases; lone halves of characters are replaced."""
    try:
        fields = parse("front matter", "".join(_bounded(text))).data
    except InvalidDocument:
        return {}
    return _whole(fields) if isinstance(fields, dict) else {}


def _bounded(text: str) -> Iterator[str]:
    """The fields with as many of their lines as the limits allow."""
    left = MOST_FIELDS_CHARACTERS
    starts = sorted({0, *(match.start() for match in islice(_TOP.finditer(text), left))})
    for start, end in pairwise([*starts, len(text)]):
        field = text[start:end]
        most = min(MOST_FIELD_CHARACTERS, left)
        if len(field) > most:
            field = field[: field.rfind("\n", 0, most) + 1]
        left -= len(field)
        yield field


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return (
        value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if isinstance(value, str)
        else value
    )


def front_matter_left_out(text: str) -> str | None:
    """Why fields at the top of a document were not read: ``large`` beyond the limits, ``unreadable`` as YAML; ``None`` where all were."""
    found = _FRONT_MATTER.match(text)
    if found is None or not found[1].strip():
        return None
    if len("".join(_bounded(found[1]))) < len(found[1]):
        return "large"
    return None if read_document(text).fields else "unreadable"
