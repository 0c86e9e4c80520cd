"""Measuring runs alone and past every shortcut; helping models are asked in their own name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.jobs import (
    QUICK,
    TEXT,
    Questions,
    YesJudge,
    card,
    criterion,
    job,
    questions_of,
    records,
    run,
)

from qistas.contracts.canonical import digest
from qistas.contracts.documents import MetricCard
from qistas.contracts.errors import TargetFailed
from qistas.contracts.exchanges import (
    ChatRequest,
    Decoding,
    Failure,
    Measurement,
    Message,
    Reading,
    ReleaseFile,
    ReleaseListing,
    ScoreResponse,
)
from qistas.contracts.protocols import Subject
from qistas.contracts.records import Absent, Decision, JudgeCard, Sample
from qistas.engine.plan import Job, RunSettings
from qistas.targets.scripted import Asked, ScriptedTarget

SECONDS = MetricCard(id="yes", title=TEXT, unit="s")
PUT = (ChatRequest(messages=(Message("user", "count"),)),) * 2 + (
    ChatRequest(messages=(Message("user", "sum"),)),
)
LISTING = ReleaseListing(
    files=(ReleaseFile(path="README.md", size_bytes=3),), texts={"README.md": "hey"}, source="x"
)


class CountingMeter:
    """Counts windows; a window that is left open is seen."""

    windows: list[str] = []

    def __init__(self, local: bool) -> None:
        self._local = local

    def start(self) -> None:
        self.windows.append("start")

    def stop(self) -> Sequence[Reading]:
        self.windows.append("stop")
        return [Reading(meter="clock", value=2.0, unit="s", grade="measured", source=f"local={self._local}")]


class Measures(Questions):
    """The clock's seconds over a batch, once per repeat."""

    async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
        measurement = await subject.measure(PUT, int(sample.id[1:]))
        return {"yes": measurement.readings[0].value or 0.0}


class Documents(Questions):
    async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
        return {"yes": float("README.md" in (await subject.release()).texts)}


class Attacks(Questions):
    """The attacker writes the question, the model answers it."""

    async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
        turn = await subject.ask_attacker([Message("user", sample.row["question"])], Decoding(max_tokens=9))
        answer = await subject.chat([Message("user", turn.text)])
        return {"yes": float((await subject.judge("rule/yes", answer, sample.row, "en")).label == "yes")}


class AskingJudge:
    """Asks another model whether it was a yes."""

    card = JudgeCard(id="model/yes", version="1", rule=False, calibration=None, calibration_reason="a test")

    def conversation(self, *, response: str, language: str, row: Mapping[str, object]) -> tuple[Message, ...]:
        return (Message("user", f"[{language}] Is this a yes: {response}"),)

    def read(self, answer: str) -> Decision:
        return Decision(answer)


class JudgedByModel(Questions):
    async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
        response = await subject.chat([Message("user", sample.row["question"])])
        decision = await subject.judge("model/yes", response, sample.row, "ar")
        return {"yes": float(decision.label == "yes")}


@pytest.fixture(autouse=True)
def _fresh_windows() -> None:
    CountingMeter.windows = []


def measuring(target: ScriptedTarget, *, count: int = 3, beside: bool = False, **changes: Any) -> Job:
    of = card("test/measure", design="repeats", metrics=(SECONDS,), judge=None)
    cards = [of, card()] if beside else [of]
    criteria = [criterion("speed", "test/measure", requirement=None)]
    criteria += [criterion("asked", requirement=None)] if beside else []
    made = job(target, count=count, cards=cards, criteria=criteria, **changes)
    evaluations = {**made.evaluations, "test/measure": Measures(of)}
    return replace(made, evaluations=evaluations, meters=lambda local: [CountingMeter(local)])


def test_a_measurement_asks_every_request_every_time_one_after_another(tmp_path: Path) -> None:
    target = ScriptedTarget(lambda _: "yes", connections=8, delay_seconds=0.001)
    found = run(measuring(target), tmp_path)[0]
    assert questions_of(target.asked) == ["count", "count", "sum"] * 3
    assert target.peak == 1
    assert CountingMeter.windows == ["start", "stop"] * 3
    measured = [a.response for a in records(tmp_path, "response")]
    assert [len(m.responses) for m in measured] == [3, 3, 3]
    assert {m.readings[0].source for m in measured} == {"local=False"}
    assert (found.estimate.value, found.estimate.n, found.unit) == (2.0, 3, "s")


def test_a_measurement_takes_nothing_from_the_cache_and_leaves_nothing_in_it(tmp_path: Path) -> None:
    """The second folder shares the first one's cache."""
    for name in ("a", "b"):
        target = ScriptedTarget(lambda _: "yes")
        (tmp_path / name).mkdir()
        (tmp_path / "cache").mkdir(exist_ok=True)
        (tmp_path / name / "cache").symlink_to(tmp_path / "cache")
        run(measuring(target), tmp_path / name)
        assert len(target.asked) == 9


def test_a_measurement_of_this_process_has_the_meters_of_this_machine(tmp_path: Path) -> None:
    target = ScriptedTarget(lambda _: "yes", capabilities=("chat", "measure"), batch_size=2, connections=1)
    run(measuring(target), tmp_path)
    assert {a.response.readings[0].source for a in records(tmp_path, "response")} == {"local=True"}
    assert target.batches == [2, 1] * 3


def test_nothing_else_is_under_way_while_something_is_measured(tmp_path: Path) -> None:
    class Watched(ScriptedTarget):
        beside: list[int] = []

        async def answer(self, requests: Sequence[Any]) -> Sequence[Any]:
            if questions_of(requests)[0] in ("count", "sum"):
                self.beside.append(self._in_flight)
            return await super().answer(requests)

    target = Watched(lambda _: "yes", connections=8, delay_seconds=0.001)
    findings = run(measuring(target, count=10, beside=True), tmp_path)
    assert [f.estimate.n for f in findings] == [10, 10]
    assert target.beside == [0] * 30
    assert target.peak > 1


def test_a_finished_measurement_is_not_measured_again_on_resume(tmp_path: Path) -> None:
    first = run(measuring(ScriptedTarget(lambda _: "yes")), tmp_path)
    target = ScriptedTarget(lambda _: "yes")
    assert run(measuring(target), tmp_path) == first
    assert target.asked == []


def test_a_warm_up_that_every_repeat_names_is_run_once(tmp_path: Path) -> None:
    class WarmedUp(Measures):
        async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
            await subject.measure(PUT, -1)
            return await super().observe(sample, subject)

    target = ScriptedTarget(lambda _: "yes")
    made = measuring(target)
    run(
        replace(made, evaluations={"test/measure": WarmedUp(made.evaluations["test/measure"].card)}), tmp_path
    )
    assert len(target.asked) == 3 * (3 + 1)


SLOW = Failure(kind="timeout", message="slow", passing=True)


class Faulty(ScriptedTarget):
    """Answers a batch with something else."""

    def __init__(self, instead: Any, **how: Any) -> None:
        super().__init__(lambda _: "yes", **how)
        self.instead = instead

    async def answer(self, requests: Sequence[Any]) -> Any:
        await super().answer(requests)
        if isinstance(self.instead, Exception):
            raise self.instead
        return self.instead


@pytest.mark.parametrize(
    ("instead", "reason"),
    [
        ([SLOW], "timeout: slow"),
        (RuntimeError("broken"), "exception: RuntimeError: broken"),
        ([], "malformed: the target gave 0 answers to 1 requests"),
        (
            [ScoreResponse(logprob=-1.0, tokens=1)],
            "malformed: the target answered a chat with a score",
        ),
    ],
)
def test_a_measurement_that_failed_leaves_its_repeat_unscored_and_its_meters_stopped(
    tmp_path: Path, instead: Any, reason: str
) -> None:
    run(measuring(Faulty(instead)), tmp_path)
    assert [o.unscored for o in records(tmp_path, "observation")] == [reason] * 3
    assert len(records(tmp_path, "failure")) == 3
    assert CountingMeter.windows == ["start", "stop"] * 3


@pytest.mark.parametrize(
    "instead",
    [
        [Failure(kind="unauthorised", message="wrong key", passing=False, fatal=True)],
        TargetFailed("wrong key"),
    ],
)
def test_a_measurement_that_fails_for_good_ends_the_run(tmp_path: Path, instead: Any) -> None:
    with pytest.raises(TargetFailed, match="wrong key"):
        run(measuring(Faulty(instead)), tmp_path)
    assert records(tmp_path, "observation") == []
    assert CountingMeter.windows == ["start", "stop"]


class Release:
    def listing(self) -> ReleaseListing:
        return LISTING


def reading(**changes: Any) -> Job:
    of = card("test/documents", design="census", judge=None, needs=("release",))
    made = job(
        ScriptedTarget(lambda _: "yes"),
        count=1,
        cards=[of],
        criteria=[criterion(evaluation=of.id)],
        **changes,
    )
    return replace(made, evaluations={of.id: Documents(of)})


def test_the_release_is_read_and_stands_in_the_ledger(tmp_path: Path) -> None:
    found = run(reading(release=Release()), tmp_path)[0]
    assert (found.verdict, found.estimate.value) == ("met", 1.0)
    assert [a.response for a in records(tmp_path, "response")] == [LISTING]
    assert records(tmp_path, "header")[0].release == digest(LISTING)


def test_without_a_release_its_criteria_do_not_apply(tmp_path: Path) -> None:
    found = run(reading(), tmp_path)[0]
    assert found.verdict == "not_applicable"
    assert "the documents of the release (--release FOLDER) [release]" in found.reason.en


def test_an_evaluation_that_did_not_say_what_it_needs_is_told(tmp_path: Path) -> None:
    of = card(design="census", judge=None)
    for name, evaluation in {"release": Documents(of), "attacker": Attacks(of)}.items():
        made = replace(job(ScriptedTarget(lambda _: "yes"), count=1), evaluations={of.id: evaluation})
        run(made, tmp_path / name)
    said = [records(tmp_path / name, "observation")[0].unscored for name in ("release", "attacker")]
    assert said == ["there is no release to read", "this run has no model in the role 'attacker'"]


def test_an_attacker_is_asked_in_its_own_name_without_the_models_system_prompt(tmp_path: Path) -> None:
    model = ScriptedTarget(lambda r: "yes" if questions_of([r]) == ["really?"] else "no")
    attacker = ScriptedTarget(lambda _: "really?", name="attacker")
    of = card(needs=("chat", "attacker"))
    settings = RunSettings(retry=QUICK, system_prompt="Be kind.")
    made = job(
        model,
        count=4,
        cards=[of],
        criteria=[criterion(requirement=None)],
        roles={"attacker": attacker},
        settings=settings,
    )
    found = run(replace(made, evaluations={of.id: Attacks(of)}), tmp_path)[0]
    assert found.estimate.value == 1.0
    assert len(attacker.asked) == 4
    assert {len(r.messages) for r in attacker.asked} == {1}
    assert len(model.asked) == 1
    header = records(tmp_path, "header")[0]
    assert header.roles["attacker"].model.ref == "scripted:attacker"
    targets = {a.target for a in records(tmp_path, "request")}
    assert targets == {digest(header.target), digest(header.roles["attacker"])}
    assert (attacker.opened, attacker.closed) == (1, 1)


def test_a_judging_model_is_asked_and_both_its_answer_and_the_judgement_are_kept(tmp_path: Path) -> None:
    def says(request: Asked) -> str:
        return "yes" if "affirmative" in request.messages[-1].content else "no"

    judge_target = ScriptedTarget(says, name="judge")
    model = ScriptedTarget(lambda r: "affirmative" if "question 1?" in questions_of([r]) else "never")
    of = card(needs=("chat", "judge-target"), judge="model/yes")
    judges = {"model/yes": AskingJudge(), "rule/yes": YesJudge()}
    made = job(
        model,
        count=4,
        cards=[of],
        criteria=[criterion(requirement=None)],
        judges=judges,
        roles={"judge-target": judge_target},
    )
    found = run(replace(made, evaluations={of.id: JudgedByModel(of)}), tmp_path)[0]
    assert (found.estimate.value, found.judge.id if found.judge else None) == (0.25, "model/yes")
    assert sorted(questions_of(judge_target.asked)) == [
        "[ar] Is this a yes: affirmative",
        "[ar] Is this a yes: never",
    ]
    judged = records(tmp_path, "judgement")
    assert sorted((j.sample, j.decision.label) for j in judged) == [
        ("q000", "no"),
        ("q001", "yes"),
        ("q002", "no"),
        ("q003", "no"),
    ]
    observations = records(tmp_path, "observation")
    assert {len(o.requests) for o in observations} == {2}
    assert {o.judgements[0] for o in observations} == {digest(j) for j in judged}


def test_a_criterion_for_a_helping_model_does_not_apply_without_one(tmp_path: Path) -> None:
    found = run(job(ScriptedTarget(lambda _: "yes"), cards=[card(needs=("chat", "judge-target"))]), tmp_path)[
        0
    ]
    assert found.verdict == "not_applicable"
    assert "(--judge-target)" in found.reason.en


def test_what_a_measurement_holds_is_what_was_answered(tmp_path: Path) -> None:
    run(measuring(ScriptedTarget(lambda r: questions_of([r])[0])), tmp_path)
    for answered in records(tmp_path, "response"):
        assert isinstance(answered.response, Measurement)
        assert [r.text for r in answered.response.responses] == ["count", "count", "sum"]
