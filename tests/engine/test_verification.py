"""Two ledgers are compared on the samples that both observed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.engine.test_live import measuring
from tests.fakes.jobs import QUICK, TEXT, Questions, card, criterion, job, run

from qistas.contracts.documents import MetricCard
from qistas.contracts.errors import BadInput
from qistas.contracts.estimates import Estimate
from qistas.contracts.protocols import Subject
from qistas.contracts.records import Absent, Sample
from qistas.engine.plan import RunSettings
from qistas.engine.verification import findings_in, observations_in, paired_differences
from qistas.ledger.reader import LedgerReader
from qistas.targets.scripted import Asked, ScriptedTarget

SHOWN = [criterion(requirement=None, samples=40)]


def every(step: int) -> Any:
    def script(request: Asked) -> str:
        number = int("".join(filter(str.isdigit, request.messages[-1].content)))
        return "no" if number % step == 0 else "yes"

    return script


def difference(first: Path, second: Path) -> dict[str, Estimate]:
    with LedgerReader(first / "ledger.sqlite") as one, LedgerReader(second / "ledger.sqlite") as other:
        return paired_differences(one, other)


def weighed(folder: Path, script: Any, count: int = 40, **how: Any) -> Path:
    run(job(ScriptedTarget(script, name=folder.name), count=count, **{"criteria": SHOWN, **how}), folder)
    return folder


def test_the_difference_is_first_minus_second_on_the_same_samples(tmp_path: Path) -> None:
    one = weighed(tmp_path / "a", every(4))
    other = weighed(tmp_path / "b", every(2))
    forth, back = difference(one, other)["test.yes"], difference(other, one)["test.yes"]
    assert (forth.value, forth.n) == (pytest.approx(0.25), 40)
    assert back.value == pytest.approx(-0.25)
    assert forth.low is not None
    assert forth.low > 0
    same = difference(one, one)["test.yes"]
    assert same.value == 0.0


def test_only_samples_that_both_observed_are_paired(tmp_path: Path) -> None:
    one = weighed(tmp_path / "a", every(4))
    other = weighed(tmp_path / "b", every(4), settings=RunSettings(retry=QUICK, budget=10))
    assert difference(one, other)["test.yes"].n == 10


def test_an_unscored_sample_of_either_side_counts_as_unscored(tmp_path: Path) -> None:
    one = weighed(tmp_path / "a", every(4))
    other = weighed(tmp_path / "b", lambda r: "maybe" if "question 1?" in r.messages[-1].content else "yes")
    assert difference(one, other)["test.yes"].unscored == 1


class Sure(Questions):
    """Another metric applies to questions that were answered with yes."""

    async def observe(self, sample: Sample, subject: Subject) -> dict[str, float | Absent]:
        values = await super().observe(sample, subject)
        return {**values, "sure": 1.0} if values["yes"] == 1.0 else values


def test_samples_to_which_the_metric_does_not_apply_are_left_out(tmp_path: Path) -> None:
    of = card(metrics=(*card().metrics, MetricCard(id="sure", title=TEXT)))
    criteria = [*SHOWN, criterion("sure", metric="sure", samples=40, requirement=None)]
    for name, step in (("a", 4), ("b", 3)):
        made = job(ScriptedTarget(every(step), name=name), count=40, cards=[of], criteria=criteria)
        run(replace(made, evaluations={of.id: Sure(of)}), tmp_path / name)
    both = sum(n % 4 > 0 and n % 3 > 0 for n in range(40))
    for first, second in (("a", "b"), ("b", "a")):
        found = difference(tmp_path / first, tmp_path / second)
        assert (found["test.yes"].n, found["sure"].n, found["sure"].unscored) == (40, both, 0)


def test_runs_with_nothing_in_common_cannot_be_compared(tmp_path: Path) -> None:
    one = weighed(tmp_path / "a", every(4))
    run(measuring(ScriptedTarget(lambda _: "yes")), tmp_path / "b")
    with pytest.raises(
        BadInput, match=r"share no criterion with samples in common → compare two runs of the same"
    ):
        difference(one, tmp_path / "b")
    other = weighed(tmp_path / "c", every(4), count=0)
    with pytest.raises(BadInput, match="share no criterion"):
        difference(one, other)


def test_quantities_without_bounds_are_not_compared(tmp_path: Path) -> None:
    for name in ("a", "b"):
        run(measuring(ScriptedTarget(lambda _: "yes", name=name)), tmp_path / name)
    with pytest.raises(BadInput):
        difference(tmp_path / "a", tmp_path / "b")


def test_the_last_observation_of_a_sample_stands(tmp_path: Path) -> None:
    weighed(tmp_path / "a", every(4), count=5)
    with LedgerReader(tmp_path / "a" / "ledger.sqlite") as reader:
        seen = observations_in(reader)
        assert sorted(sample for _, sample in seen) == [f"q00{n}" for n in range(5)]
        assert [f.criterion for f in findings_in(reader)] == ["test.yes"]


def test_two_full_counts_differ_by_what_they_differ_by(tmp_path: Path) -> None:
    of = card(design="census")
    for name, step in (("a", 4), ("b", 2)):
        made = job(ScriptedTarget(every(step), name=name), count=40, cards=[of], criteria=SHOWN)
        run(made, tmp_path / name)
    found = difference(tmp_path / "a", tmp_path / "b")["test.yes"]
    assert (found.value, found.low, found.high, found.n) == (0.25, 0.25, 0.25, 40)
