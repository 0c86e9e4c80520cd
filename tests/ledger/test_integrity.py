"""Any changed record is found and named."""

import sqlite3
from pathlib import Path

import pytest
from tests.fakes.ledgers import answered, asked, failed, write

from qistas.contracts.canonical import digest_bytes
from qistas.contracts.errors import LedgerMismatch, StorageError
from qistas.contracts.findings import LedgerRef
from qistas.ledger.chain import GENESIS, next_head
from qistas.ledger.integrity import first_fault
from qistas.ledger.reader import LedgerReader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write(
        tmp_path / "l.sqlite",
        *(entry for n in range(5) for entry in (asked(f"q{n}"), answered(f"a{n}"), failed())),
    )
    return tmp_path / "l.sqlite"


def change(path: Path, *statements: str) -> None:
    """Edit rows as someone would who knows SQLite: the triggers go first and come back last."""
    database = sqlite3.connect(path)
    triggers = [row[0] for row in database.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
    database.executescript("DROP TRIGGER records_no_update; DROP TRIGGER records_no_delete;")
    for statement in (*statements, *triggers):
        database.execute(statement)
    database.commit()
    database.close()


def fault(path: Path, expected: LedgerRef | None = None) -> str | None:
    with LedgerReader(path) as reader:
        return first_fault(reader, expected)


def stated(path: Path) -> LedgerRef:
    with LedgerReader(path) as reader:
        return LedgerRef(records=reader.count, head=reader.head)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE records SET body = replace(body, 'q1', 'q9') WHERE seq = 4", "record 4 (request, sha256:"),
        ("UPDATE records SET kind = 'response' WHERE seq = 4", "record 4 (response"),
        ("UPDATE records SET head = replace(head, 'a', 'b') WHERE seq = 6", "record 6 (failure"),
        ("DELETE FROM records WHERE seq = 3", "record 3 is missing"),
        ("UPDATE records SET body = CAST(body AS TEXT) WHERE seq = 2", "record 2 (response"),
    ],
)
def test_a_changed_record_is_named(path: Path, statement: str, says: str) -> None:
    change(path, statement)
    found = fault(path)
    assert found is not None
    assert found.startswith(says)


def test_a_cut_tail_is_found_against_what_the_report_states(path: Path) -> None:
    before = stated(path)
    change(path, "DELETE FROM records WHERE seq > 10")
    assert fault(path) is None
    assert fault(path, before) == "the ledger holds 10 records, the report states 15: the end was cut off"


def test_a_recomputed_chain_is_found_against_what_the_report_states(path: Path) -> None:
    before = stated(path)
    _forge(path, 4, lambda body: body.replace(b"q1", b"q9"))
    assert fault(path) is None
    found = fault(path, before)
    assert found is not None
    assert found.startswith("record 15: the chain's head is sha256:")


def test_a_ledger_that_grew_since_still_agrees_with_its_report(path: Path) -> None:
    before = stated(path)
    write(path, asked("later"))
    assert fault(path, before) is None


@pytest.mark.parametrize(
    ("body", "says"),
    [(b'{"a": 1}', "cannot be read"), (b"\xff", "cannot be read")],
)
def test_a_record_that_is_none_is_named_even_in_a_forged_chain(path: Path, body: bytes, says: str) -> None:
    _forge(path, 4, lambda _: body)
    assert says in (fault(path) or "")


def test_a_record_in_another_form_is_named_even_in_a_forged_chain(path: Path) -> None:
    _forge(path, 4, lambda old: old.replace(b'","', b'", "', 1))
    assert "not in canonical form" in (fault(path) or "")


def _forge(path: Path, seq: int, changed: object) -> None:
    with LedgerReader(path) as reader:
        rows = list(reader.rows())
    statements, head = [], GENESIS
    for row in rows:
        body = changed(row.body) if row.seq == seq else row.body  # type: ignore[operator]
        digest = digest_bytes(body)
        head = next_head(head, row.seq, row.kind, digest)
        hexed = f"X'{body.hex()}'"
        statements.append(
            f"UPDATE records SET body = {hexed}, digest = '{digest}', head = '{head}' WHERE seq = {row.seq}"
        )
    change(path, *statements)


def test_every_flipped_byte_of_the_file_is_found_or_leaves_the_records_unchanged(tmp_path: Path) -> None:
    """The whole file header and a byte in 67 of the rest, each flipped alone: a fault, an error, or provably the
    same records."""
    path = tmp_path / "small.sqlite"
    write(path, asked("q"), answered("a"), failed())
    before = stated(path)
    with LedgerReader(path) as reader:
        records = list(reader.rows())
    whole = path.read_bytes()
    for place in [*range(100), *range(100, len(whole), 67)]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        try:
            with LedgerReader(path) as reader:
                if first_fault(reader, before) is None:
                    assert list(reader.rows()) == records, place
        except (StorageError, LedgerMismatch, sqlite3.DatabaseError):
            continue


def test_a_record_nested_beyond_reading_is_a_fault_and_no_stack_trace(path: Path) -> None:
    body = b'{"type":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    digest = digest_bytes(body)
    with LedgerReader(path) as reader:
        seq, head = reader.count + 1, reader.head
    database = sqlite3.connect(path)
    row = (seq, "request", digest, body, next_head(head, seq, "request", digest))
    database.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?)", row)
    database.commit()
    database.close()
    assert "the content cannot be read: " in (fault(path) or "")
    with LedgerReader(path) as reader, pytest.raises(StorageError, match=r"cannot be read: .*qistas verify"):
        list(reader.entries("request"))


def test_a_reader_can_show_a_ledger_as_it_was(path: Path) -> None:
    with LedgerReader(path) as whole, LedgerReader(path, last=4) as then:
        rows = list(whole.rows())
        assert list(then.rows()) == rows[:4]
        assert (then.count, then.head) == (4, rows[3].head)
        assert [digest for digest, _ in then.entries("response")] == [rows[1].digest]
        assert then.get(rows[3].digest) is not None
        assert then.get(rows[4].digest) is None


def test_a_record_of_an_older_version_that_lacks_a_later_field_still_agrees(path: Path) -> None:
    _forge(path, 1, lambda old: old.replace(b'"seed":null,', b""))
    with LedgerReader(path) as reader:
        assert b'"seed"' not in next(reader.rows()).body
        assert first_fault(reader) is None
