"""Figures of training as people read them: grouped, by millions and billions, or by powers of ten; and intervals of them."""

from __future__ import annotations

import re

from qistas.contracts.documents import Language, Text
from qistas.report.bidi import Clean, apart
from qistas.report.words import Noun, counted

_SCALES = (
    (1e12, Text("trillion", "تريليون"), "تريليونات"),
    (1e9, Text("billion", "مليار"), "مليارات"),
    (1e6, Text("million", "مليون"), "ملايين"),
)
# Units that are words; the others (FLOP, kWh) are symbols and stay as they are in both languages.
_UNITS = {
    "h": Noun("hour", "hours", "ساعة", "ساعتان", "ساعتين", "ساعات", "ساعة", True),
    "token": Noun("token", "tokens", "رمز", "رمزان", "رمزين", "رموز", "رمزًا", False),
    "parameter": Noun("parameter", "parameters", "معامل", "معاملان", "معاملين", "معاملات", "معاملًا", False),
    "accelerator": Noun("accelerator", "accelerators", "مسرّع", "مسرّعان", "مسرّعين", "مسرّعات", "مسرّعًا", False),
}
_POWERS = 1e15
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_APART = re.compile(r"(?<=«)[^«»]+(?=»)|[\d.]+ × 10[⁰¹²³⁴-⁹]+(?: [A-Za-z][\w/]*)?")


def grouped(value: float) -> str:
    """A whole number by thousands: 700,000,000."""
    return f"{value:,.0f}"


def interval_words(low: float | None, high: float | None, unit: str, lang: Language) -> str:
    """Both ends with their unit: "39.25 to 39.35 million hours", "at least 15 trillion tokens"; one figure where they are one.

    Empty where neither end is known.
    """
    if low is None or high is None:
        known = high if low is None else low
        if known is None:
            return ""
        words = Text("at most", "على الأكثر") if low is None else Text("at least", "على الأقلّ")
        shown = _with_unit(_figure(known, 4, lang), unit, lang)
        return f"{words.en} {shown}" if lang == "en" else f"{shown} {words.ar}"
    for digits in (4, 6, 9):
        first, last = (_figure(end, digits, lang) for end in (low, high))
        if first != last or low == high:
            break
    whole = _with_unit(last, unit, lang)
    if first == last:
        return whole
    if lang == "ar":
        return f"من {first} إلى {whole}"
    number, _, scale = first.partition(" ")
    # A scale that both ends share is said once.
    return f"{number} to {whole}" if scale and last.endswith(f" {scale}") else f"{first} to {whole}"


def _with_unit(figure: str, unit: str, lang: Language) -> str:
    """A figure with its unit, of which the words bend with the number; a symbol stays as it is."""
    noun = _UNITS.get(unit)
    if noun is None:
        return f"{figure} {unit}".rstrip()
    whole = figure.replace(",", "")
    if whole.isdecimal():
        return (
            f"{figure} {counted(int(whole), noun, lang).partition(' ')[2]}"
            if int(whole) > 2
            else counted(int(whole), noun, lang)
        )
    return f"{figure} {noun.many if lang == 'en' else noun.ar_one}"


def marked_apart(value: str, clean: Clean, escape: Clean) -> str:
    """Arabic ``value`` passed through ``clean``, but for words in «quotation marks» and powers of ten, whose parts would change places.

    These are set apart as a whole, passed through ``escape``.
    """
    parts, at = [], 0
    for match in _APART.finditer(value):
        parts += [_kept_edges(value[at : match.start()], clean), apart(match.group(), escape)]
        at = match.end()
    return "".join([*parts, _kept_edges(value[at:], clean)])


def _kept_edges(part: str, clean: Clean) -> str:
    """A part that is cleaned, with the space around it, which cleaning may take away."""
    body = part.strip()
    before, _, after = part.partition(body) if body else (part, "", "")
    return f"{before}{clean(body) if body else ''}{after}"


def _figure(value: float, digits: int, lang: Language) -> str:
    if abs(value) >= _POWERS:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{short} × 10{str(int(exponent)).translate(_RAISED)}"
    for scale, words, many in _SCALES:
        if abs(value) >= scale:
            shown = f"{value / scale:,.{digits}g}"
            few = shown.isdecimal() and 3 <= int(shown) <= 10
            return f"{shown} {words.en if lang == 'en' else many if few else words.ar}"
    return f"{value:,.{max(digits, 6)}g}"
