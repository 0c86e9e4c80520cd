"""Words that the titles of planted properties share."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

from qistas.contracts.documents import Text

IN_LANGUAGE = {"en": Text(en="in English", ar="بالإنجليزية"), "ar": Text(en="in Arabic", ar="بالعربية")}


def hazard_title(hazard: str) -> Text:
    """A hazard's name as the hazards file has it."""
    title = _hazards()[hazard]["title"]
    return Text(en=title["en"], ar=title["ar"])


@functools.cache
def _hazards() -> Any:
    from ruamel.yaml import YAML

    text = (resources.files("qistas.datasets") / "data" / "hazards.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe").load(text)["hazards"]
