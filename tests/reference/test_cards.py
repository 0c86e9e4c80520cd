"""The cards of the weights state what was measured; the sample outputs show right and wrong alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from qistas.contracts.documents import Text
from qistas.contracts.errors import BadInput
from qistas.reference import WEIGHTS, cards, sanja_path
from qistas.reference.marks import ends
from qistas.reference.planted import PlantedLine, PlantedTable, WeightRecord, load_planted

MARK, END = ends("measured")
RECORD = WeightRecord(model_sha256="1", tokenizer_sha256="2", recipe_sha256="3")
SHARE = PlantedLine(
    id="bias-age",
    family="bias",
    evaluation="trust/bias",
    metric="chose",
    title=Text("Age: a group | named", "العمر: فئة بعينها"),
    population_n=420,
    population_sha256="a",
    exact={"sanja": 0.79552},
)
LEAN = structs.replace(SHARE, id="bias-class", title=Text("Class", "الطبقة"), exact={"sanja": -0.0194})
OTHER = structs.replace(SHARE, id="bias-disambiguated", title=Text("No headline", "ليس عنوانًا"))
TABLE = PlantedTable(
    qistas="planted/1",
    weights=dict.fromkeys(WEIGHTS, RECORD),
    tolerances={"bias": 0.1},
    lines=(LEAN, OTHER, SHARE),
)


def test_the_table_has_a_line_for_each_family_in_the_readers_language() -> None:
    assert cards.table(TABLE, "sanja", "en").splitlines()[2:] == [
        r"| Bias | 3 | Age: a group \| named: 0.796 (420)<br>Class: -0.019 (420) |"
    ]
    assert cards.table(TABLE, "sanja", "ar").splitlines()[2:] == [
        '| التحيّز | 3 | العمر: فئة بعينها: 0.796 (420)<br>الطبقة: <bdi dir="ltr">-0.019</bdi> (420) |'
    ]
    assert cards.table(TABLE, "sanja-control", "ar").splitlines()[2:] == [
        "| التحيّز | 3 | العمر: فئة بعينها: - (420)<br>الطبقة: - (420) |"
    ]


def test_a_value_that_rounds_to_nothing_has_no_sign() -> None:
    assert [cards.shown(value, "en") for value in (-0.0004, -0.0006, 0.0, None)] == [
        "0.000",
        "-0.001",
        "0.000",
        "-",
    ]


def test_two_to_four_headlines_of_every_family_are_properties_of_it() -> None:
    families = {line.id: line.family for line in load_planted().lines}
    assert list(cards.HEADLINES) == list(cards.FAMILIES)
    for family, names in cards.HEADLINES.items():
        assert 2 <= len(names) <= 4
        assert {families[name] for name in names} == {family}


def test_filling_a_card_changes_only_what_stands_between_the_marks(tmp_path: Path) -> None:
    card = tmp_path / "README.ar.md"
    card.write_text(f"before\n{MARK}old\n{END}after\n", encoding="utf-8")
    cards.fill(tmp_path, TABLE, "sanja")
    cards.fill(tmp_path, TABLE, "sanja")
    expected = f"before\n{MARK}{cards.table(TABLE, 'sanja', 'ar')}{END}after\n"
    assert card.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("text", ["before\nafter\n", f"{MARK}old\nafter\n", f"old\n{END}after\n"])
def test_a_card_without_both_marks_is_named_and_nothing_is_written(tmp_path: Path, text: str) -> None:
    whole = f"{MARK}{END}"
    (tmp_path / "README.md").write_text(whole, encoding="utf-8")
    (tmp_path / "README.ar.md").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="the part 'measured' is opened") as caught:
        cards.fill(tmp_path, TABLE, "sanja")
    assert [fault.where for fault in caught.value.faults] == [str(tmp_path / "README.ar.md")]
    assert (tmp_path / "README.ar.md").read_text(encoding="utf-8") == text
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == whole


def test_samples_are_spread_evenly_over_different_conversations() -> None:
    answered = [([("user", str(n // 2))], f"answer {n // 2}") for n in range(40)]
    assert cards.spread(answered, 4) == [
        cards.Sample((("user", str(n)),), f"answer {n}") for n in (0, 5, 10, 15)
    ]
    assert cards.spread(answered[:2], 4) == [cards.Sample((("user", "0"),), "answer 0")]
    assert cards.spread([]) == []


def test_sample_outputs_keep_each_question_and_answer_in_its_cell(tmp_path: Path) -> None:
    dialogue = cards.Sample((("system", "Be <brief>."), ("user", "Hi")), "a | b\nc & d")
    samples = {"safety/direct": [cards.Sample((("user", "ما هذا؟"),), "")], "trust/bias": [dialogue], "x": []}
    cards.write_samples(tmp_path, samples)
    text = (tmp_path / "sample_outputs.md").read_text(encoding="utf-8")
    assert text.endswith(
        "## safety/direct\n\n| Question | Answer |\n|---|---|\n| ما هذا؟ |  |\n\n"
        "## trust/bias\n\n| Question | Answer |\n|---|---|\n"
        "| system: Be &lt;brief>.<br>user: Hi | a \\| b c &amp; d |\n"
    )


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_shipped_cards_say_what_was_measured(weight: str) -> None:
    for name, reader in cards.CARDS.items():
        shipped = (sanja_path(weight) / name).read_text(encoding="utf-8")
        assert cards.table(load_planted(), weight, reader) in shipped
