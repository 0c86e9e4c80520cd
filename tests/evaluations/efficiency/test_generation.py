"""Speed and cost are related to tokens; what was not read is absent with its reason, never 0."""

import asyncio
from collections.abc import Mapping

import pytest
from tests.fakes.subject import ScriptedSubject

from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import ChatRequest, ChatResponse, Measurement, Reading, Usage
from qistas.contracts.records import Absent
from qistas.evaluations.cards import load_card
from qistas.evaluations.efficiency.generation import GenerationEvaluation, values_of

ELSEWHERE = "the model did not run in this process, so its counters cannot be read from here"


@pytest.fixture(scope="module")
def evaluation() -> GenerationEvaluation:
    return GenerationEvaluation(load_card("efficiency/generation"))


def reading(meter: str, value: float | None, reason: str | None = None) -> Reading:
    return Reading(
        meter=meter,
        value=value,
        unit="",
        grade="unread" if value is None else "measured",
        source="x",
        reason=reason,
    )


def measurement(tokens: tuple[int | None, ...] = (30, 20), **values: float | None) -> Measurement:
    """What meters read while so many tokens were made per response; ``None`` is a counter that was not read."""
    readings = {"clock": 2.0, "cpu": 5.0, "memory": 1e6, "energy": 25.0, **values}
    return Measurement(
        readings=tuple(
            reading(name.replace("_", "-"), value, None if value else f"{name}?")
            for name, value in readings.items()
        ),
        responses=tuple(ChatResponse(text="x", usage=Usage(10, count)) for count in tokens),
    )


def observed(evaluation: GenerationEvaluation, subject: ScriptedSubject) -> Mapping[str, float | Absent]:
    return asyncio.run(evaluation.observe(evaluation.samples([])[0], subject))


def test_the_readings_are_related_to_the_output_tokens() -> None:
    assert values_of(measurement(), local=True) == {
        "tokens_per_second": 25.0,
        "cpu_seconds_per_1000_tokens": 100.0,
        "peak_memory_bytes": 1e6,
        "joules_per_1000_tokens": 500.0,
    }


def test_energy_of_devices_is_added_to_that_of_packages() -> None:
    assert values_of(measurement(energy_gpu=75.0), local=True)["joules_per_1000_tokens"] == 2000.0


def test_a_counter_that_was_not_read_is_absent_with_its_reason() -> None:
    measured = measurement(energy=None, memory=None)

    assert values_of(measured, local=True) == {
        "tokens_per_second": 25.0,
        "cpu_seconds_per_1000_tokens": 100.0,
        "peak_memory_bytes": Absent("memory?"),
        "joules_per_1000_tokens": Absent("energy?"),
    }


def test_one_unread_part_leaves_the_sum_without_a_value() -> None:
    assert values_of(measurement(energy_gpu=None), local=True)["joules_per_1000_tokens"] == Absent(
        "energy_gpu?"
    )


def test_a_meter_that_was_not_there_and_a_clock_that_stood_still_are_said() -> None:
    bare = Measurement(
        readings=(reading("clock", 0.0),), responses=(ChatResponse(text="x", usage=Usage(output_tokens=3)),)
    )

    assert values_of(bare, local=True) == {
        "tokens_per_second": Absent("the window was too short for the counter"),
        "cpu_seconds_per_1000_tokens": Absent("no meter read cpu"),
        "peak_memory_bytes": Absent("no meter read memory"),
        "joules_per_1000_tokens": Absent("no meter read energy"),
    }


def test_of_an_endpoint_only_the_time_is_seen_from_here(evaluation: GenerationEvaluation) -> None:
    subject = ScriptedSubject(measurements=[measurement(), measurement()], capabilities=frozenset({"chat"}))

    assert observed(evaluation, subject) == {
        "tokens_per_second": 25.0,
        "cpu_seconds_per_1000_tokens": Absent(ELSEWHERE),
        "peak_memory_bytes": Absent(ELSEWHERE),
        "joules_per_1000_tokens": Absent(ELSEWHERE),
    }


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        ((30, None), "the target does not count tokens"),
        ((), "the target does not count tokens"),
        ((0, 0), "the model produced no token"),
    ],
)
def test_without_a_number_of_tokens_the_repeat_is_unscored(
    evaluation: GenerationEvaluation, tokens: tuple[int | None, ...], reason: str
) -> None:
    subject = ScriptedSubject(measurements=[measurement(), measurement(tokens)])

    with pytest.raises(Unscored) as caught:
        observed(evaluation, subject)
    assert caught.value.reason == reason


def test_a_target_that_fails_leaves_the_repeat_unscored(evaluation: GenerationEvaluation) -> None:
    with pytest.raises(Unscored, match="the script has no measure"):
        observed(evaluation, ScriptedSubject())


def test_every_repeat_puts_the_same_bilingual_batch_after_a_warm_up(evaluation: GenerationEvaluation) -> None:
    subject = ScriptedSubject(measurements=[measurement(clock=99.0)] + [measurement()] * 5)
    samples = evaluation.samples([])

    async def all_of_them() -> list[float | Absent]:
        return [(await evaluation.observe(sample, subject))["tokens_per_second"] for sample in samples]

    assert asyncio.run(all_of_them()) == [25.0] * 5
    assert [sample.id for sample in samples] == [f"repeat-{repeat}" for repeat in range(1, 6)]
    assert [call.what[1] for call in subject.asked] == [0, 1, 0, 2, 0, 3, 0, 4, 0, 5]
    batches = {call.what[0] for call in subject.asked}
    assert len(batches) == 1
    (batch,) = batches
    assert isinstance(batch, tuple)
    requests = [request for request in batch if isinstance(request, ChatRequest)]
    assert len(requests) == len(batch) == 8
    assert {(r.decoding.max_tokens, r.decoding.temperature) for r in requests} == {(48, 0.0)}
    assert sum(any("\u0621" <= letter <= "\u064a" for letter in r.messages[0].content) for r in requests) == 4
