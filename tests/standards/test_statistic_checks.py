"""A metric that is computed from two others must name two that there are, and nothing that it cannot use."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.standards.test_card_checks import CHAT, CHOICE, faults, write

from qistas.evaluations.cards import load_card

GOOD = "{id: good, title: {en: Good, ar: جيّد}, labels: {yes: 1, no: 0}}"
TITLE = "title: {en: More, ar: مزيد}"
PER_SAMPLE = f"""metrics:
  - {GOOD}
  - {{id: sure, {TITLE}, labels: {{yes: 0.9, no: 0.4}}}}
  - {{id: gap, {TITLE}, unit: difference, labels: {{yes: 1, no: -1}}}}
  - {{id: slow, {TITLE}, unit: seconds, labels: {{yes: 1, no: 2}}}}
"""
ECE = "id: ece, statistic: ece, of: [sure, good]"
BOTH = "name a confidence and a correctness"


def with_metric(text: str) -> str:
    """The card with one more metric, on line 14."""
    return CHAT.replace(f"metrics: [{GOOD}]\n", PER_SAMPLE + f"  - {{{TITLE}, {text}}}\n")


@pytest.mark.parametrize(
    "text",
    [
        ECE,
        "id: ece, statistic: ece, of: [sure, good], bins: 15, unit: score",
        "id: aurc, statistic: aurc, of: [sure, good], direction: lower",
        "id: drop, statistic: ratio, of: [gap, good], unit: difference",
    ],
)
def test_a_metric_that_names_two_others_is_loaded(tmp_path: Path, text: str) -> None:
    metric = load_card(write(tmp_path, with_metric(text))).metrics[-1]
    assert metric.statistic != "mean"
    assert len(metric.of) == 2


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{ECE}, labels: {{yes: 1, no: 0}}", "14: a metric of statistic 'ece' has no labels → put them on the metrics that it is computed from"),
        ("id: ece, statistic: ece", f"14: statistic 'ece' is computed from two metrics, not 0 → {BOTH} in 'of'"),
        ("id: ece, statistic: ece, of: [sure]", f"14: statistic 'ece' is computed from two metrics, not 1 → {BOTH} in 'of'"),
        ("id: r, statistic: ratio, of: [gap, good, sure]", "14: statistic 'ratio' is computed from two metrics, not 3 → name a numerator and a denominator in 'of'"),
        ("id: ece, statistic: ece, of: [sure, right]", "14: there is no metric 'right' on this card → known: gap, good, slow, sure"),
        ("id: ece, statistic: ece, of: [ece, good]", f"14: the metric 'ece' is computed from itself → {BOTH}"),
        ("id: ece, statistic: ece, of: [good, good]", "14: the metric 'good' stands twice, first at 14 → give it another name"),
        ("id: ece, statistic: ece, of: [gap, good]", f"14: 'gap' has the unit 'difference'; here statistic 'ece' takes proportion or score → {BOTH}"),
        ("id: r, statistic: ratio, of: [slow, good]", "14: 'slow' has the unit 'seconds'; here statistic 'ratio' takes proportion or score or difference → name a numerator and a denominator"),
        ("id: r, statistic: ratio, of: [good, gap]", "14: 'gap' has the unit 'difference'; here statistic 'ratio' takes proportion or score → name a numerator and a denominator"),
        (f"{ECE}, unit: difference", "14: statistic 'ece' lies in 0 to 1, and 'difference' does not → write score"),
        (f"{ECE}, bins: 0", "14: 'bins' must be 1 to 100, not 0 → 10 is the custom"),
        (f"{ECE}, bins: 101", "14: 'bins' must be 1 to 100, not 101 → 10 is the custom"),
        ("id: ece, statistic: eec, of: [sure, good]", "14: 'statistic' cannot be 'eec' → did you mean 'ece'?"),
        ("id: mean, labels: {yes: 1, no: 0}, of: [sure, good]", "14: 'of' stands beside no 'statistic' → add 'statistic': ratio, ece or aurc, or leave 'of' out"),
        ("id: half, unit: difference, labels: {yes: 1.5, no: 0}", "14: the label 'yes' is worth 1.5, but the unit is a difference"),
    ],
)  # fmt: skip
def test_a_metric_that_cannot_be_computed_is_one_fault(tmp_path: Path, text: str, fault: str) -> None:
    assert faults(tmp_path, with_metric(text)) == [fault]


def test_statistics_of_statistics_are_refused(tmp_path: Path) -> None:
    text = with_metric(ECE)
    more = text.replace(
        f"  - {{{TITLE}, {ECE}}}\n",
        f"  - {{{TITLE}, {ECE}}}\n  - {{{TITLE}, id: r, statistic: ratio, of: [ece, good]}}\n",
    )
    assert faults(tmp_path, more) == [
        "15: 'ece' is itself computed from other metrics → name metrics that each sample has a value of"
    ]


def test_rules_belong_to_the_metrics_that_each_option_gives(tmp_path: Path) -> None:
    metrics = CHOICE.replace(
        "metrics: [{id: good, title: {en: Good, ar: جيّد}}]",
        f"metrics: [{{id: good, {TITLE}}}, {{id: sure, {TITLE}}}, {{id: r, {TITLE}, statistic: ratio, of: [good, sure]}}]",
    )
    rules = "{good: {rule: best, option: answer}, sure: {rule: near_tie}}"
    whole = metrics.replace("{good: {rule: best, option: answer}}", rules)
    assert load_card(write(tmp_path, whole)).metrics[-1].of == ("good", "sure")
    with_rule = whole.replace(rules, rules[:-1] + ", r: {rule: near_tie}}")
    assert faults(tmp_path, with_rule) == [
        "18: the metric 'r' is computed from others, so it has no rule → leave it out"
    ]
