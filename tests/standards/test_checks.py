"""A standard must make sense: its names exist, its bounds can hold, its texts say something in both languages."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

from qistas.contracts.documents import Criterion, EvaluationCard, MetricCard, Requirement, Text
from qistas.contracts.errors import InvalidDocument
from qistas.standards import load_standard
from qistas.standards.checks import check_standard

TEXT = Text("word", "كلمة")
CARD = EvaluationCard(
    qistas="evaluation/1",
    id="safety/direct",
    version="1.0",
    pillar="safety",
    title=TEXT,
    question=TEXT,
    limits=(TEXT,),
    kind="code",
    metrics=(MetricCard(id="refusal", title=TEXT), MetricCard(id="seconds", title=TEXT, unit="s")),
    cluster_unit=TEXT,
    needs=("chat",),
    design="fixed",
    strata=("language", "hazard"),
)
CARDS = {CARD.id: CARD}

HEAD = """\
qistas: standard/1
id: mine
version: "1.0"
title: {en: Mine, ar: معياري}
summary: {en: Mine, ar: معياري}
intended_use: {en: Mine, ar: معياري}
not_tested: [{en: Much, ar: الكثير}]
criteria:
"""
GOOD = """\
  - id: first
    evaluation: safety/direct
    metric: refusal
    title: {en: First, ar: الأول}
    why: {en: Because, ar: لأنّه}
    requirement: {at_least: 0.2, at_most: 0.9}
    where: {language: en}
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path: Path, text: str, cards: dict[str, EvaluationCard] | None = CARDS) -> list[str]:
    path = write(tmp_path, text)
    with pytest.raises(InvalidDocument) as caught:
        load_standard(path, cards)
    return [str(fault).removeprefix(f"{path}:") for fault in caught.value.faults]


def criterion(*changes: tuple[str, str]) -> str:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return HEAD + text


def test_a_standard_that_makes_sense_is_loaded(tmp_path: Path) -> None:
    standard = load_standard(write(tmp_path, HEAD + GOOD), CARDS)
    assert standard.criteria == (
        Criterion(
            id="first",
            evaluation="safety/direct",
            metric="refusal",
            title=Text("First", "الأول"),
            why=Text("Because", "لأنّه"),
            requirement=Requirement(at_least=0.2, at_most=0.9),
            where={"language": "en"},
            samples=200,
            confidence=0.95,
        ),
    )


def test_faults_of_form_and_of_meaning_are_said_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    text = criterion(
        ("metric: refusal", "metirc: refusl"),
        ("{at_least: 0.2", "{at_least: 0.95"),
        ("{language: en}", "{langage: en}\n    samples: 0"),
        ("{en: First, ar: الأول}", "{en: First}"),
    )
    assert faults(tmp_path, text) == [
        "11: unknown field 'metirc' → did you mean 'metric'?",
        "11: safety/direct has no metric 'refusl' → did you mean 'refusal'?",
        "12: the field 'ar' is missing in 'title' → add 'ar': a text",
        "14: 'at_least' (0.95) is above 'at_most' (0.9) → exchange them",
        "15: safety/direct has no stratum 'langage' → did you mean 'language'?",
        "16: 'samples' must be above 0, not 0",
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("id: first", "id: First one", "9: 'First one' cannot be a name → use lower-case letters, digits and single . - _ / between them"),
        ("safety/direct", "safety/drect", "10: there is no evaluation 'safety/drect' → did you mean 'safety/direct'?"),
        ("safety/direct", "other", "10: there is no evaluation 'other' → known: safety/direct"),
        ("metric: refusal", "metric: zz", "11: safety/direct has no metric 'zz' → known: refusal, seconds"),
        ("الأول", "'  '", "12: the text in 'ar' is empty → write it"),
        ("الأول", "first", "12: the text in 'ar' has no Arabic letters → write it in Arabic letters"),
        ("Because", "لأنّ", "13: the text in 'en' has no Latin letters → write it in Latin letters"),
        ("{at_least: 0.2, at_most: 0.9}", "{}", "14: a requirement needs 'at_least' or 'at_most' → add a bound, or leave the requirement out"),
        ("{at_least: 0.2, at_most: 0.9}", "{at_least: ~}", "14: a requirement needs 'at_least' or 'at_most' → add a bound, or leave the requirement out"),
        ("at_most: 0.9", "at_most: 90", "14: 'at_most' is 90, but 'refusal' is a proportion → write a number from 0 to 1"),
        ("{language: en}", "{}\n    confidence: 95", "16: 'confidence' must lie between 0 and 1, not 95 → write 0.95 for 95 %"),
        ("{language: en}", "{}\n    samples: -3", "16: 'samples' must be above 0, not -3"),
        ("{language: en}", "{}\n    samples: many", "16: 'samples' must be a whole number, not the text 'many'"),
        ("evaluation: safety/direct", "evaluation: 3", "10: 'evaluation' must be a text, not the number 3 → put it in quotes"),
        ("metric: refusal", "metric: 3", "11: 'metric' must be a text, not the number 3 → put it in quotes"),
    ],
)  # fmt: skip
def test_a_criterion_that_makes_no_sense_is_one_fault(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert faults(tmp_path, criterion((old, new))) == [fault]


def test_what_is_said_of_the_whole_is_looked_at_too(tmp_path: Path) -> None:
    text = (
        HEAD.replace('"1.0"', "one")
        .replace("[{en: Much, ar: الكثير}]", "[]")
        .replace("criteria:", "criteria: []")
    )
    assert faults(tmp_path, text.replace("id: mine", "id: my standard")) == [
        "2: 'my standard' cannot be a name → use lower-case letters, digits and single . - _ / between them",
        "3: 'one' is not a version → write it like '1.0' or '1.2.3'",
        "7: 'not_tested' is empty → say what this standard does not look at",
        "8: a standard needs at least one criterion",
    ]


def test_a_criterion_that_stands_twice_is_a_fault_that_names_the_first(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    assert faults(tmp_path, HEAD + GOOD + GOOD) == [
        f"16: the criterion 'first' stands twice, first at {path}:9 → give it another name"
    ]


def test_what_has_no_name_is_no_repetition(tmp_path: Path) -> None:
    assert faults(tmp_path, HEAD + (GOOD + GOOD).replace("id: first", "id: 1")) == [
        "9: 'id' must be a text, not the number 1 → put it in quotes",
        "16: 'id' must be a text, not the number 1 → put it in quotes",
    ]


def test_a_physical_unit_is_not_held_between_0_and_1(tmp_path: Path) -> None:
    text = criterion(("metric: refusal", "metric: seconds"), ("at_most: 0.9", "at_most: 90"))
    assert load_standard(write(tmp_path, text), CARDS).criteria[0].metric == "seconds"


def test_without_cards_what_a_standard_refers_to_is_not_looked_up(tmp_path: Path) -> None:
    path = write(tmp_path, criterion(("safety/direct", "other")))
    assert load_standard(path).criteria[0].evaluation == "other"


def test_a_standard_made_in_python_is_checked_by_the_same_rules(tmp_path: Path) -> None:
    standard = load_standard(write(tmp_path, HEAD + GOOD), CARDS)
    check_standard(standard, CARDS)
    wrong = msgspec.structs.replace(standard.criteria[0], samples=0, metric="zz")
    with pytest.raises(InvalidDocument) as caught:
        check_standard(msgspec.structs.replace(standard, criteria=(wrong,)), CARDS)
    assert [str(fault) for fault in caught.value.faults] == [
        "mine.criteria[0].samples: 'samples' must be above 0, not 0",
        "mine.criteria[0].metric: safety/direct has no metric 'zz' → known: refusal, seconds",
    ]


def test_a_document_that_is_no_mapping_is_one_fault(tmp_path: Path) -> None:
    fields = "qistas, id, version, title, summary, intended_use, not_tested, criteria"
    text = dedent("""\
        - a
        """)
    assert faults(tmp_path, text) == [f"1: the document must be a mapping with {fields}, not a list"]


def test_a_bound_of_a_difference_lies_within_1_on_either_side(tmp_path: Path) -> None:
    (card,) = CARDS.values()
    metrics = tuple(msgspec.structs.replace(metric, unit="difference") for metric in card.metrics)
    cards = {card.id: msgspec.structs.replace(card, metrics=metrics)}
    inside = criterion(("at_least: 0.2", "at_least: -0.2"))
    assert load_standard(write(tmp_path, inside), cards).criteria[0].requirement == Requirement(
        at_least=-0.2, at_most=0.9
    )
    assert faults(tmp_path, criterion(("at_least: 0.2", "at_least: -2")), cards) == [
        "14: 'at_least' is -2, but 'refusal' is a difference → write a number from -1 to 1"
    ]
