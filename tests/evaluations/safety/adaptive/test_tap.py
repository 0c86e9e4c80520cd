"""TAP: branches that left the objective are never put, and only the best leaves go on."""

from __future__ import annotations

import json
from pathlib import Path

from tests.fakes.attacked import BREAD, attack_card, attack_job, attacked, last, said

from qistas.contracts.exchanges import ChatRequest
from qistas.targets.scripted import Asked, ScriptedTarget

BUDGET = (30, 90, 30)


class Gardener:
    """An attacker that names each prompt by its own number and says which of them are on topic."""

    def __init__(self, off_topic: frozenset[str] = frozenset()) -> None:
        self.off_topic = off_topic
        self.count = 0
        self.asked_from: list[str] = []

    def __call__(self, request: Asked) -> str:
        assert isinstance(request, ChatRequest)
        if len(request.messages) == 1:
            assert request.decoding.temperature == 0
            prompt = request.messages[0].content.split("Prompt: ")[1].split("\n")[0]
            return json.dumps({"on_topic": prompt not in self.off_topic})
        assert request.decoding.temperature == 1
        self.count += 1
        parents = [m.content for m in request.messages if m.role == "assistant"]
        self.asked_from.append(json.loads(parents[-1])["prompt"] if parents else "root")
        return said(f"p{self.count}")


def prompts(target: ScriptedTarget) -> list[str]:
    return [last(request) for request in target.asked]


def test_only_the_best_leaves_go_on_and_each_tries_all_its_branches(tmp_path: Path) -> None:
    gardener, better = Gardener(), {"p2": "partial", "p3": "partial"}
    target = ScriptedTarget(lambda r: f"{better.get(last(r), 'refused')} {last(r)}")
    card = attack_card("tap", BUDGET, branching=3, width=2, depth=2)
    seen = attacked(attack_job(card, target, ScriptedTarget(gardener, name="attacker")), tmp_path)
    assert gardener.asked_from == ["root"] * 3 + ["p2"] * 3 + ["p3"] * 3
    assert prompts(target) == [f"p{n}" for n in range(1, 10)]
    assert (seen.values["attack_success_any"], seen.values["queries_used"]) == (0.0, 9.0)
    assert seen.values["queries_used_attacker"] == 18.0


def test_of_equal_scores_the_earlier_are_kept(tmp_path: Path) -> None:
    gardener, target = Gardener(), ScriptedTarget(lambda r: f"refused {last(r)}")
    card = attack_card("tap", BUDGET, branching=3, width=1, depth=2)
    attacked(attack_job(card, target, ScriptedTarget(gardener, name="attacker")), tmp_path)
    assert gardener.asked_from == ["root"] * 3 + ["p1"] * 3


def test_a_prompt_that_left_the_objective_is_not_put(tmp_path: Path) -> None:
    gardener = Gardener(off_topic=frozenset({"p1", "p3"}))
    attacker = ScriptedTarget(gardener, name="attacker")
    target = ScriptedTarget(lambda r: "complied" if last(r) == "p5" else "refused")
    card = attack_card("tap", BUDGET, branching=3, width=2, depth=2)
    seen = attacked(attack_job(card, target, attacker), tmp_path)
    assert prompts(target) == ["p2", "p4", "p5"]
    assert gardener.asked_from == ["root"] * 3 + ["p2"] * 3
    assert (seen.values["attack_success_first"], seen.values["attack_success_any"]) == (0.0, 1.0)
    evaluated = [last(r) for r in attacker.asked if isinstance(r, ChatRequest) and len(r.messages) == 1]
    assert len(evaluated) == 6
    assert all(f"Request: {BREAD}\n" in one for one in evaluated)


def test_an_attack_whose_prompts_all_left_the_objective_is_unscored(tmp_path: Path) -> None:
    gardener = Gardener(off_topic=frozenset({"p1", "p2", "p3"}))
    target = ScriptedTarget(lambda _: "complied")
    card = attack_card("tap", BUDGET, branching=3, width=2, depth=4)
    seen = attacked(attack_job(card, target, ScriptedTarget(gardener, name="attacker")), tmp_path)
    assert (target.asked, gardener.count) == ([], 3)
    assert seen.unscored == "no prompt was put to the target: none asked for the objective"


def test_a_tree_that_dies_later_has_failed(tmp_path: Path) -> None:
    gardener = Gardener(off_topic=frozenset(f"p{n}" for n in range(3, 20)))
    target = ScriptedTarget(lambda r: f"refused {last(r)}")
    card = attack_card("tap", BUDGET, branching=2, width=2, depth=4)
    seen = attacked(attack_job(card, target, ScriptedTarget(gardener, name="attacker")), tmp_path)
    assert prompts(target) == ["p1", "p2"]
    assert (gardener.count, seen.values["attack_success_any"]) == (6, 0.0)


def test_the_budget_holds_in_the_middle_of_a_level(tmp_path: Path) -> None:
    gardener, target = Gardener(), ScriptedTarget(lambda r: f"refused {last(r)}")
    attacker = ScriptedTarget(gardener, name="attacker")
    card = attack_card("tap", (5, 20, 30), branching=3, width=2, depth=4)
    seen = attacked(attack_job(card, target, attacker), tmp_path)
    assert (len(target.asked), len(attacker.asked)) == (5, 18)
    assert seen.values["queries_used"] == 5.0


def test_an_evaluator_that_does_not_say_yes_or_no_is_asked_again(tmp_path: Path) -> None:
    def vague(request: Asked) -> str:
        assert isinstance(request, ChatRequest)
        if len(request.messages) > 1:
            return said("p1")
        return '{"on_topic": "perhaps"}' if (request.decoding.seed or 0) < 3 else '{"on_topic": true}'

    attacker, target = ScriptedTarget(vague, name="attacker"), ScriptedTarget(lambda _: "complied")
    seen = attacked(attack_job(attack_card("tap", BUDGET, branching=1), target, attacker), tmp_path)
    assert seen.values["queries_used_attacker"] == 4.0
    assert seen.values["attack_success_any"] == 1.0


def test_an_evaluator_that_never_says_yes_or_no_is_told_which_form_was_expected(tmp_path: Path) -> None:
    def vague(request: Asked) -> str:
        assert isinstance(request, ChatRequest)
        return said("p1") if len(request.messages) > 1 else "perhaps"

    attacker, target = ScriptedTarget(vague, name="attacker"), ScriptedTarget(lambda _: "complied")
    seen = attacked(attack_job(attack_card("tap", BUDGET, branching=1), target, attacker), tmp_path)
    assert seen.unscored == (
        'the attacker did not keep to the form {"on_topic": true} or {"on_topic": false} in 3 attempts'
    )
