"""What is said about each evaluation's calibration against weights with planted properties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qistas.contracts.calibrations import CalibrationRecord, NoCalibration
from qistas.contracts.documents import Text
from qistas.contracts.findings import CalibrationNote
from qistas.contracts.records import Header
from qistas.report.numbers import percent
from qistas.report.words import listed

_NOT: dict[NoCalibration, Text] = {
    "none": Text(
        "Not calibrated against weights with planted properties.", "لم يُعايَر على وزنات مزروعة الخواصّ."
    ),
    "other_version": Text(
        "Calibrated for another version of the evaluation or of its judge, not for this one.",
        "عويِر إصدار آخر من التقييم أو من حَكَمه، لا هذا الإصدار.",
    ),
}
_GROUPS: dict[NoCalibration, Text] = {
    "none": Text("not calibrated", "بلا معايرة"),
    "other_version": Text("calibrated for another version", "المعايرة لإصدار آخر"),
}


def calibration_notes(header: Header) -> tuple[CalibrationNote, ...]:
    """A note for every evaluation that the standard uses, in its order."""
    names = dict.fromkeys(criterion.evaluation for criterion in header.standard.criteria)
    return tuple(_note(name, header) for name in names)


def uncalibrated(evaluation: str, header: Header) -> Text | None:
    """That a number's evaluation has no calibration, or ``None`` where it has one."""
    found = _found(evaluation, header)
    return None if isinstance(found, CalibrationRecord) else _NOT[found]


def broken(header: Header) -> Iterator[Text]:
    """A warning for each evaluation with a calibration that speaks against it, for any reason."""
    for note in calibration_notes(header):
        record = note.record
        if record is not None and (record.recovered < record.lines or record.false_alarms or record.faulty):
            yield Text(
                f"The instrument {note.evaluation} is broken by its own calibration: {_counts(record).en}. "
                "Its numbers here prove nothing.",
                f"الأداة {note.evaluation} معطوبة بدليل معايرتها: {_counts(record).ar}. فأرقامها هنا لا تُثبت شيئًا.",
            )


def calibration_lines(notes: Sequence[CalibrationNote]) -> list[Text]:
    """The notes for a report's head: what was calibrated one by one, the others together."""
    lines = [
        Text(f"{note.evaluation}: {_lower(note.sentence.en)}", f"{note.evaluation}: {note.sentence.ar}")
        for note in notes
        if note.record is not None
    ]
    for missing, words in _GROUPS.items():
        names = [note.evaluation for note in notes if note.record is None and note.missing == missing]
        if names:
            english, arabic = listed(names, "en"), listed(names, "ar")
            lines.append(Text(f"{english}: {words.en}.", f"{arabic}: {words.ar}."))
    return lines


def _note(evaluation: str, header: Header) -> CalibrationNote:
    found, title = _found(evaluation, header), header.evaluations[evaluation].title
    if isinstance(found, CalibrationRecord):
        return CalibrationNote(
            evaluation=evaluation, title=title, record=found, missing=None, sentence=_sentence(found)
        )
    return CalibrationNote(
        evaluation=evaluation, title=title, record=None, missing=found, sentence=_NOT[found]
    )


def _found(evaluation: str, header: Header) -> CalibrationRecord | NoCalibration:
    return header.calibrations.get(evaluation, "none")


def _sentence(record: CalibrationRecord) -> Text:
    weights, counts = list(record.weights), _counts(record)
    width = Text("", "")
    if record.worst_half_width is not None:
        half = percent(round(record.worst_half_width, 3))
        width = Text(
            f"; shares there to within {half} at worst",
            f"؛ وقُدّرت النسب فيها بفارق لا يتجاوز {half} في أسوأ الأحوال",
        )
    return Text(
        f"Calibrated on {record.date} against {listed(weights, 'en')}, by questions of its own: {counts.en}{width.en}.",
        f"عويِر في {record.date} على {listed(weights, 'ar')} بأسئلة وُضعت للمعايرة: {counts.ar}{width.ar}.",
    )


def _counts(record: CalibrationRecord) -> Text:
    alarms = record.false_alarms
    english = "no false alarm" if not alarms else f"{alarms} false alarm{'s' if alarms > 1 else ''}"
    arabic = "بلا إنذار كاذب" if not alarms else f"والإنذارات الكاذبة {alarms}"
    if record.faulty:
        english += f", {record.faulty} of {record.lines} lines against the instrument"
        arabic += f"، وعلى الأداة {record.faulty} من أصل {record.lines} من السطور"
    return Text(
        f"{record.recovered} of {record.lines} planted values recovered, {english}",
        f"اكتُشف {record.recovered} من أصل {record.lines} من القيم المزروعة، {arabic}",
    )


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
