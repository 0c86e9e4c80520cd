"""A bundle is its ledger, carried elsewhere: nothing is lost on the way, and nothing changes unseen."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.fakes.jobs import card, criterion
from tests.fakes.ledgers import answered, asked, failed, write
from tests.fakes.observed import header

from qistas.contracts.canonical import canonical
from qistas.contracts.errors import LedgerMismatch, QistasError, StorageError
from qistas.contracts.findings import LedgerRef
from qistas.ledger.bundle import Manifest, Signature, opened_bundle, write_bundle
from qistas.ledger.chain import Row
from qistas.ledger.integrity import first_fault
from qistas.ledger.reader import LedgerReader
from qistas.ledger.signing import load_key, public_text, sign

Members = dict[str, bytes]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    made = Ed25519PrivateKey.generate()
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    first = header([card()], [criterion()])
    write(tmp_path / "l.sqlite", first, asked("سؤال\u2028\\u00e9\n"), answered("نعم"), failed())
    return tmp_path / "l.sqlite"


@pytest.fixture
def bundle(ledger: Path, key: Path) -> Path:
    path = ledger.with_name("run.qistas")
    with LedgerReader(ledger) as reader:
        write_bundle(reader, path, key)
    return path


def rows(ledger: Path) -> list[Row]:
    with LedgerReader(ledger) as reader:
        return list(reader.rows())


def fault(bundle: Path) -> str | None:
    """What a verification says: of manifest and signature first, then of the records."""
    with opened_bundle(bundle) as (reader, signed, found, _):
        return found or first_fault(reader, signed)


def members(bundle: Path) -> Members:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(bundle: Path, change: Callable[[Members], object]) -> Path:
    held = members(bundle)
    change(held)
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    return bundle


def resigned(held: Members, key: Path, **changes: object) -> None:
    """Another manifest under a signature that fits it."""
    held["manifest.json"] = canonical({**json.loads(held["manifest.json"]), **changes})
    signature = Signature(algorithm="ed25519", signature=sign(load_key(key), held["manifest.json"]))
    held["signature.json"] = canonical(signature)


def test_a_bundle_gives_back_every_record_as_it_stood(ledger: Path, bundle: Path) -> None:
    with opened_bundle(bundle) as (reader, signed, found, _):
        assert found is None
        assert list(reader.rows()) == rows(ledger)
        assert signed == LedgerRef(records=reader.count, head=reader.head)
        assert first_fault(reader, signed) is None
        laid_out = reader.path
    assert not laid_out.exists()


def test_the_manifest_says_what_the_bundle_holds(ledger: Path, key: Path) -> None:
    with LedgerReader(ledger) as reader:
        manifest = write_bundle(reader, ledger.with_name("b.qistas"), key)
        assert manifest == Manifest(
            format="qistas-bundle/1",
            qistas="0",
            model="scripted:x",
            standard="test 1.0",
            records=4,
            head=reader.head,
            sha256=manifest.sha256,
            public_key=public_text(load_key(key)),
        )
    held = members(ledger.with_name("b.qistas"))
    assert held["manifest.json"] == canonical(manifest)
    assert held["records.jsonl"].count(b"\n") == 4


def test_the_same_ledger_and_key_give_the_same_bytes(
    ledger: Path, bundle: Path, key: Path, tmp_path: Path
) -> None:
    with LedgerReader(ledger) as reader:
        write_bundle(reader, tmp_path / "again.qistas", key)
    assert (tmp_path / "again.qistas").read_bytes() == bundle.read_bytes()
    assert not list(tmp_path.glob("*.part"))


def test_without_a_named_key_this_users_key_signs(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QISTAS_SIGNING_KEY", str(tmp_path / "own.pem"))
    with LedgerReader(ledger) as reader:
        manifest = write_bundle(reader, tmp_path / "own.qistas")
    assert manifest.public_key == public_text(load_key(tmp_path / "own.pem"))
    assert fault(tmp_path / "own.qistas") is None


def test_a_changed_record_does_not_have_the_digest_that_was_signed(bundle: Path) -> None:
    repacked(
        bundle,
        lambda held: held.update({"records.jsonl": held["records.jsonl"].replace("نعم".encode(), b"no")}),
    )
    found = fault(bundle)
    assert found is not None
    assert found.startswith("records.jsonl: its digest is sha256:")


def test_a_changed_record_under_a_new_manifest_of_another_key_breaks_the_chain(
    bundle: Path, tmp_path: Path
) -> None:
    """Whoever signs anew can make the manifest fit, but not the record its digest."""
    import hashlib

    (tmp_path / "other.pem").write_bytes(_other_key())

    def change(held: Members) -> None:
        held["records.jsonl"] = held["records.jsonl"].replace("نعم".encode(), b"no")
        digest = "sha256:" + hashlib.sha256(held["records.jsonl"]).hexdigest()
        other = tmp_path / "other.pem"
        resigned(held, other, sha256=digest, public_key=public_text(load_key(other)))

    found = fault(repacked(bundle, change))
    assert found is not None
    assert found.startswith("record 3 (response, sha256:")
    assert found.endswith("the content does not have the digest it was written with")


def _other_key() -> bytes:
    made = Ed25519PrivateKey.generate()
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("manifest.json", lambda data: data.replace(b"scripted:x", b"scripted:y")),
        ("manifest.json", lambda data: data.replace(b'"records":4', b'"records":3')),
        ("manifest.json", lambda data: data + b"\n"),
        ("signature.json", lambda data: data.replace(b"ed25519", b"none")),
        ("signature.json", lambda data: b'{"algorithm":"ed25519","signature":"AAAA"}'),
    ],
)
def test_a_changed_manifest_or_signature_does_not_fit(
    bundle: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    repacked(bundle, lambda held: held.update({name: change(held[name])}))
    assert fault(bundle) == "signature.json: the signature does not fit the manifest"


def test_records_cut_off_or_stated_wrongly_are_found_under_any_signature(bundle: Path, key: Path) -> None:
    repacked(bundle, lambda held: resigned(held, key, records=5))
    assert fault(bundle) == "the ledger holds 4 records, the report states 5: the end was cut off"
    repacked(bundle, lambda held: resigned(held, key, records=4, head="sha256:other"))
    assert (fault(bundle) or "").startswith("record 4: the chain's head is sha256:")


@pytest.mark.parametrize(
    ("torn", "says"),
    [
        (lambda lines: [*lines[:-1], lines[-1][:40]], "records.jsonl line 4: "),
        (lambda lines: [lines[0], b"\n", *lines[1:]], "records.jsonl line 2: "),
        (lambda lines: [*lines, lines[0]], "records.jsonl line 5: UNIQUE constraint failed"),
        (lambda lines: [*lines[:2], b"\xff\xfe\n", *lines[2:]], "records.jsonl line 3: "),
        (
            lambda lines: [*lines, lines[0].replace(b'"seq":1', b'"seq":99999999999999999999')],
            "records.jsonl line 5: ",
        ),
        (
            lambda lines: [*lines, lines[0].replace(b'"seq":1', b'"seq":9223372036854775808')],
            "records.jsonl line 5: ",
        ),
    ],
)
def test_lines_that_cannot_be_read_are_named(
    bundle: Path, torn: Callable[[list[bytes]], list[bytes]], says: str
) -> None:
    def change(held: Members) -> None:
        held["records.jsonl"] = b"".join(torn(held["records.jsonl"].splitlines(keepends=True)))

    found = fault(repacked(bundle, change))
    assert found is not None
    assert found.startswith(says)


@pytest.mark.parametrize("name", ["model", "standard", "qistas"])
def test_a_manifest_that_speaks_of_something_else_than_its_records_is_found(
    bundle: Path, key: Path, name: str
) -> None:
    repacked(bundle, lambda held: resigned(held, key, **{name: "another"}))
    found = fault(bundle)
    assert found is not None
    assert found.startswith("manifest.json: it speaks of {")
    assert f"'{name}': 'another'" in found


def test_the_signer_is_named(bundle: Path, key: Path) -> None:
    with opened_bundle(bundle) as (_reader, _signed, _found, signer):
        assert signer == public_text(load_key(key))


def test_what_would_unpack_to_more_than_any_bundle_is_refused_unread(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = bundle.read_bytes()
    zeros = b"0" * 200_000
    with zipfile.ZipFile(bundle, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("extra.json", zeros)
    with pytest.raises(StorageError, match=r"no whole bundle: extra.json would unpack to 200,000 bytes"):
        fault(bundle)
    bundle.write_bytes(whole)
    monkeypatch.setattr("qistas.ledger.bundle.UNSUSPICIOUS_BYTES", 1_000)
    assert fault(bundle) is None
    held = members(bundle)
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**held, "records.jsonl": zeros}.items():
            archive.writestr(name, data)
    with pytest.raises(StorageError, match=r"no whole bundle: records.jsonl would unpack to 200,000 bytes"):
        fault(bundle)


def test_a_line_without_end_and_one_nested_without_end_are_faults(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qistas.ledger.bundle.MOST_LINE_BYTES", 50)
    assert (fault(bundle) or "").startswith("records.jsonl line 1: ")
    monkeypatch.undo()
    deep = b'{"seq":5,"kind":"k","digest":"d","head":"h","body":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"

    def nest(held: Members) -> None:
        held["records.jsonl"] += deep

    assert (fault(repacked(bundle, nest)) or "").startswith("records.jsonl line 5: ")


def test_a_bundle_of_another_version_is_refused_with_the_next_step(bundle: Path, key: Path) -> None:
    repacked(bundle, lambda held: resigned(held, key, format="qistas-bundle/2"))
    expected = (
        "format 'qistas-bundle/2'; this Qistas reads 'qistas-bundle/1' → use the Qistas version that wrote it"
    )
    with pytest.raises(LedgerMismatch, match=expected):
        fault(bundle)


@pytest.mark.parametrize("name", ["manifest.json", "signature.json"])
@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b'{"format": 1}'])
def test_a_manifest_that_cannot_be_read_is_said(bundle: Path, name: str, data: bytes) -> None:
    repacked(bundle, lambda held: held.update({name: data}))
    with pytest.raises(StorageError, match="the bundle's manifest cannot be read"):
        fault(bundle)


@pytest.mark.parametrize("name", ["manifest.json", "signature.json", "records.jsonl"])
def test_a_bundle_without_one_of_its_parts_is_none(bundle: Path, name: str) -> None:
    repacked(bundle, lambda held: held.pop(name))
    with pytest.raises(
        StorageError, match=r"no whole bundle: a member is missing → make one with: qistas bundle"
    ):
        fault(bundle)


def test_what_is_no_zip_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "text.qistas").write_bytes(b"not a zip" * 100)
    with pytest.raises(StorageError, match="this is no whole bundle: File is not a zip file"):
        fault(tmp_path / "text.qistas")
    with pytest.raises(StorageError, match="No such file"):
        fault(tmp_path / "absent.qistas")


def test_every_flipped_byte_of_a_bundle_is_found_or_leaves_the_records_unchanged(
    bundle: Path, ledger: Path
) -> None:
    """A byte in 7 flipped alone: a fault, an error of ours, or provably the same records; never a stack trace."""
    expected = rows(ledger)
    whole = bundle.read_bytes()
    for place in range(0, len(whole), 7):
        bundle.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        try:
            with opened_bundle(bundle) as (reader, signed, found, _):
                if found is None and first_fault(reader, signed) is None:
                    assert list(reader.rows()) == expected, place
        except QistasError:
            continue


def test_a_bundle_cut_short_anywhere_is_none(bundle: Path) -> None:
    whole = bundle.read_bytes()
    for length in range(0, len(whole), 211):
        bundle.write_bytes(whole[:length])
        with pytest.raises(StorageError):
            fault(bundle)


def test_the_callers_own_errors_are_not_taken_for_the_bundles(bundle: Path) -> None:
    with pytest.raises(PermissionError, match="mine"), opened_bundle(bundle):
        raise PermissionError("mine")


def test_a_bundle_that_cannot_be_written_is_said_and_leaves_nothing(
    ledger: Path, key: Path, tmp_path: Path
) -> None:
    with LedgerReader(ledger) as reader:
        with pytest.raises(
            StorageError, match="the bundle cannot be written: No such file or directory → choose --out"
        ):
            write_bundle(reader, tmp_path / "nowhere" / "b.qistas", key)
        (tmp_path / "folder.qistas" / "full").mkdir(parents=True)
        with pytest.raises(StorageError, match="the bundle cannot be written: Is a directory"):
            write_bundle(reader, tmp_path / "folder.qistas", key)
    assert not list(tmp_path.glob("*.part"))


def test_a_run_that_goes_on_meanwhile_does_not_spoil_its_bundle(
    ledger: Path, key: Path, tmp_path: Path
) -> None:
    class Growing(LedgerReader):
        def rows(self, after: int = 0) -> Iterator[Row]:
            yield from super().rows(after)
            write(self.path, asked("later"))

    with Growing(ledger) as reader:
        manifest = write_bundle(reader, tmp_path / "b.qistas", key)
    assert (manifest.records, len(rows(ledger))) == (4, 5)
    assert fault(tmp_path / "b.qistas") is None
