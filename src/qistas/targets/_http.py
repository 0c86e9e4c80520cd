"""One HTTP exchange with a server that may do anything: bounded, classified, without secrets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import msgspec

from qistas.contracts.exchanges import Failure, FailureKind
from qistas.targets._redaction import Redactor, excerpt

LIMIT_BYTES = 2 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_PASSING_STATUS: dict[int, FailureKind] = {408: "timeout", 425: "server_error", 429: "rate_limited"}


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: a body, or a failure; ``status`` is null where no answer came at all."""

    status: int | None
    body: bytes = b""
    failure: Failure | None = None
    code: str = ""


class Client:
    """A keep-alive session with one server. Follows no redirects and reads no proxy settings of its own.

    Args:
        url: the address up to and including ``/v1``.
        headers: sent with every request; their values are secrets.
        timeout_seconds: for a whole exchange, waiting for a connection included.
        connections: how many are open at once at most.
        proxy: the address of a proxy, where one is asked for by name.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        redactor: Redactor,
        timeout_seconds: float,
        connections: int,
        proxy: str | None,
    ) -> None:
        self._url = url
        self._redactor = redactor
        self._timeout_seconds = timeout_seconds
        self._proxy = proxy
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            timeout=aiohttp.ClientTimeout(total=timeout_seconds),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", **headers},
            trust_env=False,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def get(self, path: str) -> Reply:
        """GET ``path`` below the address."""
        return await self._exchange("GET", path, None)

    async def post(self, path: str, body: dict[str, Any]) -> Reply:
        """POST ``body`` as JSON to ``path`` below the address."""
        return await self._exchange("POST", path, msgspec.json.encode(body))

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def _exchange(self, method: str, path: str, data: bytes | None) -> Reply:
        headers = {} if data is None else {"Content-Type": "application/json"}
        status: int | None = None
        try:
            async with self._session.request(
                method, self._url + path, data=data, headers=headers, allow_redirects=False, proxy=self._proxy
            ) as response:
                status = response.status
                body = await _read(response)
                return self._classify(response, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Reply(status=status, failure=self._broken(error, began=status is not None))

    def _classify(self, response: aiohttp.ClientResponse, body: bytes | None) -> Reply:
        status = response.status
        if body is None:
            message = f"the answer is longer than {LIMIT_BYTES} bytes"
            return Reply(status=status, failure=Failure(kind="too_large", message=message, passing=False))
        if status >= 300:
            said, code = _error_of(body)
            said = excerpt(self._redactor.message(said))
            return Reply(status=status, failure=_refusal(response, said, code), code=code)
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding != "identity":
            return Reply(
                status=status,
                failure=_malformed(f"the answer is encoded as {excerpt(encoding, 40)!r}, unasked"),
            )
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind and kind != "application/json" and not kind.endswith("+json"):
            kind = excerpt(self._redactor.message(kind), 60)
            return Reply(
                status=status, failure=_malformed(f"the answer's content type is {kind!r}, not JSON")
            )
        return Reply(status=status, body=body)

    def _broken(self, error: Exception, *, began: bool) -> Failure:
        said = excerpt(self._redactor.message(str(error))) or type(error).__name__
        if isinstance(error, TimeoutError):
            message = f"no whole answer within {self._timeout_seconds:g} s"
            return Failure(kind="timeout", message=message, passing=True)
        if isinstance(error, aiohttp.ClientSSLError):
            return Failure(
                kind="connection", message=f"no secure connection: {said}", passing=False, fatal=True
            )
        if isinstance(error, aiohttp.ClientResponseError):
            return _malformed(f"the answer is no HTTP: {excerpt(self._redactor.message(error.message))}")
        if began:
            return Failure(kind="truncated_body", message=f"the answer broke off: {said}", passing=True)
        return Failure(kind="connection", message=f"no connection: {said}", passing=True)


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """The body, or ``None`` as soon as it is over the limit; then the connection is dropped, not drained."""
    parts, size = [], 0
    if (response.content_length or 0) > LIMIT_BYTES:
        response.close()
        return None
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        size += len(chunk)
        if size > LIMIT_BYTES:
            response.close()
            return None
        parts.append(chunk)
    return b"".join(parts)


def _malformed(message: str) -> Failure:
    return Failure(kind="malformed", message=message, passing=True)


def _refusal(response: aiohttp.ClientResponse, said: str, code: str) -> Failure:
    """The failure that a status of 300 or more means."""
    status = response.status
    message = f"HTTP {status}" + (f": {said}" if said else "")
    if status in _PASSING_STATUS or status >= 500:
        kind = _PASSING_STATUS.get(status, "server_error")
        spent = code == "insufficient_quota"
        wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        return Failure(kind=kind, message=message, passing=not spent, fatal=spent, retry_after_seconds=wait)
    if status in {401, 403}:
        return Failure(kind="unauthorised", message=message, passing=False, fatal=True)
    if status in {404, 405}:
        return Failure(kind="not_found", message=message, passing=False, fatal=True)
    if status < 400:
        message = f"HTTP {status}: the server sends us elsewhere; redirects are not followed"
        return Failure(kind="rejected", message=message, passing=False, fatal=True)
    return Failure(kind="rejected", message=message, passing=False)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header: a number or an HTTP date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _error_of(body: bytes) -> tuple[str, str]:
    """Message and code of an error body, as the common servers write it; empty where it is none."""
    try:
        data = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "", ""
    found = data.get("error", data) if isinstance(data, dict) else data
    if not isinstance(found, dict):
        return (found, "") if isinstance(found, str) else ("", "")
    said = found.get("message") or found.get("detail") or ""
    code = found.get("code") or found.get("type") or ""
    if not isinstance(said, str):
        said = msgspec.json.encode(said).decode()
    return said, code if isinstance(code, str) else ""
