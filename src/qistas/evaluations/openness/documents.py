"""Which components of the Model Openness Framework a release holds, by the rules on the card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from qistas.contracts.documents import EvaluationCard, Text
from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import ReleaseFile, ReleaseListing
from qistas.contracts.protocols import Row, Subject
from qistas.contracts.records import Sample
from qistas.evaluations.census import census_of
from qistas.evaluations.openness.release_texts import Document, read_document


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When one file shows a component: everything that is given here must hold.

    ``files``: regular expression searched in the path, in any case; ``never`` excludes paths again.
    ``least_bytes``: a smaller file is a placeholder or a pointer. ``headings``: expressions searched in the
    headings, of which ``least_headings`` must be found; ``says`` and ``least_says`` alike, in the body.
    ``fields``: of these front-matter fields, ``least_fields`` must be there and not be empty.
    """

    files: str
    never: str | None = None
    least_bytes: int = 1
    headings: tuple[str, ...] = ()
    least_headings: int = 1
    says: tuple[str, ...] = ()
    least_says: int = 1
    fields: tuple[str, ...] = ()
    least_fields: int = 1

    @property
    def reads(self) -> bool:
        """Whether the text of the file is needed."""
        return bool(self.headings or self.says or self.fields)


class Component(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A component of a release. ``framework_class``: 3 (open model), 2 (open tooling) or 1 (open science)."""

    id: str
    framework_class: Literal["1", "2", "3"]
    type: Literal["code", "data", "document"]
    title: Text
    any_of: tuple[Rule, ...]


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The components that are looked for."""

    components: tuple[Component, ...]


class Documents:
    """Evaluation ``openness/documents``: one sample per component, ``present`` 0 or 1.

    Source of the components: Model Openness Framework (White et al., 2024), as configured in its tool.
    """

    def __init__(self, card: EvaluationCard) -> None:
        self._card = card
        parameters = msgspec.convert(card.parameters, Parameters)
        self._components = {component.id: component for component in parameters.components}

    @property
    def card(self) -> EvaluationCard:
        """What is published about this evaluation."""
        return self._card

    def samples(self, rows: Sequence[Row]) -> list[Sample]:
        """The components; ``rows`` is empty, since they stand on the card."""
        del rows
        return census_of(self._card, self._components.values())

    async def observe(self, sample: Sample, subject: Subject) -> Mapping[str, float]:
        """1 where a rule holds for some file, 0 where none does.

        Raises:
            Unscored: a document that could decide it is there, but its text was not read.
        """
        evidence = shown_by(self._components[sample.id], await subject.release())
        return {"present": 0.0 if evidence is None else 1.0}


def shown_by(component: Component, listing: ReleaseListing) -> str | None:
    """The path of the file that shows the component, or ``None`` where no file does.

    Raises:
        Unscored: a document that could decide it is there, but its text was not read.
    """
    unread = None
    for rule in component.any_of:
        for file in listing.files:
            if not _named(rule, file):
                continue
            text = listing.texts.get(file.path)
            if not rule.reads or (text is not None and _content_holds(rule, read_document(text))):
                return file.path
            if text is None:
                unread = unread or file.path
    if unread is not None:
        raise Unscored(f"{unread} is there and could decide it, but its text was not read")
    return None


def _named(rule: Rule, file: ReleaseFile) -> bool:
    if file.size_bytes < rule.least_bytes or not _found(rule.files, file.path):
        return False
    return rule.never is None or not _found(rule.never, file.path)


def _content_holds(rule: Rule, document: Document) -> bool:
    headings = "\n".join(document.headings)
    filled = [name for name in rule.fields if document.fields.get(name) not in (None, "", [], {})]
    return (
        _enough(rule.headings, headings, rule.least_headings)
        and _enough(rule.says, document.body, rule.least_says)
        and (not rule.fields or len(filled) >= rule.least_fields)
    )


def _enough(patterns: Sequence[str], text: str, least: int) -> bool:
    return not patterns or sum(_found(pattern, text) for pattern in patterns) >= least


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE | re.MULTILINE) is not None
