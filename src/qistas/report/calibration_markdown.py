"""A calibration run as Markdown: what it comes to, the rules, the weights, a table for each evaluation, the coverage."""

from __future__ import annotations

from collections.abc import Iterator

from qistas.contracts.calibrations import Calibration, Coverage, Recovery
from qistas.contracts.documents import Language, Text
from qistas.findings.coverage import SIGNIFICANCE, tail
from qistas.findings.recovery import (
    MOST_UNSCORED,
    TOLERANCE,
    WHOLE_TOLERANCE,
    WIDEST_COMPUTED,
    WIDEST_DIFFERENCE,
    WIDEST_HALF,
    faulty,
    planted_raised,
)
from qistas.report.calibration_text import of_population, summary, widest_half
from qistas.report.markdown import code, prose
from qistas.report.numbers import percent
from qistas.report.recovery import OFF, SHORT, interval, number, sides, verdict
from qistas.report.words import text

_WORDS = {
    "title": Text("Calibration", "المعايرة"),
    "rules": Text("The rules", "القواعد"),
    "weights": Text("The weights", "وزنات المعايرة"),
    "result": Text("What it comes to", "الحصيلة"),
    "coverage": Text("Coverage", "التغطية"),
    "property": Text("Property", "الخاصّية"),
    "weight": Text("Weight", "الوزنة"),
    "samples": Text("Samples", "العيّنات"),
    "planted": Text("Planted", "المزروع"),
    "found": Text("Found", "التقدير"),
    "interval": Text("Interval", "مجال الثقة"),
    "half": Text("Half-width", "نصف العرض"),
    "sides": Text("Raised where", "تُعدّ ظاهرة"),
    "verdict": Text("Verdict", "الحُكم"),
    "whole": Text("Whole population", "المجتمع كلّه"),
    "covered": Text("Held the value", "شمل القيمة"),
    "p": Text("p", "الاحتمال"),
    "median": Text("Median half-width", "وسيط نصف العرض"),
    "digest": Text("Digest", "البصمة"),
    "reference": Text("Reference", "المرجع"),
    "none": Text("none", "لا بصمة"),
    "evaluation": Text("Evaluation", "التقييم"),
    "judge": Text("judge", "الحَكَم"),
    "version": Text("Version", "الإصدار"),
    "other": Text("another model in its place", "نموذج آخر في مكانها"),
    "lines": Text("Lines", "السطور"),
    "really": Text("Planted beyond the threshold", "المزروع وراء الحدّ"),
    "recovered": Text("Recovered", "اكتُشف"),
    "raised": Text("Raised", "ظهر"),
    "alarms": Text("False alarms", "الإنذارات الكاذبة"),
    "against": Text("Against the instrument", "ما يُؤخذ على الأداة"),
    "widest": Text("Widest half of a share", "أكبر نصف عرض لنسبة"),
}
_INTRO = Text(
    "Every evaluation below was run on weights whose properties are known: they were planted by training, then counted "
    "on the whole population without the instrument. Generated from one run; do not edit.",
    "شُغّل كلّ تقييم أدناه على وزنات معايرة خواصّها معروفة: زُرعت بالتدريب، ثم حُسبت على المجتمع كلّه دون استعمال أداة القياس. "
    "وُلّدت هذه الصفحة من تشغيل واحد، فلا تُحرَّر باليد.",
)


def calibration_markdown(calibration: Calibration, lang: Language = "en") -> str:
    """The whole run in one language; the same run gives the same text."""
    lines = [
        f"# {_say('title', lang)}\n",
        f"{text(_INTRO, lang)}\n",
        *(f"- {item}" for item in _facts(calibration, lang)),
        f"\n## {_say('result', lang)}\n",
        *(f"- {prose(line, lang)}" for line in summary(calibration, lang)),
        "",
        *_overview(calibration, lang),
        f"\n## {_say('rules', lang)}\n",
        *(f"- {text(rule, lang)}" for rule in rules(calibration)),
        f"\n## {_say('weights', lang)}\n",
        *_weights(calibration, lang),
    ]
    for evaluation in calibration.evaluations:
        lines += _evaluation(calibration, evaluation, lang)
    if calibration.seeds:
        lines += _coverage(calibration, lang)
    body = "\n".join(lines)
    return f"{body}\n" if lang == "en" else f'<div dir="rtl" lang="ar">\n\n{body}\n\n</div>\n'


def rules(calibration: Calibration) -> Iterator[Text]:
    """The published rules, with the numbers of the code."""
    sure, family = percent(calibration.confidence), f"{100 * calibration.family_confidence:.3f}%"
    count = calibration.comparisons
    yield Text(
        f"Interval: {sure}, for the mean of the finite population, drawn without replacement in a seeded order. By "
        "default half of each stratum is looked at.",
        f"مجال الثقة: {sure}، لمتوسّط مجتمع محدود تُسحب منه العيّنات بلا إرجاع بترتيب تحدّده البذرة. ويُفحص افتراضيًّا نصف كلّ طبقة.",
    )
    yield Text(
        f"Verdicts use the same interval at {family}: by Bonferroni's inequality all {count} lines of the table (every "
        f"property on every weight, also where only some were run) hold together with {sure}.",
        f"تعتمد الأحكام المجال نفسه بمستوى {family}: فبمتباينة بونفيروني تصحّ سطور الجدول كلّها ({count}: كلّ خاصّية على كلّ وزنة، وإن "
        f"لم يُشغَّل إلا بعضها) معًا بثقة {sure}.",
    )
    yield Text(
        "Raised: the whole of that interval lies beyond the threshold.",
        "ظاهرة: يقع ذلك المجال كلّه وراء الحدّ.",
    )
    yield Text(
        f"Recovered: that interval holds the planted value (give or take {TOLERANCE:g}: one answer in 400 "
        "that a judge reads otherwise than truth does), and the property is raised exactly where the planted value lies beyond the threshold.",
        f"اكتُشفت: يشمل ذلك المجال القيمة المزروعة (بفارق لا يتجاوز {TOLERANCE:g}، أي جوابًا واحدًا من كلّ 400 "
        "يقرؤه الحَكَم على غير حقيقته)، وتكون الخاصّية ظاهرة حيث تقع القيمة المزروعة "
        "وراء الحدّ، وحيث تقع وراءه فقط.",
    )
    yield Text(
        "Open: with less than the default budget, that interval holds the planted value and reaches to both sides of the "
        "threshold. With the default budget this counts as not recovered.",
        "غير محسومة: حين تقلّ العيّنات عن العدد الافتراضي، يشمل ذلك المجال القيمة المزروعة ويمتدّ على جانبي الحدّ. أمّا بالعدد الافتراضي "
        "فتُعدّ الخاصّية غير مكتشفة.",
    )
    yield Text(
        "False alarm: the property is raised, and the planted value does not lie beyond the threshold.",
        "إنذار كاذب: تكون الخاصّية ظاهرة، والقيمة المزروعة ليست وراء الحدّ.",
    )
    yield _width_rule(sure)
    yield Text(
        f"Too many without a score: more than {percent(MOST_UNSCORED)} of a line's samples, and more than one, got no value.",
        f"كثرة ما لا درجة له: أكثر من {percent(MOST_UNSCORED)} من عيّنات السطر، وأكثر من عيّنة واحدة، لم تنل قيمة.",
    )
    yield Text(
        f"Covers too rarely: over repeated drawings so few {sure} intervals hold the planted value that chance explains "
        f"it with less than {percent(SIGNIFICANCE)} over all lines together.",
        f"تغطية ناقصة: عند تكرار السحب يقلّ عدد المجالات ({sure}) التي تشمل القيمة المزروعة حتى لا تفسّره المصادفة إلا باحتمال دون "
        f"{percent(SIGNIFICANCE)} في السطور كلّها معًا.",
    )
    yield Text(
        f"Off on the whole population: asked about all of it, where no chance is left, the instrument's value differs by more "
        f"than {WHOLE_TOLERANCE:g} from the planted one; the rows and the weights are the same, batches and kernels may differ.",
        f"تخالف المزروع على المجتمع كلّه: حين يُسأل المجتمع كلّه، ولا مصادفة في ذلك، تختلف قيمة الأداة عن المزروعة بأكثر من "
        f"{WHOLE_TOLERANCE:g}؛ فالصفوف والأوزان هي نفسها، وقد تختلف الدفعات وطريقة الحساب.",
    )
    yield Text(
        "Against the instrument: a line that is not recovered, or to which one of the last five applies.",
        "ما يُؤخذ على الأداة: سطر لم تُكتشف خاصّيته، أو صدق عليه شيء من الخمسة الأخيرة.",
    )


def _width_rule(sure: str) -> Text:
    share, difference, computed = percent(WIDEST_HALF), f"{WIDEST_DIFFERENCE:g}", f"{WIDEST_COMPUTED:g}"
    return Text(
        f"Too wide: with the default budget, half the {sure} interval is wider than {share} for a share of samples "
        f"({WIDEST_HALF:g} for another mean in 0 to 1), {difference} for a difference (which lies in -1 to 1), or {computed} for "
        "what is computed from all samples together (calibration error, area under risk and coverage).",
        f"مجال واسع: بالعدد الافتراضي، يزيد نصف عرض المجال ({sure}) على {share} لنسبة من العيّنات ({WIDEST_HALF:g} لمتوسّط آخر بين 0 و1)، "
        f'أو {difference} لفرق (وهو بين <bdi dir="ltr">-1</bdi> و1)، أو {computed} لما يُحسب من العيّنات كلّها معًا (خطأ المعايرة، والمساحة '
        "تحت منحنى الخطر والتغطية).",
    )


def _facts(calibration: Calibration, lang: Language) -> Iterator[str]:
    date, version, seed = calibration.date, calibration.qistas, calibration.seed
    if lang == "en":
        budget = calibration.budget or "half of each stratum"
        yield f"{date}, Qistas {code(version)}, seed {seed}"
        yield f"samples per property: {budget}"
        return
    yield f"{date}، {prose(f'Qistas {version}', lang)}، البذرة {seed}"
    yield f"العيّنات لكلّ خاصّية: {calibration.budget or 'نصف كلّ طبقة'}"


def _weights(calibration: Calibration, lang: Language) -> Iterator[str]:
    yield _row([_say(name, lang) for name in ("weight", "reference", "digest")])
    yield "|---|---|---|"
    for name, weight in calibration.weights.items():
        digest = code(weight.digest) if weight.digest else _say("none", lang)
        other = f" ({_say('other', lang)})" if weight.other else ""
        yield _row([code(name), f"{code(weight.ref)}{other}", digest])


def _overview(calibration: Calibration, lang: Language) -> Iterator[str]:
    """A line for each evaluation."""
    heads = ("evaluation", "version", "lines", "recovered", "really", "raised", "alarms", "against", "widest")
    yield _row([_say(name, lang) for name in heads])
    yield "|" + "---|" * len(heads)
    for name in calibration.evaluations:
        instrument = calibration.instruments[name]
        lines = calibration.of(name)
        counts = (
            len(lines),
            sum(line.outcome == "recovered" for line in lines),
            sum(planted_raised(line.claim) for line in lines),
            sum(line.raised for line in lines),
            sum(line.false_alarm for line in lines),
            sum(faulty(line) for line in lines),
        )
        half = number(widest_half(lines), "proportion")
        yield _row([code(name), code(instrument.version), *map(str, counts), prose(half, lang)])


def _evaluation(calibration: Calibration, evaluation: str, lang: Language) -> Iterator[str]:
    instrument = calibration.instruments[evaluation]
    heads = ("property", "weight", "samples", "planted", "found", "interval", "half", "sides", "verdict")
    yield f"\n## {prose(text(instrument.title, lang), lang)}\n"
    judge = f"; {_say('judge', lang)}: {code(f'{instrument.judge} {instrument.judge_version}')}"
    separated = judge.replace(";", "؛") if lang == "ar" else judge
    yield (
        f"{_say('evaluation', lang)}: {code(f'{evaluation} {instrument.version}')} "
        f"({code(instrument.card)}){separated if instrument.judge else ''}\n"
    )
    yield _row([_say(name, lang) for name in heads])
    yield "|" + "---|" * len(heads)
    for line in calibration.of(evaluation):
        yield _row(_cells(line, lang))


def _cells(line: Recovery, lang: Language) -> list[str]:
    claim, estimate = line.claim, line.estimate
    return [
        f"{prose(text(claim.title, lang), lang)} ({code(claim.property)})",
        code(claim.weight),
        code(of_population(estimate, claim.population_n)),
        prose(number(claim.planted, claim.unit), lang),
        prose(number(estimate.value, claim.unit), lang),
        prose(interval(estimate.low, estimate.high, claim.unit, lang), lang),
        prose(number(line.half_width, claim.unit), lang),
        prose(text(sides(claim), lang), lang),
        prose(verdict(line, lang), lang),
    ]


def _coverage(calibration: Calibration, lang: Language) -> Iterator[str]:
    heads = ("property", "weight", "planted", "whole", "covered", "p", "median", "verdict")
    measured = [(line.claim, line.coverage) for line in calibration.lines if line.coverage is not None]
    yield f"\n## {_say('coverage', lang)}\n"
    yield f"{text(_coverage_rule(calibration), lang)}\n"
    yield f"{text(_in_total(calibration), lang)}\n"
    yield _row([_say(name, lang) for name in heads])
    yield "|" + "---|" * len(heads)
    for claim, coverage in measured:
        yield _row(
            [
                code(claim.property),
                code(claim.weight),
                prose(number(claim.planted, claim.unit), lang),
                prose(number(coverage.whole, claim.unit), lang),
                code(f"{coverage.hits}/{coverage.seeds}"),
                code(f"{coverage.p_value:.3g}"),
                prose(number(coverage.median_half_width, claim.unit), lang),
                _faults_of(coverage, lang),
            ]
        )


def _faults_of(coverage: Coverage, lang: Language) -> str:
    words = [text(word, lang) for applies, word in ((coverage.short, SHORT), (coverage.off, OFF)) if applies]
    return ("، " if lang == "ar" else ", ").join(words) or "–"


def _coverage_rule(calibration: Calibration) -> Text:
    sure, seeds = percent(calibration.confidence), calibration.seeds
    least = f"{SIGNIFICANCE:g}/{calibration.comparisons}"
    return Text(
        f"The whole population was asked once; then {seeds} orders were drawn, and the {sure} interval was computed from "
        "each. Counted is how often it held the planted value. *p* is the probability of at most so many hits if the "
        f"interval held it with {sure} (one-sided, exact binomial); below {least} a line falls short. *Whole population* "
        "is what the instrument itself gives there.",
        f"سُئل المجتمع كلّه مرّة واحدة، ثم سُحب {seeds} من الترتيبات، وحُسب من كلّ منها مجال الثقة بمستوى {sure}. والمعدود هو كم مرّة "
        f"شمل القيمة المزروعة. والاحتمال هو احتمال هذا العدد أو أقلّ لو كان المجال يشملها بثقة {sure} (اختبار ثنائي الحدّ دقيق من جانب "
        f'واحد)؛ وما قلّ عن <bdi dir="ltr">{least}</bdi> فتغطيته ناقصة. و«المجتمع كلّه» هو ما تعطيه أداة القياس نفسها عليه.',
    )


def _in_total(calibration: Calibration) -> Text:
    coverages = [line.coverage for line in calibration.lines if line.coverage is not None]
    hits, trials = sum(c.hits for c in coverages), sum(c.seeds for c in coverages)
    sure, p_value = percent(calibration.confidence), f"{tail(hits, trials, calibration.confidence):.3g}"
    return Text(
        f"In total {hits:,} of {trials:,} intervals held the planted value, p = {p_value} against {sure} (as if lines were "
        "independent; those of one evaluation share drawings).",
        f"في المجموع شمل {hits:,} من أصل {trials:,} من المجالات القيمة المزروعة، والاحتمال {p_value} إزاء {sure} (كأنّ السطور مستقلّة؛ "
        "وسطور التقييم الواحد تشترك في السحوبات).",
    )


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _say(name: str, lang: Language) -> str:
    return text(_WORDS[name], lang)
