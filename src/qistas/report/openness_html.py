"""Releases weighed on openness as one self-contained page in both languages, without network.

The one script sorts the table and shows an entry beside it; without it the page says the same, and a value leads to its entry. The
words of a release stand once, between both languages: what is said in a language stands in it twice, and the switch shows one.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from qistas.contracts.documents import Language
from qistas.contracts.openness import Assessment, DisclosedCost, LicenceReading, Quote
from qistas.report.bidi import marked_up
from qistas.report.html import marked, page_environment, template_text
from qistas.report.openness_chrome import CAVEATS, CHROME, KINDS, PLACES
from qistas.report.openness_costs import Figure, cost_reason, cost_shape, further_figures, head, standing
from qistas.report.openness_dimensions import judged_first, title
from qistas.report.openness_figures import marked_apart
from qistas.report.openness_names import (
    ABOUT,
    CONFLICTS,
    EFFECTS,
    FORMATS,
    RELATIONS,
    STATUSES,
    clause_value,
    clause_words,
    fact_words,
    quantity_words,
)
from qistas.report.openness_page import ROMAN, TONES, columns, digests, rows, safe
from qistas.report.openness_terminal import osaid_words
from qistas.report.openness_unread import unread_sentences
from qistas.report.openness_words import AREAS, SHAPES, VALUES, WORDS, licence_quoted, mof_meaning, place

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDED_CHARACTERS = 320
_FOLDED_LINES = 3
_MOST_CHARACTERS = 4000
_SHOWN_QUOTES = 3
_FEW = 8
_LEGEND = ("open", "partial", "closed", "undetermined", "ok", "note", "warning", "danger")


def render_openness_html(made: Sequence[Assessment], lang: Language = "en") -> bytes:
    """The page in UTF-8, shown in ``lang`` first; the same bytes for the same assessments."""
    shown = [safe(one) for one in made]
    script = template_text("openness.js")
    template = _environment().get_template("openness.html.j2")
    page = template.render(
        rows=rows(shown),
        columns=columns(shown),
        groups=[
            (group, judged, len(list(under)))
            for (group, judged), under in groupby(columns(shown), lambda one: (one.group, one.judged))
        ],
        unjudged=sum(not column.judged for column in columns(shown)),
        version=shown[0].qistas,
        first_language=lang,
        css=template_text("report.css") + template_text("openness.css"),
        script=script,
        script_digest=_source_digest(script),
    )
    return page.encode()


def _figures(value: str, lang: Language) -> str:
    """Figures with what is said of them: escaped, and in Arabic each Latin run and each power of ten set apart."""
    return escape(value) if lang == "en" else marked_apart(value, lambda part: marked_up(part, lang), escape)


def _further(cost: DisclosedCost) -> list[tuple[Figure, Figure]]:
    """Each further figure, in both languages."""
    return list(zip(further_figures(cost, "en"), further_figures(cost, "ar"), strict=True))


def _source_digest(script: str) -> str:
    """What the page's policy calls this script, so that no other can run (CSP level 3)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    environment = page_environment()
    environment.globals.update(
        CHROME=CHROME, CAVEATS=CAVEATS, AREAS=AREAS, SHAPES=SHAPES, VALUES=VALUES, WORDS=WORDS, TONES=TONES, LEGEND=_LEGEND,
        PLACES=PLACES, KINDS=KINDS, RELATIONS=RELATIONS, STATUSES=STATUSES, ABOUT=ABOUT, SHOWN_QUOTES=_SHOWN_QUOTES,
        CONFLICTS=CONFLICTS, EFFECTS=EFFECTS, FORMATS=FORMATS, clause_words=clause_words, clause_value=clause_value,
        fact_words=fact_words, quantity_words=quantity_words, title_of=title, place=place, cost_head=head, standing=standing,
        cost_reason=cost_reason, cost_shape=cost_shape, further=_further, licence_quoted=licence_quoted,
        judged_first=judged_first, mof_meaning=mof_meaning, osaid_words=osaid_words, unread_sentences=unread_sentences,
        digests=digests, folded=folded, listed_alone=listed_alone, cut=cut, ROMAN=ROMAN, FEW=_FEW,
    )  # fmt: skip
    environment.filters.update(
        worded=lambda found: [one for one in found if not listed_alone(one)],
        settled=lambda found: [one for one in found if settled(one)],
        unsettled=lambda found: [one for one in found if not settled(one)],
        figures=marked(_figures),
    )
    return environment


def listed_alone(quote: Quote) -> bool:
    """Whether the quote is a fact about the list of files, and its words only the path again."""
    return quote.line == 0 and quote.quote == quote.file


def settled(reading: LicenceReading) -> bool:
    """Whether a licence was identified, or its clauses were read."""
    return reading.id is not None or bool(reading.clauses)


def folded(words: str) -> bool:
    """Whether a quote is long enough to be folded."""
    return len(words) > _FOLDED_CHARACTERS or words.count("\n") > _FOLDED_LINES


def cut(words: str, most: int = _MOST_CHARACTERS) -> str:
    """The words, or their beginning where they are very long."""
    return words if len(words) <= most else words[: most - 1] + "…"
