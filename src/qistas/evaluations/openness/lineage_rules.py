"""The rules of ``lineage.yaml``: how a release says what it was made from, and which licences do not go together."""

from __future__ import annotations

import re
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import msgspec

from qistas.contracts.documents import Text
from qistas.standards.document import load_document

Relation = Literal["finetune", "adapter", "quantized", "merge", "distilled", "trained_on", "derived"]
Kind = Literal["model", "dataset"]


class SentenceRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Words that lead to the name of a parent."""

    relation: Relation
    finds: str
    also: str = ""
    several: bool = False
    names: bool = False

    @cached_property
    def finding(self) -> re.Pattern[str]:
        """``finds``, in any case."""
        return re.compile(self.finds, re.IGNORECASE)


class FactById(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fact that holds of every licence whose identifier has ``id`` in it."""

    id: str
    fact: str


class ConflictRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A duty of the parent that the child drops. ``kept_by``: facts that keep it, those of ``parent`` if none are named."""

    id: str
    parent: tuple[str, ...]
    of: Kind
    relations: tuple[Relation, ...]
    child: Literal["lacks", "other_licence", "other_name", "any"]
    reason: Text
    values: tuple[str, ...] = ()
    kept_by: tuple[str, ...] = ()
    unless_parent: tuple[str, ...] = ()
    direct: bool = False


class LineageRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of ``lineage.yaml``."""

    cards: str
    never: str
    passed_over: str
    no_model: str
    sentences: tuple[SentenceRule, ...]
    data_lists: str
    by_id: tuple[FactById, ...]
    same: tuple[tuple[str, str], ...]
    onward: tuple[Relation, ...]
    conflicts: tuple[ConflictRule, ...]


@cache
def lineage_rules() -> LineageRules:
    """The packaged rules."""
    return load_document(Path(__file__).parent / "lineage.yaml", None, LineageRules)
