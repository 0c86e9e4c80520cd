"""``report.html``: one self-contained page in both languages, without network or scripts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from qistas.contracts.documents import PILLARS, Language, Text
from qistas.contracts.estimates import Estimate
from qistas.contracts.findings import Finding, InstrumentNote, Report
from qistas.findings.reading import Evidence
from qistas.report.audit import audit_lines
from qistas.report.bidi import marked_up, say
from qistas.report.chart import interval_chart
from qistas.report.chrome import CHROME, GLOSSARY
from qistas.report.names import name_of, no_digest_words
from qistas.report.numbers import percent, plain, quantity
from qistas.report.planted import calibration_lines
from qistas.report.samples import SampleBook
from qistas.report.selection import choose
from qistas.report.sentences import applied, by_words, in_pillar, unasked
from qistas.report.source import Reader
from qistas.report.words import (
    LANGUAGE_NAMES,
    LANGUAGES,
    OBSERVATION,
    PILLAR_NAMES,
    STRENGTHS,
    VERDICTS,
    both,
)

if TYPE_CHECKING:
    from jinja2 import Environment

_CHUNK_NODES = 200


def render_html(
    report: Report, reader: Reader, lang: Language = "en", evidence: Evidence | None = None
) -> bytes:
    """The page in UTF-8, shown in ``lang`` first; ``evidence``: the ledger's, where it was read already."""
    return "".join(html_chunks(report, reader, lang, evidence)).encode()


def html_chunks(
    report: Report, reader: Reader, lang: Language = "en", evidence: Evidence | None = None
) -> Iterator[str]:
    """The page piece by piece: samples are read from the ledger as they are written out."""
    choices = choose(reader, report.findings, evidence)
    template = _environment().get_template("report.html.j2")
    stream = template.stream(
        report=report,
        choices=choices,
        book=SampleBook(reader, choices),
        explained=dict(zip((f.criterion for f in report.findings), report.summary.explanations, strict=True)),
        by_pillar=[(pillar, found) for pillar in PILLARS if (found := in_pillar(report.findings, pillar))],
        judged_by=lambda finding: judged_by(report, finding),
        broken_down=lambda finding: [b for b in report.breakdowns if b.criterion == finding.criterion],
        first_language=lang,
        css=template_text("report.css"),
    )
    stream.enable_buffering(_CHUNK_NODES)
    return stream


def template_text(name: str) -> str:
    """A template or style sheet of the reports."""
    return files("qistas.report").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = page_environment()
    environment.globals.update(_vocabulary())
    return environment


def page_environment() -> Environment:
    """The templates with what every page says and how it says it: languages, pillars, numbers, digests."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(template_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        LANGUAGES=LANGUAGES, LANGUAGE_NAMES=LANGUAGE_NAMES, PILLAR_NAMES=PILLAR_NAMES, anchor=anchor
    )
    environment.filters.update(
        say=marked(say), latin=marked(marked_up), named=marked(_named), percent=percent, quantity=quantity, short=short_digest, day=day,
        count_words=lambda evidence: both(evidence.count, OBSERVATION, oblique=False), reading=reading,
    )  # fmt: skip
    return environment


def marked(function: Any) -> Any:
    """A function whose result is HTML already: escaped by it, not by the template."""
    from markupsafe import Markup

    # What is marked as safe is the result of functions that escape whatever they are given.
    return lambda *arguments: Markup(function(*arguments))  # noqa: S704


def _vocabulary() -> dict[str, Any]:
    return {
        "CHROME": CHROME,
        "GLOSSARY": GLOSSARY,
        "STRENGTHS": STRENGTHS,
        "VERDICTS": VERDICTS,
        "chart": marked(interval_chart),
        "interval_words": interval_words,
        "by_words": by_words,
        "applied": applied,
        "no_digest_words": no_digest_words,
        "unasked": unasked,
        "calibration_lines": calibration_lines,
        "audit_lines": audit_lines,
    }


def _named(ref: str, lang: Language) -> str:
    return name_of(ref, lang, escape)


def interval_words(estimate: Estimate, unit: str) -> Text | None:
    """The interval's ends with their unit, or ``None`` where there is none."""
    low, high = estimate.low, estimate.high
    if low is None or high is None:
        return None
    if low == high:
        repeated = estimate.method.startswith("student-t")
        return CHROME["no_spread" if repeated else "no_interval"]
    ends = quantity(low, unit), quantity(high, unit)
    return Text(f"{ends[0]} to {ends[1]}", f"من {ends[0]} إلى {ends[1]}")


def judged_by(report: Report, finding: Finding) -> list[InstrumentNote]:
    """What is known about the judge of a finding, by language."""
    return [note for note in report.summary.instruments if finding.judge and note.judge == finding.judge.id]


def reading(value: float, unit: str) -> str:
    """One sample's value: 0 or 1 where samples have shares, else with its unit."""
    return plain(value) if unit == "proportion" else quantity(value, unit)


def short_digest(digest: str) -> str:
    """A digest as people compare it at a glance: the first 12 hexadecimal digits."""
    kind, _, digits = digest.rpartition(":")
    return f"{kind}:{digits[:12]}…" if kind else f"{digits[:12]}…"


def day(moment: str) -> str:
    """The day of an ISO 8601 time."""
    return moment.partition("T")[0]


def anchor(identifier: str) -> str:
    """An identifier as part of an HTML id, which may hold anything but white space."""
    return "-".join(identifier.split())
