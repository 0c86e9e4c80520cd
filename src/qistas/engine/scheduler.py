"""Where the requests of all samples meet: duplicates dropped, cache asked, the rest batched and retried."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Coroutine
from typing import Any

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.errors import Fault, QistasError, TargetFailed, Unscored
from qistas.contracts.exchanges import Failure
from qistas.contracts.identity import TargetInfo
from qistas.contracts.protocols import Target
from qistas.engine.asking import Answer, Answerable, answers_of
from qistas.engine.book import Book, failure_reason, request_digest
from qistas.engine.cache import ResponseCache
from qistas.engine.limiter import Limiter


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how patiently a request that failed in passing is asked again.

    The wait doubles from ``base_seconds`` up to ``most_seconds``, with up to half of it added at random; a
    server's Retry-After is obeyed up to ``retry_after_most_seconds``. ``dead_after``: that many requests in a row
    that used up their attempts, with no answer in between, mean that the target failed for good.
    """

    attempts: int = 5
    base_seconds: float = 0.5
    most_seconds: float = 20.0
    retry_after_most_seconds: float = 120.0
    dead_after: int = 8

    def wait_seconds(self, attempt: int, failure: Failure) -> float:
        """Seconds to wait after the failed ``attempt`` (1 is the first)."""
        doubled = min(self.most_seconds, self.base_seconds * 2.0 ** (attempt - 1))
        # Jitter only spreads the load; no finding depends on it.
        jittered = doubled * (1 + random.random() / 2)
        asked = min(failure.retry_after_seconds or 0.0, self.retry_after_most_seconds)
        return max(jittered, asked)


def failed_for_good(failure: Failure) -> TargetFailed:
    """The error for a failure that every other request would meet too."""
    step = "check the address, the model's name and the key, then run the same command again: it resumes"
    return TargetFailed(Fault(f"the target failed for good: {failure.message}", next_step=step))


class _Pending:
    def __init__(self, key: str, request: Answerable) -> None:
        self.key = key
        self.request = request
        self.attempt = 1
        self.future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()


class Scheduler:
    """Puts requests to one target.

    ``ask`` returns the answer or raises ``Unscored`` (this request failed) or ``TargetFailed`` (all will).
    """

    def __init__(
        self,
        target: Target,
        info: TargetInfo,
        book: Book,
        *,
        cache: ResponseCache | None = None,
        retry: RetryPolicy | None = None,
        concurrency: int | None = None,
    ) -> None:
        self.info = info
        self.identity = digest(info)
        self._target = target
        self._book = book
        self._cache = cache if info.model.digest else None
        self._retry = retry or RetryPolicy()
        most = concurrency or target.connections * target.batch_size
        self._batch_size = min(target.batch_size, most)
        connections = max(1, min(target.connections, most // self._batch_size))
        # An endpoint's width is found by itself; a local model takes one batch at a time.
        self.limiter = Limiter(start=min(8, connections), most=connections)
        self._queue: deque[_Pending] = deque()
        self._pending: dict[str, _Pending] = {}
        self._arrived = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._dead: QistasError | None = None
        self._exhausted_in_a_row = 0
        self._spawn(self._dispatch())

    def connections(self) -> int:
        """How many requests may be under way just now."""
        return int(self.limiter.width) * self._batch_size

    async def ask(self, request: Answerable) -> tuple[str, Answer]:
        """(request digest, answer)."""
        key = request_digest(self.identity, request)
        known = self._book.answers.get(key)
        if known is not None:
            return key, known  # type: ignore[return-value]
        if key in self._book.rejected:
            raise Unscored(failure_reason(self._book.rejected[key]))
        if self._dead is not None:
            raise self._dead
        pending = self._pending.get(key) or self._enqueue(key, request)
        # A cancelled asker must not take the answer away from others that wait for the same.
        return key, await asyncio.shield(pending.future)

    def _enqueue(self, key: str, request: Answerable) -> _Pending:
        pending = _Pending(key, request)
        self._pending[key] = pending
        pending.future.add_done_callback(_retrieve)
        self._book.request(self.identity, request)
        cached = self._cache.get(key) if self._cache else None
        if cached is not None:
            self._settle(pending, cached, cached=True, elapsed=0.0)
        else:
            self._queue.append(pending)
            self._arrived.set()
        return pending

    async def _dispatch(self) -> None:
        while True:
            await self._arrived.wait()
            await self._gather()
            while self._queue:
                batch = self._take()
                await self.limiter.__aenter__()
                self._spawn(self._put(batch))
            self._arrived.clear()

    async def _gather(self) -> None:
        """Let every sample that can run reach its next request, so that a batch fills before it goes out."""
        if self._batch_size == 1:
            return
        before = -1
        while before != len(self._queue):
            before = len(self._queue)
            for _ in range(3):
                await asyncio.sleep(0)

    def _take(self) -> list[_Pending]:
        """Up to a batch of one kind of request; the longest wait first."""
        kind = type(self._queue[0].request)
        batch: list[_Pending] = []
        rest: list[_Pending] = []
        while self._queue and len(batch) < self._batch_size:
            pending = self._queue.popleft()
            (batch if type(pending.request) is kind else rest).append(pending)
        self._queue.extendleft(reversed(rest))
        return batch

    async def _put(self, batch: list[_Pending]) -> None:
        try:
            if self._dead is not None:
                return
            started = time.monotonic()
            answers = await self._answers(batch)
            # Nothing is awaited before this: a run that is stopped now keeps what was answered.
            self._take_in(batch, answers, (time.monotonic() - started) / len(batch))
        finally:
            await self.limiter.__aexit__(None, None, None)

    def _take_in(self, batch: list[_Pending], answers: list[Answer | Failure], elapsed: float) -> None:
        fresh = []
        for pending, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Failure):
                self._fail(pending, answer)
            else:
                self._settle(pending, answer, cached=False, elapsed=elapsed)
                fresh.append((pending.key, answer))
        if self._cache and fresh:
            self._cache.put(fresh)

    async def _answers(self, batch: list[_Pending]) -> list[Answer | Failure]:
        try:
            return await answers_of(self._target, [pending.request for pending in batch])
        except TargetFailed as error:
            self._die(error)
            return [Failure(kind="exception", message=str(error), passing=False, fatal=True) for _ in batch]

    def _settle(self, pending: _Pending, answer: Answer, *, cached: bool, elapsed: float) -> None:
        self._exhausted_in_a_row = 0 if not cached else self._exhausted_in_a_row
        if not cached:
            self.limiter.succeeded()
        self._book.answer(pending.key, answer, cached=cached, attempt=pending.attempt, elapsed=elapsed)
        self._pending.pop(pending.key, None)
        if not pending.future.done():
            pending.future.set_result(answer)

    def _fail(self, pending: _Pending, failure: Failure) -> None:
        self._book.failure(pending.key, failure, pending.attempt)
        if failure.kind in ("rate_limited", "server_error", "timeout", "connection"):
            self.limiter.overloaded()
        if failure.fatal:
            self._die(failed_for_good(failure))
        elif failure.passing and pending.attempt < self._retry.attempts and self._dead is None:
            self._spawn(self._again(pending, self._retry.wait_seconds(pending.attempt, failure)))
            return
        elif failure.passing:
            self._exhausted(failure)
        self._reject(pending, self._dead or Unscored(failure_reason(failure)))

    async def _again(self, pending: _Pending, wait_seconds: float) -> None:
        await asyncio.sleep(wait_seconds)
        pending.attempt += 1
        self._queue.append(pending)
        self._arrived.set()

    def _exhausted(self, failure: Failure) -> None:
        self._exhausted_in_a_row += 1
        if self._exhausted_in_a_row >= self._retry.dead_after:
            text = f"{self._exhausted_in_a_row} requests in a row failed {self._retry.attempts} times each"
            step = "see that the target answers, then run the same command again: it resumes"
            self._die(TargetFailed(Fault(f"{text}; last: {failure.message}", next_step=step)))

    def _die(self, error: QistasError) -> None:
        if self._dead is None:
            self._dead = error
        for pending in list(self._pending.values()):
            self._reject(pending, self._dead)
        self._queue.clear()

    def _reject(self, pending: _Pending, error: BaseException) -> None:
        self._pending.pop(pending.key, None)
        if not pending.future.done():
            pending.future.set_exception(error)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            error = task.exception()
            self._die(
                error if isinstance(error, QistasError) else TargetFailed(f"the scheduler stopped: {error!r}")
            )

    async def close(self) -> None:
        """Stop dispatching; answers that are under way are let go."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _retrieve(future: asyncio.Future[Answer]) -> None:
    """A rejected request whose asker is gone is no error of the event loop."""
    if not future.cancelled():
        future.exception()
