"""Small records, and a ledger made of them."""

from __future__ import annotations

from pathlib import Path

from qistas.contracts.exchanges import ChatRequest, ChatResponse, Failure, Message
from qistas.contracts.records import Answered, Asked, Entry, Failed
from qistas.ledger.store import Ledger


def asked(text: str) -> Asked:
    return Asked(target="sha256:t", request=ChatRequest(messages=(Message("user", text),)))


def answered(text: str) -> Answered:
    response = ChatResponse(text=text)
    return Answered(request="sha256:r", response=response, cached=False, attempt=1, elapsed_seconds=0.5)


def failed() -> Failed:
    return Failed(
        request="sha256:r", failure=Failure(kind="timeout", message="slow", passing=True), attempt=1
    )


def write(path: Path, *entries: Entry) -> None:
    ledger = Ledger(path)
    for entry in entries:
        ledger.append(entry)
    ledger.close()
