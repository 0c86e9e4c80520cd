"""A Hugging Face hub on the loopback: one model repository, served from a folder.

with FakeHub("org/tiny", folder).in_thread() as hub:  ... HF_ENDPOINT = hub.url
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiohttp import web

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class FakeHub:
    """The hub. ``refuse``: ``gated`` or ``private``; ``token`` opens it. ``fetched`` lists what was downloaded.

    ``old_names`` lead to the repository. ``tags`` and ``gated`` are what it says of it; ``ranges``: whether parts of files are given, and
    ``parts`` lists those (path, first, last byte).
    """

    repository: str
    folder: Path
    refuse: str | None = None
    token: str = "hf_abcdefgh12345678"
    revisions: tuple[str, ...] = ("main", "v1", COMMIT)
    old_names: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    gated: str | bool = False
    ranges: bool = True
    port: int = field(default=0, init=False)
    fetched: list[str] = field(default_factory=list, init=False)
    parts: list[tuple[str, int, int]] = field(default_factory=list, init=False)

    @property
    def url(self) -> str:
        """What ``HF_ENDPOINT`` is set to."""
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def in_thread(self) -> Iterator[Self]:
        """The hub in a thread with an event loop of its own."""
        ready, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

        async def serve() -> None:
            runner = web.AppRunner(self._app(), shutdown_timeout=0.05)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.port = runner.addresses[0][1]
            ready.set()
            await stop.wait()
            await runner.cleanup()

        thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
        thread.start()
        ready.wait()
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/api/models/{owner}/{name}", self._info)
        app.router.add_get("/api/models/{owner}/{name}/revision/{revision}", self._info)
        app.router.add_get("/api/models/{owner}/{name}/tree/{revision}", self._tree)
        app.router.add_get("/{owner}/{name}/resolve/{revision}/{path:.*}", self._file)
        return app

    def _refusal(self, request: web.Request) -> web.Response | None:
        """As the hub refuses: the reason stands in a header."""
        at = request.match_info
        asked = f"{at['owner']}/{at['name']}"
        if asked in self.old_names:
            return web.Response(
                status=307, headers={"Location": request.path_qs.replace(asked, self.repository)}
            )
        allowed = request.headers.get("Authorization") == f"Bearer {self.token}"
        if f"{at['owner']}/{at['name']}" != self.repository or (self.refuse == "private" and not allowed):
            return _refused(401, "RepoNotFound", "Invalid username or password.")
        if self.refuse == "gated" and not allowed:
            return _refused(401, "GatedRepo", "Access to this model is restricted.")
        if at.get("revision", "main") not in self.revisions:
            return _refused(404, "RevisionNotFound", "Invalid rev id")
        return None

    async def _info(self, request: web.Request) -> web.Response:
        siblings = [self._sibling(name, "blobs" in request.query) for name in self._names()]
        found = {"id": self.repository, "modelId": self.repository, "sha": COMMIT, "siblings": siblings}
        return self._refusal(request) or web.json_response(
            {**found, "tags": list(self.tags), "gated": self.gated, "private": False, "downloads": 0}
        )

    async def _tree(self, request: web.Request) -> web.Response:
        return self._refusal(request) or web.json_response([self._entry(name) for name in self._names()])

    async def _file(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if refusal := self._refusal(request):
            return refusal
        if path not in self._names():
            return _refused(404, "EntryNotFound", "Entry not found")
        data = (self.folder / path).read_bytes()
        headers = {"ETag": f'"{_etag(path, data)}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        if self.ranges and "Range" in request.headers:
            part = request.http_range
            first, last = part.start, min(part.stop, len(data)) - 1
            self.parts.append((path, first, last))
            headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
            return web.Response(status=206, body=data[first : last + 1], headers=headers)
        if request.method == "GET":
            self.fetched.append(path)
        return web.Response(body=data, headers=headers, content_type="application/octet-stream")

    def _names(self) -> list[str]:
        return sorted(p.relative_to(self.folder).as_posix() for p in self.folder.rglob("*") if p.is_file())

    def _sibling(self, name: str, blobs: bool) -> dict[str, Any]:
        entry = self._entry(name)
        if not blobs:
            return {"rfilename": name}
        found = {"rfilename": name, "size": entry["size"], "blobId": entry["oid"]}
        if "lfs" in entry:
            lfs = entry["lfs"]
            found["lfs"] = {"sha256": lfs["oid"], "size": lfs["size"], "pointerSize": lfs["pointerSize"]}
        return found

    def _entry(self, name: str) -> dict[str, Any]:
        data = (self.folder / name).read_bytes()
        entry: dict[str, Any] = {"type": "file", "path": name, "size": len(data), "oid": _etag("", data)}
        if name.endswith(".safetensors"):
            entry["lfs"] = {"oid": _etag(name, data), "size": len(data), "pointerSize": 134}
        return entry


def _etag(name: str, data: bytes) -> str:
    if name.endswith(".safetensors"):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()  # noqa: S324 - this is what git does


def _refused(status: int, code: str, message: str) -> web.Response:
    headers = {"X-Error-Code": code, "X-Error-Message": message}
    return web.json_response({"error": message}, status=status, headers=headers)
