"""What of a release's prose was not read, because it stands in a language that the rules do not read."""

from __future__ import annotations

from collections.abc import Iterator

from qistas.contracts.documents import Text
from qistas.contracts.openness import Assessment
from qistas.report.numbers import percent

LANGUAGES = {
    "ar": Text("Arabic", "العربية"),
    "ca": Text("Catalan", "القطلونية"),
    "cs": Text("Czech", "التشيكية"),
    "da": Text("Danish", "الدنماركية"),
    "de": Text("German", "الألمانية"),
    "el": Text("Greek", "اليونانية"),
    "es": Text("Spanish", "الإسبانية"),
    "fa": Text("Persian", "الفارسية"),
    "fi": Text("Finnish", "الفنلندية"),
    "fr": Text("French", "الفرنسية"),
    "he": Text("Hebrew", "العبرية"),
    "hi": Text("Hindi", "الهندية"),
    "hu": Text("Hungarian", "المجرية"),
    "hy": Text("Armenian", "الأرمنية"),
    "id": Text("Indonesian", "الإندونيسية"),
    "it": Text("Italian", "الإيطالية"),
    "ja": Text("Japanese", "اليابانية"),
    "ka": Text("Georgian", "الجورجية"),
    "ko": Text("Korean", "الكورية"),
    "nb": Text("Norwegian", "النرويجية"),
    "nl": Text("Dutch", "الهولندية"),
    "pl": Text("Polish", "البولندية"),
    "pt": Text("Portuguese", "البرتغالية"),
    "ro": Text("Romanian", "الرومانية"),
    "ru": Text("Russian", "الروسية"),
    "sv": Text("Swedish", "السويدية"),
    "sw": Text("Swahili", "السواحيلية"),
    "ta": Text("Tamil", "التاميلية"),
    "te": Text("Telugu", "التيلوغوية"),
    "th": Text("Thai", "التايلندية"),
    "tr": Text("Turkish", "التركية"),
    "uk": Text("Ukrainian", "الأوكرانية"),
    "ur": Text("Urdu", "الأردية"),
    "vi": Text("Vietnamese", "الفيتنامية"),
    "zh": Text("Chinese", "الصينية"),
}
_ANOTHER = Text("in another language", "بلغة أخرى")


def language_words(code: str) -> Text:
    """In which language (BCP 47) something is written; of one without a name here only that it is another."""
    name = LANGUAGES.get(code.partition("-")[0])
    return Text(f"in {name.en}", f"باللغة {name.ar}") if name else _ANOTHER


def unread_sentences(made: Assessment) -> Iterator[Text]:
    """One sentence for each document, with how much of its prose that is and where it stands."""
    for page in made.unread:
        first, last = page.lines
        said, share = language_words(page.language), percent(page.share)
        yield Text(
            f"Not read: {share} of the prose of {page.file} (lines {first} to {last}) is {said.en}; the rules read English. "
            "What stands only there is unread, not undisclosed.",
            f"لم يُقرأ: {share} من نصّ {page.file} (السطور {first} إلى {last}) {said.ar}، والقواعد تقرأ "
            "الإنجليزية. فما لا يرد إلّا هناك غير مقروء، وليس غير معلن.",
        )
