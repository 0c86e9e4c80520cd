"""Requests, tokens and time to expect, and what can be shown, before anything is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from qistas.api.choosing import refuse_chosen
from qistas.api.weighing import known_cards, powers_in, standard_of
from qistas.contracts.documents import Language, Text
from qistas.contracts.power import Power
from qistas.engine.dry import Load, loads_of
from qistas.engine.pace import pace_for
from qistas.engine.plan import RunSettings
from qistas.targets.refs import without_home
from qistas.wiring import ModelOptions, capabilities_by_form, job_for

_WORDS = {
    "en": {
        "head": ("criterion", "samples", "requests", "tokens in", "tokens out"),
        "total": "together, at most",
        "power": "what it can show (4 times in 5, comparing two models on one criterion by itself, where they differ on "
        "one prompt in five; a criterion that is decided early looks at fewer prompts and shows less):",
        "rule": "Tokens by rule of thumb (one per four bytes in, the limit of every answer out). A criterion that "
        "is decided early asks less; what the cache or the ledger holds is not asked.",
        "measured": "time to expect: about {low} to {high} (at the rate of the last run of this model here)",
        "assumed": "time to expect: {low} to {high} (no run of this model was timed here yet: assumed rates)",
    },
    "ar": {
        "head": ("الشرط", "العيّنات", "الطلبات", "رموز الطلب", "رموز الجواب"),
        "total": "المجموع على الأكثر",
        "power": "ما يمكن أن يُظهره (في 4 مرّات من 5، عند مقارنة نموذجين بشرط واحد وحده، مع اختلافهما في طلب من كلّ 5؛ والشرط الذي يُحسم مبكّرًا "
        "ينظر في طلبات أقلّ فيُظهر أقلّ):",
        "rule": "عدد الرموز تقريبي (رمز لكلّ 4 بايتات من الطلب، والحدّ الأقصى لكلّ جواب). والشرط الذي يُحسم مبكّرًا "
        "يحتاج إلى أقلّ من ذلك، وما في المخزن المؤقّت أو في سجلّ الأدلّة لا يُطلب ثانيةً.",
        "measured": "الوقت المتوقّع: من {low} إلى {high} تقريبًا (بسرعة آخر تشغيل لهذا النموذج هنا)",
        "assumed": "الوقت المتوقّع: من {low} إلى {high} (لم يُقَس زمن تشغيل هذا النموذج هنا بعد، فالسرعات مفترضة)",
    },
}


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """What a weighing would ask and what it could show: a load and a power statement per criterion.

    Criteria that the model cannot be asked have no load. ``together`` is what all of them ask at most; ``seconds``
    the time to expect, from low to high, ``timed`` whether from a run of this model on this machine.
    """

    model: str
    standard: str
    loads: tuple[Load, ...]
    together: Load
    seconds: tuple[float, float]
    timed: bool
    power: tuple[Power, ...]


def plan(
    model: str,
    standard: str | Path = "open-release",
    *,
    options: ModelOptions | None = None,
    settings: RunSettings | None = None,
) -> Planned:
    """The plan of a weighing. The model is neither loaded nor asked."""
    options = options or ModelOptions()
    refuse_chosen(settings := settings or RunSettings())
    cards = known_cards()
    job = job_for(model, standard_of(standard, cards), cards, options, settings)
    capabilities = capabilities_by_form(model, options)
    loads, together = asyncio.run(loads_of(job, capabilities))
    pace = pace_for(model, together.requests)
    return Planned(
        model=without_home(model),
        standard=f"{job.standard.id} {job.standard.version}",
        loads=tuple(loads),
        together=together,
        seconds=(pace.low_seconds, pace.high_seconds),
        timed=pace.measured,
        power=powers_in(job, capabilities),
    )


def plan_lines(
    model: str,
    standard: str | Path = "open-release",
    *,
    options: ModelOptions | None = None,
    settings: RunSettings | None = None,
    lang: Language = "en",
) -> list[str]:
    """The plan of a weighing as lines of text. The model is neither loaded nor asked."""
    made = plan(model, standard, options=options, settings=settings)
    words = _WORDS[lang]
    named = msgspec.structs.replace(made.together, criterion=str(words["total"]))
    lines = _table(list(made.loads), named, tuple(words["head"]))
    lines += ["", str(words["power"]), *(f"  {line}" for line in power_lines(made.power, lang))]
    return [*lines, "", str(words["rule"]), _time_line(made, words)]


def plan_json(made: Planned) -> bytes:
    """The plan as UTF-8 JSON, indented by two."""
    return msgspec.json.format(msgspec.json.encode(made, order="deterministic"), indent=2) + b"\n"


def power_lines(powers: Sequence[Power], lang: Language) -> list[str]:
    """What can be shown, criteria that are alike on one line."""
    alike: dict[Text, list[str]] = {}
    for power in powers:
        alike.setdefault(power.sentence, []).append(power.criterion)
    return [
        f"{', '.join(names)}: {sentence.en if lang == 'en' else sentence.ar}"
        for sentence, names in alike.items()
    ]


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


def _time_line(made: Planned, words: Mapping[str, object]) -> str:
    template = str(words["measured" if made.timed else "assumed"])
    return template.format(low=_duration(made.seconds[0]), high=_duration(made.seconds[1]))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
