"""An evaluation card must make sense before anybody is asked anything."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qistas.contracts.errors import InvalidDocument
from qistas.evaluations.cards import load_card
from qistas.standards.card_checks import check_card

CHAT = """\
qistas: evaluation/1
id: safety/mine
version: "1.0"
pillar: safety
title: {en: Mine, ar: لي}
question: {en: What?, ar: ماذا؟}
limits: [{en: Small, ar: صغير}]
kind: chat
metrics: [{id: good, title: {en: Good, ar: جيّد}, labels: {yes: 1, no: 0}}]
cluster_unit: {en: request, ar: طلب}
needs: [chat]
design: fixed
data: {id: mine, file: mine.jsonl, licence: CC0-1.0, sha256: "SHA"}
prompt: {any: "{request}"}
judge: rule/refusal
decoding: {max_tokens: 8}
strata: [language]
parameters: {hidden_by_cut: [no]}
""".replace("SHA", "0a" * 32)
CHOICE = CHAT.replace("kind: chat", "kind: choice").replace(", labels: {yes: 1, no: 0}", "")
CHOICE = CHOICE.replace("[chat]", "[score]").replace("judge: rule/refusal\n", "\n")
CHOICE = CHOICE.replace(
    "hidden_by_cut: [no]", "options: options, metrics: {good: {rule: best, option: answer}}"
)


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path: Path, text: str) -> list[str]:
    path = write(tmp_path, text)
    with pytest.raises(InvalidDocument) as caught:
        load_card(path)
    return [str(fault).replace(f"{path}:", "") for fault in caught.value.faults]


NAME = "use lower-case letters, digits and single . - _ / between them"


@pytest.mark.parametrize("text", [CHAT, CHOICE])
def test_a_card_that_makes_sense_is_loaded_and_can_be_checked_again(tmp_path: Path, text: str) -> None:
    card = load_card(write(tmp_path, text))
    assert card.id == "safety/mine"
    check_card(card)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("safety/mine", "safety/Mine", f"2: 'safety/Mine' cannot be a name → {NAME}"),
        ("safety/mine", "trust/mine", "2: the id 'trust/mine' does not begin with its pillar → write safety/…"),
        ("pillar: safety", "pillar: saftey", "4: 'pillar' cannot be 'saftey' → did you mean 'safety'?"),
        ('"1.0"', '"v1"', "3: 'v1' is not a version → write it like '1.0' or '1.2.3'"),
        ("ماذا؟", "what", "6: the text in 'ar' has no Arabic letters → write it in Arabic letters"),
        ("[{en: Small, ar: صغير}]", "[]", "7: 'limits' is empty → say what this evaluation cannot show"),
        ("id: good", "id: Good", f"9: 'Good' cannot be a name → {NAME}"),
        ("yes: 1", "yes: 2", "9: the label 'yes' is worth 2, but the unit is a proportion"),
        (", labels: {yes: 1, no: 0}}]", "}]\n", "9: the metric 'good' has no 'labels' → map each label of the judge to a value"),
        ("[chat]", "[score]", "11: kind 'chat' needs the capability 'chat' → add 'chat'"),
        ("[chat]", "[chat, chat]", "11: the need 'chat' stands twice, first at 11 → give it another name"),
        ("0a0a", "0A0a", "13: 'sha256' is not 64 hexadecimal digits → run: sha256sum mine.jsonl"),
        ("mine.jsonl", "../mine.jsonl", "13: '../mine.jsonl' is not a file name → name a .jsonl or .csv file, without folders"),
        ("CC0-1.0", "' '", "13: 'licence' is empty → name the licence of the data"),
        ("{request}", "{request.text}", "14: the brace at '{request.text}' does not hold a column's name; write it twice for a plain brace"),
        ('"{request}"', "''", "14: the template in 'any' is empty"),
        ('any: "{request}"', "fr: x", "14: 'fr' is no language of a template → use 'en' and 'ar', or 'any'"),
        ('any: "{request}"', "any: 3", "14: 'any' must be a text, not the number 3 → put it in quotes"),
        ('any: "{request}"', "", "14: the prompt is empty → add a template for 'en' and 'ar', or for 'any'"),
        ('prompt: {any: "{request}"}', "", "1: kind 'chat' needs 'prompt' → add 'prompt'"),
        ("judge: rule/refusal", "", "1: kind 'chat' needs 'judge' → name a judge, for example rule/refusal"),
        ("judge:", "jugde:", "15: unknown field 'jugde' → did you mean 'judge'?"),
        ("max_tokens: 8", "max_tokens: 0", "16: 'max_tokens' must be above 0, not 0"),
        ("max_tokens: 8", "temperature: -1", "16: 'temperature' must not be below 0, not -1"),
        ("max_tokens: 8", "top_p: 1.5", "16: 'top_p' must be above 0 and at most 1, not 1.5"),
        ("[language]", "[language, language]", "17: the stratum 'language' stands twice, first at 17 → give it another name"),
        ("[no]", "[maybe]", "18: no metric knows the label 'maybe' → known: no, yes"),
        ("hidden_by_cut", "hidden_by_cuts", "18: unknown field 'hidden_by_cuts' → did you mean 'hidden_by_cut'?"),
        ("{hidden_by_cut: [no]}", "[]", "18: 'parameters' must be a mapping, not a list"),
    ],
)  # fmt: skip
def test_a_chat_card_that_makes_no_sense_is_one_fault(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in CHAT
    found = faults(tmp_path, CHAT.replace(old, new))
    # A metric without labels also leaves the label that a cut hides without a meaning.
    assert [line for line in found if "no metric knows the label 'no'" not in line] == [fault]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[score]", "[chat]", "11: kind 'choice' needs the capability 'score' → add 'score'"),
        ("rule: best", "rule: beast", "18: 'rule' cannot be 'beast' → did you mean 'best'?"),
        (", option: answer", "", "18: the rule 'best' names 'option', and nothing else → correct the columns"),
        ("option: answer", "option: a, over: b", "18: the rule 'best' names 'option', and nothing else → correct the columns"),
        ("rule: best", "rule: prefers", "18: the rule 'prefers' names 'option' and 'over', and nothing else → correct the columns"),
        ("rule: best", "rule: near_tie", "18: the rule 'near_tie' names 'option' and 'over', and nothing else → correct the columns"),
        ("options: options, ", "", "18: the field 'options' is missing in 'parameters' → add 'options': a text or a list"),
    ],
)  # fmt: skip
def test_a_choice_card_that_makes_no_sense_is_one_fault(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    assert old in CHOICE
    assert faults(tmp_path, CHOICE.replace(old, new)) == [fault]


def test_a_choice_card_needs_parameters(tmp_path: Path) -> None:
    text = CHOICE[: CHOICE.index("parameters:")]
    assert faults(tmp_path, text) == [
        "1: kind 'choice' needs 'parameters' → add 'parameters' with 'options' and 'metrics'"
    ]


def test_rules_and_metrics_must_match(tmp_path: Path) -> None:
    text = CHOICE.replace("{good: {rule", "{better: {rule")
    assert faults(tmp_path, text) == [
        "9: the metric 'good' has no rule → add it under 'parameters', 'metrics'",
        "18: there is no metric 'better' that this rule could give → add it to 'metrics'",
    ]


def test_all_metrics_of_a_judge_name_the_same_labels(tmp_path: Path) -> None:
    """Otherwise one answer would be scored and unscored at once."""
    second = "{id: good, title: {en: Good, ar: جيّد}, labels: {yes: 1}}"
    assert faults(tmp_path, CHAT.replace("no: 0}}]", "no: 0}}, " + second + "]")) == [
        "9: the metric 'good' stands twice, first at 9 → give it another name",
        "9: all metrics must name the same labels; the first names no, yes",
    ]


def test_an_evaluation_needs_a_metric(tmp_path: Path) -> None:
    start, end = CHAT.index("metrics: ["), CHAT.index("cluster_unit")
    text = CHAT[:start] + "metrics: []\n" + CHAT[end : CHAT.index("parameters:")]
    assert faults(tmp_path, text) == ["9: an evaluation needs at least one metric"]


def test_code_needs_neither_prompt_nor_data_nor_judge(tmp_path: Path) -> None:
    text = CHAT.replace("kind: chat", "kind: code")
    text = text[: text.index("data:")]
    assert load_card(write(tmp_path, text)).kind == "code"


def test_a_card_made_in_python_is_checked_by_the_same_rules(tmp_path: Path) -> None:
    card = load_card(write(tmp_path, CHAT))
    with pytest.raises(InvalidDocument) as caught:
        check_card(msgspec.structs.replace(card, judge=None, version="one"))
    assert [str(fault) for fault in caught.value.faults] == [
        "safety/mine.version: 'one' is not a version → write it like '1.0' or '1.2.3'",
        "safety/mine: kind 'chat' needs 'judge' → name a judge, for example rule/refusal",
    ]
