"""A section for a model card, in Markdown: what was measured, with its intervals, and how open the release is."""

from __future__ import annotations

from collections.abc import Iterator

from qistas.contracts.documents import Language, Text
from qistas.contracts.findings import Report
from qistas.contracts.openness import Assessment, Quote
from qistas.report.chrome import CHROME
from qistas.report.export.licences import covering_weights
from qistas.report.export.material import Material, Measured
from qistas.report.html import interval_words
from qistas.report.markdown import code, prose
from qistas.report.numbers import percent, plain, quantity
from qistas.report.openness_costs import amount
from qistas.report.openness_dimensions import judged_first, title
from qistas.report.openness_figures import marked_apart
from qistas.report.openness_names import quantity_words
from qistas.report.openness_terminal import mof_line
from qistas.report.openness_words import AREAS, SHAPES, place, value_word, word
from qistas.report.terminal import SHAPES as VERDICT_SHAPES
from qistas.report.words import VERDICTS, text

# Where the section begins and ends, so that a later one can take its place.
BEGIN, END = "<!-- qistas:begin -->", "<!-- qistas:end -->"

_WORDS = {
    "title": Text("Weighed with Qistas", "وزن النموذج بقِسطاس"),
    "measured": Text("What was measured", "ما قيس"),
    "none": Text("No criterion has a number.", "لا قيمة لأيّ شرط."),
    "unmeasured": Text("Without a number", "شروط بلا قيمة"),
    "unscored": Text("unscored", "بلا درجة"),
    "ledger": Text("Ledger", "سجلّ الأدلّة"),
    "verify": Text("To recompute all of it", "لإعادة حساب كلّ ما هنا"),
    "openness": Text("Openness of the release", "انفتاح الإصدار"),
    "licence": Text("Licences of the weights", "تراخيص أوزان النموذج"),
    "read_on": Text("Read on", "تاريخ القراءة"),
    "release": Text("Release digest", "بصمة الإصدار"),
    "dimension": Text("Dimension", "البُعد"),
    "judgement": Text("Judgement", "التقدير"),
    "why": Text("Why", "السبب"),
    "shown_by": Text("Shown by", "موضع الدليل"),
}


def card_section(material: Material, lang: Language) -> bytes:
    """GitHub-flavoured Markdown; Arabic stands in a right-to-left block. What is not known says so."""
    lines = [f"## {_say('title', lang)}", ""]
    if material.report is not None:
        lines += [*_numbers(material, material.report, lang), ""]
    if material.assessment is not None:
        lines += [*_openness(material.assessment, lang), ""]
    body = "\n".join(lines)
    block = body if lang == "en" else f'<div dir="rtl" lang="ar">\n\n{body}\n</div>\n'
    return f"{BEGIN}\n{block}{END}\n".encode()


def _say(key: str, lang: Language) -> str:
    return text(_WORDS[key] if key in _WORDS else CHROME[key], lang)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _numbers(material: Material, report: Report, lang: Language) -> Iterator[str]:
    yield prose(text(report.summary.sentence, lang), lang)
    yield ""
    name = prose(text(report.summary.standard_title, lang), lang)
    yield f"- {_say('standard', lang)}: {name} {code(f'{report.standard.id} {report.standard.version}')}"
    yield f"- {_say('date', lang)}: {code(report.run.started.partition('T')[0])}"
    weights = code(report.model.digest) if report.model.digest else _say("no_digest", lang)
    yield f"- {_say('weights', lang)}: {weights}"
    yield f"- {_say('ledger', lang)}: {code(report.ledger.head)}"
    yield f"- {_say('verify', lang)}: {code('qistas verify ledger.sqlite')}"
    yield f"\n### {_say('measured', lang)}\n"
    measured = material.measured()
    if measured:
        yield _row([_say(key, lang) for key in ("criterion", "value", "interval", "samples", "verdict")])
        yield "|---|---|---|---|---|"
        yield from (_measured(one, lang) for one in measured)
    else:
        yield _say("none", lang)
    missing = material.unmeasured()
    if missing:
        yield f"\n{_say('unmeasured', lang)}:\n"
        for one in missing:
            yield f"- {prose(text(one.title, lang), lang)}: {prose(text(one.reason, lang), lang)}"


def _measured(one: Measured, lang: Language) -> str:
    estimate = one.finding.estimate
    interval = interval_words(estimate, one.finding.unit)
    shown = prose(text(interval, lang), lang) if interval else _say("not_estimable", lang)
    if estimate.low != estimate.high:
        shown += f" ({prose(percent(estimate.confidence), lang)})"
    left = f" ({_say('unscored', lang)}: {plain(estimate.unscored)})" if estimate.unscored else ""
    verdict = f"{VERDICT_SHAPES[one.finding.verdict]} {text(VERDICTS[one.finding.verdict], lang)}"
    return _row(
        [
            prose(text(one.finding.title, lang), lang),
            prose(quantity(one.value, one.finding.unit), lang),
            shown,
            f"{estimate.n:,}{left}",
            verdict,
        ]
    )


def _openness(made: Assessment, lang: Language) -> Iterator[str]:
    projections = made.projections
    yield f"### {_say('openness', lang)}\n"
    if made.release.get("read_on"):
        yield f"- {_say('read_on', lang)}: {code(str(made.release['read_on']))}"
    yield f"- {_say('release', lang)}: {code(str(made.release['digest']))}"
    licences = [
        f"{code(one.id or one.file)} ({value_word(one.match, lang)})"
        for one in covering_weights(made.licences)
    ]
    yield f"- {_say('licence', lang)}: {', '.join(licences) or word('no_licence', lang)}"
    yield f"- {text(AREAS['mof'], lang)}: {prose(mof_line(projections.mof, lang), lang)}"
    yield f"- {text(AREAS['osaid'], lang)}: {value_word(projections.osaid.verdict, lang)}"
    for heading, found in (("contradictions", made.contradictions), ("lineage", made.lineage.conflicts)):
        yield from (f"- {word(heading, lang)}: {prose(text(one.reason, lang), lang)}" for one in found)
    for one in made.supply_chain:
        if one.severity in ("warning", "danger"):
            said = prose(text(one.reason, lang), lang)
            yield f"- {SHAPES[one.severity]} {word('supply_chain', lang)}: {code(one.file)}: {said}"
    yield f"\n{text(AREAS['eu'], lang)}:\n"
    yield _row([_say(key, lang) for key in ("dimension", "judgement", "why", "shown_by")])
    yield "|---|---|---|---|"
    there, others = judged_first("eu", projections.eu)
    for name, judged in (there | others).items():
        shape = SHAPES.get(judged.value, "·")
        yield _row(
            [
                prose(text(title("eu", name), lang), lang),
                f"{shape} {value_word(judged.value, lang)}",
                prose(text(judged.reason, lang), lang),
                _shown(judged.evidence),
            ]
        )
    yield from _costs(made, lang)


def _costs(made: Assessment, lang: Language) -> Iterator[str]:
    if not made.training_cost:
        return
    yield f"\n{text(AREAS['training_cost'], lang)}:\n"
    for name, cost in made.training_cost.items():
        amounts = amount(cost, lang)
        said = (
            marked_apart(amounts, lambda part: prose(part, lang), lambda part: prose(part, "en"))
            if lang == "ar"
            else prose(amounts, lang)
        )
        yield f"- {prose(text(quantity_words(name), lang), lang)}: {said} {_shown(cost.evidence)}".rstrip()


def _shown(evidence: tuple[Quote, ...]) -> str:
    """The place of the first of the evidence; code in a table may hold no bar of its own."""
    return code(place(evidence[0])).replace("|", "\\|") if evidence else ""
