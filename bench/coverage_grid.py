"""The cells of the coverage table: what is drawn, which interval is asked, how often it holds the truth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import special

from qistas.stats._betting import Bettor
from qistas.stats._binomial import clopper_pearson, wilson_score
from qistas.stats._difference import difference_limits, tango
from qistas.stats._effective import Clusters, cluster_size, graded_size
from qistas.stats._hypergeometric import hypergeometric_limits
from qistas.stats._quantiles import student_quantile
from qistas.stats.clusters import cluster_limits
from qistas.stats.finite import graded_finite_limits
from qistas.stats.judge_error import LEAST_YOUDEN, corrected_limits
from qistas.stats.paired import clustered_difference_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Array = np.ndarray[Any, np.dtype[np.float64]]
    Interval = Callable[..., tuple[Array, Array]]

NOMINAL = 0.95
# A truth on the very edge of an interval is inside it.
_EDGE = 1e-9


class Cell(NamedTuple):
    """How often an interval held the truth in one condition; 0 replications mean enumerated."""

    where: str
    coverage: float
    replications: int
    place: tuple[int, float] | None = None

    @property
    def error(self) -> float:
        """Standard error of the simulation, at nominal coverage."""
        return math.sqrt(NOMINAL * (1 - NOMINAL) / self.replications) if self.replications else 0.0


class Grid(NamedTuple):
    """Which conditions are tried, and how often."""

    replications: int
    proportions: tuple[float, ...]
    sizes: tuple[int, ...]
    clusters: tuple[int, ...]
    correlations: tuple[float, ...]
    discordances: tuple[float, ...]
    shares: tuple[float, ...] = (0.1, 0.5, 0.9)
    seed: int = 0

    def source(self, *place: float) -> np.random.Generator:
        """Its own random numbers for each cell, so that a cell does not depend on which others ran."""
        return np.random.default_rng([self.seed, *(round(1e6 * part) for part in place)])


FULL = Grid(
    4000, (0.005, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 0.995), (10, 30, 100, 400, 2000), (5, 10, 20, 50, 100),
    (0.0, 0.2, 0.5, 0.8), (0.005, 0.02, 0.1, 0.3, 0.7, 1.0),
)  # fmt: skip
QUICK = Grid(300, (0.005, 0.1, 0.5, 0.98), (30, 400), (5, 20), (0.0, 0.5), (0.1, 1.0), (0.5,))


def _cell(
    where: str, limits: tuple[Array, Array], truth: float, place: tuple[int, float] | None = None
) -> Cell:
    held = (limits[0] <= truth + _EDGE) & (truth - _EDGE <= limits[1])
    return Cell(where, float(held.mean()), held.size, place)


# --- independent answers ---------------------------------------------------------------------------------------------


def _binomial_cells(grid: Grid, interval: Interval) -> Iterator[Cell]:
    for n in grid.sizes:
        counts = np.arange(n + 1.0)
        low, high = interval(counts, n, NOMINAL)
        choose = special.gammaln(n + 1) - special.gammaln(counts + 1) - special.gammaln(n - counts + 1)
        for p in grid.proportions:
            chance = np.exp(choose + special.xlogy(counts, p) + special.xlog1py(n - counts, -p))
            yield Cell(f"p={p:g} n={n}", float(chance[(low <= p) & (p <= high)].sum()), 0)


def exact_cells(grid: Grid) -> Iterator[Cell]:
    """Clopper-Pearson, enumerated."""
    return _binomial_cells(grid, clopper_pearson)


def wilson_cells(grid: Grid) -> Iterator[Cell]:
    """Wilson, enumerated."""
    return _binomial_cells(grid, wilson_score)


class Shape(NamedTuple):
    """A distribution of graded values in 0-1 with its mean."""

    name: str
    mean: float
    draw: Callable[[np.random.Generator, tuple[int, ...]], Array]


def _rare(common: float, rare: float, chance: float) -> Shape:
    def draw(source: np.random.Generator, size: tuple[int, ...]) -> Array:
        return np.where(source.random(size) < chance, rare, common)

    return Shape(f"{common:g}, in {100 * chance:g} % {rare:g}", common + chance * (rare - common), draw)


def _thirds(source: np.random.Generator, size: tuple[int, ...]) -> Array:
    return np.searchsorted([0.7, 0.8, 0.9], source.random(size)) / 3.0


SHAPES = (
    Shape("uniform", 0.5, lambda source, size: source.random(size)),
    Shape("beta(8,3)", 8 / 11, lambda source, size: source.beta(8, 3, size)),
    Shape("beta(.3,3)", 0.3 / 3.3, lambda source, size: source.beta(0.3, 3, size)),
    Shape("thirds", 0.2, _thirds),
    _rare(0.7, 0.0, 0.02),
    _rare(0.7, 0.0, 0.005),
    _rare(0.1, 1.0, 0.05),
    _rare(0.1, 1.0, 0.01),
    _rare(0.5, 1.0, 0.1),
)


def _graded_limits(values: Array) -> tuple[Array, Array]:
    mean = values.mean(-1)
    size = graded_size(values, mean * (1 - mean), NOMINAL)
    return clopper_pearson(mean * size, size, NOMINAL)


def graded_cells(grid: Grid) -> Iterator[Cell]:
    """Independent graded values."""
    for number, shape in enumerate(SHAPES):
        for n in grid.sizes:
            values = shape.draw(grid.source(1, number, n), (grid.replications // 2, n))
            yield _cell(f"{shape.name} n={n}", _graded_limits(values), shape.mean)


# --- clusters --------------------------------------------------------------------------------------------------------


def _rates(source: np.random.Generator, p: float, icc: float, size: tuple[int, ...]) -> Array:
    if icc == 0.0:
        return np.full(size, p)
    weight = (1 - icc) / icc
    return source.beta(p * weight, (1 - p) * weight, size)


def _equal_sizes(n: int, number: int) -> Array:
    return np.array([n // number + (place < n % number) for place in range(number)], dtype=np.float64)


def _unequal_sizes(n: int, number: int) -> Array:
    weights = np.array([10.0 if place % 5 == 0 else 1.0 for place in range(number)])
    sizes = np.maximum(np.floor(n * weights / weights.sum()), 1.0)
    sizes[0] += max(n - sizes.sum(), 0.0)
    return sizes


def clustered_cells(
    grid: Grid, interval: Interval = cluster_limits, sizes_of: Callable[[int, int], Array] = _equal_sizes
) -> Iterator[Cell]:
    """Clustered yes-or-no answers."""
    for n in grid.sizes:
        for number in (number for number in grid.clusters if number < n):
            sizes = sizes_of(n, number)
            for icc in grid.correlations:
                for p in grid.proportions:
                    source = grid.source(2, n, number, icc, p)
                    rates = _rates(source, p, icc, (grid.replications, number))
                    totals = source.binomial(sizes.astype(np.int64), rates).astype(np.float64)
                    where = f"p={p:g} n={n} clusters={number} ICC={icc:g}"
                    yield _cell(
                        where, interval(Clusters(totals, sizes, totals.sum(-1)), NOMINAL), p, (number, icc)
                    )


def _zipf_sizes(n: int, number: int) -> Array:
    weights = 1.0 / np.arange(1, number + 1)
    return np.maximum(np.floor(n * weights / weights.sum()), 1.0)


def unequal_cells(grid: Grid) -> Iterator[Cell]:
    """Clusters of two very different sizes."""
    return clustered_cells(grid._replace(replications=grid.replications // 2), sizes_of=_unequal_sizes)


def zipf_cells(grid: Grid) -> Iterator[Cell]:
    """Clusters of ever smaller size."""
    return clustered_cells(grid._replace(replications=grid.replications // 2), sizes_of=_zipf_sizes)


def cluster_t_cells(grid: Grid) -> Iterator[Cell]:
    """The usual cluster-robust t interval."""

    def interval(clusters: Clusters, confidence: float) -> tuple[Array, Array]:
        reach = student_quantile(clusters.number - 1, confidence) * np.sqrt(clusters.variance())
        return clusters.mean - reach, clusters.mean + reach

    return clustered_cells(grid, interval)


def plain_korn_graubard_cells(grid: Grid) -> Iterator[Cell]:
    """The effective size with every cluster counted as informative."""

    def interval(clusters: Clusters, confidence: float) -> tuple[Array, Array]:
        mean = clusters.mean
        everyone = np.ones_like(clusters.totals)
        size = cluster_size(clusters, mean * (1 - mean), (everyone,), clusters.samples, confidence)
        return clopper_pearson(mean * size, size, confidence)

    return clustered_cells(grid, interval)


# --- pairs -----------------------------------------------------------------------------------------------------------


def _discordances(grid: Grid) -> Iterator[tuple[float, float, float]]:
    """Shares of gains and losses, and their difference."""
    for discordance in grid.discordances:
        for share in (0.5, 0.65, 0.9, 1.0):
            yield discordance * share, discordance * (1 - share), discordance * (2 * share - 1)


def paired_cells(grid: Grid, interval: Interval = difference_limits) -> Iterator[Cell]:
    """Independent pairs of yes-or-no answers."""
    for n in grid.sizes:
        for gain, loss, truth in _discordances(grid):
            source = grid.source(3, n, gain, loss)
            counts = source.multinomial(n, [gain, loss, max(1 - gain - loss, 0.0)], grid.replications).astype(
                float
            )
            where = f"gain={gain:g} loss={loss:g} n={n}"
            size = np.full(grid.replications, float(n))
            yield _cell(where, interval(counts[:, 0], counts[:, 1], size, NOMINAL), truth)


def tango_cells(grid: Grid) -> Iterator[Cell]:
    """The score interval by itself."""
    return paired_cells(grid, tango)


def paired_cluster_cells(grid: Grid) -> Iterator[Cell]:
    """Clustered pairs: shares of gains and losses of a cluster drawn from a Dirichlet distribution."""
    replications = grid.replications // 2
    for n in grid.sizes:
        for number in (number for number in grid.clusters if number < n):
            sizes = _equal_sizes(n, number)
            for icc in grid.correlations:
                for gain, loss, truth in _discordances(grid):
                    source = grid.source(4, n, number, icc, gain, loss)
                    discordant = (
                        _rates(source, gain + loss, icc, (replications, number)) if gain + loss < 1 else 1.0
                    )
                    won = gain / (gain + loss)
                    # The winning share varies between clusters too, at the same correlation.
                    winning = _rates(source, won, icc, (replications, number)) if won < 1 else 1.0
                    total = source.binomial(sizes.astype(np.int64), discordant, (replications, number))
                    gains = source.binomial(total, winning).astype(np.float64)
                    limits = clustered_difference_limits(gains, total - gains, sizes, NOMINAL)
                    where = f"gain={gain:g} loss={loss:g} n={n} clusters={number} ICC={icc:g}"
                    yield _cell(where, limits, truth, (number, icc))


# --- sequences -------------------------------------------------------------------------------------------------------


def ever_rejected(values: Array, truth: Array, target_n: int, claims: Array | None = None) -> Array:
    """Which streams (second axis) reject their true mean at any time; ``claims`` by time where it changes."""
    rejected = np.zeros(values.shape[1], dtype=bool)
    for side in (1, -1):
        bettor = Bettor(side, target_n, NOMINAL)
        capital = np.ones(values.shape[1])
        for time, value in enumerate(values):
            capital = bettor.grow(capital, truth if claims is None else claims[time], value)
            rejected |= capital >= bettor.threshold
    return rejected


def _sequence_cell(where: str, rejected: Array) -> Cell:
    return Cell(where, float(1 - rejected.mean()), rejected.size)


def sequence_cells(grid: Grid) -> Iterator[Cell]:
    """Streams of yes-or-no answers, looked at after each, up to the target and to twice the target."""
    for n in grid.sizes:
        for p in grid.proportions:
            for target in (n, max(n // 2, 1)):
                values = grid.source(5, n, p, target).random((n, grid.replications)) < p
                rejected = ever_rejected(values.astype(np.float64), np.asarray(p), target)
                yield _sequence_cell(f"p={p:g} n={n} target={target}", rejected)


def sequence_cluster_cells(grid: Grid) -> Iterator[Cell]:
    """Streams of cluster means, twenty answers each."""
    for number in grid.clusters:
        for icc in grid.correlations:
            for p in grid.proportions:
                source = grid.source(6, number, icc, p)
                rates = _rates(source, p, icc, (number, grid.replications))
                values = source.binomial(20, rates) / 20.0
                where = f"p={p:g} clusters={number} ICC={icc:g}"
                yield _sequence_cell(where, ever_rejected(values, np.asarray(p), number))


def sequence_finite_cells(grid: Grid) -> Iterator[Cell]:
    """Populations read to their end in random order."""
    for n in (size for size in grid.sizes if size <= 400):
        for p in grid.proportions:
            population = (np.arange(n) < round(p * n)).astype(np.float64)
            source = grid.source(7, n, p)
            values = source.permuted(np.broadcast_to(population[:, None], (n, grid.replications)), axis=0)
            seen = np.cumsum(values, axis=0) - values
            claims = np.clip((population.sum() - seen) / (n - np.arange(n))[:, None], 0.0, 1.0)
            rejected = ever_rejected(values, population.mean(), max(n // 2, 1), claims)
            yield _sequence_cell(f"p={population.mean():g} population={n}", rejected)


# --- finite populations, repeats, judges -----------------------------------------------------------------------------


def finite_cells(grid: Grid) -> Iterator[Cell]:
    """Samples without replacement, enumerated."""
    for population_n in (size for size in grid.sizes if size <= 400):
        for n in sorted({max(population_n // 10, 1), population_n // 2, population_n * 9 // 10}):
            limits = [hypergeometric_limits(x, n, population_n, NOMINAL) for x in range(n + 1)]
            for total in sorted({round(p * population_n) for p in grid.proportions}):
                chance = [
                    math.comb(total, x) * math.comb(population_n - total, n - x) / math.comb(population_n, n)
                    for x in range(n + 1)
                ]
                held = sum(c for c, (low, high) in zip(chance, limits, strict=True) if low <= total <= high)
                yield Cell(f"p={total / population_n:g} population={population_n} n={n}", held, 0)


def finite_graded_cells(grid: Grid) -> Iterator[Cell]:
    """Graded values without replacement: a fresh population for each shape."""
    for number, shape in enumerate(SHAPES):
        for population_n in (size for size in grid.sizes if size <= 400):
            for n in sorted({max(population_n // 10, 3), population_n // 2, population_n * 9 // 10}):
                source = grid.source(8, number, population_n, n)
                population = shape.draw(source, (population_n,))
                order = source.permuted(np.tile(population, (grid.replications // 2, 1)), axis=1)
                # The public function also keeps to what the units already seen allow; a truth always does.
                limits = graded_finite_limits(order[:, :n], population_n, NOMINAL)
                yield _cell(f"{shape.name} population={population_n} n={n}", limits, float(population.mean()))


def repeat_cells(grid: Grid, spread: float = 0.0) -> Iterator[Cell]:
    """Repeats of a measurement: normal, or log-normal with the given spread."""
    for n in (3, 5, 10, 30):
        values = grid.source(9, n).standard_normal((grid.replications, n))
        if spread:
            values = np.exp(spread * values)
        mean = values.mean(-1)
        reach = student_quantile(n - 1, NOMINAL) * values.std(-1, ddof=1) / math.sqrt(n)
        truth = math.exp(spread**2 / 2) if spread else 0.0
        yield _cell(f"n={n}", (mean - reach, mean + reach), truth)


def skewed_repeat_cells(grid: Grid) -> Iterator[Cell]:
    """Repeats with a long right tail, as times have."""
    return repeat_cells(grid, 0.5)


def judge_cells(grid: Grid) -> Iterator[Cell]:
    """Verdicts of an imperfect judge, whose error rates are known from a sample of labels."""
    for se, sp in ((0.7, 0.7), (0.7, 0.95), (0.95, 0.7), (0.95, 0.95)):
        for labels in (50, 300):
            for n in grid.sizes:
                for p in grid.proportions:
                    source = grid.source(10, se, sp, labels, n, p)
                    size = grid.replications
                    found, left = source.binomial(labels, se, size), source.binomial(labels, sp, size)
                    errors = np.array([found, labels - found, left, labels - left], dtype=np.float64)
                    seen = source.binomial(n, p * se + (1 - p) * (1 - sp), size) / n
                    # A judge who looks too weak in the calibration is refused, not reported.
                    kept = (found + left + 2) / (labels + 2) - 1.0 >= LEAST_YOUDEN
                    where = f"p={p:g} n={n} Se={se:g} Sp={sp:g} labels={labels}+{labels}"
                    yield _cell(where, corrected_limits(seen[kept], n, errors[:, kept], NOMINAL), p)
