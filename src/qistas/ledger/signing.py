"""Ed25519 signatures: one key of this user, made on first use, or one that is named."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING

from qistas.contracts.errors import BadInput, Fault, StorageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def key_path() -> Path:
    """Where this user's signing key is kept: ``QISTAS_SIGNING_KEY``, or the user's configuration folder."""
    named = os.environ.get("QISTAS_SIGNING_KEY")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "qistas" / "signing-key.pem"


def load_key(path: Path | None) -> Ed25519PrivateKey:
    """The private key in ``path`` (PEM, unencrypted), or this user's, made now if there is none.

    Raises ``BadInput`` for a file that holds no Ed25519 key and ``StorageError`` where none can be kept.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    place = path or key_path()
    if path is None and not place.exists():
        return _make_key(place)
    step = "make one with: openssl genpkey -algorithm ed25519 -out key.pem"
    try:
        key = load_pem_private_key(place.read_bytes(), password=None)
    except OSError as error:
        raise BadInput(Fault(f"the key cannot be read: {error.strerror}", str(place), step)) from error
    except (ValueError, TypeError) as error:
        raise BadInput(Fault("this is no unencrypted PEM key", where=str(place), next_step=step)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput(Fault("this key is not an Ed25519 key", where=str(place), next_step=step))
    return key


def _make_key(place: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except OSError as error:
        step = "name a key with --key, or a place for one with QISTAS_SIGNING_KEY"
        raise StorageError(
            Fault(f"a signing key cannot be kept: {error.strerror}", str(place), step)
        ) from error
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half, base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def sign(key: Ed25519PrivateKey, data: bytes) -> str:
    """The signature over ``data``, base64."""
    return base64.b64encode(key.sign(data)).decode()


def signature_fits(public: str, signature: str, data: bytes) -> bool:
    """Whether ``signature`` is that of ``data`` by the holder of the key; nonsense simply does not fit."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True
