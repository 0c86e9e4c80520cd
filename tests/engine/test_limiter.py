"""As many requests in flight as the server bears: one more after a width of successes, half on overload."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import ChatRequest, Failure, FailureKind, Message
from qistas.engine.book import Book
from qistas.engine.limiter import Limiter
from qistas.engine.scheduler import RetryPolicy, Scheduler
from qistas.ledger.store import Ledger
from qistas.targets.scripted import ScriptedTarget


def test_the_width_grows_by_one_over_a_width_of_successes_up_to_its_bound() -> None:
    limiter = Limiter(start=4, most=6)
    widths = []
    for _ in range(30):
        limiter.succeeded()
        widths.append(limiter.width)
    assert widths == sorted(widths)
    assert widths[3] < 5.0 < widths[4]
    assert widths[-1] == 6.0


def test_overload_halves_the_width_and_one_is_always_let_through() -> None:
    limiter = Limiter(start=8, most=32)
    widths = []
    for _ in range(6):
        limiter.overloaded()
        widths.append(limiter.width)
    assert widths == [4.0, 2.0, 1.0, 1.0, 1.0, 1.0]


@settings(deadline=None, max_examples=30)
@given(events=st.lists(st.booleans(), max_size=200), start=st.integers(1, 64), most=st.integers(1, 64))
def test_the_width_stays_between_one_and_its_bound(events: list[bool], start: int, most: int) -> None:
    limiter = Limiter(start, most)
    for succeeded in events:
        limiter.succeeded() if succeeded else limiter.overloaded()
        assert 1.0 <= limiter.width <= most


@pytest.mark.parametrize("width", [1, 3, 7])
def test_never_more_than_the_width_are_let_in_and_all_get_their_turn(width: int) -> None:
    limiter = Limiter(width, width)
    peaks, done = [], []

    async def one(name: int) -> None:
        async with limiter:
            peaks.append(limiter.in_flight)
            await asyncio.sleep(0)
            done.append(name)

    async def main() -> None:
        await asyncio.gather(*(one(n) for n in range(20)))

    asyncio.run(main())
    assert max(peaks) == width
    assert sorted(done) == list(range(20))
    assert limiter.in_flight == 0


def test_who_fails_inside_leaves_too() -> None:
    limiter = Limiter(1, 1)

    async def main() -> None:
        with pytest.raises(ValueError, match="inside"):
            async with limiter:
                raise ValueError("inside")

    asyncio.run(main())
    assert limiter.in_flight == 0


@pytest.mark.parametrize(
    ("kind", "slows"),
    [
        ("rate_limited", True),
        ("server_error", True),
        ("timeout", True),
        ("connection", True),
        ("rejected", False),
        ("empty", False),
    ],
)
def test_only_a_server_that_is_overloaded_is_asked_more_slowly(
    tmp_path: Path, kind: FailureKind, slows: bool
) -> None:
    failure = Failure(kind=kind, message="", passing=False)
    target = ScriptedTarget(lambda _: failure, connections=8)

    async def main() -> float:
        ledger = Ledger(tmp_path / "ledger.sqlite")
        scheduler = Scheduler(target, await target.open(), Book(ledger, None), retry=RetryPolicy(attempts=1))
        with pytest.raises(Unscored):
            await scheduler.ask(ChatRequest(messages=(Message("user", "x"),)))
        await scheduler.close()
        ledger.close()
        return scheduler.limiter.width

    assert asyncio.run(main()) == (4.0 if slows else 8.0)
