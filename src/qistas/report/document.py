"""From a ledger and its findings to the one document that every rendering shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.documents import PILLARS, EvaluationCard, Text
from qistas.contracts.errors import Fault, LedgerMismatch
from qistas.contracts.findings import (
    Explanation,
    Finding,
    LedgerRef,
    Report,
    RunNote,
    SavingsNote,
    StandardRef,
    Summary,
)
from qistas.contracts.records import Header
from qistas.findings.breakdown import breakdowns_of
from qistas.findings.chosen_words import chosen_words, own_card_words
from qistas.findings.disagreements import is_import
from qistas.findings.estimating import design_of, metric_of
from qistas.findings.judge_records import by_definition, languages_of
from qistas.findings.reading import Evidence, read_evidence
from qistas.report.audit import audit_note
from qistas.report.calibration import calibrated, instruments
from qistas.report.changes import would_change
from qistas.report.corrections import corrected_words
from qistas.report.numbers import amount, requirement_words
from qistas.report.one_sided import one_sided
from qistas.report.planted import broken, calibration_notes, uncalibrated
from qistas.report.reported import reported_caveats
from qistas.report.savings import savings_note, stopped_words
from qistas.report.sentences import method_words, near_tie_words, overall, pillar_note, unscored_words
from qistas.report.source import Reader, criteria_of
from qistas.report.strength import strength_of
from qistas.report.words import LANGUAGE_NAMES, LANGUAGES, SAMPLE, both


def build_report(
    reader: Reader,
    findings: tuple[Finding, ...],
    evidence: Evidence | None = None,
    run: RunNote | None = None,
) -> Report:
    """The report on a run: its findings, explained, with what was not tested and how it was run.

    ``evidence``: its samples and observations, ``run``: how it was run, where they were read already. Raises
    ``LedgerMismatch`` for findings that are not of this ledger's standard, or a ledger in which no session stands.
    """
    header = reader.header()
    _check_same_standard(header, findings)
    audit, run = audit_note(reader), run or run_note(reader)
    evidence = evidence or read_evidence(reader)
    savings = savings_note(header, evidence, findings, run.cached)
    explanations = _explanations(findings, header, savings)
    standard = StandardRef(
        id=header.standard.id, version=header.standard.version, digest=digest(header.standard)
    )
    summary = Summary(
        sentence=overall(standard, findings),
        standard_title=header.standard.title,
        intended_use=header.standard.intended_use,
        pillars=tuple(pillar_note(pillar, findings, explanations) for pillar in PILLARS),
        instruments=instruments(header, findings),
        caveats=(
            *reported_caveats(header, evidence),
            *caveats(header, findings),
            *((audit.warning,) if audit and audit.warning else ()),
        ),
        explanations=explanations,
        calibrations=calibration_notes(header),
    )
    return Report(
        qistas=header.qistas,
        model=header.target.model,
        standard=standard,
        summary=summary,
        findings=findings,
        ledger=LedgerRef(records=reader.count, head=reader.head),
        not_tested=not_tested(header, findings),
        run=run,
        audit=audit,
        savings=None if is_import(header) else savings,
        breakdowns=breakdowns_of(header, evidence, findings),
    )


def _explanations(
    findings: Sequence[Finding], header: Header, savings: SavingsNote
) -> tuple[Explanation, ...]:
    early = {saved.criterion: stopped_words(saved) for saved in savings.record.criteria}
    return tuple(
        msgspec.structs.replace(explain(finding, header), stopped_early=early.get(finding.criterion))
        for finding in findings
    )


def explain(finding: Finding, header: Header) -> Explanation:
    """A finding in words."""
    criterion = criteria_of(header)[finding.criterion]
    card = header.evaluations[criterion.evaluation]
    strength, weakened_by = strength_of(finding, criterion, header)
    return Explanation(
        criterion=finding.criterion,
        evaluation=card.id,
        question=card.question,
        measure=metric_of(card, criterion).title,
        why=criterion.why,
        amount=amount(finding.estimate, finding.unit),
        asked=requirement_words(finding.requirement, finding.unit),
        method=method_words(design_of(card, criterion), finding.estimate, finding.cluster_unit),
        unscored=unscored_words(finding.estimate, finding.unit),
        near_ties=near_tie_words(finding.near_ties),
        strength=strength,
        weakened_by=weakened_by,
        would_change=would_change(finding, criterion, header),
        uncalibrated=uncalibrated(card.id, header),
        corrected=corrected_words(finding.judge, finding.unit),
    )


def not_tested(header: Header, findings: Sequence[Finding]) -> tuple[Text, ...]:
    """What the standard leaves out, the limits of its evaluations, and the criteria that were not asked."""
    limits = [limit for card in _cards_used(header) for limit in card.limits]
    skipped = [
        Text(f"{f.title.en}: {f.reason.en}", f"{f.title.ar}: {f.reason.ar}")
        for f in findings
        if f.verdict == "not_applicable" and not f.estimate.estimable
    ]
    return _distinct([*header.standard.not_tested, *limits, *skipped])


def caveats(header: Header, findings: Sequence[Finding]) -> tuple[Text, ...]:
    """The few things to know before reading on."""
    return (
        *chosen_words(header),
        *own_card_words(header),
        *broken(header),
        *_identity_caveats(header),
        *one_sided(header, findings),
        *_judge_caveats(header, findings),
        *_size_caveats(header, findings),
    )


def _identity_caveats(header: Header) -> Iterable[Text]:
    if header.target.model.digest is None and not is_import(header):
        yield Text(
            "The model's weights could not be read, so this report speaks of an address, not of fixed weights.",
            "لم يتسنّ الاطّلاع على أوزان النموذج، فهذا التقرير عن عنوان يُتّصل به لا عن أوزان بعينها.",
        )
    if header.system_prompt:
        yield Text("A system prompt was in force throughout.", "سرت تعليمات نظام طوال التشغيل.")


def _judge_caveats(header: Header, findings: Sequence[Finding]) -> Iterable[Text]:
    criteria = criteria_of(header)
    for language in LANGUAGES:
        judges = {
            f.judge.id
            for f in findings
            if f.judge
            and f.estimate.estimable
            and not by_definition(f.judge)
            and language in languages_of(criteria[f.criterion], _card(header, f))
            and calibrated(f.judge, language) is None
        }
        if judges:
            name, ids = LANGUAGE_NAMES[language], sorted(judges)
            who = (
                Text("this judge is", "هذا الحَكَم")
                if len(ids) == 1
                else Text("these judges are", "هؤلاء الحُكّام")
            )
            yield Text(
                f"In {name.en}, how often {who.en} wrong is not known: {', '.join(ids)}.",
                f"لا يُعرف في {name.ar} مقدار خطأ {who.ar}: {'، '.join(ids)}.",
            )


def _size_caveats(header: Header, findings: Sequence[Finding]) -> Iterable[Text]:
    declared = max((c.samples for c in header.standard.criteria), default=0)
    if header.budget is not None and header.budget < declared:
        allowed = both(header.budget, SAMPLE)
        yield Text(
            f"The run was limited to {allowed.en} per criterion; the standard declares up to {declared}.",
            f"اقتصر التشغيل على {allowed.ar} لكلّ شرط، والعدد المعلن في المعيار يصل إلى {declared}.",
        )
    if any(f.stopped == "incomplete" for f in findings):
        yield Text("The run was not finished.", "لم يكتمل التشغيل.")


def _card(header: Header, finding: Finding) -> EvaluationCard:
    return header.evaluations[criteria_of(header)[finding.criterion].evaluation]


def _cards_used(header: Header) -> list[EvaluationCard]:
    names = dict.fromkeys(criterion.evaluation for criterion in header.standard.criteria)
    return [header.evaluations[name] for name in names]


def _distinct(texts: Sequence[Text]) -> tuple[Text, ...]:
    return tuple(dict.fromkeys(texts))


def _check_same_standard(header: Header, findings: Sequence[Finding]) -> None:
    strangers = [f.criterion for f in findings if f.criterion not in criteria_of(header)]
    if strangers:
        message = f"findings of another standard: {', '.join(strangers)}"
        raise LedgerMismatch(Fault(message, next_step="compute the findings from this ledger"))


class _Kind(msgspec.Struct, frozen=True):
    """Of a request: of which kind it is."""

    type: str


class _Put(msgspec.Struct, frozen=True):
    """Of a request's record: the request's kind."""

    request: _Kind


def run_note(reader: Reader) -> RunNote:
    """When and where a run began, and how much was asked. Raises ``LedgerMismatch`` where no session stands."""
    session = next((session for _, session in reader.entries("session")), None)
    if session is None:
        raise LedgerMismatch(Fault("the ledger holds no session", next_step="run the same command again"))
    header, cached = reader.header(), reader.tally("response", true="cached")
    requests = reader.tally("response") - cached
    if is_import(header):
        # What another tool asked, Qistas did not.
        requests -= sum(put.request.type == "reported" for _, put in reader.fields("request", _Put))
    return RunNote(
        started=session.started,
        seed=header.seed,
        host=session.host,
        requests=requests,
        cached=cached,
        failures=reader.tally("failure"),
    )
