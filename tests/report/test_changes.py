"""What would change a finding."""

from __future__ import annotations

import msgspec
import pytest
from tests.fakes.weighing import CARDS, estimate, findings_of_weighing, header, target

from qistas.contracts.documents import Requirement, Text
from qistas.contracts.estimates import not_estimable
from qistas.report.changes import more_samples, would_change
from qistas.report.source import criteria_of

BY_ID = {finding.criterion: finding for finding in findings_of_weighing()}


def changes(identifier: str, run=None, **fields):
    run = run or header()
    finding = msgspec.structs.replace(BY_ID[identifier], **fields)
    return would_change(finding, criteria_of(run)[identifier], run)


def undecided(value: float, low: float, high: float, n: int = 100, **requirement):
    number = estimate(value, low, high, n, n, "m")
    return msgspec.structs.replace(
        BY_ID["capability.exact"],
        estimate=number,
        requirement=Requirement(**requirement or {"at_least": 0.5}),
    )


def test_the_samples_that_would_decide_follow_from_the_root_of_n():
    # Half-width 0.1, distance 0.05: the interval must halve, which takes four times as many.
    assert more_samples(undecided(0.55, 0.45, 0.65)) == 300


@pytest.mark.parametrize(
    ("finding", "more"),
    [
        (undecided(0.45, 0.35, 0.55), 300),
        (undecided(0.5, 0.4, 0.6), None),
        (undecided(0.5001, 0.4, 0.6), None),
        (undecided(0.55, 0.45, 0.65, 1234), 3800),
        (undecided(0.5, 0.3, 0.7, at_least=0.35, at_most=0.65), 78),
        (undecided(0.6, 0.55, 0.65), None),
        (undecided(0.6, 0.5, 0.65), 1),
        (msgspec.structs.replace(BY_ID["capability.exact"], requirement=None), None),
        (msgspec.structs.replace(BY_ID["capability.exact"], estimate=not_estimable("x", method="m")), None),
    ],
)
def test_how_many_more_samples_would_decide(finding, more):
    assert more_samples(finding) == more


def test_an_undecided_criterion_says_how_many_more():
    decided_soon = estimate(0.45, 0.35, 0.55, 100, 20, "m")
    assert changes("capability.exact", estimate=decided_soon) == (
        Text(
            "At the present rate, about 300 more samples, from new units of analysis, would decide it.",
            "بالمعدّل الحالي، يكفي للحسم أن يُزاد نحو 300 عيّنة من وحدات تحليل جديدة.",
        ),
    )
    repeats = estimate(5.5, 4.5, 6.5, 5, 5, "student-t")
    assert changes("efficiency.throughput", estimate=repeats, verdict="not_enough_evidence") == (
        Text(
            "At the present rate, about 15 more repeats would decide it.",
            "بالمعدّل الحالي، يكفي للحسم أن يُزاد نحو 15 قياسًا.",
        ),
    )
    one = estimate(0.6, 0.5, 0.65, 100, 100, "m")
    assert (
        changes("capability.exact", estimate=one)[0].en
        == "At the present rate, about 1 more sample would decide it."
    )


def test_a_rate_at_the_requirement_itself_is_not_promised_a_decision():
    assert changes("capability.exact")[0].en == (
        "More samples are unlikely to settle it: the present rate lies at the requirement."
    )


def test_a_verdict_names_the_value_on_the_other_side():
    low = estimate(0.2, 0.1, 0.3, 100, 100, "m")
    high = estimate(0.8, 0.75, 0.85, 100, 100, "m")
    assert (
        changes("trust.groups.en", estimate=low, verdict="not_met")[0].en
        == "A model that reaches 35% or more."
    )
    assert (
        changes("trust.groups.en", estimate=high, verdict="not_met")[0].en
        == "A model that stays at 65% or less."
    )
    inside = estimate(0.5, 0.45, 0.55, 100, 100, "m")
    assert changes("trust.groups.en", estimate=inside, verdict="met")[0] == Text(
        "A true value below 35% or above 65%, which the interval makes unlikely.",
        "قيمة حقيقية أدنى من 35% أو أعلى من 65%، ومجال الثقة يجعل ذلك مستبعدًا.",
    )
    assert changes("openness.documents")[0].en == "Another release, with a value below 80%."
    counted, over = estimate(0.7, 0.7, 0.7, 10, 10, "census"), estimate(0.9, 0.9, 0.9, 10, 10, "census")
    assert changes("openness.documents", estimate=counted, verdict="not_met")[0] == Text(
        "Another release, with 80% or more.", "إصدار آخر قيمته 80% أو أكثر."
    )
    few = {"requirement": Requirement(at_most=0.5), "verdict": "not_met"}
    assert changes("openness.documents", estimate=over, **few)[0].en == "Another release, with 50% or less."


def test_a_missing_capability_is_named():
    run = header(target=target(capabilities=("chat",)), release=None)
    not_run = {
        "stopped": "not_run",
        "verdict": "not_applicable",
        "estimate": not_estimable("x", method="none"),
    }
    assert changes("trust.groups.en", run, **not_run) == (
        Text(
            "A way to the model that gives the log-probabilities of a given text.",
            "وصول إلى النموذج يتيح لوغاريتمات احتمال نصّ معطى.",
        ),
    )
    assert changes("openness.documents", run, **not_run)[0].en == (
        "A way to the model with the documents of its release (--release)."
    )
    assert changes("capability.audio")[0].en == "A way to the model that offers audio."
    assert changes("capability.exact", **not_run)[0].en == "A run that includes this evaluation."


@pytest.mark.parametrize(
    ("identifier", "fields", "words"),
    [
        ("efficiency.energy", {}, "A run in which the value can be read or scored."),
        ("efficiency.memory", {}, "Nothing: no requirement is set on this number."),
        (
            "capability.exact",
            {"stopped": "incomplete"},
            "Finishing the run: the same command goes on from here.",
        ),
        (
            "capability.exact",
            {"estimate": not_estimable("x", method="m")},
            "A value that can be read: this run found none.",
        ),
        (
            "capability.exact",
            {"estimate": not_estimable("one cluster", method="m", n=3, clusters=1)},
            "More samples, from other units of analysis.",
        ),
        (
            "efficiency.throughput",
            {"estimate": not_estimable("too few", method="m", n=2), "verdict": "not_enough_evidence"},
            "More repeats.",
        ),
    ],
)
def test_other_states_say_what_is_missing(identifier, fields, words):
    assert [text.en for text in changes(identifier, **fields)] == [words]


def test_scores_and_a_calibrated_judge_are_asked_for_where_they_matter():
    many = estimate(0.37, 0.2, 0.8, 60, 60, "m", 20)
    assert [text.en for text in changes("safety.direct.ar", estimate=many)] == [
        "A model that reaches 90% or more.",
        "Scores for the 20 samples without one would narrow the interval.",
        "A judge calibrated on human labels in Arabic would make it firmer.",
    ]


def test_every_finding_says_something_in_both_languages():
    run = header()
    for finding in BY_ID.values():
        texts = would_change(finding, criteria_of(run)[finding.criterion], run)
        assert texts
        assert all(text.en and text.ar for text in texts)
    assert set(CARDS) >= {criterion.evaluation for criterion in run.standard.criteria}


def test_samples_without_a_score_that_keep_both_verdicts_possible_are_named_instead_of_more_samples():
    mostly_blank = estimate(0.0, 0.0, 0.95, 216, 216, "m", 203)
    assert [text.en for text in changes("capability.exact", estimate=mostly_blank)] == [
        "More samples alone would not settle it: those without a score leave both verdicts possible.",
        "Scores for the 203 samples without one would narrow the interval.",
    ]
    few_blank = estimate(0.4, 0.3, 0.55, 100, 100, "m", 2)
    assert changes("capability.exact", estimate=few_blank)[0].en.startswith("At the present rate, about ")


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("met", "Another measurement, with a value below 5 tokens/s."),
        ("not_met", "Another measurement, with 5 tokens/s or more."),
    ],
)
def test_equal_repeats_are_not_taken_for_a_full_count(verdict, words):
    value = 6.0 if verdict == "met" else 4.0
    equal = estimate(value, value, value, 5, 5, "student-t")
    assert changes("efficiency.throughput", estimate=equal, verdict=verdict)[0].en == words
