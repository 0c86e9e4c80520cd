"""Small changes of spelling that a reader passes over: seeded, pure, and without any effect on what is asked."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

Change = Callable[[str, str, random.Random], str]

_WORD = re.compile(r"[^\W\d_]+")
_KEYBOARDS = {
    "en": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "ar": ("ضصثقفغعهخحجد", "شسيبلاتنمكط", "ئءؤرىةوزظ"),
}
_SHORTEST_MISTYPED = 4
# How often a version is drawn anew before a change counts as leaving no other choice.
_ATTEMPTS = 16
_MISTYPED_SHARE = 0.25
_ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_BARE = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ؤ": "و", "ئ": "ي", "ى": "ي"})
_TATWEEL = "ـ"
# Letters that join the next one; a lam before an alef makes a ligature that no one stretches.
_STRETCHABLE = re.compile(r"[بتثجحخسشصضطظعغفقكمنهي](?=[\u0621-\u064a])|ل(?=[\u0621\u0626\u0628-\u064a])")
_FATHA, _SUKUN, _SHADDA = "\u064e", "\u0652", "\u0651"
_SUN = "تثدذرزسشصضطظلن"
# The article, alone or after «و» or «ف»; the relative pronouns begin alike and are marked otherwise.
_ARTICLE = re.compile(rf"(?<![\u0621-\u0652])((?:[وف])?ال)(?!ذي|ذين|تي)(?:([{_SUN}])|([\u0621-\u064a]))")
# Not in «بالـ», where the vowel is another, in the «وا» of a plural, nor in «مائة», where the alef is silent.
_OPEN = re.compile(
    r"(?!(?<![\u0621-\u0652])بال|وا(?![\u0621-\u0652])|مائ)([بتثجحخدذرزسشصضطظعغفقكلمنهويءئؤ]\u0651?)(?=[اىة])"
)


@dataclass(frozen=True, slots=True)
class Perturbation:
    """One kind of change. ``version`` rises whenever any text would come out otherwise.

    ``seeded``: whether there is a choice in it, so that a text can have several versions.
    """

    id: str
    version: str
    languages: tuple[str, ...]
    change: Change
    seeded: bool = False

    def versions(self, text: str, language: str, seed: str, count: int) -> list[str]:
        """Up to ``count`` different changed texts, fewer where the change leaves less choice; always the same ones.

        Empty where the language is not one of this perturbation's, or the text holds nothing to change.
        """
        if language not in self.languages:
            return []
        found: dict[str, None] = {}
        for attempt in range(_ATTEMPTS * count if self.seeded else 1):
            rng = random.Random(f"{self.id} {self.version} {seed} {attempt}")
            changed = self.change(text, language, rng)
            if changed != text:
                found[changed] = None
            if len(found) == count:
                break
        return list(found)


def _typos(text: str, language: str, rng: random.Random) -> str:
    """One slip in a quarter of the words of four letters or more, at least one; first letters stay."""
    words = [match for match in _WORD.finditer(text) if len(match[0]) >= _SHORTEST_MISTYPED]
    chosen = rng.sample(words, max(1, round(_MISTYPED_SHARE * len(words)))) if words else []
    for word in sorted(chosen, key=lambda match: -match.start()):
        text = text[: word.start()] + _slip(word[0], language, rng) + text[word.end() :]
    return text


def _slip(word: str, language: str, rng: random.Random) -> str:
    """Two neighbours swapped, a letter left out, or the key beside the right one, each as likely."""
    kind, at = rng.choice(("swap", "drop", "neighbour")), rng.randrange(1, len(word) - 1)
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    if kind == "swap" and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + _beside(word[at], language, rng) + word[at + 1 :]


def _beside(letter: str, language: str, rng: random.Random) -> str:
    """A key to the left or right of the letter's; the letter doubled where the keyboard does not have it."""
    for row in _KEYBOARDS[language]:
        at = row.find(letter.lower())
        if at >= 0:
            key = rng.choice([row[index] for index in (at - 1, at + 1) if 0 <= index < len(row)])
            return key.upper() if letter.isupper() else key
    return letter * 2


def _case(text: str, language: str, rng: random.Random) -> str:
    """The whole text in capitals, or in small letters."""
    del language
    return rng.choice((str.upper, str.lower))(text)


def _alef_hamza(text: str, language: str, rng: random.Random) -> str:
    """Alefs without their hamza or madda, hamza seats bare, and a final «ى» with the dots of «ي»."""
    del language, rng
    return text.translate(_BARE)


def _diacritics(text: str, language: str, rng: random.Random) -> str:
    """The marks that spelling alone decides: fatha before «ا», «ى» and «ة», and those of the article.

    A letter after «ال» gets its shadda where it is a sun letter, else the lam its sukun. Short vowels that only
    a reader who knows the word could set are not guessed.
    """
    del language, rng
    return _OPEN.sub(rf"\1{_FATHA}", _ARTICLE.sub(_marked_article, text))


def _marked_article(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}{_SHADDA}" if match[2] else f"{match[1]}{_SUKUN}{match[3]}"


def _tatweel(text: str, language: str, rng: random.Random) -> str:
    """One to three strokes of tatweel in a quarter of the places that can be stretched, at least one."""
    del language
    places = [match.end() for match in _STRETCHABLE.finditer(text)]
    chosen = rng.sample(places, max(1, len(places) // 4)) if places else []
    for place in sorted(chosen, reverse=True):
        text = text[:place] + _TATWEEL * rng.randint(1, 3) + text[place:]
    return text


def _digits(text: str, language: str, rng: random.Random) -> str:
    """Western digits as Arabic-Indic ones."""
    del language, rng
    return text.translate(_ARABIC_INDIC)


PERTURBATIONS: Mapping[str, Perturbation] = MappingProxyType(
    {
        one.id: one
        for one in (
            Perturbation("typos", "1.0", ("en", "ar"), _typos, seeded=True),
            Perturbation("case", "1.0", ("en",), _case, seeded=True),
            Perturbation("alef-hamza", "1.0", ("ar",), _alef_hamza),
            Perturbation("diacritics", "1.0", ("ar",), _diacritics),
            Perturbation("tatweel", "1.0", ("ar",), _tatweel, seeded=True),
            Perturbation("digits", "1.0", ("ar",), _digits),
        )
    }
)
