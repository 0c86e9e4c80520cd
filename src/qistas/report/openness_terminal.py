"""What is open of a release, as plain lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from qistas.contracts.documents import Language, Text
from qistas.contracts.openness import (
    Assessment,
    DifferingSpan,
    DisclosedCost,
    Judgement,
    LicenceReading,
    MofProjection,
    OsaidProjection,
    Quote,
)
from qistas.report.openness_costs import cost_reason, cost_shape, head, standing, statement_lines
from qistas.report.openness_dimensions import judged_first, title
from qistas.report.openness_names import clause_line, edge_line, quantity_words
from qistas.report.openness_unread import unread_sentences
from qistas.report.openness_words import (
    AREAS,
    SHAPES,
    mof_meaning,
    osaid_meaning,
    place_words,
    value_word,
    word,
)
from qistas.report.words import text

_ROMAN = {3: "III", 2: "II", 1: "I"}
_MOST_SPANS = 3
_MOST_STATEMENTS = 4
_MOST_SPAN_CHARACTERS = 120


def openness_lines(made: Sequence[Assessment], lang: Language = "en") -> list[str]:
    """Each release: licences, every projection with the place of the words that decided it, and what is wrong with its files."""
    lines: list[str] = []
    for assessment in made:
        lines += [*([""] if lines else []), *_release(assessment, lang)]
    return lines


def _release(made: Assessment, lang: Language) -> Iterator[str]:
    yield _head(made.release, lang)
    yield from (f"{SHAPES['unread']} {text(sentence, lang)}" for sentence in unread_sentences(made))
    yield from _titled(word("licences", lang), _licences(made, lang), word("no_licence", lang))
    yield from _index(made.projections.eu, lang)
    yield from _mof(made.projections.mof, lang)
    yield from _osaid(made, lang)
    yield from _judged("concentration", made.concentration, lang)
    conflicts = [_reason(one.reason, one.clauses, lang) for one in made.lineage.conflicts]
    edges = [edge_line(edge, lang) for edge in made.lineage.edges]
    yield from _titled(word("lineage", lang), [*edges, *conflicts], word("none_found", lang))
    yield from _titled(word("supply_chain", lang), _supply(made, lang), word("none_found", lang))
    against = [_reason(one.reason, one.evidence, lang) for one in made.contradictions]
    yield from _titled(word("contradictions", lang), against, word("none_found", lang))
    costs = [line for name, cost in made.training_cost.items() for line in _cost(name, cost, lang)]
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
    return f"{release['source']}{revision} ({said}{'؛' if lang == 'ar' else ';'} {release.get('read_on') or '–'})"


def _titled(heading: str, lines: Iterable[str], nothing: str | None = None) -> Iterator[str]:
    """A title and indented lines; where there is nothing, one line that says so, or nothing at all."""
    found = list(lines)
    if found:
        yield ""
        yield heading
        yield from (f"    {line}" for line in found)
    elif nothing is not None:
        yield ""
        yield f"{heading}: {nothing}"


def _licences(made: Assessment, lang: Language) -> Iterator[str]:
    for one in made.licences:
        shape = {True: SHAPES["open"], False: SHAPES["closed"], None: SHAPES["undetermined"]}[one.open]
        yield f"{shape} {one.file}: {one.id or '–'} ({match_words(one, lang)})"
        if one.clauses:
            yield "    " + ("؛ " if lang == "ar" else "; ").join(
                clause_line(clause, lang) for clause in one.clauses
            )
        yield from (f"    {line}" for line in changed_lines(one, lang, _MOST_SPANS))


def match_words(one: LicenceReading, lang: Language) -> str:
    """How the licence was told, and of a near match whether its clauses are others."""
    said = value_word(one.match, lang)
    if one.clauses_changed is None:
        return said
    comma = "," if lang == "en" else "،"
    return f"{said}{comma} {word('clauses_changed' if one.clauses_changed else 'clauses_kept', lang)}"


def changed_lines(one: LicenceReading, lang: Language, most: int | None = None) -> Iterator[str]:
    """The words in which a near match departs from the licence that it is near to; the first ``most`` of them."""
    yield from (span_words(span, lang) for span in one.differs[:most])
    if most is not None and len(one.differs) > most:
        step = f"--explain licences: {word('explained_by', lang)}"
        yield f"… +{len(one.differs) - most} ({step})"
    if one.differs and all(span.expected is None for span in one.differs):
        yield word("own_text_missing", lang)


def span_words(span: DifferingSpan, lang: Language) -> str:
    """One place where a text departs from its own: the words here, and those that stand there in its own."""
    found = _quoted(span.found) if span.found.strip() else f"({word('left_out', lang)})"
    line = f"{word('line', lang)} {span.line}: {found}"
    if span.expected is None:
        return line
    return f"{line} {word('in_place_of', lang)} {_quoted(span.expected) if span.expected.strip() else '–'}"


def _quoted(words: str) -> str:
    flat = " ".join(words.split())
    return f"“{flat if len(flat) <= _MOST_SPAN_CHARACTERS else flat[: _MOST_SPAN_CHARACTERS - 1] + '…'}”"


def _index(found: Mapping[str, Judgement], lang: Language) -> Iterator[str]:
    """The dimensions that text in a repository can settle; of the others only what they are."""
    judged, others = judged_first("eu", found)
    yield from _judged("eu", judged, lang)
    if others:
        names = [text(title("eu", name), lang) for name in others]
        yield f"    {SHAPES['undetermined']} {word('not_judged', lang)}: {('، ' if lang == 'ar' else ', ').join(names)}"


def _judged(area: str, judgements: Mapping[str, Judgement], lang: Language) -> Iterator[str]:
    lines = (
        f"{SHAPES.get(one.value, '·')} {text(title(area, name), lang)}: {value_word(one.value, lang)}. "
        + _reason(one.reason, one.evidence, lang)
        for name, one in judgements.items()
    )
    return _titled(text(AREAS[area], lang), lines)


def _mof(mof: MofProjection, lang: Language) -> Iterator[str]:
    yield ""
    yield f"{text(AREAS['mof'], lang)}: {mof_line(mof, lang)}"
    yield f"    {text(mof_meaning(mof), lang)}"
    yield from (f"    {SHAPES['closed']} {text(reason, lang)}" for reason in mof.reasons)


def _osaid(made: Assessment, lang: Language) -> Iterator[str]:
    osaid = made.projections.osaid
    yield ""
    yield f"{text(AREAS['osaid'], lang)}: {value_word(osaid.verdict, lang)}"
    yield f"    {text(osaid_words(osaid), lang)}"
    yield from (
        f"    {SHAPES['blocked']} {_reason(one.reason, one.evidence, lang)}" for one in osaid.blockers
    )


def osaid_words(osaid: OsaidProjection) -> Text:
    """What the verdict means, with the parts that were not seen."""
    unseen = [title("osaid", name) for name, one in osaid.parts.items() if one.value == "undetermined"]
    return osaid_meaning(osaid, unseen)


def mof_line(mof: MofProjection, lang: Language) -> str:
    """The class, and how much of each is there."""
    numeral = _ROMAN.get(mof.class_)
    reached = f"{word('class', lang)} {numeral}" if numeral else word("no_class", lang)
    shares = [(_ROMAN[int(name)], share) for name, share in sorted(mof.progress.items(), reverse=True)]
    if lang == "ar":
        return f"{reached} ({'، '.join(f'{share}% من {name}' for name, share in shares)})"
    return f"{reached} ({', '.join(f'{name} {share} %' for name, share in shares)})"


def _supply(made: Assessment, lang: Language) -> Iterator[str]:
    """What is not in order; files without a fault are counted only in the JSON."""
    for one in made.supply_chain:
        if one.severity != "ok":
            runs = f" [{', '.join(one.runs[:5])}]" if one.runs else ""
            severity = value_word(one.severity, lang)
            yield f"{SHAPES[one.severity]} {one.file}: {severity}: {text(one.reason, lang)}{runs}"


def _cost(name: str, cost: DisclosedCost, lang: Language) -> Iterator[str]:
    kind, what = standing(cost), text(quantity_words(name), lang)
    if kind in ("undisclosed", "unread"):
        why = f". {text(cost_reason(cost), lang)}" if kind == "unread" else ""
        yield f"{cost_shape(cost)} {what}: {value_word(kind, lang)}{why}"
        return
    yield f"{cost_shape(cost)} {what}: {head(cost, lang)} {_at(cost.evidence, lang)}".rstrip()
    figures = list(statement_lines(cost, lang))
    for one, line in figures[:_MOST_STATEMENTS]:
        yield f"      {line} {_at(one.evidence, lang)}".rstrip()
    if len(figures) > _MOST_STATEMENTS:
        step = f"--explain training_cost.{name}: {word('explained_by', lang)}"
        yield f"      … +{len(figures) - _MOST_STATEMENTS} ({step})"


def _incorporated(release: Mapping[str, Any], lang: Language) -> Iterator[str]:
    for one in release.get("incorporates", ()):
        evidence = one["evidence"]
        yield f"{one['address'] or word('no_address', lang)} ({evidence['file']}:{evidence['line']})"


def _reason(reason: Text, evidence: Sequence[Quote], lang: Language) -> str:
    return f"{text(reason, lang)} {_at(evidence, lang)}".rstrip()


def _at(evidence: Sequence[Quote], lang: Language) -> str:
    return f"[{place_words(evidence[0], lang)}]" if evidence else ""
