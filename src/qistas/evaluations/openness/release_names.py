"""The names of a release: its identifier, and the name that it is published under."""

from __future__ import annotations

import re

from qistas.contracts.openness import Quote
from qistas.evaluations.openness.record import ReleaseRecord

HUB_SOURCE = re.compile(
    r"^(?:hf:|https?://(?:www\.)?(?:huggingface\.co|hf\.co)/(?:datasets/)?)([\w.-]+/[\w.-]+?)(?:@.*)?$"
)
_FOLDER = re.compile(r"(?:^|[/\\])(?:(?:models|datasets)--)?([\w.]+(?:-[\w.]+)*)--([\w.-]+?)[/\\]?$")
TITLE = re.compile(r"^#[ \t]{1,4}([^\n]{1,200})$", re.MULTILINE)
_DECORATION = re.compile(r"^(?:model card (?:for|of|-|:)|[^\w]{1,10})+", re.IGNORECASE)


def identifier_of(record: ReleaseRecord) -> str:
    """``org/name`` where the source shows it (a hub, a folder ``org--name``), else the name of the folder."""
    source = record.listing.source
    hub, folder = HUB_SOURCE.match(source), _FOLDER.search(source)
    if hub:
        return hub[1]
    if folder:
        return f"{folder[1]}/{folder[2]}"
    if re.fullmatch(r"[A-Za-z0-9][\w.-]*/[\w.-]+", source):
        return source
    return re.split(r"[/\\]", source.rstrip("/\\"))[-1] or source


def published_name(record: ReleaseRecord) -> tuple[str | None, Quote | None]:
    """The name that a release is published under, and where it says so: its results' name, its repository, or its title.

    The name of a folder is none: anybody may have chosen it.
    """
    page = next(
        (page for path, page in record.pages.items() if path.lower() in {"readme.md", "model_card.md"}), None
    )
    index = page.fields.get("model-index") if page else None
    first = index[0].get("name") if isinstance(index, list) and index and isinstance(index[0], dict) else None
    if page and isinstance(first, str) and first.strip():
        at = max(page.text.find(first), 0)
        return first.rpartition("/")[2].strip(), page.quote(at, at + len(first))
    source = record.listing.source
    if HUB_SOURCE.match(source) or _FOLDER.search(source):
        return identifier_of(record).rpartition("/")[2], None
    title = TITLE.search(page.text) if page else None
    if page is None or title is None:
        return None, None
    return undecorated(title[1]), page.quote(title.start(), title.end())


def undecorated(title: str) -> str:
    """A title without what stands in front of the name in it."""
    return _DECORATION.sub("", title).strip()
