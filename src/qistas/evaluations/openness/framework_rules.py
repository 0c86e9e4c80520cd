"""The rules of the Model Openness Framework: what is held, under which licences, gives class and progress.

Source: White et al., 2024 (arXiv 2403.13784), as its tool (Model Openness Tool) applies it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from qistas.contracts.documents import Text
from qistas.evaluations.cards import load_card
from qistas.evaluations.openness.licence_texts import library
from qistas.standards.document import load_document

CARD = "openness/framework"
UNLICENSED = "unlicensed"
DISTRIBUTION = "distribution"

ComponentType = Literal["code", "data", "document"]
Covered = Literal["code", "data", "document", "weights"]
Class = Literal[1, 2, 3]
CLASSES: tuple[Class, ...] = (3, 2, 1)


class FrameworkComponent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the 17 components. ``title.en`` is the framework's own name, ``number`` its identifier there.

    ``covered_as``: the kind of licence that covers it in a release. ``continued_in``: where a document refers to a file of
    this name that is not there, what it shows itself is but an excerpt; ``None``: a document is enough.
    """

    id: str
    number: int
    title: Text
    type: ComponentType
    framework_class: Class
    required: bool
    covered_as: Covered
    continued_in: str | None = None


class Framework(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The components; ``stands_for``: which component may stand in for which, where that is missing."""

    components: tuple[FrameworkComponent, ...]
    stands_for: dict[str, str]

    def required(self, class_: Class) -> tuple[str, ...]:
        """What a class asks for, with what the classes below it ask for."""
        return tuple(c.id for c in self.components if c.required and c.framework_class >= class_)


class LicenceLists(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which licences suit which type, and what is written in the place of a licence; see framework_licences.yaml."""

    suits: dict[ComponentType, frozenset[str]]
    same_as: dict[str, str]
    none: frozenset[str]
    no_component: str
    said: dict[str, Text]


class Classification(NamedTuple):
    """What the rules say. ``class_`` is 0 where not even class III is complete; ``progress`` in per cent, 0-100.

    ``missing``: by class, the required components that do not count, its own and those of the classes below.
    ``stands_in``: missing component to the one that stands for it. ``unsuited``: open, but not listed for the type.
    """

    class_: Literal[0, 1, 2, 3]
    progress: dict[Class, float]
    missing: dict[Class, tuple[str, ...]]
    stands_in: dict[str, str]
    unsuited: tuple[str, ...]


@cache
def framework() -> Framework:
    """The framework as it is packaged."""
    return msgspec.convert(load_card(CARD).parameters, Framework)


@cache
def licence_lists() -> LicenceLists:
    """The lists as they are packaged."""
    return load_document(Path(__file__).parent / "framework_licences.yaml", None, LicenceLists)


def known_id(name: str) -> str:
    """The identifier that a licence's name means, or the name itself where it means none or several."""
    folded = name.strip().lower()
    if folded in licence_lists().same_as:
        return licence_lists().same_as[folded]
    ids = library().names.get(folded, ())
    return ids[0] if len(ids) == 1 else name.strip()


def is_open(licence: str) -> bool:
    """Whether a licence is approved by OSI, free by the FSF, a data licence of the framework, or OpenMDW."""
    return known_id(licence) in library().open_ids


def suits(licence: str, type_: ComponentType) -> bool:
    """Whether the framework lists the licence for this type of component."""
    return known_id(licence) in licence_lists().suits[type_]


def resolve(component: FrameworkComponent, own: str | None, overall: Mapping[str, str]) -> str:
    """The component's own licence, else that for its type, else that of the distribution, else ``unlicensed``.

    ``overall``: ``code``, ``data``, ``document`` or ``distribution`` to the licence's name.
    """
    for licence in (own, overall.get(component.type), overall.get(DISTRIBUTION)):
        if licence:
            return UNLICENSED if licence.strip().lower() in licence_lists().none else known_id(licence)
    return UNLICENSED


def classify(licences: Mapping[str, str]) -> Classification:
    """The class of a release that holds these components: identifier to (resolved) licence."""
    by_id = {component.id: component for component in framework().components}
    counted = {name for name, licence in licences.items() if is_open(licence)}
    made = count(counted)
    unsuited = tuple(
        name for name in by_id if name in counted and not suits(licences[name], by_id[name].type)
    )
    return made._replace(unsuited=unsuited)


def count(counted: Collection[str]) -> Classification:
    """The class where these components are there under open licences.

    A component that stands for another is asked for once: class I is then 13 components instead of 14. A class shows no
    progress until the class below it is complete.
    """
    stands_in = {
        missing: other
        for missing, other in framework().stands_for.items()
        if missing not in counted and other in counted
    }
    class_: Literal[0, 1, 2, 3] = 0
    progress: dict[Class, float] = {}
    missing: dict[Class, tuple[str, ...]] = {}
    below = True
    for grade in CLASSES:
        wanted = tuple(dict.fromkeys(stands_in.get(name, name) for name in framework().required(grade)))
        missing[grade] = tuple(name for name in wanted if name not in counted)
        progress[grade] = 100 * (1 - len(missing[grade]) / len(wanted)) if below else 0.0
        below = below and not missing[grade]
        if below:
            class_ = grade
    return Classification(class_, progress, missing, stands_in, ())
