"""Claims, recoveries and calibrations as a calibration run would make them, without a run."""

from __future__ import annotations

from typing import Any

from tests.fakes.jobs import TEXT, card, criterion
from tests.fakes.observed import sample, seen

from qistas.contracts.calibrations import Calibration, Claim, Coverage, Instrument, Recovery, Weight
from qistas.findings.recovery import recovery_of

CARD = card(design="fixed")


def claim(planted: float, **changes: Any) -> Claim:
    given: dict[str, Any] = {
        "property": "yes/en",
        "family": "refusal",
        "evaluation": CARD.id,
        "metric": "yes",
        "unit": "proportion",
        "statistic": "mean",
        "share": True,
        "title": TEXT,
        "weight": "sanja",
        "planted": planted,
        "population_n": 400,
        "raised": "below",
        "threshold": 0.5,
    }
    return Claim(**{**given, **changes})


def recovered(of: Claim, *, yes: int, n: int = 200, full_budget: bool = True, missing: int = 0) -> Recovery:
    """What comes of ``yes`` answers among ``n``, of which ``missing`` have no score."""
    values = [1.0] * yes + [0.0] * (n - yes - missing) + [None] * missing
    observations = [seen(sample(f"q{place}"), value) for place, value in enumerate(values)]
    asked = criterion(requirement=None, samples=n)
    return recovery_of(of, observations, CARD, asked, family_confidence=0.9998, full_budget=full_budget)


def coverage(hits: int, *, short: bool = False, off: bool = False) -> Coverage:
    return Coverage(
        seeds=200, hits=hits, p_value=0.5, short=short, median_half_width=0.05, whole=0.5, off=off
    )


def calibration(*lines: Recovery) -> Calibration:
    return Calibration(
        qistas="0.1.0",
        date="2026-03-04",
        confidence=0.95,
        comparisons=10,
        seed=0,
        budget=None,
        seeds=200,
        weights={"sanja": Weight(ref="sanja", digest="sha256:1", other=False)},
        instruments={
            CARD.id: Instrument(
                title=TEXT, version="1.0", card="sha256:2", judge="rule/yes", judge_version="1"
            )
        },
        lines=lines,
    )
