"""What one run was told, another need not ask: for models known by their weights, and only those."""

import asyncio
import os
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.engine.test_retries import REJECTED
from tests.fakes.jobs import criterion, job, questions_of, records, stored

from qistas.contracts.exchanges import ChatResponse, ScoreResponse
from qistas.engine.cache import ResponseCache, cache_folder
from qistas.engine.run import Progress
from qistas.engine.work import work
from qistas.targets.scripted import ScriptedTarget, fail_first

FIXED = [criterion(requirement=None)]


def run(target: ScriptedTarget, folder: Path, cache: ResponseCache, count: int = 5) -> int:
    """How many requests the target answered."""

    def told(_: Progress) -> None:
        return

    return asyncio.run(work(job(target, count=count, criteria=FIXED), folder / "ledger.sqlite", cache, told))


class WithoutDigest(ScriptedTarget):
    async def open(self) -> Any:
        info = await super().open()
        model = msgspec.structs.replace(info.model, digest=None, digest_reason="an endpoint")
        return msgspec.structs.replace(info, model=model)


@pytest.fixture
def cache(tmp_path: Path) -> Any:
    cache = ResponseCache(tmp_path / "cache")
    yield cache
    cache.close()
    assert cache.note is None


def test_a_second_run_of_the_same_model_asks_nothing_and_says_so(
    tmp_path: Path, cache: ResponseCache
) -> None:
    assert run(ScriptedTarget(lambda _: "yes"), tmp_path / "a", cache) == 5
    second = ScriptedTarget(lambda _: "no")
    assert run(second, tmp_path / "b", cache) == 0
    assert second.asked == []
    assert stored(tmp_path / "a") == stored(tmp_path / "b")
    assert [a.cached for a in records(tmp_path / "a", "response")] == [False] * 5
    assert [a.cached for a in records(tmp_path / "b", "response")] == [True] * 5


def test_what_is_not_cached_is_asked(tmp_path: Path, cache: ResponseCache) -> None:
    run(ScriptedTarget(lambda _: "yes"), tmp_path / "a", cache, count=3)
    more = ScriptedTarget(lambda _: "yes")
    assert run(more, tmp_path / "b", cache, count=5) == 2
    assert sorted(questions_of(more.asked)) == ["question 3?", "question 4?"]


def test_another_model_is_asked_itself(tmp_path: Path, cache: ResponseCache) -> None:
    run(ScriptedTarget(lambda _: "yes"), tmp_path / "a", cache)
    assert run(ScriptedTarget(lambda _: "no", name="other"), tmp_path / "b", cache) == 5
    assert stored(tmp_path / "b")[0].estimate.value == 0.0


def test_a_model_without_a_digest_is_neither_cached_nor_answered_for(
    tmp_path: Path, cache: ResponseCache
) -> None:
    run(WithoutDigest(lambda _: "yes"), tmp_path / "a", cache)
    assert run(WithoutDigest(lambda _: "yes"), tmp_path / "b", cache) == 5
    assert {a.cached for a in records(tmp_path / "b", "response")} == {False}


def test_failures_are_never_cached(tmp_path: Path, cache: ResponseCache) -> None:
    run(ScriptedTarget(lambda _: REJECTED), tmp_path / "a", cache)
    assert run(ScriptedTarget(lambda _: "yes", fail=fail_first(0, REJECTED)), tmp_path / "b", cache) == 5


def test_responses_come_back_as_they_were(cache: ResponseCache) -> None:
    chat, score = (
        ChatResponse(text="نعم", finish="length"),
        ScoreResponse(logprob=-1.25, tokens=2, greedy=True),
    )
    cache.put([("sha256:a", chat), ("sha256:b", score)])
    cache.put([("sha256:a", ChatResponse(text="later"))])
    assert [cache.get(name) for name in ("sha256:a", "sha256:b", "sha256:c")] == [chat, score, None]


def test_two_processes_may_hold_the_same_cache(tmp_path: Path, cache: ResponseCache) -> None:
    other = ResponseCache(tmp_path / "cache")
    cache.put([("sha256:a", ChatResponse(text="one"))])
    assert other.get("sha256:a") == ChatResponse(text="one")
    other.close()


@pytest.mark.parametrize("broken", ["file", "folder", "row", "bytes", "table"])
def test_a_broken_cache_is_a_note_and_the_run_goes_on(tmp_path: Path, broken: str) -> None:
    folder = tmp_path / "cache"
    if broken == "file":
        folder.mkdir()
        (folder / "responses.sqlite").write_bytes(b"no database" * 1000)
    elif broken == "folder":
        folder.write_text("a file in its place")
    else:
        warm = ResponseCache(folder)
        run(ScriptedTarget(lambda _: "yes"), tmp_path / "a", warm)
        warm.close()
    damage = {
        "row": "UPDATE responses SET response = X'7B'",
        "bytes": """UPDATE responses SET response = CAST('{"type":"chat","text":"' AS BLOB) || X'FF' || X'227D'""",
        "table": "ALTER TABLE responses RENAME COLUMN response TO other",
    }
    if broken in damage:
        database = sqlite3.connect(folder / "responses.sqlite")
        with database:
            database.execute(damage[broken])
        database.close()
    cache = ResponseCache(folder)
    target = ScriptedTarget(lambda _: "yes")
    assert run(target, tmp_path / "b", cache) == 5
    assert stored(tmp_path / "b")[0].estimate.value == 1.0
    assert cache.note is not None
    assert cache.note.startswith("the response cache cannot be used: ")
    cache.put([("sha256:a", ChatResponse(text="nowhere"))])
    assert cache.get("sha256:a") is None
    cache.close()


def test_a_cache_that_fills_up_is_a_note(tmp_path: Path) -> None:
    cache = ResponseCache(tmp_path)
    assert cache._database is not None
    cache._database.execute("PRAGMA query_only = ON")
    cache.put([("sha256:a", ChatResponse(text="one"))])
    assert cache.note is not None
    assert "readonly" in cache.note


def test_the_cache_lies_where_the_user_said_or_in_the_users_cache_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QISTAS_CACHE", "/somewhere/named")
    assert cache_folder() == Path("/somewhere/named")
    monkeypatch.delenv("QISTAS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere/else")
    assert cache_folder() == Path("/somewhere/else/qistas")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path(os.path.expanduser("~")) / ".cache" / "qistas"  # noqa: PTH111 - its own oracle
