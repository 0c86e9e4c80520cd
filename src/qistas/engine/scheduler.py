"""Where the requests of all samples meet: duplicates dropped, cache asked, the rest batched and retried."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Coroutine, Iterable
from contextlib import aclosing
from typing import Any

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.errors import Fault, QistasError, TargetFailed, Unscored
from qistas.contracts.exchanges import Failure
from qistas.contracts.identity import TargetInfo
from qistas.contracts.protocols import StreamingTarget, Target, call_size_of
from qistas.engine.asking import Answer, Answerable, answers_of, groups_of, recordable, unrecordable
from qistas.engine.book import Book, failure_reason, request_encoded
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


def failed_for_good(failure: Failure, who: str = "target") -> TargetFailed:
    """The error for a failure that every other request to ``who`` would meet too."""
    step = "check the address, the model's name and the key, then run the same command again: it resumes"
    return TargetFailed(Fault(f"the {who} failed for good: {failure.message}", next_step=step))


class _Pending:
    """A request that waits for its answer, and who waits for it."""

    __slots__ = ("askers", "attempt", "key", "request")

    def __init__(self, key: str, request: Answerable, asker: asyncio.Future[Answer]) -> None:
        self.key = key
        self.request = request
        self.attempt = 1
        self.askers = [asker]

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for the answer."""
        return any(not asker.done() for asker in self.askers)


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
        who: str = "target",
    ) -> None:
        self.info = info
        self._who = who
        self.identity = digest(info)
        self.target = self._target = target
        self._streaming = target if isinstance(target, StreamingTarget) else None
        self._book = book
        self._cache = cache if info.model.digest else None
        self._retry = retry or RetryPolicy()
        most = concurrency or target.connections * target.batch_size
        self._batch_size = min(target.batch_size, most)
        self._call_size = min(call_size_of(target), concurrency or call_size_of(target))
        connections = max(1, min(target.connections, most // self._batch_size))
        # An endpoint's width is found by itself; a local model takes one call at a time.
        self.limiter = Limiter(start=min(8, connections), most=connections)
        self._queue: deque[_Pending] = deque()
        self._pending: dict[str, _Pending] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._gathering = self._closing = False
        self._dead: QistasError | None = None
        self._exhausted_in_a_row = 0

    def connections(self) -> int:
        """How many requests may be under way just now."""
        return int(self.limiter.width) * self._batch_size

    def call_size(self) -> int:
        """How many requests the target can make use of at once, where they are sure to be needed."""
        return max(self.connections(), self._call_size)

    async def ask(self, request: Answerable) -> tuple[str, Answer]:
        """(request digest, answer)."""
        key, body = request_encoded(self.identity, request)
        known = self._book.answers.get(key)
        if known is not None:
            return key, known  # type: ignore[return-value]
        if key in self._book.rejected:
            raise Unscored(failure_reason(self._book.rejected[key]))
        if self._dead is not None:
            raise self._dead
        # Each asker waits for a future of its own: one that is cancelled takes the answer from nobody.
        asker: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        pending = self._pending.get(key)
        if pending is not None:
            pending.askers.append(asker)
            return key, await asker
        self._book.request_encoded(key, body)
        cached = self._cache.get(key) if self._cache else None
        if cached is not None:
            self._book.answer(key, cached, cached=True, attempt=1, elapsed=0.0)
            return key, cached
        pending = self._pending[key] = _Pending(key, request, asker)
        self._enqueue(pending)
        return key, await asker

    def _enqueue(self, pending: _Pending) -> None:
        self._queue.append(pending)
        self._send()

    def _send(self) -> None:
        if self._call_size == 1:
            self._pump()
        elif self._queue and not self._gathering:
            self._gathering = True
            self._spawn(self._gather())

    async def _gather(self) -> None:
        """Let every sample that can run reach its next request, so that a call fills before it goes out."""
        before = -1
        while before != len(self._queue):
            before = len(self._queue)
            for _ in range(3):
                await asyncio.sleep(0)
        self._gathering = False
        self._pump()

    def _pump(self) -> None:
        """Send what waits, as far as the width reaches."""
        while self._queue and self.limiter.free:
            batch = self._take()
            if batch:
                self.limiter.enter()
                self._spawn(self._put(batch))

    def _take(self) -> list[_Pending]:
        """Up to a call of one kind of request; the longest wait first. What nobody waits for any more is dropped."""
        batch: list[_Pending] = []
        rest: list[_Pending] = []
        while self._queue and len(batch) < self._call_size:
            pending = self._queue.popleft()
            if not pending.wanted:
                self._pending.pop(pending.key, None)
            elif batch and type(pending.request) is not type(batch[0].request):
                rest.append(pending)
            else:
                batch.append(pending)
        self._queue.extendleft(reversed(rest))
        return batch

    async def _put(self, batch: list[_Pending]) -> None:
        try:
            if self._streaming is None:
                await self._call(batch)
            else:
                await self._stream(self._streaming, batch)
        except TargetFailed as error:
            self._die(error)
        finally:
            self.limiter.leave()
            self._send()

    async def _call(self, batch: list[_Pending]) -> None:
        started = time.monotonic()
        answers = await answers_of(self._target, [pending.request for pending in batch])
        # Nothing is awaited before this: a run that is stopped now keeps what was answered.
        self._take_in(zip(batch, answers, strict=True), (time.monotonic() - started) / len(batch))

    async def _stream(self, target: StreamingTarget, batch: list[_Pending]) -> None:
        started = time.monotonic()
        async with aclosing(groups_of(target, [pending.request for pending in batch])) as groups:
            async for group in groups:
                now = time.monotonic()
                self._take_in(
                    [(batch[place], answer) for place, answer in group],
                    (now - started) / max(1, len(group)),
                )
                started = now
                if self._dead is not None:
                    return

    def _take_in(self, answered: Iterable[tuple[_Pending, Answer | Failure]], elapsed: float) -> None:
        fresh = []
        for pending, answer in answered:
            if isinstance(answer, Failure):
                self._fail(pending, recordable(answer))
            elif self._settle(pending, answer, elapsed):
                fresh.append((pending.key, answer))
        if self._cache and fresh:
            self._cache.put(fresh)

    def _settle(self, pending: _Pending, answer: Answer, elapsed: float) -> bool:
        """Record the answer and give it to who waits; False where no record can hold it."""
        try:
            self._book.answer(pending.key, answer, cached=False, attempt=pending.attempt, elapsed=elapsed)
        except ValueError as error:
            self._fail(pending, unrecordable(error))
            return False
        self._exhausted_in_a_row = 0
        self.limiter.succeeded(elapsed)
        self._pending.pop(pending.key, None)
        for asker in pending.askers:
            if not asker.done():
                asker.set_result(answer)
        return True

    def _fail(self, pending: _Pending, failure: Failure) -> None:
        self._book.failure(pending.key, failure, pending.attempt)
        if failure.kind in ("rate_limited", "server_error", "timeout", "connection"):
            self.limiter.overloaded()
        if failure.fatal:
            self._die(failed_for_good(failure, self._who))
        elif failure.passing and pending.attempt < self._retry.attempts and self._dead is None:
            self._spawn(self._again(pending, self._retry.wait_seconds(pending.attempt, failure)))
            return
        elif failure.passing:
            self._exhausted(failure)
        self._reject(pending, self._dead or Unscored(failure_reason(failure)))

    async def _again(self, pending: _Pending, wait_seconds: float) -> None:
        await asyncio.sleep(wait_seconds)
        pending.attempt += 1
        if self._dead is None:
            self._enqueue(pending)

    def _exhausted(self, failure: Failure) -> None:
        self._exhausted_in_a_row += 1
        if self._exhausted_in_a_row >= self._retry.dead_after:
            to = "" if self._who == "target" else f" to the {self._who}"
            text = (
                f"{self._exhausted_in_a_row} requests in a row{to} failed {self._retry.attempts} times each"
            )
            step = f"see that the {self._who} answers, then run the same command again: it resumes"
            self._die(TargetFailed(Fault(f"{text}; last: {failure.message}", next_step=step)))

    def _die(self, error: QistasError) -> None:
        if self._dead is None:
            self._dead = error
        for pending in list(self._pending.values()):
            self._reject(pending, self._dead)
        self._queue.clear()

    def _reject(self, pending: _Pending, error: BaseException) -> None:
        self._pending.pop(pending.key, None)
        for asker in pending.askers:
            if not asker.done():
                asker.set_exception(error)
                asker.exception()  # an asker that is gone by now is no error of the event loop

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            if not self._closing:
                self._die(
                    TargetFailed("the target stopped answering: a call was cancelled, and not by this run")
                )
        elif (error := task.exception()) is not None:
            self._die(
                error if isinstance(error, QistasError) else TargetFailed(f"the scheduler stopped: {error!r}")
            )

    async def close(self) -> None:
        """Stop sending; answers that are under way are let go."""
        self._closing = True
        self._queue.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
