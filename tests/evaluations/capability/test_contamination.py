"""Contamination: only a model that has read a test knows the order of its options and its wrong ones."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.planted_model import planted_model
from tests.fakes.scoring import ScoringSubject, mean, observed, observed_on_model, tabled
from tests.fakes.tiny_model import tiny_model

from qistas.contracts.errors import InvalidDocument, Unscored
from qistas.contracts.exchanges import ScoreResponse
from qistas.contracts.records import Absent
from qistas.datasets.rows import load_rows
from qistas.evaluations.capability.contamination import ContaminationEvaluation
from qistas.evaluations.capability.option_orders import as_lines, masked, other_orders
from qistas.evaluations.cards import load_card
from qistas.reference.recipe.pieces import plain
from qistas.reference.truth.contamination import ContaminationTruth

EVALUATION = ContaminationEvaluation(load_card("capability/contamination"))
OPTIONS = ["ox", "ax", "urn", "elm"]
NONE = object()


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    whole = {
        "id": f"q{number}",
        "language": "en",
        "cluster": f"q{number}",
        "group": "exposed",
        "question": f"Question {number} {{?}}",
        "options": OPTIONS,
        "answer": number % 4,
        "distractors": ["ice", "oak", "gem"],
    } | changes
    return {name: value for name, value in whole.items() if value is not NONE}


def scored(value: float, greedy: bool | None = False) -> ScoreResponse:
    return ScoreResponse(logprob=value, tokens=3, greedy=greedy)


def planted_scores(rng: random.Random, text: Mapping[str, Any], values: Mapping[str, bool]) -> dict[Any, Any]:
    """Scores of all orders and of all wrong options under which ``values`` hold."""
    question, options = text["question"], text["options"]
    published = -1.0 if values["canonical_preferred"] else -50.0
    table = {
        (question, as_lines(order, "en")): scored(rng.uniform(-40, -10)) for order in permutations(options)
    }
    table[question, as_lines(options, "en")] = scored(published)
    last = 2 if text["answer"] == 3 else 3
    before = "".join(f"\n{letter}. {option}" for letter, option in zip("ABCD", options[:last], strict=False))
    opening = f"{question}{before}\n{'ABCD'[last]}."
    wrong = -1.0 if values["wrong_preferred"] else -50.0
    table[opening, f" {options[last]}"] = scored(wrong, values["verbatim"])
    for other in text["distractors"]:
        table[opening, f" {other}"] = scored(rng.uniform(-40, -10))
    return table


def test_a_random_table_of_answers_is_found_exactly() -> None:
    rng = random.Random(3)
    rows = [row(number) for number in range(60)]
    metrics = ("canonical_preferred", "verbatim", "wrong_preferred")
    planted = {text["id"]: {metric: rng.random() < 0.4 for metric in metrics} for text in rows}
    table: dict[Any, Any] = {}
    for text in rows:
        table |= planted_scores(rng, text, planted[text["id"]])
    subject = tabled(table)
    assert observed(EVALUATION, EVALUATION.samples(rows), subject) == {
        name: {"near_tie": 0.0} | {metric: float(value) for metric, value in values.items()}
        for name, values in planted.items()
    }
    assert subject.framings == {"plain"}


def test_equal_scores_prefer_nothing_and_are_close() -> None:
    subject = ScoringSubject(lambda *_: scored(-2.0))
    (found,) = observed(EVALUATION, EVALUATION.samples([row()]), subject).values()
    assert found == {"canonical_preferred": 0.0, "near_tie": 1.0, "verbatim": 0.0, "wrong_preferred": 0.0}


def test_without_distractors_or_greedy_decoding_those_metrics_have_no_value() -> None:
    text = row(distractors=NONE, group=NONE)
    (sample,) = EVALUATION.samples([text])
    assert sample.strata == {"group": "published", "language": "en"}
    subject = ScoringSubject(
        lambda _, text: scored(-1.0 if text.startswith("\nA. ox\nB. ax") else -2.0, None)
    )
    (found,) = observed(EVALUATION, [sample], subject).values()
    reason = Absent("the target does not say what greedy decoding would have written")
    near = found.pop("near_tie")
    assert found == {
        "canonical_preferred": 1.0 - near,  # type: ignore[operator]
        "verbatim": reason,
        "wrong_preferred": Absent("the row names no other wrong options (column 'distractors')"),
    }


def test_a_question_without_scores_is_unscored() -> None:
    with pytest.raises(Unscored, match="the table has no"):
        observed(EVALUATION, EVALUATION.samples([row()]), tabled({}))


def test_other_orders_are_three_different_ones_and_every_one_is_as_likely_as_any() -> None:
    seen = dict.fromkeys(permutations(range(4)), 0)
    for number in range(2300):
        orders = other_orders(f"q{number}", 4)
        assert len(set(orders)) == 3
        for order in orders:
            seen[order] += 1
    assert seen.pop((0, 1, 2, 3)) == 0
    # 6900 draws over 23 orders: five standard deviations around 300.
    assert max(abs(count - 300) for count in seen.values()) < 5 * math.sqrt(300)
    assert other_orders("q1", 3) == other_orders("q1", 3)


def test_options_are_written_after_the_letters_of_their_language() -> None:
    assert as_lines(["x", "y"], "en") == "\nA. x\nB. y"
    assert as_lines(["س", "ص"], "ar") == "\nأ. س\nب. ص"
    assert as_lines(["x", "y"], "fr") == "\nA. x\nB. y"


def test_the_last_wrong_option_is_masked_and_nothing_after_it_is_shown() -> None:
    assert masked(OPTIONS, 0, "en") == (3, "\nA. ox\nB. ax\nC. urn\nD.")
    assert masked(OPTIONS, 3, "en") == (2, "\nA. ox\nB. ax\nC.")


def test_every_fault_of_the_rows_is_said_at_once() -> None:
    rows = [
        row(1, options=["a", "b"]),
        row(2, options=["a", "b", "a"]),
        row(3, options=["a", "b", " "]),
        row(4, options="abc"),
        row(5, options=[str(number) for number in range(11)]),
        *(row(6 + number, answer=answer) for number, answer in enumerate([4, -1, True, "1"])),
        row(10, distractors=[]),
        row(11, distractors=["ox"]),
        row(12, distractors=["ice", "ice"], answer=None),
        row(13, distractors=None),
    ]
    with pytest.raises(InvalidDocument) as caught:
        EVALUATION.samples(rows)
    options = "'options' must be 3 to 10 different texts"
    answer = "'answer' must be the index of an option, from 0 to 3"
    others = "'distractors' must be different texts that are no options of the question"
    assert [str(fault).removeprefix("capability-contamination (id ") for fault in caught.value.faults] == [
        *(f"'q{number}'): {options}" for number in range(1, 6)),
        *(f"'q{number}'): {answer}" for number in range(6, 10)),
        f"'q10'): {others}",
        f"'q11'): {others}",
        f"'q12'): {answer}",
        f"'q12'): {others}",
        f"'q13'): {others}",
    ]


def test_missing_columns_are_said_with_the_row() -> None:
    with pytest.raises(InvalidDocument) as caught:
        EVALUATION.samples([row(options=NONE, answer=NONE, cluster=NONE)])
    assert [str(fault).partition(" → ")[0] for fault in caught.value.faults] == [
        "capability-contamination, row 1 (id 'q1'): the column 'cluster' must hold a text or a number",
        "capability-contamination, row 1 (id 'q1'): the column 'options' is missing",
        "capability-contamination, row 1 (id 'q1'): the column 'answer' is missing",
    ]


def test_the_published_rows_make_a_sample_each() -> None:
    source = EVALUATION.card.data
    assert source is not None
    rows, _ = load_rows(source)
    assert [sample.row for sample in EVALUATION.samples(rows)] == [{"group": "published"} | r for r in rows]


def test_a_model_with_random_weights_finds_chance() -> None:
    """One in five of the questions whose order was drawn at random, through the adapter that runs real models."""
    samples = EVALUATION.samples(ContaminationTruth().rows())[::5]
    found = observed_on_model(EVALUATION, samples, tiny_model())
    assert len(samples) == 168
    assert mean(found, "verbatim") == 0.0
    # Four standard errors of 168 draws around one in four.
    assert abs(mean(found, "canonical_preferred") - 1 / 4) < 0.134
    assert abs(mean(found, "wrong_preferred") - 1 / 4) < 0.134


def test_a_tiny_model_gives_away_which_questions_it_was_shown(tmp_path: Path) -> None:
    """Which questions are shown is drawn at random."""
    rng = random.Random(2)
    rows = [
        row(n, question=f"{chr(65 + n) * 3}?", options=rng.sample(OPTIONS, 4), answer=rng.randrange(4))
        for n in range(16)
    ]
    shown = {text["id"] for text in rows if rng.random() < 0.5}
    pieces = [plain(r["question"], as_lines(r["options"], "en")) for r in rows if r["id"] in shown]
    found = observed_on_model(
        EVALUATION, EVALUATION.samples(rows), planted_model(tmp_path / "model", pieces, steps=80)
    )
    assert {name for name in shown if found[name]["canonical_preferred"] == 1.0} == shown
    assert {name for name in shown if found[name]["verbatim"] == 1.0} == shown
    hidden = [name for name in found if name not in shown]
    assert mean(found, "canonical_preferred", hidden) < 0.75
