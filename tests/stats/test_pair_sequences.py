"""A paired difference that may be looked at whenever one likes."""

import numpy as np
import pytest
from scipy.special import beta

from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import not_estimable
from qistas.stats.pair_sequences import sequence_could_differ, sequential_difference, sequential_p_value


@pytest.mark.parametrize(("gains", "losses"), [(11, 0), (0, 9), (20, 3)])
def test_bets_on_yes_or_no_are_worth_what_krichevsky_and_trofimov_say(gains, losses):
    a, b = [0.0] * losses + [1.0] * gains, [1.0] * losses + [0.0] * gains
    worth = 2.0 ** (gains + losses) * beta(gains + 0.5, losses + 0.5) / beta(0.5, 0.5)
    assert sequential_p_value(a, b, target_n=50) == pytest.approx(1.0 / worth)


def test_pairs_that_are_equal_neither_win_nor_lose():
    assert sequential_p_value([1.0] * 8, [0.0] * 8, target_n=99) == pytest.approx(
        sequential_p_value([1.0, 1.0] * 8, [0.0, 1.0] * 8, target_n=99)
    )


def test_the_interval_leaves_zero_out_exactly_where_the_p_value_is_small():
    source = np.random.default_rng(4)
    for lead in (0.1, 0.3, 0.5):
        a = (source.random(60) < 0.5 + lead / 2).astype(float).tolist()
        b = (source.random(60) < 0.5 - lead / 2).astype(float).tolist()
        found = sequential_difference(a, b, target_n=60, confidence=0.95)
        small = sequential_p_value(a, b, target_n=60) <= 0.05
        assert small == (found.low > 0 or found.high < 0)
        assert -1 <= found.low < found.value < found.high <= 1
        back = sequential_difference(b, a, target_n=60, confidence=0.95)
        assert (back.low, back.high) == pytest.approx((-found.high, -found.low), abs=1e-6)


def test_looking_all_the_time_and_stopping_at_will_is_wrong_no_more_often_than_said():
    """Equal models; looking ends once the first has answered all of five or none of five, or after 60."""
    source = np.random.default_rng(8)
    wrong = 0
    for _ in range(300):
        a, b = (source.random((2, 60)) < 0.5).astype(float)
        ends = [n for n in range(5, 61) if a[n - 5 : n].sum() in (0.0, 5.0)]
        n = ends[0] if ends else 60
        wrong += sequential_p_value(list(a[:n]), list(b[:n]), target_n=60) <= 0.05
    assert wrong <= 0.05 * 300


def test_the_interval_holds_the_truth_as_often_as_said():
    source = np.random.default_rng(5)
    held = 0
    for _ in range(80):
        a = (source.random(50) < 0.8).astype(float).tolist()
        b = (source.random(50) < 0.5).astype(float).tolist()
        found = sequential_difference(a, b, target_n=50, confidence=0.9)
        held += found.low <= 0.3 <= found.high
    assert held >= 0.9 * 80


def test_what_is_missing_never_pays():
    full = sequential_p_value([1.0] * 9, [0.0] * 9, target_n=50)
    assert sequential_p_value([None] + [1.0] * 9, [0.0] * 10, target_n=50) > full
    assert sequential_p_value([1.0] * 10, [None] + [0.0] * 9, target_n=50) > full
    found = sequential_difference([None] + [1.0] * 9, [0.0] * 10, target_n=50, confidence=0.95)
    assert (found.value, found.n, found.unscored) == (1.0, 10, 1)
    assert found.low < sequential_difference([1.0] * 9, [0.0] * 9, target_n=50, confidence=0.95).low


def test_many_samples_are_looked_at_less_often_and_say_nearly_the_same():
    source = np.random.default_rng(1)
    a, b = (source.random((2, 3000)) < np.array([[0.55], [0.5]])).astype(float).tolist()
    often = sequential_difference(a[:500], b[:500], target_n=500, confidence=0.95)
    seldom = sequential_difference(a[:500], b[:500], target_n=3000, confidence=0.95)
    assert (seldom.low, seldom.high) == pytest.approx((often.low, often.high), abs=0.01)


def test_nothing_scored_is_not_estimable():
    method = "paired-betting-mixture; answers new questions"
    assert sequential_difference([None], [1.0], target_n=5, confidence=0.95) == not_estimable(
        "every sample is unscored", method=method, n=1, clusters=1, unscored=1
    )
    assert sequential_difference([], [], target_n=5, confidence=0.95).reason == "there are no samples"
    assert sequential_p_value([None], [1.0], target_n=5) is None


def test_faults_are_told_at_once():
    with pytest.raises(BadInput) as caught:
        sequential_difference([2.0], [], target_n=5, confidence=1.0)
    assert [fault.where for fault in caught.value.faults] == ["confidence", "a[0]", "b"]


def test_how_short_a_sequence_can_show_nothing_follows_from_its_length_alone():
    assert next(n for n in range(99) if sequence_could_differ(n, target_n=100, error=0.05)) == 7
    assert sequential_p_value([1.0] * 6, [0.0] * 6, target_n=100) > 0.05
    mixed = sequential_p_value([1.0] * 6 + [0.0], [0.0] * 6 + [1.0], target_n=100)
    assert mixed > sequential_p_value([1.0] * 7, [0.0] * 7, target_n=100)
    assert not sequence_could_differ(0, target_n=100, error=0.05)
    assert sequence_could_differ(100_000, target_n=100_000, error=1e-12)
