"""Paired differences: against McNemar's test and the score equations, and what must hold for any pairs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from statsmodels.stats.contingency_tables import mcnemar

from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import not_estimable
from qistas.stats._difference import tango
from qistas.stats._quantiles import normal_quantile
from qistas.stats.paired import paired_difference

unhurried = settings(deadline=None, derandomize=True, max_examples=30)
values = st.sampled_from([0.0, 1.0, None])
pairs = st.lists(st.tuples(values, values, st.sampled_from("abcde")), min_size=3, max_size=40).filter(
    lambda rows: any(a is not None and b is not None for a, b, _ in rows) and len({c for *_, c in rows}) > 1
)


def table(gains, losses, ties):
    return [1.0] * gains + [0.0] * losses + [1.0] * ties, [0.0] * gains + [1.0] * losses + [1.0] * ties


def test_it_leaves_zero_out_only_where_the_exact_mcnemar_test_rejects():
    for gains in range(13):
        for losses in range(13 - gains):
            estimate = paired_difference(*table(gains, losses, 8), confidence=0.95)
            if estimate.low > 0 or estimate.high < 0:
                assert mcnemar([[8, gains], [losses, 0]], exact=True).pvalue < 0.05


def test_a_clear_difference_leaves_zero_out():
    estimate = paired_difference(*table(15, 1, 20), confidence=0.95)
    assert estimate.value == pytest.approx(14 / 36)
    assert 0 < estimate.low < estimate.value < estimate.high


@pytest.mark.parametrize(("gains", "losses", "n"), [(9, 2, 40), (0, 4, 25), (30, 31, 100), (1, 0, 50)])
def test_score_limits_solve_the_score_equation(gains, losses, n):
    """At each limit the score statistic, with the shares fitted numerically under it, is the normal quantile."""

    def statistic(difference):
        def misfit(loss):
            tie = max(1 - 2 * loss - difference, 1e-300)
            return -(
                gains * np.log(loss + difference) + losses * np.log(loss) + (n - gains - losses) * np.log(tie)
            )

        least, most = max(0.0, -difference) + 1e-12, (1 - difference) / 2 - 1e-12
        loss = minimize_scalar(misfit, bounds=(least, most), method="bounded", options={"xatol": 1e-13}).x
        return (gains - losses - n * difference) / np.sqrt(n * (2 * loss + difference * (1 - difference)))

    low, high = tango(*(np.asarray(float(v)) for v in (gains, losses, n)), 0.95)
    assert statistic(float(low)) == pytest.approx(normal_quantile(0.95), abs=1e-3)
    assert statistic(float(high)) == pytest.approx(-normal_quantile(0.95), abs=1e-3)


@given(rows=pairs, clustered=st.booleans())
@unhurried
def test_exchanging_the_subjects_changes_the_sign(rows, clustered):
    a, b, names = (list(column) for column in zip(*rows, strict=True))
    clusters = names if clustered else None
    there = paired_difference(a, b, clusters, confidence=0.95)
    back = paired_difference(b, a, clusters, confidence=0.95)
    assert (back.low, back.value, back.high) == pytest.approx(
        (-there.high, -there.value, -there.low), abs=1e-9
    )
    assert -1 <= there.low <= there.value <= there.high <= 1
    assert there.low < there.high


@given(rows=pairs, clustered=st.booleans())
@unhurried
def test_unscored_pairs_never_make_it_narrower_than_the_scored_alone(rows, clustered):
    scored = [row for row in rows if row[0] is not None and row[1] is not None]
    if len({name for *_, name in scored}) > 1:

        def estimate(some):
            a, b, names = (list(column) for column in zip(*some, strict=True))
            return paired_difference(a, b, names if clustered else None, confidence=0.95)

        whole, alone = estimate(rows), estimate(scored)
        assert whole.low <= alone.low + 1e-12
        assert whole.high >= alone.high - 1e-12
        assert whole.unscored == len(rows) - len(scored)


def test_a_missing_value_holds_at_its_worst_for_either_side():
    estimate = paired_difference([1, 1, 0, None], [0, 1, 0, 1], confidence=0.95)
    worst = paired_difference([1, 1, 0, 0], [0, 1, 0, 1], confidence=0.95)
    best = paired_difference([1, 1, 0, 1], [0, 1, 0, 1], confidence=0.95)
    alone = paired_difference([1, 1, 0], [0, 1, 0], confidence=0.95)
    assert (estimate.low, estimate.high) == (min(worst.low, alone.low), max(best.high, alone.high))
    assert (estimate.value, estimate.n, estimate.unscored) == (pytest.approx(1 / 3), 4, 1)


def test_pairing_is_narrower_than_two_separate_answers_when_subjects_agree():
    source = np.random.default_rng(2)
    a = (source.random(400) < 0.6).astype(float)
    b = np.where(source.random(400) < 0.05, 1 - a, a)
    agreeing = paired_difference(list(a), list(b), confidence=0.95)
    apart = paired_difference(list(a), list(source.permutation(b)), confidence=0.95)
    assert agreeing.high - agreeing.low < (apart.high - apart.low) / 2


def test_identical_subjects_still_have_a_width():
    same = [1.0, 0.0] * 20
    alone = paired_difference(same, same, confidence=0.95)
    clustered = paired_difference(same, same, [str(i // 8) for i in range(40)], confidence=0.95)
    assert clustered.low < alone.low < 0 < alone.high < clustered.high


def test_graded_and_clustered_pairs_say_how_they_were_counted():
    source = np.random.default_rng(9)
    a = source.random(60)
    b = np.clip(a - 0.2 + source.normal(0, 0.05, 60), 0, 1)
    plain = paired_difference(list(a), list(b), confidence=0.95)
    clustered = paired_difference(list(a), list(b), [str(i // 4) for i in range(60)], confidence=0.95)
    assert plain.method == "paired-effective-size; answers new questions"
    assert clustered.method == "paired-effective-size; answers new clusters"
    assert 0 < clustered.low < clustered.value < clustered.high
    assert plain.low > 0
    even = paired_difference([0.5, 0.75] * 6, [0.25, 0.5] * 6, list("aabbccddeeff"), confidence=0.95)
    assert even.low < 0.25 < even.high


@pytest.mark.parametrize(
    ("a", "clusters", "reason"),
    [
        ([], None, "there are no samples"),
        ([None], None, "every sample is unscored"),
        (
            [1.0, 1.0],
            ["x", "x"],
            "all samples share one cluster, so how another cluster would differ cannot be seen",
        ),
    ],
)
def test_what_cannot_be_estimated_says_why(a, clusters, reason):
    found = paired_difference(a, a, clusters, confidence=0.95)
    assert found == not_estimable(
        reason, method=found.method, n=len(a), clusters=1 if clusters else len(a), unscored=a.count(None)
    )


def test_one_pair_is_estimable_if_only_just():
    estimate = paired_difference([1.0], [0.0], confidence=0.95)
    assert estimate.low < 0 < estimate.value == estimate.high == 1.0


def test_columns_of_different_length_and_values_outside_are_told_at_once():
    with pytest.raises(BadInput) as caught:
        paired_difference([1.0, 2.0], [1.0], ["x"], confidence=0.95)
    assert [fault.where for fault in caught.value.faults] == ["a[1]", "b", "clusters"]
