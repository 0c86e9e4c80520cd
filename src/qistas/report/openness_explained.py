"""One dimension of openness explained: the rules, which of them decided, and the words that showed it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import qistas.evaluations.openness as room
from qistas.contracts.documents import Language, Text
from qistas.contracts.errors import Fault, UnknownName
from qistas.contracts.openness import (
    Assessment,
    Component,
    DisclosedCost,
    Judgement,
    Lineage,
    Quote,
)
from qistas.evaluations.openness.ladder import UNDETERMINED, Ladder, load_ladders
from qistas.report.openness_costs import amount, cost_reason, statement_lines
from qistas.report.openness_dimensions import title
from qistas.report.openness_names import quantity_words
from qistas.report.openness_records import Record, quoted, record_lines
from qistas.report.openness_terminal import mof_line
from qistas.report.openness_words import AREAS, WORDS, value_word, word
from qistas.report.words import text

_LADDERS = {
    "eu": "european_index.yaml",
    "mof": "framework_components.yaml",
    "osaid": "osaid.yaml",
    "concentration": "concentration.yaml",
}
_WHOLE = ("licences", "lineage", "supply_chain", "contradictions")
_NEAREST = 5


def explained_lines(made: Sequence[Assessment], dimension: str, lang: Language = "en") -> list[str]:
    """For each release: question, rules, the rung that decided, and the evidence with file and line.

    ``dimension``: as in the JSON, with or without what it belongs to (``modelcard``, ``eu.modelcard``, ``mof.model_card``), or
    ``licences``, ``lineage``, ``supply_chain``, ``contradictions``.

    Raises:
        UnknownName: there is no such dimension; the nearest are named.
    """
    lines: list[str] = []
    for assessment in made:
        named = dimensions(assessment)
        keys = _meant(dimension, named)
        if not keys:
            raise _unknown(dimension, list(named))
        for key in keys:
            lines += [*([""] if lines else []), *_explained(assessment, key, named[key], lang)]
    return lines


def dimensions(made: Assessment) -> dict[str, Any]:
    """Everything that can be explained, by name."""
    areas: dict[str, Mapping[str, Any]] = {
        "eu": made.projections.eu,
        "mof": made.projections.mof.components,
        "osaid": made.projections.osaid.parts,
        "concentration": made.concentration,
        "training_cost": made.training_cost,
    }
    found = {f"{area}.{name}": one for area, judged in areas.items() for name, one in judged.items()}
    return found | {name: getattr(made, name) for name in _WHOLE}


def _meant(asked: str, named: Mapping[str, Any]) -> list[str]:
    """The dimensions of that name; where there are none, those that are called so in either language."""
    plain = _plain(asked)
    by_name = [key for key in named if plain in (_plain(key), _plain(key.partition(".")[2]))]
    if by_name:
        return by_name
    return [key for key, one in named.items() if plain in _in_both(_called(key, one))]


def _in_both(words: Text) -> tuple[str, str]:
    return _plain(words.en), _plain(words.ar)


def _called(key: str, one: Any) -> Text:
    area, _, name = key.partition(".")
    if not name:
        return WORDS[area]
    if area == "mof":
        called: Text = one.title
        return called
    return quantity_words(name) if area == "training_cost" else title(area, name)


def _plain(name: str) -> str:
    return name.replace("_", "-").strip().lower()


def _unknown(dimension: str, known: list[str]) -> UnknownName:
    short = {key.partition(".")[2] or key: key for key in known}
    near = get_close_matches(dimension, [*known, *short], n=_NEAREST, cutoff=0.5)
    names = sorted({short.get(name, name) for name in near} or known)
    said = "did you mean" if near else "one of"
    return UnknownName(Fault(f"unknown dimension {dimension!r}", "--explain", f"{said}: {', '.join(names)}"))


def _explained(made: Assessment, key: str, one: Any, lang: Language) -> Iterator[str]:
    area, _, name = key.partition(".")
    heading = text(AREAS[area] if area in AREAS else WORDS[area], lang)
    yield f"{made.release['source']}: {heading}" + (
        f": {text(_called(key, one), lang)} ({name})" if name else ""
    )
    match one:
        case Judgement():
            yield from _rules(_ladder(area, name), one.rule, lang)
            yield _decided(one, lang)
            yield from _evidence(one.evidence, lang)
        case Component():
            yield f"  {mof_line(made.projections.mof, lang)}"
            yield from _rules(_ladder(area, name), one.rule, lang)
            yield from _component(one, lang)
        case DisclosedCost():
            yield f"  {amount(one, lang)}"
            yield f"  {text(cost_reason(one), lang)}"
            yield from (f"    {line}" for _, line in statement_lines(one, lang))
            yield from _evidence(one.evidence, lang)
        case _:
            yield from _records(one, lang)


def _ladder(area: str, name: str) -> Ladder | None:
    path = Path(str(room.__file__)).parent / _LADDERS[area]
    ladders = load_ladders(path).ladders if path.is_file() else ()
    return next((ladder for ladder in ladders if ladder.id == name), None)


def _rules(ladder: Ladder | None, rule: str, lang: Language) -> Iterator[str]:
    """The rungs of a ladder, with an arrow at the one that decided."""
    if ladder is None:
        return
    yield f"  {text(ladder.title, lang)}"
    yield f"  {word('asked', lang)}: {text(ladder.question, lang)}"
    yield f"  {word('rules' if ladder.rungs else 'no_rules', lang)}"
    for rung in ladder.rungs:
        yield _rung(rung.id == rule, rung.id, rung.value, rung.why, lang)
    yield _rung(rule == UNDETERMINED, word("otherwise", lang), UNDETERMINED, ladder.otherwise, lang)


def _decided(one: Judgement, lang: Language) -> str:
    rule = word("otherwise", lang) if one.rule == UNDETERMINED else one.rule
    return f"  {word('decided', lang)}: {value_word(one.value, lang)} ({rule}): {text(one.reason, lang)}"


def _rung(decided: bool, name: str, value: str, why: Text, lang: Language) -> str:
    return f"  {'→' if decided else ' '} {name} ({value_word(value, lang)}): {text(why, lang)}"


def _component(one: Component, lang: Language) -> Iterator[str]:
    yield f"  {word('present', lang)}: {_answer(one.present, lang)}"
    yield f"  {word('licence', lang)}: {_licence(one.licence, lang)} ({value_word('open', lang)}: {_answer(one.open, lang)})"
    yield f"  {word('counts', lang)}: {_answer(one.counts, lang)}"
    yield f"  {text(one.reason, lang)}"
    yield from _evidence(one.evidence, lang)


def _licence(name: str | None, lang: Language) -> str:
    return word("unlicensed", lang) if name == "unlicensed" else name or "–"


def _answer(value: bool | None, lang: Language) -> str:
    return value_word("undetermined", lang) if value is None else word("yes" if value else "no", lang)


def _records(found: Any, lang: Language) -> Iterator[str]:
    """What is no ladder: every record, with all that it says."""
    whole = isinstance(found, Lineage)
    records: Sequence[Record] = (*found.nodes, *found.edges, *found.conflicts) if whole else found
    if not records:
        yield f"  {word('none_found', lang)}"
    for record in records:
        yield from record_lines(record, lang)


def _evidence(quotes: Sequence[Quote], lang: Language) -> Iterator[str]:
    if not quotes:
        yield f"  {word('no_evidence', lang)}"
        return
    yield f"  {word('evidence', lang)}"
    yield from quoted(quotes, lang)
