"""A run's findings depend on the model, the standard and the seed; not on how many requests are in flight."""

import random
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.jobs import (
    QUICK,
    Questions,
    YesJudge,
    card,
    criterion,
    job,
    questions_of,
    records,
    run,
    stored,
)

from qistas.contracts.canonical import canonical
from qistas.contracts.documents import MetricCard, Requirement
from qistas.contracts.errors import BadInput, StorageError
from qistas.contracts.exchanges import ChatRequest, ChatResponse, Decoding, Message
from qistas.contracts.findings import Finding
from qistas.contracts.protocols import Subject
from qistas.contracts.records import Absent, Header, Sample
from qistas.engine.plan import RunSettings
from qistas.engine.run import Progress
from qistas.ledger.store import Ledger
from qistas.targets.scripted import Asked, ScriptedTarget


def mostly_yes(request: Asked) -> str:
    """Nearly every question gets a yes; a few a no, an answer that has no value, or one that no judge can read."""
    number = int("".join(filter(str.isdigit, request.messages[-1].content)))
    return {3: "no", 7: "maybe", 11: ""}.get(number % 13, "yes indeed")


def unsettled(delay_seed: int | None) -> Any:
    """A delay for every request, another one each time."""
    pick = random.Random(delay_seed)
    return (lambda _request: pick.random() * 0.004) if delay_seed is not None else 0.0


def weighed(
    folder: Path,
    *,
    seed: int = 0,
    concurrency: int | None = None,
    batch_size: int = 1,
    delay_seed: int | None = None,
    count: int = 30,
) -> bytes:
    target = ScriptedTarget(
        mostly_yes, batch_size=batch_size, connections=32, delay_seconds=unsettled(delay_seed)
    )
    criteria = [
        criterion("early", requirement=Requirement(at_least=0.2), samples=count),
        criterion("whole", requirement=Requirement(at_least=0.8), samples=count),
        criterion("shown", requirement=None, samples=count // 2),
    ]
    made = job(
        target,
        count=count,
        criteria=criteria,
        settings=RunSettings(retry=QUICK, seed=seed, concurrency=concurrency),
    )
    findings = run(made, folder)
    assert records(folder, "closing")[-1].findings == findings
    return canonical(findings)


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return weighed(tmp_path_factory.mktemp("plain"), concurrency=1)


@pytest.mark.parametrize(
    ("concurrency", "batch_size"), [(1, 1), (3, 1), (32, 1), (None, 1), (1, 8), (3, 8), (32, 8), (None, 8)]
)
def test_findings_are_the_same_bytes_at_any_concurrency_and_batch_size(
    tmp_path: Path, one_by_one: bytes, concurrency: int | None, batch_size: int
) -> None:
    assert weighed(tmp_path, concurrency=concurrency, batch_size=batch_size, delay_seed=1) == one_by_one


@settings(deadline=None, max_examples=5)
@given(
    seed=st.integers(0, 1000),
    delay_seed=st.integers(0, 1000),
    concurrency=st.integers(1, 40),
    batch_size=st.sampled_from([1, 2, 8]),
)
def test_findings_of_every_seed_are_the_same_bytes_however_answers_come(
    tmp_path_factory: pytest.TempPathFactory, seed: int, delay_seed: int, concurrency: int, batch_size: int
) -> None:
    folder = tmp_path_factory.mktemp("run")
    plain = weighed(folder / "a", seed=seed, concurrency=1, count=12)
    other = weighed(
        folder / "b",
        seed=seed,
        concurrency=concurrency,
        batch_size=batch_size,
        delay_seed=delay_seed,
        count=12,
    )
    assert other == plain


def test_another_seed_is_other_evidence(tmp_path: Path) -> None:
    assert weighed(tmp_path / "a", seed=1) != weighed(tmp_path / "b", seed=2)


@pytest.mark.parametrize("concurrency", [1, 4, 16])
def test_a_decided_criterion_asks_at_most_its_look_ahead_more_than_it_needed(
    tmp_path: Path, concurrency: int
) -> None:
    target = ScriptedTarget(lambda _: "yes", connections=16, delay_seconds=0.001)
    made = job(target, count=300, criteria=[criterion(samples=300)], settings=_settings(concurrency))
    found = run(made, tmp_path)[0]
    assert (found.verdict, found.stopped) == ("met", "decided")
    look_ahead = max(concurrency, 15)
    assert found.estimate.n <= len(target.asked) <= found.estimate.n + look_ahead
    assert len(records(tmp_path, "observation")) == len(target.asked)


def _settings(concurrency: int) -> RunSettings:
    return RunSettings(retry=QUICK, concurrency=concurrency)


def test_never_more_in_flight_than_asked_for_and_batches_are_filled(tmp_path: Path) -> None:
    criteria = [criterion(requirement=None)]
    single = ScriptedTarget(lambda _: "yes", connections=32, delay_seconds=0.002)
    run(job(single, count=40, criteria=criteria, settings=_settings(3)), tmp_path / "a")
    assert single.peak == 3
    batched = ScriptedTarget(lambda _: "yes", connections=4, batch_size=8, delay_seconds=0.002)
    run(job(batched, count=40, criteria=criteria, settings=_settings(16)), tmp_path / "b")
    assert (batched.peak, max(batched.batches)) == (2, 8)
    assert sum(batched.batches) == 40
    narrow = ScriptedTarget(lambda _: "yes", connections=4, batch_size=8)
    run(job(narrow, count=10, criteria=criteria, settings=_settings(2)), tmp_path / "c")
    assert max(narrow.batches) == 2


def test_the_same_question_of_many_samples_is_asked_once(tmp_path: Path) -> None:
    target = ScriptedTarget(lambda _: "yes", delay_seconds=0.001)
    cards = [card("test/one", design="fixed"), card("test/two", design="fixed")]
    criteria = [criterion("one", "test/one"), criterion("two", "test/two")]
    made = job(target, count=0, cards=cards, criteria=criteria)
    rows = [{"id": f"q{n}", "question": f"question {n % 5}?"} for n in range(20)]
    populations = {name: e.samples(rows) for name, e in made.evaluations.items()}  # type: ignore[attr-defined]
    findings = run(replace(made, populations=populations), tmp_path)
    assert [f.estimate.n for f in findings] == [20, 20]
    assert sorted(questions_of(target.asked)) == [f"question {n}?" for n in range(5)]
    assert len(records(tmp_path, "response")) == 5


def test_a_batch_holds_one_kind_of_request_and_nothing_is_lost(tmp_path: Path) -> None:
    kinds: list[set[str]] = []

    class Watched(ScriptedTarget):
        async def answer(self, requests: Any) -> Any:
            kinds.append({type(r).__name__ for r in requests})
            return await super().answer(requests)

    target = Watched(lambda r: "yes" if isinstance(r, ChatRequest) else -2.0, batch_size=4, connections=1)
    asking, scoring = card("test/chat"), card("test/score", needs=("score",), judge=None)
    criteria = [criterion("a", "test/chat", requirement=None), criterion("b", "test/score", requirement=None)]
    made = job(target, count=10, cards=[asking, scoring], criteria=criteria)
    made = replace(made, evaluations={**made.evaluations, "test/score": Scores(scoring)})
    assert [f.estimate.value for f in run(made, tmp_path)] == [1.0, 1.0]
    assert all(len(kind) == 1 for kind in kinds)
    assert Counter(type(r).__name__ for r in target.asked) == {"ChatRequest": 10, "ScoreRequest": 20}


class Scores(Questions):
    """Takes two options' log-likelihoods; both come back in order."""

    async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
        put = [Message("user", sample.row["question"])]
        first, second = await subject.score(put, [" no", " yes"], "chat" if sample.id == "q000" else "plain")
        return {"yes": float(first.logprob == second.logprob == -2.0)}


class Awkward(Questions):
    """Gives what an evaluation should not give."""

    async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
        await super().observe(sample, subject)
        given: dict[str, Any] = {
            "q000": {"yes": float("nan")},
            "q001": {"yes": 1.5},
            "q002": {"yes": "many"},
            "q003": {"other": 7.0, "yes": 1.0},
        }
        if sample.id == "q004":
            raise KeyError("column")
        return given[sample.id]


class Computed(Questions):
    """Gives a difference that is none, and a value of a metric that samples have none of."""

    async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
        await super().observe(sample, subject)
        given: dict[str, dict[str, float | Absent]] = {
            "q000": {"yes": 1.0, "gap": -1.5},
            "q001": {"yes": 1.0, "gap": -1.0, "ratio": 0.5},
            "q002": {"yes": 1.0, "gap": -1.0},
        }
        return given[sample.id]


def test_a_sample_gives_differences_within_1_and_no_value_of_what_is_computed(tmp_path: Path) -> None:
    text = card().title
    metrics = (
        *card().metrics,
        MetricCard(id="gap", title=text, unit="difference"),
        MetricCard(id="ratio", title=text, statistic="ratio", of=("gap", "yes")),
    )
    made = job(ScriptedTarget(lambda _: "yes"), count=3)
    of = card(design="fixed", metrics=metrics)
    run(replace(made, evaluations={"test/questions": Computed(of)}), tmp_path)
    assert {o.sample: o.unscored for o in records(tmp_path, "observation")} == {
        "q000": "the evaluation failed: ValueError: gap is -1.5",
        "q001": "the evaluation failed: ValueError: ratio is computed from other metrics, and a sample has no value of it",
        "q002": None,
    }


def test_one_samples_fault_is_its_own_and_says_what_it_was(tmp_path: Path) -> None:
    made = job(ScriptedTarget(lambda _: "yes"), count=5)
    of = card(design="fixed")
    found = run(replace(made, evaluations={"test/questions": Awkward(of)}), tmp_path)[0]
    reasons = {o.sample: o.unscored for o in records(tmp_path, "observation")}
    assert reasons == {
        "q000": "the evaluation failed: ValueError: yes is nan",
        "q001": "the evaluation failed: ValueError: yes is 1.5",
        "q002": "the evaluation failed: ValueError: could not convert string to float: 'many'",
        "q003": None,
        "q004": "the evaluation failed: KeyError: 'column'",
    }
    assert (found.estimate.value, found.estimate.unscored) == (1.0, 4)
    assert found.estimate.low is not None
    assert found.estimate.low < 0.2
    assert found.estimate.high == 1.0


def test_an_answer_of_the_wrong_kind_leaves_its_sample_unscored(tmp_path: Path) -> None:
    run(job(ScriptedTarget(lambda _: -1.0), count=2), tmp_path)
    assert {o.unscored for o in records(tmp_path, "observation")} == {
        "the target answered with ScoreResponse, not ChatResponse"
    }


def test_a_judge_that_the_run_does_not_have_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no judge 'rule/yes' in this run → name it in the evaluation's card"):
        run(job(ScriptedTarget(lambda _: "yes"), count=3, judges={"rule/other": YesJudge()}), tmp_path)


def test_a_criterion_whose_needs_are_not_there_asks_nothing(tmp_path: Path) -> None:
    target = ScriptedTarget(lambda _: "yes", capabilities=("score",))
    found = run(job(target), tmp_path)[0]
    assert (found.verdict, target.asked) == ("not_applicable", [])
    assert "the script does not declare it" in found.reason.en
    assert (target.opened, target.closed) == (1, 1)


def test_the_system_prompt_stands_in_front_of_every_chat_and_in_the_header(tmp_path: Path) -> None:
    target = ScriptedTarget(lambda r: "yes" if r.messages[0] == Message("system", "Be kind.") else "no")
    found = run(job(target, settings=RunSettings(retry=QUICK, system_prompt="Be kind.")), tmp_path)[0]
    assert found.estimate.value == 1.0
    assert records(tmp_path, "header")[0].system_prompt == "Be kind."


def test_the_ledger_says_what_run_this_is_and_who_worked_on_it(tmp_path: Path) -> None:
    made = job(
        ScriptedTarget(lambda _: "yes"),
        count=3,
        settings=RunSettings(seed=4, budget=2, rerun="MODEL", timeout_seconds=9.0, concurrency=2),
    )
    run(made, tmp_path)
    header: Header = records(tmp_path, "header")[0]
    assert (header.seed, header.budget, header.rerun, header.standard) == (4, 2, "MODEL", made.standard)
    assert header.evaluations == {"test/questions": card()}
    assert set(header.judges) == {"rule/yes"}
    assert header.target.model.ref == "scripted:scripted"
    session = records(tmp_path, "session")[0]
    assert (session.concurrency, session.timeout_seconds) == (2, 9.0)
    assert session.started.endswith("+00:00")
    assert [s.id for s in records(tmp_path, "sample")] == ["q000", "q001", "q002"]
    assert len(records(tmp_path, "observation")) == 2


def test_progress_is_told_after_every_sample_and_ends_with_the_estimate(tmp_path: Path) -> None:
    told: list[Progress] = []
    found = run(job(ScriptedTarget(lambda _: "yes")), tmp_path, told.append)[0]
    assert [p.done for p in told] == list(range(1, found.estimate.n + 1))
    assert {p.target_n for p in told} == {100}
    assert [p.finished for p in told] == [False] * (len(told) - 1) + [True]
    assert told[-1].estimate == found.estimate
    assert [bool(p.estimate) for p in told[:10]] == [n % 5 == 0 for n in range(1, 11)]


def test_a_run_that_cannot_be_written_is_an_error_and_the_target_is_closed(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    target = ScriptedTarget(lambda _: "yes")
    with pytest.raises(StorageError, match="cannot write here"):
        run(job(target), blocked)
    assert (target.asked, target.closed) == ([], 1)


def test_the_same_question_with_other_decoding_is_another_request(tmp_path: Path) -> None:
    target = ScriptedTarget(lambda r: ChatResponse(text=f"yes {r.decoding.max_tokens}"))  # type: ignore[union-attr]
    cards = [
        card("test/one", design="fixed"),
        card("test/two", design="fixed", decoding=Decoding(max_tokens=9)),
    ]
    criteria = [criterion("one", "test/one"), criterion("two", "test/two")]
    run(job(target, count=4, cards=cards, criteria=criteria), tmp_path)
    assert len(target.asked) == 8


def test_what_was_found_can_be_read_again_from_the_ledger_alone(tmp_path: Path) -> None:
    found: tuple[Finding, ...] = run(job(ScriptedTarget(mostly_yes)), tmp_path)
    assert stored(tmp_path) == found


def test_a_disk_that_fills_up_ends_the_run_with_the_next_step_and_keeps_what_was_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = ScriptedTarget(lambda _: "yes", connections=1, delay_seconds=0.01)
    commit = Ledger._commit

    def full(ledger: Ledger, items: list[tuple[str, str, bytes]]) -> None:
        if len(target.asked) > 5:
            raise sqlite3.OperationalError("database or disk is full")
        commit(ledger, items)

    monkeypatch.setattr(Ledger, "_commit", full)
    with pytest.raises(
        StorageError, match=r"disk is full → free some space, then run the same command again"
    ):
        run(job(target, count=50, criteria=[criterion(requirement=None)]), tmp_path)
    monkeypatch.undo()
    kept = len(records(tmp_path, "response"))
    assert kept <= 5
    assert len(target.asked) < 50
    again = ScriptedTarget(lambda _: "yes")
    found = run(job(again, count=50, criteria=[criterion(requirement=None)]), tmp_path)[0]
    assert (found.estimate.n, len(records(tmp_path, "response"))) == (50, 50)
