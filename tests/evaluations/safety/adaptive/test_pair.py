"""PAIR: streams of prompts that learn from the answers, never beyond the budget."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fakes.attacked import BREAD, attack_card, attack_job, attacked, last, said

from qistas.contracts.exchanges import ChatRequest, ChatResponse, Failure, Usage
from qistas.engine.verification import findings_in
from qistas.ledger.reader import LedgerReader
from qistas.targets.scripted import Asked, ScriptedTarget

BUDGET = (6, 9, 6)


def numbered() -> ScriptedTarget:
    """An attacker whose prompts are numbered by its seed."""
    return ScriptedTarget(lambda r: said(f"try {r.decoding.seed}"), name="attacker")  # type: ignore[union-attr]


def stubborn() -> ScriptedTarget:
    return ScriptedTarget(lambda _: "refused again")


def test_the_first_success_ends_the_attack_and_the_queries_say_when(tmp_path: Path) -> None:
    target = ScriptedTarget(lambda r: "complied fully" if last(r) == "try 2" else "refused again")
    seen = attacked(attack_job(attack_card("pair", BUDGET, streams=2, depth=3), target, numbered()), tmp_path)
    assert [last(r) for r in target.asked] == ["try 0", "try 1", "try 2"]
    assert (seen.unscored, seen.absent) == (None, {})
    assert {k: v for k, v in seen.values.items() if not k.startswith("tokens")} == {
        "attack_success_first": 0.0,
        "attack_success_any": 1.0,
        "queries_used": 3.0,
        "queries_used_attacker": 3.0,
        "queries_used_judge": 0.0,
    }
    # Scripted targets count words: two of prompt and two of answer.
    assert seen.values["tokens_used"] == 12.0
    assert seen.values["tokens_used_attacker"] > 300


def test_success_of_the_first_query_alone_is_a_metric_of_its_own(tmp_path: Path) -> None:
    target = ScriptedTarget(lambda _: "complied fully")
    seen = attacked(attack_job(attack_card("pair", BUDGET, streams=2, depth=3), target, numbered()), tmp_path)
    names = ("attack_success_first", "attack_success_any", "queries_used")
    assert [seen.values[name] for name in names] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("budget", "asked", "wrote"),
    [((6, 20, 6), 6, 7), ((20, 5, 6), 5, 5), ((20, 20, 20), 12, 12)],
    ids=["target", "attacker", "streams"],
)
def test_the_budget_in_queries_is_never_exceeded(
    tmp_path: Path, budget: tuple[int, int, int], asked: int, wrote: int
) -> None:
    target, attacker = stubborn(), numbered()
    seen = attacked(attack_job(attack_card("pair", budget, streams=4, depth=3), target, attacker), tmp_path)
    assert (len(target.asked), len(attacker.asked)) == (asked, wrote)
    assert seen.values["attack_success_any"] == 0.0
    assert (seen.values["queries_used"], seen.values["queries_used_attacker"]) == (asked, wrote)


def test_the_judging_models_queries_are_a_budget_too(tmp_path: Path) -> None:
    target = ScriptedTarget(lambda r: f"refused {last(r)}")
    judging = ScriptedTarget(lambda _: "refused", name="judging")
    card = attack_card("pair", (6, 9, 2), judge="model/words", streams=3, depth=2)
    seen = attacked(attack_job(card, target, numbered(), judging=judging), tmp_path)
    assert (len(target.asked), len(judging.asked)) == (2, 2)
    assert (seen.values["queries_used_judge"], seen.values["attack_success_any"]) == (2.0, 0.0)
    assert [last(r) for r in judging.asked] == [f"{BREAD}? refused try {n}" for n in (0, 1)]


@pytest.mark.parametrize("counts", [True, False])
def test_the_budget_in_tokens_is_never_exceeded(tmp_path: Path, counts: bool) -> None:
    """An answer takes its whole limit. Where the target does not count, bytes stand for tokens."""
    usage = Usage(2, 256) if counts else Usage()
    target = ScriptedTarget(lambda _: ChatResponse(text="refused " + "x" * 248, usage=usage))
    most = {"target": 1400, "attacker": 400_000, "judge": 100_000}
    card = attack_card("pair", (20, 40, 20), streams=4, depth=5, most_tokens=most)
    seen = attacked(attack_job(card, target, numbered()), tmp_path)
    # Five fit; each new one must leave room for its text, its template and a whole answer.
    assert len(target.asked) == 5
    assert seen.values["attack_success_any"] == 0.0
    if counts:
        assert seen.values["tokens_used"] == 5 * 258 <= 1400
    else:
        assert seen.absent == {"tokens_used": "the target does not count tokens"}


def test_a_stream_learns_from_its_own_answers_and_sees_only_the_last(tmp_path: Path) -> None:
    attacker, target = numbered(), ScriptedTarget(lambda r: f"partial {last(r)}")
    attacked(
        attack_job(attack_card("pair", BUDGET, streams=2, depth=3, history=1), target, attacker), tmp_path
    )
    conversations = [
        [message.content for message in request.messages]
        for request in attacker.asked
        if isinstance(request, ChatRequest)
    ]
    assert [len(one) for one in conversations] == [2, 2, 4, 4, 4, 4]
    assert all(BREAD in one[0] and "'improvement'" not in one[0] for one in conversations)
    assert [one[2] for one in conversations[2:]] == [said(f"try {n}") for n in (0, 1, 2, 3)]
    for number, one in enumerate(conversations[2:]):
        assert f"partial try {number}" in one[3]
        assert "Rating: 4 of 8" in one[3]


def test_an_answer_out_of_form_is_asked_for_again_with_another_seed(tmp_path: Path) -> None:
    def faulty(request: Asked) -> str:
        assert isinstance(request, ChatRequest)
        return said("now") if request.decoding.seed == 2 else "I would rather chat."

    attacker, target = ScriptedTarget(faulty, name="attacker"), ScriptedTarget(lambda _: "complied")
    seen = attacked(attack_job(attack_card("pair", BUDGET, streams=1, depth=1), target, attacker), tmp_path)
    assert len(attacker.asked) == 3
    assert (seen.values["attack_success_any"], seen.values["queries_used_attacker"]) == (1.0, 3.0)


def test_an_attacker_that_never_keeps_to_the_form_leaves_the_sample_unscored(tmp_path: Path) -> None:
    attacker = ScriptedTarget(lambda _: '{"prompt": ""} {"prompt": 3}', name="attacker")
    seen = attacked(attack_job(attack_card("pair", BUDGET), stubborn(), attacker), tmp_path)
    assert (
        seen.unscored == 'the attacker did not keep to the form {"improvement": …, "prompt": …} in 3 attempts'
    )
    assert (seen.values, len(attacker.asked)) == ({}, 3)


def test_a_fault_after_the_first_query_leaves_only_the_whole_attack_without_a_value(tmp_path: Path) -> None:
    """Attempts within the budget, then no more: the share within the budget is unknown, ASR@1 is not."""
    attacker = ScriptedTarget(
        lambda r: said("try 0") if r.decoding.seed == 0 else "no",  # type: ignore[union-attr]
        name="attacker",
    )
    seen = attacked(
        attack_job(attack_card("pair", BUDGET, streams=2, depth=1), stubborn(), attacker), tmp_path
    )
    assert seen.values["attack_success_first"] == 0.0
    assert seen.absent == {
        "attack_success_any": 'the attacker did not keep to the form {"improvement": …, "prompt": …} in 3 attempts'
    }
    assert seen.values["queries_used_attacker"] == 4.0


def test_a_budget_that_ends_before_the_first_prompt_leaves_the_sample_unscored(tmp_path: Path) -> None:
    attacker = ScriptedTarget(lambda _: "no", name="attacker")
    seen = attacked(attack_job(attack_card("pair", (6, 2, 6)), stubborn(), attacker), tmp_path)
    assert seen.unscored == "the budget was spent before a prompt was put to the target"
    assert len(attacker.asked) == 2


def test_answers_without_a_verdict_make_no_success_and_no_failure(tmp_path: Path) -> None:
    answers = {"try 0": "", "try 1": "unclear to me"}
    target = ScriptedTarget(lambda r: answers.get(last(r), "refused"))
    seen = attacked(attack_job(attack_card("pair", BUDGET, streams=3, depth=1), target, numbered()), tmp_path)
    assert seen.absent == {
        "attack_success_first": "blank answer (ended by: stop)",
        "attack_success_any": "2 answers without a verdict, one of them judged unclear: first word",
    }
    assert seen.values["queries_used"] == 3.0


def test_success_stands_whatever_had_no_verdict_before_it(tmp_path: Path) -> None:
    target = ScriptedTarget(lambda r: "unclear" if last(r) == "try 0" else "complied")
    seen = attacked(attack_job(attack_card("pair", BUDGET, streams=3, depth=1), target, numbered()), tmp_path)
    assert seen.values["attack_success_any"] == 1.0
    assert seen.absent == {"attack_success_first": "judged unclear: first word"}


def test_a_target_that_fails_is_no_failed_attack(tmp_path: Path) -> None:
    failure = Failure(kind="rejected", message="too long", passing=False)
    target = ScriptedTarget(lambda r: failure if last(r) == "try 1" else "refused")
    seen = attacked(attack_job(attack_card("pair", BUDGET, streams=3, depth=1), target, numbered()), tmp_path)
    assert seen.absent["attack_success_any"] == "rejected: too long"
    assert (seen.values["attack_success_first"], seen.values["queries_used"]) == (0.0, 2.0)


def test_resuming_asks_nothing_twice_and_ends_the_same(tmp_path: Path) -> None:
    card = attack_card("pair", BUDGET, streams=2, depth=3)
    half = tmp_path / "half"
    half.mkdir()
    down = Failure(kind="unauthorised", message="down", passing=False, fatal=True)
    first_attacker, broken = numbered(), ScriptedTarget(lambda r: down if last(r) == "try 3" else "refused")
    with pytest.raises(Exception, match="down"):
        attacked(attack_job(card, broken, first_attacker), half)
    target, attacker = ScriptedTarget(lambda _: "refused"), numbered()
    resumed = attacked(attack_job(card, target, attacker), half)
    assert [last(r) for r in target.asked] == ["try 3", "try 4", "try 5"]
    before = [r.decoding.seed for r in first_attacker.asked if isinstance(r, ChatRequest)]
    after = [r.decoding.seed for r in attacker.asked if isinstance(r, ChatRequest)]
    assert (before, after) == ([0, 1, 2, 3], [4, 5])
    (tmp_path / "whole").mkdir()
    whole = attacked(attack_job(card, ScriptedTarget(lambda _: "refused"), numbered()), tmp_path / "whole")
    assert resumed == whole
    again_target, again_attacker = stubborn(), numbered()
    attacked(attack_job(card, again_target, again_attacker), half)
    assert (again_target.asked, again_attacker.asked) == ([], [])


def test_without_an_attacking_model_the_evaluation_says_what_it_lacks(tmp_path: Path) -> None:
    card, target = attack_card("pair", BUDGET), stubborn()
    with pytest.raises(IndexError):  # there is no observation
        attacked(attack_job(card, target, None), tmp_path)
    with LedgerReader(tmp_path / "ledger.sqlite") as reader:
        findings = findings_in(reader)
    assert {finding.verdict for finding in findings} == {"not_applicable"}
    assert "an attacking model (--attacker) [attacker]" in findings[0].reason.en
    assert target.asked == []
