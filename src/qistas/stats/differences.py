"""Means of differences in -1 to 1: what each unit gained or lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from qistas.contracts.estimates import Estimate, not_estimable
from qistas.stats._checks import confidence_faults, refuse, value_faults
from qistas.stats._columns import column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qistas.stats.sampling import Sampling


def mean_difference(values: Sequence[float | None], sampling: Sampling, *, confidence: float) -> Estimate:
    """The mean of values in -1 to 1, each the difference that one unit showed.

    Gains and losses have limits of their own, as means of values in 0-1 for new clusters or for all of a finite
    population (`clustered_mean`, `finite_population`); together they limit the difference. So rare gains and losses
    leave the interval narrower than values spread over the whole scale would, and it never has no width. An
    unscored unit counts as -1 for the low limit and as 1 for the high one.

    Not estimable with fewer than two clusters, or with nothing scored.

    Raises:
        BadInput: a value outside -1 to 1, more values than the population has, or a confidence outside 0 to 1.
    """
    n = len(values)
    refuse(confidence_faults(confidence) + value_faults(values, -1.0, 1.0) + sampling.faults(n))
    given = column(values)
    scored = ~np.isnan(given)
    unscored = int(n - scored.sum())
    method = f"{'census' if sampling.complete else 'gains-and-losses'}; {sampling.question}"
    nothing = not_estimable(
        "", method=method, confidence=confidence, n=n, clusters=sampling.units, unscored=unscored
    )
    reason = sampling.refusal(n, unscored)
    if reason:
        return replace(nothing, reason=reason)
    value = float(given[scored].mean())
    low, high = sampling.signed_limits(given, -1.0, 1.0, confidence)
    return replace(nothing, value=value, low=min(low, value), high=max(high, value), reason=None)
