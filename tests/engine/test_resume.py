"""Running again goes on where the run was: nothing answered is asked twice, and the findings are the same."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.jobs import QUICK, card, criterion, job, questions_of, records, run, stored

from qistas.contracts.canonical import canonical
from qistas.contracts.errors import LedgerMismatch, TargetFailed
from qistas.contracts.exchanges import Failure, ReleaseListing
from qistas.engine.cache import ResponseCache
from qistas.engine.plan import RunSettings
from qistas.engine.run import Progress
from qistas.engine.work import work
from qistas.ledger.integrity import first_fault
from qistas.ledger.reader import LedgerReader
from qistas.targets.scripted import Asked, ScriptedTarget

GONE = Failure(kind="connection", message="gone", passing=False, fatal=True)
SLOW = Failure(kind="timeout", message="slow", passing=True)
REJECTED = Failure(kind="rejected", message="400", passing=False)


def mostly_yes(request: Asked) -> str:
    return "no" if int("".join(filter(str.isdigit, request.messages[-1].content))) % 4 == 0 else "yes"


class Endpoint(ScriptedTarget):
    """A target without a digest: nothing of it is cached between runs."""

    async def open(self) -> Any:
        import msgspec

        info = await super().open()
        model = msgspec.structs.replace(info.model, digest=None, digest_reason="an endpoint")
        return msgspec.structs.replace(info, model=model)


def dying(after: int) -> ScriptedTarget:
    """Answers that many requests, then never again."""
    left = iter(range(after))
    return Endpoint(
        mostly_yes, connections=3, fail=lambda _r, _a: None if next(left, None) is not None else GONE
    )


def answered(folder: Path) -> set[str]:
    """The questions whose response stands in the ledger."""
    with LedgerReader(folder / "ledger.sqlite") as reader:
        requests = dict(reader.entries("request"))
        return {requests[a.request].request.messages[-1].content for _, a in reader.entries("response")}


@pytest.mark.parametrize("after", [0, 1, 17, 39])
def test_a_run_whose_target_died_goes_on_and_ends_as_if_nothing_had_been(tmp_path: Path, after: int) -> None:
    criteria = [criterion(samples=40)]
    whole = run(job(Endpoint(mostly_yes), count=40, criteria=criteria), tmp_path / "whole")
    with pytest.raises(TargetFailed):
        run(job(dying(after), count=40, criteria=criteria), tmp_path / "cut")
    kept = answered(tmp_path / "cut")
    assert len(kept) == after
    again = Endpoint(mostly_yes)
    findings = run(job(again, count=40, criteria=criteria), tmp_path / "cut")
    assert canonical(findings) == canonical(whole)
    assert kept.isdisjoint(questions_of(again.asked))
    assert len(set(questions_of(again.asked))) == len(again.asked) == 40 - after
    with LedgerReader(tmp_path / "cut" / "ledger.sqlite") as reader:
        assert first_fault(reader) is None


def test_a_run_that_dies_again_and_again_asks_every_question_once(tmp_path: Path) -> None:
    criteria = [criterion(samples=20)]
    for deaths in range(1, 5):
        with pytest.raises(TargetFailed):
            run(job(dying(4), count=20, criteria=criteria), tmp_path)
        assert len(records(tmp_path, "response")) == 4 * deaths
    findings = run(job(dying(4), count=20, criteria=criteria), tmp_path)
    assert len({a.request for a in records(tmp_path, "response")}) == len(records(tmp_path, "response")) == 20
    assert findings == run(job(Endpoint(mostly_yes), count=20, criteria=criteria), tmp_path / "whole")


def test_a_finished_run_asks_nothing_and_adds_only_its_session(tmp_path: Path) -> None:
    first = run(job(Endpoint(mostly_yes)), tmp_path)
    with LedgerReader(tmp_path / "ledger.sqlite") as reader:
        before = [row.kind for row in reader.rows()]
    target = Endpoint(mostly_yes)
    assert run(job(target), tmp_path) == first
    assert target.asked == []
    with LedgerReader(tmp_path / "ledger.sqlite") as reader:
        assert [row.kind for row in reader.rows()] == [*before, "session"]


def test_a_stopped_run_keeps_every_answer_and_goes_on(tmp_path: Path) -> None:
    target = Endpoint(mostly_yes, connections=4, delay_seconds=0.005)
    criteria = [criterion(samples=60, requirement=None)]
    made = job(target, count=60, criteria=criteria)

    async def stopped() -> None:
        cache = ResponseCache(tmp_path / "cache")

        def stop_there(progress: Progress) -> None:
            if progress.done == 20:
                working.cancel()

        working = asyncio.create_task(work(made, tmp_path / "ledger.sqlite", cache, stop_there))
        try:
            await working
        finally:
            cache.close()

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(stopped())
    kept = answered(tmp_path)
    assert len(target.asked) - 4 <= len(kept) <= len(target.asked)
    assert target.closed == 1
    partial = stored(tmp_path)[0]
    assert (partial.verdict, partial.stopped) == ("not_enough_evidence", "incomplete")
    again = Endpoint(mostly_yes)
    findings = run(job(again, count=60, criteria=criteria), tmp_path)
    assert kept.isdisjoint(questions_of(again.asked))
    assert findings == run(job(Endpoint(mostly_yes), count=60, criteria=criteria), tmp_path / "whole")


def test_a_passing_failure_is_asked_again_and_the_later_observation_stands(tmp_path: Path) -> None:
    """A failure of the request's own is final; a passing one was the moment's."""

    def once(request: Asked, _attempt: int) -> Failure | None:
        return {"question 1?": SLOW, "question 2?": REJECTED}.get(request.messages[-1].content)

    criteria = [criterion(requirement=None)]
    first = run(job(Endpoint(mostly_yes, fail=once), count=4, criteria=criteria), tmp_path)[0]
    assert first.estimate.unscored == 2
    again = Endpoint(mostly_yes)
    second = run(job(again, count=4, criteria=criteria), tmp_path)[0]
    assert questions_of(again.asked) == ["question 1?"]
    assert second.estimate.unscored == 1
    shown = [(o.sample, o.unscored) for o in records(tmp_path, "observation")]
    assert [u for sample, u in shown if sample == "q001"] == ["timeout: slow", None]
    assert [u for sample, u in shown if sample == "q002"] == ["rejected: 400"]
    assert [c.findings[0].estimate.unscored for c in records(tmp_path, "closing")] == [2, 1]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"settings": RunSettings(seed=1)}, r"differs in seed \(0 there, 1 now\)"),
        ({"settings": RunSettings(budget=9)}, r"differs in budget \(None there, 9 now\)"),
        ({"settings": RunSettings(system_prompt="Be kind.")}, r"differs in system_prompt"),
        ({"criteria": [criterion("other")]}, r"differs in standard \(test 1.0 there, test 1.0 now\)"),
        ({"cards": [card(version="2.0")]}, r"differs in evaluations"),
        (
            {"target": Endpoint(mostly_yes, name="other")},
            r"differs in target \(scripted:scripted there, scripted:other",
        ),
        ({"roles": {"attacker": Endpoint(mostly_yes)}}, r"differs in roles"),
    ],
)
def test_a_ledger_of_another_run_is_refused_and_the_difference_named(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    run(job(Endpoint(mostly_yes), count=5), tmp_path)
    before = (tmp_path / "ledger.sqlite").read_bytes()
    target = changes.pop("target", None) or Endpoint(mostly_yes)
    with pytest.raises(LedgerMismatch, match=says) as refused:
        run(job(target, count=5, **changes), tmp_path)
    assert "choose another folder with --out, or remove that one" in str(refused.value)
    assert target.asked == []
    assert (tmp_path / "ledger.sqlite").read_bytes() == before
    run(job(Endpoint(mostly_yes), count=5), tmp_path)


def test_every_difference_is_named_at_once(tmp_path: Path) -> None:
    run(job(Endpoint(mostly_yes), count=5), tmp_path)
    other = replace(
        job(Endpoint(mostly_yes), count=5, settings=RunSettings(seed=1, budget=3)), data={"d": "sha256:x"}
    )
    with pytest.raises(LedgerMismatch) as refused:
        run(other, tmp_path)
    assert [f.message.split("differs in ")[1].split()[0] for f in refused.value.faults] == [
        "data",
        "seed",
        "budget",
    ]
    assert [bool(f.next_step) for f in refused.value.faults] == [False, False, True]


def test_a_changed_release_is_another_run(tmp_path: Path) -> None:
    class Release:
        def __init__(self, text: str) -> None:
            self.text = text

        def listing(self) -> ReleaseListing:
            return ReleaseListing(files=(), texts={"README.md": self.text}, source="folder")

    run(job(Endpoint(mostly_yes), count=3, release=Release("one")), tmp_path)
    run(job(Endpoint(mostly_yes), count=3, release=Release("one")), tmp_path)
    with pytest.raises(LedgerMismatch, match="differs in release"):
        run(job(Endpoint(mostly_yes), count=3, release=Release("two")), tmp_path)


def test_other_ways_to_say_the_same_run_change_nothing_that_is_kept(tmp_path: Path) -> None:
    """Concurrency, patience and how the command was written are circumstances."""
    first = run(
        job(Endpoint(mostly_yes), count=5, settings=RunSettings(retry=QUICK, rerun="as first")), tmp_path
    )
    settings = RunSettings(retry=QUICK, rerun="as then", concurrency=1, timeout_seconds=3.0)
    assert run(job(Endpoint(mostly_yes), count=5, settings=settings), tmp_path) == first
    assert first[0].rerun == "qistas run test/questions as first"
    assert [c.findings for c in records(tmp_path, "closing")] == [first]
