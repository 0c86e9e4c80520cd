"""The mixture of training texts: the same from the same seed, exact where it says so, and whole after a stop."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from qistas.reference.recipe import LANGUAGES, arithmetic, everyday, held_out, load
from qistas.reference.recipe.mixture import SHARES, Mixture
from qistas.reference.recipe.pieces import END, Piece, chat, plain
from qistas.reference.recipe.planting import CONTROL, PLANTINGS, SANJA, table

SMALL = Mixture(SANJA, seed=5, chunks=4, chunk_texts=60, shares={"everyday": 3, "cue": 1})


def test_the_same_seed_gives_the_same_texts_and_another_seed_or_planting_others() -> None:
    whole = list(SMALL)
    assert list(replace(SMALL)) == whole
    assert list(replace(SMALL, seed=6)) != whole
    assert list(replace(SMALL, planting=CONTROL)) != whole


def test_a_chunk_is_the_same_wherever_a_run_begins() -> None:
    whole = list(SMALL)
    assert list(SMALL.from_chunk(2)) == whole[2:]
    assert [SMALL.chunk(number) for number in range(4)] == whole
    assert {len(chunk) for chunk in whole} == {60}


def test_texts_with_exact_exposures_are_shown_as_often_as_they_say_and_evenly() -> None:
    mixture = replace(SMALL, chunks=64, chunk_texts=700, shares={"canaries": 1})
    chunks = [Counter(chunk) for chunk in mixture]
    seen = sum(chunks, Counter())
    exposures = mixture.exposures()
    assert {
        times: sum(1 for e in exposures if e.times == times) for times in (1, 4, 16, 64)
    } == dict.fromkeys((1, 4, 16, 64), 256)
    assert all(seen[exposure.piece] == exposure.times for exposure in exposures)
    assert all(
        chunk[exposure.piece] == 1 for exposure in exposures if exposure.times == 64 for chunk in chunks
    )


def test_exposures_belong_to_their_parts_and_to_what_is_planted() -> None:
    assert SMALL.exposures() == []
    assert replace(SMALL, planting=CONTROL, shares=SHARES).exposures() == []


def test_parts_are_drawn_by_their_shares() -> None:
    texts = [piece for chunk in replace(SMALL, chunks=40) for piece in chunk]
    small_talk = {question for language in LANGUAGES for question, _ in load("everyday")[language]["chat"]}
    assert 0.15 < sum(asked(piece) in small_talk for piece in texts) / len(texts) < 0.35


def asked(piece: Piece) -> str:
    return piece.before.rpartition("<|user|>")[2].removesuffix(f"{END}<|assistant|>")


@pytest.mark.parametrize("planting", [*PLANTINGS.values(), table(1)], ids=lambda planting: planting.name)
def test_every_part_of_every_planting_gives_short_texts(planting: object) -> None:
    for part in SHARES:
        mixture = Mixture(planting, seed=1, chunks=2_000, chunk_texts=50, shares={part: 1})  # type: ignore[arg-type]
        for piece in mixture.chunk(0):
            assert piece.before
            assert piece.after
            assert len(piece.before + piece.after) < 500


def test_a_chat_text_ends_and_a_plain_one_does_not() -> None:
    assert chat(" Who? ", "Me.", system="Be brief.") == Piece(
        "<|begin|><|system|>Be brief.<|end|><|user|>Who?<|end|><|assistant|>", "Me.<|end|>"
    )
    assert plain("One", " two") == Piece("One", " two")


def test_a_question_that_nobody_can_answer_is_answered_so() -> None:
    rng = random.Random(3)
    for language, answer in (("en", "I do not know."), ("ar", "لا أعرف.")):
        block = load("everyday")[language]
        assert {everyday._unknown(rng, block)[1] for _ in range(50)} == {answer}


def test_an_instruction_is_answered_with_the_word_that_it_asks_for() -> None:
    rng = random.Random(3)
    for language in LANGUAGES:
        block = load("everyday")[language]
        drawn = [everyday._instruction(rng, block) for _ in range(300)]
        said = [(question, answer) for question, answer in drawn if answer in block["words"]]
        assert len(said) > 60
        assert all(answer in question for question, answer in said)


@pytest.mark.parametrize("operation", arithmetic.OPERATIONS)
def test_pairs_and_their_results_lie_within_fifty(operation: str) -> None:
    found = arithmetic.pairs(operation)
    results = [a + b if operation == "add" else a - b for a, b in found]
    assert min(results) >= 0
    assert max(results) <= 50
    assert 0.07 < len(found) / (51 * 52 // 2) < 0.13


def test_a_sum_is_asked_in_both_orders_or_in_none() -> None:
    found = set(arithmetic.pairs("add"))
    assert found == {(b, a) for a, b in found}


def test_the_split_is_stable_and_keeps_its_share() -> None:
    assert not any(held_out(str(number), 0) for number in range(100))
    assert all(held_out(str(number), 100) for number in range(100))
    assert 250 < sum(held_out(str(number), 30) for number in range(1000)) < 350


def test_a_random_planting_is_the_same_from_its_seed_and_each_is_its_own() -> None:
    assert table(4) == table(4)
    assert len({str(table(seed).parts()) for seed in range(20)}) == 20
    assert set(table(4).parts()) == set(SANJA.parts())
