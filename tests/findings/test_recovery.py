"""Whether an instrument finds what was planted, by the published rules."""

from __future__ import annotations

import msgspec
import pytest
from tests.fakes.calibrated import CARD, calibration, claim, coverage, recovered

from qistas.contracts.calibrations import CalibrationRecord, Recovery
from qistas.findings.recovery import (
    WIDEST_COMPUTED,
    WIDEST_DIFFERENCE,
    WIDEST_HALF,
    faulty,
    holds,
    records_of,
    width_limit,
)


def verdicts(line: Recovery) -> tuple[object, ...]:
    return line.outcome, line.raised, line.false_alarm, line.wide


@pytest.mark.parametrize(
    ("planted", "yes", "expected"),
    [
        (0.05, 10, ("recovered", True, False, False)),
        (0.95, 190, ("recovered", False, False, False)),
        (0.05, 190, ("missed", False, False, False)),
        (0.95, 10, ("missed", True, True, False)),
        (0.48, 96, ("missed", False, False, False)),
        (0.5, 100, ("recovered", False, False, False)),
    ],
)
def test_a_property_is_recovered_where_value_and_side_agree_with_what_was_planted(planted, yes, expected):
    assert verdicts(recovered(claim(planted), yes=yes)) == expected


def test_with_a_small_budget_an_interval_that_cannot_tell_is_open_and_no_failure():
    line = recovered(claim(0.4), yes=8, n=20, full_budget=False)
    assert line.outcome == "open"
    assert not faulty(line)
    assert recovered(claim(0.99), yes=0, n=20, full_budget=False).outcome == "missed"


def test_without_a_threshold_numbers_are_only_compared():
    line = recovered(claim(0.05, raised=None, threshold=None), yes=10)
    assert verdicts(line) == ("recovered", False, False, False)


def test_above_is_the_mirror_of_below():
    above = {"raised": "above", "threshold": 0.1}
    assert verdicts(recovered(claim(0.9, **above), yes=180)) == ("recovered", True, False, False)
    assert verdicts(recovered(claim(0.0, **above), yes=0)) == ("recovered", False, False, False)
    assert verdicts(recovered(claim(0.0, **above), yes=80)) == ("missed", True, True, False)


def test_an_interval_of_a_share_may_not_be_wide_at_the_default_budget():
    wide = recovered(claim(0.5), yes=30, n=60)
    assert wide.half_width is not None
    assert wide.half_width > WIDEST_HALF
    assert wide.wide
    assert faulty(wide)
    assert not recovered(claim(0.5), yes=30, n=60, full_budget=False).wide


def test_every_kind_of_metric_has_a_limit_of_its_own():
    share, score = claim(0.5), claim(0.5, unit="score", share=False)
    difference = claim(0.0, unit="difference", share=False)
    computed = claim(0.5, unit="score", statistic="ece", share=False)
    limits = [width_limit(of) for of in (share, score, difference, computed, claim(0.5, unit="seconds"))]
    assert limits == [WIDEST_HALF, WIDEST_HALF, WIDEST_DIFFERENCE, WIDEST_COMPUTED, None]
    assert [recovered(of, yes=30, n=60).wide for of in (score, difference, computed)] == [True, False, True]


def test_too_many_samples_without_a_score_speak_against_the_instrument_at_any_budget():
    hidden = recovered(claim(0.05), yes=0, n=12, full_budget=False, missing=11)
    assert (hidden.outcome, hidden.many_unscored, faulty(hidden)) == ("open", True, True)
    one = recovered(claim(0.05), yes=0, n=12, full_budget=False, missing=1)
    assert (one.many_unscored, faulty(one)) == (False, False)
    at_the_limit, beyond_it = (recovered(claim(0.05), yes=10, missing=missing) for missing in (10, 11))
    assert (at_the_limit.many_unscored, beyond_it.many_unscored) == (False, True)


def test_where_nothing_was_scored_nothing_is_recovered():
    line = recovered(claim(0.5), yes=0, n=3, missing=3)
    assert verdicts(line) == ("missed", False, False, False)
    assert line.wide_interval is None
    assert line.half_width is None


def test_the_same_sums_in_another_batch_are_the_same_value():
    assert holds((0.5, 0.5), 0.5024)
    assert not holds((0.5, 0.5), 0.5026)
    assert not holds(None, 0.5)


def test_an_interval_that_covers_too_rarely_speaks_against_the_instrument():
    line = recovered(claim(0.05), yes=10)
    assert not faulty(line)
    assert not faulty(msgspec.structs.replace(line, coverage=coverage(190)))
    assert faulty(msgspec.structs.replace(line, coverage=coverage(150, short=True)))


def test_another_value_on_the_whole_population_speaks_against_the_instrument():
    line = recovered(claim(0.05), yes=10)
    assert faulty(msgspec.structs.replace(line, coverage=coverage(190, off=True)))


def test_what_is_kept_counts_the_lines_of_each_evaluation():
    good = msgspec.structs.replace(recovered(claim(0.5), yes=100), coverage=coverage(190))
    bad = msgspec.structs.replace(recovered(claim(0.95), yes=10), coverage=coverage(0))
    score = recovered(claim(0.5, share=False), yes=30, n=60)
    assert good.half_width is not None
    assert records_of(calibration(good, bad, score)) == {
        CARD.id: CalibrationRecord(
            qistas="0.1.0",
            version="1.0",
            card="sha256:2",
            judge="rule/yes",
            judge_version="1",
            weights={"sanja": "sha256:1"},
            date="2026-03-04",
            confidence=0.95,
            lines=3,
            recovered=2,
            false_alarms=1,
            faulty=2,
            worst_half_width=round(good.half_width, 6),
            seeds=200,
            hits=190,
            trials=400,
        )
    }
    assert records_of(calibration(score))[CARD.id].worst_half_width is None


def test_the_family_shares_the_chance_of_being_wrong():
    assert calibration().family_confidence == pytest.approx(0.995)
