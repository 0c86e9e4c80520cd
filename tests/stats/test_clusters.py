"""Clustered means: against statsmodels, and what must hold for any clusters."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._effective import Clusters, by_cluster, cluster_size, graded_size, informative
from qistas.stats.clusters import clustered_mean
from qistas.stats.proportions import exact

METHOD = "cluster-effective-size; answers new clusters"
unhurried = settings(deadline=None, derandomize=True, max_examples=40)
answers = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0, None]), st.sampled_from("abcdefg")), min_size=4, max_size=60
).filter(lambda rows: len({c for _, c in rows}) > 1 and any(v is not None for v, _ in rows))
graded = st.lists(
    st.tuples(st.floats(0, 1).map(lambda v: round(v, 3)), st.sampled_from("abcdefg")), min_size=4, max_size=40
).filter(lambda rows: len({c for _, c in rows}) > 1)


def columns(rows):
    return [value for value, _ in rows], [cluster for _, cluster in rows]


def sample(seed=3, n=120, number=15):
    """Graded values whose clusters differ."""
    source = np.random.default_rng(seed)
    codes = source.integers(0, number, n)
    values = np.clip(source.normal(0.5, 0.2, number)[codes] + source.normal(0, 0.1, n), 0, 1)
    return values, codes


def test_the_variance_between_clusters_is_that_of_statsmodels():
    """An intercept-only regression with a cluster-robust covariance estimates the same thing."""
    values, codes = sample()
    fit = sm.OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": codes})
    sizes, totals = by_cluster(codes, values)
    clusters = Clusters(totals, sizes, np.asarray((values**2).sum()))
    assert float(clusters.variance()) == pytest.approx(float(fit.cov_params()[0, 0]), rel=1e-12)
    assert float(clusters.mean) == pytest.approx(float(fit.params[0]), rel=1e-12)


def test_the_correlation_is_that_of_an_analysis_of_variance():
    """Mean squares from statsmodels' one-way table, and the size that unequal clusters are worth."""
    values, codes = sample()
    dummies = (codes[:, None] == np.unique(codes)).astype(float)
    within = sm.OLS(values, dummies).fit().mse_resid
    sizes, totals = by_cluster(codes, values)
    number, n = len(sizes), len(values)
    between = float((sizes * (totals / sizes - values.mean()) ** 2).sum() / (number - 1))
    typical = (n - (sizes**2).sum() / n) / (number - 1)
    expected = (between - within) / (between + (typical - 1) * within)
    clusters = Clusters(totals, sizes, np.asarray((values**2).sum()))
    assert float(clusters.correlation()) == pytest.approx(expected, rel=1e-9)


def test_answers_that_agree_within_clusters_are_worth_one_each():
    """Twenty clusters of ten equal answers: the interval is about that of twenty answers, never that of 200."""
    values = [float(c < 8) for c in range(20) for _ in range(10)]
    clusters = [str(c) for c in range(20) for _ in range(10)]
    estimate = clustered_mean(values, clusters, confidence=0.95)
    assert (estimate.low, estimate.high) == exact(8, 20, 0.95)
    assert estimate.clusters == 20


def test_answers_that_do_not_agree_within_clusters_are_worth_nearly_all():
    """A hundred clusters of twenty independent answers: at least 90 % of the size, at most all of it."""
    source = np.random.default_rng(1)
    totals = source.binomial(20, 0.4, 100).astype(float)
    clusters = Clusters(totals, np.full(100, 20.0), totals.sum())
    masses = (totals, 20 - totals)
    size = cluster_size(clusters, np.asarray(0.24), masses, np.asarray(2000.0), 0.95)
    assert 1300 < float(size) <= 2000


@pytest.mark.parametrize("value", [0.0, 1.0, 0.7])
def test_equal_values_never_give_a_width_of_zero(value):
    """Nothing varies, so nothing speaks against clusters that would differ: one answer per cluster is counted."""
    estimate = clustered_mean([value] * 40, [str(i // 8) for i in range(40)], confidence=0.95)
    assert (estimate.low, estimate.high) == pytest.approx(exact(5 * value, 5, 0.95))
    assert estimate.low < estimate.high


def test_single_samples_fall_back_to_the_plain_interval():
    values = [1.0, 0.0, 1.0, 1.0]
    assert clustered_mean(values, list("abcd"), confidence=0.95) == Estimate(
        value=0.75,
        low=exact(3, 4, 0.95)[0],
        high=exact(3, 4, 0.95)[1],
        confidence=0.95,
        n=4,
        clusters=4,
        unscored=0,
        method="clopper-pearson; answers new questions, every cluster has one sample",
    )


def test_single_graded_samples_are_counted_at_what_their_spread_is_worth():
    """Two hundred grades between 0.6 and 0.8 say more than two hundred answers, and the method says so."""
    values = np.random.default_rng(5).uniform(0.6, 0.8, 200)
    estimate = clustered_mean(list(values), [str(i) for i in range(200)], confidence=0.95)
    low, high = exact(values.sum(), 200, 0.95)
    assert low < estimate.low < 0.7 < estimate.high < high
    assert estimate.high - estimate.low < (high - low) / 2
    assert estimate.method == "effective-size; answers new questions, every cluster has one sample"


@given(rows=answers)
@unhurried
def test_the_interval_holds_the_mean_stays_in_bounds_and_mirrors(rows):
    values, clusters = columns(rows)
    estimate = clustered_mean(values, clusters, confidence=0.95)
    assert 0.0 <= estimate.low <= estimate.value <= estimate.high <= 1.0
    assert estimate.low < estimate.high
    mirrored = clustered_mean([None if v is None else 1 - v for v in values], clusters, confidence=0.95)
    assert (mirrored.low, mirrored.high) == pytest.approx((1 - estimate.high, 1 - estimate.low), abs=1e-9)


@given(rows=graded)
@unhurried
def test_graded_values_hold_the_mean_and_have_a_width(rows):
    values, clusters = columns(rows)
    estimate = clustered_mean(values, clusters, confidence=0.95)
    assert 0.0 <= estimate.low <= estimate.value <= estimate.high <= 1.0
    assert estimate.low < estimate.high


@given(rows=answers, seed=st.integers(0, 1000))
@unhurried
def test_order_and_names_of_clusters_do_not_matter(rows, seed):
    values, clusters = columns(rows)
    order = np.random.default_rng(seed).permutation(len(values))
    shuffled = clustered_mean(
        [values[i] for i in order], [f"cluster {clusters[i]}" for i in order], confidence=0.95
    )
    straight = clustered_mean(values, clusters, confidence=0.95)
    assert (shuffled.low, shuffled.high) == pytest.approx((straight.low, straight.high), abs=1e-12)


@given(rows=answers)
@unhurried
def test_unscored_samples_never_make_it_narrower_than_the_scored_alone(rows):
    scored = [(value, cluster) for value, cluster in rows if value is not None]
    if len({cluster for _, cluster in scored}) > 1:
        whole = clustered_mean(*columns(rows), confidence=0.95)
        alone = clustered_mean(*columns(scored), confidence=0.95)
        assert whole.low <= alone.low + 1e-12
        assert whole.high >= alone.high - 1e-12
        assert whole.value == alone.value


def test_unscored_samples_hold_at_their_worst_and_at_their_best():
    values = [1.0, 0.0, None, 1.0, 1.0, 0.0, 1.0, None]
    clusters = list("aabbccdd")
    estimate = clustered_mean(values, clusters, confidence=0.95)
    worst = clustered_mean([0.0 if v is None else v for v in values], clusters, confidence=0.95)
    best = clustered_mean([1.0 if v is None else v for v in values], clusters, confidence=0.95)
    assert estimate.low <= worst.low
    assert estimate.high >= best.high
    assert (estimate.value, estimate.unscored, estimate.n) == (4 / 6, 2, 8)


def test_other_bounds_only_change_the_unit():
    """A score from -1 to 3 is the same interval, stretched; an unscored one stands at -1 and at 3."""
    unit = [0.25, 0.5, None, 1.0, 0.0, 0.75]
    clusters = list("aabbcc")
    there = [None if v is None else -1 + 4 * v for v in unit]
    estimate = clustered_mean(there, clusters, confidence=0.9, low_bound=-1, high_bound=3)
    plain = clustered_mean(unit, clusters, confidence=0.9)
    assert (estimate.low, estimate.value, estimate.high) == pytest.approx(
        (-1 + 4 * plain.low, -1 + 4 * plain.value, -1 + 4 * plain.high)
    )


@pytest.mark.parametrize(
    ("values", "clusters", "reason", "count"),
    [
        ([], [], "there are no samples", 0),
        ([None, None], ["a", "b"], "every sample is unscored", 2),
        (
            [1.0, 0.0],
            ["a", "a"],
            "all samples share one cluster, so how another cluster would differ cannot be seen",
            1,
        ),
    ],
)
def test_what_cannot_be_estimated_says_why(values, clusters, reason, count):
    found = clustered_mean(values, clusters, confidence=0.95)
    unscored = values.count(None)
    method = METHOD if count == 1 else "clopper-pearson; answers new questions, every cluster has one sample"
    assert found == not_estimable(reason, method=method, n=len(values), clusters=count, unscored=unscored)


def test_every_fault_is_told_at_once():
    with pytest.raises(BadInput) as caught:
        clustered_mean([0.0, 9.0], ["a"], confidence=0, low_bound=2, high_bound=1)
    told = str(caught.value)
    for part in ("confidence is 0", "values[0]", "values[1]", "1 entries for 2 values", "do not increase"):
        assert part in told


def test_only_clusters_that_carry_a_mass_inform():
    """Three failures in three of fifty clusters are three clusters' worth of knowledge about failures."""
    failures = np.zeros(50)
    failures[:3] = 1.0
    assert float(informative(failures, 20 - failures)) == pytest.approx(3.0)
    assert float(informative(np.zeros(5))) == 1.0


def test_graded_values_are_never_worth_less_than_answers_of_the_same_mean():
    for values in (np.array([0.0, 1.0, 1.0, 0.0]), np.linspace(0, 1, 30), np.full(9, 0.4)):
        mean = values.mean()
        assert float(graded_size(values, np.asarray(mean * (1 - mean)), 0.95)) >= len(values)
