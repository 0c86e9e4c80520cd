"""A comparison of two runs as one self-contained page in both languages, without network or scripts."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from qistas.contracts.comparisons import Compared, Comparison
from qistas.contracts.documents import Language, Text
from qistas.findings.comparison_words import VERDICTS, p_words, rests_words
from qistas.report.comparison import by_pillar, ends, gap, rows
from qistas.report.comparison_chart import difference_chart
from qistas.report.comparison_chrome import CHROME, EFFECTS, READING
from qistas.report.html import marked, page_environment, template_text

if TYPE_CHECKING:
    from jinja2 import Environment


def render_comparison_html(made: Comparison, lang: Language = "en") -> bytes:
    """The page in UTF-8, shown in ``lang`` first."""
    template = _environment().get_template("comparison.html.j2")
    page = template.render(
        made=made,
        sides=(("side_a", made.a), ("side_b", made.b)),
        by_pillar=by_pillar(made),
        first_language=lang,
        css=template_text("report.css") + template_text("comparison.css"),
    )
    return page.encode()


@cache
def _environment() -> Environment:
    environment = page_environment()
    environment.globals.update(
        CHROME=CHROME,
        VERDICTS=VERDICTS,
        EFFECTS=EFFECTS,
        READING=READING,
        chart=marked(difference_chart),
        rows=rows,
        gap=gap,
        ends=ends,
        p_words=p_words,
        rests_words=rests_words,
        better=better,
    )
    return environment


def better(compared: Compared, side: str) -> Text:
    """What a difference on a side of 0 means: which run is better, or higher where neither is better for it."""
    if compared.direction == "none":
        return VERDICTS["a_higher" if side == "above" else "b_higher"]
    first = (side == "above") == (compared.direction == "higher")
    return VERDICTS["a_better" if first else "b_better"]
