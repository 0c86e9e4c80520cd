"""The licences that a release states for its weights or data, as far as they bind what is made from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from qistas.contracts.openness import LicenceReading, Quote
from qistas.evaluations.openness.licence_names import meant
from qistas.evaluations.openness.lineage_rules import Kind, lineage_rules
from qistas.evaluations.openness.record import ReleaseRecord

MOST_SHOWN_CHARACTERS = 120
# Where a reader finds the words of a licence that is known by its name alone.
_FACTS_OF = "qistas/evaluations/openness/lineage_facts.json"
_PLACES = ("text", "card", "header")


class Duty(NamedTuple):
    """What a licence says, and where."""

    fact: str
    value: str | int | bool
    licence: str
    quote: Quote


class Stand(NamedTuple):
    """The stated licences of one release.

    ``shown``: the first of them: its identifier, or, where none is known for it, its words as stated, in “quotation marks”; ``ids``: all. ``known``: every one is known, so that what none says, none
    says. ``said``: the words that state it.
    """

    shown: str | None
    ids: frozenset[str]
    known: bool
    duties: tuple[Duty, ...]
    said: Quote | None

    def of_release(self, identifier: str) -> Stand:
        """The same, every quote with the release that it stands in as its origin."""
        duties = tuple(duty._replace(quote=of_release(duty.quote, identifier)) for duty in self.duties)
        return self._replace(duties=duties, said=self.said and of_release(self.said, identifier))


NOTHING = Stand(None, frozenset(), False, (), None)


class _KnownFact(msgspec.Struct, frozen=True, kw_only=True):
    fact: str
    value: str | int | bool
    quote: str
    line: int


class _KnownLicence(msgspec.Struct, frozen=True, kw_only=True):
    digest: str
    facts: tuple[_KnownFact, ...]


@cache
def known_facts() -> dict[str, _KnownLicence]:
    """The clause facts of licences that are known by name, found by the clause rules in their texts.

    Built by ``tools/gather_lineage_facts.py``; a licence that is not among them says nothing here.
    """
    data = files("qistas.evaluations.openness").joinpath("lineage_facts.json").read_bytes()
    return msgspec.convert(json.loads(data)["licences"], dict[str, _KnownLicence])


def of_release(quote: Quote, identifier: str) -> Quote:
    """A quote from another release than the one that is weighed."""
    return msgspec.structs.replace(quote, origin=quote.origin or identifier)


def stand_of(record: ReleaseRecord, kind: Kind) -> Stand:
    """What a release states for what it is: the weights of a model, the data of a data set.

    Duties are those of the texts that stand highest, of the card and of headers: a text in a folder may be another part's. Whether a
    licence lacks something is told by all of them.
    """
    covered = "data" if kind == "dataset" else "weights"
    readings = sorted(
        (
            reading
            for reading in record.licences
            if covered in reading.applies_to and reading.place in _PLACES
        ),
        key=lambda reading: (_PLACES.index(reading.place), reading.file.count("/"), reading.file),
    )
    if not readings:
        return NOTHING
    highest = min((reading.file.count("/") for reading in readings if reading.place == "text"), default=0)
    binding = [
        reading for reading in readings if reading.place != "text" or reading.file.count("/") == highest
    ]
    first = readings[0]
    return Stand(
        shown=_shown(first),
        ids=frozenset(reading.id for reading in readings if reading.id),
        known=all(_is_known(reading) for reading in readings),
        duties=tuple(dict.fromkeys(duty for reading in binding for duty in _duties(reading))),
        said=first.evidence[0] if first.evidence else None,
    )


def _shown(reading: LicenceReading) -> str:
    meanings = meant(reading.name) if reading.id is None else ()
    known = reading.id or (meanings[0].id if len(meanings) == 1 else None)
    return known or f"“{' '.join(reading.name.split())[:MOST_SHOWN_CHARACTERS]}”"


def all_facts(record: ReleaseRecord) -> frozenset[str]:
    """Every fact that any licence or policy of a release says, wherever it stands."""
    return frozenset(duty.fact for reading in record.licences for duty in _duties(reading))


def _is_known(reading: LicenceReading) -> bool:
    if reading.match != "exact" or reading.id is None:
        return False
    return (
        reading.place == "text"
        or reading.open is True
        or reading.id in known_facts()
        or bool(list(_by_id(reading)))
    )


def _duties(reading: LicenceReading) -> Iterator[Duty]:
    shown = reading.id or reading.name
    for clause in reading.clauses:
        quote = Quote(file=clause.file, line=clause.line, quote=clause.quote, digest=clause.digest)
        yield Duty(clause.fact, clause.value, shown, quote)
    if reading.clauses:
        return
    ids = [reading.id] if reading.id else [licence.id for licence in meant(reading.name)]
    known = [known_facts()[identifier] for identifier in ids if identifier in known_facts()]
    if known and len(known) == len(ids):
        yield from _common(known, ids, shown)
    else:
        yield from _by_id(reading)


def _common(known: list[_KnownLicence], ids: list[str], shown: str) -> Iterator[Duty]:
    """The facts that every licence which a name may mean has."""
    for fact in known[0].facts:
        if all(
            any((one.fact, one.value) == (fact.fact, fact.value) for one in other.facts) for other in known
        ):
            quote = Quote(
                file=f"licence text of {ids[0]}",
                line=fact.line,
                quote=fact.quote,
                digest=known[0].digest,
                origin=_FACTS_OF,
            )
            yield Duty(fact.fact, fact.value, shown, quote)


def _by_id(reading: LicenceReading) -> Iterator[Duty]:
    for rule in lineage_rules().by_id:
        if reading.id and reading.evidence and re.search(rule.id, reading.id):
            yield Duty(rule.fact, True, reading.id, reading.evidence[0])
