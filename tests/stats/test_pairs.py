"""Paired tests of many kinds of values, and many tests at once."""

import numpy as np
import pytest
from scipy.stats import ttest_rel
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from qistas.stats.paired import paired_difference
from qistas.stats.pairs import Discordance, could_differ, discordance, holm, p_value, paired_mean


def of(a, b, clusters=None, bounds=(0.0, 1.0)):
    names = clusters or [str(i) for i in range(len(a))]
    return lambda confidence: paired_mean(a, b, names, bounds=bounds, confidence=confidence)


def table(gains, losses, ties):
    return [1.0] * gains + [0.0] * losses + [1.0] * ties, [0.0] * gains + [1.0] * losses + [1.0] * ties


def test_pairs_are_sorted_by_which_side_is_higher():
    assert discordance([1, 0, 1, None, 0.5], [0, 1, 1, 1, 0.25]) == Discordance(2, 1, 1, 1)


@pytest.mark.parametrize(("gains", "losses"), [(15, 1), (9, 2), (4, 9), (3, 3), (0, 7)])
def test_a_p_value_is_never_below_that_of_the_exact_mcnemar_test_and_agrees_with_the_interval(gains, losses):
    interval = of(*table(gains, losses, 20))
    found = p_value(interval)
    assert found >= mcnemar([[20, gains], [losses, 0]], exact=True).pvalue - 1e-9
    estimate = interval(0.95)
    assert (found < 0.05) == (estimate.low > 0 or estimate.high < 0)


def test_equal_columns_have_a_p_value_of_one_and_opposite_ones_hardly_any():
    assert p_value(of([1.0, 0.0] * 20, [1.0, 0.0] * 20)) == 1.0
    assert p_value(of([1.0] * 400, [0.0] * 400)) == 1e-12
    assert p_value(of([None], [1.0])) is None


def test_values_without_bounds_take_the_paired_t_test():
    source = np.random.default_rng(3)
    a = source.normal(10, 2, 12)
    b = a - 0.7 + source.normal(0, 0.8, 12)
    assert p_value(of(list(a), list(b), bounds=None)) == pytest.approx(ttest_rel(a, b).pvalue, rel=1e-5)
    estimate = of(list(a), list(b), bounds=None)(0.95)
    reference = ttest_rel(a, b).confidence_interval(0.95)
    assert (estimate.low, estimate.high) == pytest.approx((reference.low, reference.high))
    assert (estimate.method, estimate.n) == ("paired-t; answers another repeat here", 12)


def test_clusters_of_values_without_bounds_count_once_each():
    a, b = [5.0, 7.0, 4.0, 4.0, 9.0, 8.0], [4.0, 6.0, 4.0, 2.0, 7.0, 7.0]
    estimate = of(a, b, ["x", "x", "y", "y", "z", "z"], bounds=None)(0.95)
    means = ttest_rel([6.0, 4.0, 8.5], [5.0, 3.0, 7.0])
    assert p_value(of(a, b, ["x", "x", "y", "y", "z", "z"], None)) == pytest.approx(means.pvalue, rel=1e-4)
    assert (estimate.clusters, estimate.n) == (3, 6)
    assert estimate.method == "paired-t; answers new clusters"
    assert not of([1.0, None, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], bounds=None)(0.95).estimable


def test_values_around_zero_differ_by_up_to_two():
    estimate = of([1.0, 1.0, 0.5] * 8, [-1.0, -1.0, -0.5] * 8, bounds=(-1.0, 1.0))(0.95)
    assert estimate.value == pytest.approx(5 / 3)
    assert 1.0 < estimate.low < estimate.value < estimate.high <= 2.0
    assert estimate.method == "paired-gains-and-losses; answers new questions"
    missing = of([None] + [0.5] * 20, [0.5] * 21, bounds=(-1.0, 1.0))(0.95)
    assert (missing.value, missing.unscored) == (0.0, 1)


def test_values_in_zero_to_one_are_those_of_the_paired_difference():
    a, b = table(9, 2, 10)
    assert of(a, b)(0.9) == paired_difference(a, b, [str(i) for i in range(21)], confidence=0.9)


def test_holm_corrects_as_published_and_keeps_the_order():
    values = [0.02, 0.001, 0.04, 0.9, 0.01]
    assert holm(values) == pytest.approx(list(multipletests(values, method="holm")[1]))
    assert holm([]) == []


def test_among_equals_hardly_ever_is_any_called_different():
    source = np.random.default_rng(11)
    wrong, known = 0, {}
    for _ in range(60):
        raw = []
        for _ in range(5):
            gains, losses = source.multinomial(30, [0.1, 0.1, 0.8])[:2].tolist()
            if (gains, losses) not in known:
                known[gains, losses] = p_value(of(*table(gains, losses, 30 - gains - losses)))
            raw.append(known[gains, losses])
        wrong += min(holm(raw)) <= 0.05
    assert wrong <= 6


@pytest.mark.parametrize(
    ("clusters", "each", "error"),
    [(1, 30, 0.05), (2, 3, 0.05), (2, 9, 0.05), (3, 3, 0.05), (5, 1, 0.05), (7, 1, 0.01), (4, 3, 0.01)],
)
def test_where_nothing_could_differ_the_most_one_sided_pairs_do_not(clusters, each, error):
    assert not could_differ(clusters * each, clusters, bounds=(0.0, 1.0), error=error)
    names = [str(number) for number in range(clusters) for _ in range(each)]
    for equal in range(each):
        for given in (1.0, 0.9):
            a = [0.0 if place < equal else given for _ in range(clusters) for place in range(each)]
            found = paired_mean(a, [0.0] * len(a), names, bounds=(0.0, 1.0), confidence=1.0 - error)
            assert found.low is None or found.low <= 0.0


def test_how_many_pairs_could_differ_follows_from_their_number_alone():
    def fewest(error, each=1):
        return next(k for k in range(1, 99) if could_differ(k * each, k, bounds=(0.0, 1.0), error=error))

    assert [fewest(error) for error in (0.05, 0.05 / 3, 0.01)] == [6, 7, 8]
    assert [fewest(0.05, each) for each in (3, 20)] == [4, 2]
    assert could_differ(1, 1, bounds=None, error=0.05)
    assert all(
        paired_mean([1.0] * n, [0.0] * n, [str(i) for i in range(n)], bounds=(0.0, 1.0), confidence=0.95).low
        > 0
        for n in (6, 7)
    )
