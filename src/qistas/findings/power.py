"""The power statement: which differences a run cannot show, before anything is asked; and what so many of so many mean."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from qistas.contracts.documents import Criterion, EvaluationCard, Text
from qistas.contracts.power import Power
from qistas.contracts.records import Sample
from qistas.findings.comparison_words import points
from qistas.findings.estimating import design_of, metric_of
from qistas.findings.order import seeded_order, shuffled

_ALL = Text(
    "Everything there is gets counted, so any difference there is shows.",
    "يُعدّ كلّ ما هو موجود، فيظهر كلّ فرق موجود.",
)
_UNKNOWN = Text(
    "How much this number varies is not known before a run, so nothing is said about differences.",
    "لا يُعرف قبل التشغيل مقدار تفاوت هذا الرقم، فلا يُقال شيء عن الفروق.",
)
_NOTHING = Text("No sample fits this criterion.", "لا عيّنة تناسب هذا الشرط.")


def powers_of(
    criteria: Iterable[Criterion],
    cards: Mapping[str, EvaluationCard],
    populations: Mapping[str, Sequence[Sample]],
    seed: int,
    budget: int | None,
) -> tuple[Power, ...]:
    """The power statement of each criterion, for the samples that the seeded order and the budget leave it."""
    found = []
    for criterion in criteria:
        card = cards[criterion.evaluation]
        order = seeded_order(populations[criterion.evaluation], criterion, card, seed, budget)
        power = power_of(criterion, card, [sample.cluster for sample in order])
        least = _least_budget(order, criterion, card, populations[criterion.evaluation], seed)
        if least is not None and power.sentence != _UNKNOWN:
            power = msgspec.structs.replace(power, sentence=_one_cluster(power.n, least, card.cluster_unit))
        found.append(power)
    return tuple(found)


def _least_budget(
    order: Sequence[Sample],
    criterion: Criterion,
    card: EvaluationCard,
    population: Sequence[Sample],
    seed: int,
) -> int | None:
    """Where all samples of a shuffled order are of one cluster and there are others: the least n that has two."""
    if not shuffled(card) or len({sample.cluster for sample in order}) != 1:
        return None
    whole = seeded_order(population, criterion, card, seed, len(population))
    others = (place for place, sample in enumerate(whole, 1) if sample.cluster != order[0].cluster)
    return next(others, None)


def _one_cluster(n: int, least: int, unit: Text) -> Text:
    return Text(
        f"All {n:,} samples are of one {unit.en}, so there will be no number: each {unit.en} is taken whole before the next. "
        f"Give --budget {least} or more, for two of them at least.",
        f"كلّ العيّنات، وعددها {n:,}، من وحدة تحليل واحدة ({unit.ar})، فلن يكون ثمّة رقم: تُؤخذ كلّ وحدة كاملةً قبل التي تليها. "
        f"والحلّ: --budget {least} فأكثر، لتكون وحدتان على الأقلّ.",
    )


def power_of(criterion: Criterion, card: EvaluationCard, clusters: Sequence[str]) -> Power:
    """The power statement for samples of these clusters, one name a sample.

    Shares and scores in 0-1 have one: their worst case is known. A census needs none, a statistic of several values or a
    physical unit has none beforehand.
    """
    from qistas.stats.power import (
        DISAGREEMENT,
        POWER,
        effective_n,
        smallest_independent_difference,
        smallest_paired_difference,
    )

    metric, n = metric_of(card, criterion), len(clusters)
    units = effective_n(list(Counter(clusters).values())) if n else 0.0
    paired = independent = None
    if not n:
        sentence = _NOTHING
    elif card.design == "census":
        sentence = _ALL
    elif metric.statistic != "mean" or metric.bounds != (0.0, 1.0):
        sentence = _UNKNOWN
    else:
        confidence, stopping = criterion.confidence, design_of(card, criterion) == "sequence"
        paired = smallest_paired_difference(units, confidence=confidence, stopping=stopping)
        independent = smallest_independent_difference(units, confidence=confidence)
        sentence = _sentence(n, units, paired, independent)
    return Power(
        criterion=criterion.id,
        n=n,
        units=units,
        confidence=criterion.confidence,
        power=POWER,
        disagreement=DISAGREEMENT,
        paired=paired,
        independent=independent,
        sentence=sentence,
    )


def _sentence(n: int, units: float, paired: float | None, independent: float | None) -> Text:
    worth = math.floor(units + 1e-9)
    english, arabic = f"With {n:,} {'prompt' if n == 1 else 'prompts'}", f"عدد الطلبات {n:,}"
    if worth < n:
        english += f" that count as {worth:,} independent {'one' if worth == 1 else 'ones'}"
        arabic += f"، وتعادل {worth:,} من الطلبات المستقلّة"
    if paired is None:
        return Text(
            f"{english}, no difference between two models shows reliably.",
            f"{arabic}: لا يُعوَّل على ظهور أيّ فرق بين نموذجين.",
        )
    alike, rest = points(_up(paired)), Text("", "")
    if independent is not None:
        apart = points(_up(independent))
        rest = Text(
            f" (under {apart.en} where two runs share no prompt)",
            f" (ودون {apart.ar} إن لم يشترك التشغيلان في أيّ طلب)",
        )
    return Text(
        f"{english}, differences under {alike.en} will not show reliably{rest.en}.",
        f"{arabic}: لا يُعوَّل على ظهور فرق دون {alike.ar}{rest.ar}.",
    )


def _up(difference: float) -> int:
    """Percentage points, rounded to the nearest whole one; never 0."""
    return max(1, round(100 * difference))


def interval_fact(successes: int, n: int, confidence: float = 0.95) -> Text:
    """What a count says about the rate behind it: "50 of 50 means 92.9% to 100%" (Wilson, 1927).

    Raises:
        BadInput: a count outside 0 to ``n``, ``n`` below 1, or a confidence outside 0 to 1.
    """
    from qistas.stats.proportions import wilson

    low, high = (_percent(end) for end in wilson(successes, n, confidence))
    sure = _percent(confidence)
    return Text(
        f"{successes:,} of {n:,} means {low} to {high} (Wilson interval, {sure} confidence)",
        f"{successes:,} من أصل {n:,} يعني ما بين {low} و{high} (مجال ويلسون، بثقة {sure})",
    )


def _percent(value: float) -> str:
    return f"{100 * value:.1f}".removesuffix(".0") + "%"
