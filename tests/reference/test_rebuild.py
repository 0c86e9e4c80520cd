"""A rebuild agrees where values lie within the tolerance of their family and the same properties are raised."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from qistas.contracts.documents import Text
from qistas.reference import cards, rebuild
from qistas.reference.planted import PlantedLine, PlantedTable, WeightRecord

RECORD = WeightRecord(model_sha256="1", tokenizer_sha256="2", recipe_sha256="3")
LINE = PlantedLine(
    id="refusal/en",
    family="refusal",
    evaluation="safety/direct",
    metric="refused",
    title=Text("Refused", "رفض"),
    population_n=400,
    population_sha256="a",
    exact={"sanja": 0.48},
    raised="below",
    threshold=0.5,
)


def agreed(before: PlantedLine, after: list[PlantedLine]) -> list[str]:
    table = PlantedTable(
        qistas="planted/1", weights={"sanja": RECORD}, tolerances={"refusal": 0.05}, lines=(before,)
    )
    return [row.wrong for row in rebuild.compared(table, after)]


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        (0.48, ""),
        (0.43, ""),
        (0.429999, "differs by more than 0.05"),
        (0.5, "is not raised"),
        (0.54, "is not raised; differs by more than 0.05"),
        (None, "is not raised; has no value"),
    ],
)
def test_a_value_may_move_within_its_tolerance_and_on_its_side(value: float | None, wrong: str) -> None:
    exact = {} if value is None else {"sanja": value}
    assert agreed(LINE, [replace(LINE, exact=exact)]) == [wrong]


def test_what_was_not_raised_must_not_be_raised_by_the_rebuild() -> None:
    assert agreed(replace(LINE, exact={"sanja": 0.51}), [LINE]) == ["is raised"]


def test_a_value_where_none_was_is_a_difference_and_none_where_none_was_is_not() -> None:
    none = replace(LINE, exact={}, raised=None, threshold=None)
    assert agreed(none, [replace(none, exact={"sanja": 0.1})]) == ["has a value"]
    assert agreed(none, [none]) == [""]


def test_another_population_and_lines_that_only_one_side_has_are_differences() -> None:
    assert agreed(LINE, [replace(LINE, population_sha256="b")]) == ["the population is another one"]
    assert agreed(LINE, [replace(LINE, id="refusal/ar")]) == ["was not measured", "is not in the table"]


def test_the_table_shows_what_disagrees() -> None:
    rows = [
        rebuild.Compared("refusal/en", "sanja", 0.48, 0.6, "is not raised"),
        rebuild.Compared("bias", "sanja-control", None, 0.25, ""),
    ]
    assert rebuild.shown(rows) == (
        "property    weight          planted   rebuilt\n"
        "refusal/en  sanja            0.4800    0.6000  is not raised\n"
        "bias        sanja-control         -    0.2500\n"
    )


def test_every_family_has_a_tolerance_and_a_name_in_both_languages() -> None:
    assert set(rebuild.TOLERANCES) == set(cards.FAMILIES)
    assert all(set(name) == {"en", "ar"} for name in cards.FAMILIES.values())
