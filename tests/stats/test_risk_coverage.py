"""The area under the risk-coverage curve: its value, ties, and what its interval allows for."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats.risk_coverage import area, risk_coverage_area
from qistas.stats.sampling import AllQuestions, NewQuestions

Column = list[float | None]


def new(n: int, each: int = 1) -> NewQuestions:
    return NewQuestions(tuple(str(place // each) for place in range(n)))


def answers(n: int, seed: int = 0) -> tuple[Column, Column]:
    """Confidences that tell right from wrong somewhat."""
    source = np.random.default_rng(seed)
    confidences = source.random(n)
    return list(confidences), list((source.random(n) < 0.5 + confidences / 2).astype(float))


def found(confidences: Column, correct: Column, sampling: object) -> Estimate:
    return risk_coverage_area(confidences, correct, sampling, confidence=0.95)  # type: ignore[arg-type]


def ends(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


def by_definition(wrong_by_confidence: tuple[float, ...]) -> float:
    risks = [sum(wrong_by_confidence[:k]) / k for k in range(1, len(wrong_by_confidence) + 1)]
    return sum(risks) / len(risks)


def test_it_is_the_mean_error_rate_among_the_most_confident() -> None:
    estimate = found([0.1, 0.9, 0.5, 0.7], [0.0, 1.0, 0.0, 1.0], new(4))
    assert estimate.value == pytest.approx(by_definition((0, 0, 1, 1)))
    assert estimate.method == "risk-coverage-influence; answers new questions"


@given(
    st.lists(
        st.tuples(st.sampled_from([0.2, 0.5, 0.8]), st.sampled_from([0.0, 0.5, 1.0])), min_size=1, max_size=5
    )
)
@settings(deadline=None, max_examples=30)
def test_equals_stand_in_any_order_and_the_value_is_the_mean_over_orders(
    pairs: list[tuple[float, float]],
) -> None:
    orders = [
        order
        for order in permutations(pairs)
        if [c for c, _ in order] == sorted((c for c, _ in order), reverse=True)
    ]
    expected = np.mean([by_definition(tuple(wrong for _, wrong in order)) for order in orders])
    assert area(*np.array(pairs).T) == pytest.approx(expected)


def test_it_lies_between_a_perfect_and_a_reversed_confidence() -> None:
    correct = np.array([1.0] * 80 + [0.0] * 20)
    best, worst = (area(np.linspace(*edge, 100), 1.0 - correct) for edge in ((1.0, 0.0), (0.0, 1.0)))
    assert best < 0.2 < worst
    assert area(np.full(100, 0.5), 1.0 - correct) == pytest.approx(0.2)


def test_half_of_a_population_leaves_less_room_than_new_questions() -> None:
    fresh = ends(found(*answers(400), new(400)))
    drawn = ends(found(*answers(400), AllQuestions(400, 800)))
    assert drawn[1] - drawn[0] < 0.85 * (fresh[1] - fresh[0])
    assert (drawn[1] - drawn[0]) / 2 <= 0.07


def test_all_of_a_population_is_simply_known() -> None:
    estimate = found(*answers(50), AllQuestions(50, 50))
    assert estimate.low == estimate.value == estimate.high
    assert estimate.method == "census; answers all 50 questions"


@pytest.mark.parametrize("sampling", [new(100), AllQuestions(100, 200)])
def test_no_error_at_all_is_not_certainty(sampling: object) -> None:
    """One that a sample missed may be the model's most confident answer."""
    low, high = ends(found(answers(100)[0], [1.0] * 100, sampling))
    assert low == 0.0
    assert high > 0.05


def test_clusters_that_are_alike_count_once() -> None:
    confidences, correct = answers(60)
    apart = ends(found(confidences, correct, new(60)))
    copied = found(
        [c for c in confidences for _ in range(5)], [c for c in correct for _ in range(5)], new(300, 5)
    )
    low, high = ends(copied)
    assert high - low > 0.6 * (apart[1] - apart[0])
    assert copied.clusters == 60


@pytest.mark.parametrize("sampling", [new(200), AllQuestions(200, 400), AllQuestions(200, 200)])
def test_an_unscored_unit_is_right_or_wrong_where_it_counts_most(sampling: object) -> None:
    confidences, correct = answers(200)
    whole, holed = (
        found(confidences, correct, sampling),
        found(confidences, [None] * 3 + correct[3:], sampling),
    )
    assert holed.unscored == 3
    low, high = ends(holed)
    assert low < ends(whole)[0]
    assert high > ends(whole)[1]


@pytest.mark.parametrize(
    ("correct", "reason"), [([], "no unit was drawn"), ([None, None], "every unit is unscored")]
)
def test_where_there_is_no_area_it_says_why(correct: Column, reason: str) -> None:
    n = len(correct)
    assert found([0.5] * n, correct, AllQuestions(n, 9)) == not_estimable(
        reason, method="risk-coverage-influence; answers all 9 questions", n=n, clusters=n, unscored=n
    )


def test_every_fault_is_said_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        found([1.5], [-1.0, 0.0], NewQuestions(("a", "b")))
    assert [fault.where for fault in caught.value.faults] == [
        "confidences[0]",
        "correct[0]",
        "correct",
        "clusters",
    ]
