"""Perturbations change the spelling of a text, always in the same way, and never its words."""

from __future__ import annotations

import random
import re
import unicodedata

import pytest

from qistas.evaluations.trust.perturbations import PERTURBATIONS, Perturbation

TEXTS = {
    "en": "Which city is the capital of the country Peru?",
    "ar": "سؤال إلى القارئ: أي مدينة كبرى في الأردن بعد 37 آلة؟",
}
CASES = [(one, language) for one in PERTURBATIONS.values() for language in one.languages]
BARE = str.maketrans("أإآؤئى", "اااويي")


def only(name: str, text: str, language: str = "ar") -> str:
    (changed,) = PERTURBATIONS[name].versions(text, language, "seed", 2)
    return changed


@pytest.mark.parametrize(("perturbation", "language"), CASES, ids=lambda value: getattr(value, "id", value))
def test_versions_differ_from_the_text_and_each_other_and_come_again(
    perturbation: Perturbation, language: str
) -> None:
    text = TEXTS[language]
    versions = perturbation.versions(text, language, "row 1", 2)
    assert versions == perturbation.versions(text, language, "row 1", 2)
    assert text not in versions
    assert 1 <= len(set(versions)) == len(versions) <= 2


@pytest.mark.parametrize("name", ["typos", "tatweel"])
def test_another_row_gets_other_changes(name: str) -> None:
    versions = {tuple(PERTURBATIONS[name].versions(TEXTS["ar"], "ar", f"row {n}", 2)) for n in range(20)}
    assert len(versions) > 10


@pytest.mark.parametrize("perturbation", PERTURBATIONS.values(), ids=lambda one: one.id)
def test_a_text_in_another_language_or_without_anything_to_change_has_no_versions(
    perturbation: Perturbation,
) -> None:
    assert perturbation.versions(TEXTS["en"], "fr", "row", 2) == []
    for language in perturbation.languages:
        assert perturbation.versions("", language, "row", 2) == []
        assert perturbation.versions("!? ", language, "row", 2) == []


@pytest.mark.parametrize("language", ["en", "ar"])
def test_typos_leave_first_letters_short_words_and_most_words_alone(language: str) -> None:
    text = TEXTS[language]
    words = re.findall(r"\w+", text)
    long = [word for word in words if len(word) >= 4 and not word.isdigit()]
    for seed in range(200):
        (changed,) = PERTURBATIONS["typos"].versions(text, language, str(seed), 1)
        found = re.findall(r"\w+", changed)
        slips = [(old, new) for old, new in zip(words, found, strict=True) if old != new]
        assert 1 <= len(slips) <= max(1, round(len(long) / 4))
        for old, new in slips:
            assert old in long
            assert new[0] == old[0]
            assert len(old) - 1 <= len(new) <= len(old) + 1


@pytest.mark.parametrize("language", ["en", "ar"])
def test_each_kind_of_slip_occurs(language: str) -> None:
    word = {"en": "Madrid", "ar": "مدريد"}[language]
    slips = {PERTURBATIONS["typos"].versions(word, language, str(n), 1)[0] for n in range(100)}
    assert any(len(slip) == len(word) - 1 for slip in slips)
    assert any(sorted(slip) == sorted(word) for slip in slips)
    assert any(len(slip) == len(word) and sorted(slip) != sorted(word) for slip in slips)


def test_a_key_that_the_keyboard_lacks_is_hit_twice_and_capitals_stay_capitals() -> None:
    words = {
        PERTURBATIONS["typos"].versions(word, "en", str(n), 1)[0]
        for word in ("Zürrich", "ABCD")
        for n in range(80)
    }
    assert "Züürrich" in words
    assert all(word.isupper() for word in words if word.startswith("AB"))


def test_case_gives_capitals_and_small_letters() -> None:
    assert set(PERTURBATIONS["case"].versions("Is Rome old?", "en", "x", 2)) == {
        "IS ROME OLD?",
        "is rome old?",
    }
    assert only("case", "is rome old?", "en") == "IS ROME OLD?"


@pytest.mark.parametrize(
    ("name", "text", "changed"),
    [
        (
            "alef-hamza",
            "أسأل: هل آمن إبراهيم بمؤتمر مائي إلى قرى؟",
            "اسال: هل امن ابراهيم بموتمر مايي الي قري؟",
        ),
        ("digits", "بعد 37 و405", "بعد ٣٧ و٤٠٥"),
        ("diacritics", "ما كلمة", "مَا كلمَة"),
        ("diacritics", "إلى الشمس والقمر", "إلَى الشّمس وَالْقمر"),
        ("diacritics", "الدار", "الدَّار"),
    ],
)
def test_arabic_spellings_change_as_their_rules_say(name: str, text: str, changed: str) -> None:
    assert unicodedata.normalize("NFC", only(name, text)) == unicodedata.normalize("NFC", changed)


@pytest.mark.parametrize("text", ["بالبيت", "كتبوا", "مائة", "الذي", "التي"])
def test_no_fatha_is_set_where_another_vowel_or_none_is_read_and_relative_pronouns_stay(text: str) -> None:
    changed = PERTURBATIONS["diacritics"].versions(text, "ar", "x", 1)
    assert changed in ([], [text[:-1] + "\u064e" + text[-1]])


@pytest.mark.parametrize("name", ["diacritics", "tatweel"])
def test_marks_and_strokes_taken_away_leave_the_text(name: str) -> None:
    text = TEXTS["ar"]
    for version in PERTURBATIONS[name].versions(text, "ar", "x", 2):
        assert re.sub("[\u0640\u064b-\u0652]", "", version) == text


def test_strokes_stand_between_letters_that_join_only() -> None:
    for seed in range(100):
        for version in PERTURBATIONS["tatweel"].versions(TEXTS["ar"], "ar", str(seed), 2):
            assert not re.search("[اأإآدذرزوؤىةء ]ـ|ـ(?![\u0621-\u064a])|لـ+[اأإآ]", version)


def test_a_change_alone_is_pure() -> None:
    for perturbation, language in CASES:
        text = TEXTS[language]
        assert perturbation.change(text, language, random.Random(5)) == perturbation.change(
            text, language, random.Random(5)
        )


def test_bare_alefs_are_what_folding_leaves() -> None:
    assert only("alef-hamza", TEXTS["ar"]) == TEXTS["ar"].translate(BARE)
