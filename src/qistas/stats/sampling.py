"""Which question an interval answers: new ones of the same kind, or all of a finite population."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qistas.contracts.errors import Fault
from qistas.stats._checks import length_faults
from qistas.stats._signed import signed_limits
from qistas.stats.clusters import cluster_codes, completed_limits, mean_limits, refusal
from qistas.stats.finite import completed_limits as finite_limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class NewQuestions(NamedTuple):
    """Units of the same kind as these, whose clusters are named here, one name for each unit."""

    clusters: tuple[str, ...]

    def faults(self, n: int) -> list[Fault]:
        """What is wrong with it for ``n`` units."""
        return length_faults(n, len(self.clusters), name="clusters")

    @property
    def complete(self) -> bool:
        """There are always more new questions."""
        return False

    @property
    def codes(self) -> NDArray[np.int64]:
        """The number of each unit's cluster."""
        return cluster_codes(self.clusters)[0]

    @property
    def units(self) -> int:
        """How many units of analysis there are."""
        return len(set(self.clusters))

    @property
    def question(self) -> str:
        """What the interval answers, in the words of a method."""
        return f"answers new {'questions' if self.units == len(self.clusters) else 'clusters'}"

    def refusal(self, n: int, unscored: int) -> str | None:
        """Why nothing can be estimated, if it cannot."""
        return refusal(n, self.units, unscored)

    def limits(self, values: Array, low: float, high: float, confidence: float) -> tuple[float, float]:
        """Limits of the mean of values in ``low`` to ``high``; NaN is a value that is missing."""
        return _stretched(completed_limits(_unit(values, low, high), self.codes, confidence), low, high)

    def signed_limits(self, values: Array, low: float, high: float, confidence: float) -> tuple[float, float]:
        """The same for values around 0; narrower where gains and losses are small or rare."""
        codes = self.codes

        def limits(completed: Array) -> tuple[float, float]:
            def share(part: Array) -> tuple[float, float]:
                return mean_limits(part, codes, confidence)

            return signed_limits(completed, (low, high), share, codes, lattice=False)

        return _over_completions(limits, values, low, high)


class AllQuestions(NamedTuple):
    """The finite population of which ``n`` units were drawn at random without replacement."""

    n: int
    population_n: int

    def faults(self, n: int) -> list[Fault]:
        """What is wrong with it for ``n`` units."""
        found = length_faults(n, self.n, name="n")
        if self.population_n < max(n, 1):
            what = f"{n} values from a population of {self.population_n}"
            found.append(Fault(what, "population_n", "count all units"))
        return found

    @property
    def complete(self) -> bool:
        """Whether the whole population was drawn."""
        return self.n == self.population_n

    @property
    def codes(self) -> NDArray[np.int64]:
        """Each unit by itself."""
        return np.arange(self.n)

    @property
    def units(self) -> int:
        """Each unit of a finite population counts by itself."""
        return self.n

    @property
    def question(self) -> str:
        """What the interval answers, in the words of a method."""
        return f"answers all {self.population_n} questions"

    def refusal(self, n: int, unscored: int) -> str | None:
        """Why nothing can be estimated, if it cannot."""
        if not n:
            return "no unit was drawn"
        return "every unit is unscored" if unscored == n else None

    def limits(self, values: Array, low: float, high: float, confidence: float) -> tuple[float, float]:
        """Limits of the population's mean of values in ``low`` to ``high``; NaN is a value that is missing."""
        unit = finite_limits(_unit(values, low, high), self.population_n, confidence)
        return _stretched(unit, low, high)

    def signed_limits(self, values: Array, low: float, high: float, confidence: float) -> tuple[float, float]:
        """The same for values around 0; narrower where gains and losses are small or rare."""
        unseen = self.population_n - self.n

        def limits(completed: Array) -> tuple[float, float]:
            def share(part: Array) -> tuple[float, float]:
                return finite_limits(part, self.population_n, confidence)

            changed = unseen * float((completed != 0.0).mean())
            lattice = unseen < _FEW_UNSEEN or changed < _FEW_CHANGED
            found = signed_limits(completed, (low, high), share, self.codes, lattice=lattice)
            least, most = ((float(completed.sum()) + unseen * end) / self.population_n for end in (low, high))
            return max(found[0], least), min(found[1], most)

        return _over_completions(limits, values, low, high)


# With fewer units unseen, or fewer of them likely to be other than 0, a mean can only take a few values.
_FEW_UNSEEN = 30
_FEW_CHANGED = 10

Sampling = NewQuestions | AllQuestions


def _over_completions(
    limits: Callable[[Array], tuple[float, float]], values: Array, low: float, high: float
) -> tuple[float, float]:
    """The hull over missing values at either end."""
    missing = np.isnan(values)
    fills = (low, high) if missing.any() else (low,)
    found = [limits(np.where(missing, fill, values)) for fill in fills]
    return min(one for one, _ in found), max(other for _, other in found)


def _unit(values: Array, low: float, high: float) -> Array:
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def _stretched(limits: tuple[float, float], low: float, high: float) -> tuple[float, float]:
    return low + (high - low) * limits[0], low + (high - low) * limits[1]
