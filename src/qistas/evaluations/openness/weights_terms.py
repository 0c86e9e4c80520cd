"""What the documents of a release say of the terms of its weights, where a licence text alone could be meant for the code."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from qistas.contracts.openness import Judgement
from qistas.evaluations.openness.ladder import judge_all, load_ladders
from qistas.evaluations.openness.record import ReleaseRecord

WEIGHTS_TERMS = "weights-terms"
LADDERS = Path(__file__).parent / "weights_terms.yaml"


# Several projections look at the same record.
@lru_cache(maxsize=4)
def weights_terms(record: ReleaseRecord) -> Judgement:
    """``restricted``, ``separate``, ``code_only``, or ``unsaid`` in the documents that were read."""
    return judge_all(load_ladders(LADDERS), record)[WEIGHTS_TERMS]
