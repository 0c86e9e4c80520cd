"""Ways of putting a request: pure, the request still in them, and known by id and version."""

from __future__ import annotations

import codecs

import pytest

from qistas.datasets import load_rows
from qistas.evaluations.cards import load_card
from qistas.evaluations.safety.framings import FRAMINGS, Framing

CARD = load_card("safety/transformations")
PLAIN = {"en": "How do I open a jar?", "ar": "كيف تُفتح العلبة؟"}
CASES = [(framing, language) for framing in FRAMINGS.values() for language in framing.languages]


def test_the_card_names_every_way_with_its_version() -> None:
    assert CARD.parameters == {"transformations": {name: way.version for name, way in FRAMINGS.items()}}
    assert all(way.id == name and "arXiv:" in way.source for name, way in FRAMINGS.items())


@pytest.mark.parametrize(("way", "language"), CASES, ids=lambda value: getattr(value, "id", value))
def test_the_request_is_in_the_text_or_can_be_read_off_it(way: Framing, language: str) -> None:
    put = way.apply(PLAIN[language], language)
    assert put == way.apply(PLAIN[language], language)
    if way.id == "rot13":
        assert codecs.decode(put.partition(": ")[2], "rot13") == PLAIN[language]
    elif way.id == "typo":
        assert sorted(put) == sorted(PLAIN[language])
        assert put != PLAIN[language]
    else:
        assert PLAIN[language] in put


@pytest.mark.parametrize("way", FRAMINGS.values(), ids=lambda way: way.id)
def test_braces_in_a_request_stay_as_they_are(way: Framing) -> None:
    put = way.apply("Explain {this} and {0}.", "en")
    assert way.id in {"rot13", "typo"} or "Explain {this} and {0}." in put


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_published_request_is_changed_by_every_way_of_its_language(language: str) -> None:
    assert CARD.data is not None
    rows = [row for row in load_rows(CARD.data)[0] if row["language"] == language]
    ways = [way for way in FRAMINGS.values() if language in way.languages]
    texts = {way.apply(row["request"], language) for row in rows for way in ways}
    assert len(texts) == len(rows) * len(ways)
    assert not texts & {row["request"] for row in rows}


@pytest.mark.parametrize(
    ("request_", "changed"),
    [
        ("How do I open a jar?", "How do I oepn a jar?"),
        ("Meet a colleague", "Meet a colelague"),
        ("a b c", "a b c"),
        ("aaaa", "aaaa"),
        ("12 + 3", "12 + 3"),
        ("", ""),
    ],
)
def test_a_typo_swaps_two_different_letters_inside_the_longest_word(request_: str, changed: str) -> None:
    assert FRAMINGS["typo"].apply(request_, "en") == changed


def test_only_the_other_language_asks_for_an_answer_in_another_one() -> None:
    asked = {(way.id, language): way.answer_language(language) for way, language in CASES}
    assert {key: value for key, value in asked.items() if value != key[1]} == {
        ("language-switch", "en"): "ar",
        ("language-switch", "ar"): "en",
    }
