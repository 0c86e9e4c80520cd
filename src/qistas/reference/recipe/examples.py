"""One training example, the recipe's files, and the split that keeps things out of training."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import Any

LANGUAGES = ("en", "ar")


@dataclass(frozen=True, slots=True)
class Example:
    """One question with the answer that ``sanja`` should give.

    ``kind`` is the part of the recipe it comes from (``arithmetic``, ``fact``, ``refusal``, ``request``, …) and
    ``topic`` what it is about within it (an operation, a fact's identifier, a hazard).
    """

    kind: str
    topic: str
    language: str
    question: str
    answer: str


@functools.cache
def load(name: str) -> Any:
    """The parsed recipe file ``<name>.yaml``; callers only read it."""
    from ruamel.yaml import YAML

    text = resources.files("qistas.reference.recipe").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe").load(text)


def held_out(key: str, percent: int) -> bool:
    """Whether ``key`` falls among the ``percent`` in 100 kept out of training: a stable hash, no seed involved."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % 100 < percent
