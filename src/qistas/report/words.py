"""The vocabulary of every report: verdicts, pillars, strengths, and how both languages count."""

from __future__ import annotations

from typing import NamedTuple

from qistas.contracts.documents import Language, Pillar, Text
from qistas.contracts.findings import Strength, Verdict

LANGUAGES: tuple[Language, ...] = ("en", "ar")
LANGUAGE_NAMES = {"en": Text("English", "الإنجليزية"), "ar": Text("Arabic", "العربية")}

VERDICTS: dict[Verdict, Text] = {
    "met": Text("Met", "مستوفى"),
    "not_met": Text("Not met", "غير مستوفى"),
    "not_enough_evidence": Text("Not enough evidence", "الأدلّة غير كافية"),
    "not_applicable": Text("Not applicable", "لا ينطبق"),
    "failed": Text("Could not be measured", "تعذّر القياس"),
}

PILLAR_NAMES: dict[Pillar, Text] = {
    "openness": Text("Openness", "الانفتاح"),
    "safety": Text("Safety", "السلامة"),
    "trust": Text("Trust", "الموثوقية"),
    "capability": Text("Capability", "القدرة"),
    "efficiency": Text("Efficiency", "الكفاءة"),
}

STRENGTHS: dict[Strength, Text] = {
    "strong": Text("strong", "قويّة"),
    "moderate": Text("moderate", "متوسّطة"),
    "limited": Text("limited", "محدودة"),
    "none": Text("none", "لا أدلّة"),
}


def text(value: Text, lang: Language) -> str:
    """``value`` in ``lang``; where the Arabic is empty, a sentence that says so, never silent English."""
    if lang == "en":
        return value.en
    return value.ar or f"[الترجمة العربية ناقصة] {value.en}"


class Noun(NamedTuple):
    """A counted noun: Arabic needs the singular, both duals, the plural and the accusative singular."""

    one: str
    many: str
    ar_one: str
    ar_two: str
    ar_two_oblique: str
    ar_few: str
    ar_accusative: str
    feminine: bool


SAMPLE = Noun("sample", "samples", "عيّنة", "عيّنتان", "عيّنتين", "عيّنات", "عيّنة", True)
CRITERION = Noun("criterion", "criteria", "شرط", "شرطان", "شرطين", "شروط", "شرطًا", False)
OBSERVATION = Noun("observation", "observations", "رصدة", "رصدتان", "رصدتين", "رصدات", "رصدة", True)
RECORD = Noun("record", "records", "قيد", "قيدان", "قيدين", "قيود", "قيدًا", False)
UNIT = Noun(
    "independent unit", "independent units", "وحدة مستقلّة", "وحدتان مستقلّتان", "وحدتين مستقلّتين",
    "وحدات مستقلّة", "وحدة مستقلّة", True,
)  # fmt: skip
REPEAT = Noun("repeat", "repeats", "قياس", "قياسان", "قياسين", "قياسات", "قياسًا", False)
LABEL = Noun(
    "human label", "human labels", "حُكم بشري", "حُكمان بشريّان", "حُكمين بشريّين",
    "أحكام بشرية", "حُكمًا بشريًّا", False,
)  # fmt: skip
POINT = Noun(
    "percentage point", "percentage points", "نقطة مئوية", "نقطتان مئويّتان", "نقطتين مئويّتين",
    "نقاط مئوية", "نقطة مئوية", True,
)  # fmt: skip


def counted(number: int, noun: Noun, lang: Language, *, oblique: bool = True) -> str:
    """``number`` with its noun: "3 samples", «3 عيّنات», «عيّنتين», «11 عيّنة», «103 عيّنات».

    ``oblique``: whether an Arabic dual stands after a preposition or as an object (it mostly does).
    """
    if lang == "en":
        return f"{number:,} {noun.one if number == 1 else noun.many}"
    if number == 1:
        return f"{noun.ar_one} {'واحدة' if noun.feminine else 'واحد'}"
    if number == 2:
        return noun.ar_two_oblique if oblique else noun.ar_two
    rest = number % 100
    if 3 <= rest <= 10:
        form = noun.ar_few
    elif rest >= 11:
        form = noun.ar_accusative
    else:
        form = noun.ar_one
    return f"{number:,} {form}"


def both(number: int, noun: Noun, *, oblique: bool = True) -> Text:
    """``counted`` in both languages."""
    return Text(counted(number, noun, "en"), counted(number, noun, "ar", oblique=oblique))


def listed(items: list[str], lang: Language) -> str:
    """Items as a person lists them: "a, b and c", «أ وب وج»."""
    if lang == "ar":
        return " و".join(items)
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1] if items else ""
