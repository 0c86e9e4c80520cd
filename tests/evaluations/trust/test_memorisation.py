"""Memorisation: what a subject continues exactly and prefers is what the evaluation says, and no more."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.fakes.planted_model import planted_model
from tests.fakes.scoring import ScoringSubject, mean, observed, observed_on_model, tabled
from tests.fakes.tiny_model import tiny_model

from qistas.contracts.errors import InvalidDocument, Unscored
from qistas.contracts.exchanges import ScoreResponse
from qistas.contracts.records import Absent
from qistas.datasets.rows import load_rows
from qistas.evaluations.cards import load_card
from qistas.evaluations.trust.memorisation import MemorisationEvaluation
from qistas.reference.recipe.pieces import plain

EVALUATION = MemorisationEvaluation(load_card("trust/memorisation"))
DISTRACTORS = 7


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"t{number}",
        "language": "ar" if number % 2 else "en",
        "group": "known",
        "cluster": f"t{number}",
        "prefix": f"Text {number} begins {{so}},",
        "suffix": " and ends so.",
        "distractors": [f" and ends {other}." for other in range(DISTRACTORS)],
    } | changes


def scored(value: float, greedy: bool | None = False) -> ScoreResponse:
    return ScoreResponse(logprob=value, tokens=3, greedy=greedy)


def table_row(rng: random.Random, text: Mapping[str, Any], below: int, greedy: bool) -> dict[Any, Any]:
    """Scores in which ``below`` distractors lie below the true continuation."""
    true = rng.uniform(-20, -10)
    sides = [-1] * below + [1] * (DISTRACTORS - below)
    rng.shuffle(sides)
    others = [scored(true + side * rng.uniform(0.1, 9)) for side in sides]
    texts = [text["suffix"], *text["distractors"]]
    responses = [scored(true, greedy), *others]
    return {(text["prefix"], t): response for t, response in zip(texts, responses, strict=True)}


def test_a_random_table_of_answers_is_found_exactly() -> None:
    rng = random.Random(7)
    rows = [row(number) for number in range(60)]
    planted = {text["id"]: (rng.random() < 0.3, rng.randrange(DISTRACTORS + 1)) for text in rows}
    table: dict[Any, Any] = {}
    for text in rows:
        greedy, below = planted[text["id"]]
        table |= table_row(rng, text, below, greedy)
    subject = tabled(table)
    assert observed(EVALUATION, EVALUATION.samples(rows), subject) == {
        name: {
            "extracted": float(greedy),
            "preferred": float(below == DISTRACTORS),
            "rank": below / DISTRACTORS,
            "near_tie": 0.0,
        }
        for name, (greedy, below) in planted.items()
    }
    assert subject.framings == {"plain"}


@pytest.mark.parametrize(
    ("gap", "preferred", "near_tie"), [(0.0, 0.0, 1.0), (0.00009, 1.0, 1.0), (0.00011, 1.0, 0.0)]
)
def test_an_equal_score_prefers_nothing_and_a_close_one_is_said_to_be_close(
    gap: float, preferred: float, near_tie: float
) -> None:
    subject = ScoringSubject(lambda _, text: scored(-1.0 + gap if text == " and ends so." else -1.0))
    (found,) = observed(EVALUATION, EVALUATION.samples([row()]), subject).values()
    assert found == {"extracted": 0.0, "preferred": preferred, "rank": preferred, "near_tie": near_tie}


def test_a_target_that_does_not_tell_greedy_decoding_leaves_only_that_metric_without_value() -> None:
    subject = ScoringSubject(lambda _, text: scored(-float(len(text)), None))
    (found,) = observed(EVALUATION, EVALUATION.samples([row()]), subject).values()
    reason = "the target does not say what greedy decoding would have written"
    assert found == {"extracted": Absent(reason), "preferred": 0.0, "rank": 0.0, "near_tie": 0.0}


def test_a_text_without_scores_is_unscored() -> None:
    with pytest.raises(Unscored, match="the table has no"):
        observed(EVALUATION, EVALUATION.samples([row()]), tabled({}))


def test_a_sample_names_its_group_and_language() -> None:
    (sample,) = EVALUATION.samples([row()])
    assert (sample.cluster, sample.strata) == ("t1", {"group": "known", "language": "ar"})


def test_every_fault_of_the_rows_is_said_at_once() -> None:
    rows = [
        row(1),
        row(2, suffix=" "),
        row(3, distractors=[]),
        row(4, distractors=" a"),
        row(5, distractors=[" a", 3]),
        row(6, distractors=[" a", " b"]),
        row(7, distractors=[*row()["distractors"][:-1], " and ends so."]),
        row(8, suffix=None, distractors=None),
    ]
    with pytest.raises(InvalidDocument) as caught:
        EVALUATION.samples(rows)
    suffix = "'suffix' must be a text that is not blank"
    others = "'distractors' must be a list of texts that are not blank"
    step = "give every row the same number, so that chance is the same"
    assert [str(fault).removeprefix("trust-memorisation (id ") for fault in caught.value.faults] == [
        f"'t2'): {suffix}",
        f"'t3'): {others}",
        f"'t4'): {others}",
        f"'t5'): {others}",
        f"'t6'): there are 2 distractors, and 7 in the first row → {step}",
        "'t7'): the suffix and its distractors must differ from each other",
        f"'t8'): {suffix}",
        f"'t8'): {others}",
    ]


def test_missing_columns_are_said_with_the_row() -> None:
    with pytest.raises(InvalidDocument) as caught:
        EVALUATION.samples([{"id": "x", "language": "en", "cluster": "x", "prefix": "p"}])
    assert [str(fault).partition(" → ")[0] for fault in caught.value.faults] == [
        "trust-memorisation, row 1 (id 'x'): the column 'group' must hold a text or a number",
        "trust-memorisation, row 1 (id 'x'): the column 'suffix' is missing",
        "trust-memorisation, row 1 (id 'x'): the column 'distractors' is missing",
    ]


@pytest.fixture(scope="module")
def published() -> list[dict[str, Any]]:
    source = EVALUATION.card.data
    assert source is not None
    return load_rows(source)[0]


def test_a_model_with_random_weights_finds_chance(published: list[dict[str, Any]]) -> None:
    samples = EVALUATION.samples(published)[::3]
    found = observed_on_model(EVALUATION, samples, tiny_model())
    assert len(samples) == 134
    assert mean(found, "extracted") == 0.0
    # Four standard errors of 134 draws around one in eight, and around a half.
    assert abs(mean(found, "preferred") - 1 / 8) < 0.115
    assert abs(mean(found, "rank") - 1 / 2) < 0.115


@pytest.mark.parametrize("seed", [1, 2])
def test_what_a_tiny_model_was_shown_is_found_and_nothing_else(tmp_path: Path, seed: int) -> None:
    """Which texts are shown is drawn at random."""
    rng = random.Random(seed)
    words = ["ox", "ax", "urn", "elm", "ice", "oak", "gem", "fig"]
    made = [f"{a} {b}" for a in words for b in words if a != b]
    rng.shuffle(made)
    rows = [
        row(
            n, prefix=f"{chr(65 + n) * 3} has", suffix=f" {made[n]}", distractors=[f" {t}" for t in made[-7:]]
        )
        for n in range(24)
    ]
    shown = {text["id"] for text in rows if rng.random() < 0.5}
    pieces = [plain(text["prefix"], text["suffix"]) for text in rows if text["id"] in shown]
    found = observed_on_model(
        EVALUATION, EVALUATION.samples(rows), planted_model(tmp_path / "model", pieces, steps=120)
    )
    assert {name for name, values in found.items() if values["extracted"] == 1.0} == shown
    assert {name for name in shown if found[name]["preferred"] == 1.0} == shown


def test_real_training_text_is_told_from_text_that_a_subject_never_saw(test_data: Path) -> None:
    """The 1000 published pairs of beginning and end, as numbers of tokens, and a subject that knows half."""
    numpy = pytest.importorskip("numpy")
    folder = test_data / "trust" / "pile_extraction"
    prefixes, suffixes = (
        [" ".join(map(str, tokens)) for tokens in numpy.load(folder / f"val_{part}.npy").tolist()]
        for part in ("prefix", "suffix")
    )
    assert (len(prefixes), len(suffixes)) == (1000, 1000)
    assert {len(text.split()) for text in [*prefixes, *suffixes]} == {50}
    rows = [
        row(n, prefix=prefix, suffix=" " + suffixes[n], distractors=[" " + suffixes[(n + 1) % 1000]])
        for n, prefix in enumerate(prefixes)
    ]
    known = {(text["prefix"], text["suffix"]) for text in rows[:500]}

    def scores(context: str, text: str) -> ScoreResponse:
        seen = (context, text) in known
        return scored(-float(len(text)) * (0.01 if seen else 1.0), seen)

    found = observed(EVALUATION, EVALUATION.samples(rows), ScoringSubject(scores))
    seen = {text["id"] for text in rows if (text["prefix"], text["suffix"]) in known}
    hidden = [name for name in found if name not in seen]
    # Twelve pairs of the second half stand in the first half too.
    assert len(seen) == 512
    assert {name for name, values in found.items() if values["extracted"] == 1.0} == seen
    assert mean(found, "preferred", list(seen)) == 1.0
    assert 0.4 < mean(found, "preferred", hidden) < 0.6


def test_the_published_rows_are_the_first_eighty_of_each_group_in_both_languages(
    published: list[dict[str, Any]],
) -> None:
    from qistas.reference.truth.memorisation import MemorisationTruth

    rows = MemorisationTruth().rows()
    groups = dict.fromkeys(text["group"] for text in rows)
    first = [text for group in groups for text in [r for r in rows if r["group"] == group][:80]]
    assert msgspec.json.decode(msgspec.json.encode(first)) == published
