"""Linear-weighted κ: by hand, against statsmodels, with resampled organisations, and where it is not defined."""

from itertools import product

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from qistas.contracts.errors import BadInput
from qistas.stats.kappa import Rated, kappa_difference, linear_kappa, shared_mean

LEVELS = ("closed", "partial", "open")


def rated(cells: dict[tuple[str, str], int]) -> list[Rated]:
    """Every thing in a cluster of its own."""
    pairs = [pair for pair, count in cells.items() for _ in range(count)]
    return [Rated(human, rater, f"c{place}") for place, (human, rater) in enumerate(pairs)]


def test_kappa_is_that_of_statsmodels_where_every_thing_is_a_cluster() -> None:
    counts = np.array([[7, 2, 1], [1, 4, 3], [0, 2, 9]])
    cells = {(LEVELS[i], LEVELS[j]): int(counts[i, j]) for i, j in product(range(3), range(3))}

    found = linear_kappa(rated(cells), LEVELS)

    assert found.value == pytest.approx(cohens_kappa(counts, wt="linear", return_results=False))
    assert (found.n, found.clusters, found.unscored) == (29, 29, 0)
    assert found.low is not None
    assert found.high is not None
    assert 0.3 < found.low < 0.62 < found.high < 0.95
    assert found == linear_kappa(rated(cells), LEVELS)
    assert found != linear_kappa(rated(cells), LEVELS, seed=1)


def test_a_cluster_of_many_weighs_what_a_cluster_of_one_does() -> None:
    few = [Rated("open", "open", "a"), Rated("closed", "open", "b"), Rated("closed", "closed", "c")]
    many = [*few, *[Rated("open", "open", "a")] * 9]

    assert linear_kappa(many, LEVELS).value == linear_kappa(few, LEVELS).value == pytest.approx(0.4)


def test_half_a_step_is_half_a_disagreement() -> None:
    near = linear_kappa([Rated("open", "partial", "a"), Rated("closed", "closed", "b")], LEVELS)
    far = linear_kappa([Rated("open", "closed", "a"), Rated("closed", "closed", "b")], LEVELS)

    # Observed 1/4; expected by chance (1 + 1/2 + 1/2... over the margins) 1/2.
    assert near.value == pytest.approx(0.5)
    assert far.value == pytest.approx(0.0)


def test_abstaining_is_left_out_and_counted() -> None:
    told = [Rated("open", "open", "a"), Rated("closed", "closed", "b"), Rated("partial", "partial", "c")]

    found = linear_kappa([*told, Rated("closed", None, "d")], LEVELS)

    assert (found.value, found.n, found.clusters, found.unscored) == (1.0, 4, 3, 1)


def test_a_rater_that_always_says_the_same_has_none() -> None:
    assert linear_kappa(rated({("open", "open"): 3, ("closed", "open"): 2}), LEVELS).value == 0.0


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([], "fewer than two clusters"),
        ([Rated("open", "open", "a"), Rated("closed", "open", "a")], "fewer than two clusters"),
        ([Rated("open", "open", "a"), Rated("open", "open", "b")], "not defined"),
        ([Rated("open", None, "a"), Rated("open", None, "b")], "fewer than two clusters"),
    ],
)
def test_where_it_is_not_defined_it_says_so(pairs: list[Rated], reason: str) -> None:
    found = linear_kappa(pairs, LEVELS)

    assert (found.value, found.estimable) == (None, False)
    assert reason in (found.reason or "")


def test_where_most_resamples_have_none_there_is_no_interval() -> None:
    two = [Rated("open", "open", "a"), Rated("closed", "closed", "b")]

    found = linear_kappa(two, LEVELS, seed=3)

    assert found.reason == "in most resamples both raters gave one and the same value throughout"
    assert linear_kappa([*two, Rated("partial", "partial", "c")], LEVELS).value == 1.0


def test_the_difference_of_two_raters_is_paired() -> None:
    good = rated({("open", "open"): 10, ("closed", "closed"): 9, ("closed", "open"): 1})
    poor = [pair._replace(rater="open") for pair in good]

    found = kappa_difference(good, poor, LEVELS)
    same = kappa_difference(good, good, LEVELS)

    assert found.value == linear_kappa(good, LEVELS).value
    assert found.low is not None
    assert found.low > 0.5
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


def test_what_either_abstained_from_is_in_neither() -> None:
    one = [Rated("open", "open", "a"), Rated("closed", "closed", "b"), Rated("open", "open", "c")]
    one += [Rated("open", None, "d")]
    two = [pair._replace(rater="closed") for pair in one]

    found = kappa_difference(one, two, LEVELS)

    assert (found.value, found.n, found.clusters, found.unscored) == (1.0, 4, 3, 1)


def test_a_value_that_is_no_level_and_columns_of_different_things_are_all_said() -> None:
    with pytest.raises(BadInput) as caught:
        kappa_difference([Rated("open", "shut", "a")], [Rated("closed", "open", "a")], LEVELS, confidence=2.0)

    assert [fault.message for fault in caught.value.faults] == [
        "confidence is 2.0, not between 0 and 1",
        "'shut' is no level",
        "the two raters rated different things",
    ]


def test_a_mean_in_which_every_cluster_weighs_the_same() -> None:
    assert shared_mean([1.0, 0.0, 0.0, 1.0], ["a", "b", "b", "b"]) == pytest.approx(2 / 3)
    assert np.isnan(shared_mean([], []))
