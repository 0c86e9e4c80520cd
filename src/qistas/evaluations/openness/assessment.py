"""A release weighed on openness: one listing, and every projection of what it shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.documents import Text
from qistas.contracts.exchanges import ReleaseListing
from qistas.contracts.openness import Assessment, Projections
from qistas.contracts.version import __version__
from qistas.evaluations.openness.concentration import concentration
from qistas.evaluations.openness.contradictions import contradictions
from qistas.evaluations.openness.european_index import european_index
from qistas.evaluations.openness.framework import mof
from qistas.evaluations.openness.incorporated import incorporated
from qistas.evaluations.openness.licence_own_texts import OwnTexts
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.lineage import lineage
from qistas.evaluations.openness.model_facts import model_facts
from qistas.evaluations.openness.osaid import osaid
from qistas.evaluations.openness.reading_notes import reading_notes
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.supply_chain import supply_chain
from qistas.evaluations.openness.training_cost import training_cost
from qistas.evaluations.openness.unread import unread_pages


def assess(
    listing: ReleaseListing,
    *,
    read_on: str | None,
    notes: Sequence[Text] = (),
    own: OwnTexts | None = None,
    parents: Mapping[str, ReleaseRecord] | None = None,
    renamed: Mapping[str, str] | None = None,
    sought: Collection[str] = (),
) -> Assessment:
    """Everything that the listing shows, and the words that show it. A pure function: the same listing, the same result.

    ``read_on``: the date on which the release was read (ISO 8601), which stands in the head and decides nothing; ``notes``: what
    there is to say about the reading itself; ``own``: the licences' own texts, to show where a text departs from its own; ``parents``:
    what the release was made from, by repository (see ``record_of``); ``renamed``: old names of
    these to new ones; ``sought``: repositories that were looked for where such are published, and not found.
    """
    record = record_of(listing, own)
    framework, unread = mof(record), unread_pages(record)
    cost = training_cost(record, [page.file for page in unread])
    return Assessment(
        qistas=__version__,
        release=_head(record, read_on, notes),
        licences=record.licences,
        projections=Projections(mof=framework, eu=european_index(record), osaid=osaid(record, framework)),
        concentration=concentration(record, cost),
        lineage=lineage(record, parents, renamed, sought),
        supply_chain=supply_chain(record),
        contradictions=contradictions(record),
        training_cost=cost,
        unread=unread,
    )


def record_of(listing: ReleaseListing, own: OwnTexts | None = None) -> ReleaseRecord:
    """The record of a listing, with its licences read."""
    return ReleaseRecord(listing, read_licences(ReleaseRecord(listing), own))


def _head(record: ReleaseRecord, read_on: str | None, notes: Sequence[Text]) -> dict[str, Any]:
    listing = record.listing
    return {
        "source": listing.source,
        "revision": listing.revision,
        "files": len(listing.files),
        "documents": len(listing.texts),
        "listed_only": len(listing.listed_only),
        "digest": digest_of(listing),
        "read_on": read_on,
        "model": msgspec.to_builtins(model_facts(record)),
        "incorporates": msgspec.to_builtins(incorporated(record)),
        "notes": msgspec.to_builtins((*notes, *reading_notes(record))),
    }


def digest_of(listing: ReleaseListing) -> str:
    """The digest over path, size and sha256 of every file: equal files, equal digest, wherever they stand."""
    return digest([[file.path, file.size_bytes, file.sha256] for file in listing.files])
