"""An answer is cut in the judging model's tokens where it is here; the cut text is recorded and replayed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.fakes.jobs import QUICK, Questions, card, job, records, run

from qistas.contracts.exchanges import ClippedText, ClipRequest, Failure, Message
from qistas.contracts.protocols import ClippingTarget, Subject
from qistas.contracts.records import Absent, Sample
from qistas.engine.plan import RunSettings
from qistas.engine.replay import first_disagreement
from qistas.findings.compute import capabilities_of
from qistas.ledger.reader import LedgerReader
from qistas.report.samples import _answered, _asked
from qistas.targets.scripted import ScriptedTarget


class Words(ScriptedTarget):
    """A judging model whose tokens are words; ``fails`` says why it cannot cut."""

    def __init__(self, fails: str | None = None) -> None:
        super().__init__(lambda _: "so", capabilities=("chat", "clip"), name="judge")
        self.clipped: list[ClipRequest] = []
        self._fails = fails

    async def clip(self, request: ClipRequest) -> ClippedText | Failure:
        self.clipped.append(request)
        if self._fails:
            return Failure(kind="rejected", message=self._fails, passing=False)
        words = request.text.split()
        kept = " ".join(words[: request.tokens])
        return ClippedText(text=kept, clipped=len(words) > request.tokens)


class Clipping(Questions):
    """Judges the first two words of an answer, where it can be cut."""

    async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
        response = await subject.chat([Message("user", sample.row["question"])], self.card.decoding)
        if "judge-target:clip" in subject.capabilities or sample.id == "q001":
            response = await subject.clipped(response, 2)
        decision = await subject.judge("rule/yes", response, sample.row, "en")
        return {"yes": float(decision.label == "yes" and len(response.text.split()) <= 2)}


def ran(folder: Path, judge: ScriptedTarget, answer: str = "yes it is so") -> tuple[Any, ...]:
    made = job(
        ScriptedTarget(lambda _: answer),
        count=4,
        roles={"judge-target": judge},
        settings=RunSettings(retry=QUICK),
    )
    evaluation = Clipping(card())
    object.__setattr__(made, "evaluations", {"test/questions": evaluation})
    run(made, folder)
    with LedgerReader(folder / "ledger.sqlite") as reader:
        again: Mapping[str, Any] = {"test/questions": evaluation}
        assert asyncio.run(first_disagreement(reader, again, made.judges)) is None
        capabilities = capabilities_of(reader.header())
    return records(folder, "observation"), capabilities


def shown(observations: Sequence[Any]) -> list[tuple[dict[str, float], str | None]]:
    return [(observation.values, observation.unscored) for observation in observations]


def test_an_answer_is_cut_once_for_all_samples_and_verified_from_the_ledger(tmp_path: Path) -> None:
    judge = Words()
    assert isinstance(judge, ClippingTarget)
    observations, capabilities = ran(tmp_path, judge)
    assert shown(observations) == [({"yes": 1.0}, None)] * 4
    assert capabilities >= {"judge-target", "judge-target:clip"}
    assert judge.clipped == [ClipRequest(text="yes it is so", tokens=2)]
    assert judge.asked == []
    responses = [answered.response for answered in records(tmp_path, "response")]
    assert ClippedText(text="yes it", clipped=True) in responses


def test_the_thinking_of_a_reasoning_model_is_not_counted(tmp_path: Path) -> None:
    judge = Words()
    ran(tmp_path, judge, "<think>long and winding</think>yes it is so")
    assert [request.text for request in judge.clipped] == ["yes it is so"]


def test_what_looks_like_thinking_in_a_cut_answer_is_part_of_it(tmp_path: Path) -> None:
    """Thinking is taken off once, and the answer that is left is judged as it is."""
    observations, _ = ran(tmp_path, Words(), "<think>hm</think><think>no</think> yes")
    assert {decided.decision.label for decided in records(tmp_path, "judgement")} == {"<think>no</think>"}
    assert {one.unscored for one in observations} == {None}


def test_thinking_that_never_ends_is_an_empty_answer_however_it_is_cut(tmp_path: Path) -> None:
    ran(tmp_path, Words(), "<think>yes it goes on")
    assert {decided.decision.label for decided in records(tmp_path, "judgement")} == {"empty"}


def test_a_model_that_cannot_cut_leaves_the_sample_unscored(tmp_path: Path) -> None:
    observations, _ = ran(tmp_path, Words("no such text"))
    assert {unscored for _, unscored in shown(observations)} == {"rejected: no such text"}


def test_where_the_tokenizer_is_not_here_the_target_is_not_asked(tmp_path: Path) -> None:
    judge = ScriptedTarget(lambda _: "so", capabilities=("chat",), name="elsewhere")
    made = job(ScriptedTarget(lambda _: "yes it is so"), count=4, roles={"judge-target": judge})
    object.__setattr__(made, "evaluations", {"test/questions": Clipping(card())})
    run(made, tmp_path)
    by_sample = {one.sample: one.unscored for one in records(tmp_path, "observation")}
    assert by_sample["q001"] == "the model's tokenizer is not here"
    assert by_sample["q000"] is None


def test_a_report_shows_how_an_answer_was_cut() -> None:
    assert _asked(ClipRequest(text="a b", tokens=1)) == ((), (("clip", "1 tokens"),))
    assert _answered(ClippedText(text="a", clipped=True), None) == (None, (("clipped", "true"),))


def test_a_helping_models_capabilities_go_by_its_role(tmp_path: Path) -> None:
    _, capabilities = ran(tmp_path, Words())
    assert "clip" not in capabilities
