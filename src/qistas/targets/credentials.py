"""Keys and headers for endpoints, from the environment and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from qistas.contracts.errors import BadInput, Fault

_OPENAI_HOST = "api.openai.com"


class Credentials(msgspec.Struct, frozen=True):
    """What a server is shown. Never printed: ``repr`` hides both."""

    api_key: str | None = None
    headers: dict[str, str] = msgspec.field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Credentials(api_key={'set' if self.api_key else None}, headers={sorted(self.headers)})"


def credentials_for(url: str, environ: Mapping[str, str]) -> Credentials:
    """``QISTAS_API_KEY`` and ``QISTAS_HEADERS`` (one ``Name: value`` a line).

    ``OPENAI_API_KEY`` is taken for api.openai.com alone: a key is never sent to a server it was not given for.

    Raises:
        BadInput: a line of ``QISTAS_HEADERS`` is no header; the message gives its number, not its text.
    """
    key = environ.get("QISTAS_API_KEY")
    if key is None and urlsplit(url).hostname == _OPENAI_HOST:
        key = environ.get("OPENAI_API_KEY")
    headers, faults = {}, []
    for number, line in enumerate(environ.get("QISTAS_HEADERS", "").splitlines(), start=1):
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or not name.strip().replace("-", "").isalnum() or not value.strip():
            where = f"QISTAS_HEADERS, line {number}"
            faults.append(Fault("this is no header", where=where, next_step="write 'Name: value'"))
        else:
            headers[name.strip()] = value.strip()
    if faults:
        raise BadInput(*faults)
    return Credentials(key.strip() if key and key.strip() else None, headers)
