"""Which answers of two files of other tools belong together: those to the same prompt, word for word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.documents import EvaluationCard
from qistas.contracts.records import Header
from qistas.findings.reading import FieldReader

Names = Mapping[str, str]

# Of the data of an import the file with what its attacks sought.
BEHAVIOURS = "behaviours"


class _Row(msgspec.Struct):
    conversation: list[tuple[str, str]] = []


class _Fields(msgspec.Struct):
    """Of a sample what tells whether another one asks the same."""

    evaluation: str
    id: str
    cluster: str
    row: _Row


def is_reported(header: Header) -> bool:
    """Whether the run is an import: nothing in it was observed here."""
    return header.target.adapter == "reported"


def behaviours_of(card: EvaluationCard, header: Header) -> str | None:
    """The digest of the file in which a judge of ours read what an import's attacks sought; ``None`` where it read none.

    The other tool's own verdicts do not hang on it.
    """
    ours = is_reported(header) and card.judge != card.parameters.get("reported")
    return header.data.get(BEHAVIOURS) if ours else None


def prompts_of(header: Header, reader: FieldReader) -> dict[str, dict[str, str]]:
    """By evaluation and sample's id the name of what was asked, equal in two files where the prompt is; an import's alone.

    It is the digest of the unit and of the whole conversation, and which of several answers to it this is. Where the attack put nothing to
    the model there is no prompt, and no name.
    """
    found: dict[str, dict[str, str]] = {}
    if not is_reported(header):
        return found
    before: Counter[tuple[str, str]] = Counter()
    for sample in _samples(reader):
        if not sample.row.conversation:
            continue
        asked = digest([sample.cluster, sample.row.conversation])
        before[sample.evaluation, asked] += 1
        named = f"{asked} {before[sample.evaluation, asked]}"
        found.setdefault(sample.evaluation, {})[sample.id] = named
    return found


def _samples(reader: FieldReader) -> Iterator[_Fields]:
    for _, samples in reader.batches("sample", _Fields):
        yield from samples
