"""Two runs are compared on the samples that both observed, by a test that fits, corrected for their number."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.engine.test_live import measuring
from tests.fakes.jobs import QUICK, TEXT, Questions, YesJudge, card, criterion, job, run
from tests.fakes.observed import header, target

from qistas.api.comparing import compare
from qistas.contracts.comparisons import Compared, Comparison, Pairs
from qistas.contracts.documents import DataSource, MetricCard
from qistas.contracts.errors import BadInput
from qistas.contracts.identity import TargetInfo
from qistas.contracts.protocols import Subject
from qistas.contracts.records import Absent, JudgeCard, Sample
from qistas.engine.plan import RunSettings
from qistas.findings.comparability import run_discrepancies
from qistas.targets.scripted import Asked, ScriptedTarget

SHOWN = [criterion(requirement=None, samples=40)]


def every(step: int) -> Any:
    def script(request: Asked) -> str:
        number = int("".join(filter(str.isdigit, request.messages[-1].content)))
        return "no" if number % step == 0 else "yes"

    return script


def weighed(folder: Path, script: Any, count: int = 40, name: str | None = None, **how: Any) -> Path:
    target = ScriptedTarget(script, name=name or folder.name)
    run(job(target, count=count, **{"criteria": SHOWN, **how}), folder)
    return folder


def only(made: Comparison) -> Compared:
    (compared,) = made.criteria
    return compared


def kinds(made: Comparison) -> list[tuple[str, str]]:
    return [(found.kind, found.effect) for found in made.discrepancies]


def test_the_difference_is_first_minus_second_on_the_same_samples(tmp_path: Path) -> None:
    one = weighed(tmp_path / "a", every(4))
    other = weighed(tmp_path / "b", every(2))
    made, back = compare(one, other), only(compare(other, one))
    found = only(made)
    assert found.pairs == Pairs(n=40, clusters=40, a_higher=10, b_higher=0, equal=30, unscored=0)
    assert (found.verdict, back.verdict) == ("a_better", "b_better")
    assert found.difference is not None
    assert back.difference is not None
    assert (found.difference.value, back.difference.value) == (pytest.approx(0.25), pytest.approx(-0.25))
    assert found.p_value == found.adjusted_p_value < 0.05
    assert found.simultaneous == found.difference
    assert found.test == "paired-score; answers new questions"
    assert (found.a.value, found.b.value) == (0.75, 0.5)
    assert (made.tested, made.confidence, made.discrepancies) == (1, 0.95, ())
    assert made.sentence.en == (
        "A better: 1. Tested together: 1, with a chance of at most 5% of calling any of them different by mistake."
    )
    assert made.a.model.ref == "scripted:a"
    assert made.b.ledger.records > 40


def test_a_run_is_not_shown_to_differ_from_itself(tmp_path: Path) -> None:
    one = weighed(tmp_path / "a", every(4))
    made = compare(one, one)
    found = only(made)
    assert (found.verdict, found.p_value) == ("no_difference_shown", 1.0)
    assert kinds(made) == [("same_model", "noted")]
    assert "differences from" in found.reason.en


@pytest.mark.parametrize(("direction", "verdict"), [("lower", "b_better"), ("none", "a_higher")])
def test_which_is_better_follows_the_metrics_direction(tmp_path: Path, direction: Any, verdict: str) -> None:
    of = card(metrics=(MetricCard(id="yes", title=TEXT, direction=direction),))
    for name, step in (("a", 4), ("b", 2)):
        weighed(tmp_path / name, every(step), cards=[of])
    assert only(compare(tmp_path / "a", tmp_path / "b")).verdict == verdict


def test_only_samples_that_both_observed_are_paired(tmp_path: Path) -> None:
    one = weighed(tmp_path / "a", every(4))
    other = weighed(tmp_path / "b", every(4), settings=RunSettings(retry=QUICK, budget=10, seed=3))
    made = compare(one, other)
    assert only(made).pairs.n == 10
    assert kinds(made) == [("seed", "noted"), ("budget", "noted")]
    third = weighed(tmp_path / "c", every(4), count=25)
    assert only(compare(one, third)).pairs.n == 25


def test_many_criteria_are_corrected_together(tmp_path: Path) -> None:
    asked = [criterion(f"test.{n}", requirement=None, samples=40) for n in range(6)]
    one = weighed(tmp_path / "a", every(5), criteria=asked)
    other = weighed(tmp_path / "b", every(3), criteria=asked)
    made = compare(one, other)
    first = made.criteria[0]
    assert made.tested == 6
    assert first.adjusted_p_value == pytest.approx(min(1.0, 6 * first.p_value))
    assert first.simultaneous.confidence == pytest.approx(1 - 0.05 / 6)
    assert first.simultaneous.low < first.difference.low


def test_alone_it_would_count_and_among_many_it_does_not(tmp_path: Path) -> None:
    asked = [criterion(f"test.{n}", requirement=None, samples=40) for n in range(9)]
    one = weighed(tmp_path / "a", lambda r: "yes", criteria=asked)
    other = weighed(tmp_path / "b", every(6), criteria=asked)
    found = compare(one, other).criteria[0]
    assert found.p_value <= 0.05 < found.adjusted_p_value
    assert found.verdict == "no_difference_shown"
    assert "By itself this criterion would count as different" in found.reason.en
    assert "ولو نُظر في هذا الشرط وحده" in found.reason.ar


def test_unscored_samples_that_could_undo_it_leave_it_open(tmp_path: Path) -> None:
    one = weighed(tmp_path / "a", lambda r: "yes")
    other = weighed(
        tmp_path / "b",
        lambda r: (
            "no" if "1" in r.messages[-1].content else "maybe" if "2" in r.messages[-1].content else "yes"
        ),
    )
    found = only(compare(one, other))
    assert found.pairs == Pairs(n=40, clusters=40, a_higher=13, b_higher=0, equal=16, unscored=11)
    assert found.verdict == "a_better"
    vague = weighed(tmp_path / "c", lambda r: "no" if "1" in r.messages[-1].content else "maybe")
    assert only(compare(vague, one)).verdict == "b_better"
    unsure = weighed(tmp_path / "d", lambda r: "maybe" if "3" in r.messages[-1].content else every(4)(r))
    strict = weighed(tmp_path / "e", lambda r: "no" if "3" in r.messages[-1].content else "yes")
    open_ = only(compare(unsure, strict))
    assert open_.verdict == "cannot_tell"
    assert "may undo it" in open_.reason.en


def test_too_few_pairs_can_show_nothing_and_are_not_tested(tmp_path: Path) -> None:
    one = weighed(tmp_path / "a", lambda r: "yes", count=5)
    other = weighed(tmp_path / "b", lambda r: "no", count=5)
    made = compare(one, other)
    found = only(made)
    assert (found.verdict, found.p_value, made.tested) == ("cannot_tell", None, 0)
    assert found.reason.en.startswith("Only 5 independent samples are shared: too few")
    asked = [criterion(f"test.{n}", requirement=None, samples=40) for n in range(3)]
    one = weighed(tmp_path / "c", lambda r: "yes", count=6, criteria=asked)
    other = weighed(tmp_path / "d", every(2), count=6, criteria=asked)
    assert "to show among 3 criteria" in compare(one, other).criteria[0].reason.en


def test_a_criterion_of_too_few_pairs_takes_nothing_from_the_others(tmp_path: Path) -> None:
    asked = [
        criterion("test.many", requirement=None, samples=40),
        *(criterion(f"test.{n}", requirement=None, samples=5) for n in range(8)),
    ]
    one = weighed(tmp_path / "a", lambda r: "yes", criteria=asked)
    other = weighed(tmp_path / "b", every(6), criteria=asked)
    many, *few = compare(one, other).criteria
    assert (many.verdict, many.adjusted_p_value) == ("a_better", many.p_value)
    assert {(found.verdict, found.p_value) for found in few} == {("cannot_tell", None)}


def test_too_few_clusters_are_not_tested_however_the_outcome(tmp_path: Path) -> None:
    def grouped(name: str, step: int, count: int) -> Path:
        made = job(ScriptedTarget(every(step), name=name), count=count, criteria=SHOWN)
        ((evaluation, samples),) = made.populations.items()
        groups = [msgspec.structs.replace(one, cluster=str(n % 3)) for n, one in enumerate(samples)]
        run(replace(made, populations={evaluation: groups}), tmp_path / name)
        return tmp_path / name

    few = compare(grouped("a", 50, 9), grouped("b", 1, 9))
    assert (only(few).verdict, few.tested) == ("cannot_tell", 0)
    assert only(few).reason.en.startswith("Only 3 independent samples are shared: too few")
    equal = compare(grouped("c", 50, 9), grouped("d", 50, 9))
    assert (only(equal).verdict, equal.tested) == ("cannot_tell", 0)
    assert compare(grouped("e", 2, 40), grouped("f", 2, 40)).tested == 1


def test_a_sequence_too_short_to_show_anything_is_not_tested(tmp_path: Path) -> None:
    asked = [criterion(samples=100)]
    brief = RunSettings(retry=QUICK, budget=6)
    one = weighed(tmp_path / "a", lambda r: "yes", count=100, criteria=asked, settings=brief)
    other = weighed(tmp_path / "b", lambda r: "no", count=100, criteria=asked, settings=brief)
    made = compare(one, other)
    assert (only(made).verdict, made.tested) == ("cannot_tell", 0)
    assert "too few for any difference to show, however large" in only(made).reason.en
    assert "أقلّ من أن يظهر معها أيّ فرق" in only(made).reason.ar


def test_a_run_that_was_decided_early_is_tested_by_what_it_had_planned(tmp_path: Path) -> None:
    """Leaving it out since it is short would be a choice that its answers made."""
    asked = [criterion(samples=100)]
    one = weighed(tmp_path / "a", lambda r: "yes", count=100, criteria=asked)
    other = weighed(tmp_path / "b", lambda r: "no", count=100, criteria=asked)
    found = compare(one, other)
    assert found.tested == 1
    assert only(found).pairs.n < 100


class Sure(Questions):
    """Another metric applies to questions that were answered with yes."""

    async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
        values = await super().observe(sample, subject)
        return {**values, "sure": 1.0} if values["yes"] == 1.0 else values


def test_samples_to_which_the_metric_does_not_apply_are_left_out(tmp_path: Path) -> None:
    of = card(
        metrics=(
            *card().metrics,
            MetricCard(id="sure", title=TEXT),
            MetricCard(id="share", title=TEXT, statistic="ratio", of=("sure", "yes")),
        )
    )
    criteria = [
        *SHOWN,
        criterion("sure", metric="sure", samples=40, requirement=None),
        criterion("share", metric="share", samples=40, requirement=None),
    ]
    for name, step in (("a", 4), ("b", 3)):
        made = job(ScriptedTarget(every(step), name=name), count=40, cards=[of], criteria=criteria)
        run(replace(made, evaluations={of.id: Sure(of)}), tmp_path / name)
    both = sum(n % 4 > 0 and n % 3 > 0 for n in range(40))
    for first, second in (("a", "b"), ("b", "a")):
        found = {c.criterion: c for c in compare(tmp_path / first, tmp_path / second).criteria}
        assert (found["test.yes"].pairs.n, found["sure"].pairs.n) == (40, both)
        assert (found["share"].verdict, found["share"].test) == ("cannot_tell", None)
        assert found["share"].reason.en.startswith("No paired test is defined here for a ratio of two sums")
        assert found["share"].a.value == pytest.approx(1.0)


def test_runs_that_stop_when_decided_are_compared_by_a_test_that_allows_it(tmp_path: Path) -> None:
    asked = [criterion(samples=100)]
    one = weighed(tmp_path / "a", lambda r: "yes", count=100, criteria=asked)
    other = weighed(tmp_path / "b", every(2), count=100, criteria=asked)
    found = only(compare(one, other))
    assert found.test == "paired-betting-mixture; answers new questions"
    assert found.pairs.n < 100
    assert (found.verdict, found.weakened_by) == ("a_better", ())
    elsewhere = weighed(
        tmp_path / "c", every(2), count=100, criteria=asked, settings=RunSettings(retry=QUICK, seed=5)
    )
    mixed = only(compare(one, elsewhere))
    assert mixed.test == "paired-score; answers new questions"
    assert [cause.en for cause in mixed.weakened_by] == [
        "A run that is decided stops; with orders that differ, the number of shared samples depends on the answers."
    ]


def test_two_full_counts_differ_by_what_they_differ_by(tmp_path: Path) -> None:
    of = card(design="census")
    for name, script in (("a", every(4)), ("b", every(2)), ("c", lambda r: "maybe")):
        weighed(tmp_path / name, script, cards=[of])
    made = compare(tmp_path / "a", tmp_path / "b")
    found = only(made)
    assert (found.difference.value, found.difference.low, found.difference.high) == (0.25, 0.25, 0.25)
    assert (found.verdict, found.p_value, found.test, made.tested) == ("a_better", None, None, 0)
    assert only(compare(tmp_path / "a", tmp_path / "a")).verdict == "no_difference_shown"
    assert only(compare(tmp_path / "a", tmp_path / "c")).verdict == "cannot_tell"
    half = weighed(
        tmp_path / "d",
        lambda r: "maybe" if "3" in r.messages[-1].content else every(4)(r),
        cards=[of],
    )
    assert "may turn it either way" in only(compare(tmp_path / "a", half)).reason.en


def test_full_counts_of_what_has_no_bounds_tell_nothing_where_a_value_is_missing(tmp_path: Path) -> None:
    seconds = MetricCard(id="yes", title=TEXT, direction="lower", unit="seconds")
    of = card(design="census", metrics=(seconds,))
    for name, script in (
        ("a", every(4)),
        ("b", lambda r: "maybe" if r.messages[-1].content == "question 3?" else every(2)(r)),
        ("c", every(2)),
    ):
        weighed(tmp_path / name, script, cards=[of])
    found = only(compare(tmp_path / "a", tmp_path / "b"))
    assert (found.verdict, found.pairs.unscored) == ("cannot_tell", 1)
    assert (found.difference.value, found.difference.low, found.difference.high) == (None, None, None)
    assert found.reason.en == (
        "The difference cannot be estimated: 1 of 40 pairs have no value, and a quantity without bounds has no worst case."
    )
    assert "1 من الأزواج، وعددها 40، بلا قيمة" in found.reason.ar
    assert only(compare(tmp_path / "a", tmp_path / "c")).difference.value == 0.25


@pytest.mark.parametrize(("unit", "low"), [("proportion", -0.025), ("difference", -0.05), ("seconds", None)])
def test_a_missing_value_is_taken_at_its_worst_or_leaves_no_number(
    tmp_path: Path, unit: Any, low: Any
) -> None:
    """One of forty has no value: the interval reaches at least as far as that one could move the mean."""
    of = card(metrics=(MetricCard(id="yes", title=TEXT, unit=unit),))
    one = weighed(tmp_path / "a", lambda r: "yes", cards=[of])
    other = weighed(
        tmp_path / "b", lambda r: "maybe" if r.messages[-1].content == "question 3?" else "yes", cards=[of]
    )
    found = only(compare(other, one))
    assert found.pairs.unscored == 1
    if low is None:
        assert (found.verdict, found.difference.value) == ("cannot_tell", None)
        assert "no worst case" in found.reason.en
    else:
        assert found.difference.low <= low


class Counted(Questions):
    """How many attempts a question has, which is given, and how many calls an answer took, which is not."""

    async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
        values = await super().observe(sample, subject)
        wait = int(sample.id[1:]) / 1000 + float(values["yes"] == 1.0)
        return {**values, "attempts": 10.0, "calls": 3.0 if values["yes"] else 1.0, "wait": wait}


def test_what_drifts_is_not_tested_and_a_count_that_ties_in_every_pair_is_with_p_one(tmp_path: Path) -> None:
    metrics = [MetricCard(id="attempts", title=TEXT, unit="queries")]
    metrics += [MetricCard(id="calls", title=TEXT, unit="calls", direction="lower")]
    metrics += [MetricCard(id="wait", title=TEXT, unit="s", direction="lower")]
    of = card(metrics=(*card().metrics, *metrics), design="repeats")
    asked = [criterion(f"test.{m.id}", metric=m.id, requirement=None, samples=20) for m in metrics]
    for name, says in (("a", "yes"), ("b", "no")):
        scripted = ScriptedTarget(lambda _, says=says: says, name=name)
        made = job(scripted, count=20, cards=[of], criteria=asked)
        run(replace(made, evaluations={of.id: Counted(of)}), tmp_path / name)
    compared = compare(tmp_path / "a", tmp_path / "b")
    attempts, calls, wait = compared.criteria
    assert (attempts.verdict, attempts.p_value) == ("no_difference_shown", 1.0)
    assert attempts.reason.en == (
        "It is the same in each of the 20 pairs; a number that was set, as the number of attempts is, always is."
    )
    assert (wait.verdict, wait.p_value, wait.test) == ("cannot_tell", None, None)
    assert wait.reason.en.startswith(
        "A minus B is +1 s, but the repeats of one session on either side do not show"
    )
    assert "لا يُعطى حُكم من جلسة واحدة" in wait.reason.ar
    assert calls.test is not None
    assert calls.test.startswith("paired-t")
    assert (calls.verdict, compared.tested) == ("b_better", 2)


def guarded(info: TargetInfo, name: str) -> TargetInfo:
    model = msgspec.structs.replace(
        info.model, ref=f"{info.model.ref} guarded by {name}", digest=f"sha256:{name}"
    )
    details = {"model": msgspec.to_builtins(info), "guard": {"name": name, "digest": None}}
    return msgspec.structs.replace(info, adapter="guarded", model=model, details=details)


def test_a_guard_around_one_of_two_is_listed_among_what_differs() -> None:
    bare = target()
    other = msgspec.structs.replace(bare, model=msgspec.structs.replace(bare.model, digest="sha256:y"))

    def between(one: TargetInfo, theirs: TargetInfo) -> list[tuple[str, str, str | None]]:
        sides = [header([card()], SHOWN, target=side) for side in (one, theirs)]
        return [(d.kind, d.effect, d.b and d.b.partition(" ")[0]) for d in run_discrepancies(*sides)]

    assert between(bare, guarded(bare, "rule/harm")) == [("guard", "noted", "rule/harm")]
    assert between(other, guarded(bare, "rule/harm")) == [("guard", "weakens", "rule/harm")]
    assert between(guarded(bare, "rule/harm"), guarded(bare, "rule/harm")) == [("same_model", "noted", None)]
    assert between(guarded(bare, "rule/refusal"), guarded(bare, "rule/harm"))[0][:2] == ("guard", "noted")


def test_runs_with_nothing_in_common_cannot_be_compared(tmp_path: Path) -> None:
    one = weighed(tmp_path / "a", every(4))
    run(measuring(ScriptedTarget(lambda _: "yes")), tmp_path / "b")
    with pytest.raises(
        BadInput, match=r"have no criterion in common → compare two runs of the same standard"
    ):
        compare(one, tmp_path / "b")
    other = weighed(tmp_path / "c", every(4), count=0)
    found = only(compare(one, other))
    assert (found.verdict, found.reason.en) == (
        "not_comparable",
        "No sample was looked at in both runs.",
    )


class Stricter(YesJudge):
    card = JudgeCard(id="rule/yes", version="2", rule=True, calibration={"definition": "the first word"})


def source(name: str) -> DataSource:
    return DataSource(id="questions", file="q.jsonl", sha256=name, licence="CC0")


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("judge", {}, {"judges": {"rule/yes": Stricter()}}),
        ("evaluation", {}, {"cards": [card(parameters={"shots": 2})]}),
        ("metric", {}, {"cards": [card(metrics=(MetricCard(id="yes", title=TEXT, direction="lower"),))]}),
        ("stratum", {}, {"criteria": [criterion(requirement=None, samples=40, where={"language": "ar"})]}),
    ],
)
def test_what_makes_numbers_mean_different_things_forbids_comparing_them(
    tmp_path: Path, kind: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    made = compare(weighed(tmp_path / "a", every(4), **one), weighed(tmp_path / "b", every(4), **other))
    found = only(made)
    forbidding = [entry for entry in made.discrepancies if entry.effect == "forbids"]
    assert [entry.kind for entry in forbidding] == [kind]
    assert (found.verdict, found.reason) == ("not_comparable", forbidding[0].sentence)
    assert forbidding[0].criteria == ("test.yes",)
    assert (found.difference, found.p_value) == (None, None)


def test_other_data_forbid_the_comparison(tmp_path: Path) -> None:
    for name in ("a", "b"):
        of = card(data=source("same"))
        made = job(ScriptedTarget(every(4), name=name), count=40, cards=[of], criteria=SHOWN)
        run(replace(made, data={"questions": f"sha256:{name}"}), tmp_path / name)
    made = compare(tmp_path / "a", tmp_path / "b")
    assert [(d.kind, d.a, d.b) for d in made.discrepancies] == [("data", "sha256:a", "sha256:b")]
    assert only(made).reason.en == "The prompts come from different data."
    without = job(ScriptedTarget(every(4), name="c"), count=40, criteria=SHOWN)
    for name, split in (("c", "1"), ("d", "2")):
        run(replace(without, data={"test": split}), tmp_path / name)
    assert kinds(compare(tmp_path / "c", tmp_path / "d")) == [("data", "forbids"), ("same_model", "noted")]


def test_what_may_have_made_the_difference_weakens_it(tmp_path: Path) -> None:
    one = weighed(tmp_path / "a", every(4))
    other = weighed(
        tmp_path / "b",
        every(2),
        cards=[card(version="1.1", system={"any": "Be brief."})],
        settings=RunSettings(retry=QUICK, system_prompt="Be kind."),
    )
    made = compare(one, other)
    assert kinds(made) == [("system_prompt", "weakens"), ("version", "weakens"), ("system_prompt", "weakens")]
    found = only(made)
    assert found.verdict == "a_better"
    assert [cause.en.split(" ")[1] for cause in found.weakened_by] == ["evaluation's", "system"]


def test_criteria_of_different_standards_are_matched_by_what_they_measure(tmp_path: Path) -> None:
    renamed = [criterion("other.name", requirement=None, samples=40), criterion("more", samples=3)]
    one = weighed(tmp_path / "a", every(4))
    other = weighed(tmp_path / "b", every(2), criteria=renamed)
    made = compare(one, other)
    assert [(c.criterion, c.verdict) for c in made.criteria] == [
        ("test.yes", "a_better"),
        ("more", "not_comparable"),
    ]
    assert kinds(made) == [("criterion", "forbids"), ("standard", "weakens")]
    assert made.criteria[1].reason.en == "Only one of the two runs asked this."


def test_what_one_run_could_not_measure_is_said(tmp_path: Path) -> None:
    of = card(needs=("chat", "judge-target"))
    one = weighed(tmp_path / "a", every(4), cards=[of])
    helped = job(ScriptedTarget(every(4), name="b"), count=40, cards=[of], criteria=SHOWN)
    run(replace(helped, roles={"judge-target": ScriptedTarget({}, name="judge")}), tmp_path / "b")
    made = compare(one, tmp_path / "b")
    assert kinds(made) == [("judge-target", "forbids")]
    missing = [card(needs=("chat", "release"))]
    first = weighed(tmp_path / "c", every(4), cards=missing)
    second = weighed(tmp_path / "d", every(4), cards=missing)
    assert only(compare(first, second)).reason.en == "It was not measured in either run."


def test_the_record_survives_json(tmp_path: Path) -> None:
    made = compare(weighed(tmp_path / "a", every(4)), weighed(tmp_path / "b", every(2)))
    assert msgspec.json.decode(msgspec.json.encode(made), type=Comparison) == made
