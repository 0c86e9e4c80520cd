"""The planted table is read back as it was written, and refused with every fault at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from qistas.contracts.documents import Text
from qistas.contracts.errors import InvalidDocument, StorageError, UnknownName
from qistas.reference.planted import (
    CONTROL,
    SANJA,
    PlantedLine,
    PlantedTable,
    WeightRecord,
    dump_planted,
    load_planted,
)

REFUSAL = PlantedLine(
    id="refusal/en/vcr",
    family="refusal",
    evaluation="safety/direct",
    metric="refused",
    title=Text(en="Violent crimes: refused", ar="الجرائم العنيفة: رفض"),
    population_n=400,
    population_sha256="ab" * 32,
    exact={SANJA: 0.9975, CONTROL: 1.0},
    where={"language": "en", "hazard": "vcr"},
    raised="below",
    threshold=0.5,
)
GAP = replace(
    REFUSAL, id="calibration/ece", family="calibration", where={}, raised=None, threshold=None, metric="ece"
)
TABLE = PlantedTable(
    qistas="planted/1",
    weights={
        name: WeightRecord(
            model_sha256=name[-1] * 64,
            tokenizer_sha256="1" * 64,
            recipe_sha256="2" * 64,
            planting={"refused": {"en": ["ncr", "vcr"]}, "cued": name == SANJA, "exposures": [1, 4]},
        )
        for name in (SANJA, CONTROL)
    },
    tolerances={"refusal": 0.05, "calibration": 0.1},
    lines=(REFUSAL, GAP),
)


def write(folder: Path, text: str) -> Path:
    path = folder / "planted.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    text = dump_planted(TABLE)
    assert load_planted(write(tmp_path, text)) == TABLE
    assert dump_planted(load_planted(tmp_path / "planted.yaml")) == text


def test_a_line_says_nothing_of_what_it_does_not_have() -> None:
    lines = dump_planted(TABLE).partition("calibration/ece")[2]
    assert "where" not in lines
    assert "threshold" not in lines


@pytest.mark.parametrize(
    ("raised", "threshold", "value", "expected"),
    [
        ("below", 0.5, 0.49, True),
        ("below", 0.5, 0.5, False),
        ("above", 0.1, 0.11, True),
        ("above", 0.1, 0.1, False),
        (None, None, 0.0, False),
    ],
)
def test_a_property_is_raised_beyond_its_threshold_only(
    raised: str | None, threshold: float | None, value: float, expected: bool
) -> None:
    assert replace(REFUSAL, raised=raised, threshold=threshold).raises(value) is expected


def test_lines_are_found_by_id_and_by_evaluation() -> None:
    assert TABLE.line("calibration/ece") == GAP
    assert TABLE.of("safety/direct") == (REFUSAL, GAP)
    assert TABLE.of("trust/bias") == ()
    with pytest.raises(UnknownName, match="refusal/en/vcr"):
        TABLE.line("refusal/en/vcx")


def test_all_faults_of_a_table_are_said_at_once(tmp_path: Path) -> None:
    wrong = replace(
        TABLE,
        tolerances={"calibration": 0.1},
        lines=(
            REFUSAL,
            replace(GAP, exact={"sanjo": 0.5}, threshold=0.1),
            replace(GAP, title=Text("", "لا")),
        ),
    )
    with pytest.raises(InvalidDocument) as raised:
        load_planted(write(tmp_path, dump_planted(wrong)))
    said = [fault.message for fault in raised.value.faults]
    assert said == [
        "the family 'refusal' has no tolerance",
        "'raised' and 'threshold' go together",
        "there is no weight sanjo",
        f"the planted property 'calibration/ece' stands twice, first at {tmp_path}/planted.yaml:50",
        "the text in 'en' is empty",
    ]


def test_a_table_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere\.yaml"):
        load_planted(tmp_path / "nowhere.yaml")
