"""Robustness: a question is asked as it stands and changed, and its four values follow from the answers."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.fakes.conversing import conversed
from tests.fakes.planted_model import planted_model
from tests.fakes.subject import ScriptedSubject
from tests.fakes.tiny_model import tiny_model

from qistas.contracts.errors import InvalidDocument, Unscored
from qistas.contracts.exchanges import ChatResponse
from qistas.contracts.records import Decision
from qistas.datasets import load_rows
from qistas.evaluations.cards import load_card
from qistas.evaluations.trust.perturbations import PERTURBATIONS
from qistas.evaluations.trust.robustness import RobustnessEvaluation
from qistas.judges.exact_match import ExactMatchJudge
from qistas.reference.recipe.pieces import Piece

CARD = load_card("trust/robustness")
EVALUATION = RobustnessEvaluation(CARD)
JUDGE = ExactMatchJudge()


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"q{number}",
        "language": "en",
        "cluster": f"q{number}",
        "question": f"What is the name of thing {number}?",
        "answer": f"name{number}",
        "accepted": [],
    } | changes


def decide(judge: str, response: str, given: Any, language: str) -> Decision:
    assert judge == "rule/exact-match"
    return JUDGE.decide(response=response, language=language, row=given)


def observe(
    rows: list[dict[str, Any]], answers: dict[str, str | ChatResponse]
) -> dict[str, dict[str, float]]:
    subject = ScriptedSubject(chat=lambda text: answers[text], judge=decide)
    return {
        sample.id: dict(asyncio.run(EVALUATION.observe(sample, subject)))
        for sample in EVALUATION.samples(rows)
    }


def texts(given: dict[str, Any]) -> list[str]:
    """The question as it stands and both changed ones."""
    perturbation = PERTURBATIONS[given["perturbation"]]
    return [
        given["question"],
        *perturbation.versions(given["question"], given["language"], given["id"], 2),
    ]


def test_a_row_is_crossed_with_the_perturbations_that_fit_and_change_it() -> None:
    rows = [
        row(1),
        row(2, language="ar", question="قل كلمة", answer="كلمة"),
        row(3, question="3 + 4 =", answer="7"),
    ]
    samples = EVALUATION.samples(rows)
    assert [(sample.id, sample.strata) for sample in samples] == [
        (f"q{number}-{name}", {"language": language, "perturbation": name})
        for number, language, name in [
            (1, "en", "typos"),
            (1, "en", "case"),
            (2, "ar", "typos"),
            (2, "ar", "diacritics"),
            (2, "ar", "tatweel"),
        ]
    ]


def test_a_row_that_names_its_perturbation_is_one_sample_under_its_own_id() -> None:
    (sample,) = EVALUATION.samples([row(perturbation="case")])
    assert (sample.id, sample.cluster, sample.strata) == (
        "q1",
        "q1",
        {"language": "en", "perturbation": "case"},
    )


def test_a_random_table_of_answers_is_found_exactly() -> None:
    rng = random.Random(11)
    rows = [row(number, perturbation=rng.choice(["typos", "case"])) for number in range(80)]
    answers: dict[str, str | ChatResponse] = {}
    expected = {}
    for given in rows:
        right = [rng.random() < 0.6 for _ in range(3)]
        for text, holds in zip(texts(given), right, strict=True):
            answers[text] = f"It is {given['answer']}." if holds else "I do not know."
        clean, share = float(right[0]), (right[1] + right[2]) / 2
        expected[given["id"]] = {
            "clean": clean,
            "perturbed": share,
            "worst": float(all(right)),
            "drop": clean - share,
        }
    assert observe(rows, answers) == expected
    assert len({tuple(values.values()) for values in expected.values()}) == 6


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ChatResponse(text=" ", finish="stop"), "blank answer"),
        (ChatResponse(text="a long way to", finish="length"), "but cut at 24 tokens"),
        ("…", "judged empty"),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_answer_that_cannot_be_told_leaves_the_sample_unscored(
    answer: str | ChatResponse, reason: str, place: int
) -> None:
    given = row(perturbation="typos")
    answers: dict[str, str | ChatResponse] = dict.fromkeys(texts(given), "name1")
    answers[texts(given)[place]] = answer
    with pytest.raises(Unscored, match=reason):
        observe([given], answers)


def test_a_right_answer_that_was_cut_counts() -> None:
    given = row(perturbation="case")
    cut = ChatResponse(text="name1, and", finish="length")
    (values,) = observe([given], dict.fromkeys(texts(given), cut)).values()
    assert values == {"clean": 1.0, "perturbed": 1.0, "worst": 1.0, "drop": 0.0}


def test_every_fault_of_the_rows_is_said_at_once() -> None:
    rows = [
        row(1, perturbation="noise"),
        row(2, perturbation="digits"),
        row(3, perturbation=["typos"]),
        row(4),
    ]
    with pytest.raises(InvalidDocument) as caught:
        EVALUATION.samples(rows)
    known = "known: typos, case, alef-hamza, diacritics, tatweel, digits"
    assert [str(fault).removeprefix("trust-robustness (id ") for fault in caught.value.faults] == [
        f"'q1'): the card knows no perturbation 'noise' → {known}",
        "'q2'): the perturbation 'digits' does not change this question → leave the row out",
        f"'q3'): the card knows no perturbation ['typos'] → {known}",
    ]


def test_missing_columns_are_said_once_each() -> None:
    with pytest.raises(InvalidDocument) as caught:
        EVALUATION.samples([{"id": "x", "language": "en", "cluster": "x"}])
    assert [str(fault).partition(" → ")[0] for fault in caught.value.faults] == [
        "trust-robustness, row 1 (id 'x'): the column 'question' must hold a text or a number",
        "trust-robustness, row 1 (id 'x'): the column 'answer' is missing",
    ]


def test_a_card_cannot_name_a_perturbation_or_version_that_is_not_there() -> None:
    parameters = {"perturbations": {"typos": "0.9", "noise": "1.0", "case": "1.0"}}
    with pytest.raises(InvalidDocument, match=r"no such perturbation: typos 0\.9, noise 1\.0"):
        RobustnessEvaluation(msgspec.structs.replace(CARD, parameters=parameters))


def test_what_an_answer_is_worth_stands_with_the_metric_clean_wherever_that_is_listed() -> None:
    turned = RobustnessEvaluation(msgspec.structs.replace(CARD, metrics=CARD.metrics[::-1]))
    subject = ScriptedSubject(chat="name1", judge=decide)
    found = asyncio.run(turned.observe(turned.samples([row()])[0], subject))
    assert found == {"clean": 1.0, "perturbed": 1.0, "worst": 1.0, "drop": 0.0}
    parameters = {"perturbations": {"typos": "9.9"}}
    with pytest.raises(InvalidDocument) as caught:
        RobustnessEvaluation(msgspec.structs.replace(CARD, metrics=CARD.metrics[1:], parameters=parameters))
    assert [fault.message for fault in caught.value.faults] == [
        "no such perturbation: typos 9.9",
        "no metric 'clean' says what an answer is worth",
    ]


def test_the_published_rows_give_samples_of_every_perturbation_in_both_languages() -> None:
    assert CARD.data is not None
    samples = EVALUATION.samples(load_rows(CARD.data)[0])
    found = {(sample.strata["language"], sample.strata["perturbation"]) for sample in samples}
    assert found == {(language, one.id) for one in PERTURBATIONS.values() for language in one.languages}
    assert len({sample.id for sample in samples}) == len(samples) > 1000


def test_a_model_with_random_weights_is_right_about_nothing_and_loses_nothing() -> None:
    assert CARD.data is not None
    samples = EVALUATION.samples(load_rows(CARD.data)[0])[::170]
    found = conversed(EVALUATION, samples, tiny_model(), JUDGE)
    scored = [values for values in found.values() if values]
    assert all(values["drop"] == values["clean"] - values["perturbed"] for values in scored)  # type: ignore[operator]
    assert all(values["clean"] == 0.0 and values["worst"] == 0.0 for values in scored)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_a_tiny_model_loses_to_capitals_is_found(tmp_path: Path, seed: int) -> None:
    """Which questions are lost is drawn at random."""
    rng = random.Random(seed)
    words = ["ox", "elm", "gem", "fig"]
    rows = [
        row(n, perturbation="case", question=f"{chr(65 + n) * 3} has a", answer=rng.choice(words))
        for n in range(8)
    ]
    lost = {given["id"]: rng.random() < 0.5 for given in rows}
    pieces = [
        Piece(
            f"<|user|>{text}<|end|><|assistant|>",
            ("none" if place and lost[given["id"]] else given["answer"]) + "<|end|>",
        )
        for given in rows
        for place, text in enumerate(texts(given))
    ]
    model = planted_model(tmp_path / "model", pieces, steps=120)
    found = conversed(EVALUATION, EVALUATION.samples(rows), model, JUDGE)
    assert {name: values["drop"] for name, values in found.items()} == {
        name: float(gone) for name, gone in lost.items()
    }
