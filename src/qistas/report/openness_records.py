"""The records that no ladder decides, in lines: licences, lineage, findings about files, contradictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qistas.contracts.documents import Language, Text
from qistas.contracts.openness import (
    ClauseFact,
    Contradiction,
    LicenceReading,
    LineageConflict,
    LineageEdge,
    LineageNode,
    Quote,
    SupplyFinding,
)
from qistas.report.openness_chrome import CHROME, KINDS, PLACES
from qistas.report.openness_names import ABOUT, CONFLICTS, FORMATS, STATUSES, clause_line, edge_line, named
from qistas.report.openness_terminal import changed_lines, match_words
from qistas.report.openness_words import place_words, value_word, word
from qistas.report.words import text

Record = LicenceReading | LineageNode | LineageEdge | LineageConflict | SupplyFinding | Contradiction


def record_lines(record: Record, lang: Language) -> Iterator[str]:
    """Everything that a record says, and its words with file and line."""
    if isinstance(record, LicenceReading):
        yield from _licence(record, lang)
    elif isinstance(record, LineageNode):
        yield f"  {_node(record, lang)}"
    elif isinstance(record, LineageEdge):
        yield f"  {edge_line(record, lang)}"
    elif isinstance(record, LineageConflict):
        yield f"  {_named(CONFLICTS, record.kind, lang)}: {text(record.reason, lang)}"
        yield f"    {text(CHROME['the_way'], lang)}: {' ← '.join(record.path)}"
        yield from quoted(record.clauses, lang)
    elif isinstance(record, SupplyFinding):
        yield from _finding(record, lang)
    else:
        yield f"  {_named(ABOUT, record.about, lang)}: {text(record.reason, lang)}"
    yield from quoted(getattr(record, "evidence", ()), lang)


def quoted(found: Sequence[Quote | ClauseFact], lang: Language) -> Iterator[str]:
    """Quotes and clauses: where the words stand, what they say, and the digest of the document."""
    for one in found:
        where = place_words(_place_of(one) if isinstance(one, ClauseFact) else one, lang)
        fact = f"{clause_line(one, lang)}: " if isinstance(one, ClauseFact) else ""
        yield f"    {where}  {fact}“{' '.join(one.quote.split())}”"
        if one.digest:
            yield f"      {one.digest}"


def _place_of(clause: ClauseFact) -> Quote:
    return Quote(file=clause.file, line=clause.line, quote=clause.quote, digest=clause.digest)


def _licence(one: LicenceReading, lang: Language) -> Iterator[str]:
    comma = "، " if lang == "ar" else ", "
    covers = comma.join(text(KINDS[kind], lang) for kind in one.applies_to)
    yield f"  {one.file}: {one.id or '–'} ({comma.join([match_words(one, lang), _named(PLACES, one.place, lang)])})"
    yield f"    {text(CHROME['identified'], lang)}: {one.name}"
    yield f"    {text(CHROME['covers'], lang)}: {covers or text(CHROME['covers_unsaid'], lang)}"
    yield f"    {text(CHROME['open_licence'], lang)}: {_answer(one.open, lang)}"
    yield f"    {text(one.reason, lang)}"
    yield from (f"    {line}" for line in changed_lines(one, lang))
    yield from quoted(one.clauses, lang)


def _node(node: LineageNode, lang: Language) -> str:
    comma = "،" if lang == "ar" else ","
    parts = [f"{node.id}: {_named(KINDS, node.kind, lang)}{comma} {_named(STATUSES, node.status, lang)}"]
    parts += [f"→ {node.renamed_to}"] if node.renamed_to else []
    parts += [f"({word('licence', lang)}: {node.licence})"] if node.licence else []
    return " ".join(parts)


def _finding(one: SupplyFinding, lang: Language) -> Iterator[str]:
    yield f"  {one.file}: {value_word(one.severity, lang)}: {text(one.reason, lang)}"
    yield f"    {_named(FORMATS, one.format, lang)} · {text(CHROME['rule'], lang)} {one.code}"
    if one.runs:
        yield f"    {text(CHROME['runs'], lang)}: {', '.join(one.runs)}"


def _answer(value: bool | None, lang: Language) -> str:
    return value_word("undetermined", lang) if value is None else word("yes" if value else "no", lang)


def _named(words: dict[str, Text], name: str, lang: Language) -> str:
    return text(named(words, name), lang)
