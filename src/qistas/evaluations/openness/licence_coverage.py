"""What each licence of a release covers: by the name of its file, by its folder, and by what other licences leave."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from qistas.contracts.openness import LicenceReading
from qistas.evaluations.openness.carried import is_carried
from qistas.evaluations.openness.licence_names import KINDS, Kind
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.supply_chain import names_weights

# Kinds, and the identifier of the licence that words of the release give them (``None`` for a name that is not known).
Said = Sequence[tuple[tuple[Kind, ...], str | None]]
_IN_NAMES: dict[Kind, frozenset[str]] = {
    "code": frozenset({"code", "software", "src"}),
    "data": frozenset({"data", "dataset", "datasets", "corpus"}),
    "document": frozenset({"docs", "doc", "documentation"}),
    "weights": frozenset({"model", "models", "weight", "weights", "checkpoint", "checkpoints"}),
}
# A folder called “models” holds code as often as weights.
_IN_FOLDERS: dict[Kind, frozenset[str]] = {
    "code": frozenset({"code", "src", "source", "scripts"}),
    "data": frozenset({"data", "dataset", "datasets", "corpus"}),
    "document": frozenset({"docs", "doc", "documentation"}),
    "weights": frozenset({"weight", "weights", "checkpoint", "checkpoints", "model_weights"}),
}
_FILES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("code", re.compile(r"\.(?:py|ipynb|c|cc|cpp|cu|h|js|ts|rs|go|java|sh)$", re.IGNORECASE)),
    ("data", re.compile(r"\.(?:jsonl|parquet|csv|tsv|arrow)$", re.IGNORECASE)),
)


def of_path(path: str) -> tuple[Kind, ...]:
    """What a licence file covers by its name (``DATA_LICENSE``, ``LICENSE-CODE``), or else by the folder that it stands in (``data/LICENSE``)."""
    folder, _, name = path.rpartition("/")
    words = set(re.sub(r"[^a-z]+", " ", name.lower()).split())
    named = tuple(kind for kind in KINDS if words & _IN_NAMES[kind])
    inside = folder.rpartition("/")[2].lower()
    whole = re.fullmatch(r"(?:licen[cs]e|copying)(?:\.(?:md|txt|rst))?", name, re.IGNORECASE)
    return named or tuple(kind for kind in KINDS if whole and inside in _IN_FOLDERS[kind])


def of_weights(card: LicenceReading, texts: Sequence[LicenceReading]) -> LicenceReading:
    """A card's one licence, narrowed to what the text of the same licence covers where that is the weights and others have other texts."""
    same = {kind for text in texts if text.id and text.id == card.id for kind in text.applies_to}
    others = any(
        text.match == "exact"
        and text.id != card.id
        and "/" not in text.file
        and "weights" not in text.applies_to
        for text in texts
    )
    if card.applies_to or "weights" not in same or not others:
        return card
    return msgspec.structs.replace(card, applies_to=tuple(kind for kind in KINDS if kind in same))


def covering(
    record: ReleaseRecord, readings: Sequence[LicenceReading], said: Said
) -> Iterator[LicenceReading]:
    """Readings that nothing narrows cover every kind that no narrower text gives to another licence.

    Of what no text narrows, a sentence that names this licence for some kinds, and another for others, does. A licence in a folder
    of its own, beside one for the whole, covers the files of that folder and takes nothing from the whole but what its path names.
    """
    own = tuple(reading for reading in readings if not is_carried(reading.file))
    known = any(reading.match != "unknown" for reading in own)
    top = any(reading.match != "unknown" and "/" not in reading.file for reading in own)
    for reading in readings:
        refers = known and reading.match == "unknown" and not reading.clauses and reading.place == "text"
        if reading.applies_to or refers or is_carried(reading.file):
            yield reading
        elif top and reading.place == "text" and "/" in reading.file:
            yield msgspec.structs.replace(reading, applies_to=_beside(record, reading.file))
        else:
            left = set(KINDS) - _narrowed(record, reading, own) - _said_of_others(reading, said)
            yield msgspec.structs.replace(reading, applies_to=tuple(kind for kind in KINDS if kind in left))


def _narrowed(
    record: ReleaseRecord, reading: LicenceReading, readings: Sequence[LicenceReading]
) -> set[Kind]:
    return {
        kind
        for other in readings
        if other.id != reading.id
        for kind in other.applies_to
        if other.place != "text" or kind in of_path(other.file) or _is_all(record, other.file, kind)
    }


def _is_all(record: ReleaseRecord, path: str, kind: Kind) -> bool:
    """Whether a text whose wording names this kind stands where all of that kind stands."""
    folder = path.rpartition("/")[0]
    if not folder:
        return True
    weights = [file.path for file in record.files if names_weights(file.path)]
    return kind == "weights" and all(file.startswith(f"{folder}/") for file in weights)


def _said_of_others(reading: LicenceReading, said: Said) -> set[Kind]:
    own = {kind for kinds, identifier in said if reading.id and identifier == reading.id for kind in kinds}
    # A name that nobody here knows may be what this very text calls itself, unless the text is known.
    others = {
        kind
        for kinds, identifier in said
        if identifier != reading.id and (identifier or reading.match == "exact")
        for kind in kinds
    }
    return others - own


def _beside(record: ReleaseRecord, path: str) -> tuple[Kind, ...]:
    """The kinds of files in the folder of a licence."""
    folder = path.rpartition("/")[0]
    here = [file.path for file in record.files if file.path.startswith(f"{folder}/")]
    found = {kind for kind, names in _FILES if any(map(names.search, here))}
    if any(map(names_weights, here)):
        found.add("weights")
    return tuple(kind for kind in KINDS if kind in found)
