"""Blocking calls of foreign code, in threads that do not keep the process alive."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


async def in_daemon_thread(call: Callable[[], Result]) -> Result:
    """The result of ``call``. Cancelling leaves the thread behind: a call that hangs cannot be ended."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def work() -> None:
        result: Result | None = None
        failed: BaseException | None = None
        try:
            result = call()
        except StopIteration as error:
            failed = RuntimeError(f"StopIteration: {error}")  # a future cannot hold it
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is awaited
            failed = error
        try:
            loop.call_soon_threadsafe(settle, result, failed)
        except RuntimeError:
            return  # the loop is gone: nobody waits any more

    threading.Thread(target=work, name="qistas-callable", daemon=True).start()
    return await future
