"""What training cost, in words: what a release states, how that was read, and what is worked out from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from qistas.contracts.documents import Language, Text
from qistas.contracts.openness import CostStatement, DisclosedCost
from qistas.evaluations.openness.training_cost_rules import cost_rules
from qistas.report.openness_figures import interval_words
from qistas.report.openness_names import FORMULAS, KINDS, named
from qistas.report.openness_words import SHAPES, VALUES
from qistas.report.words import text

_MOST_STATED_CHARACTERS = 160
_OF_SEVERAL = ("per_model", "several", "contradicting")
_THAT_IS = Text("that is", "أي")
_FROM = Text("from", "من")
_SCOPES = {
    "total": Text("everything together", "المجموع"),
    "release": Text("the release", "الإصدار"),
    "model": Text("one of its models", "أحد نماذجه"),
}
_DERIVED = Text(
    "Not stated; worked out from what is: {formula}.", "غير مذكور؛ وهو محسوب من أرقام مذكورة: {formula}."
)
_WORKED_OUT = Text("worked out", "محسوب")


def standing(cost: DisclosedCost) -> str:
    """``stated``, ``derived``, ``unread`` or ``undisclosed``."""
    if cost.disclosed:
        return "stated"
    return "derived" if cost.derived else cost.value


def cost_shape(cost: DisclosedCost) -> str:
    """The sign of a quantity."""
    return SHAPES[standing(cost)] if cost.disclosed or cost.derived else SHAPES["undetermined"]


def amount(cost: DisclosedCost, lang: Language) -> str:
    """The words that state it, then how they were read; of what is worked out the figure and its formula; else that it is not said."""
    kind = standing(cost)
    figures = interval_words(cost.low, cost.high, cost.unit, lang)
    said = _short(cost.stated or cost.text or "")
    if kind == "stated":
        return _said(said, figures, lang)
    if kind == "derived":
        behind = f"{text(_WORKED_OUT, lang)}: {text(formula_words(cost), lang)}"
        behind += f"{_comma(lang)} {text(_FROM, lang)} {_quoted(said, lang)}" if said else ""
        return f"{figures} ({behind})"
    return text(VALUES[kind], lang)


def head(cost: DisclosedCost, lang: Language) -> str:
    """As ``amount``; where it holds several figures, which ``further_figures`` say, their interval and what it is."""
    if cost.headline not in _OF_SEVERAL or len(cost.statements) < 2 or not cost.disclosed:
        return amount(cost, lang)
    figures = interval_words(cost.low, cost.high, cost.unit, lang)
    return f"{figures}. {text(cost.reason, lang)}" if figures else text(cost.reason, lang)


def cost_reason(cost: DisclosedCost) -> Text:
    """Why it is as it is; of what is worked out, the formula in the words of each language."""
    if standing(cost) != "derived":
        return cost.reason
    formula = formula_words(cost)
    return Text(_DERIVED.en.format(formula=formula.en), _DERIVED.ar.format(formula=formula.ar))


def formula_words(cost: DisclosedCost) -> Text:
    """What a figure was worked out by."""
    return named(FORMULAS, cost.formula or "")


class Figure(NamedTuple):
    """One of several figures: of what it is told, and its words with how they were read."""

    statement: CostStatement
    whose: str
    said: str


def further_figures(cost: DisclosedCost, lang: Language) -> Iterator[Figure]:
    """Each figure but that of ``amount``, where there are several."""
    if len(cost.statements) < 2:
        return
    for one in cost.statements:
        if (one.stated, one.low, one.high) == (cost.stated, cost.low, cost.high):
            continue
        whose = one.subject if one.subject and one.scope != "total" else text(_SCOPES[one.scope], lang)
        said = _said(_short(one.stated), interval_words(one.low, one.high, cost.unit, lang), lang)
        notes = [text(KINDS[one.kind], lang)] if one.kind in KINDS else []
        if one.phase != "training" and one.phase in cost_rules().phase_words:
            notes.append(text(cost_rules().phase_words[one.phase], lang))
        behind = f" ({f'{_comma(lang)} '.join(notes)})" if notes else ""
        yield Figure(one, whose, f"{said}{behind}")


def statement_lines(cost: DisclosedCost, lang: Language) -> Iterator[tuple[CostStatement, str]]:
    """The further figures as lines."""
    return ((one, f"{whose}: {said}") for one, whose, said in further_figures(cost, lang))


def _said(stated: str, figures: str, lang: Language) -> str:
    if not stated or not figures:
        return figures or (_quoted(stated, lang) if stated else "")
    return f"{_quoted(stated, lang)}{_comma(lang)} {text(_THAT_IS, lang)} {figures}"


def _short(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= _MOST_STATED_CHARACTERS else flat[: _MOST_STATED_CHARACTERS - 1] + "…"


def _quoted(words: str, lang: Language) -> str:
    return f"“{words}”" if lang == "en" else f"«{words}»"


def _comma(lang: Language) -> str:
    return "," if lang == "en" else "،"
