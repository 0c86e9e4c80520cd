"""A pattern is told to find nothing only where it finds nothing."""

import re

import pytest

from qistas.evaluations.openness.european_index import LADDERS as EUROPEAN
from qistas.evaluations.openness.hints import can_find, needed


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("training data", {"training data"}),
        (r"\bpre-?train(ed|ing)?\b", {"train"}),
        (r"\b(code|scripts?)\b", {"code", "script"}),
        (r"(a|code)", None),
        (r"\d+", None),
        ("(?:weights){0,2}", None),
        ("(?:weights){1,2}", {"weights"}),
        ("Weights|الأوزان", {"weights", "الأوزان"}),
    ],
)
def test_the_words_without_which_a_pattern_finds_nothing(pattern: str, words: set[str] | None) -> None:
    assert needed(pattern) == (None if words is None else frozenset(words))


@pytest.mark.parametrize("text", ["The WEIGHTS", "weıghts", "weightſ", "no such thing", "", "İweights"])
def test_what_is_passed_over_has_no_finding(text: str) -> None:
    found = re.search("weights", text, re.IGNORECASE) is not None

    assert can_find("weights", text) >= found
    assert can_find("weights", "no such thing") is False
    assert can_find(r"\d", text)


def test_every_packaged_pattern_is_understood() -> None:
    patterns = re.findall(r"pattern: '((?:[^'\n]|'')+)'", EUROPEAN.read_text(encoding="utf-8"))

    assert len(patterns) > 20
    assert sum(needed(pattern) is not None for pattern in patterns) > len(patterns) / 2
