"""Releases weighed on openness as Markdown: a table, and a few lines for each release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from qistas.contracts.documents import Language, Text
from qistas.contracts.openness import LEVELS, Assessment, Judgement, LicenceReading, Quote
from qistas.report.markdown import code, prose
from qistas.report.openness_chrome import CAVEATS, CHROME
from qistas.report.openness_costs import amount, cost_reason, cost_shape, head, standing, statement_lines
from qistas.report.openness_dimensions import judged_first, title
from qistas.report.openness_figures import marked_apart
from qistas.report.openness_names import clause_line, edge_line, quantity_words
from qistas.report.openness_page import Cell, Row, columns, digests, rows, safe
from qistas.report.openness_terminal import changed_lines, match_words, mof_line, osaid_words
from qistas.report.openness_unread import unread_sentences
from qistas.report.openness_words import (
    AREAS,
    SHAPES,
    VALUES,
    WORDS,
    licence_quoted,
    mof_meaning,
    place,
    place_words,
    value_word,
)
from qistas.report.words import text

_TABLE = ("licence", "mof", "osaid", "cost", "supply_chain", "contradictions")
_QUOTE_CHARACTERS = 240
_MOST_SPANS = 5


def openness_markdown(made: Sequence[Assessment], lang: Language = "en") -> str:
    """One comparison, then each release: its dimensions with the first quote of each, what contradicts, and what its training cost.

    GitHub-flavoured; Arabic stands in a right-to-left block.
    """
    shown = [safe(one) for one in made]
    lines = [f"# {_say(CHROME['one' if len(shown) == 1 else 'several'], lang)}", ""]
    lines += [f"- {_say(caveat, lang)}" for caveat in CAVEATS]
    found = rows(shown)
    comma = "، " if lang == "ar" else ", "
    signs = comma.join(f"{SHAPES[level]} {_say(VALUES[level], lang)}" for level in LEVELS)
    lines += [
        "",
        f"{_say(CHROME['legend'], lang)}: {signs}",
        "",
        *_table(found, [column.id for column in columns(shown)], lang),
    ]
    for row in found:
        lines += _release(row, lang)
    body = "\n".join(lines)
    return f"{body}\n" if lang == "en" else f'<div dir="rtl" lang="ar">\n\n{body}\n\n</div>\n'


def _say(value: Text, lang: Language) -> str:
    return prose(text(value, lang), lang)


def _table(found: Sequence[Row], names: list[str], lang: Language) -> Iterator[str]:
    """The European index is a column of counts; its dimensions stand with each release."""
    heads = [
        CHROME["release"],
        *(CHROME[name] for name in _TABLE[:3]),
        AREAS["eu"],
        *(CHROME[n] for n in _TABLE[3:]),
    ]
    yield "| " + " | ".join(_say(head, lang) for head in heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in found:
        by_name = dict(zip(names, row.cells, strict=True))
        cells = [_cell(cell, lang) for name in _TABLE if (cell := by_name[name])]
        parts = [code(row.name).replace("|", "\\|"), *cells[:3], _counts(row.made, lang), *cells[3:]]
        yield "| " + " | ".join(parts) + " |"


def _cell(cell: Cell, lang: Language) -> str:
    detail = f" {code(cell.detail)}".replace("|", "\\|") if cell.detail else ""
    return f"{cell.shape} {_say(cell.label, lang)}{detail}"


def _counts(made: Assessment, lang: Language) -> str:
    judged, _ = judged_first("eu", made.projections.eu)
    counts = Counter(one.value for one in judged.values())
    return ("، " if lang == "ar" else ", ").join(f"{SHAPES[level]} {counts[level]}" for level in LEVELS)


def _release(row: Row, lang: Language) -> Iterator[str]:
    made = row.made
    yield f"\n## {code(row.name)}\n"
    yield _say(row.sentence, lang)
    yield from (f"\n{SHAPES['unread']} {_say(sentence, lang)}" for sentence in unread_sentences(made))
    if made.licences:
        yield f"\n### {_say(WORDS['licences'], lang)}\n"
        yield from (line for one in made.licences for line in _licence(one, lang))
    judged, others = judged_first("eu", made.projections.eu)
    yield from _dimensions("eu", judged, lang)
    if others:
        names = ("، " if lang == "ar" else ", ").join(_say(title("eu", name), lang) for name in others)
        yield f"- {SHAPES['undetermined']} {_say(WORDS['not_judged'], lang)}: {names}"
    yield from _frameworks(made, lang)
    yield from _dimensions("concentration", made.concentration, lang)
    against = [(one.reason, one.evidence) for one in made.contradictions]
    conflicts = [(one.reason, one.clauses) for one in made.lineage.conflicts]
    files = [(one.reason, one.evidence) for one in made.supply_chain if one.severity in ("danger", "warning")]
    yield from _entries(WORDS["contradictions"], against, lang)
    if made.lineage.edges:
        yield f"\n### {_say(WORDS['lineage'], lang)}\n"
        yield from (f"- {prose(edge_line(one, lang), lang)}" for one in made.lineage.edges)
    yield from _entries(CHROME["conflicts"], conflicts, lang)
    yield from _entries(WORDS["supply_chain"], files, lang)
    yield from _costs(made, lang)
    yield from _read(made, lang)


def _licence(one: LicenceReading, lang: Language) -> Iterator[str]:
    shape = {True: SHAPES["open"], False: SHAPES["closed"], None: SHAPES["undetermined"]}[one.open]
    name = code(one.id) if one.id else "–"
    yield f"- {shape} {code(one.file)}: {name} ({prose(match_words(one, lang), lang)})"
    for clause in one.clauses:
        yield f"  - {prose(clause_line(clause, lang), lang)} {code(f'{clause.file}:{clause.line}')}"
    yield from (f"  - {prose(line, lang)}" for line in changed_lines(one, lang, _MOST_SPANS))


def _dimensions(area: str, judged: Mapping[str, Judgement], lang: Language) -> Iterator[str]:
    yield f"\n### {_say(AREAS[area], lang)}\n"
    for name, one in judged.items():
        yield f"- {_say(title(area, name), lang)}: {_judged(one, lang)}"


def _frameworks(made: Assessment, lang: Language) -> Iterator[str]:
    """The class and the verdict, what they mean, and what decided them."""
    mof, osaid = made.projections.mof, made.projections.osaid
    yield f"\n### {_say(AREAS['mof'], lang)}: {prose(mof_line(mof, lang), lang)}\n"
    yield f"{_say(mof_meaning(mof), lang)}\n"
    yield from (f"- {_say(reason, lang)}" for reason in mof.reasons)
    yield f"\n### {_say(AREAS['osaid'], lang)}: {_say(VALUES[osaid.verdict], lang)}\n"
    yield f"{_say(osaid_words(osaid), lang)}\n"
    yield from (f"- {_say(one.reason, lang)}{_quoted(one.evidence, lang)}" for one in osaid.blockers)


def _entries(heading: Text, found: Sequence[tuple[Text, Sequence[Quote]]], lang: Language) -> Iterator[str]:
    if found:
        yield f"\n### {_say(heading, lang)}\n"
        yield from (f"- {_say(reason, lang)}{_quoted(evidence, lang)}" for reason, evidence in found)


def _judged(one: Judgement, lang: Language) -> str:
    shape = SHAPES.get(one.value, "·")
    return f"{shape} **{prose(value_word(one.value, lang), lang)}**. {_say(one.reason, lang)}{_quoted(one.evidence, lang)}"


def _quoted(evidence: Sequence[Quote], lang: Language) -> str:
    """The place of the first words, and the words where they stand in a line."""
    if not evidence:
        return ""
    first = evidence[0]
    words = " ".join(first.quote.split())
    short = words if len(words) <= _QUOTE_CHARACTERS else words[: _QUOTE_CHARACTERS - 1] + "…"
    where = prose(f"[{place_words(first, lang)}]", lang) if licence_quoted(first) else code(place(first))
    return f" {where}" + (f": {code(short)}" if first.line else "")


def _costs(made: Assessment, lang: Language) -> Iterator[str]:
    if made.training_cost:
        yield f"\n### {_say(AREAS['training_cost'], lang)}\n"
    for name, cost in made.training_cost.items():
        kind = standing(cost)
        said = f"{cost_shape(cost)} {_figures(head(cost, lang), lang)}"
        several = head(cost, lang) != amount(cost, lang)
        why = "" if kind == "undisclosed" or several else f". {_say(cost_reason(cost), lang)}"
        yield f"- {_say(quantity_words(name), lang)}: {said}{why}{_quoted(cost.evidence[:1], lang)}"
        yield from (f"  - {_figures(line, lang)}" for _, line in statement_lines(cost, lang))


def _figures(value: str, lang: Language) -> str:
    return (
        marked_apart(value, lambda part: prose(part, lang), lambda part: prose(part, "en"))
        if lang == "ar"
        else prose(value, lang)
    )


def _read(made: Assessment, lang: Language) -> Iterator[str]:
    """Which bytes were read: what anyone needs to check the quotes."""
    release = made.release
    yield f"\n### {_say(CHROME['read'], lang)}\n"
    for name, value in (
        ("source", release["source"]),
        ("revision", release["revision"]),
        ("read_on", release["read_on"]),
        ("list_digest", release.get("digest")),
    ):
        yield f"- {_say(CHROME[name], lang)}: {code(str(value)) if value else '–'}"
    yield from (f"- {code(file)}: {code(digest)}" for file, digest in digests(made))
