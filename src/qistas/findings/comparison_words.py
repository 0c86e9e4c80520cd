"""What is said of two runs, in both languages: A and B, «أ» and «ب»."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from qistas.contracts.comparisons import Compared, ComparisonVerdict, Pairs
from qistas.contracts.documents import Text
from qistas.contracts.estimates import Estimate
from qistas.findings.no_number import why_in_arabic

VERDICTS: dict[ComparisonVerdict, Text] = {
    "a_better": Text("A better", "أ أفضل"),
    "b_better": Text("B better", "ب أفضل"),
    "a_higher": Text("A higher", "أ أعلى"),
    "b_higher": Text("B higher", "ب أعلى"),
    "no_difference_shown": Text("No difference shown", "لم يظهر فرق"),
    "cannot_tell": Text("Cannot tell", "يتعذّر الحُكم"),
    "not_comparable": Text("Not comparable", "لا تجوز المقارنة"),
}
_SHORT_UNITS = {"seconds": "s", "joules": "J", "tokens_per_second": "tokens/s", "score": "", "ratio": ""}

NOTHING_SHARED = Text("No sample was looked at in both runs.", "لم تُفحص أيّ عيّنة في التشغيلين كليهما.")
UNFINISHED = Text(
    "What should be counted in full was not: one of the runs was not finished.",
    "لم يُعدّ كلّ ما ينبغي عدّه: أحد التشغيلين لم يكتمل.",
)
EARLY = Text(
    "A run that is decided stops; with orders that differ, the number of shared samples depends on the answers.",
    "يتوقّف التشغيل حين يُحسم الشرط؛ ومع اختلاف الترتيب يتأثّر عدد العيّنات المشتركة بالأجوبة نفسها.",
)


def difference_words(value: float, unit: str) -> Text:
    """A difference as it is said: "+8.3 points", «+8.3 نقطة»; a physical unit stays Latin."""
    if unit == "proportion":
        size = f"{100 * abs(value):.1f}".removesuffix(".0")
        return points(size, _sign(value, size))
    size = f"{abs(value):.3g}" if abs(value) < 1000 else f"{abs(value):,.0f}"
    shown = (
        f"{_sign(value, size)}{size} {_SHORT_UNITS.get(unit, '' if unit == 'difference' else unit)}".strip()
    )
    word = unit_in_arabic(value, unit)
    return Text(shown, shown if word is None else f"{_sign(value, size)}{size} {word}")


# What is counted, in Arabic: after 3 to 10, and after any other number.
_COUNTED = {
    "queries": ("استعلامات", "استعلام"),
    "calls": ("استدعاءات", "استدعاء"),
    "tokens": ("رموز", "رمز"),
    "steps": ("خطوات", "خطوة"),
    "candidates": ("مرشّحات", "مرشّح"),
}


def unit_in_arabic(value: float, unit: str) -> str | None:
    """The word for what is counted, as it stands after a number; ``None`` for a unit that stays Latin."""
    if unit not in _COUNTED:
        return None
    few = value == round(value) and 3 <= abs(value) % 100 <= 10
    return _COUNTED[unit][0 if few else 1]


def points(size: int | str, sign: str = "") -> Text:
    """Percentage points: "1 point", «نقطة واحدة», «5 نقاط», «19 نقطة»; one and two take a digit only with a sign."""
    few = str(size).isdigit() and 3 <= int(size) % 100 <= 10
    arabic = f"{sign}{size} {'نقاط' if few else 'نقطة'}"
    if not sign:
        arabic = {"1": "نقطة واحدة", "2": "نقطتين"}.get(str(size), arabic)
    return Text(f"{sign}{size} {'point' if str(size) == '1' else 'points'}", arabic)


def _sign(value: float, size: str) -> str:
    return "" if not size.strip("0.") else "+" if value > 0 else "−"


def range_words(estimate: Estimate, unit: str) -> Text:
    """Both ends of an interval, the unit once: "−2 to +14 points"."""
    low, high = (difference_words(end or 0.0, unit) for end in (estimate.low, estimate.high))
    bare = low.en.partition(" ")[0]
    return Text(f"{bare} to {high.en}", f"من {bare} إلى {high.ar}")


def p_words(value: float) -> str:
    """A p-value with two digits; below 1 in 10,000 no more than that."""
    if value < 0.0001:
        return "<0.0001"
    return f"{value:.4f}" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def shown_words(difference: Estimate, unit: str, adjusted: float) -> Text:
    """A difference that was shown."""
    value = difference_words(difference.value or 0.0, unit)
    p = p_words(adjusted)
    return Text(
        f"A minus B is {value.en}; with all criteria tested together, chance alone is an unlikely cause (corrected p: {p}).",
        f"أ ناقص ب: {value.ar}؛ ومع احتساب كلّ الشروط المختبَرة معًا، يُستبعد أن تكون الصدفة وحدها السبب (قيمة p المصحَّحة: {p}).",
    )


def not_shown_words(difference: Estimate, unit: str, p_values: tuple[float, float], error: float) -> Text:
    """A difference that was not shown (``p_values``: alone and corrected), and which remain possible."""
    ends, p = range_words(difference, unit), p_words(p_values[1])
    alone = Text("", "")
    if p_values[0] <= error:
        alone = Text(
            " By itself this criterion would count as different; among all that were tested it may be the lucky one.",
            " ولو نُظر في هذا الشرط وحده لعُدّ الفرق ظاهرًا؛ أمّا بين كلّ ما اختُبر فقد يكون وليد الصدفة.",
        )
    return Text(
        f"Chance alone may have made what is seen (corrected p: {p}).{alone.en} That does not make the two equal: "
        f"differences from {ends.en} fit the answers.",
        f"قد تكون الصدفة وحدها سبب ما يُرى (قيمة p المصحَّحة: {p}).{alone.ar} ولا يعني ذلك أنّ الاثنين متساويان: "
        f"فالأجوبة تتّسق مع فروق {ends.ar}.",
    )


def counted_words(difference: Estimate, unit: str) -> Text:
    """Both were counted in full: a difference is what it is."""
    value = difference_words(difference.value or 0.0, unit)
    return Text(
        f"Both were counted in full, so chance has no part in it: A minus B is {value.en}.",
        f"عُدّ كلّ شيء في التشغيلين، فلا دخل للصدفة: أ ناقص ب يساوي {value.ar}.",
    )


def counted_missing_words(pairs: Pairs) -> Text:
    """Both were counted in full, but for what has no score."""
    return Text(
        f"Both were counted in full, but {pairs.unscored} of {pairs.n} have no score, which may turn it either way.",
        f"عُدّ كلّ شيء في التشغيلين، لكنّ {pairs.unscored} من أصل {pairs.n} بلا درجة، وقد يقلب ذلك النتيجة.",
    )


def unscored_words(pairs: Pairs) -> Text:
    """The samples that have a score would show a difference; the others may undo it."""
    return Text(
        f"The samples that have a score on both sides would show a difference; the {pairs.unscored} of {pairs.n} that "
        "lack one may undo it.",
        f"تُظهر العيّنات ذات الدرجة في التشغيلين فرقًا، لكنّ {pairs.unscored} من أصل {pairs.n} بلا درجة، وقد تمحو هذا الفرق.",
    )


def too_few_words(pairs: Pairs, tested: int) -> Text:
    """So few that nothing could have been shown."""
    among = Text("", "") if tested == 1 else Text(f" among {tested} criteria", f" بين شروط عددها {tested}")
    return Text(
        f"Only {pairs.clusters} independent samples are shared: too few for any difference to show{among.en}, however large.",
        f"عدد العيّنات المستقلّة المشتركة {pairs.clusters} فقط، وهو أقلّ من أن يظهر معها{among.ar} أيّ فرق مهما كبر.",
    )


def same_words(pairs: int) -> Text:
    """A quantity without bounds that is alike in every pair, as one that was set is."""
    return Text(
        f"It is the same in each of the {pairs} pairs; a number that was set, as the number of attempts is, always is.",
        f"هو نفسه في كلّ الأزواج، وعددها {pairs}؛ وكذلك يكون دائمًا الرقم المحدَّد سلفًا، كعدد المحاولات.",
    )


def drift_words(difference: Estimate, unit: str) -> Text:
    """Repeats of one run on either side, of what depends on how the machine fared meanwhile."""
    value = difference_words(difference.value or 0.0, unit)
    return Text(
        f"A minus B is {value.en}, but the repeats of one session on either side do not show how such numbers drift from "
        "one run to the next (load, temperature), and the difference may be no more than that. No verdict is given from "
        "one session alone: several runs of both, in turn, would show the drift.",
        f"أ ناقص ب: {value.ar}، غير أنّ تكرارات جلسة واحدة لكلّ منهما لا تُظهر كيف تتغيّر مثل هذه الأرقام من تشغيل إلى آخر (الحِمل، "
        "درجة الحرارة)، وقد لا يزيد الفرق على ذلك. فلا يُعطى حُكم من جلسة واحدة: عدّة تشغيلات للاثنين بالتناوب تُظهر هذا التغيّر.",
    )


def rests_words(compared: Compared) -> Text | None:
    """On which samples a difference rests, where these are not all that the two runs' own numbers rest on."""
    pairs, difference = compared.pairs, compared.difference
    if pairs is None or difference is None or difference.value is None or not (compared.a and compared.b):
        return None
    both = pairs.n - pairs.unscored
    own = [side.n - side.unscored for side in (compared.a, compared.b)]
    if own == [both, both]:
        return None
    return Text(
        f"The difference rests on the {both:,} samples that have a score in both runs; the numbers in their own reports "
        f"rest on {own[0]:,} samples (A) and {own[1]:,} (B), so it need not be the difference of these two.",
        f"يقوم الفرق على العيّنات التي لها درجة في التشغيلين كليهما، وعددها {both:,}؛ أمّا الرقمان في تقريريهما فيقومان على "
        f"{own[0]:,} (أ) و{own[1]:,} (ب)، فلا يلزم أن يساوي الفرق ما بينهما.",
    )


def no_test_words(statistic: str) -> Text:
    """No paired test is defined for this statistic."""
    names = {
        "ratio": Text("a ratio of two sums", "نسبة مجموعين"),
        "ece": Text("calibration error", "خطأ المعايرة"),
        "aurc": Text("the area under the risk-coverage curve", "المساحة تحت منحنى الخطر والتغطية"),
    }
    name = names[statistic]
    return Text(
        f"No paired test is defined here for {name.en}: the two numbers stand beside each other with their own "
        "intervals, and no verdict is given.",
        f"لا اختبار مزدوجًا معرَّفًا هنا لهذا الرقم ({name.ar}): يُعرض الرقمان جنبًا إلى جنب، كلّ بمجال ثقته، بلا حُكم.",
    )


def no_number_words(reason: str) -> Text:
    """There are pairs but no difference."""
    return Text(
        f"The difference cannot be estimated: {reason}.", f"يتعذّر تقدير الفرق؛ {why_in_arabic(reason)}."
    )


def not_measured_words(a: bool, b: bool) -> Text:
    """The criterion was not measured in one of the runs, or in both."""
    if a and b:
        return Text("It was not measured in either run.", "لم يُقَس في أيّ من التشغيلين.")
    english, arabic = ("A", "أ") if a else ("B", "ب")
    return Text(f"It was not measured in {english}.", f"لم يُقَس في التشغيل {arabic}.")


def overall(criteria: Sequence[Compared], tested: int, confidence: float) -> Text:
    """One sentence for the whole comparison."""
    if not criteria:
        return Text("There is nothing to compare.", "لا شيء يُقارَن.")
    counts = Counter(compared.verdict for compared in criteria)
    present = [verdict for verdict in VERDICTS if counts[verdict]]
    english = ", ".join(f"{VERDICTS[v].en}: {counts[v]}" for v in present)
    arabic = "، ".join(f"{VERDICTS[v].ar}: {counts[v]}" for v in present)
    error = f"{100 * (1 - confidence):.3g}%"
    return Text(
        f"{english}. Tested together: {tested}, with a chance of at most {error} of calling any of them different by "
        "mistake.",
        f"{arabic}. وعدد ما اختُبر معًا {tested}، واحتمال القول خطأً بوجود فرق في أيّ منها لا يزيد على {error}.",
    )
