"""Qistas: the open safety net for open AI. Importing this loads nothing heavy."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from qistas.contracts.version import __version__

_VERBS = ("compare", "measure", "openness", "report", "verify", "weigh")

__all__ = ["__version__", "compare", "measure", "openness", "report", "verify", "weigh"]


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        from qistas import api

        return getattr(api, name)
    raise AttributeError(f"module 'qistas' has no attribute {name!r}")


class _House(ModuleType):
    """Keeps the verb ``report`` where importing the room ``qistas.report`` would put the room in its place."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _VERBS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _House
