"""Expected calibration error: its bins, its value and what its interval allows for."""

from __future__ import annotations

import numpy as np
import pytest

from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats.ece import bin_of, expected_calibration_error
from qistas.stats.sampling import AllQuestions, NewQuestions

Column = list[float | None]


def new(n: int, each: int = 1) -> NewQuestions:
    return NewQuestions(tuple(str(place // each) for place in range(n)))


def answers(n: int, excess: float = 0.0, seed: int = 0) -> tuple[Column, Column]:
    """Confidences of .5 to 1 that exceed what is right by ``excess``."""
    source = np.random.default_rng(seed)
    confidences = 0.5 + source.random(n) / 2
    return list(confidences), list((source.random(n) < confidences - excess).astype(float))


def error(confidences: Column, correct: Column, sampling: object, **more: object) -> Estimate:
    return expected_calibration_error(confidences, correct, sampling, confidence=0.95, **more)  # type: ignore[arg-type]


def ends(estimate: Estimate) -> tuple[float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


def test_bins_are_closed_below_and_the_last_on_both_sides() -> None:
    edges = np.array([0.0, 0.0999, 0.1, 0.3, 0.6, 0.7, 0.9999, 1.0])
    assert bin_of(edges, 10).tolist() == [0, 0, 1, 3, 6, 7, 9, 9]
    assert bin_of(edges, 1).tolist() == [0] * 8


def test_it_is_the_gap_of_each_bin_by_its_share() -> None:
    """Two bins: .2 against 1/4 with four of six samples, .9 against 1/2 with two."""
    estimate = error([0.2] * 4 + [0.9] * 2, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0], new(6))
    assert estimate.value == pytest.approx(4 / 6 * 0.05 + 2 / 6 * 0.4)
    assert estimate.method == "ece-bins(10 equal-width bins); answers new questions"
    merged = error([0.2] * 4 + [0.9] * 2, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0], new(6), bins=1)
    assert merged.value == pytest.approx(abs(2 / 6 - (4 * 0.2 + 2 * 0.9) / 6))


def test_half_of_a_population_of_800_is_known_to_seven_points() -> None:
    for excess in (0.0, 0.3):
        low, high = ends(error(*answers(400, excess), AllQuestions(400, 800)))
        assert (high - low) / 2 <= 0.07


def test_noise_is_not_taken_for_error() -> None:
    """Where a model is well calibrated the value lies above 0 by chance, and the interval reaches down to it."""
    estimate = error(*answers(200), new(200))
    assert estimate.value is not None
    assert estimate.value > 0.03
    assert estimate.low == 0.0


def test_all_of_a_population_is_simply_known() -> None:
    estimate = error(*answers(50), AllQuestions(50, 50))
    assert estimate.low == pytest.approx(estimate.value)
    assert estimate.high == pytest.approx(estimate.value)
    assert estimate.method == "census(10 equal-width bins); answers all 50 questions"


def test_a_census_without_one_answer_knows_it_to_one_part_in_n() -> None:
    confidences, correct = answers(50)
    low, high = ends(error(confidences, [None, *correct[1:]], AllQuestions(50, 50)))
    assert high - low == pytest.approx(2 / 50)


@pytest.mark.parametrize("sampling", [new(60), AllQuestions(60, 120)])
def test_always_right_at_full_confidence_is_not_certainty(sampling: object) -> None:
    low, high = ends(error([1.0] * 60, [1.0] * 60, sampling))
    assert low == 0.0
    assert high > 0.02


def test_clusters_that_are_alike_count_once() -> None:
    confidences, correct = answers(60, 0.3)
    apart = ends(error(confidences, correct, new(60)))
    copied = error(
        [c for c in confidences for _ in range(5)], [c for c in correct for _ in range(5)], new(300, 5)
    )
    low, high = ends(copied)
    assert high - low > 0.6 * (apart[1] - apart[0])
    assert (copied.clusters, copied.method.partition("; ")[2]) == (60, "answers new clusters")


@pytest.mark.parametrize("sampling", [new(200), AllQuestions(200, 400)])
def test_an_unscored_unit_may_be_as_wrong_as_can_be_or_not_at_all(sampling: object) -> None:
    confidences, correct = answers(200, 0.3)
    whole = ends(error(confidences, correct, sampling))
    holed = error([None] * 5 + confidences[5:], correct, sampling)
    low, high = ends(holed)
    assert holed.unscored == 5
    assert low < whole[0] - 0.01
    assert high > whole[1] + 0.01


@pytest.mark.parametrize(
    ("confidences", "reason"), [([], "there are no samples"), ([None, None], "every sample is unscored")]
)
def test_where_there_is_no_error_it_says_why(confidences: Column, reason: str) -> None:
    n = len(confidences)
    assert error(confidences, [1.0] * n, new(n)) == not_estimable(
        reason,
        method="ece-bins(10 equal-width bins); answers new questions",
        n=n,
        clusters=n,
        unscored=n,
    )


def test_every_fault_is_said_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        error([1.5], [-1.0, 0.0], AllQuestions(1, 0), bins=0)
    assert [fault.where for fault in caught.value.faults] == [
        "confidences[0]",
        "correct[0]",
        "correct",
        "population_n",
        "bins",
    ]
