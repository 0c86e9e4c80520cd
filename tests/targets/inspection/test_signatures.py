"""Signatures are read without believing them, and verified under a key that the user gives."""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from tests.targets.inspection.crafted import codes, inspected

from qistas.contracts.errors import BadInput, MissingExtra
from qistas.targets.inspection.inspect import inspect_file
from qistas.targets.inspection.signatures import verify

MEDIA = "application/vnd.dev.sigstore.bundle.v0.3+json"
STATEMENT = {
    "predicateType": "https://model_signing/signature/v1.0",
    "predicate": {"resources": [{"name": "a"}]},
}


def bundle(statement: Any, **more: Any) -> bytes:
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    return json.dumps({"mediaType": MEDIA, "dsseEnvelope": {"payload": payload}, **more}).encode()


def public_key(folder: Path, key: Any, name: str = "key.pub") -> Path:
    path = folder / name
    path.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path


def test_a_signature_says_what_it_covers_and_that_it_was_not_checked(tmp_path: Path) -> None:
    found = inspected(
        tmp_path, "model.sig", bundle(STATEMENT, verificationMaterial={"publicKey": {"hint": "a"}})
    )

    assert (found.format, codes(found)) == ("signature", {"signature-unverified"})
    assert found.metadata == {"signature.material": "publicKey", "signature.files": "1"}


@pytest.mark.parametrize(
    "data",
    [
        bundle({"predicateType": "https://example.org/other"}),
        bundle([1]),
        bundle(STATEMENT).replace(b'"payload": "', b'"payload": "!'),
        bundle(STATEMENT, dsseEnvelope=3),
        bundle(STATEMENT, dsseEnvelope={"payload": base64.b64encode(b"\xff").decode()}),
        bundle(STATEMENT, dsseEnvelope={"payload": base64.b64encode(b"{").decode()}),
    ],
)
def test_a_signature_without_a_statement_of_a_model_is_said(tmp_path: Path, data: bytes) -> None:
    assert {"signature-unverified", "signature-unreadable"} <= codes(inspected(tmp_path, "model.sig", data))


def test_a_key_that_is_none_is_bad_input(tmp_path: Path) -> None:
    found = inspected(tmp_path, "model.sig", bundle(STATEMENT))
    (tmp_path / "text").write_text("no key")
    other = public_key(tmp_path, ed25519.Ed25519PrivateKey.generate(), "other.pub")

    for key, said in [
        (tmp_path / "missing", "cannot be read"),
        (tmp_path / "text", "no public key"),
        (other, "elliptic"),
    ]:
        with pytest.raises(BadInput, match=said):
            verify(found, tmp_path / "model.sig", tmp_path, key)


def test_without_the_extra_the_message_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = inspected(tmp_path, "model.sig", bundle(STATEMENT))
    key = public_key(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    monkeypatch.setitem(sys.modules, "model_signing", None)

    with pytest.raises(MissingExtra, match=r"qistas\[signing\]"):
        verify(found, tmp_path / "model.sig", tmp_path, key)


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Path, Path, Path]:
    """(a release, its signature, the signer's public key), signed by the library itself."""
    signing = pytest.importorskip("model_signing.signing", reason="needs the extra signing")
    release = tmp_path / "release"
    release.mkdir()
    (release / "model.safetensors").write_bytes(bytes(100))
    key = ec.generate_private_key(ec.SECP256R1())
    private = tmp_path / "key.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    signature = tmp_path / "model.sig"
    signing.Config().use_elliptic_key_signer(private_key=private).sign(release, signature)
    return release, signature, public_key(tmp_path, key)


def test_a_signature_that_holds_is_verified(
    signed: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    release, signature, key = signed

    found = verify(inspect_file(signature, "model.sig"), signature, release, key)

    assert (found.faults, found.metadata["signature.state"]) == ((), "verified")
    assert capsys.readouterr().out == ""


def test_a_signature_does_not_hold_for_other_files_or_under_another_key(
    signed: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    release, signature, key = signed
    inspection = inspect_file(signature, "model.sig")
    stranger = public_key(tmp_path, ec.generate_private_key(ec.SECP256R1()), "stranger.pub")

    assert codes(verify(inspection, signature, release, stranger)) == {"signature-invalid"}
    (release / "model.safetensors").write_bytes(bytes(99) + b"\1")
    changed = verify(inspection, signature, release, key)
    assert codes(changed) == {"signature-invalid"}
    assert "signature.state" not in changed.metadata
