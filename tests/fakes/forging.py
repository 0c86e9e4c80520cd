"""A ledger rewritten by someone who knows how chains are made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.fakes.ledgers import write

from qistas.contracts.records import Entry
from qistas.ledger.chain import decode
from qistas.ledger.reader import LedgerReader


def forged(ledger: Path, change: Callable[[Entry], Entry | None]) -> Path:
    """The same records, each changed (or left out, for ``None``), under a new and flawless chain."""
    with LedgerReader(ledger) as reader:
        entries = [change(decode(row.kind, row.body)) for row in reader.rows()]
    path = ledger.with_name("forged.sqlite")
    path.unlink(missing_ok=True)
    write(path, *[entry for entry in entries if entry is not None])
    return path
