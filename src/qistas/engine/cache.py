"""The response cache shared between runs: content-addressed, one SQLite file."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import msgspec

from qistas.contracts.canonical import canonical
from qistas.contracts.exchanges import ChatResponse, ScoreResponse

_decoder = msgspec.json.Decoder(ChatResponse | ScoreResponse)


def cache_folder() -> Path:
    """``QISTAS_CACHE``, or the user's cache folder."""
    named = os.environ.get("QISTAS_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qistas"


class ResponseCache:
    """Responses by request digest (which covers the target's identity).

    Only for targets whose weights are known by digest: what an endpoint answers today proves nothing about
    tomorrow. A cache that cannot be used is no error: everything is simply asked. ``note`` says why.
    """

    def __init__(self, folder: Path) -> None:
        self.note: str | None = None
        self._database: sqlite3.Connection | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(folder / "responses.sqlite", isolation_level=None, timeout=10)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS responses (request TEXT PRIMARY KEY, response BLOB NOT NULL) WITHOUT ROWID"
            )
            self._database = database
        except (OSError, sqlite3.Error) as error:
            self.note = f"the response cache cannot be used: {error}"

    def get(self, request: str) -> ChatResponse | ScoreResponse | None:
        """The cached response to the request with this digest."""
        if self._database is None:
            return None
        try:
            row = self._database.execute(
                "SELECT response FROM responses WHERE request = ?", (request,)
            ).fetchone()
            return _decoder.decode(row[0]) if row else None
        except (sqlite3.Error, msgspec.DecodeError, UnicodeDecodeError, TypeError) as error:
            self._give_up(error)
            return None

    def put(self, responses: list[tuple[str, ChatResponse | ScoreResponse]]) -> None:
        """Remember responses, in one transaction."""
        if self._database is None:
            return
        rows = [(request, canonical(response)) for request, response in responses]
        try:
            self._database.execute("BEGIN")
            self._database.executemany("INSERT OR IGNORE INTO responses VALUES (?, ?)", rows)
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(error)

    def close(self) -> None:
        """Let go of the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _give_up(self, error: Exception) -> None:
        self.note = f"the response cache cannot be used: {error}"
        self.close()
