"""A calibration run as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import combining

from qistas.contracts.calibrations import Calibration, Coverage, Recovery
from qistas.contracts.documents import Language, Text
from qistas.contracts.estimates import Estimate
from qistas.report.numbers import percent
from qistas.report.recovery import interval, number, verdict
from qistas.report.words import text

_HEADS = {
    "property": Text("property", "الخاصّية"),
    "weight": Text("weight", "الوزنة"),
    "planted": Text("planted", "المزروع"),
    "found": Text("found", "التقدير"),
    "interval": Text("interval", "مجال الثقة"),
    "half": Text("±", "±"),
    "samples": Text("samples", "العيّنات"),
    "verdict": Text("verdict", "الحُكم"),
    "covered": Text("covered", "التغطية"),
}


def calibration_lines(calibration: Calibration, lang: Language = "en") -> list[str]:
    """A table for each evaluation, one line per property and weight, and what it comes to."""
    lines: list[str] = []
    for name in calibration.evaluations:
        lines += [heading(calibration, name, lang), *_table(calibration, name, lang), ""]
    return [*lines, *summary(calibration, lang)]


def heading(calibration: Calibration, evaluation: str, lang: Language) -> str:
    """The evaluation with its version, its judge and its title."""
    instrument = calibration.instruments[evaluation]
    judge = f", {instrument.judge} {instrument.judge_version}" if instrument.judge else ""
    return f"{evaluation} {instrument.version}{judge}: {text(instrument.title, lang)}"


def summary(calibration: Calibration, lang: Language) -> Iterator[str]:
    """What the lines come to, and how sure the verdicts are."""
    lines = calibration.lines
    recovered = sum(line.outcome == "recovered" for line in lines)
    alarms, open_ = sum(line.false_alarm for line in lines), sum(line.outcome == "open" for line in lines)
    said = {
        "en": f"recovered: {recovered} of {len(lines)}; false alarms: {alarms}; open: {open_}",
        "ar": f"المكتشَف: {recovered} من أصل {len(lines)}؛ الإنذارات الكاذبة: {alarms}؛ غير المحسوم: {open_}",
    }
    yield said[lang]
    if open_:
        yield _not_shown(open_, lang)
    others = [name for name, weight in calibration.weights.items() if weight.other]
    if others:
        yield _other_weights(others, calibration, lang)
    widest = widest_half(lines)
    if widest is not None:
        half = number(widest, "proportion")
        yield {"en": f"widest half-width of a share: {half}", "ar": f"أكبر نصف عرض لنسبة: {half}"}[lang]
    sure, family = percent(calibration.confidence), f"{100 * calibration.family_confidence:.3f}%"
    yield {
        "en": f"intervals: {sure}; verdicts: {family}, so that {calibration.comparisons} lines hold together with {sure}",
        "ar": f"مجالات الثقة: {sure}؛ الأحكام: {family}، لتصحّ {calibration.comparisons} من السطور معًا بثقة {sure}",
    }[lang]
    trials = [line.coverage for line in lines if line.coverage is not None]
    if trials:
        yield _covered(trials, lang)


def _not_shown(open_: int, lang: Language) -> str:
    return {
        "en": f"open means not shown: so few samples decide nothing on {open_} of the lines; a larger budget does",
        "ar": f"غير المحسوم لم يُثبت: لا يكفي هذا العدد من العيّنات للحسم في {open_} من السطور؛ ويحسمها عدد أكبر",
    }[lang]


def _other_weights(names: Sequence[str], calibration: Calibration, lang: Language) -> str:
    pairs = [f"{name} = {calibration.weights[name].ref}" for name in names]
    return {
        "en": f"other weights in place of those that the properties are planted in: {', '.join(pairs)}",
        "ar": f"نماذج أخرى بدل الوزنات التي زُرعت فيها الخواصّ: {'، '.join(pairs)}",
    }[lang]


def _covered(trials: Sequence[Coverage], lang: Language) -> str:
    hits, drawn = sum(c.hits for c in trials), sum(c.seeds for c in trials)
    short, off, share = sum(c.short for c in trials), sum(c.off for c in trials), percent(hits / drawn)
    return {
        "en": f"covered: {hits:,} of {drawn:,} drawings ({share}); lines that fall short: {short}; "
        f"off on the whole population: {off}",
        "ar": f"التغطية: {hits:,} من أصل {drawn:,} من السحوبات ({share})؛ السطور الناقصة التغطية: {short}؛ "
        f"المخالفة للمزروع على المجتمع كلّه: {off}",
    }[lang]


def widest_half(lines: Sequence[Recovery]) -> float | None:
    """The widest half of an interval of a share."""
    halves = [line.half_width for line in lines if line.claim.share]
    return max((half for half in halves if half is not None), default=None)


def of_population(estimate: Estimate, population_n: int) -> str:
    """How many members of the population were looked at."""
    return f"{estimate.n}/{population_n}"


def _table(calibration: Calibration, evaluation: str, lang: Language) -> Iterator[str]:
    names = [name for name in _HEADS if name != "covered" or calibration.seeds]
    rows = [[text(_HEADS[name], lang) for name in names]]
    for line in calibration.of(evaluation):
        cells = _cells(line, lang)
        rows.append([cells[name] for name in names])
    widths = [max(_width(row[place]) for row in rows) for place in range(len(names))]
    for row in rows:
        padded = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        yield f"  {'  '.join(padded)}".rstrip()


def _cells(line: Recovery, lang: Language) -> dict[str, str]:
    claim, estimate = line.claim, line.estimate
    covered = f"{line.coverage.hits}/{line.coverage.seeds}" if line.coverage else ""
    return {
        "property": text(claim.title, lang),
        "weight": claim.weight,
        "planted": number(claim.planted, claim.unit),
        "found": number(estimate.value, claim.unit),
        "interval": interval(estimate.low, estimate.high, claim.unit, lang),
        "half": number(line.half_width, claim.unit),
        "samples": of_population(estimate, claim.population_n),
        "verdict": verdict(line, lang),
        "covered": covered,
    }


def _width(cell: str) -> int:
    """Columns on a terminal: marks above and below a letter take none."""
    return sum(not combining(character) for character in cell)
