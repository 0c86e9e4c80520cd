"""The order in which samples are looked at follows from ids and seed, and from nothing else."""

import random
from itertools import groupby
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.jobs import card, criterion
from tests.fakes.observed import sample

from qistas.contracts.documents import Design
from qistas.contracts.records import Sample
from qistas.findings.order import seeded_order, target_size

POPULATION = [
    sample(f"s{n:02}", cluster=f"c{n % 5}", strata={"language": "en" if n % 2 else "ar"}) for n in range(30)
]


def order(
    population: list[Sample],
    *,
    seed: int = 0,
    budget: int | None = None,
    design: Design = "sequence",
    **asked: Any,
) -> list[Sample]:
    return seeded_order(population, criterion(**asked), card(design=design), seed, budget)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**63), shuffle=st.integers(0, 2**32))
def test_the_order_is_a_permutation_that_does_not_depend_on_how_samples_came(seed: int, shuffle: int) -> None:
    shuffled = random.Random(shuffle).sample(POPULATION, len(POPULATION))
    assert order(shuffled, seed=seed) == order(POPULATION, seed=seed)
    assert sorted(s.id for s in order(POPULATION, seed=seed)) == [s.id for s in POPULATION]


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**63))
def test_clusters_stay_together_as_blocks(seed: int) -> None:
    blocks = [cluster for cluster, _ in groupby(order(POPULATION, seed=seed), key=lambda s: s.cluster)]
    assert sorted(blocks) == ["c0", "c1", "c2", "c3", "c4"]


def test_another_seed_is_another_order_of_blocks_and_within_blocks() -> None:
    orders = [order(POPULATION, seed=seed) for seed in range(20)]
    assert len({tuple(s.id for s in o) for o in orders}) == 20
    assert len({tuple(dict.fromkeys(s.cluster for s in o)) for o in orders}) > 10
    assert len({tuple(s.id for s in o if s.cluster == "c0") for o in orders}) > 10


def test_the_order_of_this_seed_stays_what_it_was_in_every_release() -> None:
    ids = [s.id for s in order([sample(name) for name in "abcdef"], seed=7)]
    assert ids == ["a", "c", "d", "e", "f", "b"]


def test_where_keeps_samples_whose_strata_agree() -> None:
    english = order(POPULATION, where={"language": "en"})
    assert sorted(s.id for s in english) == [s.id for s in POPULATION if s.strata["language"] == "en"]
    assert order(POPULATION, where={"language": "fr"}) == []
    assert order(POPULATION, where={"dialect": "en"}) == []


def test_the_order_of_a_cut_is_the_beginning_of_the_whole() -> None:
    whole = order(POPULATION, samples=100)
    assert order(POPULATION, samples=7) == whole[:7]
    assert order(POPULATION, samples=7, budget=12) == whole[:12]
    assert order(POPULATION, samples=100, budget=3) == whole[:3]


def test_the_declared_size_is_the_budget_or_the_standards_and_never_more_than_there_is() -> None:
    asked = criterion(samples=50)
    assert [target_size(n, asked, None) for n in (10, 50, 80)] == [10, 50, 50]
    assert [target_size(80, asked, budget) for budget in (0, 5, 60, 100)] == [0, 5, 60, 80]


def test_a_census_takes_all_there_is_as_it_stands() -> None:
    assert order(POPULATION, design="census", samples=3, budget=2) == POPULATION


def test_repeats_keep_their_own_order_and_obey_the_budget() -> None:
    assert order(POPULATION, design="repeats", samples=20) == POPULATION[:20]
    assert order(POPULATION, design="repeats", samples=20, budget=4) == POPULATION[:4]
