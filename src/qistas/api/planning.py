"""Requests, tokens and time to expect, before anything is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec

from qistas.api.weighing import known_cards, standard_of
from qistas.contracts.documents import Language
from qistas.engine.dry import Load, loads_of
from qistas.engine.pace import Pace, pace_for
from qistas.engine.plan import RunSettings
from qistas.wiring import ModelOptions, capabilities_by_form, job_for

_WORDS = {
    "en": {
        "head": ("criterion", "samples", "requests", "tokens in", "tokens out"),
        "total": "together, at most",
        "rule": "Tokens by rule of thumb (one per four bytes in, the limit of every answer out). A criterion that "
        "is decided early asks less; what the cache or the ledger holds is not asked.",
        "measured": "time to expect: about {low} to {high} (at the rate of the last run of this model here)",
        "assumed": "time to expect: {low} to {high} (no run of this model was timed here yet: assumed rates)",
    },
    "ar": {
        "head": ("الشرط", "العيّنات", "الطلبات", "رموز الطلب", "رموز الجواب"),
        "total": "المجموع على الأكثر",
        "rule": "عدد الرموز تقريبي (رمز لكلّ 4 بايتات من الطلب، والحدّ الأقصى لكلّ جواب). والشرط الذي يُحسم مبكّرًا "
        "يحتاج إلى أقلّ من ذلك، وما في المخزن المؤقّت أو في سجلّ الأدلّة لا يُطلب ثانيةً.",
        "measured": "الوقت المتوقّع: من {low} إلى {high} تقريبًا (بسرعة آخر تشغيل لهذا النموذج هنا)",
        "assumed": "الوقت المتوقّع: من {low} إلى {high} (لم يُقَس زمن تشغيل هذا النموذج هنا بعد، فالسرعات مفترضة)",
    },
}


def plan_lines(
    model: str,
    standard: str | Path = "open-release",
    *,
    options: ModelOptions | None = None,
    settings: RunSettings | None = None,
    lang: Language = "en",
) -> list[str]:
    """The plan of a weighing as lines of text. The model is neither loaded nor asked."""
    options = options or ModelOptions()
    cards = known_cards()
    job = job_for(model, standard_of(standard, cards), cards, options, settings or RunSettings())
    loads, together = asyncio.run(loads_of(job, capabilities_by_form(model, options)))
    words = _WORDS[lang]
    named = msgspec.structs.replace(together, criterion=str(words["total"]))
    lines = _table(loads, named, tuple(words["head"]))
    pace = pace_for(model, together.requests)
    return [*lines, "", str(words["rule"]), _time_line(pace, words)]


def _table(loads: list[Load], together: Load, head: tuple[str, ...]) -> list[str]:
    numbers = [
        (load.samples, load.requests, load.input_tokens, load.output_tokens_most)
        for load in (*loads, together)
    ]
    names = [*(load.criterion for load in loads), together.criterion]
    width = max(len(name) for name in (head[0], *names))
    lines = [f"{head[0]:<{width}}" + "".join(f"{word:>12}" for word in head[1:])]
    for name, row in zip(names, numbers, strict=True):
        lines.append(f"{name:<{width}}" + "".join(f"{number:>12}" for number in row))
    return lines


def _time_line(pace: Pace, words: Mapping[str, object]) -> str:
    template = str(words["measured" if pace.measured else "assumed"])
    return template.format(low=_duration(pace.low_seconds), high=_duration(pace.high_seconds))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
