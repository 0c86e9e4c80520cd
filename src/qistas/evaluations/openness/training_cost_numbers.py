"""Numbers as documents write them, as the intervals that they leave open."""

from __future__ import annotations

import re
from typing import NamedTuple

_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
}
_SCALES |= {"t": 1e12, "trillion": 1e12}
_WORDS = dict(
    zip(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(1, 13),
        strict=True,
    )
)
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")

_DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,5}(?:\.\d{1,6})?|\d{1,18}(?:\.\d{1,8})?|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b)"
_TEN = r"10(?:[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}|[ ]?(?:\^|\*\*)[ ]?\{?[ ]?\d{1,3})[}$]{0,3}"
_POWER = rf"(?:e\+?\d{{1,3}}|[ ${{}}]{{0,4}}(?:×|x|\*|·|times)[ ${{}}]{{0,3}}{_TEN})"
# A single letter behind a space is a scale if it is a capital: "5 t" are tons.
_SCALE = r"(?:[ ]{0,3}(?:thousand|million|billion|trillion)|[kmbt]n?|(?-i:[ ]{1,3}[KMBT]))\b"


def _one(name: str) -> str:
    return rf"(?P<{name}>{_DIGITS})(?P<{name}_power>{_POWER})?(?P<{name}_scale>{_SCALE})?"


_ABOUT = r"about|approximately|approx\.?|around|roughly|circa|nearly|almost|some|just under|~=?|≈|∼"
_OVER = r"over|more than|at least|greater than|exceeding|upwards of|>=?|≥"
_UNDER = r"under|less than|fewer than|below|at most|up to|no more than|<=?|≤"
_QUALIFIER = rf"(?P<qualifier>(?:{_ABOUT}|{_OVER}|{_UNDER})(?:[ ]a)?)?[ ]{{0,3}}(?:us)?\$?[ ]{{0,2}}"
_RANGE = rf"{_one('low')}(?P<more>\+(?=[\s.,;)]|$))?(?:[ ]?(?P<to>-|–|—|to|and)[ ]?~?\$?{_one('high')})?"
# Behind words that lead to it, and anywhere.
NUMBER_AFTER = rf"(?:between )?{_QUALIFIER}{_RANGE}"
NUMBER = rf"(?<![\w.,$^-]){NUMBER_AFTER}"


_EXPONENT = re.compile(r"(?:10[ ]?(?:\^|\*\*)?[ ]?\{?[ ]?|e\+?)(\d{1,3})[}$]{0,3}$", re.IGNORECASE)


# Nothing that is trained on or paid for is more.
MOST_FIGURE = 1e40


class Interval(NamedTuple):
    """From ``low`` to ``high``; ``high`` is ``None`` where only a lower bound is said, and ``low`` 0 where only an upper one is."""

    low: float
    high: float | None

    def times(self, factor: float) -> Interval:
        """The interval in another unit."""
        return Interval(self.low * factor, None if self.high is None else self.high * factor)

    def product(self, other: Interval) -> Interval:
        """The interval of the product; open where one is."""
        high = None if self.high is None or other.high is None else self.high * other.high
        return Interval(self.low * other.low, high)

    def meets(self, other: Interval) -> bool:
        """Whether both may be one figure, written more or less exactly."""
        return (self.high is None or other.low <= self.high) and (
            other.high is None or self.low <= other.high
        )

    def around(self, other: Interval) -> Interval:
        """The smallest interval that holds both."""
        high = None if self.high is None or other.high is None else max(self.high, other.high)
        return Interval(min(self.low, other.low), high)


def interval_of(match: re.Match[str]) -> Interval | None:
    """The interval of a match of `NUMBER`; ``None`` for no number (two of them joined by “and”, for example).

    What is written is taken as rounded: 1.7M is 1.65 to 1.75 million, 539 is 538.5 to 539.5. Behind “about” the zeros at the end are
    rounded too: about 150,000 is 145,000 to 155,000. “Over” (and 15T+) leaves the interval open above, “up to” below.
    """
    qualifier = (match["qualifier"] or "").lower()
    about = re.match(_ABOUT, qualifier) is not None if qualifier else False
    if match["high"] is not None:
        if match["to"] == "and" and "between" not in match[0].lower():
            return None
        # In "4-5 million" the scale belongs to both.
        bare = not (match["low_scale"] or match["low_power"])
        power, scale = (
            (match["high_power"], match["high_scale"]) if bare else (match["low_power"], match["low_scale"])
        )
        low = _rounded(match["low"], power, scale, False)
        high = _rounded(match["high"], match["high_power"], match["high_scale"], False)
        return Interval(low.value, high.value) if low.value <= high.value <= MOST_FIGURE else None
    number = _rounded(match["low"], match["low_power"], match["low_scale"], about)
    if number.value > MOST_FIGURE:
        return None
    if match["more"] or (qualifier and not about):
        over = match["more"] is not None or re.match(_OVER, qualifier) is not None
        return Interval(number.value, None) if over else Interval(0.0, number.value)
    return Interval(max(0.0, number.value - number.half), number.value + number.half)


class _Number(NamedTuple):
    value: float
    half: float


def _rounded(digits: str, power: str | None, scale: str | None, about: bool) -> _Number:
    """The value, and half a unit of the last digit that says something."""
    factor = _SCALES.get((scale or "").strip().lower(), 1.0)
    if power:
        exponent = _EXPONENT.search(power.translate(_POWERS))
        factor *= 10.0 ** min(int(exponent[1]) if exponent else 0, 250)
    if digits.lower() in _WORDS:
        return _Number(_WORDS[digits.lower()] * factor, 0.5 * factor)
    plain = digits.replace(",", "")
    decimals = len(plain.partition(".")[2])
    last = 10.0**-decimals
    if about and not decimals:
        zeros = len(plain) - len(plain.rstrip("0"))
        last = 10.0 ** min(zeros, max(len(plain) - 1, 0))
    return _Number(float(plain) * factor, last / 2 * factor)
