"""What a release says of the model itself that needs no judgement: its task, its architecture, its files of weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.supply_chain import names_weights

MOST_WEIGHTS = 1_000
_MOST_WORD_CHARACTERS = 120
_MOST_ARCHITECTURES = 10


class WeightsFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of weights. ``sha256`` is hexadecimal; ``None`` where the bytes were not read."""

    file: str
    size_bytes: int
    sha256: str | None


class ModelFacts(msgspec.Struct, frozen=True, kw_only=True):
    """``task``: the card's ``pipeline_tag``. ``architectures`` and ``family``: of ``config.json``. ``None`` and empty: not said.

    ``weights``: by path, at most ``MOST_WEIGHTS``.
    """

    task: str | None
    family: str | None
    architectures: tuple[str, ...]
    weights: tuple[WeightsFile, ...]


def model_facts(record: ReleaseRecord) -> ModelFacts:
    """The facts as they are written down in the release; a pure function of the listing."""
    card = next(record.pages_named(r"^(?:readme|model_?card)\.md$"), None)
    config = _config(record)
    named = config.get("architectures")
    listed = named[:_MOST_ARCHITECTURES] if isinstance(named, list) else []
    weights = [
        WeightsFile(file=file.path, size_bytes=file.size_bytes, sha256=file.sha256)
        for file in record.files
        if names_weights(file.path)
    ]
    return ModelFacts(
        task=_word(card.fields.get("pipeline_tag")) if card else None,
        family=_word(config.get("model_type")),
        architectures=tuple(word for item in listed if (word := _word(item))),
        weights=tuple(weights[:MOST_WEIGHTS]),
    )


def _config(record: ReleaseRecord) -> Mapping[str, Any]:
    page = record.pages.get("config.json")
    try:
        found = json.loads(page.text) if page else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _word(value: Any) -> str | None:
    """A short text on one line, or nothing."""
    fits = isinstance(value, str) and 0 < len(value) <= _MOST_WORD_CHARACTERS and value.isprintable()
    return value if fits else None
