"""Checking and carrying away what a run left."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from qistas.api.reporting import build, ledger_path
from qistas.api.weighing import BARE, known_cards
from qistas.contracts.canonical import canonical, digest
from qistas.contracts.documents import EvaluationCard, Text
from qistas.contracts.errors import BadInput, Fault, QistasError, StorageError
from qistas.contracts.findings import LedgerRef
from qistas.contracts.protocols import Evaluation
from qistas.contracts.records import Header
from qistas.contracts.version import __version__
from qistas.engine.replay import difference, first_disagreement
from qistas.evaluations.chosen import choices_of, differing, with_chosen
from qistas.evaluations.safety.choices import CHOICES
from qistas.findings.chosen_words import chosen_words, own_card_words
from qistas.ledger.integrity import first_fault
from qistas.ledger.reader import LedgerReader
from qistas.wiring import evaluation_for, recorded_judge

if TYPE_CHECKING:
    from qistas.report.json import PublishedReport


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What ``verify`` found: the first fault in words, or ``None``; and what stands behind the answer.

    ``chosen``: a sentence for each evaluation whose parameters or card were the user's own and not the published ones.
    """

    fault: str | None
    records: int
    head: str
    checked: tuple[str, ...]
    chosen: tuple[str, ...] = ()


def verify(path: Path) -> Verification:
    """Re-read a ledger, a run's folder or a bundle; recompute digests, chain, judgements, estimates, findings.

    ``report.json`` beside the ledger is held, whole, against the ledger as it was when the report was made. A file that is there and cannot be read as what it should be is a fault. Raises ``StorageError`` where
    there is no file and ``LedgerMismatch`` for another format version.
    """
    try:
        return _verify(path)
    except (StorageError, sqlite3.DatabaseError) as error:
        if not ledger_path(path).is_file():
            raise
        # What to do about a file that cannot be written helps nobody who reads one.
        faults = error.faults if isinstance(error, StorageError) else (Fault(str(error)),)
        said = "; ".join(f"{fault.where}: {fault.message}" for fault in faults)
        return Verification(fault=said, records=0, head="", checked=())


def _verify(path: Path) -> Verification:
    with _opened(path) as opened:
        reader = opened.reader
        checked = [opened.beside] if opened.beside else []
        checked += ["digests", "chain"]
        fault = opened.fault or first_fault(reader, opened.stated)
        if fault is None:
            checked += ["samples", "judgements", "observations", "estimates", "findings"]
            fault = _recomputed_fault(reader, opened.report)
        chosen = tuple(text.en for text in _own_words(reader.header())) if fault is None else ()
        return Verification(
            fault=fault, records=reader.count, head=reader.head, checked=tuple(checked), chosen=chosen
        )


def _own_words(header: Header) -> Iterator[Text]:
    yield from chosen_words(header)
    yield from own_card_words(header)


class _Opened(NamedTuple):
    """What is verified: records, the count and head stated for them, and a fault found on opening."""

    reader: LedgerReader
    stated: LedgerRef | None
    report: PublishedReport | None
    fault: str | None
    beside: str | None


@contextmanager
def _opened(path: Path) -> Iterator[_Opened]:
    """A ledger, a run's folder or a bundle."""
    if path.is_file() and (path.suffix == ".qistas" or zipfile.is_zipfile(path)):
        from qistas.ledger.bundle import opened_bundle

        with opened_bundle(path) as (reader, signed, fault, signer):
            yield _Opened(reader, signed, None, fault, f"signature by {signer}")
        return
    ledger = ledger_path(path)
    stated, fault = _stated_report(ledger.parent / "report.json")
    with LedgerReader(ledger) as reader:
        yield _Opened(
            reader, stated.ledger if stated else None, stated, fault, "report.json" if stated else None
        )


def _stated_report(path: Path) -> tuple[PublishedReport | None, str | None]:
    from qistas.report.json import read_json

    if not path.is_file():
        return None, None
    try:
        return read_json(path.read_bytes()), None
    except (ValueError, RecursionError, OSError) as error:
        return None, f"{path.name} cannot be read: {error}"


def _recomputed_fault(reader: LedgerReader, stated: PublishedReport | None) -> str | None:
    """The first thing that does not follow from the evidence; records from anywhere may contradict in any way."""
    header = reader.header()
    try:
        fault = _ledger_fault(reader, header) or (stated and _report_fault(reader, stated))
    except QistasError:
        raise
    except Exception as error:  # noqa: BLE001
        fault = f"the records contradict each other: {type(error).__name__}: {error}"
    if fault and header.qistas != __version__:
        return f"{fault} (Qistas {header.qistas} wrote this, and {__version__} verifies: it may count or word otherwise)"
    return fault or None


def _ledger_fault(reader: LedgerReader, header: Header) -> str | None:
    changed = _changed_card(header)
    if changed:
        return changed
    try:
        evaluations = {name: evaluation_for(card) for name, card in header.evaluations.items()}
    except BadInput as error:
        return f"a card of the ledger cannot be run: {error}"
    judges = {name: recorded_judge(name, card) for name, card in header.judges.items()}
    fault = _population_fault(reader, header, evaluations)
    return fault or asyncio.run(first_disagreement(reader, evaluations, judges))


def _changed_card(header: Header) -> str | None:
    """Code belongs to the card it was written for: neither its rules nor its numbers come out of a ledger.

    Only values that a user may choose do, where the ledger names them: the run's own function puts them in again.
    """
    known = known_cards()
    for name, card in header.evaluations.items():
        if card.kind != "code":
            continue
        said = f"evaluation {name} was version {card.version}, this Qistas has"
        if name not in known or known[name].version != card.version:
            have = known[name].version if name in known else "none"
            return f"{said} {have} with another card: verify with the version that wrote it"
        named = header.chosen.get(name, {})
        try:
            again = with_chosen(known[name], named)
        except BadInput as error:
            return f"the ledger names as chosen what nobody can choose: {error}"
        if canonical(again) != canonical(card):
            return f"{said} {card.version} with another card: {_apart(card, again)}"
        if canonical(named) != canonical(choices_of(card, known[name])):
            return f"what the ledger names as chosen for {name} is not what its card differs in from the published one"
    return _chosen_for_nothing(header)


def _apart(card: EvaluationCard, again: EvaluationCard) -> str:
    """What differs, and what to do about it."""
    parts, choosable = differing(card, again), CHOICES.get(card.id, ())
    step = "verify with the version that wrote it"
    if {part.removeprefix("parameters.") for part in parts} <= set(choosable):
        step = "the ledger does not name them as chosen; run it again with qistas run --param"
    elif choosable:
        step += f", or run the published card, of which qistas run --param chooses {', '.join(choosable)}"
    return f"they differ in {', '.join(parts)}: {step}"


def _chosen_for_nothing(header: Header) -> str | None:
    code = {name for name, card in header.evaluations.items() if card.kind == "code"}
    strangers = sorted(
        {*(header.chosen.keys() - code), *(name for name, one in header.chosen.items() if not one)}
    )
    if strangers:
        return (
            f"the ledger names parameters chosen for {', '.join(strangers)}, where there are none to choose"
        )
    if header.chosen and header.standard.id != BARE:
        return f"the standard {header.standard.id} is of evaluations as published, and the ledger names parameters chosen"
    return None


def _population_fault(reader: LedgerReader, header: Header, evaluations: dict[str, Evaluation]) -> str | None:
    """Whether samples were added or left out; told where the data are packaged or the card holds them."""
    held = _digests_of_samples(reader)
    for name, evaluation in evaluations.items():
        rows = _rows(evaluation.card, header)
        if rows is None:
            continue
        given = _hashed(digest(sample) for sample in evaluation.samples(rows))
        if held.get(name, _hashed(())) != given:
            return f"the samples of {name} are not those of its data"
    return None


class _OfEvaluation(msgspec.Struct, frozen=True):
    """Of a sample's record: which evaluation it belongs to."""

    evaluation: str


def _digests_of_samples(reader: LedgerReader) -> dict[str, bytes]:
    """One hash over the digests of each evaluation's samples, in their order."""
    hashes: dict[str, Any] = {}
    for name, sample in reader.fields("sample", _OfEvaluation):
        hashes.setdefault(sample.evaluation, hashlib.sha256()).update(name.encode())
    return {name: hashed.digest() for name, hashed in hashes.items()}


def _hashed(names: Iterable[str]) -> bytes:
    hashed = hashlib.sha256()
    for name in names:
        hashed.update(name.encode())
    return hashed.digest()


def _rows(card: EvaluationCard, header: Header) -> list[dict[str, Any]] | None:
    """The rows that the run used, or ``None`` where they are not here."""
    from qistas.datasets.rows import load_rows

    if card.data is None:
        return []
    try:
        rows, found = load_rows(card.data)
    except QistasError:
        return None
    return rows if found == header.data.get(card.data.id) else None


def _report_fault(reader: LedgerReader, stated: PublishedReport) -> str | None:
    """Where the report differs from the one that the ledger gave when it held the stated number of records."""
    from qistas.report.json import publish

    with LedgerReader(reader.path, last=stated.ledger.records) as then:
        try:
            made, evidence = build(then)
            differing = difference(stated, publish(made, then, evidence))
        except QistasError as error:
            differing = str(error)
    return f"report.json: {differing.removeprefix('.')}" if differing else None


def bundle(path: Path, out: Path | None = None, key: Path | None = None) -> dict[str, Any]:
    """Make a ledger portable: canonical records, manifest, Ed25519 signature."""
    from qistas.ledger.bundle import write_bundle

    ledger = ledger_path(path)
    target = out or ledger.parent / f"{ledger.resolve().parent.name}.qistas"
    with LedgerReader(ledger) as reader:
        manifest = write_bundle(reader, target, key=key)
    return {"bundle": str(target), **msgspec.to_builtins(manifest)}
