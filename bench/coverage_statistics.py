"""The cells of the statistics that are computed from two values of each sample, and of differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from coverage_grid import NOMINAL, Cell, Grid

from qistas.stats.differences import mean_difference
from qistas.stats.ece import calibration_error, expected_calibration_error
from qistas.stats.ratio import left_over_limits
from qistas.stats.risk_coverage import area, risk_coverage_area
from qistas.stats.sampling import AllQuestions, NewQuestions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qistas.contracts.estimates import Estimate
    from qistas.stats.sampling import Sampling

    Array = np.ndarray[Any, np.dtype[np.float64]]
    Statistic = Callable[[Array, Array, Sampling], Estimate]

_ATOMS = 2000
_EDGE = 1e-9
_SHARED = 0.5


class Answers(NamedTuple):
    """Confidences at equal steps of their distribution, and how often each is right."""

    name: str
    confidences: Array
    accuracies: Array

    def draw(self, source: np.random.Generator, clusters: int, each: int) -> tuple[Array, Array]:
        """Confidence and correctness of samples in clusters; half of a cluster's samples share their luck."""
        atoms = source.integers(0, _ATOMS, (clusters, each))
        luck, own = source.random((clusters, 1)), source.random((clusters, each))
        if each > 1:
            own = np.where(source.random((clusters, each)) < _SHARED, luck, own)
        return self.confidences[atoms].ravel(), (own < self.accuracies[atoms]).ravel().astype(float)


def _answers(name: str, quantile: Callable[[Array], Array], accuracy: Callable[[Array], Array]) -> Answers:
    confidences = quantile((np.arange(_ATOMS) + 0.5) / _ATOMS)
    return Answers(name, confidences, np.clip(accuracy(confidences), 0.0, 1.0))


ANSWERS = (
    _answers("well calibrated", lambda u: u, lambda c: c),
    _answers("over-confident by .3", lambda u: 0.5 + u / 2, lambda c: c - 0.3),
    _answers("always .995, right in 97 %", lambda u: 0.995 + 0 * u, lambda c: 0.97 + 0 * c),
    _answers(
        "1 % at .15, all right",
        lambda u: np.where(u < 0.01, 0.15, 0.95),
        lambda c: np.where(c < 0.5, 1.0, 0.95),
    ),
    _answers("most confident 2 % wrong", lambda u: u, lambda c: np.where(c > 0.98, 0.0, 1.0)),
    _answers("says nothing, right in 90 %", lambda u: u, lambda c: 0.9 + 0 * c),
)


def _ece(confidences: Array, correct: Array, sampling: Sampling) -> Estimate:
    return expected_calibration_error(list(confidences), list(correct), sampling, confidence=NOMINAL)


def _aurc(confidences: Array, correct: Array, sampling: Sampling) -> Estimate:
    return risk_coverage_area(list(confidences), list(correct), sampling, confidence=NOMINAL)


def _ece_of(confidences: Array, correct: Array) -> float:
    return calibration_error(confidences, correct, 10)


def _aurc_of(confidences: Array, correct: Array) -> float:
    return area(confidences, 1.0 - correct)


def _held(estimate: Estimate, truth: float) -> bool:
    if estimate.low is None or estimate.high is None:
        return True
    return estimate.low <= truth + _EDGE and truth - _EDGE <= estimate.high


def _replications(grid: Grid) -> int:
    return max(grid.replications // 8, 24)


def _sizes(grid: Grid) -> list[int]:
    return [size for size in grid.sizes if 30 <= size <= 400]


def _drawn(grid: Grid, population_n: int) -> list[int]:
    return [max(round(population_n * share), 3) for share in grid.shares]


def _new(names: list[int]) -> NewQuestions:
    return NewQuestions(tuple(map(str, names)))


def _answer_cells(
    grid: Grid, key: int, statistic: Statistic, of: Callable[[Array, Array], float], each: int
) -> Iterator[Cell]:
    for number, answers in enumerate(ANSWERS):
        truth = of(answers.confidences, answers.accuracies)
        for n in _sizes(grid):
            source, held = grid.source(key, number, n, each), 0
            codes = [place // each for place in range(n // each * each)]
            for _ in range(_replications(grid)):
                drawn = answers.draw(source, n // each, each)
                held += _held(statistic(*drawn, _new(codes)), truth)
            where = f"{answers.name} n={n}" + (f" clusters={n // each}" if each > 1 else "")
            yield Cell(where, held / _replications(grid), _replications(grid))


def _finite_answer_cells(
    grid: Grid, key: int, statistic: Statistic, of: Callable[[Array, Array], float]
) -> Iterator[Cell]:
    for number, answers in enumerate(ANSWERS):
        for population_n in _sizes(grid):
            for n in _drawn(grid, population_n):
                source, held = grid.source(key, number, population_n, n), 0
                confidences, correct = answers.draw(source, population_n, 1)
                truth = of(confidences, correct)
                for _ in range(_replications(grid)):
                    drawn = source.permutation(population_n)[:n]
                    estimate = statistic(confidences[drawn], correct[drawn], AllQuestions(n, population_n))
                    held += _held(estimate, truth)
                where = f"{answers.name} population={population_n} n={n}"
                yield Cell(where, held / _replications(grid), _replications(grid))


def ece_cells(grid: Grid) -> Iterator[Cell]:
    """Calibration error of independent answers."""
    return _answer_cells(grid, 20, _ece, _ece_of, 1)


def ece_cluster_cells(grid: Grid) -> Iterator[Cell]:
    """Calibration error of answers in clusters of five."""
    return _answer_cells(grid, 21, _ece, _ece_of, 5)


def ece_finite_cells(grid: Grid) -> Iterator[Cell]:
    """Calibration error of a finite population."""
    return _finite_answer_cells(grid, 22, _ece, _ece_of)


def aurc_cells(grid: Grid) -> Iterator[Cell]:
    """Risk-coverage area of independent answers."""
    return _answer_cells(grid, 23, _aurc, _aurc_of, 1)


def aurc_cluster_cells(grid: Grid) -> Iterator[Cell]:
    """Risk-coverage area of answers in clusters of five."""
    return _answer_cells(grid, 24, _aurc, _aurc_of, 5)


def aurc_finite_cells(grid: Grid) -> Iterator[Cell]:
    """Risk-coverage area of a finite population."""
    return _finite_answer_cells(grid, 25, _aurc, _aurc_of)


# --- ratios ----------------------------------------------------------------------------------------------------------


class Pairs(NamedTuple):
    """How often each pair of a numerator and a denominator comes up."""

    name: str
    tops: tuple[float, ...]
    bottoms: tuple[float, ...]
    chances: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The true ratio."""
        return float(np.dot(self.tops, self.chances) / np.dot(self.bottoms, self.chances))

    def draw(self, source: np.random.Generator, clusters: int, each: int) -> tuple[Array, Array]:
        """Numerators and denominators of samples in clusters; half of a cluster's samples are alike."""
        size = (clusters, each)
        kinds = source.choice(len(self.chances), size, p=self.chances)
        if each > 1:
            one = source.choice(len(self.chances), (clusters, 1), p=self.chances)
            kinds = np.where(source.random(size) < _SHARED, one, kinds)
        return np.array(self.tops)[kinds].ravel(), np.array(self.bottoms)[kinds].ravel()


PAIRS = (
    Pairs("drop .4 of .8", (1, 0, 0, -1), (1, 1, 0, 0), (0.32, 0.48, 0.18, 0.02)),
    Pairs("drop .01 of .95", (1, 0, 0), (1, 1, 0), (0.01, 0.94, 0.05)),
    Pairs("drop .9 of .3", (1, 0, 0), (1, 1, 0), (0.27, 0.03, 0.7)),
    Pairs("lean .5 of few", (1, -1, 0), (1, 1, 0), (0.075, 0.025, 0.9)),
    Pairs("lean 1 of many", (1, -1, 0), (1, 1, 0), (0.59, 0.01, 0.4)),
    Pairs("graded", (0.9, 0.1, 0.5, 0.0), (1.0, 0.2, 0.7, 0.3), (0.4, 0.2, 0.2, 0.2)),
)


def _ratio_held(tops: Array, bottoms: Array, truth: float, sampling: Sampling) -> bool:
    """Whether a ratio is among those that the interval holds: the mean of what it leaves over may be 0."""
    low, high = left_over_limits(tops, bottoms, truth, (-1.0, 1.0), sampling, NOMINAL)
    return low <= _EDGE and high >= -_EDGE


def _ratio_cells(grid: Grid, key: int, each: int) -> Iterator[Cell]:
    for number, pairs in enumerate(PAIRS):
        for n in _sizes(grid):
            source, held = grid.source(key, number, n, each), 0
            sampling = _new([place // each for place in range(n // each * each)])
            for _ in range(_replications(grid)):
                held += _ratio_held(*pairs.draw(source, n // each, each), pairs.ratio, sampling)
            where = f"{pairs.name} n={n}" + (f" clusters={n // each}" if each > 1 else "")
            yield Cell(where, held / _replications(grid), _replications(grid))


def ratio_cells(grid: Grid) -> Iterator[Cell]:
    """Ratios of independent pairs."""
    return _ratio_cells(grid, 26, 1)


def ratio_cluster_cells(grid: Grid) -> Iterator[Cell]:
    """Ratios of pairs in clusters of five."""
    return _ratio_cells(grid, 27, 5)


def ratio_finite_cells(grid: Grid) -> Iterator[Cell]:
    """Ratios of a finite population."""
    for number, pairs in enumerate(PAIRS):
        for population_n in _sizes(grid):
            for n in _drawn(grid, population_n):
                source, held = grid.source(28, number, population_n, n), 0
                tops, bottoms = pairs.draw(source, population_n, 1)
                truth = float(tops.sum() / bottoms.sum()) if bottoms.any() else 0.0
                for _ in range(_replications(grid)):
                    drawn = source.permutation(population_n)[:n]
                    held += _ratio_held(tops[drawn], bottoms[drawn], truth, AllQuestions(n, population_n))
                where = f"{pairs.name} population={population_n} n={n}"
                yield Cell(where, held / _replications(grid), _replications(grid))


# --- differences -----------------------------------------------------------------------------------------------------


class Gaps(NamedTuple):
    """A distribution of differences in -1 to 1 with its mean."""

    name: str
    mean: float
    draw: Callable[[np.random.Generator, tuple[int, ...]], Array]


def _three(up: float, down: float) -> Gaps:
    def draw(source: np.random.Generator, size: tuple[int, ...]) -> Array:
        return source.choice([1.0, -1.0, 0.0], size, p=[up, down, 1.0 - up - down])

    return Gaps(f"+1 in {up:g}, -1 in {down:g}", up - down, draw)


GAPS = (
    _three(0.3, 0.1),
    _three(0.02, 0.0),
    _three(0.01, 0.01),
    _three(0.9, 0.0),
    Gaps("uniform", 0.0, lambda source, size: source.uniform(-1.0, 1.0, size)),
    Gaps("small shifts", 0.1, lambda source, size: 0.2 * source.beta(2, 2, size)),
    Gaps(
        "a tenth shift",
        0.05,
        lambda source, size: np.where(source.random(size) < 0.1, source.uniform(0.0, 1.0, size), 0.0),
    ),
)


def gap_cells(grid: Grid) -> Iterator[Cell]:
    """Independent differences."""
    for number, gaps in enumerate(GAPS):
        for n in _sizes(grid):
            source, held, sampling = grid.source(29, number, n), 0, _new(list(range(n)))
            for _ in range(_replications(grid)):
                values = list(gaps.draw(source, (n,)))
                held += _held(mean_difference(values, sampling, confidence=NOMINAL), gaps.mean)
            yield Cell(f"{gaps.name} n={n}", held / _replications(grid), _replications(grid))


def gap_finite_cells(grid: Grid) -> Iterator[Cell]:
    """Differences in a finite population."""
    for number, gaps in enumerate(GAPS):
        for population_n in _sizes(grid):
            for n in _drawn(grid, population_n):
                source, held = grid.source(30, number, population_n, n), 0
                population = gaps.draw(source, (population_n,))
                truth = float(population.mean())
                for _ in range(_replications(grid)):
                    drawn = list(source.permutation(population)[:n])
                    estimate = mean_difference(drawn, AllQuestions(n, population_n), confidence=NOMINAL)
                    held += _held(estimate, truth)
                where = f"{gaps.name} population={population_n} n={n}"
                yield Cell(where, held / _replications(grid), _replications(grid))
