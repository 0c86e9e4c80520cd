"""A paired difference that may be looked at after every sample: for runs that end once they are decided."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._checks import confidence_faults, length_faults, refuse, value_faults
from qistas.stats._columns import column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Values = Sequence[float | None]

# Stakes are fixed beforehand; more of them for more samples, which tell smaller differences apart.
_FEWEST_STAKES = 64
_STAKES_BY_ROOT = 4.0
_HALVINGS = 24
# Wealth is looked at so often at most, evenly spread: looking less often is as valid.
_MOST_LOOKS = 512
# Wealth beyond this says no more than that the means differ.
_RICHEST_LOG = 12.0 * math.log(10.0)
# So many pairs that speak for one side make more wealth than any p-value that is given asks for.
_ENOUGH = 64
_METHOD = "paired-betting-mixture; answers new questions"


def sequential_difference(a: Values, b: Values, *, target_n: int, confidence: float) -> Estimate:
    """The mean of ``a`` minus the mean of ``b`` for values in 0-1, looked at in this order, whenever looking stopped.

    The interval holds every difference that no bettor on `sequential_p_value`'s terms ever rejected. Each sample must
    be a cluster of its own and come in a random order, of at most ``target_n``, declared beforehand; one that lacks a value counts at its worst for either end.

    Not estimable with nothing scored on both sides.

    Raises:
        BadInput: a value outside 0 to 1, columns of different lengths, or a confidence outside 0 to 1.
    """
    low, high, scored = _gaps(a, b, confidence)
    n, unscored = len(low), len(low) - len(scored)
    if not len(scored):
        reason = "every sample is unscored" if n else "there are no samples"
        return not_estimable(
            reason, method=_METHOD, confidence=confidence, n=n, clusters=n, unscored=unscored
        )
    gaps = _Gaps.of(low, high, target_n)
    value, least = float(scored.mean()), -math.log(1.0 - confidence)
    return Estimate(
        value=value,
        low=-_farthest(gaps.reversed(), -value, least),
        high=_farthest(gaps, value, least),
        confidence=confidence,
        n=n,
        clusters=n,
        unscored=unscored,
        method=_METHOD,
    )


def sequential_p_value(a: Values, b: Values, *, target_n: int) -> float | None:
    """A p-value for equal means that holds whenever looking stopped: 1 over the most wealth that betting ever had.

    Where the means are equal, no stake on the next difference gains on average, nor does a mixture of stakes fixed
    beforehand; so the wealth ever reaches 1/p with a probability of at most p (Ville, 1939). The mixture is Cover's
    universal portfolio (1991; as a test of a mean, Orabona and Jun, 2024) with Jeffreys' weights: for 0-or-1 values it bets as Krichevsky and
    Trofimov (1981) would on which side the next discordant pair favours, and loses hardly more than the best fixed stake.

    ``None`` with nothing scored on both sides.

    Raises:
        BadInput: a value outside 0 to 1, or columns of different lengths.
    """
    low, high, scored = _gaps(a, b, 0.5)
    return math.exp(-_Gaps.of(low, high, target_n).most_log_wealth(0.0)) if len(scored) else None


def sequence_could_differ(n: int, *, target_n: int, error: float) -> bool:
    """Whether `sequential_p_value` of ``n`` pairs could be ``error`` or less at all: where each speaks for one side.

    Known before anything is seen; no other pairs make the wealth greater, which is convex in how many speak for which side.
    """
    several = min(n, _ENOUGH)
    found = sequential_p_value([1.0] * several, [0.0] * several, target_n=target_n)
    return found is not None and found <= error


def _gaps(a: Values, b: Values, confidence: float) -> tuple[Array, Array, Array]:
    """The differences with what is missing at its lowest, at its highest, and left out."""
    faults = confidence_faults(confidence) + value_faults(a, name="a") + value_faults(b, name="b")
    refuse(faults + length_faults(len(a), len(b), name="b"))
    left, right = column(a), column(b)
    low = np.nan_to_num(left, nan=0.0) - np.nan_to_num(right, nan=1.0)
    high = np.nan_to_num(left, nan=1.0) - np.nan_to_num(right, nan=0.0)
    gaps = left - right
    return low, high, gaps[~np.isnan(gaps)]


class _Gaps(NamedTuple):
    """Differences as often as they were seen by each look: ``low`` and ``high`` hold those that differ, with what is
    missing at its lowest and highest, ``seen`` how many there were by look and kind, ``stakes`` what is bet on them.

    Differences of 0-or-1 values are one of three, and logarithms are dear.
    """

    low: Array
    high: Array
    seen: Array
    stakes: Array

    @classmethod
    def of(cls, low: Array, high: Array, target_n: int) -> _Gaps:
        """These differences, bet on with as many stakes as tell apart what so many samples can show."""
        _, first, kinds = np.unique(low + 4.0 * high, return_index=True, return_inverse=True)
        count = 2 * math.ceil(max(_FEWEST_STAKES, _STAKES_BY_ROOT * math.sqrt(target_n)) / 2)
        stakes = np.cos((np.arange(count) + 0.5) * math.pi / count)
        between = math.ceil(max(target_n, len(low)) / _MOST_LOOKS)
        seen = np.zeros((math.ceil(len(low) / between), len(first)))
        np.add.at(seen, (np.arange(len(low)) // between, kinds), 1.0)
        return cls(low[first], high[first], seen.cumsum(axis=0), stakes)

    def reversed(self) -> _Gaps:
        """The same with the two sides exchanged."""
        return self._replace(low=-self.high, high=-self.low)

    def most_log_wealth(self, claimed: float) -> float:
        """The logarithm of the most wealth on the way, from 1 on, of who doubts the claimed mean.

        Stakes on higher values see the low ones, stakes on lower values the high ones: what is missing never pays.
        """
        # No stake can lose more than all: a value lies at most 1 + claimed below the claim, and 1 - claimed above.
        stakes = np.where(self.stakes > 0.0, self.stakes / (1.0 + claimed), self.stakes / (1.0 - claimed))
        seen = np.where(stakes > 0.0, self.low[:, None], self.high[:, None]) - claimed
        wealth = self.seen @ np.log1p(stakes * seen)
        peaks = wealth.max(axis=1, keepdims=True)
        together = peaks[:, 0] + np.log(np.exp(wealth - peaks).mean(axis=1))
        return min(max(0.0, float(together.max())), _RICHEST_LOG)


def _farthest(gaps: _Gaps, value: float, least: float) -> float:
    """The greatest difference, from ``value`` on, that betting does not reject; 1 where it rejects none."""
    kept, rejected = value, 1.0 - 1e-9
    if gaps.most_log_wealth(rejected) < least:
        return 1.0
    for _ in range(_HALVINGS):
        middle = (kept + rejected) / 2.0
        if gaps.most_log_wealth(middle) < least:
            kept = middle
        else:
            rejected = middle
    return rejected
