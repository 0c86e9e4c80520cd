"""A published card with parameters of the user's own is made, and made again, by one function."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from qistas.contracts.documents import EvaluationCard, Text
from qistas.contracts.errors import BadInput, Fault
from qistas.evaluations.cards import load_card
from qistas.evaluations.chosen import choices_of, differing, with_chosen
from qistas.evaluations.safety.choices import CHOICES, TITLES
from qistas.wiring import evaluation_for

replace = msgspec.structs.replace
ATTACKS = load_card("safety/attacks")
PAIR = load_card("safety/pair")
GCG = load_card("safety/gcg")


def metric_title(card: EvaluationCard, name: str) -> Text:
    return next(metric.title for metric in card.metrics if metric.id == name)


def test_chosen_values_stand_in_place_of_the_published_ones_and_nothing_else_changes() -> None:
    card = with_chosen(ATTACKS, {"repeats": 2, "families": ("base64",)})
    parameters = {**ATTACKS.parameters, "repeats": 2, "families": ["base64"]}
    assert card == replace(ATTACKS, parameters=parameters)
    assert ATTACKS.parameters["repeats"] == 3
    assert choices_of(card, ATTACKS) == {"repeats": 2, "families": ["base64"]}


def test_where_nothing_is_chosen_the_card_is_the_published_one() -> None:
    assert with_chosen(ATTACKS, {}) is ATTACKS
    assert choices_of(with_chosen(ATTACKS, {"repeats": 3}), ATTACKS) == {}


def test_a_name_with_dots_leads_into_a_mapping_and_leaves_the_rest_as_published() -> None:
    card = with_chosen(PAIR, {"most_queries.target": 40})
    whole = {"target": 40, "attacker": 40, "judge": 20}
    assert choices_of(card, PAIR) == {"most_queries": whole}
    assert with_chosen(PAIR, {"most_queries": whole}) == card
    assert with_chosen(ATTACKS, {"settings.best-of-n.strength": 0.2}).parameters["settings"] == {
        "best-of-n": {"strength": 0.2}
    }


def test_a_title_names_the_chosen_budget_and_the_evaluation_takes_the_card() -> None:
    card = with_chosen(PAIR, {"most_queries.target": 1})
    assert metric_title(card, "attack_success_any") == Text(
        "Attack success within a query budget of 1 (ASR@1)",
        "نجاح الهجوم ضمن ميزانية استعلامات قدرها 1 (ASR@1)",
    )
    assert evaluation_for(card).card == card
    search = with_chosen(GCG, {"steps": 64, "search_width": 100})
    assert metric_title(search, "attack_success_suffix").en.endswith(
        "number of steps 64 and of candidates in each 100"
    )
    assert evaluation_for(search).card == search


def test_a_title_stays_as_published_where_its_numbers_do() -> None:
    assert with_chosen(PAIR, {"most_queries.attacker": 80}).metrics == PAIR.metrics
    assert with_chosen(GCG, {"seed": 7}).metrics == GCG.metrics


def test_a_budget_of_a_wrong_form_is_the_evaluations_own_fault_to_name() -> None:
    with pytest.raises(BadInput, match=r"Expected `object`, got `int` - at `\$.most_queries`"):
        evaluation_for(with_chosen(PAIR, {"most_queries": 4}))


def test_every_name_that_cannot_be_chosen_and_every_value_that_cannot_be_kept_is_named() -> None:
    with pytest.raises(BadInput) as caught:
        with_chosen(
            PAIR, {"scores": {}, "streams.a": 1, "depth": float("nan"), "history": object(), "attempts": 1}
        )
    where = "safety/pair: parameters"
    assert caught.value.faults[:3] == (
        Fault(
            "the parameter 'scores' cannot be chosen",
            where,
            "those that can be chosen: most_queries, most_tokens, attempts, history, depth, streams",
        ),
        Fault("streams is no mapping, so streams.a is nothing", where),
        Fault(
            "the value of depth cannot be recorded: a record may not hold NaN or infinity: use None and a reason",
            where,
        ),
    )
    assert [fault.message[:36] for fault in caught.value.faults[3:]] == [
        "the value of history cannot be recor"
    ]
    with pytest.raises(BadInput, match="'metrics' cannot be chosen → leave it out"):
        with_chosen(load_card("trust/bias"), {"metrics": 1})


@pytest.mark.parametrize(
    "changed",
    [
        replace(PAIR, parameters={**PAIR.parameters, "scores": {}, "depth": 2}),
        replace(PAIR, parameters={**PAIR.parameters, "depth": 2}, judge="rule/harm"),
        replace(PAIR, parameters={name: v for name, v in PAIR.parameters.items() if name != "depth"}),
        replace(PAIR, metrics=PAIR.metrics[1:]),
    ],
)
def test_a_card_that_differs_in_anything_else_is_nobody_s_choice(changed: EvaluationCard) -> None:
    assert choices_of(changed, PAIR) == {}


def test_what_differs_is_named_down_to_metric_and_parameter() -> None:
    other = replace(
        PAIR,
        judge="rule/harm",
        parameters={**PAIR.parameters, "depth": 2},
        metrics=(replace(PAIR.metrics[0], direction="none"), *PAIR.metrics[1:]),
    )
    assert differing(PAIR, other) == ["metrics.attack_success_first", "judge", "parameters.depth"]
    assert differing(PAIR, replace(PAIR, metrics=PAIR.metrics[::-1])) == ["metrics"]
    assert differing(PAIR, PAIR) == []


@pytest.mark.parametrize("name", CHOICES)
def test_what_can_be_chosen_is_a_parameter_that_the_evaluation_knows(name: str, repo_root: Path) -> None:
    card = load_card(name)
    assert card.kind == "code"
    sources = (repo_root / "src/qistas/evaluations/safety").rglob("*.py")
    known = {
        word
        for path in sources
        for word in re.findall(r"^    (\w+): ", path.read_text("utf-8"), re.MULTILINE)
    }
    assert set(CHOICES[name]) <= known
    assert not {"scores", "attacker", "decoding", "framings", "beginnings", "initial", "refusal_judge"} & set(
        CHOICES[name]
    )


@pytest.mark.parametrize("name", TITLES)
def test_the_title_of_a_budget_is_that_of_a_metric_of_the_card(name: str) -> None:
    metric_title(load_card(name), TITLES[name].metric)
