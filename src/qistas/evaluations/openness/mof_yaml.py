"""Reads a release as the Model Openness Tool writes it down, and classes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from qistas.contracts.errors import Fault, InvalidDocument
from qistas.evaluations.openness.framework_rules import (
    Classification,
    classify,
    framework,
    licence_lists,
    resolve,
)
from qistas.standards.document import Document, parse, read_text


class DeclaredRelease(msgspec.Struct, frozen=True, kw_only=True):
    """What such a file says. ``overall``: ``code``, ``data``, ``document``, ``distribution`` to a licence's name.

    ``components``: identifier to the component's own licence, ``None`` where it has none of its own.
    """

    name: str
    overall: dict[str, str]
    components: dict[str, str | None]

    def licences(self) -> dict[str, str]:
        """The licence of each component that is there, resolved by the framework's rule."""
        by_id = {component.id: component for component in framework().components}
        return {name: resolve(by_id[name], own, self.overall) for name, own in self.components.items()}

    def classification(self) -> Classification:
        """Class and progress of what is declared."""
        return classify(self.licences())


def load_mof_yaml(path: Path | str) -> DeclaredRelease:
    """A release from a file.

    Raises:
        InvalidDocument: it is no YAML, or no such release; every fault is said.
        StorageError: it cannot be read.
    """
    return read_mof_yaml(str(path), read_text(path))


def read_mof_yaml(name: str, text: str) -> DeclaredRelease:
    """A release from a text; ``name`` stands in messages.

    Raises:
        InvalidDocument: it is no YAML, or no such release; every fault is said.
    """
    document = parse(name, text)
    if document.faults:
        raise InvalidDocument(*document.faults)
    return declared(document)


def declared(document: Document) -> DeclaredRelease:
    """A release from data as `read_mof_yaml` reads them.

    Raises:
        InvalidDocument: it is no such release; every fault is said.
    """
    release = document.data.get("release") if isinstance(document.data, dict) else None
    if not isinstance(release, dict):
        step = "give a file with the keys 'framework' and 'release'"
        raise InvalidDocument(Fault("this is no release of the framework", document.name, step))
    listed = release.get("components") or []
    if not isinstance(listed, list):
        raise InvalidDocument(Fault("'components' is no list", document.where(("release", "components"))))
    faults: list[Fault] = []
    components: dict[str, str | None] = {}
    for index, item in enumerate(listed):
        named = _component(item)
        if named is None:
            what = f"the framework knows no component {_named(item)!r}"
            where = document.where(("release", "components", index))
            faults.append(Fault(what, where, "use the names of the framework's components"))
        elif not _left_out(item):
            components[named] = _word(item.get("license"))
    if faults:
        raise InvalidDocument(*faults)
    return DeclaredRelease(
        name=str(release.get("name") or ""), overall=_overall(release.get("license")), components=components
    )


def _named(item: Any) -> str:
    return str(item.get("name")) if isinstance(item, dict) else str(item)


def _component(item: Any) -> str | None:
    ids = {component.title.en.lower(): component.id for component in framework().components}
    return ids.get(_named(item).strip().lower()) if isinstance(item, dict) else None


def _left_out(item: dict[str, Any]) -> bool:
    return (_word(item.get("license")) or "").lower() == licence_lists().no_component


def _overall(value: Any) -> dict[str, str]:
    """The licences for all components; a list (as an empty mapping is written by some tools) holds none."""
    given = value.items() if isinstance(value, dict) else ()
    names = ((str(kind), item.get("name") if isinstance(item, dict) else None) for kind, item in given)
    return {kind: word for kind, name in names if (word := _word(name))}


def _word(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
