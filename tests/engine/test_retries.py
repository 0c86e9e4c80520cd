"""What failed in passing is asked again, patiently; what failed for good says so; nothing answered is lost."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.jobs import QUICK, card, criterion, job, questions_of, records, run

from qistas.contracts.errors import TargetFailed
from qistas.contracts.exchanges import ChatRequest, ChatResponse, Failure, FailureKind, Message, ScoreResponse
from qistas.engine.book import Book
from qistas.engine.plan import RunSettings
from qistas.engine.scheduler import RetryPolicy, Scheduler
from qistas.ledger.store import Ledger
from qistas.targets.scripted import Asked, ScriptedTarget, fail_first

BUSY = Failure(kind="rate_limited", message="429", passing=True, retry_after_seconds=0.002)
WRONG_KEY = Failure(kind="unauthorised", message="401: wrong key", passing=False, fatal=True)
REJECTED = Failure(kind="rejected", message="400: too long", passing=False)

ALL = [criterion(requirement=None)]


def passing(kind: FailureKind) -> Failure:
    return Failure(kind=kind, message="not now", passing=True)


def number(request: Asked) -> int:
    return int("".join(filter(str.isdigit, request.messages[-1].content)))


def unscored(folder: Path) -> dict[str, str]:
    return {o.sample: o.unscored for o in records(folder, "observation") if o.unscored is not None}


@pytest.mark.parametrize("failure", [BUSY, *map(passing, ("server_error", "timeout", "connection", "empty"))])
def test_a_passing_failure_is_asked_again_and_every_attempt_stands_in_the_ledger(
    tmp_path: Path, failure: Failure
) -> None:
    target = ScriptedTarget(lambda _: "yes", fail=fail_first(2, failure))
    found = run(job(target, count=4, criteria=ALL), tmp_path)[0]
    assert (found.estimate.value, found.estimate.unscored) == (1.0, 0)
    assert len(target.asked) == 12
    failures = records(tmp_path, "failure")
    assert {f.failure for f in failures} == {failure}
    assert sorted(f.attempt for f in failures) == [1] * 4 + [2] * 4
    assert {a.attempt for a in records(tmp_path, "response")} == {3}


def test_giving_up_leaves_one_sample_unscored_and_harms_no_other(tmp_path: Path) -> None:
    slow = passing("timeout")
    target = ScriptedTarget(lambda _: "yes", fail=lambda r, _: slow if number(r) == 2 else None)
    found = run(job(target, count=5, criteria=ALL), tmp_path)[0]
    assert unscored(tmp_path) == {"q002": "timeout: not now"}
    assert (found.estimate.value, found.estimate.n, found.estimate.unscored) == (1.0, 5, 1)
    assert [f.attempt for f in records(tmp_path, "failure")] == [1, 2, 3]


def test_a_failure_of_the_requests_own_is_not_asked_again(tmp_path: Path) -> None:
    target = ScriptedTarget(lambda _: "yes", fail=lambda r, _: REJECTED if number(r) == 2 else None)
    run(job(target, count=5, criteria=ALL), tmp_path)
    assert unscored(tmp_path) == {"q002": "rejected: 400: too long"}
    assert len(target.asked) == 5


def test_a_rejected_question_of_two_samples_is_rejected_once(tmp_path: Path) -> None:
    target = ScriptedTarget(lambda _: REJECTED, connections=1)
    cards = [card("test/one", design="fixed"), card("test/two", design="fixed")]
    criteria = [criterion("one", "test/one"), criterion("two", "test/two")]
    made = job(
        target, count=3, cards=cards, criteria=criteria, settings=RunSettings(retry=QUICK, concurrency=1)
    )
    assert [f.verdict for f in run(made, tmp_path)] == ["failed", "failed"]
    assert len(target.asked) == 3


def test_a_fatal_failure_ends_the_run_and_keeps_what_was_answered(tmp_path: Path) -> None:
    target = ScriptedTarget(
        lambda _: "yes", connections=2, fail=lambda r, _: WRONG_KEY if len(target.asked) > 6 else None
    )
    with pytest.raises(TargetFailed, match=r"failed for good: 401: wrong key → check the address") as failed:
        run(job(target, count=30, criteria=ALL), tmp_path)
    assert failed.value.exit_code == 3
    assert len(records(tmp_path, "response")) == 6
    assert records(tmp_path, "failure")[0].failure == WRONG_KEY
    assert unscored(tmp_path) == {}
    assert records(tmp_path, "closing") == []
    assert target.closed == 1
    assert len(target.asked) <= 8


def test_many_given_up_in_a_row_mean_that_the_target_is_gone(tmp_path: Path) -> None:
    retry = RetryPolicy(attempts=2, base_seconds=0.001, most_seconds=0.001, dead_after=4)
    target = ScriptedTarget(
        lambda _: "yes",
        connections=1,
        fail=lambda r, _: passing("connection") if number(r) >= 5 else None,
    )
    made = job(target, count=40, criteria=ALL, settings=RunSettings(retry=retry, seed=1))
    expected = r"4 requests in a row failed 2 times each; last: not now → see that the target answers"
    with pytest.raises(TargetFailed, match=expected):
        run(made, tmp_path)
    assert len(records(tmp_path, "response")) <= 5


def test_an_answer_in_between_shows_that_the_target_lives(tmp_path: Path) -> None:
    retry = RetryPolicy(attempts=1, dead_after=3)
    target = ScriptedTarget(
        lambda _: "yes", fail=lambda _r, _a: None if len(target.asked) % 3 == 0 else passing("timeout")
    )
    made = job(target, count=30, criteria=ALL, settings=RunSettings(retry=retry, concurrency=1))
    assert run(made, tmp_path)[0].estimate.unscored == 20


class Raising(ScriptedTarget):
    """Raises for one question, and gives one answer too few for another."""

    async def answer(self, requests: Sequence[Any]) -> Sequence[Any]:
        answers = await super().answer(requests)
        if any(number(r) == 1 for r in requests):
            raise RuntimeError("an adapter's fault")
        if any(number(r) == 2 for r in requests):
            return [*answers, ChatResponse(text="yes")]
        return answers


def test_an_adapter_that_raises_or_miscounts_harms_only_the_requests_it_was_given(tmp_path: Path) -> None:
    target = Raising(lambda _: "yes")
    found = run(job(target, count=5, criteria=ALL), tmp_path)[0]
    assert unscored(tmp_path) == {
        "q001": "exception: RuntimeError: an adapter's fault",
        "q002": "malformed: the target gave 2 answers to 1 requests",
    }
    assert (found.estimate.value, found.estimate.unscored) == (1.0, 2)
    assert len(records(tmp_path, "failure")) == 2


def test_an_adapter_that_knows_it_is_dead_ends_the_run_and_rejects_no_sample(tmp_path: Path) -> None:
    class Dead(ScriptedTarget):
        async def answer(self, requests: Sequence[Any]) -> Sequence[Any]:
            if len(self.asked) >= 3:
                raise TargetFailed("out of memory")
            return await super().answer(requests)

    with pytest.raises(TargetFailed, match="out of memory"):
        run(job(Dead(lambda _: "yes", connections=1), count=6, criteria=ALL), tmp_path)
    assert unscored(tmp_path) == {}
    alive = ScriptedTarget(lambda _: "yes")
    found = run(job(alive, count=6, criteria=ALL), tmp_path)[0]
    assert (found.estimate.value, found.estimate.unscored, len(alive.asked)) == (1.0, 0, 3)


def test_waits_double_up_to_a_limit_and_a_servers_word_counts() -> None:
    policy = RetryPolicy(base_seconds=0.5, most_seconds=20.0, retry_after_most_seconds=120.0)
    for attempt, least in [(1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0), (7, 20.0), (30, 20.0)]:
        waits = [policy.wait_seconds(attempt, passing("timeout")) for _ in range(50)]
        assert least <= min(waits) <= max(waits) <= 1.5 * least
        assert len(set(waits)) > 1
    asked = Failure(kind="rate_limited", message="", passing=True, retry_after_seconds=60.0)
    assert policy.wait_seconds(1, asked) == 60.0
    too_long = Failure(kind="rate_limited", message="", passing=True, retry_after_seconds=3600.0)
    assert policy.wait_seconds(1, too_long) == 120.0


def test_a_servers_wait_is_waited(tmp_path: Path) -> None:
    later = Failure(kind="rate_limited", message="429", passing=True, retry_after_seconds=0.15)
    target = ScriptedTarget(lambda _: "yes", fail=fail_first(1, later))
    started = time.monotonic()
    run(job(target, count=1, criteria=ALL), tmp_path)
    assert time.monotonic() - started >= 0.15
    assert questions_of(target.asked) == ["question 0?", "question 0?"]


def test_the_last_failure_is_the_reason(tmp_path: Path) -> None:
    kinds: list[FailureKind] = ["server_error", "connection", "timeout"]
    target = ScriptedTarget(lambda _: "yes", fail=lambda _r, attempt: passing(kinds[attempt]))
    run(job(target, count=1, criteria=ALL), tmp_path)
    assert unscored(tmp_path) == {"q000": "timeout: not now"}
    assert [f.failure.kind for f in records(tmp_path, "failure")] == kinds


def test_a_dead_target_is_asked_nothing_more_not_even_again(tmp_path: Path) -> None:
    later = Failure(kind="timeout", message="slow", passing=True)
    target = ScriptedTarget(lambda _: "yes", fail=lambda r, _: WRONG_KEY if number(r) else later)

    async def main() -> list[BaseException]:
        ledger = Ledger(tmp_path / "ledger.sqlite")
        scheduler = Scheduler(target, await target.open(), Book(ledger, None), retry=QUICK)
        asked = [ChatRequest(messages=(Message("user", f"{n}"),)) for n in (0, 1)]
        failed = await asyncio.gather(*(scheduler.ask(r) for r in asked), return_exceptions=True)
        await asyncio.sleep(0.02)
        with pytest.raises(TargetFailed, match="wrong key"):
            await scheduler.ask(ChatRequest(messages=(Message("user", "2"),)))
        await scheduler.close()
        ledger.close()
        return [error for error in failed if isinstance(error, BaseException)]

    assert [type(error) for error in asyncio.run(main())] == [TargetFailed, TargetFailed]
    assert sorted(questions_of(target.asked)) == ["0", "1"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("\ud800", "surrogates not allowed"),
        (ScoreResponse(logprob=float("nan"), tokens=1), "a record may not hold NaN or infinity"),
        (Failure(kind="server_error", message="\udcff", passing=True), "surrogates not allowed"),
    ],
)
def test_an_answer_that_no_record_can_hold_is_that_requests_failure_and_harms_no_other(
    tmp_path: Path, answer: Any, reason: str
) -> None:
    target = ScriptedTarget(lambda request: answer if number(request) == 2 else "yes")
    found = run(job(target, count=5, criteria=ALL), tmp_path)[0]
    assert (found.estimate.value, found.estimate.n, found.estimate.unscored) == (1.0, 5, 1)
    assert unscored(tmp_path).keys() == {"q002"}
    assert unscored(tmp_path)["q002"].startswith("malformed: the answer cannot be recorded: ")
    assert reason in unscored(tmp_path)["q002"]
