"""A comparison of two runs as JSON, as Markdown and as plain lines."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qistas.contracts.comparisons import Compared, Comparison, Pairs, Side
from qistas.contracts.documents import PILLARS, Language, Pillar, Text
from qistas.contracts.estimates import Estimate
from qistas.findings.comparison_words import (
    VERDICTS,
    difference_words,
    p_words,
    range_words,
    rests_words,
    unit_in_arabic,
)
from qistas.report.comparison_chrome import CHROME, EFFECTS, READING
from qistas.report.markdown import code, prose
from qistas.report.numbers import percent, plain, quantity
from qistas.report.words import PILLAR_NAMES, text

# Shapes, not colours alone.
SHAPES = {
    "a_better": "◀",
    "a_higher": "◁",
    "b_better": "▶",
    "b_higher": "▷",
    "no_difference_shown": "=",
    "cannot_tell": "?",
    "not_comparable": "–",
}


def comparison_json(made: Comparison) -> bytes:
    """UTF-8 JSON, indented by two; the same input gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(made, order="deterministic"), indent=2) + b"\n"


def by_pillar(made: Comparison) -> list[tuple[Pillar, list[Compared]]]:
    """The criteria under their pillars, in order."""
    found = [(pillar, [c for c in made.criteria if c.pillar == pillar]) for pillar in PILLARS]
    return [(pillar, compared) for pillar, compared in found if compared]


def gap(estimate: Estimate | None, unit: str) -> Text | None:
    """A difference in words, or ``None`` where there is none."""
    return None if estimate is None or estimate.value is None else difference_words(estimate.value, unit)


def ends(estimate: Estimate | None, unit: str) -> Text | None:
    """A difference's interval in words, or ``None`` where there is none."""
    return None if estimate is None or not estimate.estimable else range_words(estimate, unit)


def comparison_lines(made: Comparison, lang: Language = "en") -> list[str]:
    """What a terminal shows: the two runs, what differs beside the models, a verdict and numbers per criterion."""
    lines = [f"{_say('side_a', lang)}: {made.a.model.ref}", f"{_say('side_b', lang)}: {made.b.model.ref}"]
    lines.append(text(made.sentence, lang))
    for found in made.discrepancies:
        concerned = f" [{', '.join(found.criteria)}]" if found.criteria else ""
        lines.append(f"! {text(EFFECTS[found.effect], lang)}: {text(found.sentence, lang)}{concerned}")
    for pillar, criteria in by_pillar(made):
        lines += ["", text(PILLAR_NAMES[pillar], lang)]
        for compared in criteria:
            lines.append(
                f"  {SHAPES[compared.verdict]} {compared.criterion}: {text(VERDICTS[compared.verdict], lang)}"
            )
            numbers = _numbers(compared, lang)
            rests = rests_words(compared)
            said = [numbers, rests and text(rests, lang), text(compared.reason, lang)]
            lines += [f"      {line}" for line in said if line]
    return lines


def _numbers(compared: Compared, lang: Language) -> str | None:
    value, interval = gap(compared.difference, compared.unit), ends(compared.difference, compared.unit)
    pairs, difference = compared.pairs, compared.difference
    if value is None or interval is None or pairs is None or difference is None:
        return None
    comma = "، " if lang == "ar" else ", "
    parts = [
        f"{_say('difference', lang)}: {text(value, lang)}",
        f"{_say('alone', lang)} ({percent(difference.confidence)}): {text(interval, lang)}",
        f"{_say('shared', lang)}: {pairs.n:,} ({_higher(pairs, lang)})",
    ]
    if pairs.unscored:
        parts.append(f"{_say('unscored', lang)}: {pairs.unscored:,}")
    if compared.p_value is not None and compared.adjusted_p_value is not None:
        parts.append(
            f"{_say('raw', lang)}: {p_words(compared.p_value)}{comma}"
            f"{_say('adjusted', lang)}: {p_words(compared.adjusted_p_value)}"
        )
    return ("؛ " if lang == "ar" else "; ").join(parts)


def _higher(pairs: Pairs, lang: Language) -> str:
    kinds = (("a_higher", pairs.a_higher), ("b_higher", pairs.b_higher))
    return ("، " if lang == "ar" else ", ").join(f"{_say(key, lang)} {count:,}" for key, count in kinds)


def comparison_markdown(made: Comparison, lang: Language = "en") -> str:
    """The whole comparison as GitHub-flavoured Markdown; Arabic stands in a right-to-left block."""
    lines = [*_head(made, lang), *_discrepancies(made, lang)]
    for pillar, criteria in by_pillar(made):
        lines.append(f"\n## {text(PILLAR_NAMES[pillar], lang)}\n")
        for compared in criteria:
            lines += _criterion(compared, lang)
    lines.append(f"\n## {_say('reading', lang)}\n")
    lines += [
        f"- **{prose(text(word, lang), lang)}.** {prose(text(said, lang), lang)}" for word, said in READING
    ]
    body = "\n".join(lines)
    return f"{body}\n" if lang == "en" else f'<div dir="rtl" lang="ar">\n\n{body}\n\n</div>\n'


def _say(key: str, lang: Language) -> str:
    return text(CHROME[key], lang)


def _head(made: Comparison, lang: Language) -> Iterator[str]:
    yield f"# {_say('title', lang)}"
    yield f"\n{prose(text(made.sentence, lang), lang)}\n"
    yield f"| {_say('run', lang)} | {_say('model', lang)} | {_say('standard', lang)} | {_say('date', lang)} | {_say('ledger', lang)} |"
    yield "|---|---|---|---|---|"
    for key, side in (("side_a", made.a), ("side_b", made.b)):
        yield f"| {_say(key, lang)} | {' | '.join(_row(side))} |"
    yield f"\n| {_say('criterion', lang)} | {_say('verdict', lang)} | {_say('difference', lang)} | {_say('adjusted', lang)} |"
    yield "|---|---|---|---|"
    for compared in made.criteria:
        value = gap(compared.difference, compared.unit)
        shown = prose(text(value, lang), lang) if value else "–"
        adjusted = (
            "–" if compared.adjusted_p_value is None else prose(p_words(compared.adjusted_p_value), lang)
        )
        verdict = f"{SHAPES[compared.verdict]} {text(VERDICTS[compared.verdict], lang)}"
        yield f"| {prose(text(compared.title, lang), lang)} | {verdict} | {shown} | {adjusted} |"
    yield f"\n{prose(_say('glance_note', lang), lang)}"


def _row(side: Side) -> list[str]:
    standard = f"{side.standard.id} {side.standard.version}"
    return [
        code(part).replace("|", "\\|")
        for part in (side.model.ref, standard, side.started.partition("T")[0], side.ledger.head)
    ]


def _discrepancies(made: Comparison, lang: Language) -> Iterator[str]:
    yield f"\n## {_say('differs', lang)}\n"
    if not made.discrepancies:
        yield _say("differs_none", lang)
    for found in made.discrepancies:
        concerned = ", ".join(code(name) for name in found.criteria) or _say("all", lang)
        sides = [
            f"{_say(key, lang)}: {code(value)}"
            for key, value in (("side_a", found.a), ("side_b", found.b))
            if value
        ]
        said = f" ({'؛ '.join(sides) if lang == 'ar' else '; '.join(sides)})" if sides else ""
        yield (
            f"- **{text(EFFECTS[found.effect], lang)}.** {prose(text(found.sentence, lang), lang)}{said} "
            f"{_say('concerns', lang)}: {concerned}"
        )


def _criterion(compared: Compared, lang: Language) -> Iterator[str]:
    yield f"### {SHAPES[compared.verdict]} {prose(text(compared.title, lang), lang)}: {text(VERDICTS[compared.verdict], lang)}\n"
    yield prose(text(compared.reason, lang), lang) + "\n"
    if rests := rests_words(compared):
        yield prose(text(rests, lang), lang) + "\n"
    for key, value in rows(compared, lang):
        yield f"- {key}: {prose(value, lang)}"
    for cause in compared.weakened_by:
        yield f"- {_say('weakened_by', lang)}: {prose(text(cause, lang), lang)}"
    yield ""


def rows(compared: Compared, lang: Language) -> list[tuple[str, str]]:
    """The numbers of a criterion, each under its name; what is not there is left out."""
    unit, difference, pairs = compared.unit, compared.difference, compared.pairs
    found: list[tuple[str, str | None]] = []
    if compared.a is not None or compared.b is not None:
        sides = (("side_a", compared.a), ("side_b", compared.b))
        own = _say("report_value", lang)
        found += [(f"{_say(key, lang)} ({own})", _number(value, unit, lang)) for key, value in sides]
    found += [
        (_say("difference", lang), _said(gap(difference, unit), lang)),
        (_sure("alone", difference, lang), _said(ends(difference, unit), lang)),
        (_sure("together", compared.simultaneous, lang), _said(ends(compared.simultaneous, unit), lang)),
    ]
    if pairs is not None:
        comma = "، " if lang == "ar" else ", "
        kinds = (("a_higher", pairs.a_higher), ("b_higher", pairs.b_higher), ("equal", pairs.equal))
        found += [
            (_say("shared", lang), f"{pairs.n:,}"),
            (_say("units", lang), f"{pairs.clusters:,}" if pairs.clusters < pairs.n else None),
            (_say("discordant", lang), comma.join(f"{_say(key, lang)} {count:,}" for key, count in kinds)),
            (_say("unscored", lang), f"{pairs.unscored:,}" if pairs.unscored else None),
        ]
    for key, p in (("raw", compared.p_value), ("adjusted", compared.adjusted_p_value)):
        found.append((_say(key, lang), None if p is None else p_words(p)))
    return [(name, value) for name, value in found if value is not None]


def _number(estimate: Estimate | None, unit: str, lang: Language) -> str | None:
    if estimate is None or estimate.value is None or estimate.low is None or estimate.high is None:
        return _say("none", lang)
    value, low, high = (_quantity(x, unit, lang) for x in (estimate.value, estimate.low, estimate.high))
    if low == high:
        return value
    return f"{value} ({low} to {high})" if lang == "en" else f"{value} (من {low} إلى {high})"


def _quantity(value: float, unit: str, lang: Language) -> str:
    word = unit_in_arabic(value, unit) if lang == "ar" else None
    return quantity(value, unit) if word is None else f"{plain(value)} {word}"


def _sure(key: str, estimate: Estimate | None, lang: Language) -> str:
    return _say(key, lang) + ("" if estimate is None else f" ({percent(estimate.confidence)})")


def _said(value: Text | None, lang: Language) -> str | None:
    return None if value is None else text(value, lang)
