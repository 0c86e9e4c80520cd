"""Appending to a ledger: a queue, one writer thread, commits in batches of at most ``COMMIT_SECONDS``."""

from __future__ import annotations

import fcntl
import queue
import sqlite3
import threading
import time
from pathlib import Path
from typing import IO

from qistas.contracts.canonical import canonical, digest_bytes
from qistas.contracts.errors import Fault, LedgerMismatch, StorageError
from qistas.contracts.records import KIND_OF, LEDGER_FORMAT, Entry
from qistas.ledger.chain import GENESIS, next_head

COMMIT_SECONDS = 0.05
APPLICATION_ID = 0x51495354  # "QIST"
VERSION = 1

_SCHEMA = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
CREATE TABLE records (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    body BLOB NOT NULL,
    head TEXT NOT NULL
);
CREATE INDEX records_kind ON records (kind, seq);
CREATE INDEX records_digest ON records (digest);
CREATE TRIGGER records_no_update BEFORE UPDATE ON records
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER records_no_delete BEFORE DELETE ON records
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""

# Records that are what they say and may stand only once; a repeated failure or session is an event.
_CONTENT_ADDRESSED = frozenset({"header", "sample", "request", "judgement"})


class _Flush:
    def __init__(self) -> None:
        self.done = threading.Event()


_Item = tuple[str, str, bytes] | _Flush | None


class Ledger:
    """An open ledger that can be appended to, from any thread.

    At most ``COMMIT_SECONDS`` of appended records can be lost when the process is killed; what is committed
    is on disk (WAL, ``synchronous=FULL``). Raises ``StorageError`` when the disk refuses, ``LedgerMismatch``
    for a file of another format version, both naming the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock_file = _lock(path)
        self._known: set[str] = set()
        self._error: Exception | None = None
        self._queue: queue.Queue[_Item] = queue.Queue(maxsize=100_000)
        try:
            self._database = _open(path)
            self._load_tail()
        except BaseException:
            self._lock_file.close()
            raise
        self._thread = threading.Thread(target=self._write_forever, name="ledger", daemon=True)
        self._thread.start()

    @property
    def empty(self) -> bool:
        """Whether nothing was ever committed."""
        return self._seq == 0

    def append(self, entry: Entry) -> str:
        """Queue a record and return its digest; content that stands already is not written again."""
        self._raise_error()
        kind = KIND_OF[type(entry)]
        body = canonical(entry)
        digest = digest_bytes(body)
        if kind in _CONTENT_ADDRESSED:
            if digest in self._known:
                return digest
            self._known.add(digest)
        self._queue.put((kind, digest, body))
        return digest

    def flush(self) -> None:
        """Return once everything appended so far is committed."""
        marker = _Flush()
        self._queue.put(marker)
        while not marker.done.wait(0.2):
            if not self._thread.is_alive():
                break
        self._raise_error()

    def close(self) -> None:
        """Commit, fold the write-ahead log into the file, and let go of it."""
        self._queue.put(None)
        self._thread.join()
        try:
            self._raise_error()
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._database.close()
            self._lock_file.close()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise storage_error(self.path, self._error) from self._error

    def _load_tail(self) -> None:
        marks = ",".join("?" * len(_CONTENT_ADDRESSED))
        query = f"SELECT digest FROM records WHERE kind IN ({marks})"  # noqa: S608 - only question marks
        self._known.update(row[0] for row in self._database.execute(query, sorted(_CONTENT_ADDRESSED)))
        last = self._database.execute("SELECT seq, head FROM records ORDER BY seq DESC LIMIT 1").fetchone()
        self._seq: int = last[0] if last else 0
        self._head: str = last[1] if last else GENESIS

    def _write_forever(self) -> None:
        running = True
        while running:
            items = self._take()
            running = None not in items
            try:
                if self._error is None:
                    self._commit([item for item in items if isinstance(item, tuple)])
            except sqlite3.Error as error:
                self._error = error
            for item in items:
                if isinstance(item, _Flush):
                    item.done.set()

    def _take(self) -> list[_Item]:
        items: list[_Item] = [self._queue.get()]
        deadline = time.monotonic() + COMMIT_SECONDS
        while items[-1] is not None and not isinstance(items[-1], _Flush) and len(items) < 10_000:
            wait = deadline - time.monotonic()
            try:
                items.append(self._queue.get(timeout=wait) if wait > 0 else self._queue.get_nowait())
            except queue.Empty:
                break
        return items

    def _commit(self, items: list[tuple[str, str, bytes]]) -> None:
        if not items:
            return
        seq, head, rows = self._seq, self._head, []
        for kind, digest, body in items:
            seq += 1
            head = next_head(head, seq, kind, digest)
            rows.append((seq, kind, digest, body, head))
        with self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?)", rows)
        self._seq, self._head = seq, head


def storage_error(path: Path, error: Exception) -> StorageError:
    """What a person can do about a file that cannot be written or read."""
    steps = {
        "disk is full": "free some space, then run the same command again: it resumes",
        "readonly": "choose another folder with --out",
        "unable to open": "check that the folder exists and can be written, or choose another with --out",
        "not a database": "choose another folder with --out: this file is no ledger",
    }
    text = str(error)
    step = next((step for key, step in steps.items() if key in text), "check the disk and its permissions")
    return StorageError(Fault(f"the ledger cannot be used: {text}", where=str(path), next_step=step))


def _lock(path: Path) -> IO[bytes]:
    lock_path = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = lock_path.open("wb")
    except OSError as error:
        step = "free some space" if error.errno == 28 else "choose another folder with --out"
        reason = error.strerror or str(error)
        raise StorageError(
            Fault(f"cannot write here: {reason}", where=str(path.parent), next_step=step)
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        fault = Fault(
            "another process is writing this run", where=str(path), next_step="wait for it, or choose --out"
        )
        raise StorageError(fault) from error
    return handle


def _open(path: Path) -> sqlite3.Connection:
    try:
        fresh = not path.exists() or path.stat().st_size == 0
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        if fresh:
            database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
        check_version(database, path)
    except sqlite3.Error as error:
        raise storage_error(path, error) from error
    return database


def create_empty(path: Path) -> sqlite3.Connection:
    """A new, empty ledger file for rows that were written elsewhere; it replaces no file."""
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
    return database


def check_version(database: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that is no ledger (``StorageError``) or is of another version (``LedgerMismatch``).

    The header record tells a ledger of another version from one whose file header is damaged.
    """
    application = database.execute("PRAGMA application_id").fetchone()[0]
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if (application, version) == (APPLICATION_ID, VERSION):
        return
    if application == APPLICATION_ID and not _header_is_ours(database):
        text = f"this ledger has format version {version}; this Qistas reads version {VERSION}"
        step = "use the Qistas version that wrote it, or choose another folder with --out"
        raise LedgerMismatch(Fault(text, where=str(path), next_step=step))
    text = "this file is no Qistas ledger, or its file header is damaged"
    raise StorageError(Fault(text, where=str(path), next_step="choose another folder with --out"))


def _header_is_ours(database: sqlite3.Connection) -> bool:
    try:
        row = database.execute("SELECT body FROM records WHERE seq = 1").fetchone()
    except sqlite3.Error:
        return False
    return row is not None and f'"format":"{LEDGER_FORMAT}"'.encode() in bytes(row[0])
