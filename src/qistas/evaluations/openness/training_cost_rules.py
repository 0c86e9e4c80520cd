"""The rules of ``training_cost.yaml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from qistas.contracts.documents import Text
from qistas.standards.document import load_document

Phase = Literal["inference", "tuning", "pretraining", "training"]
Headline = Literal["total", "release", "model", "per_model", "several", "contradicting"]
Saying = Literal["undisclosed", "unread", "derived"] | Headline


class Unit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to write a unit; times ``factor`` it is the quantity's own."""

    finds: str
    factor: float


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The head of a table's column and the factor of its cells."""

    head: str
    factor: float


class Quantity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One quantity, see ``training_cost.yaml``. ``aux``: read only to work others out. ``leads``: what must stand in front of the number, or ``trails`` behind it.

    ``never``: in the place of the one for all. ``kinds``: what names each kind of the quantity.
    """

    id: str
    unit: str
    title: Text
    units: tuple[Unit, ...]
    hints: tuple[str, ...]
    phased: bool = True
    least: float = 0.0
    also: str = ""
    near: str = ""
    leads: str = ""
    trails: str = ""
    before: str = ""
    never: str = ""
    kinds: dict[str, str] = {}
    aux: bool = False
    columns: tuple[Column, ...] = ()


class Hardware(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How accelerators are named."""

    unit: str
    title: Text
    field: str
    finds: str
    hints: tuple[str, ...]
    also: str
    must: str
    on: str


class Subjects(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a subject that is a name by its capital alone is told: see ``training_cost.yaml``."""

    verbs: str
    leads: str
    trails: str
    common: str
    ours: str


class Tables(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the heads and labels of tables say of their rows: see ``training_cost.yaml``."""

    mixes: str
    training: str
    sums: str


class Derivation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``quantity`` = ``factor`` × the product of the quantities ``of``.

    ``kind``: of the figures of one model, those that the formula means where there are such.
    """

    quantity: str
    formula: str
    of: tuple[str, ...]
    factor: float
    kind: str = ""


class CostRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of ``training_cost.yaml``."""

    cards: str
    never_in: str
    never: str
    cited: str
    ours: str
    stages: str
    wholes: str
    together: str
    phases: dict[Phase, str]
    phase_words: dict[Phase, Text]
    unphased_words: Text
    aside: str
    benchmarks: str
    quantities: tuple[Quantity, ...]
    hardware: Hardware
    subjects: Subjects
    tables: Tables
    says: dict[Saying, Text]
    derived: tuple[Derivation, ...]


@cache
def cost_rules() -> CostRules:
    """The packaged rules."""
    return load_document(Path(__file__).parent / "training_cost.yaml", None, CostRules)
