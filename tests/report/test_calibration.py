"""What a judge's calibration record says."""

from __future__ import annotations

import msgspec
import pytest
from tests.fakes.weighing import CARDS, CRITERIA, NOTE, findings_of_weighing, header

from qistas.contracts.documents import Text
from qistas.contracts.findings import JudgeNote
from qistas.findings.judge_records import languages_of
from qistas.findings.judge_words import OTHER_REQUESTS
from qistas.report.calibration import Calibrated, calibrated, instruments, missing_reason


def judge(record, reason=None):
    return JudgeNote(id="j", calibration=record, calibration_reason=reason)


@pytest.mark.parametrize(
    ("record", "figures"),
    [
        (NOTE.calibration, Calibrated("en", 404, 0.9554, 0.9611, 0.9579)),
        ({"en": {"n": 50, "agreement": 0.9}}, Calibrated("en", 50, None, None, 0.9)),
        (
            {"languages": {"en": {"report": {"n": 12}, "sensitivity": 1}}},
            Calibrated("en", 12, 1.0, None, None),
        ),
        ({"languages": {"en": {"sensitivity": True}}}, None),
        ({"languages": {"en": None}}, None),
        ({"languages": ["en"]}, None),
        (None, None),
    ],
)
def test_figures_are_read_where_there_are_any(record, figures):
    assert calibrated(judge(record), "en") == figures


def test_no_judge_has_no_figures():
    assert calibrated(None, "en") is None


def test_the_reason_for_missing_figures_is_told_in_both_languages_or_said_to_be_untranslated():
    assert missing_reason(NOTE, "ar") == Text(**NOTE.calibration["reasons"]["ar"])
    assert missing_reason(judge(None, "not yet done"), "ar") == Text("not yet done", "")
    assert missing_reason(judge(None), "ar") is None


def test_the_languages_of_a_criterion_are_those_it_selects_or_its_prompts_speak():
    by_id = {criterion.id: criterion for criterion in CRITERIA}
    exact = by_id["capability.exact"]
    arabic = msgspec.structs.replace(CARDS["capability/exact"], prompt={"ar": "{question}"})
    assert languages_of(by_id["safety.direct.ar"], CARDS["safety/direct"]) == ("ar",)
    assert languages_of(exact, CARDS["capability/exact"]) == ("en", "ar")
    assert languages_of(exact, arabic) == ("ar",)


def test_every_instrument_is_named_with_what_is_known_of_it():
    findings = findings_of_weighing()
    exact = JudgeNote(id="rule/exact-match", calibration=None, calibration_reason="none needed: definition")
    agreeing = JudgeNote(id="rule/agreeing", calibration={"en": {"agreement": 0.9}})
    unknown = JudgeNote(id="rule/new", calibration=None)
    extra = [msgspec.structs.replace(findings[1], judge=judge) for judge in (exact, agreeing, unknown)]
    untold = msgspec.structs.replace(findings[1], judge=judge(None, "not yet done"))
    notes = instruments(header(), [*findings, *extra, untold])
    assert [(n.judge, n.language, n.calibrated, n.sentence.en) for n in notes] == [
        ("j", "en", False, "Not calibrated. not yet done"),
        (
            "rule/agreeing",
            "en",
            True,
            "Checked against human labels: it agrees with people in 90 of 100 cases.",
        ),
        ("rule/exact-match", "en", True, "Its rule is the definition; nothing to calibrate."),
        ("rule/new", "en", False, "Not calibrated."),
        (
            "rule/refusal",
            "en",
            True,
            "Checked against 404 human labels: of 100 cases that people see, it finds 96; of 100 others, it takes 4 for one.",
        ),
        ("rule/refusal", "ar", False, "Not calibrated. No Arabic answers with human labels were at hand."),
    ]
    assert notes[0].sentence.ar == "غير معايَر. [الترجمة العربية ناقصة] not yet done"


def marks(record, not_corrected=None):
    first = findings_of_weighing()[1]
    noted = JudgeNote(id="j", calibration=record, not_corrected=not_corrected)
    (note,) = instruments(header(), [msgspec.structs.replace(first, judge=noted)])
    return note.calibrated, note.doubt and note.doubt.en


def test_a_judge_that_takes_nearly_all_for_what_it_looks_for_is_doubted_although_it_was_calibrated():
    assert marks({"en": {"sensitivity": 0.99, "specificity": 0.06}}) == (
        True,
        "So wrong a judge tells little more than chance would.",
    )
    assert marks({"en": {"sensitivity": 0.8, "specificity": 0.51}}) == (True, msgspec.UNSET)
    assert marks({"en": {"agreement": 0.5}}) == (True, msgspec.UNSET)


def test_a_judge_whose_labels_are_of_other_requests_is_doubted():
    calibrated_there = {"en": {"sensitivity": 0.9, "specificity": 0.9}}
    assert marks(calibrated_there, OTHER_REQUESTS) == (
        True,
        "The human labels are of other requests than these attacks, and how often it is wrong about them is not known.",
    )
    assert marks(None, OTHER_REQUESTS) == (False, msgspec.UNSET)


@pytest.mark.parametrize(
    ("reason", "arabic"),
    [
        (
            "These are verdicts of harmbench; how often it is wrong is not known here.",
            "هذه أحكام harmbench، ولا يُعرف هنا مقدار خطئه.",
        ),
        (
            (
                "its prompt is that of a file (sha256 ab12…); "
                "it depends on the judging model, which was not calibrated against human labels"
            ),
            "توجيهه من ملفّ (sha256 ab12…)؛ يتوقّف ذلك على النموذج الحَكَم، وهو لم يُعايَر على أحكام بشرية",
        ),
    ],
)
def test_why_a_judge_of_qistas_has_no_record_is_said_in_arabic_too(reason, arabic):
    first = findings_of_weighing()[1]
    (note,) = instruments(header(), [msgspec.structs.replace(first, judge=judge(None, reason))])
    assert note.sentence.ar == f"غير معايَر. {arabic}"
