"""What a release leads to beyond itself: the policies that its licence makes part of itself, and what it was made from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.exchanges import ReleaseListing

if TYPE_CHECKING:
    from qistas.evaluations.openness.record import ReleaseRecord

MOST_POLICIES = 10
MOST_PARENTS = 10
MOST_CACHED = 40
MOST_STEPS = 3
_MOST_PATH_CHARACTERS = 120
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")


class Read(NamedTuple):
    """A release as it was read, and what there is to say about the reading."""

    listing: ReleaseListing
    notes: tuple[Text, ...]


class Found(NamedTuple):
    """Parents by repository, old names to new, what there is to say about the looking, and what a hub was asked for in vain."""

    parents: dict[str, ReleaseRecord]
    renamed: dict[str, str]
    notes: tuple[Text, ...]
    sought: frozenset[str] = frozenset()


def with_policies(read: Read) -> Read:
    """The release with the documents that its texts incorporate by reference, fetched from where they say that these stand.

    At most ``MOST_POLICIES``; each becomes a text under ``incorporated/``, with its address in ``origins``. What cannot be fetched is noted.
    """
    from qistas.evaluations.openness.incorporated import incorporated
    from qistas.evaluations.openness.record import ReleaseRecord
    from qistas.targets.web_documents import Unfetched, fetch_document

    listing, notes = read
    texts, origins, said = dict(listing.texts), dict(listing.origins), list(notes)
    named = [one.address for one in incorporated(ReleaseRecord(listing)) if one.address is not None]
    addresses = list(dict.fromkeys(named))
    for address in addresses[:MOST_POLICIES]:
        try:
            found = fetch_document(address)
        except Unfetched as error:
            said.append(Text(f"{address}: {error.why.en}", f"{address}: {error.why.ar}"))
            continue
        path = _path_of(address, texts)
        texts[path], origins[path] = found.text, found.url
    if len(addresses) > MOST_POLICIES:
        left = len(addresses) - MOST_POLICIES
        said.append(
            Text(f"incorporated documents not fetched: {left}", f"وثائق مدمجة بالإحالة لم تُجلب: {left}")
        )
    texts = dict(sorted(texts.items()))
    return Read(msgspec.structs.replace(listing, texts=texts, origins=origins), tuple(said))


def _path_of(address: str, taken: Mapping[str, str]) -> str:
    """One name below one folder, so that no rule on folders takes it for a file of the release."""
    plain = re.sub(r"[^\w.-]+", "_", re.sub(r"^https?://", "", address, flags=re.IGNORECASE)).strip("_.")
    name, number = f"incorporated/{plain[:_MOST_PATH_CHARACTERS]}.txt", 2
    while name in taken:
        name, number = f"incorporated/{plain[:_MOST_PATH_CHARACTERS]}_{number}.txt", number + 1
    return name


def parents_of(listing: ReleaseListing, known: Mapping[str, ReleaseRecord], *, fetch: bool) -> Found:
    """What a release, and in turn its parents, say that they were made from, where it is at hand; ``known`` is not looked for again.

    A hub's cache is looked into, without a network: at most ``MOST_CACHED`` repositories, any number of steps. Where ``fetch``, the
    documents of a model that the cache does not hold come from the hub: at most ``MOST_PARENTS`` repositories that are at most
    ``MOST_STEPS`` steps away.
    """
    from qistas.evaluations.openness.record import ReleaseRecord

    looking = _Looking(known, fetch)
    looking.look(ReleaseRecord(listing), 0)
    while looking.waiting:
        looking.look(*looking.waiting.pop(0))
    return Found(looking.parents, looking.renamed, tuple(looking.notes), frozenset(looking.sought))


class _Looking:
    def __init__(self, known: Mapping[str, ReleaseRecord], fetch: bool) -> None:
        self.parents: dict[str, ReleaseRecord] = {}
        self.renamed: dict[str, str] = {}
        self.notes: list[Text] = []
        self.sought: set[str] = set()
        self.waiting: list[tuple[ReleaseRecord, int]] = [(record, 1) for record in known.values()]
        self._seen = {name.lower() for name in known}
        self._left_cached = MOST_CACHED
        self._left_fetched = MOST_PARENTS if fetch else 0

    def look(self, record: ReleaseRecord, steps: int) -> None:
        """Finds the parents of one release."""
        for name, is_data in _named_by(record):
            if name.lower() in self._seen:
                continue
            self._seen.add(name.lower())
            found = self._cached(name, is_data)
            if found is None and not is_data and steps < MOST_STEPS and self._left_fetched:
                self._left_fetched -= 1
                found = self._fetched(name)
            if found is not None:
                self.waiting.append((found, steps + 1))

    def _cached(self, name: str, is_data: bool) -> ReleaseRecord | None:
        from qistas.wiring import cached_release_for

        def listing() -> ReleaseListing | None:
            source = cached_release_for(name, is_data) if self._left_cached else None
            return None if source is None else source.listing()

        read = self._read(name, listing)
        if read is not None:
            self._left_cached -= 1
            self.parents[f"datasets/{name}" if is_data else name] = read
            at = read.listing.revision
            self.notes.append(
                Text(
                    f"{name}: read from the hub's cache ({at})",
                    f"{name}: قُرئ من ذاكرة Hugging Face المحلّية ({at})",
                )
            )
        return read

    def _fetched(self, name: str) -> ReleaseRecord | None:
        from qistas.wiring import documents_release_for

        source = documents_release_for(name)
        read = self._read(name, source.listing)
        if read is None:
            self.sought.add(name)
            return None
        new = source.renamed_to or name
        if new != name:
            self.renamed[name] = new
            self._seen.add(new.lower())
        self.parents[new] = read
        return read

    def _read(self, name: str, listing: Callable[[], ReleaseListing | None]) -> ReleaseRecord | None:
        """The record, or nothing and a note: that a parent cannot be read says nothing about its child."""
        from qistas.contracts.errors import QistasError
        from qistas.evaluations.openness.assessment import record_of

        try:
            found = listing()
            return None if found is None else record_of(found)
        except QistasError as error:
            said = str(error).splitlines()[0]
            self.notes.append(Text(f"{name}: not read ({said})", f"{name}: لم يُقرأ ({said})"))
            return None


def _named_by(record: ReleaseRecord) -> Iterator[tuple[str, bool]]:
    """The repositories that a release says it was made from, and whether each is a data set."""
    from qistas.evaluations.openness.lineage_sources import stated_parents
    from qistas.evaluations.openness.release_names import identifier_of

    for said in stated_parents(record, identifier_of(record)):
        if _REPOSITORY.fullmatch(said.parent) and ".." not in said.parent and "--" not in said.parent:
            yield said.parent, said.kind == "dataset"
