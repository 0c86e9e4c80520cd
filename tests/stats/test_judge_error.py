"""Rates corrected for the errors of the judge."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import not_estimable
from qistas.stats.judge_error import JudgeErrors, corrected_rate, rogan_gladen
from qistas.stats.proportions import wilson

GOOD = JudgeErrors(true_positives=90, false_negatives=10, true_negatives=95, false_positives=5)
METHOD = "rogan-gladen; answers new questions"
unhurried = settings(deadline=None, derandomize=True, max_examples=30)


def verdicts(positive, n, unscored=0):
    return [1.0] * positive + [0.0] * (n - positive) + [None] * unscored


def test_the_rate_is_the_one_that_the_judge_would_report_as_seen():
    """True rate 0.2 with Se 0.9 and Sp 0.95: the judge says 0.9 * 0.2 + 0.05 * 0.8 = 0.22."""
    estimate = corrected_rate(verdicts(22, 100), GOOD, confidence=0.95)
    assert estimate.value == pytest.approx(0.2)
    assert estimate.low < 0.2 < estimate.high
    assert (estimate.n, estimate.clusters, estimate.unscored, estimate.method) == (100, 100, 0, METHOD)


def test_fewer_verdicts_than_the_judge_is_wrong_about_mean_a_rate_of_zero():
    """A specificity of 0.95 alone makes five in a hundred; three are no evidence of any."""
    estimate = corrected_rate(verdicts(3, 100), GOOD, confidence=0.95)
    assert (estimate.value, estimate.low) == (0.0, 0.0)
    assert estimate.high > 0.0


def test_an_almost_perfect_judge_changes_almost_nothing():
    perfect = JudgeErrors(true_positives=10**6, false_negatives=0, true_negatives=10**6, false_positives=0)
    estimate = corrected_rate(verdicts(30, 100), perfect, confidence=0.95)
    assert (estimate.low, estimate.high) == pytest.approx(wilson(30, 100, 0.95), abs=3e-3)


def test_less_calibration_means_a_wider_interval():
    few = JudgeErrors(true_positives=18, false_negatives=2, true_negatives=19, false_positives=1)
    little = corrected_rate(verdicts(50, 200), few, confidence=0.95)
    much = corrected_rate(verdicts(50, 200), GOOD, confidence=0.95)
    assert little.value == pytest.approx(much.value)
    assert little.low < much.low < much.high < little.high


@given(positive=st.integers(0, 40), unscored=st.integers(0, 10))
@unhurried
def test_the_interval_holds_its_value_and_unscored_verdicts_only_widen_it(positive, unscored):
    alone = corrected_rate(verdicts(positive, 40), GOOD, confidence=0.95)
    whole = corrected_rate(verdicts(positive, 40, unscored), GOOD, confidence=0.95)
    assert 0 <= whole.low <= alone.low <= alone.value <= alone.high <= whole.high <= 1
    assert whole.unscored == unscored


def test_clusters_count_at_their_effective_size():
    values = [float(c < 4) for c in range(20) for _ in range(10)]
    clusters = [str(c) for c in range(20) for _ in range(10)]
    clustered = corrected_rate(values, GOOD, clusters, confidence=0.95)
    twenty = corrected_rate(values[::10], GOOD, confidence=0.95)
    assert (clustered.low, clustered.high) == pytest.approx((twenty.low, twenty.high), abs=1e-6)
    assert (clustered.clusters, clustered.method) == (20, "rogan-gladen; answers new clusters")


@pytest.mark.parametrize(
    ("errors", "reason"),
    [
        (
            JudgeErrors(true_positives=60, false_negatives=40, true_negatives=65, false_positives=35),
            "the judge tells too little: sensitivity 0.600 + specificity 0.650 - 1 = 0.250, below 0.3",
        ),
        (
            JudgeErrors(true_positives=1, false_negatives=0, true_negatives=3, false_positives=7),
            "the judge was checked against too few human labels: 1 + 10",
        ),
        (
            JudgeErrors(true_positives=0, false_negatives=0, true_negatives=9, false_positives=1),
            "the judge was not checked against human labels of both kinds",
        ),
    ],
)
def test_a_judge_that_tells_too_little_is_not_corrected(errors, reason):
    found = corrected_rate(verdicts(5, 10), errors, confidence=0.95)
    assert found == not_estimable(reason, method=METHOD, n=10, clusters=10)


def test_nothing_scored_or_one_cluster_is_not_estimable():
    assert corrected_rate([None], GOOD, confidence=0.95).reason == "every sample is unscored"
    one = corrected_rate([1.0, 0.0], GOOD, ["a", "a"], confidence=0.95)
    assert one.reason == "all samples share one cluster, so how another cluster would differ cannot be seen"


def test_grades_negative_counts_and_short_columns_are_refused():
    wrong = JudgeErrors(true_positives=-1, false_negatives=3, true_negatives=3, false_positives=3)
    with pytest.raises(BadInput) as caught:
        corrected_rate([0.5, 1.0], wrong, ["a"], confidence=0.95)
    assert [fault.where for fault in caught.value.faults] == ["verdicts", "errors", "clusters"]


def test_correction_is_kept_within_0_and_1():
    assert float(rogan_gladen(0.99, 0.9, 0.95)) == 1.0
    assert float(rogan_gladen(0.01, 0.9, 0.95)) == 0.0
