"""What a judge's calibration record says, per language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from qistas.contracts.documents import Language, Text
from qistas.contracts.findings import Finding, InstrumentNote, JudgeNote
from qistas.contracts.records import Header
from qistas.findings.judge_records import by_definition, cell_of, languages_of
from qistas.findings.judge_words import OTHER_REQUESTS
from qistas.report.words import LABEL, LANGUAGES, both

_TELLS_LITTLE = Text(
    "So wrong a judge tells little more than chance would.",
    "حَكَم يخطئ إلى هذا الحدّ لا يكاد يفيد أكثر من الصدفة.",
)
_OTHER_REQUESTS = Text(
    "The human labels are of other requests than these attacks, and how often it is wrong about them is not known.",
    "الأحكام البشرية لطلبات غير هذه الهجمات، ولا يُعرف مقدار خطئه فيها.",
)
_ARABIC: Mapping[str, str] = {
    r"These are verdicts of (.+); how often it is wrong is not known here\.": "هذه أحكام {0}، ولا يُعرف هنا مقدار خطئه.",
    r"it depends on the judging model, which was not calibrated against human labels": (
        "يتوقّف ذلك على النموذج الحَكَم، وهو لم يُعايَر على أحكام بشرية"
    ),
    r"its prompt is that of a file \(sha256 (\S+)\); (.+)": "توجيهه من ملفّ (sha256 {0})؛ {1}",
}


class Calibrated(NamedTuple):
    """How often a judge is right in one language, against ``n`` human labels; rates in [0, 1]."""

    language: Language
    n: int | None
    sensitivity: float | None
    specificity: float | None
    agreement: float | None

    @property
    def worst(self) -> float | None:
        """The lowest of the rates that are known."""
        sides = [rate for rate in (self.sensitivity, self.specificity) if rate is not None]
        return min(sides) if sides else self.agreement


def calibrated(judge: JudgeNote | None, language: Language) -> Calibrated | None:
    """The judge's figures in ``language``, or ``None`` where it was not calibrated in it."""
    record = judge.calibration if judge else None
    cell = cell_of(record, language)
    if cell is None:
        return None
    rates = {name: _rate(cell.get(name)) for name in ("sensitivity", "specificity", "agreement")}
    if all(rate is None for rate in rates.values()):
        return None
    return Calibrated(language, _size(cell), **rates)


def missing_reason(judge: JudgeNote, language: Language) -> Text | None:
    """Why the judge has no figures in ``language``, where its record says."""
    reason = ((judge.calibration or {}).get("reasons") or {}).get(language, judge.calibration_reason)
    if isinstance(reason, dict):
        return Text(str(reason.get("en", "")), str(reason.get("ar", "")))
    return Text(reason, "") if isinstance(reason, str) and reason else None


def instruments(header: Header, findings: Sequence[Finding]) -> tuple[InstrumentNote, ...]:
    """Every judge behind a number, in every language it judged, with its calibration there."""
    criteria = {criterion.id: criterion for criterion in header.standard.criteria}
    notes: dict[tuple[str, Language], InstrumentNote] = {}
    elsewhere: set[tuple[str, Language]] = set()
    for finding in findings:
        if finding.judge is None or not finding.evidence.count:
            continue
        criterion = criteria[finding.criterion]
        for language in languages_of(criterion, header.evaluations[criterion.evaluation]):
            notes[finding.judge.id, language] = _note(finding.judge, language)
            if finding.judge.not_corrected == OTHER_REQUESTS:
                elsewhere.add((finding.judge.id, language))
    for key in elsewhere:
        if notes[key].calibrated and not notes[key].doubt:
            notes[key] = msgspec.structs.replace(notes[key], doubt=_OTHER_REQUESTS)
    return tuple(notes[key] for key in sorted(notes, key=lambda key: (key[0], LANGUAGES.index(key[1]))))


def _note(judge: JudgeNote, language: Language) -> InstrumentNote:
    if by_definition(judge):
        sentence = Text(
            "Its rule is the definition; nothing to calibrate.", "قاعدته هي التعريف نفسه؛ فلا شيء يُعايَر."
        )
        return InstrumentNote(judge=judge.id, language=language, calibrated=True, sentence=sentence)
    figures = calibrated(judge, language)
    sentence = _figures_words(figures) if figures else _missing_words(judge, language)
    return InstrumentNote(
        judge=judge.id,
        language=language,
        calibrated=figures is not None,
        sentence=sentence,
        doubt=_TELLS_LITTLE if figures and _tells_little(figures) else msgspec.UNSET,
    )


def _tells_little(figures: Calibrated) -> bool:
    """Whether its verdicts say little more than chance would, as where numbers are not corrected by them."""
    from qistas.stats.judge_error import LEAST_YOUDEN

    sides = figures.sensitivity, figures.specificity
    return None not in sides and sum(side or 0.0 for side in sides) - 1.0 < LEAST_YOUDEN


def _figures_words(figures: Calibrated) -> Text:
    against = both(figures.n, LABEL) if figures.n is not None else Text("human labels", "أحكام بشرية")
    lead = Text(f"Checked against {against.en}: ", f"قورن بـ{against.ar}: ")
    if figures.sensitivity is None or figures.specificity is None:
        agreed = round(100 * (figures.worst or 0.0))
        return Text(
            f"{lead.en}it agrees with people in {agreed} of 100 cases.",
            f"{lead.ar}يوافق الناس في {agreed} من كل 100 حالة.",
        )
    found, wrong = round(100 * figures.sensitivity), round(100 * (1 - figures.specificity))
    return Text(
        f"{lead.en}of 100 cases that people see, it finds {found}; of 100 others, it takes {wrong} for one.",
        f"{lead.ar}من كل 100 حالة يراها الناس يكتشف {found}، ومن كل 100 من غيرها يحسب {wrong} خطأً منها.",
    )


def _missing_words(judge: JudgeNote, language: Language) -> Text:
    reason = missing_reason(judge, language)
    if reason is None:
        return Text("Not calibrated.", "غير معايَر.")
    arabic = reason.ar or _in_arabic(reason.en)
    return Text(f"Not calibrated. {reason.en}", f"غير معايَر. {arabic}")


def _in_arabic(reason: str) -> str:
    """A judge says in English only why it has no record; what no judge of Qistas says is said to be untranslated."""
    for pattern, arabic in _ARABIC.items():
        if found := re.fullmatch(pattern, reason):
            first, *rest = found.groups() or ("",)
            return arabic.format(first, *map(_in_arabic, rest))
    return f"[الترجمة العربية ناقصة] {reason}"


def _rate(value: Any) -> float | None:
    if isinstance(value, dict):
        value = value.get("value")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _size(cell: Mapping[str, Any]) -> int | None:
    for holder in (cell.get("agreement"), cell.get("report"), cell):
        if isinstance(holder, dict) and isinstance(holder.get("n"), int):
            return int(holder["n"])
    return None
