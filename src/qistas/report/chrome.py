"""The fixed words of a report's frame, each authored in both languages."""

from __future__ import annotations

from qistas.contracts.documents import Text

CHROME: dict[str, Text] = {
    "title": Text("Weighing report", "تقرير الوزن"),
    "brand": Text("Qistas", "قِسطاس"),
    "skip": Text("Skip to the findings", "الانتقال إلى النتائج"),
    "language": Text("Language", "اللغة"),
    "weighed": Text("What was weighed", "ما الذي وُزن"),
    "standard": Text("Standard", "المعيار"),
    "revision": Text("Revision", "المراجعة"),
    "no_revision": Text("not stated", "غير مذكورة"),
    "weights": Text("Weights digest", "بصمة الأوزان"),
    "no_digest": Text("none", "لا بصمة"),
    "date": Text("Date", "التاريخ"),
    "for_use": Text("Intended use", "الاستخدام المقصود"),
    "in_short": Text("In short", "الخلاصة"),
    "before": Text("Before reading on", "قبل المتابعة"),
    "pillars": Text("The five pillars", "المحاور الخمسة"),
    "numbers": Text("The numbers", "الأرقام"),
    "numbers_note": Text(
        "Nothing is required of these numbers, so none has a verdict. Each leads to how it was measured.",
        "لا شيء مطلوب في هذه الأرقام، فلا حُكم في أيّ منها. وكلّ سطر يقود إلى طريقة القياس.",
    ),
    "measured": Text("What was measured", "ما قيس"),
    "pillar": Text("Pillar", "المحور"),
    "verdict": Text("Verdict", "الحُكم"),
    "strength": Text("Evidence strength", "قوّة الأدلّة"),
    "would_change": Text("What would change this", "ما الذي قد يغيّر هذه النتيجة"),
    "verdict_note": Text(
        "The verdict says what was found; the strength of the evidence says how firmly. A pillar is not met if any "
        "criterion in it is not met, and met only if all that apply are.",
        "الحُكم يقول ما وُجد، وقوّة الأدلّة تبيّن مدى رسوخه. يكون المحور غير مستوفى إذا كان فيه شرط واحد غير مستوفى، ولا يكون "
        "مستوفى إلّا إذا استُوفيت كلّ الشروط المنطبقة.",
    ),
    "instruments": Text("The instruments", "أدوات القياس"),
    "instruments_note": Text(
        "A judge decides what an answer counts as. How often it is wrong is known only where it was checked "
        "against people.",
        "الحَكَم يقرّر كيف يُحسب الجواب. ولا يُعرف مقدار خطئه إلّا حيث قورن بأحكام الناس.",
    ),
    "calibrations": Text("Calibration on planted weights", "المعايرة على وزنات مزروعة الخواصّ"),
    "uncalibrated": Text("instrument not calibrated", "الأداة غير معايَرة"),
    "no_instruments": Text("No number here rests on a judge.", "لا يعتمد أيّ رقم هنا على حَكَم."),
    "calibrated": Text("calibrated", "معايَر"),
    "not_calibrated": Text("not calibrated", "غير معايَر"),
    "judge": Text("Judge", "الحَكَم"),
    "no_judge": Text("none: the number is read off directly", "لا حَكَم: يُقرأ الرقم مباشرة"),
    "calibration": Text("Calibration", "المعايرة"),
    "corrected_with": Text("Corrected with", "التصحيح بناءً على"),
    "criteria": Text("Criterion by criterion", "شرطًا شرطًا"),
    "criterion": Text("Criterion", "الشرط"),
    "number": Text("In numbers", "بالأرقام"),
    "measure": Text("What is measured", "ما يُقاس"),
    "value": Text("Value", "القيمة"),
    "interval": Text("Confidence interval", "مجال الثقة"),
    "confidence": Text("Confidence level", "مستوى الثقة"),
    "requirement": Text("Requirement", "المطلوب"),
    "no_requirement": Text("none: shown for its own sake", "لا شيء: الرقم معروض لذاته"),
    "samples": Text("Samples", "العيّنات"),
    "clusters": Text("Units of analysis", "وحدات التحليل"),
    "unscored": Text("Unscored", "بلا درجة"),
    "not_estimable": Text("not estimable", "يتعذّر تقديره"),
    "no_interval": Text("none: counted in full", "لا مجال: عُدّ كلّ شيء"),
    "no_spread": Text("none: every measurement gave the same", "لا مجال: تساوت القياسات كلّها"),
    "legend": Text("satisfies the requirement", "يحقّق المطلوب"),
    "parts_note": Text(
        "The worst stand first. All intervals here hold together, which makes each wider than it would be alone.",
        "الأسوأ أوّلًا. وتصحّ مجالات هذا الجدول معًا، ولذلك فكلّ منها أوسع ممّا لو حُسب وحده.",
    ),
    "why_asked": Text("Why it is asked", "سبب السؤال"),
    "verdict_reason": Text("Why this verdict", "سبب هذا الحُكم"),
    "weakened_by": Text("What lowers it", "ما يُضعفها"),
    "how_measured": Text("How it was measured, and the evidence", "طريقة القياس، والأدلّة"),
    "question": Text("Question", "السؤال"),
    "method": Text("Method", "المنهج"),
    "method_name": Text("Technical name", "الاسم التقني"),
    "evaluation": Text("Evaluation", "التقييم"),
    "evidence": Text("Evidence", "الأدلّة"),
    "evidence_digest": Text("digest", "بصمتها"),
    "rerun": Text("To run it again", "لإعادة التشغيل"),
    "read_samples": Text("Read the samples", "قراءة العيّنات"),
    "not_tested": Text("What was not tested", "ما لم يُختبر"),
    "not_tested_note": Text(
        "A criterion that is met says nothing about these.", "استيفاء الشروط لا يقول شيئًا عن هذه الأمور."
    ),
    "run": Text("The run", "التشغيل"),
    "started": Text("Started (UTC)", "بدأ (UTC)"),
    "seed": Text("Seed", "البذرة"),
    "requests": Text("Requests answered", "الطلبات التي أُجيب عنها"),
    "cached": Text("From the cache", "من المخزن المؤقّت"),
    "audit": Text("Audit", "التدقيق"),
    "savings": Text("Not asked", "ما استُغني عن سؤاله"),
    "failures": Text("Failed attempts", "المحاولات الفاشلة"),
    "processor": Text("Processor", "المعالج"),
    "memory": Text("Memory", "الذاكرة"),
    "system": Text("System", "النظام"),
    "accelerators": Text("Accelerators", "المسرّعات"),
    "libraries": Text("Libraries", "المكتبات"),
    "unknown": Text("not known", "غير معروف"),
    "no_accelerators": Text("none", "لا يوجد"),
    "standard_digest": Text("Standard digest", "بصمة المعيار"),
    "verify": Text("How to verify this report", "كيف يُتحقّق من هذا التقرير"),
    "verify_note": Text(
        "Every number here can be recomputed from the ledger, offline. The command below reads it all again; the "
        "number of records and the head of the chain must be these.",
        "كلّ رقم هنا يمكن حسابه من جديد من سجلّ الأدلّة، دون اتّصال. الأمر أدناه يقرأ السجلّ كلّه من جديد؛ ويجب أن يطابق عددُ القيود "
        "ورأسُ السلسلة ما يلي.",
    ),
    "records": Text("Records", "عدد القيود"),
    "head": Text("Head of the chain", "رأس السلسلة"),
    "glossary": Text("The words", "الكلمات"),
    "samples_title": Text("The samples", "العيّنات"),
    "samples_note": Text(
        "What the model was asked and what it answered, word for word, each folded. Answers may be harmful or wrong; "
        "they are evidence, not advice. Hidden characters are written out, such as [U+202E]. Labels and reasons are recorded in English.",
        "ما سُئل عنه النموذج وما أجاب به حرفيًّا، وكلّ منها مطويّ. قد تكون الأجوبة ضارّة أو خاطئة؛ فهي أدلّة لا نصائح. "
        "والمحارف الخفيّة مكتوبة صراحة، مثل [U+202E]. والوسوم والأسباب مسجَّلة بالإنجليزية.",
    ),
    "samples_print": Text(
        "The samples are not printed; the page on screen and the command qistas show hold them.",
        "لا تُطبع العيّنات؛ فهي في الصفحة على الشاشة وفي الأمر qistas show.",
    ),
    "against": Text("Against the requirement", "بخلاف المطلوب"),
    "worse": Text("On the worse side", "في الجهة الأسوأ"),
    "without_score": Text("No score", "بلا درجة"),
    "other": Text("Other", "غيرها"),
    "failures_count": Text("against the requirement or without a score", "بخلاف المطلوب أو بلا درجة"),
    "worse_count": Text("on the worse side or without a score", "في الجهة الأسوأ أو بلا درجة"),
    "others_count": Text("others", "غيرها"),
    "shown": Text("shown here", "معروضة هنا"),
    "left_out": Text("in the ledger only; to read any of them:", "في سجلّ الأدلّة فقط؛ ولقراءة أيّ منها:"),
    "back": Text("Back to the criterion", "العودة إلى الشرط"),
    "system_turn": Text("System", "تعليمات النظام"),
    "user_turn": Text("Prompt", "الطلب"),
    "assistant_turn": Text("Earlier answer", "جواب سابق"),
    "response": Text("Response", "الاستجابة"),
    "no_response": Text("No response", "لا استجابة"),
    "empty_response": Text("(empty)", "(فارغة)"),
    "decision": Text("Decision", "القرار"),
    "more_characters": Text("more characters in the ledger", "من المحارف الأخرى في سجلّ الأدلّة"),
    "digests": Text("Digests", "البصمات"),
    "observation": Text("observation", "الرصدة"),
    "request": Text("request", "الطلب"),
    "answer": Text("response", "الاستجابة"),
    "judgement": Text("judgement", "حُكم الحَكَم"),
    "unit": Text("unit of analysis", "وحدة التحليل"),
    "show_it": Text("To read it in full", "لقراءته كاملًا"),
    "as_recorded": Text("as recorded", "كما سُجِّل بالإنجليزية"),
    "made_by": Text(
        "Written by Qistas from the ledger alone; no model wrote or judged this text.",
        "كتبه قِسطاس من سجلّ الأدلّة وحده؛ ولم يكتب أيّ نموذج هذا النصّ ولم يحكم فيه.",
    ),
}

GLOSSARY: tuple[tuple[Text, Text], ...] = (
    (
        Text("Criterion", "شرط"),
        Text(
            "One thing that a standard asks of a model, with the number it must reach.",
            "أمر واحد يطلبه المعيار من النموذج، مع الرقم الذي ينبغي بلوغه.",
        ),
    ),
    (
        Text("Met, not met", "مستوفى، غير مستوفى"),
        Text(
            "The whole confidence interval lies on the one side of the requirement, or on the other.",
            "مجال الثقة كلّه يحقّق المطلوب، أو كلّه خارجه.",
        ),
    ),
    (
        Text("Not enough evidence", "الأدلّة غير كافية"),
        Text(
            "The interval reaches to both sides, or there is no number; neither praise nor blame.",
            "بعض المجال داخل المطلوب وبعضه خارجه، أو لا رقم أصلًا؛ وليس في ذلك مدح ولا ذمّ.",
        ),
    ),
    (
        Text("Confidence interval", "مجال الثقة"),
        Text(
            "The range in which the true value very likely lies, given what was seen. It is narrower the more was seen.",
            "المدى الذي يُرجَّح جدًّا أن تقع فيه القيمة الحقيقية في ضوء ما رُصد. وهو أضيق كلّما زاد المرصود.",
        ),
    ),
    (
        Text("Evidence strength", "قوّة الأدلّة"),
        Text(
            "How firmly a verdict stands: how many independent samples, how clear of the requirement, how good the "
            "judge, how many samples without a score. The rule is published.",
            "مدى رسوخ الحُكم: عدد العيّنات المستقلّة، والبعد عن حدّ المطلوب، وجودة الحَكَم، وعدد العيّنات التي بلا درجة. والقاعدة منشورة.",
        ),
    ),
    (
        Text("Unit of analysis", "وحدة التحليل"),
        Text(
            "What counts as independent: samples from the same unit resemble each other, so they count for less.",
            "ما يُعدّ مستقلًّا: عيّنات الوحدة الواحدة متشابهة، فوزنها أقلّ.",
        ),
    ),
    (
        Text("Unscored", "بلا درجة"),
        Text(
            "A sample that brought no value, with its reason. It widens the interval; it is never counted as zero.",
            "عيّنة لم تُعطِ قيمة، مع ذكر السبب. وهي توسّع المجال، ولا تُحسب صفرًا أبدًا.",
        ),
    ),
    (
        Text("Calibration", "المعايرة"),
        Text(
            "Checking an instrument against something known: here, a judge against labels that people gave.",
            "مقارنة الأداة بشيء معروف: وهي هنا مقارنة الحَكَم بأحكام أصدرها الناس.",
        ),
    ),
    (
        Text("Digest", "بصمة"),
        Text(
            "A short fingerprint of data; a single changed byte gives another one.",
            "رقم قصير يميّز البيانات؛ وتغيُّر بايت واحد يعطي بصمة أخرى.",
        ),
    ),
    (
        Text("Ledger", "سجلّ الأدلّة"),
        Text(
            "The file that keeps everything that was asked, answered and decided, chained so that changes show.",
            "الملفّ الذي يحفظ كلّ ما سُئل وأُجيب وقُرّر، في سلسلة تكشف أيّ تغيير.",
        ),
    ),
)
