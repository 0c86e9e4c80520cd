"""What the records of openness call things, in words: facts of clauses and their values, kinds of conflict, formats, units."""

from __future__ import annotations

from qistas.contracts.documents import Language, Text
from qistas.contracts.openness import ClauseFact, LineageEdge
from qistas.evaluations.openness.clauses import book
from qistas.evaluations.openness.training_cost_rules import cost_rules
from qistas.report.openness_figures import grouped
from qistas.report.words import text

FACTS = {
    "threshold_mau": Text("limit of monthly active users", "حدّ المستخدمين النشطين شهريًّا"),
    "threshold_dau": Text("limit of daily active users", "حدّ المستخدمين النشطين يوميًّا"),
    "threshold_revenue_usd": Text("limit of revenue in US dollars", "حدّ الإيراد بالدولار الأمريكي"),
    "outputs_train_models": Text("outputs used to make other models", "استعمال المخرجات في صنع نماذج أخرى"),
    "acceptable_use": Text("use has to keep to a policy", "التزام سياسة الاستخدام المقبول"),
    "field_of_use": Text("some purposes are forbidden", "منع بعض الأغراض"),
    "use_limits_pass_down": Text("limits on use pass down", "انتقال قيود الاستعمال إلى من بعده"),
    "non_commercial": Text("no commercial use", "لا استعمال تجاريًّا"),
    "research_only": Text("research only", "للبحث العلمي وحده"),
    "naming_duty": Text("name of models made with it", "اسم النماذج المصنوعة به"),
    "display_duty": Text("words that have to be shown", "عبارة يجب إظهارها"),
    "notice_duty": Text("a notice in every copy", "إشعار في كلّ نسخة"),
    "territory_exclusion": Text("territory left out", "إقليم مستثنى"),
    "remote_restriction": Text("use may be restricted from afar", "جواز تقييد الاستعمال عن بُعد"),
    "litigation_termination": Text("ends for those who sue", "ينتهي لمن يقيم دعوى"),
    "distillates_are_derivatives": Text(
        "models taught by it count as derived", "المتعلَّم من مخرجاته مشتقّ منه"
    ),
    "share_alike": Text("same licence for what is made from it", "الترخيص نفسه لما يُشتقّ منه"),
    "no_derivatives": Text("no changed versions passed on", "لا تُنشر نسخ معدَّلة"),
    "no_redistribution": Text("not to be passed on", "لا يُنقل إلى الغير"),
    "hosting_restricted": Text("offering it as a service is restricted", "تقييد إتاحته خدمةً للغير"),
    "gated_acceptance": Text("accepted by a click or a registration", "قبول بالنقر أو بالتسجيل"),
}

FACT_VALUES = {
    "forbidden": Text("forbidden", "ممنوع"),
    "allowed_with_naming": Text("allowed, with a duty to name", "مسموح مع واجب التسمية"),
    "no_foundational_models": Text("not for foundation models", "لا لصنع نماذج أساس"),
    "no_competing_models": Text("not for competing models", "لا لصنع نماذج منافسة"),
    "display_notice": Text("allowed, with a notice shown", "مسموح مع إظهار إشعار"),
    "given_statement": Text("a statement that it gives", "عبارة يحدّدها"),
}

TERRITORIES = {
    "European Union": Text("European Union", "الاتحاد الأوروبي"),
    "European Economic Area": Text("European Economic Area", "المنطقة الاقتصادية الأوروبية"),
    "United Kingdom": Text("United Kingdom", "المملكة المتحدة"),
    "South Korea": Text("South Korea", "كوريا الجنوبية"),
    "North Korea": Text("North Korea", "كوريا الشمالية"),
    "Switzerland": Text("Switzerland", "سويسرا"),
    "China": Text("China", "الصين"),
    "Hong Kong": Text("Hong Kong", "هونغ كونغ"),
    "United States": Text("United States", "الولايات المتحدة"),
    "Canada": Text("Canada", "كندا"),
    "Japan": Text("Japan", "اليابان"),
    "India": Text("India", "الهند"),
    "Brazil": Text("Brazil", "البرازيل"),
    "Israel": Text("Israel", "إسرائيل"),
    "Russia": Text("Russia", "روسيا"),
    "Belarus": Text("Belarus", "بيلاروس"),
    "Iran": Text("Iran", "إيران"),
    "Syria": Text("Syria", "سوريا"),
    "Cuba": Text("Cuba", "كوبا"),
    "Crimea": Text("Crimea", "القرم"),
}

EFFECTS = {
    "permission": Text("beyond it, permission is needed", "وبعده يلزم إذن"),
    "ends": Text("beyond it, no rights", "وبعده لا حقوق"),
    "fee": Text("beyond it, a fee", "وبعده يلزم دفع مقابل"),
    "display": Text("beyond it, words have to be shown", "وبعده يجب إظهار عبارة"),
}

RELATIONS = {
    "finetune": Text("fine-tuned", "ضبط دقيق"),
    "adapter": Text("adapter", "محوِّل مضاف"),
    "quantized": Text("quantised", "تكميم"),
    "merge": Text("merged", "دمج"),
    "distilled": Text("distilled from its outputs", "تقطير من مخرجاته"),
    "trained_on": Text("trained on", "تدريب عليها"),
    "derived": Text("derived", "اشتقاق"),
}

STATUSES = {
    "here": Text("this release", "هذا الإصدار"),
    "read": Text("read", "مقروء"),
    "missing": Text("missing", "غائب"),
    "renamed": Text("renamed", "تغيّر اسمه"),
    "named": Text("named, not read", "مذكور ولم يُقرأ"),
}

CONFLICTS = {
    "non_commercial_dropped": Text("a ban on commercial use was dropped", "سقط منع الاستعمال التجاري"),
    "non_commercial_data": Text("data that are not for commercial use", "بيانات ليست للاستعمال التجاري"),
    "share_alike_dropped": Text("the duty to keep the licence was dropped", "سقط واجب الإبقاء على الترخيص"),
    "share_alike_data": Text("data whose licence has to be kept", "بيانات يجب الإبقاء على ترخيصها"),
    "use_limits_dropped": Text("limits on use were dropped", "سقطت قيود الاستعمال"),
    "use_policy_dropped": Text("a policy of use was dropped", "سقطت سياسة الاستعمال"),
    "naming_dropped": Text("a duty to name was dropped", "سقط واجب التسمية"),
    "outputs_used": Text("outputs used against the licence", "استعمال المخرجات خلافًا للترخيص"),
    "derivatives_forbidden": Text("made from what may not be changed", "اشتقاق ممّا لا يجوز تعديله"),
}

ABOUT = {
    "licence": Text("the licence", "الترخيص"),
    "code_or_weights": Text("what the licence covers", "ما يشمله الترخيص"),
    "modified_licence": Text("a licence that was changed", "ترخيص مُعدَّل"),
    "open_source_claim": Text("being called open source", "وصفه بأنّه مفتوح المصدر"),
}

# Formats that are no proper names.
FORMATS = {
    "other": Text("another format", "صيغة أخرى"),
    "unread": Text("format not read", "صيغة لم تُقرأ"),
    "python": Text("Python code", "شيفرة بايثون"),
    "template": Text("chat template", "قالب محادثة"),
    "signature": Text("signature", "توقيع"),
    "executable": Text("program", "برنامج قابل للتشغيل"),
    "archive": Text("archive", "أرشيف"),
}

KINDS = {
    "total": Text("all parameters", "المعاملات كلّها"),
    "active": Text("active parameters", "المعاملات النشطة"),
    "location-based": Text("by the grid of the place", "بحسب شبكة المكان"),
    "market-based": Text("by the energy that was bought", "بحسب الطاقة المشتراة"),
}

FORMULAS = {
    "6 × parameters × tokens": Text("6 × parameters × tokens", "6 × المعاملات × الرموز"),
    "accelerator hours × stated power of an accelerator": Text(
        "accelerator hours × stated power of an accelerator", "ساعات المسرّعات × قدرة المسرّع المذكورة"
    ),
    "energy × stated carbon intensity": Text(
        "energy × stated carbon intensity", "الطاقة × كثافة الكربون المذكورة"
    ),
}


def named(words: dict[str, Text], name: str) -> Text:
    """What ``name`` is called; itself where nobody gave it a word."""
    return words.get(name) or Text(name, name)


def fact_words(fact: str) -> Text:
    """A few words for a clause fact; its whole sentence where it has no short name."""
    return FACTS.get(fact) or clause_words(fact)


def clause_words(fact: str) -> Text:
    """What a clause fact means, as a sentence."""
    return next((one.says for one in book().facts if one.id == fact), Text(fact, fact))


def clause_value(clause: ClauseFact) -> Text | None:
    """The value of a clause in words: a number, a word or a name; ``None`` where the fact says it all."""
    if isinstance(clause.value, bool):
        return None
    if isinstance(clause.value, int):
        return Text(grouped(clause.value), grouped(clause.value))
    known = FACT_VALUES | TERRITORIES
    return known.get(clause.value) or Text(f"“{clause.value}”", f"«{clause.value}»")


def clause_line(clause: ClauseFact, lang: Language) -> str:
    """A clause as a few words: what it is about, its value, and what holds beyond a threshold."""
    value = clause_value(clause)
    said = text(fact_words(clause.fact), lang) + (f": {text(value, lang)}" if value else "")
    return f"{said} ({text(EFFECTS[clause.effect], lang)})" if clause.effect else said


def edge_line(edge: LineageEdge, lang: Language) -> str:
    """What was made from what, and how."""
    return f"{edge.child} ← {edge.parent} ({text(named(RELATIONS, edge.relation), lang)})"


def quantity_words(name: str) -> Text:
    """What a quantity of training is called."""
    rules = cost_rules()
    known = {one.id: one.title for one in rules.quantities} | {"hardware": rules.hardware.title}
    return known.get(name) or Text(name, name)
