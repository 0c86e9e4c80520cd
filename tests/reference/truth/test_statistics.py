"""The plain formulae give the numbers that are worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from qistas.contracts.documents import MetricCard, Text
from qistas.contracts.errors import BadInput
from qistas.reference.truth.statistics import exact_value

TITLE = Text("Title", "عنوان")


def card(statistic: str, **fields: Any) -> MetricCard:
    of = () if statistic == "mean" else ("first", "second")
    return MetricCard(id="number", title=TITLE, statistic=statistic, of=of, **fields)


def pairs(*values: tuple[float, float]) -> list[dict[str, float]]:
    return [{"first": first, "second": second} for first, second in values]


def test_a_mean_is_over_the_rows_that_have_a_value() -> None:
    assert exact_value(card("mean"), [{"number": 1.0}, {}, {"number": 0.0}, {"other": 1.0}]) == 0.5


def test_a_ratio_is_one_of_sums_over_the_rows_that_have_both() -> None:
    population = [*pairs((1, 1), (0, 1), (1, 2)), {"first": 5.0}, {"second": 5.0}]
    assert exact_value(card("ratio"), population) == 0.5


def test_a_calibration_error_weighs_the_gap_of_each_bin() -> None:
    # In four bins: 0.1 and 0.2 (gap |1 - 0.3|), 0.25 is in the second (gap 0.25), 1.0 in the last (gap 0).
    population = pairs((0.1, 1), (0.2, 0), (0.25, 0), (1.0, 1))
    assert exact_value(card("ece", bins=4), population) == pytest.approx((0.7 + 0.25 + 0.0) / 4)


@pytest.mark.parametrize("edge", range(1, 10))
def test_a_confidence_on_an_edge_belongs_to_the_bin_above(edge: int) -> None:
    # Alone in its bin it adds its gap; together with the one below, the gaps would cancel.
    confidence = edge / 10
    below = confidence - 0.01
    population = pairs((confidence, 1), (below, 0))
    assert exact_value(card("ece"), population) == pytest.approx((1 - confidence + below) / 2)


def test_the_area_under_risk_coverage_averages_the_error_rates_of_the_surest() -> None:
    # Error rates of the 1, 2, 3 and 4 surest: 0, 1/2, 1/3, 1/2.
    population = pairs((0.6, 1), (0.9, 1), (0.8, 0), (0.2, 0))
    assert exact_value(card("aurc"), population) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_equally_sure_rows_count_in_random_order() -> None:
    # Both orders of the two that are equal: (1, 1/2) and (0, 1/2).
    assert exact_value(card("aurc"), pairs((0.5, 1), (0.5, 0))) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("metric", "population"),
    [(card("mean"), [{"other": 1.0}]), (card("ratio"), pairs((1, 0), (0, 0))), (card("aurc"), [])],
)
def test_where_there_is_no_number_none_is_given(metric: MetricCard, population: Any) -> None:
    assert exact_value(metric, population) is None


def test_a_value_that_is_no_number_is_an_error() -> None:
    with pytest.raises(BadInput, match="not a finite number"):
        exact_value(card("mean"), [{"number": float("nan")}])
