"""The words in which openness is said, and the places that a dimension may belong to."""

from __future__ import annotations

from qistas.contracts.documents import Language, Text
from qistas.contracts.openness import Quote
from qistas.report.words import text

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
    "counts": Text("counts", "محسوب في الفئة"),
    "yes": Text("yes", "نعم"),
    "no": Text("no", "لا"),
}


def word(name: str, lang: Language) -> str:
    """A word of this page."""
    return text(WORDS[name], lang)


def value_word(value: str, lang: Language) -> str:
    """A value in ``lang``; one that has no translation as it is written."""
    return text(VALUES[value], lang) if value in VALUES else value


def place(quote: Quote) -> str:
    """``file:line``, or the file alone for a fact about the file list."""
    return f"{quote.file}:{quote.line}" if quote.line else quote.file
