"""Texts and JSON of a release, read within bounds."""

from __future__ import annotations

import json
from typing import Any

from qistas.targets.inspection.reading import Reading
from qistas.targets.inspection.source import Source

MOST_TEXT_BYTES = 2 * 2**20


def text_of(source: Source) -> str:
    """The whole text.

    Raises:
        Unfinished: it has more than `MOST_TEXT_BYTES`.
    """
    source.position = 0
    return source.take(source.size, MOST_TEXT_BYTES).decode("utf-8-sig", "replace")


def json_of(text: str, reading: Reading) -> Any:
    """The value of a JSON text; ``None`` and a fault where it is none."""
    try:
        return json.loads(text)
    except RecursionError:
        reading.fault("json-unreadable", "the JSON is nested too deep")
    except ValueError as error:
        reading.fault("json-unreadable", str(error))
    return None


def line_of(text: str, words: str) -> int | None:
    """The line on which ``words`` first stand, from 1."""
    at = text.find(words)
    return None if at < 0 else text.count("\n", 0, at) + 1
