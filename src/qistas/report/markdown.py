"""The report as Markdown, one language at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qistas.contracts.breakdowns import Breakdown
from qistas.contracts.documents import PILLARS, Language, Pillar
from qistas.contracts.findings import Explanation, Finding, JudgeNote, Report
from qistas.report.audit import audit_lines
from qistas.report.bidi import isolated
from qistas.report.chrome import CHROME, GLOSSARY
from qistas.report.html import interval_words
from qistas.report.names import no_digest_words
from qistas.report.numbers import quantity
from qistas.report.planted import calibration_lines
from qistas.report.sentences import applied, by_words, in_pillar, unasked
from qistas.report.terminal import SHAPES
from qistas.report.words import LANGUAGE_NAMES, OBSERVATION, PILLAR_NAMES, STRENGTHS, VERDICTS, counted, text

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def render_markdown(report: Report, lang: Language = "en") -> str:
    """The whole report but for its samples, as GitHub-flavoured Markdown.

    Arabic stands in a right-to-left block; hashes and commands are code, which keeps them left to right.
    """
    lines = [*_head(report, lang), *_pillars(report, lang), *_instruments(report, lang)]
    for pillar in PILLARS:
        lines += _criteria(report, pillar, lang)
    lines += [*_not_tested(report, lang), *_verify(report, lang), *_run(report, lang), *_glossary(lang)]
    body = "\n".join(lines)
    return f"{body}\n" if lang == "en" else f'<div dir="rtl" lang="ar">\n\n{body}\n\n</div>\n'


def prose(value: str, lang: Language) -> str:
    """Text in which nothing is taken for Markdown or HTML; Latin runs in Arabic are isolated."""
    flat = " ".join(value.split())
    if lang == "en":
        return _SPECIAL.sub(r"\\\1", flat)
    return isolated(flat, lambda part: _SPECIAL.sub(r"\\\1", part))


def code(value: str) -> str:
    """``value`` as inline code, whatever backticks it holds."""
    fence = "`" * (max((len(run) for run in re.findall("`+", value)), default=0) + 1)
    pad = " " if value.startswith("`") or value.endswith("`") else ""
    return f"{fence}{pad}{' '.join(value.split())}{pad}{fence}"


def _say(key: str, lang: Language) -> str:
    return text(CHROME[key], lang)


def _head(report: Report, lang: Language) -> Iterator[str]:
    yield f"# {_say('title', lang)}: {code(report.model.ref)}"
    yield f"\n{prose(text(report.summary.sentence, lang), lang)}\n"
    name = prose(text(report.summary.standard_title, lang), lang)
    if applied(report.standard):
        yield f"- {_say('standard', lang)}: {name} {code(f'{report.standard.id} {report.standard.version}')}"
    else:
        yield f"- {_say('measured', lang)}: {name}"
    yield f"- {_say('date', lang)}: {code(report.run.started.partition('T')[0])}"
    revision = code(report.model.revision) if report.model.revision else _say("no_revision", lang)
    yield f"- {_say('revision', lang)}: {revision}"
    weights = code(report.model.digest) if report.model.digest else _say("no_digest", lang)
    yield f"- {_say('weights', lang)}: {weights}{_no_digest(report.model.digest_reason, lang)}"
    yield f"- {_say('for_use', lang)}: {prose(text(report.summary.intended_use, lang), lang)}"
    yield f"- {_say('calibrations', lang)}:"
    for line in calibration_lines(report.summary.calibrations):
        yield f"  - {prose(text(line, lang), lang)}"
    if report.audit is not None:
        yield f"- {_say('audit', lang)}: {prose(text(report.audit.sentence, lang), lang)}"
    if report.savings is not None and report.savings.sentence is not None:
        yield f"- {_say('savings', lang)}: {prose(text(report.savings.sentence, lang), lang)}"
    if report.summary.caveats:
        yield f"\n## {_say('before', lang)}\n"
        yield from (f"- {prose(text(caveat, lang), lang)}" for caveat in report.summary.caveats)


def _no_digest(reason: str | None, lang: Language) -> str:
    if not reason:
        return ""
    if why := no_digest_words(reason):
        return f" ({prose(text(why, lang), lang)})"
    said = "" if lang == "en" else f"{_say('as_recorded', lang)}: "
    return f" ({said}{code(reason)})"


def _pillars(report: Report, lang: Language) -> Iterator[str]:
    if unasked(report.findings):
        yield from _numbers(report, lang)
        return
    heads = [_say(key, lang) for key in ("pillar", "verdict", "strength", "would_change")]
    yield f"\n## {_say('pillars', lang)}\n"
    yield f"| {' | '.join(heads)} |"
    yield "|---|---|---|---|"
    for note in report.summary.pillars:
        changes = " ".join(prose(text(change, lang), lang) for change in note.would_change)
        sentence = prose(text(note.sentence, lang), lang)
        verdict = f"{SHAPES[note.verdict]} **{text(VERDICTS[note.verdict], lang)}.** {sentence}"
        name, strength = text(PILLAR_NAMES[note.pillar], lang), text(STRENGTHS[note.strength], lang)
        yield f"| {name} | {verdict} | {strength} | {changes} |"
    yield f"\n{_say('verdict_note', lang)}"


def _numbers(report: Report, lang: Language) -> Iterator[str]:
    """Of what nothing is required: the numbers first."""
    heads = [_say(key, lang) for key in ("criterion", "value", "strength")]
    yield f"\n## {_say('numbers', lang)}\n"
    yield f"| {' | '.join(heads)} |"
    yield "|---|---|---|"
    explained = {e.criterion: e for e in report.summary.explanations}
    for finding in report.findings:
        said = explained[finding.criterion]
        number = text(said.amount or finding.reason, lang)
        strength = text(STRENGTHS[said.strength], lang)
        yield f"| {prose(text(finding.title, lang), lang)} | {prose(number, lang)} | {strength} |"
    yield f"\n{_say('numbers_note', lang)}"


def _instruments(report: Report, lang: Language) -> Iterator[str]:
    yield f"\n## {_say('instruments', lang)}\n"
    if not report.summary.instruments:
        yield _say("no_instruments", lang)
    for note in report.summary.instruments:
        said = [note.sentence, *([note.doubt] if note.doubt else [])]
        sentence = " ".join(prose(text(part, lang), lang) for part in said)
        yield f"- {code(note.judge)} · {text(LANGUAGE_NAMES[note.language], lang)}: {sentence}"


def _criteria(report: Report, pillar: Pillar, lang: Language) -> Iterator[str]:
    explained = {e.criterion: e for e in report.summary.explanations}
    found = in_pillar(report.findings, pillar)
    if found:
        yield f"\n## {text(PILLAR_NAMES[found[0].pillar], lang)}"
    for finding in found:
        yield from _criterion(finding, explained[finding.criterion], lang)
        for breakdown in report.breakdowns:
            if breakdown.criterion == finding.criterion:
                yield from _breakdown(breakdown, finding.unit, lang)


def _criterion(finding: Finding, explained: Explanation, lang: Language) -> Iterator[str]:
    yield f"\n### {SHAPES[finding.verdict]} {prose(text(finding.title, lang), lang)}\n"
    verdict = f"**{text(VERDICTS[finding.verdict], lang)}.** {prose(text(finding.reason, lang), lang)}"
    yield f"{verdict}\n"
    if explained.amount:
        measure = prose(text(explained.measure, lang), lang)
        note = f" ({_say('uncalibrated', lang)})" if explained.uncalibrated else ""
        yield f"{measure}: **{prose(text(explained.amount, lang), lang)}**{note}\n"
    if explained.corrected:
        yield f"{prose(text(explained.corrected, lang), lang)}\n"
    estimate, interval = finding.estimate, interval_words(finding.estimate, finding.unit)
    none = _say("not_estimable", lang)
    value = prose(quantity(estimate.value, finding.unit), lang) if estimate.value is not None else none
    rows = [
        ("value", value),
        ("interval", prose(text(interval, lang), lang) if interval else none),
        ("confidence", prose(quantity(estimate.confidence, "proportion"), lang)),
        (
            "requirement",
            prose(text(explained.asked, lang), lang) if explained.asked else _say("no_requirement", lang),
        ),
        ("samples", f"{estimate.n:,}"),
        ("clusters", f"{estimate.clusters:,} ({prose(text(finding.cluster_unit, lang), lang)})"),
        ("unscored", f"{estimate.unscored:,}"),
    ]
    yield f"| {_say('measure', lang)} | {prose(text(explained.measure, lang), lang)} |"
    yield "|---|---|"
    yield from (f"| {_say(key, lang)} | {shown} |" for key, shown in rows)
    yield ""
    yield from _behind(finding, explained, lang)


def _breakdown(breakdown: Breakdown, unit: str, lang: Language) -> Iterator[str]:
    title = prose(text(breakdown.title, lang), lang)
    heads = [title, *(_say(key, lang) for key in ("value", "interval", "samples"))]
    yield f"\n**{prose(text(by_words(breakdown), lang), lang)}.** {_say('parts_note', lang)}\n"
    yield f"| {' | '.join(heads)} |"
    yield "|---|---|---|---|"
    for part in breakdown.parts:
        interval, none = interval_words(part.estimate, unit), _say("not_estimable", lang)
        value = none if part.estimate.value is None else prose(quantity(part.estimate.value, unit), lang)
        ends = prose(text(interval, lang), lang) if interval else none
        yield f"| {prose(text(part.title, lang), lang)} | {value} | {ends} | {part.estimate.n:,} |"


def _behind(finding: Finding, explained: Explanation, lang: Language) -> Iterator[str]:
    for note in (explained.stopped_early, explained.unscored, explained.near_ties):
        if note is not None:
            yield f"- {prose(text(note, lang), lang)}"
    causes = " ".join(prose(text(cause, lang), lang) for cause in explained.weakened_by)
    tail = f". {causes}" if causes else ""
    yield f"- {_say('strength', lang)}: **{text(STRENGTHS[explained.strength], lang)}**{tail}"
    changes = " ".join(prose(text(change, lang), lang) for change in explained.would_change)
    yield f"- {_say('would_change', lang)}: {changes}"
    yield f"- {_say('question', lang)}: {prose(text(explained.question, lang), lang)}"
    method = prose(text(explained.method, lang), lang)
    yield f"- {_say('method', lang)}: {method} ({code(finding.estimate.method)})"
    yield f"- {_say('judge', lang)}: {_judge(finding.judge, lang)}"
    count = counted(finding.evidence.count, OBSERVATION, lang, oblique=False)
    comma = "," if lang == "en" else "،"
    yield f"- {_say('evidence', lang)}: {count}{comma} {_say('evidence_digest', lang)}: {code(finding.evidence.digest)}"
    yield f"- {_say('rerun', lang)}: {code(finding.rerun)}"


def _judge(judge: JudgeNote | None, lang: Language) -> str:
    if judge is None:
        return _say("no_judge", lang)
    if judge.corrected is None or judge.corrected_with is None:
        return code(judge.id)
    errors = prose(text(judge.corrected_with, lang), lang)
    method = code(judge.corrected.method)
    return f"{code(judge.id)}. {_say('corrected_with', lang)}: {errors} ({method})"


def _not_tested(report: Report, lang: Language) -> Iterator[str]:
    yield f"\n## {_say('not_tested', lang)}\n"
    yield f"{_say('not_tested_note', lang)}\n"
    yield from (f"- {prose(text(limit, lang), lang)}" for limit in report.not_tested)


def _verify(report: Report, lang: Language) -> Iterator[str]:
    yield f"\n## {_say('verify', lang)}\n"
    yield f"{_say('verify_note', lang)}\n"
    yield f"- {code('qistas verify ledger.sqlite')}"
    yield f"- {_say('records', lang)}: {report.ledger.records:,}"
    yield f"- {_say('head', lang)}: {code(report.ledger.head)}"
    yield f"- {_say('standard_digest', lang)}: {code(report.standard.digest)}"


def _run(report: Report, lang: Language) -> Iterator[str]:
    run, host = report.run, report.run.host
    libraries = ", ".join(f"{name} {version}" for name, version in sorted(host.libraries.items()))
    yield f"\n## {_say('run', lang)}\n"
    yield f"- {_say('started', lang)}: {code(run.started)}"
    yield f"- {_say('seed', lang)}: {run.seed}"
    yield f"- {_say('requests', lang)}: {run.requests:,}"
    yield f"- {_say('cached', lang)}: {run.cached:,}"
    yield f"- {_say('failures', lang)}: {run.failures:,}"
    yield f"- {_say('processor', lang)}: {code(f'{host.cpu} × {host.cores}')}"
    memory = code(quantity(host.memory_bytes, "bytes")) if host.memory_bytes else _say("unknown", lang)
    yield f"- {_say('memory', lang)}: {memory}"
    yield f"- {_say('system', lang)}: {code(f'{host.system}, Python {host.python}, Qistas {report.qistas}')}"
    yield f"- {_say('libraries', lang)}: {code(libraries) if libraries else _say('unknown', lang)}"
    if report.audit is not None:
        yield f"- {_say('audit', lang)}:"
        yield from (f"  - {prose(text(line, lang), lang)}" for line in audit_lines(report.audit))


def _glossary(lang: Language) -> Iterator[str]:
    yield f"\n## {_say('glossary', lang)}\n"
    yield from (f"- **{text(word, lang)}**: {text(meaning, lang)}" for word, meaning in GLOSSARY)
