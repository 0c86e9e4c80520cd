"""References: how a person names the model to weigh."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec

from qistas.contracts.errors import BadInput, Fault, UnknownName

# The calibration weights that come with Qistas.
BUNDLED = ("sanja", "sanja-control")

FORMS = (
    *BUNDLED,
    "a folder with a transformers model",
    "hf:org/name[@revision]",
    "openai:http://host:port/v1#model",
    "python:package.module:callable",
)

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_IDENTIFIERS = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


class SanjaRef(msgspec.Struct, frozen=True, kw_only=True):
    """A bundled model, by its name."""

    scheme: ClassVar[str] = "sanja"
    text: str


class FolderRef(msgspec.Struct, frozen=True, kw_only=True):
    """A folder on this machine with a transformers model."""

    scheme: ClassVar[str] = "folder"
    text: str
    path: str


class HubRef(msgspec.Struct, frozen=True, kw_only=True):
    """A repository on the Hugging Face hub; ``revision`` is a branch, a tag or a commit."""

    scheme: ClassVar[str] = "hf"
    text: str
    repository: str
    revision: str | None = None


class OpenAIRef(msgspec.Struct, frozen=True, kw_only=True):
    """An OpenAI-compatible server; ``model`` may be absent where the server lists exactly one."""

    scheme: ClassVar[str] = "openai"
    text: str
    url: str
    model: str | None = None


class PythonRef(msgspec.Struct, frozen=True, kw_only=True):
    """A callable of an importable module."""

    scheme: ClassVar[str] = "python"
    text: str
    module: str
    attribute: str


Ref = SanjaRef | FolderRef | HubRef | OpenAIRef | PythonRef


def parse_ref(text: str) -> Ref:
    """What a reference names. Nothing is looked up but whether a folder is there.

    Raises:
        UnknownName: no form fits; the message lists the forms.
        BadInput: the form is known and something in it is wrong.
    """
    if text in BUNDLED:
        return SanjaRef(text=text)
    scheme, colon, rest = text.partition(":")
    parsers: dict[str, Callable[[str], Ref]] = {
        "hf": _parse_hub,
        "openai": parse_openai_ref,
        "python": _parse_python,
    }
    if colon and scheme in parsers:
        return parsers[scheme](text)
    if text.strip() and Path(text).expanduser().is_dir():
        return FolderRef(text=text, path=str(Path(text).expanduser()))
    raise UnknownName(Fault(f"unknown model {text!r}", next_step=_hint(text, scheme if colon else "", rest)))


def parse_guard_ref(text: str) -> Ref:
    """What a reference to a guard model names; raises as ``parse_ref``, and the message says what else a guard may be."""
    try:
        return parse_ref(text)
    except UnknownName as error:
        step = f"a guard is the rule rule/harm, or a model that answers as Llama Guard does; {error.faults[0].next_step}"
        raise UnknownName(Fault(f"unknown guard {text!r}", "--guard", step)) from None


def _hint(text: str, scheme: str, rest: str) -> str:
    forms = f"a model is one of: {'; '.join(FORMS)}"
    if scheme in {"http", "https"} and rest.startswith("//"):
        return f"for a server write openai:{text}#model. {forms}"
    if not scheme and _REPOSITORY.fullmatch(text):
        return f"there is no such folder; for the hub write hf:{text}. {forms}"
    return forms


def _parse_hub(text: str) -> HubRef:
    repository, at, revision = text.removeprefix("hf:").partition("@")
    if not _REPOSITORY.fullmatch(repository) or (at and not revision):
        raise BadInput(
            Fault(f"{text!r} names no repository", next_step="write hf:org/name or hf:org/name@revision")
        )
    return HubRef(text=text, repository=repository, revision=revision or None)


def _parse_python(text: str) -> PythonRef:
    module, _, attribute = text.removeprefix("python:").partition(":")
    if not _IDENTIFIERS.fullmatch(module) or not _IDENTIFIERS.fullmatch(attribute):
        raise BadInput(Fault(f"{text!r} names no callable", next_step="write python:package.module:callable"))
    return PythonRef(text=text, module=module, attribute=attribute)


def parse_openai_ref(text: str) -> OpenAIRef:
    """Address and model of ``openai:http://host:port/v1#model``.

    Raises:
        BadInput: everything that is wrong with the address, at once. Keys do not belong in an address: it
            stands in the ledger and in the report.
    """
    address, _, model = text.removeprefix("openai:").partition("#")
    example = "write openai:http://host:port/v1#model"
    try:
        parts = urlsplit(address)
        host, _port, secret = parts.hostname, parts.port, bool(parts.username or parts.password)
    except ValueError as error:
        raise BadInput(Fault(f"the server's address cannot be read: {error}", next_step=example)) from None
    faults = []
    if parts.scheme not in {"http", "https"}:
        faults.append(
            Fault("the server's address does not begin with http:// or https://", next_step=example)
        )
    if not host:
        faults.append(Fault("the server's address names no host", next_step=example))
    if secret:
        step = "take it out and put the key in the environment variable QISTAS_API_KEY"
        faults.append(Fault("the server's address holds a user name or a password", next_step=step))
    if parts.query:
        step = "take it out; what a server needs beyond the address goes into QISTAS_HEADERS"
        faults.append(Fault("the server's address holds a query (after '?')", next_step=step))
    if faults:
        raise BadInput(*faults)
    url = address.rstrip("/")
    return OpenAIRef(text=f"openai:{url}#{model}" if model else f"openai:{url}", url=url, model=model or None)


def without_home(text: str) -> str:
    """A text as it may be shown and kept: the home folder, which names its owner, becomes ``~``."""
    return re.sub(rf"(?<![\w./~-]){re.escape(str(Path.home()))}(?=/|[^\w.-]|$)", "~", text)


def slug(ref: Ref) -> str:
    """A short name for folders: letters, digits, ``-``, ``.`` and ``_`` only, at most 64 characters."""
    match ref:
        case SanjaRef():
            name = ref.text
        case FolderRef():
            name = Path(ref.path).resolve().name
        case HubRef():
            name = ref.repository.partition("/")[2]
        case OpenAIRef():
            name = (ref.model or urlsplit(ref.url).netloc).rstrip("/").rpartition("/")[2]
        case PythonRef():
            name = f"{ref.module}.{ref.attribute}"
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:64] or ref.scheme
