"""What a report says about the calibration of its instruments."""

from __future__ import annotations

import msgspec
from tests.fakes.weighing import CALIBRATED, Weighing, header

from qistas.report.document import build_report
from qistas.report.html import render_html
from qistas.report.markdown import render_markdown
from qistas.report.planted import broken, calibration_lines, calibration_notes, uncalibrated
from qistas.report.terminal import summary_lines

SAID = (
    "Calibrated on 2026-03-01 against sanja and sanja-control, by questions of its own: 48 of 48 planted values recovered, no false alarm; "
    "shares there to within 5.1% at worst."
)


def recorded(**changes):
    return header(calibrations={"safety/direct": msgspec.structs.replace(CALIBRATED, **changes)})


def test_every_evaluation_says_when_and_on_what_it_was_calibrated_or_why_not():
    notes = {note.evaluation: note for note in calibration_notes(header())}
    assert list(notes) == [
        "openness/documents",
        "safety/direct",
        "trust/groups",
        "capability/exact",
        "capability/audio",
        "efficiency/generation",
    ]
    assert notes["safety/direct"].record == CALIBRATED
    assert notes["safety/direct"].sentence.en == SAID
    assert (notes["capability/exact"].record, notes["capability/exact"].missing) == (None, "other_version")
    assert (notes["trust/groups"].record, notes["trust/groups"].missing) == (None, "none")


def test_a_head_names_what_was_calibrated_one_by_one_and_the_others_together():
    lines = calibration_lines(calibration_notes(header()))
    assert [line.en for line in lines] == [
        f"safety/direct: c{SAID[1:]}",
        "openness/documents, trust/groups, capability/audio and efficiency/generation: not calibrated.",
        "capability/exact: calibrated for another version.",
    ]
    assert all("sanja" in line.ar or "معايرة" in line.ar for line in lines)


def test_a_ledger_that_knows_nothing_of_calibrations_has_none():
    assert {note.missing for note in calibration_notes(header(calibrations={}))} == {"none"}


def test_only_a_number_without_a_calibration_says_so_beside_it():
    assert uncalibrated("safety/direct", header()) is None
    assert uncalibrated("trust/groups", header()).en == (
        "Not calibrated against weights with planted properties."
    )
    assert "another version" in uncalibrated("capability/exact", header()).en


def test_without_shares_there_is_no_width_to_tell():
    (note,) = [n for n in calibration_notes(recorded(worst_half_width=None)) if n.record]
    assert note.sentence.en.endswith("no false alarm.")


def test_an_instrument_that_its_own_calibration_calls_broken_is_named_before_all_else():
    assert list(broken(header())) == []
    (missed,) = broken(recorded(recovered=45))
    assert missed.en == (
        "The instrument safety/direct is broken by its own calibration: 45 of 48 planted values recovered, no false "
        "alarm. Its numbers here prove nothing."
    )
    (alarmed,) = broken(recorded(false_alarms=1))
    assert "48 of 48 planted values recovered, 1 false alarm. " in alarmed.en
    (wide,) = broken(recorded(faulty=3))
    assert "recovered, no false alarm, 3 of 48 lines against the instrument. " in wide.en
    assert "، وعلى الأداة 3 من أصل 48 من السطور. " in wide.ar
    assert "2 false alarms" in next(broken(recorded(false_alarms=2))).en
    weighing = Weighing(calibrations=recorded(recovered=45).calibrations, system_prompt="x")
    assert build_report(weighing.reader, weighing.findings).summary.caveats[0] == missed


def test_every_form_of_the_report_says_it_in_both_languages():
    weighing = Weighing()
    report = build_report(weighing.reader, weighing.findings)
    page = render_html(report, weighing.reader).decode()
    for lang, words, beside in (
        ("en", "Calibration on planted weights", "instrument not calibrated"),
        ("ar", "المعايرة على وزنات مزروعة الخواصّ", "الأداة غير معايَرة"),
    ):
        numbers = sum(
            e.amount is not None and e.uncalibrated is not None for e in report.summary.explanations
        )
        for said in (
            "\n".join(summary_lines(report, lang)),
            render_markdown(report, lang),
            page,
        ):
            assert said.count(words) == 1
            assert said.count(beside) == numbers
