"""An OpenAI-compatible server on the loopback that fails on request.

    async with FakeEndpoint(plan={2: "429"}) as endpoint: ...        in this event loop
    with FakeEndpoint().in_thread() as endpoint: ...                 beside blocking code
    python -m tests.fakes.endpoint --faults 3=hang,5=500                   as a process; prints its address

Faults: an HTTP status (``429`` and ``503`` with Retry-After), ``hang``, ``slow``, ``reset``, ``half_body``,
``half_json``, ``wrong_json``, ``wrong_form``, ``wrong_type``, ``encoded``, ``empty_choices``, ``no_content``,
``huge``, ``huge_chunked`` (10 MB, with and without a declared length), ``redirect``,
``unknown_model``, ``spent_quota``.

``plan`` gives the fault of a POST: by its number (from 0, see ``restart``) or as ``plan(number, path, body)``.
Without a fault the answer is ``answer(last message)``, the same at any time and in any order.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import msgspec
from aiohttp import web

Plan = Mapping[int, str] | Callable[[int, str, dict[str, Any]], str | None]
JSON = "application/json"


@dataclass(frozen=True)
class Seen:
    """One POST: where to, what, and the fault it met."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str] = field(repr=False)
    fault: str | None


def shout(text: str) -> str:
    """The default answer."""
    return text.upper()


@dataclass
class FakeEndpoint:
    """The server. ``chat``, ``completions``: which endpoints there are; ``scores``: echo with log-probabilities."""

    answer: Callable[[str], str] = shout
    plan: Plan = field(default_factory=dict)
    models: tuple[str, ...] | None = ("fake",)
    chat: bool = True
    completions: bool = True
    scores: bool = False
    api_key: str | None = None
    delay_seconds: float = 0.0
    retry_after: str = "0.01"
    port: int = 0
    seen: list[Seen] = field(default_factory=list, init=False)
    peak: int = field(default=0, init=False)

    def restart(self, plan: Plan) -> None:
        """Forget what was seen, count from 0 and follow another plan."""
        self.plan = plan
        self.seen.clear()

    @property
    def url(self) -> str:
        """The address up to and including ``/v1``."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        self._in_flight = 0
        app = web.Application(client_max_size=1 << 26)
        app.router.add_get("/v1/models", self._list)
        app.router.add_post("/v1/chat/completions", self._post)
        app.router.add_post("/v1/completions", self._post)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._runner.cleanup()

    @contextmanager
    def in_thread(self) -> Iterator[Self]:
        """The server in a thread with an event loop of its own."""
        ready, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

        async def serve() -> None:
            async with self:
                ready.set()
                await stop.wait()

        thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
        thread.start()
        ready.wait()
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if self._refused(request):
            return _error(401, f"Incorrect API key provided: {request.headers.get('Authorization')}")
        if self.models is None:
            return _error(404, "Not Found")
        return web.json_response(
            {"object": "list", "data": [{"id": m, "object": "model"} for m in self.models]}
        )

    def _refused(self, request: web.Request) -> bool:
        return self.api_key is not None and request.headers.get("Authorization") != f"Bearer {self.api_key}"

    async def _post(self, request: web.Request) -> web.StreamResponse:
        self._in_flight += 1
        self.peak = max(self.peak, self._in_flight)
        try:
            return await self._respond(request)
        finally:
            self._in_flight -= 1

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        body, path, number = msgspec.json.decode(await request.read()), request.path, len(self.seen)
        fault = self.plan(number, path, body) if callable(self.plan) else self.plan.get(number)
        self.seen.append(Seen(path, body, dict(request.headers), fault))
        if self._refused(request):
            return _error(401, f"Incorrect API key provided: {request.headers.get('Authorization')}")
        there = self.chat if path.endswith("/chat/completions") else self.completions
        if not there:
            return _error(404, "Not Found")
        await asyncio.sleep(self.delay_seconds)
        if fault is not None:
            return await self._fail(request, fault, self._good(path, body))
        if self.models is not None and body["model"] not in self.models:
            return _error(404, f"The model `{body['model']}` does not exist.", code="model_not_found")
        return web.json_response(self._good(path, body))

    def _good(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("/chat/completions"):
            text = self.answer(body["messages"][-1]["content"])
            choice: dict[str, Any] = {"message": {"role": "assistant", "content": text}}
        else:
            text = " " + self.answer(body["prompt"])
            choice = {"text": text}
            if self.scores and body.get("echo"):
                choice = _echoed(body["prompt"], text)
        usage = {
            "prompt_tokens": 3,
            "completion_tokens": len(text.split()),
            "total_tokens": 3 + len(text.split()),
        }
        return {"id": "x", "choices": [{"index": 0, "finish_reason": "stop", **choice}], "usage": usage}

    async def _fail(self, request: web.Request, fault: str, good: dict[str, Any]) -> web.StreamResponse:
        if fault.isdecimal():
            headers = {"Retry-After": self.retry_after} if fault in {"429", "503"} else {}
            return _error(int(fault), f"planned {fault}", headers=headers)
        whole = msgspec.json.encode(good)
        finished = _finished(fault, good, whole)
        if finished is not None:
            return finished
        match fault:
            case "hang":
                await asyncio.sleep(3600)
            case "slow":
                await asyncio.sleep(0.2)
                return web.json_response(good)
            case "reset":
                _reset(request)
                raise ConnectionResetError
            case "half_body":
                await _half(request, whole)
                raise ConnectionResetError
            case "huge" | "huge_chunked":
                return await _huge(request, declared=fault == "huge")
        raise ValueError(f"unknown fault {fault!r}")


def _finished(fault: str, good: dict[str, Any], whole: bytes) -> web.Response | None:
    """The faults that are a whole answer of their own."""
    match fault:
        case "half_json":
            return web.Response(body=whole[: len(whole) // 2], content_type=JSON)
        case "wrong_json":
            return web.Response(body=b"{'choices': oops}", content_type=JSON)
        case "wrong_form":
            return web.json_response({"choices": "none today"})
        case "wrong_type":
            return web.Response(text="<html>It works!</html>", content_type="text/html")
        case "encoded":
            return web.Response(body=whole, content_type=JSON, headers={"Content-Encoding": "br"})
        case "empty_choices":
            return web.json_response({**good, "choices": []})
        case "no_content":
            return web.json_response({**good, "choices": [{"index": 0, "message": {"role": "assistant"}}]})
        case "unknown_model":
            return _error(404, "The model does not exist.", code="model_not_found")
        case "spent_quota":
            return _error(429, "You exceeded your quota.", code="insufficient_quota")
        case "redirect":
            return web.Response(status=307, headers={"Location": "http://127.0.0.1:9/elsewhere"})
    return None


def _error(
    status: int, message: str, *, code: str | None = None, headers: Mapping[str, str] | None = None
) -> web.Response:
    error = {"message": message, "type": "planned", "code": code}
    return web.json_response({"error": error}, status=status, headers=headers)


def _echoed(prompt: str, text: str) -> dict[str, Any]:
    """A token is a word with the space before it; its log-probability is minus half its length."""
    tokens = [*re.findall(r"\s*\S+|\s+$", prompt), text]
    offsets = [sum(map(len, tokens[:i])) for i in range(len(tokens))]
    values = [None, *(-len(token) / 2 for token in tokens[1:])]
    top = [
        None if v is None else {t: v if len(t) < 6 else v + 1} for t, v in zip(tokens, values, strict=True)
    ]
    logprobs = {"tokens": tokens, "token_logprobs": values, "text_offset": offsets, "top_logprobs": top}
    return {"text": prompt + text, "logprobs": logprobs}


def _reset(request: web.Request) -> None:
    assert request.transport is not None
    sock = request.transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()


async def _half(request: web.Request, whole: bytes) -> None:
    response = web.StreamResponse(headers={"Content-Type": JSON, "Content-Length": str(len(whole))})
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    assert request.transport is not None
    request.transport.close()


async def _huge(request: web.Request, *, declared: bool) -> web.StreamResponse:
    """Ten million bytes; the client may hang up before."""
    size = 10_000_000
    response = web.StreamResponse(
        headers={"Content-Type": JSON, **({"Content-Length": str(size)} if declared else {})}
    )
    await response.prepare(request)
    for _ in range(size // 100_000):
        await response.write(b" " * 100_000)
    return response


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--faults", default="", help="number=fault, comma separated")
    parser.add_argument("--delay-seconds", type=float, default=0.0)
    given = parser.parse_args()
    plan = {int(n): f for n, _, f in (part.partition("=") for part in given.faults.split(",") if part)}

    async def serve() -> None:
        async with FakeEndpoint(plan=plan, port=given.port, delay_seconds=given.delay_seconds) as endpoint:
            print(endpoint.url, flush=True)  # noqa: T201
            await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
