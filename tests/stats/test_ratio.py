"""Ratios of sums: what their interval holds, and when there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats.ratio import ratio_of_sums
from qistas.stats.sampling import AllQuestions, NewQuestions

DIFFERENCE = (-1.0, 1.0)


def new(n: int, each: int = 1) -> NewQuestions:
    return NewQuestions(tuple(str(place // each) for place in range(n)))


def drops(n: int, kept: float = 0.6, seed: int = 0) -> tuple[list[float | None], list[float | None]]:
    """How far each of ``n`` answers dropped, and whether it was right before."""
    source = np.random.default_rng(seed)
    clean = (source.random(n) < 0.8).astype(float)
    after = clean * (source.random(n) < kept)
    return list(clean - after), list(clean)


def ratio(
    tops: list[float | None], bottoms: list[float | None], sampling: object, **more: object
) -> Estimate:
    return ratio_of_sums(tops, bottoms, sampling, confidence=0.95, numerator_bounds=DIFFERENCE, **more)  # type: ignore[arg-type]


def test_it_is_the_sum_over_the_sum_and_not_the_mean_of_ratios() -> None:
    estimate = ratio([1.0, 0.0, 0.5, 0.0] * 5, [1.0, 1.0, 0.5, 0.0] * 5, new(20))
    assert (estimate.value, estimate.n, estimate.unscored) == (pytest.approx(1.5 / 2.5), 20, 0)
    assert estimate.method == "ratio-inversion; answers new questions"
    assert estimate.low is not None and estimate.high is not None  # noqa: PT018
    assert estimate.low < 0.6 < estimate.high


def test_with_a_denominator_of_one_throughout_it_is_a_mean() -> None:
    """The mean of differences, by the limits of bounded values."""
    tops, _ = drops(200)
    estimate = ratio(tops, [1.0] * 200, new(200))
    assert estimate.value == pytest.approx(float(np.mean([v or 0.0 for v in tops])))
    low, high = new(200).limits(np.array(tops, dtype=float), -1.0, 1.0, 0.95)
    assert (estimate.low, estimate.high) == (pytest.approx(low, abs=0.01), pytest.approx(high, abs=0.01))


def test_half_of_a_population_leaves_less_room_than_new_questions() -> None:
    tops, bottoms = drops(400)
    fresh, drawn = ratio(tops, bottoms, new(400)), ratio(tops, bottoms, AllQuestions(400, 800))
    assert drawn.high - drawn.low < 0.75 * (fresh.high - fresh.low)  # type: ignore[operator]
    assert (drawn.high - drawn.low) / 2 < 0.07  # type: ignore[operator]
    assert drawn.method == "ratio-inversion; answers all 800 questions"


def test_all_of_a_population_is_simply_known() -> None:
    tops, bottoms = drops(50)
    estimate = ratio(tops, bottoms, AllQuestions(50, 50))
    assert estimate.low == estimate.value == estimate.high
    assert estimate.method == "census; answers all 50 questions"


def test_clusters_that_are_alike_count_once() -> None:
    tops, bottoms = drops(40)
    apart = ratio(tops, bottoms, new(40))
    copied = ratio(
        [v for v in tops for _ in range(10)], [v for v in bottoms for _ in range(10)], new(400, 10)
    )
    assert copied.value == pytest.approx(apart.value)
    assert (copied.high - copied.low) > 0.8 * (apart.high - apart.low)  # type: ignore[operator]
    assert (copied.clusters, copied.method) == (40, "ratio-inversion; answers new clusters")


@pytest.mark.parametrize("sampling", [new(100), AllQuestions(100, 200)])
def test_nothing_but_zeros_above_is_not_certainty(sampling: object) -> None:
    estimate = ratio([0.0] * 100, [1.0] * 100, sampling)
    assert estimate.low is not None and estimate.high is not None  # noqa: PT018
    assert estimate.low < -0.01
    assert estimate.high > 0.01


@pytest.mark.parametrize("population_n", [None, 400, 200])
def test_an_unscored_unit_may_be_anything(population_n: int | None) -> None:
    sampling = new(200) if population_n is None else AllQuestions(200, population_n)
    tops, bottoms = drops(200)
    whole = ratio(tops, bottoms, sampling)
    holed = ratio([None, *tops[1:-1], tops[-1]], [*bottoms[:-1], None], sampling)
    assert holed.unscored == 2
    assert holed.low < whole.low <= whole.high < holed.high  # type: ignore[operator]


@pytest.mark.parametrize(
    ("tops", "bottoms", "reason"),
    [
        ([], [], "there are no samples"),
        ([None, 1.0], [1.0, None], "every sample is unscored"),
        ([0.0, 0.0], [0.0, 0.0], "the denominators sum to 0, and nothing can be divided by it"),
        ([1.0, 1.0], [0.1, 0.2], "the ratio is 6.66667, outside -1 to 1"),
    ],
)
def test_where_there_is_no_ratio_it_says_why(
    tops: list[float | None], bottoms: list[float | None], reason: str
) -> None:
    n = len(tops)
    assert ratio(tops, bottoms, new(n), bounds=DIFFERENCE) == not_estimable(
        reason,
        method="ratio-inversion; answers new questions",
        n=n,
        clusters=n,
        unscored=n if "unscored" in reason else 0,
    )


def test_a_single_cluster_says_nothing_about_others() -> None:
    found = ratio([1.0, 0.0], [1.0, 1.0], NewQuestions(("a", "a")))
    assert found.reason == "all samples share one cluster, so how another cluster would differ cannot be seen"


def test_a_denominator_that_may_be_nothing_has_no_limit_unless_the_ratio_has() -> None:
    tops, bottoms = [1.0, *[0.0] * 9], [1e-9, *[0.0] * 9]
    assert ratio(tops, bottoms, new(10)).reason == "the denominators are too few to limit the ratio"
    bounded = ratio([1e-9, *[0.0] * 9], bottoms, new(10), bounds=DIFFERENCE)
    assert (bounded.low, bounded.value, bounded.high) == (-1.0, pytest.approx(1.0), 1.0)


def test_an_absurd_interval_is_not_printed() -> None:
    """Two clusters, of which one answered little at first."""
    tops: list[float | None] = [1.0, -1.0, 0.0, 0.0] * 8
    bottoms: list[float | None] = [1.0, 0.0, 0.0, 0.0] * 8
    found = ratio(tops, bottoms, new(32, 16))
    assert (found.value, found.low, found.high) == (None, None, None)
    assert found.reason is not None
    assert found.reason.startswith(
        "the denominators are too few to limit the ratio: it could be anything from -"
    )


def test_denominators_that_may_be_nothing_give_no_ratio() -> None:
    tops: list[float | None] = [0.3, *[0.0] * 9]
    assert ratio_of_sums(tops, tops, new(10), confidence=0.95, bounds=(0.0, 2.0)).high == 2.0
    found = ratio_of_sums(tops, tops, new(10), confidence=0.95, bounds=(0.0, float("inf")))
    assert (found.value, found.low, found.high) == (None, None, None)
    assert found.reason is not None
    assert found.reason.startswith("the denominators ")


def test_two_clusters_leave_a_bounded_ratio_open() -> None:
    tops: list[float | None] = [1.0, -1.0, 1.0, 0.0] * 15
    found = ratio(tops, [1.0] * 60, new(60, 30), bounds=DIFFERENCE)
    assert (found.low, found.value, found.high) == (-1.0, pytest.approx(0.25), 1.0)


def test_every_fault_is_said_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        ratio_of_sums([2.0], [-1.0, 0.0], AllQuestions(1, 0), confidence=1.0)
    assert [fault.where for fault in caught.value.faults] == [
        "confidence",
        "numerators[0]",
        "denominators[0]",
        "denominators",
        "population_n",
    ]


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from([-1.0, 0.0, 0.5, 1.0, None]), st.sampled_from([0.0, 0.5, 1.0, None])),
        min_size=2,
        max_size=30,
    ),
    st.integers(0, 30),
)
def test_the_interval_holds_the_value_and_has_a_width_unless_everything_is_known(
    pairs: list[tuple[float | None, float | None]], more: int
) -> None:
    tops, bottoms = [top for top, _ in pairs], [bottom for _, bottom in pairs]
    for sampling in (new(len(pairs)), AllQuestions(len(pairs), len(pairs) + more)):
        found = ratio(tops, bottoms, sampling)
        if found.value is not None and found.low is not None and found.high is not None:
            known = isinstance(sampling, AllQuestions) and not more and not found.unscored
            assert (found.low == found.high) == known
            assert found.low <= found.value <= found.high
