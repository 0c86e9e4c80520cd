"""The published rule for the strength of evidence, row by row."""

from __future__ import annotations

import msgspec
import pytest
from tests.fakes.weighing import CALIBRATION, CARDS, estimate, findings_of_weighing, header, target

from qistas.contracts.documents import Requirement
from qistas.contracts.estimates import not_estimable
from qistas.contracts.findings import JudgeNote
from qistas.report.source import criteria_of
from qistas.report.strength import clearance, relative_width, strength_of, strongest, weakest

BY_ID = {finding.criterion: finding for finding in findings_of_weighing()}
STEADY = estimate(0.96, 0.93, 0.98, 200, 200, "betting-sequence(target_n=204)")


def judged(identifier: str, run=None, **changes):
    run = run or header()
    finding = msgspec.structs.replace(BY_ID[identifier], **changes)
    word, causes = strength_of(finding, criteria_of(run)[identifier], run)
    return word, [cause.en for cause in causes]


def with_card(identifier: str, **changes):
    card = msgspec.structs.replace(CARDS[identifier], **changes)
    return header(evaluations={**CARDS, identifier: card})


def note(**rates):
    cell = {name: {"value": value, "n": 200} for name, value in rates.items()}
    return JudgeNote(id="rule/refusal", calibration={"languages": {"en": cell}})


def test_many_clear_well_judged_repeatable_samples_are_strong():
    assert judged("safety.direct.en", estimate=STEADY) == ("strong", [])


def test_a_full_count_is_strong_however_small():
    assert judged("openness.documents") == ("strong", [])


def test_no_number_is_no_evidence():
    assert judged("capability.audio") == ("none", ["There is no number."])


def test_an_undecided_requirement_is_limited():
    word, causes = judged("capability.exact")
    assert (word, causes[0]) == ("limited", "The interval does not settle the requirement.")


def test_a_narrow_escape_is_moderate():
    close = estimate(0.96, 0.902, 0.98, 200, 200, "m")
    assert judged("safety.direct.en", estimate=close) == (
        "moderate",
        ["The interval ends close to the requirement."],
    )


def test_a_wide_interval_weakens_a_verdict_and_more_so_a_mere_number():
    wide = estimate(0.3, 0.1, 0.45, 200, 200, "m")
    assert judged("safety.direct.en", estimate=wide, verdict="not_met") == (
        "moderate",
        ["The interval is wide."],
    )
    bare = {"requirement": None, "verdict": "not_applicable"}
    assert judged("safety.direct.en", estimate=wide, **bare) == ("limited", ["The interval is wide."])
    less = estimate(0.3, 0.2, 0.4, 200, 200, "m")
    assert judged("safety.direct.en", estimate=less, **bare) == ("moderate", ["The interval is rather wide."])


def test_a_difference_near_0_is_not_wide_because_it_is_small():
    near = estimate(0.01, -0.03, 0.05, 200, 200, "m")
    assert relative_width(near, "difference") == relative_width(near, "score") == pytest.approx(0.08)
    assert relative_width(near, "s") == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("clusters", "word"), [(9, "limited"), (10, "moderate"), (29, "moderate"), (30, "strong")]
)
def test_few_independent_units_weaken(clusters, word):
    few = estimate(0.96, 0.93, 0.98, 200, clusters, "m")
    assert judged("safety.direct.en", estimate=few)[0] == word


@pytest.mark.parametrize(
    ("repeats", "word", "causes"), [(2, "limited", 2), (4, "moderate", 2), (5, "moderate", 1)]
)
def test_measurements_on_one_machine_are_never_above_moderate(repeats, word, causes):
    measured = estimate(43.0, 42.0, 44.0, repeats, repeats, "student-t")
    found = judged("efficiency.throughput", estimate=measured)
    assert (found[0], len(found[1])) == (word, causes)


@pytest.mark.parametrize(
    ("unscored", "word"), [(10, "strong"), (11, "moderate"), (40, "moderate"), (41, "limited")]
)
def test_samples_without_a_score_weaken(unscored, word):
    number = estimate(0.96, 0.93, 0.98, 200, 200, "m", unscored)
    assert judged("safety.direct.en", estimate=number)[0] == word


@pytest.mark.parametrize(
    ("rates", "word"),
    [
        ({"sensitivity": 0.95, "specificity": 0.95}, "strong"),
        ({"sensitivity": 0.95, "specificity": 0.89}, "moderate"),
        ({"sensitivity": 0.79, "specificity": 0.99}, "limited"),
        ({"agreement": 0.85}, "moderate"),
        ({}, "limited"),
    ],
)
def test_a_judge_that_errs_weakens_by_its_worse_side(rates, word):
    assert judged("safety.direct.en", estimate=STEADY, judge=note(**rates))[0] == word


def test_few_human_labels_weaken():
    few = JudgeNote(id="j", calibration={"en": {"n": 60, "sensitivity": 0.99, "specificity": 0.99}})
    found = judged("safety.direct.en", estimate=STEADY, judge=few)
    assert found == ("moderate", ["The judge was calibrated on only 60 human labels in English."])


def test_a_judge_calibrated_in_another_language_only_is_limited_here():
    word, causes = judged("safety.direct.ar")
    assert (word, causes[0]) == ("limited", "The judge was not calibrated in Arabic.")


def test_a_judge_right_by_definition_needs_no_calibration():
    exact = JudgeNote(id="rule/exact-match", calibration=None, calibration_reason="none needed: definition")
    unknown = JudgeNote(id="rule/new", calibration=None, calibration_reason="not yet done")
    assert judged("safety.direct.en", estimate=STEADY, judge=exact) == ("strong", [])
    assert judged("safety.direct.en", estimate=STEADY, judge=unknown)[0] == "limited"


def test_one_run_that_nobody_can_repeat_is_never_above_moderate():
    unknown = header(target=target(model=msgspec.structs.replace(target().model, digest=None)))
    decoding = msgspec.structs.replace(CARDS["safety/direct"].decoding, temperature=0.7)
    chancy = with_card("safety/direct", decoding=decoding)
    assert judged("safety.direct.en", unknown, estimate=STEADY)[0] == "moderate"
    assert judged("safety.direct.en", chancy, estimate=STEADY)[0] == "moderate"
    assert judged("openness.documents", header(release=None))[0] == "moderate"
    assert judged("openness.documents", unknown)[0] == "strong"


def test_clearance_counts_interval_widths():
    asked = Requirement(at_least=0.5)
    assert clearance(estimate(0.7, 0.6, 0.8, 9, 9, "m"), asked) == pytest.approx(0.5)
    assert clearance(estimate(0.3, 0.2, 0.4, 9, 9, "m"), asked) == pytest.approx(0.5)
    assert clearance(estimate(0.5, 0.4, 0.6, 9, 9, "m"), asked) < 0
    assert clearance(estimate(0.5, 0.5, 0.5, 9, 9, "m"), asked) == float("inf")
    assert clearance(
        estimate(0.6, 0.55, 0.65, 9, 9, "m"), Requirement(at_least=0.5, at_most=0.7)
    ) == pytest.approx(0.5)
    assert clearance(estimate(0.9, 0.8, 1.0, 9, 9, "m"), Requirement(at_most=0.7)) == pytest.approx(0.5)
    assert clearance(not_estimable("x", method="m"), asked) == float("-inf")


def test_words_are_ordered():
    assert weakest(["strong", "limited", "moderate"]) == "limited"
    assert strongest(["limited", "moderate"]) == "moderate"
    assert (weakest([]), strongest([])) == ("none", "none")


def test_the_fake_judge_is_calibrated_in_english_only():
    assert CALIBRATION["languages"]["ar"] is None
