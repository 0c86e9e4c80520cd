"""What so many prompts cannot show, said before a run; and what so many of so many mean."""

import pytest
from tests.fakes.jobs import TEXT, card, criterion, job

from qistas.contracts.documents import MetricCard, Text
from qistas.contracts.power import Power
from qistas.contracts.records import Sample
from qistas.findings.comparison_words import points
from qistas.findings.power import interval_fact, power_of, powers_of
from qistas.targets.scripted import ScriptedTarget

FIXED = card(design="fixed")


def said(n: int, per_cluster: int = 1, **of: object) -> Power:
    return power_of(criterion(), card(**{"design": "fixed", **of}), [str(i // per_cluster) for i in range(n)])


def test_fifty_prompts_say_what_they_cannot_show_in_both_languages() -> None:
    found = power_of(criterion(), card(), [str(i) for i in range(50)])
    assert found.sentence == Text(
        "With 50 prompts, differences under 19 points will not show reliably (under 30 points where two runs share no "
        "prompt).",
        "عدد الطلبات 50: لا يُعوَّل على ظهور فرق دون 19 نقطة (ودون 30 نقطة إن لم يشترك التشغيلان في أيّ طلب).",
    )
    assert (found.n, found.units, found.confidence, found.power, found.disagreement) == (
        50,
        50,
        0.95,
        0.8,
        0.2,
    )
    assert (found.paired, found.independent) == (
        pytest.approx(0.193, abs=1e-3),
        pytest.approx(0.296, abs=1e-3),
    )


def test_a_fixed_number_shows_a_little_more_than_one_that_may_stop() -> None:
    assert said(50).paired == pytest.approx(0.176, abs=1e-3)


def test_prompts_of_one_cluster_count_once() -> None:
    found = said(400, per_cluster=4)
    assert (found.n, found.units, found.paired) == (400, 100, said(100).paired)
    assert found.sentence.en.startswith(
        "With 400 prompts that count as 100 independent ones, differences under 13 points"
    )
    assert found.sentence.ar.startswith("عدد الطلبات 400، وتعادل 100 من الطلبات المستقلّة")


def test_points_agree_with_their_number_in_arabic() -> None:
    assert [points(size).ar for size in (1, 2, 3, 10, 11, 100)] == [
        "نقطة واحدة",
        "نقطتين",
        "3 نقاط",
        "10 نقاط",
        "11 نقطة",
        "100 نقطة",
    ]


def test_so_few_show_nothing() -> None:
    assert said(1).sentence.en == "With 1 prompt, no difference between two models shows reliably."
    assert said(6).paired is not None
    assert said(8, per_cluster=8).sentence.en.startswith("With 8 prompts that count as 1 independent one, no")


@pytest.mark.parametrize(
    ("of", "begins"),
    [
        ({"design": "census"}, "Everything there is gets counted"),
        ({"metrics": (MetricCard(id="yes", title=TEXT, unit="seconds"),)}, "How much this number varies"),
        ({"metrics": (MetricCard(id="yes", title=TEXT, unit="difference"),)}, "How much this number varies"),
        ({"metrics": (MetricCard(id="yes", title=TEXT, statistic="ratio", of=("x", "y")),)}, "How much this"),
    ],
)
def test_where_nothing_can_be_stated_beforehand_it_says_why(of: dict[str, object], begins: str) -> None:
    found = said(50, **of)
    assert (found.paired, found.independent) == (None, None)
    assert found.sentence.en.startswith(begins)


def test_the_budget_and_the_standard_decide_how_many_prompts_there_are() -> None:
    made = job(ScriptedTarget({}), count=60)
    cards = {name: evaluation.card for name, evaluation in made.evaluations.items()}
    asked = [criterion(), criterion("few", samples=20), criterion("none", where={"language": "xx"})]
    found = powers_of(asked, cards, made.populations, 0, None)
    assert [power.n for power in found] == [60, 20, 0]
    assert found[2].sentence.en == "No sample fits this criterion."
    assert [power.n for power in powers_of(asked, cards, made.populations, 0, 30)] == [30, 30, 0]


def test_a_budget_that_takes_only_one_cluster_is_told_the_least_that_takes_two() -> None:
    samples = [
        Sample(evaluation="x", id=f"{cluster}-{i}", cluster=cluster, strata={}, row={})
        for cluster in ("a", "b")
        for i in range(30)
    ]
    of, cards = [criterion()], {criterion().evaluation: card(design="fixed")}
    populations = {criterion().evaluation: samples}
    few, enough = (powers_of(of, cards, populations, 0, budget)[0].sentence for budget in (20, 31))
    unit = card().cluster_unit.en
    assert few.en == (
        f"All 20 samples are of one {unit}, so there will be no number: each {unit} is taken whole before the "
        "next. Give --budget 31 or more, for two of them at least."
    )
    assert "--budget 31" in few.ar
    assert enough.en.startswith("With 31 prompts")
    one = {criterion().evaluation: samples[:30]}
    assert powers_of(of, cards, one, 0, 20)[0].sentence.en.startswith("With 20 prompts")


@pytest.mark.parametrize(
    ("count", "english"),
    [
        ((50, 50), "50 of 50 means 92.9% to 100% (Wilson interval, 95% confidence)"),
        ((13, 50), "13 of 50 means 15.9% to 39.6% (Wilson interval, 95% confidence)"),
        ((18, 50), "18 of 50 means 24.1% to 49.9% (Wilson interval, 95% confidence)"),
    ],
)
def test_so_many_of_so_many_mean_an_interval(count: tuple[int, int], english: str) -> None:
    assert interval_fact(*count).en == english


def test_an_interval_fact_is_said_in_arabic_too() -> None:
    assert interval_fact(50, 50).ar == "50 من أصل 50 يعني ما بين 92.9% و100% (مجال ويلسون، بثقة 95%)"
