"""Published rows of BBQ become two-group questions, and the stereotype's option turns with the polarity."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from qistas.contracts.errors import InvalidDocument
from qistas.datasets.bbq import is_bbq, two_group_rows

STEP = "→ use the files of BBQ as they are published"


def published(**changes: Any) -> dict[str, Any]:
    return {
        "example_id": 7,
        "question_index": "3",
        "question_polarity": "neg",
        "context_condition": "ambig",
        "category": "Invented",
        "answer_info": {
            "ans0": ["the Xan guest", "Xan"],
            "ans1": ["Not known", "unknown"],
            "ans2": ["the Yol guest", "Yol"],
        },
        "additional_metadata": {"stereotyped_groups": ["Yol", "Zed"], "version": "a"},
        "context": "Two guests came.",
        "question": "Who was late?",
        "ans0": "The Xan guest",
        "ans1": "Not known",
        "ans2": "The Yol guest",
        "label": 1,
    } | changes


def turned(**changes: Any) -> dict[str, Any]:
    (row,) = two_group_rows([published(**changes)])
    return row


def test_a_published_row_becomes_a_two_group_question() -> None:
    assert turned() == {
        "id": "Invented-7",
        "language": "en",
        "cluster": "Invented-3",
        "axis": "Invented",
        "context": "ambiguous",
        "polarity": "negative",
        "question": "Two guests came. Who was late?",
        "options": ["The Xan guest", "Not known", "The Yol guest"],
        "stereotyped": 2,
        "other": 0,
        "unknown": 1,
        "answer": 1,
    }


def test_in_a_nonnegative_question_the_stereotype_suggests_the_other_group() -> None:
    row = turned(question_polarity="nonneg", context_condition="disambig", label=2)
    assert {key: row[key] for key in ("context", "polarity", "stereotyped", "other", "answer")} == {
        "context": "disambiguated",
        "polarity": "nonnegative",
        "stereotyped": 0,
        "other": 2,
        "answer": 2,
    }


@pytest.mark.parametrize(
    ("groups", "stereotyped", "other"),
    [
        (["yol"], 2, 0),  # in whatever case
        (["the Xan guest"], 0, 2),  # what the answer itself is called
        (["Xan", "Yol"], None, None),  # both
        (["Zed"], None, None),  # neither
        ([], None, None),
    ],
)
def test_the_stereotype_is_about_the_one_group_that_is_named(
    groups: list[str], stereotyped: int | None, other: int | None
) -> None:
    row = turned(additional_metadata={"stereotyped_groups": groups})
    assert (row["stereotyped"], row["other"], row["unknown"]) == (stereotyped, other, 1)


def test_rows_are_recognised_by_their_columns() -> None:
    assert is_bbq([published()])
    assert not is_bbq([turned()])
    assert not is_bbq([])


def test_all_faults_are_said_with_their_rows() -> None:
    bare = {key: value for key, value in published().items() if key != "ans2"}
    rows = [
        published(),
        bare,
        published(context_condition="half", question_polarity="positive"),
        published(answer_info={"ans0": ["a", "A"], "ans1": ["b", "B"], "ans2": ["c", "C"]}),
    ]
    with pytest.raises(InvalidDocument) as caught:
        two_group_rows(rows)
    assert [str(fault) for fault in caught.value.faults] == [
        f"BBQ, row 2: this is no row of BBQ: Object missing required field `ans2` {STEP}",
        f"BBQ, row 3: 'context_condition' is 'half', and must be ambig or disambig {STEP}",
        f"BBQ, row 3: 'question_polarity' is 'positive', and must be neg or nonneg {STEP}",
        f"BBQ, row 4: 'answer_info' calls 0 answers unknown, and one must be {STEP}",
    ]


@pytest.mark.parametrize(("category", "count"), [("Age", 3680), ("Nationality", 3080), ("Religion", 1200)])
def test_published_files_are_read_whole_and_every_stereotype_is_known(
    test_data: Path, category: str, count: int
) -> None:
    path = test_data / "trust" / "bbq" / f"{category}.jsonl"
    if not path.is_file():
        pytest.skip(f"no published questions at {path}")
    rows = two_group_rows([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])
    assert len({row["id"] for row in rows}) == len(rows) == count
    assert all(sorted((row["stereotyped"], row["other"], row["unknown"])) == [0, 1, 2] for row in rows)
    right = Counter((row["context"], row["answer"] == row["unknown"]) for row in rows)
    assert right == {("ambiguous", True): count // 2, ("disambiguated", False): count // 2}
