"""Counting in two languages."""

from __future__ import annotations

import pytest

from qistas.contracts.documents import Text
from qistas.report.chrome import CHROME, GLOSSARY
from qistas.report.words import (
    CRITERION,
    PILLAR_NAMES,
    SAMPLE,
    STRENGTHS,
    VERDICTS,
    both,
    counted,
    listed,
    text,
)


@pytest.mark.parametrize(
    ("number", "english", "arabic"),
    [
        (0, "0 samples", "0 عيّنة"),
        (1, "1 sample", "عيّنة واحدة"),
        (2, "2 samples", "عيّنتين"),
        (3, "3 samples", "3 عيّنات"),
        (10, "10 samples", "10 عيّنات"),
        (11, "11 samples", "11 عيّنة"),
        (100, "100 samples", "100 عيّنة"),
        (102, "102 samples", "102 عيّنة"),
        (103, "103 samples", "103 عيّنات"),
        (1200, "1,200 samples", "1,200 عيّنة"),
    ],
)
def test_a_noun_takes_the_form_its_number_asks_for(number, english, arabic):
    assert both(number, SAMPLE) == Text(english, arabic)


@pytest.mark.parametrize(
    ("number", "arabic"), [(1, "شرط واحد"), (2, "شرطان"), (7, "7 شروط"), (14, "14 شرطًا"), (200, "200 شرط")]
)
def test_a_masculine_noun_too_and_the_nominative_dual(number, arabic):
    assert counted(number, CRITERION, "ar", oblique=False) == arabic


def test_lists_read_as_people_list_things():
    assert [listed(items, "en") for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert listed(["أ", "ب", "ج"], "ar") == "أ وب وج"


def test_a_missing_translation_is_said_and_not_passed_over():
    assert text(Text("English only", ""), "ar") == "[الترجمة العربية ناقصة] English only"
    assert text(Text("English only", ""), "en") == "English only"


def test_every_fixed_word_is_there_in_both_languages():
    texts = [*CHROME.values(), *VERDICTS.values(), *PILLAR_NAMES.values(), *STRENGTHS.values()]
    texts += [part for pair in GLOSSARY for part in pair]
    arabic_letters = {chr(code) for code in range(0x0621, 0x064B)}
    assert [t.en for t in texts if not t.en.strip() or set(t.en) & arabic_letters] == []
    assert [t.ar for t in texts if not set(t.ar) & arabic_letters] == []
    assert [t.ar for t in texts if set(t.ar) & set("٠١٢٣٤٥٦٧٨٩")] == []
