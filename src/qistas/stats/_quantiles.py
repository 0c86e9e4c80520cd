"""Quantiles of the normal and of Student's t, two-sided at a confidence."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def normal_quantile(confidence: float) -> float:
    """How many standard errors a two-sided normal interval reaches; 1.96 at 0.95."""
    return NormalDist().inv_cdf((1.0 + confidence) / 2.0)


def student_quantile(degrees: ArrayLike, confidence: float) -> NDArray[np.float64]:
    """The same for Student's t; degrees of freedom may be fractional, above 0."""
    from scipy import special

    quantile: Any = special.stdtrit(np.asarray(degrees, dtype=np.float64), (1.0 + confidence) / 2.0)
    return np.asarray(quantile, dtype=np.float64)
