"""What a pickle may name: an allow-list, and beside it names that are known to do harm."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from qistas.contracts.documents import Text
from qistas.standards.document import load_document

Standing = Literal["allowed", "dangerous", "unknown"]


class Allowed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names that may stand in each of these modules, and what they are for."""

    why: Text
    module: tuple[str, ...]
    names: tuple[str, ...]


class Dangerous(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whole modules, and single names as ``module name``."""

    modules: tuple[str, ...]
    names: tuple[str, ...]


class Globals(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lists of ``pickle_globals.yaml``."""

    allowed: tuple[Allowed, ...]
    dangerous: Dangerous


def standing(module: str, name: str) -> Standing:
    """What is known of a name that a pickle asks for. Only ``allowed`` is safe.

    A dotted name (protocol 4) reaches into what it names, and is never allowed.
    """
    allowed, modules, names = _lists()
    if (module, name) in allowed:
        return "allowed"
    around = module.split(".")
    inside = {".".join(around[: count + 1]) for count in range(len(around))}
    if inside & modules or (module, name.partition(".")[0]) in names:
        return "dangerous"
    return "unknown"


@cache
def _lists() -> tuple[frozenset[tuple[str, str]], frozenset[str], frozenset[tuple[str, str]]]:
    lists = load_document(Path(__file__).with_suffix(".yaml"), None, Globals)
    allowed = {(module, name) for one in lists.allowed for module in one.module for name in one.names}
    pairs = (entry.split(" ") for entry in lists.dangerous.names)
    return (
        frozenset(allowed),
        frozenset(lists.dangerous.modules),
        frozenset((module, name) for module, name in pairs),
    )
