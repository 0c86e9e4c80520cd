"""A confidence sequence: an interval that may be looked at after every sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qistas.contracts.errors import Fault
from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._betting import Bettor
from qistas.stats._checks import confidence_faults, refuse, value_faults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_CLAIMS = 2048


class BettingSequence:
    """An interval for the mean of values in 0-1, valid at *any* stopping time, however it was chosen.

    The hedged capital process of Waudby-Smith and Ramdas (2024, "Estimating means of bounded random variables by
    betting"), with stakes tuned to ``target_n`` samples: it is tightest there, and still valid before and after.
    Values must come in a random order, each a fresh draw: with clusters, give the mean of a cluster as one value.

    A claimed mean that one side rejects takes with it every claim beyond it, so the grid of claims only ever
    makes the interval wider than it need be, by at most one step (0.0008 in the middle, 0.000001 at the ends).

    Args:
        target_n: samples that the stakes are tuned to; declared before the first one.
        confidence: between 0 and 1.
        population_n: give it when samples are drawn without replacement from a population of that size; the
            interval is then for the population's mean and closes at its end.

    Raises:
        BadInput: a target or a population below 1, or a confidence outside 0 to 1.
    """

    def __init__(self, target_n: int, confidence: float, population_n: int | None = None) -> None:
        faults = confidence_faults(confidence)
        if target_n < 1:
            faults.append(Fault(f"target_n is {target_n!r}, not at least 1", "target_n"))
        if population_n is not None and population_n < 1:
            faults.append(Fault(f"population_n is {population_n!r}, not at least 1", "population_n"))
        refuse(faults)
        self._target_n, self._population_n = target_n, population_n
        self._n = 0
        self._low, self._high = 0.0, 1.0
        self._low_sum = self._high_sum = 0.0
        self._above, self._below = (_Side(side, target_n, confidence) for side in (1, -1))

    @property
    def n(self) -> int:
        """Samples seen, scored or not."""
        return self._n

    @property
    def interval(self) -> tuple[float, float]:
        """The running interval: it only ever shrinks. (0, 1) before the first sample."""
        return self._low, self._high

    def update(self, low_value: float, high_value: float) -> None:
        """See one more sample: its value twice, or 0 and 1 when it is unscored.

        Raises:
            BadInput: values outside 0 to 1 or out of order, or more samples than the population has.
        """
        faults = value_faults((low_value, high_value), name="values")
        if not faults and low_value > high_value:
            faults.append(Fault(f"low value {low_value!r} is above high value {high_value!r}", "values"))
        if self._n == self._population_n:
            faults.append(Fault(f"all {self._n} units of the population were seen already", "population_n"))
        refuse(faults)
        left = None if self._population_n is None else self._population_n - self._n
        low = self._above.see(float(low_value), self._low_sum, left, self._population_n)
        high = self._below.see(float(high_value), self._high_sum, left, self._population_n)
        self._n += 1
        self._low_sum += float(low_value)
        self._high_sum += float(high_value)
        self._shrink(low, high)

    def _shrink(self, low: float, high: float) -> None:
        if self._population_n is not None:
            unseen = self._population_n - self._n
            low = max(low, self._low_sum / self._population_n)
            high = min(high, (self._high_sum + unseen) / self._population_n)
        # Crossing limits mean that the truth was left out before (probability 1 - confidence); nothing is gained
        # by an empty interval, so the last one stands.
        if max(low, self._low) <= min(high, self._high):
            self._low, self._high = max(low, self._low), min(high, self._high)
            self._above.forget(self._low, self._high)
            self._below.forget(self._low, self._high)


class _Side:
    """One bettor against a grid of claims, finer towards 0 and 1."""

    def __init__(self, side: int, target_n: int, confidence: float) -> None:
        steps = np.arange(_CLAIMS // 2 + 1, dtype=np.float64) / (_CLAIMS // 2)
        lower = steps * steps / 2.0
        self._claims: Array = np.concatenate([lower[:-1], 1.0 - lower[::-1]])
        self._capital: Array = np.ones_like(self._claims)
        self._bettor = Bettor(side, target_n, confidence)
        self._side = side
        self._limit = 0.0 if side > 0 else 1.0

    def see(self, value: float, seen_sum: float, left: int | None, population_n: int | None) -> float:
        """The limit after one more value: the last claim that is rejected."""
        expected = self._claims
        if left is not None and population_n is not None:
            # What a claim about the whole population says of the units that are left; outside 0-1 it is impossible,
            # and the population's own arithmetic says so.
            expected = np.clip((self._claims * population_n - seen_sum) / left, 0.0, 1.0)
        self._capital = self._bettor.grow(self._capital, expected, value)
        rejected = self._claims[self._capital >= self._bettor.threshold]
        if rejected.size:
            found = float(rejected[-1] if self._side > 0 else rejected[0])
            self._limit = max(self._limit, found) if self._side > 0 else min(self._limit, found)
        return self._limit

    def forget(self, low: float, high: float) -> None:
        """Claims outside the interval are settled and need no more bets."""
        first = int(np.searchsorted(self._claims, low, side="left"))
        last = int(np.searchsorted(self._claims, high, side="right"))
        if first > 0 or last < self._claims.size:
            self._claims, self._capital = self._claims[first:last], self._capital[first:last]


def sequence_estimate(
    values: Sequence[float | None], *, target_n: int, confidence: float, population_n: int | None = None
) -> Estimate:
    """The mean of values in 0-1 taken in this order, with the interval of a `BettingSequence`.

    ``None`` is unscored: 0 for the low limit, 1 for the high one. The value is the mean over scored samples; where
    the running interval has left it behind, the interval is widened to hold it.

    Not estimable with nothing scored.

    Raises:
        BadInput: a value outside 0 to 1, or as `BettingSequence`.
    """
    refuse(value_faults(values))
    sequence = BettingSequence(target_n, confidence, population_n)
    for value in values:
        sequence.update(*((0.0, 1.0) if value is None else (value, value)))
    scored = [float(value) for value in values if value is not None]
    n, unscored = len(values), len(values) - len(scored)
    method = f"betting-sequence(target_n={target_n}); " + (
        "answers new questions" if population_n is None else f"answers all {population_n} questions"
    )
    if not scored:
        reason = "every sample is unscored" if n else "there are no samples"
        return not_estimable(reason, method=method, confidence=confidence, n=n, clusters=n, unscored=unscored)
    mean = sum(scored) / len(scored)
    low, high = sequence.interval
    return Estimate(
        value=mean,
        low=min(low, mean),
        high=max(high, mean),
        confidence=confidence,
        n=n,
        clusters=n,
        unscored=unscored,
        method=method,
    )
