"""One key per user, readable by nobody else; what it signed fits, and nothing else does."""

import base64
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from qistas.contracts.errors import BadInput, StorageError
from qistas.ledger.signing import key_path, load_key, public_text, sign, signature_fits


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this user's key is kept during a test."""
    monkeypatch.setenv("QISTAS_SIGNING_KEY", str(tmp_path / "config" / "key.pem"))
    return tmp_path / "config" / "key.pem"


def pem(key: object, encryption: KeySerializationEncryption | None = None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())  # type: ignore[attr-defined]


def test_the_key_lies_where_the_user_said_or_in_the_users_configuration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QISTAS_SIGNING_KEY", "/keys/mine.pem")
    assert key_path() == Path("/keys/mine.pem")
    monkeypatch.delenv("QISTAS_SIGNING_KEY")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/config")
    assert key_path() == Path("/config/qistas/signing-key.pem")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", "/home/someone")
    assert key_path() == Path("/home/someone/.config/qistas/signing-key.pem")


def test_a_key_is_made_on_first_use_for_this_user_alone_and_kept(own_key: Path) -> None:
    first = load_key(None)
    assert stat.S_IMODE(own_key.stat().st_mode) == 0o600
    kept = own_key.read_bytes()
    assert public_text(load_key(None)) == public_text(first)
    assert public_text(load_key(own_key)) == public_text(first)
    assert own_key.read_bytes() == kept


def test_a_named_key_is_used_and_none_is_made(tmp_path: Path, own_key: Path) -> None:
    key = Ed25519PrivateKey.generate()
    (tmp_path / "named.pem").write_bytes(pem(key))
    assert public_text(load_key(tmp_path / "named.pem")) == public_text(key)
    assert not own_key.exists()


def test_what_is_no_key_of_ours_is_said_with_the_command_that_makes_one(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    step = r"→ make one with: openssl genpkey -algorithm ed25519 -out key\.pem"
    with pytest.raises(BadInput, match=rf"{path}: the key cannot be read: No such file or directory {step}"):
        load_key(path)
    path.write_bytes(b"not a key")
    with pytest.raises(BadInput, match=rf"this is no unencrypted PEM key {step}"):
        load_key(path)
    path.write_bytes(pem(Ed25519PrivateKey.generate(), BestAvailableEncryption(b"secret")))
    with pytest.raises(BadInput, match="this is no unencrypted PEM key"):
        load_key(path)
    path.write_bytes(pem(generate_private_key(SECP256R1())))
    with pytest.raises(BadInput, match=rf"this key is not an Ed25519 key {step}"):
        load_key(path)


def test_a_broken_key_of_this_user_is_not_replaced(own_key: Path) -> None:
    own_key.parent.mkdir()
    own_key.write_bytes(b"mine, but broken")
    with pytest.raises(BadInput, match="no unencrypted PEM key"):
        load_key(None)
    assert own_key.read_bytes() == b"mine, but broken"


def test_where_no_key_can_be_kept_another_place_is_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("QISTAS_SIGNING_KEY", str(tmp_path / "file" / "key.pem"))
    with pytest.raises(
        StorageError, match=r"cannot be kept: File exists → name a key with --key, or a place"
    ):
        load_key(None)


def test_a_signature_fits_its_data_and_key_and_nothing_else() -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    signature = sign(key, b"data")
    assert signature == sign(key, b"data")
    assert signature_fits(public_text(key), signature, b"data")
    assert not signature_fits(public_text(key), signature, b"Data")
    assert not signature_fits(public_text(other), signature, b"data")
    assert not signature_fits(public_text(key), sign(other, b"data"), b"data")


@pytest.mark.parametrize("nonsense", ["", "not base64!", "é", base64.b64encode(b"short").decode()])
def test_nonsense_does_not_fit_and_raises_nothing(nonsense: str) -> None:
    key = Ed25519PrivateKey.generate()
    assert not signature_fits(nonsense, sign(key, b"data"), b"data")
    assert not signature_fits(public_text(key), nonsense, b"data")
