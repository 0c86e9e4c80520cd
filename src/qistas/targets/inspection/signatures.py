"""Signatures of models (OpenSSF Model Signing): what one says that it covers, and whether it holds under a given key.

A signature is a Sigstore bundle with an in-toto statement of the files and their digests. Reading it needs nothing; that it
holds is checked by the library ``model-signing`` (extra ``signing``), under the public key that the user gives and trusts.
Source: OpenSSF Model Signing v1.0.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
from pathlib import Path
from typing import Any

import msgspec

from qistas.contracts.errors import BadInput, Fault, MissingExtra
from qistas.contracts.exchanges import FileInspection
from qistas.targets.inspection.reading import Reading
from qistas.targets.inspection.texts import json_of

_BUNDLE = "application/vnd.dev.sigstore.bundle"
_PREDICATE = "https://model_signing/"


def claims(value: Any) -> bool:
    """Whether a JSON value is a Sigstore bundle."""
    return isinstance(value, dict) and str(value.get("mediaType", "")).startswith(_BUNDLE)


def read(bundle: dict[str, Any], reading: Reading) -> None:
    """Notes what the signature says that it covers. Nothing of it is believed before it is verified."""
    reading.fault("signature-unverified", "a signature stands here; it was not checked under any key")
    material = bundle.get("verificationMaterial")
    kinds = ("publicKey", "certificate", "x509CertificateChain")
    how = next((kind for kind in kinds if isinstance(material, dict) and kind in material), "unknown")
    reading.say("signature.material", how)
    statement = _statement(bundle, reading)
    if not isinstance(statement, dict):
        reading.fault("signature-unreadable", "the signature holds no statement that can be read")
        return
    if not str(statement.get("predicateType", "")).startswith(_PREDICATE):
        reading.fault("signature-unreadable", "the statement is not one of a signed model")
        return
    predicate = statement.get("predicate")
    resources = predicate.get("resources") if isinstance(predicate, dict) else None
    if isinstance(resources, list):
        reading.say("signature.files", len(resources))


def verify(inspection: FileInspection, signature: Path, folder: Path, public_key: Path) -> FileInspection:
    """The inspection of a signature, with whether it holds for all files of ``folder`` under ``public_key`` (PEM).

    Raises:
        MissingExtra: ``model-signing`` is not installed.
        BadInput: the key cannot be read, or is no public key on an elliptic curve.
    """
    check_key(public_key)
    try:
        from model_signing import hashing, verifying
    except ImportError:
        raise MissingExtra.of("signing", "checking the signature of a model") from None
    others = tuple(fault for fault in inspection.faults if not fault.startswith("signature-unverified"))
    said = dict(inspection.metadata)
    try:
        # It prints what it thinks of old bundles; standard output is the report's.
        with contextlib.redirect_stdout(io.StringIO()):
            checked = verifying.Config().use_elliptic_key_verifier(public_key=public_key)
            if signature.resolve().is_relative_to(folder.resolve()):
                # No signature covers itself; the library passes it over only where the signer said so.
                checked.set_hashing_config(hashing.Config().set_ignored_paths(paths=[signature.resolve()]))
            checked.verify(folder.resolve(), signature)
    except Exception as error:  # noqa: BLE001 - whatever it stumbles over in a crafted signature: it does not hold
        others += (f"signature-invalid: {type(error).__name__}: {str(error)[:200]}",)
    else:
        said["signature.state"] = "verified"
    return msgspec.structs.replace(inspection, faults=others, metadata=said)


def check_key(public_key: Path) -> None:
    """Raises ``BadInput`` for what cannot be read as a public key on an elliptic curve (PEM)."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    step = "give the signer's public key: PEM, on the curve P-256, P-384 or P-521"
    try:
        key = load_pem_public_key(public_key.read_bytes())
    except OSError as error:
        raise BadInput(Fault(f"the key cannot be read: {error.strerror}", str(public_key), step)) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadInput(Fault("this is no public key", str(public_key), step)) from error
    if not isinstance(key, EllipticCurvePublicKey):
        raise BadInput(Fault("this is no key on an elliptic curve", str(public_key), step))


def _statement(bundle: dict[str, Any], reading: Reading) -> Any:
    envelope = bundle.get("dsseEnvelope")
    payload = envelope.get("payload") if isinstance(envelope, dict) else None
    if not isinstance(payload, str):
        return None
    try:
        return json_of(base64.b64decode(payload, validate=True).decode("utf-8"), reading)
    except (binascii.Error, UnicodeDecodeError):
        return None
