"""The findings as plain lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from qistas.contracts.documents import PILLARS, Language
from qistas.contracts.findings import Finding, Report, Verdict
from qistas.report.chrome import CHROME
from qistas.report.planted import calibration_lines
from qistas.report.sentences import in_pillar
from qistas.report.words import PILLAR_NAMES, STRENGTHS, VERDICTS, text

# Shapes, not colours alone: they survive a log file and a screen without colour.
SHAPES: dict[Verdict, str] = {
    "met": "✓",
    "not_met": "✗",
    "not_enough_evidence": "?",
    "not_applicable": "–",
    "failed": "!",
}


_SAME_REASON: dict[Language, str] = {"en": "For the same reason.", "ar": "للسبب نفسه."}


def summary_lines(report: Report, lang: Language = "en") -> list[str]:
    """What a person sees at the end of a run: the sentence, each pillar with its criteria, the caveats."""
    return [*_opening(report, lang), *_pillars(report, lang), *_caveats(report, lang)]


def _opening(report: Report, lang: Language) -> Iterator[str]:
    revision = f" @ {report.model.revision}" if report.model.revision else ""
    yield f"{report.model.ref}{revision}"
    yield text(report.summary.sentence, lang)
    yield f"{text(CHROME['calibrations'], lang)}:"
    for line in calibration_lines(report.summary.calibrations):
        yield f"    {text(line, lang)}"
    if report.audit is not None:
        yield f"{text(CHROME['audit'], lang)}: {text(report.audit.sentence, lang)}"
    if report.savings is not None and report.savings.sentence is not None:
        yield f"{text(CHROME['savings'], lang)}: {text(report.savings.sentence, lang)}"


def _pillars(report: Report, lang: Language) -> Iterator[str]:
    explained = {e.criterion: e for e in report.summary.explanations}
    strength = {"en": "evidence", "ar": "قوّة الأدلّة"}[lang]
    notes = {note.pillar: note for note in report.summary.pillars}
    for pillar in PILLARS:
        if not in_pillar(report.findings, pillar):
            continue
        note = notes[pillar]
        yield ""
        verdict, word = text(VERDICTS[note.verdict], lang), text(STRENGTHS[note.strength], lang)
        yield f"{SHAPES[note.verdict]} {text(PILLAR_NAMES[pillar], lang)}: {verdict} ({strength}: {word})"
        told: set[str] = set()
        for finding in in_pillar(report.findings, pillar):
            explanation = explained[finding.criterion]
            amount, asked = explanation.amount, explanation.asked
            yield f"    {SHAPES[finding.verdict]} {_line(finding, lang, told)}"
            if amount is not None:
                measured = text(amount, lang)
                wanted = f" [{_asked(text(asked, lang), lang)}]" if asked else ""
                beside = f" ({text(CHROME['uncalibrated'], lang)})" if explanation.uncalibrated else ""
                yield f"      {measured}{wanted}{beside}"
            if explanation.corrected is not None:
                yield f"      {text(explanation.corrected, lang)}"
            if explanation.stopped_early is not None:
                yield f"      {text(explanation.stopped_early, lang)}"


def _line(finding: Finding, lang: Language, told: set[str]) -> str:
    """A criterion's title; where there is no verdict, with the reason, in full where it is not among those ``told``."""
    title = text(finding.title, lang)
    if finding.verdict in ("not_applicable", "failed") or not finding.estimate.estimable:
        reason = text(finding.reason, lang)
        known = reason in told and not finding.estimate.estimable
        told.add(reason)
        return f"{title}: {_SAME_REASON[lang] if known else reason}"
    return title


def _asked(words: str, lang: Language) -> str:
    return f"asked: {words}" if lang == "en" else f"المطلوب: {words}"


def _caveats(report: Report, lang: Language) -> Iterator[str]:
    if report.summary.caveats:
        yield ""
    for caveat in report.summary.caveats:
        yield f"! {text(caveat, lang)}"
