"""The authored sentences of a report, in both languages: the whole, the pillars, the methods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from qistas.contracts.breakdowns import Breakdown
from qistas.contracts.documents import BOUNDS, PILLARS, Design, Language, Pillar, Text
from qistas.contracts.estimates import Estimate
from qistas.contracts.findings import Explanation, Finding, PillarNote, StandardRef, Strength, Verdict
from qistas.report.numbers import percent
from qistas.report.strength import strongest, weakest
from qistas.report.words import CRITERION, PILLAR_NAMES, POINT, REPEAT, SAMPLE, both, counted, listed


class _Count(NamedTuple):
    en: tuple[str, str]
    ar: str


_COUNTED: dict[Verdict, _Count] = {
    "met": _Count(("is met", "are met"), "المستوفى"),
    "not_met": _Count(("is not met", "are not met"), "غير المستوفى"),
    "not_enough_evidence": _Count(("lacks enough evidence", "lack enough evidence"), "ما لم تكفِ أدلّته"),
    "failed": _Count(("could not be measured", "could not be measured"), "ما تعذّر قياسه"),
}
_TITLES_SHOWN = 3


def judged(finding: Finding) -> bool:
    """Whether a criterion asked something of the model here: it applies and has a requirement."""
    return finding.verdict != "not_applicable"


def pillar_verdict(findings: Sequence[Finding]) -> Verdict:
    """*Not met* if any criterion is not met; *met* only if all that apply are; else *not enough evidence*."""
    verdicts = [f.verdict for f in findings if judged(f)]
    if not verdicts:
        return "not_applicable"
    if "not_met" in verdicts:
        return "not_met"
    return "met" if set(verdicts) == {"met"} else "not_enough_evidence"


def unasked(findings: Sequence[Finding]) -> bool:
    """Whether numbers were measured of which nothing is required."""
    required = any(finding.requirement is not None for finding in findings)
    return not required and any(finding.evidence.count for finding in findings)


def applied(standard: StandardRef) -> bool:
    """Whether someone published the standard; else it only lists what one evaluation or one import has."""
    return standard.id not in ("bare", "reported")


def overall(standard: StandardRef, findings: Sequence[Finding]) -> Text:
    """One sentence for the whole weighing, and one for the pillars that fail."""
    asked = [f for f in findings if judged(f)]
    name = f"{standard.id} {standard.version}"
    if unasked(findings):
        if not applied(standard):
            return Text(
                "No standard was applied: the numbers are shown without a verdict.",
                "لم يُطبَّق معيار: الأرقام معروضة بلا حُكم.",
            )
        return Text(
            f"The standard {name} requires nothing: the numbers are shown without a verdict.",
            f"لا يشترط المعيار {name} شيئًا: الأرقام معروضة بلا حُكم.",
        )
    if not asked:
        return Text(
            f"Nothing in the standard {name} could be asked of this model.",
            f"لا شرط في المعيار {name} ينطبق على هذا النموذج.",
        )
    counts = Counter(f.verdict for f in asked)
    present = [verdict for verdict in _COUNTED if counts[verdict]]
    english = listed([f"{counts[v]} {_COUNTED[v].en[counts[v] > 1]}" for v in present], "en")
    arabic = "، و".join(f"{_COUNTED[v].ar} {counts[v]}" for v in present)
    left = len(findings) - len(asked)
    rest = Text(f"; {left} more not judged", f"؛ وما لا حُكم فيه {left}") if left else Text("", "")
    of, failing = both(len(asked), CRITERION), failing_pillars(findings)
    return Text(
        f"Of {of.en} in the standard {name}, {english}{rest.en}. {failing.en}",
        f"من أصل {of.ar} في المعيار {name}: {arabic}{rest.ar}. {failing.ar}",
    )


def failing_pillars(findings: Sequence[Finding]) -> Text:
    """Which pillars are not met, or that none is."""
    verdicts = {pillar: pillar_verdict(in_pillar(findings, pillar)) for pillar in PILLARS}
    failing = [pillar for pillar, verdict in verdicts.items() if verdict == "not_met"]
    if failing:
        english = listed([PILLAR_NAMES[p].en for p in failing], "en")
        arabic = listed([PILLAR_NAMES[p].ar for p in failing], "ar")
        verb = "is" if len(failing) == 1 else "are"
        many = {1: "المحور غير المستوفى", 2: "المحوران غير المستوفيين"}.get(
            len(failing), "المحاور غير المستوفاة"
        )
        return Text(f"{english} {verb} not met.", f"{many}: {arabic}.")
    if all(verdict in ("met", "not_applicable") for verdict in verdicts.values()):
        return Text("Every pillar that applies is met.", "المحاور المنطبقة كلّها مستوفاة.")
    return Text("No pillar is shown to fail.", "لم يثبت عدم استيفاء أيّ محور.")


def in_pillar(findings: Sequence[Finding], pillar: Pillar) -> list[Finding]:
    """The findings of one pillar, in order."""
    return [f for f in findings if f.pillar == pillar]


def pillar_note(
    pillar: Pillar, findings: Sequence[Finding], explanations: Sequence[Explanation]
) -> PillarNote:
    """One pillar: its verdict, the strength of what carries it, a sentence, and what would change it."""
    own = in_pillar(findings, pillar)
    explained = {e.criterion: e for e in explanations}
    verdict = pillar_verdict(own)
    carrying = _carrying(verdict, own)
    changes = _changes(carrying, explained)
    if not own:
        changes = (Text("A standard that asks about it.", "معيار يسأل عنه."),)
    return PillarNote(
        pillar=pillar,
        verdict=verdict,
        strength=_pillar_strength(verdict, [explained[f.criterion].strength for f in carrying]),
        sentence=_pillar_sentence(verdict, own, carrying),
        would_change=changes[:_TITLES_SHOWN],
    )


def _carrying(verdict: Verdict, own: Sequence[Finding]) -> list[Finding]:
    """The findings that a pillar's verdict stands on."""
    if verdict == "not_enough_evidence":
        return [f for f in own if f.verdict in ("not_enough_evidence", "failed")]
    return [f for f in own if f.verdict == verdict]


def _pillar_strength(verdict: Verdict, words: Sequence[Strength]) -> Strength:
    """One well-shown failure suffices; to be met, every criterion must be well shown."""
    if verdict == "not_applicable":
        return "none"
    return strongest(words) if verdict in ("not_met", "not_enough_evidence") else weakest(words)


def _pillar_sentence(verdict: Verdict, own: Sequence[Finding], carrying: Sequence[Finding]) -> Text:
    asked = [f for f in own if judged(f)]
    if not own:
        return Text("The standard asks nothing here.", "لا يسأل المعيار عن شيء هنا.")
    if not asked:
        return Text("Nothing here could be judged.", "لا شيء هنا يمكن الحكم فيه.")
    of = both(len(asked), CRITERION)
    left = len(own) - len(asked)
    rest = Text(f"; not judged: {left}", f"؛ وما لا حُكم فيه: {left}") if left else Text("", "")
    if verdict == "met":
        if len(asked) == 1:
            return Text(f"Its one criterion is met{rest.en}.", f"شرطه الوحيد مستوفى{rest.ar}.")
        return Text(f"All {of.en} are met{rest.en}.", f"كلّ الشروط مستوفاة ({len(asked)}){rest.ar}.")
    state = Text("not met", "مستوفى") if verdict == "not_met" else Text("undecided", "محسوم")
    if len(asked) == 1:
        return Text(
            f"Its one criterion is {state.en}: {_titles(carrying, 'en')}.",
            f"شرطه الوحيد غير {state.ar}: {_titles(carrying, 'ar')}.",
        )
    return Text(
        f"{len(carrying)} of {of.en} {state.en}: {_titles(carrying, 'en')}.",
        f"غير ال{state.ar} {len(carrying)} من أصل {of.ar}: {_titles(carrying, 'ar')}.",
    )


def _titles(findings: Sequence[Finding], lang: Language) -> str:
    titles = [getattr(f.title, lang) for f in findings]
    more = len(titles) - _TITLES_SHOWN
    tail = {"en": f" and {more} more", "ar": f" و{more} غيرها"}[lang] if more > 0 else ""
    return ("; " if lang == "en" else "؛ ").join(titles[:_TITLES_SHOWN]) + tail


def _changes(carrying: Sequence[Finding], explained: dict[str, Explanation]) -> tuple[Text, ...]:
    """What would change the findings a verdict stands on; each under its name where there are several."""
    if len(carrying) == 1:
        return explained[carrying[0].criterion].would_change
    return tuple(
        Text(f"{finding.title.en}: {change.en}", f"{finding.title.ar}: {change.ar}")
        for finding in carrying
        for change in explained[finding.criterion].would_change[:1]
    )


def method_words(design: Design, estimate: Estimate, cluster_unit: Text) -> Text:
    """How the number came about, for someone who never met the technical name of the method."""
    if estimate.method == "none" or not estimate.n:
        return Text("It was not measured.", "لم يُقَس.")
    n, sure = both(estimate.n, SAMPLE), percent(estimate.confidence)
    if design == "census":
        return Text(
            f"Everything there is was looked at ({n.en}), so there is no sampling error.",
            f"شمل الفحص كلّ ما هو موجود ({n.ar})، فلا خطأ معاينة هنا.",
        )
    if design == "repeats":
        times = both(estimate.n, REPEAT)
        return Text(
            f"The same thing was measured again and again ({times.en}); the interval shows how far such "
            f"measurements vary here, and holds with {sure} confidence.",
            f"أُعيد قياس الشيء نفسه مرارًا ({times.ar})؛ ويبيّن مجال الثقة مدى تفاوت القياسات هنا بثقة {sure}.",
        )
    if design == "sequence":
        return Text(
            f"Samples were looked at one after another in a seeded order, and looking stopped once the "
            f"requirement was decided or the declared number was reached ({n.en}); the interval allows for "
            f"such stopping and holds with {sure} confidence.",
            f"فُحصت العيّنات واحدة بعد أخرى بترتيب تحدّده البذرة، وتوقّف الفحص حين حُسم الشرط أو اكتمل العدد المعلن "
            f"({n.ar})؛ ومجال الثقة يحسب حساب هذا التوقّف ويصحّ بثقة {sure}.",
        )
    return Text(
        f"A number of samples fixed beforehand was looked at ({n.en}). Samples with the same "
        f"{cluster_unit.en} resemble each other; the interval allows for it and holds with {sure} confidence.",
        f"فُحص عدد من العيّنات محدّد سلفًا ({n.ar}). والعيّنات المشتركة في الوحدة نفسها ({cluster_unit.ar}) متشابهة؛ "
        f"ومجال الثقة يحسب حساب ذلك ويصحّ بثقة {sure}.",
    )


def unscored_words(estimate: Estimate, unit: str) -> Text | None:
    """What the samples without a score do to the interval, or ``None`` where every sample has one."""
    if not estimate.unscored:
        return None
    of = both(estimate.n, SAMPLE)
    english = f"{estimate.unscored} of {of.en} have no score"
    arabic = f"{estimate.unscored} من أصل {of.ar} بلا درجة"
    if unit not in (*BOUNDS, "ratio") or not estimate.estimable:
        return Text(f"{english}; none is counted as zero.", f"{arabic}؛ ولا تُحسب أيّ منها صفرًا.")
    if unit != "proportion":
        return Text(
            f"{english}. Each is taken at its worst for one end of the interval and at its best for the other.",
            f"{arabic}. تُحسب كلّ منها بأسوأ حالاتها لأحد طرفي مجال الثقة وبأفضلها للطرف الآخر.",
        )
    points = both(max(1, round(100 * estimate.unscored / estimate.n)), POINT)
    return Text(
        f"{english}. Each is taken at its worst for one end of the interval and at its best for the other, "
        f"which widens it by about {points.en}.",
        f"{arabic}. تُحسب كلّ منها بأسوأ حالاتها لأحد طرفي مجال الثقة وبأفضلها للطرف الآخر، فيتّسع بنحو {points.ar}.",
    )


def near_tie_words(count: int) -> Text | None:
    """What near-ties mean, or ``None`` where there are none."""
    if not count:
        return None
    english = "1 sample is a near-tie" if count == 1 else f"{count:,} samples are near-ties"
    return Text(
        f"{english}: two options lie so close together that another machine may choose the other.",
        f"في {counted(count, SAMPLE, 'ar')} يتقارب خياران حتى قد يختار جهاز آخر غير المختار.",
    )


def by_words(breakdown: Breakdown) -> Text:
    """What a criterion's number is taken apart by: "By hazard", «بحسب الخطر»."""
    title = breakdown.title
    return Text(f"By {title.en[:1].lower()}{title.en[1:]}", f"بحسب {title.ar}")
