"""Prompt templates: ``{column}`` and nothing more.

``str.format`` would also read attributes and indexes of what it is given; a published card must not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PART = re.compile(r"\{\{|\}\}|\{(?P<column>[^\W\d]\w*)\}|[{}]")


def columns(template: str) -> tuple[str, ...]:
    """The columns a template names, each once, in order of first use. ``{{`` and ``}}`` are plain braces.

    Raises:
        ValueError: a brace that opens or closes nothing, or holds more than a column's name.
    """
    found: dict[str, None] = {}
    for part in _PART.finditer(template):
        if part["column"]:
            found[part["column"]] = None
        elif part[0] in {"{", "}"}:
            near = template[part.start() : part.start() + 20]
            raise ValueError(
                f"the brace at {near!r} does not hold a column's name; write it twice for a plain brace"
            )
    return tuple(found)


def fill(template: str, row: Mapping[str, Any]) -> str:
    """The template with the row's values in place; braces inside values stay as they are."""

    def replace(part: re.Match[str]) -> str:
        column = part["column"]
        return str(row[column]) if column else part[0][0]

    return _PART.sub(replace, template)
