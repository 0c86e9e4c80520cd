"""What holds for every statistic of confidence and correctness, whatever the samples."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qistas.contracts.estimates import Estimate
from qistas.stats.ece import expected_calibration_error
from qistas.stats.risk_coverage import risk_coverage_area
from qistas.stats.sampling import AllQuestions, NewQuestions

# Ends and insides of bins, equal confidences, and what has none.
PAIRS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.05, 0.3, 0.95, 1.0, None]), st.sampled_from([0.0, 1.0, None])),
    min_size=2,
    max_size=30,
)


@pytest.mark.parametrize("statistic", [expected_calibration_error, risk_coverage_area])
@settings(deadline=None, max_examples=25)
@given(pairs=PAIRS, more=st.integers(0, 30))
def test_the_interval_holds_the_value_within_0_and_1_and_has_a_width_unless_everything_is_known(
    statistic: Callable[..., Estimate], pairs: list[tuple[float | None, float | None]], more: int
) -> None:
    n, confidences, correct = len(pairs), [one for one, _ in pairs], [other for _, other in pairs]
    for sampling in (NewQuestions(tuple(map(str, range(n)))), AllQuestions(n, n + more)):
        found = statistic(confidences, correct, sampling, confidence=0.95)
        if found.value is not None:
            assert found.low is not None
            assert found.high is not None
            assert 0.0 <= found.low <= found.value <= found.high <= 1.0 + 1e-12
            known = isinstance(sampling, AllQuestions) and not more and not found.unscored
            assert (found.high - found.low < 1e-9) == known
