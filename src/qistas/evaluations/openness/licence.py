"""Which licence a release is under, read from its licence texts and from its card."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec

from qistas.contracts.canonical import digest_bytes
from qistas.contracts.documents import EvaluationCard, Text
from qistas.contracts.errors import Fault, InvalidDocument, Unscored
from qistas.contracts.exchanges import ReleaseListing
from qistas.contracts.protocols import Row, Subject
from qistas.contracts.records import Absent, Sample
from qistas.evaluations.census import census_of
from qistas.evaluations.openness.licence_texts import (
    Identified,
    Licence,
    identify,
    library_bytes,
    named,
)
from qistas.evaluations.openness.release_texts import read_document

PlaceId = Literal["licence-text", "other-texts", "card-field"]
Status = Literal["identified", "unknown", "ambiguous", "unread"]
Values = dict[str, float | Absent]


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place where a release declares its licence."""

    id: PlaceId
    title: Text


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``licence_files``, ``never`` and ``card_files``: regular expressions over paths, in any case.

    ``fingerprints``: the digest of the packaged fingerprints, part of what this evaluation is.
    """

    fingerprints: str
    licence_files: str
    never: str
    card_files: str
    places: tuple[Place, ...]


class Declaration(NamedTuple):
    """What one text or one card field says: the licences it may mean (one where ``identified``)."""

    place: PlaceId
    where: str
    status: Status
    licences: tuple[Licence, ...]
    reason: str

    @property
    def open(self) -> bool | None:
        """Whether the licence is an open one; ``None`` where that cannot be told."""
        kinds = {licence.open for licence in self.licences}
        return kinds.pop() if len(kinds) == 1 else None


class LicenceEvaluation:
    """Evaluation ``openness/licence``: one sample per place, with ``identified``, ``open`` and ``agrees``.

    Open means: approved by OSI, free in the FSF's list, a data licence listed by the Model Openness
    Framework, or OpenMDW.
    """

    def __init__(self, card: EvaluationCard) -> None:
        self._card = card
        self._parameters = msgspec.convert(card.parameters, Parameters)
        found = digest_bytes(library_bytes())
        if found != self._parameters.fingerprints:
            step = "write the digest of licences.json into the card, with a new version"
            raise InvalidDocument(Fault(f"the card names other fingerprints than {found}", card.id, step))

    @property
    def card(self) -> EvaluationCard:
        """What is published about this evaluation."""
        return self._card

    def samples(self, rows: Sequence[Row]) -> list[Sample]:
        """The places; ``rows`` is empty, since they stand on the card."""
        del rows
        return census_of(self._card, self._parameters.places)

    async def observe(self, sample: Sample, subject: Subject) -> Mapping[str, float | Absent]:
        """The values of a place; nothing where the release declares no licence there.

        Only the licence text is asked of every release: without one, ``identified`` and ``open`` are 0.

        Raises:
            Unscored: a text was not read, or fits several licences equally well.
        """
        declared = self.declarations(await subject.release())
        here = [declaration for declaration in declared if declaration.place == sample.id]
        for declaration in here:
            if declaration.status in {"unread", "ambiguous"}:
                raise Unscored(f"{declaration.where}: {declaration.reason}")
        if not here:
            return {"identified": 0.0, "open": 0.0} if sample.id == "licence-text" else {}
        values: Values = {
            "identified": float(all(declaration.status == "identified" for declaration in here)),
            "open": _all_open(here),
        }
        if sample.id == "card-field" and len(declared) > len(here):
            values["agrees"] = _agreement(here, [d for d in declared if d.place != "card-field"])
        return values

    def declarations(self, listing: ReleaseListing) -> tuple[Declaration, ...]:
        """Everything in the release that declares a licence, in the order of the paths."""
        return (*self._texts(listing), *self._fields(listing))

    def _texts(self, listing: ReleaseListing) -> Iterator[Declaration]:
        for file in listing.files:
            if not _named(self._parameters.licence_files, file.path) or _named(
                self._parameters.never, file.path
            ):
                continue
            place: PlaceId = "other-texts" if "/" in file.path else "licence-text"
            text = listing.texts.get(file.path)
            if text is None:
                yield Declaration(
                    place, file.path, "unread", (), "the text was not read (too long, or no text)"
                )
                continue
            found = _identified(text)
            licences = (found.licence,) if found.licence else ()
            yield Declaration(place, file.path, found.status, licences, found.reason)

    def _fields(self, listing: ReleaseListing) -> Iterator[Declaration]:
        for file in listing.files:
            if not _named(self._parameters.card_files, file.path):
                continue
            text = listing.texts.get(file.path)
            if text is None:
                yield Declaration(
                    "card-field", file.path, "unread", (), "the text was not read (too long, or no text)"
                )
                continue
            for name in declared_names(read_document(text).fields):
                licences = named(name)
                status: Status = "identified" if len(licences) == 1 else "unknown"
                yield Declaration("card-field", file.path, status, licences, _said(name, licences))


def declared_names(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The licence names in a card's front matter; ``other`` gives way to ``license_name`` beside it."""
    declared = fields.get("license") or fields.get("licence") or ()
    names = [
        str(name) for name in (declared if isinstance(declared, list) else [declared] if declared else [])
    ]
    if fields.get("license_name") and (not names or names == ["other"]):
        return (str(fields["license_name"]),)
    return tuple(names)


@lru_cache(maxsize=256)
def _identified(text: str) -> Identified:
    """Three samples look at the same texts."""
    return identify(text)


def _said(name: str, licences: Sequence[Licence]) -> str:
    if not licences:
        return f"{name!r} names no licence that is known"
    if len(licences) > 1:
        return f"{name!r} may mean {' or '.join(licence.name for licence in licences)}"
    return f"{name!r} is {licences[0].name}"


def _all_open(here: Sequence[Declaration]) -> float | Absent:
    if any(declaration.open is False for declaration in here):
        return 0.0
    unclear = next((declaration for declaration in here if declaration.open is None), None)
    return 1.0 if unclear is None else Absent(f"{unclear.where}: {unclear.reason}")


def _agreement(fields: Sequence[Declaration], texts: Sequence[Declaration]) -> float | Absent:
    """1 where every declared licence is among those of the texts; a text that is not known settles nothing."""
    of_texts = {licence.id for declaration in texts for licence in declaration.licences}
    for field in fields:
        if not field.licences:
            return Absent(f"{field.where}: {field.reason}")
        if of_texts.isdisjoint(licence.id for licence in field.licences):
            unclear = next((text for text in texts if text.status != "identified"), None)
            return 0.0 if unclear is None else Absent(f"{unclear.where}: {unclear.reason}")
    return 1.0


def _named(pattern: str, path: str) -> bool:
    return re.search(pattern, path, re.IGNORECASE) is not None
