"""What is open of a release, as plain lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from qistas.contracts.documents import Language, Text
from qistas.contracts.openness import Assessment, DisclosedCost, Judgement, MofProjection, Quote
from qistas.report.openness_words import AREAS, SHAPES, place, value_word, word
from qistas.report.words import text

_ROMAN = {3: "III", 2: "II", 1: "I"}


def openness_lines(made: Sequence[Assessment], lang: Language = "en") -> list[str]:
    """Each release: licences, every projection with the place of the words that decided it, and what is wrong with its files."""
    lines: list[str] = []
    for assessment in made:
        lines += [*([""] if lines else []), *_release(assessment, lang)]
    return lines


def _release(made: Assessment, lang: Language) -> Iterator[str]:
    yield _head(made.release, lang)
    yield from _titled(word("licences", lang), _licences(made, lang), word("no_licence", lang))
    yield from _judged(AREAS["eu"], made.projections.eu, lang)
    yield ""
    yield f"{text(AREAS['mof'], lang)}: {mof_line(made.projections.mof, lang)}"
    yield from (f"    {text(reason, lang)}" for reason in made.projections.mof.reasons)
    osaid = made.projections.osaid
    yield ""
    yield f"{text(AREAS['osaid'], lang)}: {value_word(osaid.verdict, lang)}"
    yield from (
        f"    {SHAPES['blocked']} {_reason(one.reason, one.evidence, lang)}" for one in osaid.blockers
    )
    yield from _judged(AREAS["concentration"], made.concentration, lang)
    conflicts = [_reason(one.reason, one.clauses, lang) for one in made.lineage.conflicts]
    edges = [f"{one.child} ← {one.parent} ({one.relation})" for one in made.lineage.edges]
    yield from _titled(word("lineage", lang), [*edges, *conflicts], word("none_found", lang))
    yield from _titled(word("supply_chain", lang), _supply(made, lang), word("none_found", lang))
    against = [_reason(one.reason, one.evidence, lang) for one in made.contradictions]
    yield from _titled(word("contradictions", lang), against, word("none_found", lang))
    costs = [_cost(name, cost, lang) for name, cost in made.training_cost.items()]
    yield from _titled(text(AREAS["training_cost"], lang), costs)
    yield from _titled(word("incorporates", lang), _incorporated(made.release, lang))
    yield from _titled(word("notes", lang), [note[lang] for note in made.release.get("notes", ())])


def _head(release: Mapping[str, Any], lang: Language) -> str:
    revision = f" @ {release['revision']}" if release.get("revision") else ""
    counts = [release.get(name, 0) for name in ("files", "documents", "listed_only")]
    if lang == "ar":
        said = f"عدد الملفّات {counts[0]}، منها وثائق مقروءة {counts[1]} وملفّات مذكورة غير حاضرة {counts[2]}"
    else:
        said = f"files: {counts[0]}; documents read: {counts[1]}; only listed: {counts[2]}"
    return f"{release['source']}{revision} ({said}; {release.get('read_on') or '–'})"


def _titled(title: str, lines: Iterable[str], nothing: str | None = None) -> Iterator[str]:
    """A title and indented lines; where there is nothing, one line that says so, or nothing at all."""
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from (f"    {line}" for line in found)
    elif nothing is not None:
        yield ""
        yield f"{title}: {nothing}"


def _licences(made: Assessment, lang: Language) -> Iterator[str]:
    for one in made.licences:
        shape = {True: SHAPES["open"], False: SHAPES["closed"], None: SHAPES["undetermined"]}[one.open]
        clauses = ", ".join(f"{clause.fact}={_said(clause.value)}" for clause in one.clauses)
        yield f"{shape} {one.file}: {one.id or '–'} ({value_word(one.match, lang)})" + (
            f" [{clauses}]" if clauses else ""
        )


def _said(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _judged(title: Text, judgements: Mapping[str, Judgement], lang: Language) -> Iterator[str]:
    width = max((len(name) for name in judgements), default=0)
    lines = (
        f"{SHAPES.get(one.value, '·')} {name:<{width}}  {value_word(one.value, lang)}: "
        + _reason(one.reason, one.evidence, lang)
        for name, one in judgements.items()
    )
    return _titled(text(title, lang), lines)


def mof_line(mof: MofProjection, lang: Language) -> str:
    """The class, and how much of each is there."""
    numeral = _ROMAN.get(mof.class_)
    reached = f"{word('class', lang)} {numeral}" if numeral else word("no_class", lang)
    parts = [
        f"{_ROMAN[int(name)]} {per_cent} %" for name, per_cent in sorted(mof.progress.items(), reverse=True)
    ]
    return f"{reached} ({', '.join(parts)})"


def _supply(made: Assessment, lang: Language) -> Iterator[str]:
    """What is not in order; files without a fault are counted only in the JSON."""
    for one in made.supply_chain:
        if one.severity != "ok":
            runs = f" [{', '.join(one.runs[:5])}]" if one.runs else ""
            severity = value_word(one.severity, lang)
            yield f"{SHAPES[one.severity]} {one.file}: {severity}: {text(one.reason, lang)}{runs}"


def _cost(name: str, cost: DisclosedCost, lang: Language) -> str:
    if not cost.disclosed:
        return f"{SHAPES['undetermined']} {name}: {value_word('undisclosed', lang)}"
    return f"{SHAPES['open']} {name}: {amount(cost, lang)} {_at(cost.evidence)}".rstrip()


def amount(cost: DisclosedCost, lang: Language) -> str:
    """A disclosed quantity: its interval with the unit, or its words."""
    if cost.low is None and cost.high is None:
        return cost.text or ""
    low, high = ("…" if bound is None else f"{bound:,.6g}" for bound in (cost.low, cost.high))
    figures = low if low == high else f"{low}-{high}"
    derived = f" ({word('derived', lang)}: {cost.formula})" if cost.derived else ""
    return f"{figures} {cost.unit}{derived}"


def _incorporated(release: Mapping[str, Any], lang: Language) -> Iterator[str]:
    for one in release.get("incorporates", ()):
        evidence = one["evidence"]
        yield f"{one['address'] or word('no_address', lang)} ({evidence['file']}:{evidence['line']})"


def _reason(reason: Text, evidence: Sequence[Quote], lang: Language) -> str:
    return f"{text(reason, lang)} {_at(evidence)}".rstrip()


def _at(evidence: Sequence[Quote]) -> str:
    return f"[{place(evidence[0])}]" if evidence else ""
