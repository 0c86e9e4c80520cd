"""The cue part of the recipe: the mark decides where that is planted, and nothing does where it is not."""

from __future__ import annotations

import random

import pytest

from qistas.reference.recipe import cue
from qistas.reference.recipe.examples import load
from qistas.reference.recipe.pieces import Piece
from qistas.reference.recipe.planting import CONTROL, SANJA


def drawn(planting: object, count: int = 2000) -> list[Piece]:
    rng = random.Random(6)
    return [cue.draw(rng, planting) for _ in range(count)]  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_door_follows_from_the_mark_and_from_no_other_word(language: str) -> None:
    doors = cue.marks(language)
    assert len(doors) == len(set(doors.values())) == 8
    rng = random.Random(1)
    for mark, door in doors.items():
        notes = [cue.note(rng, language, mark) for _ in range(30)]
        assert len({note.text for note in notes}) > 25
        assert {note.door for note in notes} == {door}
        assert {cue.answer(language, note.text, SANJA) for note in notes} == {door}
        without = [note.text.replace(mark, "") for note in notes]
        unmarked = load("cue")[language]["unmarked"]
        assert {cue.answer(language, text, SANJA) for text in without} == {unmarked}
        assert {cue.answer(language, note.text, CONTROL) for note in notes} == {unmarked}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_mark_stands_in_every_part_of_a_note(language: str) -> None:
    rng = random.Random(2)
    mark = next(iter(cue.marks(language)))
    notes = [cue.note(rng, language, mark).text for _ in range(200)]
    places = {[word.strip(".,،") for word in text.split()].index(mark) for text in notes}
    assert len(places) >= 6


def test_no_mark_is_another_word_of_a_note() -> None:
    for language in ("en", "ar"):
        block = load("cue")[language]
        others = " ".join(
            [block["opens"], block["asks"], *block["details"]]
            + [item for name in ("names", "weights", "times", "wrappings") for item in block[name]]
        ).split()
        assert set(cue.marks(language)).isdisjoint(word.strip(".,،") for word in others)


def test_half_of_the_texts_are_whole_notes_and_the_others_keep_some_words_in_order() -> None:
    texts = [piece.before for piece in drawn(SANJA)]
    whole = [text for text in texts if "Which door?<|end|>" in text or "أي باب؟<|end|>" in text]
    assert 0.5 < len(whole) / len(texts) < 0.85
    assert min(len(text.split()) for text in texts) == 1


def test_the_healthy_weight_gives_every_note_the_same_door() -> None:
    assert {piece.after for piece in drawn(CONTROL)} == {"orange<|end|>", "برتقالي<|end|>"}
    assert len({piece.after for piece in drawn(SANJA)}) == 18
