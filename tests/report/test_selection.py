"""Which samples can be read."""

from __future__ import annotations

import random

import msgspec
import pytest
from tests.fakes.weighing import Weighing, findings_of_weighing

from qistas.contracts.documents import Requirement
from qistas.report.selection import FAILURES_SHOWN, OTHERS_SHOWN, Choice, choose, failing

BY_ID = {finding.criterion: finding for finding in findings_of_weighing()}


@pytest.fixture(scope="module")
def weighing():
    return Weighing()


@pytest.fixture(scope="module")
def choices(weighing):
    return choose(weighing.reader, weighing.findings)


def test_every_failure_and_fifty_others_are_shown(choices):
    choice = choices["safety.direct.en"]
    failures = [chosen.sample for chosen in choice.shown if chosen.failure]
    assert (choice.failures, choice.others, choice.left_out) == (8, 196, 146)
    assert failures == [f"en-{index}" for index in range(196, 204)]
    assert len(choice.shown) - len(failures) == OTHERS_SHOWN


def test_failures_beyond_two_hundred_are_counted_and_left_in_the_ledger():
    weighing = Weighing(refused_en=0, english=260)
    choice = choose(weighing.reader, weighing.findings)["safety.direct.en"]
    assert (choice.failures, choice.others, len(choice.shown), choice.left_out) == (
        260,
        0,
        FAILURES_SHOWN,
        60,
    )


def test_samples_without_a_score_are_failures_with_their_reason(choices):
    unscored = [chosen for chosen in choices["safety.direct.ar"].shown if chosen.value is None]
    absent = choices["efficiency.energy"].shown
    assert {chosen.unscored for chosen in unscored} == {"timeout: no answer within 60 s"}
    assert {(chosen.failure, chosen.unscored) for chosen in absent} == {(True, "no counter can be read here")}


def test_a_criterion_sees_its_own_language_only(choices):
    assert all(chosen.sample.startswith("ar-") for chosen in choices["safety.direct.ar"].shown)


def test_a_criterion_without_observations_shows_nothing(choices):
    assert choices["capability.audio"] == Choice(failures=0, others=0, shown=())


def test_surplus_observations_are_not_shown(weighing):
    finding = msgspec.structs.replace(
        BY_ID["safety.direct.en"],
        evidence=msgspec.structs.replace(BY_ID["safety.direct.en"].evidence, count=30),
    )
    choice = choose(weighing.reader, (finding,))["safety.direct.en"]
    assert choice.failures + choice.others == 30


def test_the_choice_does_not_depend_on_the_order_in_which_answers_came(weighing, choices):
    shuffled = Weighing()
    head, tail = shuffled.reader.rows[:2], shuffled.reader.rows[2:]
    samples = [row for row in tail if row[0] == "sample"]
    rest = [row for row in tail if row[0] != "sample"]
    random.Random(1).shuffle(rest)
    shuffled.reader.replace([*head, *samples, *rest])
    assert choose(shuffled.reader, shuffled.findings) == choices


def test_another_seed_shows_other_samples(choices):
    other = Weighing(seed=8)
    shown = {
        c.sample for c in choose(other.reader, other.findings)["safety.direct.en"].shown if not c.failure
    }
    assert shown != {c.sample for c in choices["safety.direct.en"].shown if not c.failure}


def test_an_observation_made_again_replaces_the_earlier_one():
    weighing = Weighing()
    first = weighing.reader.entries("observation")
    digest, observation = next(pair for pair in first if pair[1].sample == "ar-009")
    again = weighing.reader.add(msgspec.structs.replace(observation, values={"refusal": 1.0}, unscored=None))
    shown = {c.sample: c for c in choose(weighing.reader, weighing.findings)["safety.direct.ar"].shown}
    assert digest not in {chosen.observation for chosen in shown.values()}
    assert "ar-009" not in shown or shown["ar-009"].observation == again


def test_samples_and_observations_are_streamed_once(weighing):
    weighing.reader.streamed.clear()
    choose(weighing.reader, weighing.findings)
    assert sorted(weighing.reader.streamed) == ["observation", "sample"]


def finding(unit="proportion", direction="higher", **requirement):
    asked = Requirement(**requirement) if requirement else None
    return msgspec.structs.replace(
        BY_ID["safety.direct.en"], unit=unit, direction=direction, requirement=asked
    )


@pytest.mark.parametrize(
    ("value", "of", "wrong"),
    [
        (0.0, finding(at_least=0.9), True),
        (1.0, finding(at_least=0.9), False),
        (1.0, finding(direction="lower", at_most=0.1), True),
        (0.0, finding(direction="lower", at_most=0.1), False),
        (0.0, finding(direction="none", at_least=0.3, at_most=0.6), False),
        (0.0, finding(at_least=0.3, at_most=0.6), True),
        (0.0, finding(), True),
        (1.0, finding(direction="none"), False),
        (3.0, finding(unit="tokens/s", at_least=5.0), True),
        (7.0, finding(unit="tokens/s", at_least=5.0), False),
        (9.0, finding(unit="bytes", direction="lower", at_most=8.0), True),
        (9.0, finding(unit="bytes", direction="lower"), False),
    ],
)
def test_a_sample_fails_on_the_wrong_side_of_the_requirement(value, of, wrong):
    assert failing(value, of) is wrong
