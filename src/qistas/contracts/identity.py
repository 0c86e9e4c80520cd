"""Who was weighed, with what, where: identities and host records."""

from __future__ import annotations

from typing import Any

import msgspec


class ModelIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """A model by revision and digest of its weights, never by name alone.

    ``digest`` is null with ``digest_reason`` where the weights cannot be read (an endpoint).
    """

    ref: str
    revision: str | None
    digest: str | None
    digest_reason: str | None = None


class TargetInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A target after it was opened: everything on its side that changes a result.

    ``capabilities``: a subset of ``chat``, ``score``, ``measure`` (this host's process does the work),
    ``release`` and later ones. ``missing`` gives for a capability that is not there the reason.
    ``framing`` names how a chat is put to the model: ``chat-template:<digest>``, ``completion:<form>``,
    ``server``, ``callable``. ``details`` holds dtype, device, tokenizer digest, context length and the like.
    """

    adapter: str
    model: ModelIdentity
    capabilities: tuple[str, ...]
    framing: str
    missing: dict[str, str] = msgspec.field(default_factory=dict)
    details: dict[str, Any] = msgspec.field(default_factory=dict)


class HostRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The machine, from an allow-list: never user names, home paths or environment variables."""

    cpu: str
    cores: int
    memory_bytes: int | None
    system: str
    python: str
    libraries: dict[str, str]
    accelerators: tuple[str, ...] = ()
