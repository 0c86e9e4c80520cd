"""The words in which openness is said, and the places that a dimension may belong to."""

from __future__ import annotations

from qistas.contracts.documents import Language, Text
from qistas.contracts.openness import MofProjection, OsaidProjection, Quote
from qistas.report.words import listed, text

# Shapes, not colours alone: they survive a log file and a screen without colour.
SHAPES = {
    "open": "●",
    "partial": "◐",
    "closed": "○",
    "undetermined": "?",
    "not_blocked": "●",
    "blocked": "○",
    "disclosed": "●",
    "partly": "◐",
    "undisclosed": "○",
    "ok": "●",
    "note": "·",
    "warning": "!",
    "danger": "✗",
    "unread": "?",
    "stated": "●",
    "derived": "◐",
}

VALUES = {
    "open": Text("open", "مفتوح"),
    "partial": Text("partial", "مفتوح جزئيًّا"),
    "closed": Text("closed", "مغلق"),
    "undetermined": Text("undetermined", "غير محسوم"),
    "blocked": Text("blocked", "ممنوع"),
    "not_blocked": Text("not blocked", "غير ممنوع"),
    "disclosed": Text("disclosed", "معلن"),
    "partly": Text("partly disclosed", "معلن جزئيًّا"),
    "undisclosed": Text("undisclosed", "غير معلن"),
    "present": Text("present", "موجود"),
    "linked": Text("linked", "له رابط"),
    "named": Text("named", "مذكور"),
    "withheld": Text("withheld", "محجوب"),
    "absent": Text("absent", "غائب"),
    "exact": Text("exact", "مطابق"),
    "near": Text("near match", "قريب"),
    "unknown": Text("unknown", "غير معروف"),
    "ok": Text("nothing found", "لم يُعثر على شيء"),
    "note": Text("note", "ملاحظة"),
    "warning": Text("warning", "تحذير"),
    "danger": Text("danger", "خطر"),
    "unread": Text("not read", "لم يُقرأ"),
    "stated": Text("stated", "مذكور"),
    "derived": Text("worked out", "محسوب"),
}

# What a verdict of a framework means, and what decided it.
MEANINGS = {
    "no_class": Text(
        "Class III, the lowest, asks for each of its components under an open licence. What it lacks of that stands below.",
        "تتطلّب الفئة III، وهي أدناها، كلّ مكوّن من مكوّناتها بترخيص مفتوح. وأدناه ما ينقصه منها.",
    ),
    "class": Text(
        "Each component that this class and those below it ask for is there under an open licence.",
        "كلّ مكوّن تتطلّبه هذه الفئة وما دونها موجود بترخيص مفتوح.",
    ),
    "blocked": Text(
        "The words of the release itself go against something that the definition asks for; one such place is enough. These decided it.",
        "في كلمات الإصدار نفسه ما يخالف شيئًا يشترطه التعريف، ويكفي موضع واحد. وهذا ما حسم الحُكم.",
    ),
    "not_blocked": Text(
        "Nothing that was read goes against the definition; that it is met is not said by this.",
        "ليس فيما قُرئ ما يخالف التعريف، ولا يعني ذلك أنّه مستوفى.",
    ),
    "undetermined": Text(
        "Nothing that was read goes against the definition, and not everything that it asks for could be seen here: {parts}.",
        "ليس فيما قُرئ ما يخالف التعريف، ولم يظهر هنا كلّ ما يشترطه: {parts}.",
    ),
}

AREAS = {
    "eu": Text("European Open Source AI Index", "المؤشّر الأوروبي للذكاء الاصطناعي مفتوح المصدر"),
    "mof": Text("Model Openness Framework", "إطار انفتاح النماذج"),
    "osaid": Text("Open Source AI Definition 1.0", "تعريف الذكاء الاصطناعي مفتوح المصدر 1.0"),
    "concentration": Text("Concentration", "التركُّز"),
    "training_cost": Text("Training cost disclosed", "كلفة التدريب المعلنة"),
}

WORDS = {
    "licences": Text("Licences", "التراخيص"),
    "no_licence": Text("no licence was found", "لم يُعثر على ترخيص"),
    "lineage": Text("Lineage", "نَسَب النموذج"),
    "supply_chain": Text("Supply chain", "سلسلة التوريد"),
    "contradictions": Text("Contradictions", "تناقضات"),
    "none_found": Text("none found", "لم يُعثر على شيء"),
    "notes": Text("On the reading", "عن القراءة"),
    "not_judged": Text("Not judged from repository text", "لا يُحكم فيها من نصوص المستودع"),
    "line": Text("line", "السطر"),
    "licence_text": Text("text of the licence", "نصّ الترخيص"),
    "in_place_of": Text("in place of", "بدلًا من"),
    "own_text_missing": Text(
        "What stands there in its own text is not at hand; --licence-texts DIR shows it.",
        "ما يقابل ذلك في نصّه الأصلي ليس في المتناول؛ ويعرضه --licence-texts DIR.",
    ),
    "left_out": Text("left out", "محذوف"),
    "clauses_changed": Text(
        "words of its clauses were changed or conditions added", "غُيّرت كلمات من بنوده أو زيدت شروط"
    ),
    "clauses_kept": Text("its clauses are unchanged", "بنوده لم تتغيّر"),
    "explained_by": Text("all of them", "كلّها"),
    "incorporates": Text("Incorporated by reference and not read", "وثائق يُحيل إليها الترخيص ولم تُقرأ"),
    "no_address": Text("no address given", "بلا عنوان"),
    "class": Text("class", "الفئة"),
    "no_class": Text("no class", "لا فئة"),
    "derived": Text("derived", "محسوب"),
    "rules": Text("Rules, of which the first that holds decides", "القواعد، ويحسم أوّل ما يصحّ منها"),
    "no_rules": Text(
        "text in a repository cannot show this: there are no rules", "لا تُظهر هذا نصوص المستودع: لا قواعد له"
    ),
    "otherwise": Text("otherwise", "وإلّا"),
    "evidence": Text("Evidence", "الأدلّة"),
    "no_evidence": Text("no words decided it", "لم تحسمه كلمات"),
    "asked": Text("Asked", "السؤال"),
    "decided": Text("Decided", "الحُكم"),
    "licence": Text("licence", "الترخيص"),
    "present": Text("present", "موجود"),
    "unlicensed": Text("no licence covers it", "لا يشمله ترخيص"),
    "counts": Text("counts", "محسوب في الفئة"),
    "yes": Text("yes", "نعم"),
    "no": Text("no", "لا"),
}

# How ``lineage_licences`` calls the file where a licence is known by its name alone.
_OF_LICENCE = "licence text of "


def word(name: str, lang: Language) -> str:
    """A word of this page."""
    return text(WORDS[name], lang)


def value_word(value: str, lang: Language) -> str:
    """A value in ``lang``; one that has no translation as it is written."""
    return text(VALUES[value], lang) if value in VALUES else value


def place(quote: Quote) -> str:
    """``file:line``, or the file alone for a fact about the file list."""
    return f"{quote.file}:{quote.line}" if quote.line else quote.file


def licence_quoted(quote: Quote) -> str | None:
    """The licence in whose known text the words stand, if they stand in no file of the release."""
    name = quote.file.removeprefix(_OF_LICENCE)
    return name if quote.origin is not None and name != quote.file else None


def place_words(quote: Quote, lang: Language) -> str:
    """Where the words stand, and whose document that is, if not the release's own."""
    if licence := licence_quoted(quote):
        comma = "," if lang == "en" else "،"
        return f"{word('licence_text', lang)} {licence}{comma} {word('line', lang)} {quote.line}"
    return f"{place(quote)} ← {quote.origin}" if quote.origin else place(quote)


def mof_meaning(mof: MofProjection) -> Text:
    """What the class means."""
    return MEANINGS["class" if mof.class_ else "no_class"]


def osaid_meaning(osaid: OsaidProjection, titles: list[Text]) -> Text:
    """What the verdict means; ``titles``: the parts that are undetermined."""
    said = MEANINGS[osaid.verdict if osaid.verdict != "undetermined" or titles else "not_blocked"]
    parts = Text(listed([one.en for one in titles], "en"), listed([one.ar for one in titles], "ar"))
    return Text(said.en.format(parts=parts.en), said.ar.format(parts=parts.ar))
