"""Releases weighed on openness as Markdown: a table, and a few lines for each release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from qistas.contracts.documents import Language, Text
from qistas.contracts.openness import LEVELS, Assessment, Judgement, Quote
from qistas.report.markdown import code, prose
from qistas.report.openness_chrome import CAVEATS, CHROME
from qistas.report.openness_page import Cell, Row, columns, digests, quantity_words, rows, safe, title
from qistas.report.openness_terminal import amount
from qistas.report.openness_words import AREAS, SHAPES, VALUES, WORDS, place, value_word
from qistas.report.words import text

_TABLE = ("licence", "mof", "osaid", "cost", "supply_chain", "contradictions")
_QUOTE_CHARACTERS = 240


def openness_markdown(made: Sequence[Assessment], lang: Language = "en") -> str:
    """One comparison, then each release: its dimensions with the first quote of each, what contradicts, and what its training cost.

    GitHub-flavoured; Arabic stands in a right-to-left block.
    """
    shown = [safe(one) for one in made]
    lines = [f"# {_say(CHROME['one' if len(shown) == 1 else 'several'], lang)}", ""]
    lines += [f"- {_say(caveat, lang)}" for caveat in CAVEATS]
    found = rows(shown)
    signs = ", ".join(f"{SHAPES[level]} {_say(VALUES[level], lang)}" for level in LEVELS)
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
        parts = [code(row.name).replace("|", "\\|"), *cells[:3], _counts(row.made), *cells[3:]]
        yield "| " + " | ".join(parts) + " |"


def _cell(cell: Cell, lang: Language) -> str:
    detail = f" {code(cell.detail)}".replace("|", "\\|") if cell.detail else ""
    return f"{cell.shape} {_say(cell.label, lang)}{detail}"


def _counts(made: Assessment) -> str:
    counts = Counter(one.value for one in made.projections.eu.values())
    return ", ".join(f"{SHAPES[level]} {counts[level]}" for level in LEVELS)


def _release(row: Row, lang: Language) -> Iterator[str]:
    made = row.made
    yield f"\n## {code(row.name)}\n"
    yield _say(row.sentence, lang)
    for area, judged in (("eu", made.projections.eu), ("concentration", made.concentration)):
        yield f"\n### {_say(AREAS[area], lang)}\n"
        for name, one in judged.items():
            yield f"- {_say(title(area, name), lang)}: {_judged(one, lang)}"
    blockers = made.projections.osaid.blockers
    against = [(one.reason, one.evidence) for one in made.contradictions]
    conflicts = [(one.reason, one.clauses) for one in made.lineage.conflicts]
    files = [(one.reason, one.evidence) for one in made.supply_chain if one.severity in ("danger", "warning")]
    for heading, entries in (
        (AREAS["osaid"], [(one.reason, one.evidence) for one in blockers]),
        (WORDS["contradictions"], against),
        (CHROME["conflicts"], conflicts),
        (WORDS["supply_chain"], files),
    ):
        if entries:
            yield f"\n### {_say(heading, lang)}\n"
            yield from (f"- {_say(reason, lang)}{_quoted(evidence)}" for reason, evidence in entries)
    yield from _costs(made, lang)
    yield from _read(made, lang)


def _judged(one: Judgement, lang: Language) -> str:
    shape = SHAPES.get(one.value, "·")
    return f"{shape} **{prose(value_word(one.value, lang), lang)}**. {_say(one.reason, lang)}{_quoted(one.evidence)}"


def _quoted(evidence: Sequence[Quote]) -> str:
    """The place of the first words, and the words where they stand in a line."""
    if not evidence:
        return ""
    first = evidence[0]
    words = " ".join(first.quote.split())
    short = words if len(words) <= _QUOTE_CHARACTERS else words[: _QUOTE_CHARACTERS - 1] + "…"
    return f" {code(place(first))}" + (f": {code(short)}" if first.line else "")


def _costs(made: Assessment, lang: Language) -> Iterator[str]:
    if made.training_cost:
        yield f"\n### {_say(AREAS['training_cost'], lang)}\n"
    for name, cost in made.training_cost.items():
        said = code(amount(cost, lang)) if cost.disclosed else _say(VALUES["undisclosed"], lang)
        yield f"- {_say(quantity_words(name), lang)}: {said}"


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
