"""The fixed words of the page on openness, each authored in both languages."""

from __future__ import annotations

from qistas.contracts.documents import Text

CHROME: dict[str, Text] = {
    "title": Text("What is open", "ما المفتوح"),
    "brand": Text("Qistas", "قِسطاس"),
    "skip": Text("Skip to the comparison", "الانتقال إلى المقارنة"),
    "several": Text("Releases weighed on openness", "إصدارات وُزن انفتاحها"),
    "one": Text("A release weighed on openness", "إصدار وُزن انفتاحه"),
    "lede": Text(
        "What the documents and files of each release show to be open, each judgement with the words that decided it.",
        "ما تُظهر وثائق كلّ إصدار وملفّاته أنّه مفتوح، ومع كلّ حُكم الكلمات التي حسمته.",
    ),
    "in_short": Text("In short", "الخلاصة"),
    "sentence_each": Text("Each release in a few words", "كلّ إصدار في كلمات قليلة"),
    "before": Text("Before reading on", "قبل المتابعة"),
    "comparison": Text("The comparison", "المقارنة"),
    "caption": Text(
        "The head of a column sorts by it; what is undetermined always stands last. A value opens the sentence of the rule that "
        "decided, and the words it rests on.",
        "رأس كلّ عمود يرتّب الجدول بحسبه، ويبقى غير المحسوم في الآخر دائمًا. وكلّ قيمة تفتح جملة القاعدة التي حسمتها والكلمات التي تستند إليها.",
    ),
    "release": Text("Release", "الإصدار"),
    "show_unjudged": Text(
        "Show the dimensions that cannot be judged from repository text; all of them are undetermined",
        "إظهار الأبعاد التي لا يُحكم فيها من نصوص المستودع، وكلّها غير محسومة",
    ),
    "figures": Text("Figure by figure", "رقمًا رقمًا"),
    "summary_columns": Text("At a glance", "نظرة سريعة"),
    "mof": Text("Model Openness Framework", "إطار انفتاح النماذج"),
    "osaid": Text("Open Source AI Definition", "تعريف الذكاء الاصطناعي مفتوح المصدر"),
    "licence": Text("Licence", "الترخيص"),
    "cost": Text("Training cost disclosed", "كلفة التدريب المعلنة"),
    "supply_chain": Text("Supply chain, worst finding", "سلسلة التوريد، أشدّ ما وُجد"),
    "contradictions": Text("Contradictions", "تناقضات"),
    "legend": Text("The signs", "العلامات"),
    "details": Text("Everything about this release", "كلّ شيء عن هذا الإصدار"),
    "each": Text("Release by release", "إصدارًا إصدارًا"),
    "back": Text("Back to the comparison", "العودة إلى المقارنة"),
    "close": Text("Close", "إغلاق"),
    "to_section": Text("All of this release", "كلّ ما يخصّ هذا الإصدار"),
    "rule": Text("Rule", "القاعدة"),
    "file_list": Text("in the list of files", "في قائمة الملفّات"),
    "whole_quote": Text("the whole quote", "الاقتباس كاملًا"),
    "more_evidence": Text("more evidence", "أدلّة أخرى"),
    "no_quote": Text("No words are quoted: none decided it.", "لا اقتباس: لم تحسمه كلمات."),
    "from": Text("from", "من"),
    "identified": Text("Identified as", "التعرّف عليه"),
    "match": Text("Match", "المطابقة"),
    "open_licence": Text("Open licence", "ترخيص مفتوح"),
    "not_open": Text("not open", "غير مفتوح"),
    "covers": Text("Covers", "يشمل"),
    "covers_unsaid": Text("not said", "لا يُذكر"),
    "unidentified": Text(
        "Places that name no licence that could be identified", "مواضع لم يُعرف أيّ ترخيص تعني"
    ),
    "clauses": Text("What its clauses say", "ما تقوله بنوده"),
    "differs": Text("Where it departs from its own text", "مواضع اختلافه عن نصّه الأصلي"),
    "found_text": Text("here", "هنا"),
    "expected_text": Text("in its own text", "في نصّه الأصلي"),
    "expected_missing": Text("that text is not at hand", "ذلك النصّ ليس في المتناول"),
    "line": Text("line", "السطر"),
    "component": Text("Component", "المكوّن"),
    "there": Text("There", "موجود"),
    "counted": Text("Counts", "يُحتسب"),
    "why": Text("Why", "السبب"),
    "keeps_from": Text("What keeps it from the next class", "ما يحول دون الفئة التالية"),
    "made_from": Text("was made from", "صُنع من"),
    "relation": Text("relation", "العلاقة"),
    "conflicts": Text("Licences that do not go together", "تراخيص لا تجتمع"),
    "the_way": Text("The way between them", "الطريق بينها"),
    "cycles": Text("Ways that lead back to where they began", "طرق تعود إلى بدايتها"),
    "roots": Text("Models and data on the way", "النماذج والبيانات على الطريق"),
    "runs": Text("Would run or call", "ما قد يُشغَّل أو يُستدعى"),
    "in_order": Text("Files in which nothing was found", "ملفّات لم يُعثر فيها على شيء"),
    "none_inspected": Text("none inspected", "لم يُفحص شيء"),
    "quantity": Text("Quantity", "الكمّية"),
    "figure": Text("Figure, from lowest to highest", "الرقم من الأدنى إلى الأعلى"),
    "blockers": Text("What blocks it", "ما يمنع ذلك"),
    "read": Text("What was read", "ما الذي قُرئ"),
    "source": Text("Source", "المصدر"),
    "revision": Text("Revision", "المراجعة"),
    "no_revision": Text("not stated", "غير مذكورة"),
    "files": Text("Files", "الملفّات"),
    "documents": Text("Documents read", "الوثائق المقروءة"),
    "listed_only": Text("Only listed, not at hand", "مذكورة فقط وليست في المتناول"),
    "read_on": Text("Read on", "تاريخ القراءة"),
    "list_digest": Text("Digest of the list of files", "بصمة قائمة الملفّات"),
    "digests": Text("Digests of the files that are quoted", "بصمات الملفّات المقتبس منها"),
    "nothing": Text("none found", "لم يُعثر على شيء"),
    "version": Text("Version of Qistas", "إصدار قِسطاس"),
    "made_by": Text(
        "Written by Qistas from the release's own files by published rules; no model wrote or judged this text.",
        "كتبه قِسطاس من ملفّات الإصدار نفسها بقواعد منشورة؛ ولم يكتب أيّ نموذج هذا النصّ ولم يحكم فيه.",
    ),
}

CAVEATS: tuple[Text, ...] = (
    Text(
        "This is not legal advice. It says what stands in the files, not what a court would hold.",
        "ليس هذا استشارة قانونية. فهو يقول ما في الملفّات، لا ما قد تقضي به محكمة.",
    ),
    Text(
        "Undetermined is not closed: the files that were read do not settle it. It may be settled on another site or in a paper.",
        "غير المحسوم ليس مغلقًا: لم تحسمه الملفّات المقروءة، وقد يُحسم في موقع آخر أو في ورقة.",
    ),
    Text(
        "Only what lies in each release was read, on the date given there. Nothing in it was executed, and no link was followed.",
        "لم يُقرأ إلّا ما في كلّ إصدار، في التاريخ المذكور معه. ولم يُنفَّذ منه شيء، ولم يُتبَع رابط.",
    ),
    Text(
        "Quotes are verbatim, with file, line and the start of the file's digest; hidden characters are written out, such as [U+202E]. The full "
        "digests stand with each release, so that anyone can check the same bytes.",
        "الاقتباسات حرفية، ومعها الملفّ والسطر وأوّل بصمة الملفّ؛ والمحارف الخفيّة مكتوبة صراحة، مثل «[U+202E]». والبصمات الكاملة مع كلّ إصدار، "
        "ليتمكّن أيّ أحد من التحقّق من البايتات نفسها.",
    ),
    Text(
        "Each framework looks at the same evidence with its own eyes; there is no sum of them, and none is official.",
        "ينظر كلّ إطار إلى الأدلّة نفسها بعينه هو؛ ولا يُجمع بينها في رقم واحد، وليس أيّ منها حُكمًا رسميًّا.",
    ),
)

PLACES = {
    "text": Text("licence text", "نصّ ترخيص"),
    "card": Text("stated in a document", "مذكور في وثيقة"),
    "header": Text("file header", "رأس ملفّ"),
    "policy": Text("policy", "سياسة"),
}

KINDS = {
    "code": Text("code", "الشيفرة"),
    "data": Text("data", "البيانات"),
    "document": Text("documents", "الوثائق"),
    "weights": Text("weights", "الأوزان"),
    "model": Text("model", "نموذج"),
    "dataset": Text("data set", "مجموعة بيانات"),
}
