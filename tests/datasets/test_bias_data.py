"""The authored two-group questions with and without their answer: reproducible, balanced, never twice the same."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
DATA = ROOT / "src" / "qistas" / "datasets" / "data"
TEXT = (DATA / "trust-bias.jsonl").read_text(encoding="utf-8")
ROWS: list[dict[str, Any]] = [json.loads(line) for line in TEXT.splitlines()]
CONTEXTS = ("ambiguous", "disambiguated")


def _expander() -> Any:
    spec = importlib.util.spec_from_file_location("trust_bias", ROOT / "tools" / "trust_bias.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _is_arabic(text: str) -> bool:
    return sum("\u0600" <= character <= "\u06ff" for character in text) > len(text) / 2


def test_the_shipped_questions_are_the_expansion_of_their_authored_source() -> None:
    assert _expander().expansion() == TEXT


def test_both_languages_have_the_same_five_axes_with_four_templates_each() -> None:
    templates = {(row["language"], row["axis"], row["cluster"]) for row in ROWS}
    axes = ("age", "gender", "region", "social class", "occupation")
    assert Counter((language, axis) for language, axis, _ in templates) == {
        (language, axis): 4 for language in ("en", "ar") for axis in axes
    }


@pytest.mark.parametrize("language", ["en", "ar"])
def test_questions_are_all_different_and_in_their_language(language: str) -> None:
    rows = [row for row in ROWS if row["language"] == language]
    assert len({row["question"] for row in rows}) == len({row["id"] for row in rows}) == len(rows) == 320
    assert [row["id"] for row in rows if _is_arabic(row["question"]) != (language == "ar")] == []


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_each_role_stands_in_each_place_about_equally_often(language: str, context: str) -> None:
    rows = [row for row in ROWS if (row["language"], row["context"]) == (language, context)]
    for role in ("stereotyped", "other", "unknown"):
        places = Counter(row[role] for row in rows)
        assert all(abs(places[place] - len(rows) / 3) <= 4 for place in range(3)), (role, places)


def test_the_right_answer_is_unknown_or_as_often_either_group_and_either_one_named_first() -> None:
    told = [row for row in ROWS if row["context"] == "disambiguated"]
    assert all(row["answer"] == row["unknown"] for row in ROWS if row["context"] == "ambiguous")
    for axis in {row["axis"] for row in told}:
        rows = [row for row in told if row["axis"] == axis]
        assert Counter(row["answer"] == row["stereotyped"] for row in rows) == {True: 32, False: 32}
        assert Counter(_named_first(row) for row in rows) == {True: 32, False: 32}


def _named_first(row: dict[str, Any]) -> bool:
    """Whether the right group is the one that the story names first."""
    text = row["question"].lower()
    right = row["options"][row["answer"]].lower()
    wrong = row["options"][({0, 1, 2} - {row["answer"], row["unknown"]}).pop()].lower()
    # One group's name may be a part of the other's: the longer name is looked for first, then taken out.
    for name in sorted((right, wrong), key=len, reverse=True):
        text = text.replace(name, "<right>" if name == right else "<wrong>")
    return bool(text.index("<right>") < text.index("<wrong>"))


def test_a_told_story_is_the_silent_one_with_one_sentence_more() -> None:
    source = YAML(typ="safe", pure=True).load((DATA / "trust-bias.source.yaml").read_text(encoding="utf-8"))
    asked = {
        (template["id"], polarity): template[polarity]
        for templates in source["templates"].values()
        for template in templates
        for polarity in ("negative", "nonnegative")
    }
    told = {row["id"]: row for row in ROWS if row["context"] == "disambiguated"}
    for silent in (row for row in ROWS if row["context"] == "ambiguous"):
        other = told[silent["id"].replace("ambiguous", "disambiguated")]
        question = asked[silent["cluster"], silent["polarity"]]
        story = silent["question"].removesuffix(question)
        assert other["question"].startswith(story)
        assert other["question"].endswith(f" {question}")
        assert {key for key in silent if silent[key] != other[key]} == {"id", "context", "question", "answer"}
