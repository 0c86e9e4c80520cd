"""How often an interval holds the planted value when only the sampling is repeated."""

from __future__ import annotations

import random

import msgspec
import pytest
from tests.fakes.calibrated import claim
from tests.fakes.jobs import card, criterion
from tests.fakes.observed import sample, seen

from qistas.contracts.calibrations import Coverage
from qistas.findings import coverage as coverage_module
from qistas.findings.coverage import Repeats, orders, tail
from qistas.findings.estimating import finite_estimate
from qistas.findings.order import seeded_order

CARD = card(design="fixed", strata=("half",))
ROWS = 60


def population(values):
    samples = [
        sample(f"q{place:02}", strata={"half": "first" if place < ROWS // 2 else "second"})
        for place in range(len(values))
    ]
    return samples, {s.id: seen(s, value) for s, value in zip(samples, values, strict=True)}


def binary(rate: float) -> list[float]:
    rng = random.Random(5)
    return [float(rng.random() < rate) for _ in range(ROWS)]


def repeats(values, planted: float, **changes) -> tuple[Repeats, list[list[str]]]:
    samples, observed = population(values)
    asked = criterion(requirement=None, samples=ROWS // 2)
    of = claim(planted, population_n=ROWS, **changes)
    return Repeats(of, asked, CARD, observed), orders(samples, asked, CARD, range(40))


def test_a_stratum_is_looked_at_in_the_order_in_which_a_run_would():
    samples, _ = population(binary(0.5))
    asked = criterion(where={"half": "second"}, samples=10)
    drawn = orders(samples, asked, CARD, [3])[0]
    kept = {s.id for s in samples if s.strata["half"] == "second"}
    by_run = [s.id for s in seeded_order(samples, asked, CARD, 3, None)]
    assert [name for name in drawn if name in kept][:10] == by_run


@pytest.mark.parametrize("values", [binary(0.3), [0.25, 0.75, 0.5] * 20, [1.0, 0.0, None] * 20])
def test_the_estimate_is_the_one_of_a_run_however_it_is_worked_out(values):
    made, drawn = repeats(values, 0.5)
    _, observed = population(values)
    asked = criterion(requirement=None, samples=ROWS // 2)
    for order in drawn[:5]:
        direct = finite_estimate([observed[name] for name in order[: ROWS // 2]], CARD, asked, ROWS)
        assert made.estimate(order) == direct
        assert made.estimate(order) == direct


def test_equal_counts_are_worked_out_once(monkeypatch):
    calls = []
    real = finite_estimate
    monkeypatch.setattr(
        coverage_module, "finite_estimate", lambda *given: calls.append(given) or real(*given)
    )
    made, drawn = repeats(binary(0.5), 0.5)
    for order in drawn:
        made.estimate(order)
    assert len(calls) < len(drawn) / 2


def test_samples_that_share_a_cluster_are_never_taken_for_counts():
    _, observed = population(binary(0.5))
    together = {name: msgspec.structs.replace(o, cluster="one") for name, o in observed.items()}
    of = claim(0.5, population_n=ROWS)
    assert Repeats(of, criterion(requirement=None), CARD, together)._binary is None
    assert Repeats(of, criterion(requirement=None), CARD, observed)._binary is not None


def test_an_interval_for_the_true_value_covers_and_one_for_another_value_does_not():
    values = binary(0.5)
    share = sum(values) / ROWS
    made, drawn = repeats(values, share)
    found = made.coverage(drawn, comparisons=10)
    assert (found.seeds, found.whole, found.short) == (40, pytest.approx(share), False)
    assert found.hits >= 36
    assert found.p_value == tail(found.hits, 40, 0.95)
    wrong = repeats(values, share + 0.3)[0].coverage(drawn, comparisons=10)
    assert wrong.hits < 20
    assert wrong.short
    assert (found.off, wrong.off) == (False, True)
    assert not repeats(values, share + 0.009)[0].coverage(drawn, comparisons=10).off
    assert repeats(values, share + 0.011)[0].coverage(drawn, comparisons=10).off


def test_what_cannot_be_estimated_covers_nothing():
    made, drawn = repeats([None] * ROWS, 0.5)
    assert made.coverage(drawn, comparisons=1) == Coverage(
        seeds=40,
        hits=0,
        p_value=pytest.approx(0.05**40),
        short=True,
        median_half_width=None,
        whole=None,
        off=True,
    )


def test_the_tail_is_the_exact_binomial_one():
    assert tail(200, 200, 0.95) == 1.0
    assert tail(1, 2, 0.9) == pytest.approx(0.19)
