"""Numbers as people read them: natural frequencies, percentages, physical units."""

from __future__ import annotations

import math

from qistas.contracts.documents import Requirement, Text
from qistas.contracts.estimates import Estimate
from qistas.report.words import SAMPLE, both, counted

_DENOMINATORS = (100, 1_000, 10_000, 100_000)
_SCALES = {"bytes": ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (0.0, "bytes"))}
_SHORT_UNITS = {"seconds": "s", "joules": "J", "tokens_per_second": "tokens/s"}
_ONE = {"calls": "call", "queries": "query", "tokens": "token"}
_MANY = {one: many for many, one in _ONE.items()}
# Numbers that are said without a unit.
_BARE = ("count", "score", "ratio")


def plain(value: float, *, digits: int = 3) -> str:
    """``digits`` significant digits, grouped by thousands, never in exponent form: 1,234 or 0.00123."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: float) -> str:
    """A share in [0, 1] as a percentage with no more digits than it needs: 7%, 99.5%, 0.03%."""
    edge = min(value, 1 - value)
    places = 1 if edge >= 0.005 or edge <= 0 else min(4, 1 - math.floor(math.log10(edge * 100)))
    text = f"{100 * value:.{places}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def signed(value: float) -> str:
    """A difference: +0.23, −0.05, 0."""
    shown = plain(abs(value), digits=2)
    return "0" if shown == "0" else f"{'+' if value > 0 else '−'}{shown}"


def quantity(value: float, unit: str) -> str:
    """A value with its unit; the unit stays Latin in both languages."""
    if unit == "proportion":
        return percent(value)
    if unit == "difference":
        return signed(value)
    if unit in _BARE:
        return plain(value)
    for factor, name in _SCALES.get(unit, ()):
        if abs(value) >= factor:
            return f"{plain(value / (factor or 1.0))} {name}"
    shown = plain(value)
    one = _ONE.get(unit) if shown == "1" else None
    return f"{shown} {one or _SHORT_UNITS.get(unit, unit)}".rstrip()


def requirement_words(requirement: Requirement | None, unit: str) -> Text | None:
    """What is asked: "at most 5%", «5% على الأكثر»; ``None`` where nothing is."""
    if requirement is None:
        return None
    english, arabic = [], []
    if requirement.at_least is not None:
        bound = quantity(requirement.at_least, unit)
        english.append(f"at least {bound}")
        arabic.append(f"{bound} على الأقلّ")
    if requirement.at_most is not None:
        bound = quantity(requirement.at_most, unit)
        english.append(f"at most {bound}")
        arabic.append(f"{bound} على الأكثر")
    return Text(" and ".join(english), " و".join(arabic)) if english else None


def amount(estimate: Estimate, unit: str) -> Text | None:
    """The number in words, or ``None`` where there is none to show."""
    if estimate.low is None or estimate.high is None:
        return None
    if estimate.value is None:
        ends = quantity(estimate.low, unit), quantity(estimate.high, unit)
        return Text(f"anything from {ends[0]} to {ends[1]}", f"أيّ رقم من {ends[0]} إلى {ends[1]}")
    if unit == "proportion":
        return natural_frequency(estimate.value, estimate.low, estimate.high, estimate.n - estimate.unscored)
    value, low, high = (quantity(x, unit) for x in (estimate.value, estimate.low, estimate.high))
    if low == high:
        return Text(value, value)
    bare = low.partition(" ")[0] if unit_of(low) == unit_of(high) else low
    return Text(f"about {value}; likely {bare} to {high}", f"نحو {value}؛ والأرجح بين {bare} و{high}")


def unit_of(text: str) -> str:
    """The unit at the end of a ``quantity``: "GB" of "1.2 GB", "calls" of "1 call"."""
    unit = text.partition(" ")[2]
    return _MANY.get(unit, unit)


def natural_frequency(value: float, low: float, high: float, scored: int) -> Text:
    """Words such as "about 7 in 100; likely 4 to 11"; per 1,000 and beyond where the rate is near none or near all.

    The interval is rounded outwards, so words never claim more than the numbers do.
    """
    if low == high:
        return _exact(value, scored)
    out_of = denominator(low, high)
    bottom, top = outward(low, high, out_of)
    whole = f"{out_of:,}"
    if value in (0, 1) and (bottom, top) == (0, out_of):
        return _anything(value, scored, whole)
    if value == 0:
        seen = both(scored, SAMPLE)
        return Text(
            f"none in {seen.en}; likely at most {top:,} in {whole}",
            f"لا حالة في {seen.ar}؛ والأرجح ألّا تزيد على {top:,} من كل {whole}",
        )
    if value == 1:
        return Text(
            f"all of {counted(scored, SAMPLE, 'en')}; likely at least {bottom:,} in {whole}",
            f"جميع العيّنات ({scored:,})؛ والأرجح ألّا تقلّ عن {bottom:,} من كل {whole}",
        )
    about = min(max(round(value * out_of), bottom), top)
    if about in (0, out_of):
        edge = 1 if about == 0 else out_of - 1
        english = f"fewer than {edge} in {whole}" if about == 0 else f"more than {edge:,} in {whole}"
        arabic = f"أقلّ من {edge} من كل {whole}" if about == 0 else f"أكثر من {edge:,} من كل {whole}"
    else:
        english, arabic = f"about {about:,} in {whole}", f"نحو {about:,} من كل {whole}"
    return Text(f"{english}; likely {bottom:,} to {top:,}", f"{arabic}؛ والأرجح بين {bottom:,} و{top:,}")


def outward(low: float, high: float, out_of: int) -> tuple[int, int]:
    """An interval of a share in whole numbers out of so many, rounded outwards."""
    return _floor(low * out_of), _ceil(high * out_of)


def denominator(low: float, high: float) -> int:
    """100, unless the whole interval lies so near 0 or 1 that a hundred could not show it."""
    edge = high if high <= 0.5 else 1 - low if low >= 0.5 else 1.0
    return next((d for d in _DENOMINATORS if edge * d >= 2), 100 if edge == 0 else _DENOMINATORS[-1])


def _anything(value: float, scored: int, whole: str) -> Text:
    """An interval that excludes nothing, said so plainly."""
    seen = both(scored, SAMPLE)
    english = f"none in {seen.en}" if value == 0 else f"all of {seen.en}"
    arabic = f"لا حالة في {seen.ar}" if value == 0 else f"جميع العيّنات ({scored:,})"
    return Text(
        f"{english}; anything from 0 to {whole} in {whole} is possible",
        f"{arabic}؛ وكلّ نسبة بين 0 و{whole} من كل {whole} ممكنة",
    )


def _exact(value: float, scored: int) -> Text:
    share = value * scored
    if scored and abs(share - round(share)) < 1e-6:
        return Text(
            f"{round(share):,} of {scored:,}, counted in full",
            f"{round(share):,} من أصل {scored:,}، بالعدّ الكامل",
        )
    return Text(f"{percent(value)}, counted in full", f"{percent(value)}، بالعدّ الكامل")


def _floor(value: float) -> int:
    return math.floor(round(value, 6))


def _ceil(value: float) -> int:
    return math.ceil(round(value, 6))
