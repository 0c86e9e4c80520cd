"""Numbers in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.weighing import estimate

from qistas.contracts.documents import Requirement, Text
from qistas.contracts.estimates import not_estimable
from qistas.report.numbers import (
    amount,
    denominator,
    natural_frequency,
    percent,
    plain,
    quantity,
    requirement_words,
)


@pytest.mark.parametrize(
    ("value", "low", "high", "english", "arabic"),
    [
        (0.07, 0.04, 0.11, "about 7 in 100; likely 4 to 11", "نحو 7 من كل 100؛ والأرجح بين 4 و11"),
        (0.961, 0.9131, 0.9822, "about 96 in 100; likely 91 to 99", "نحو 96 من كل 100؛ والأرجح بين 91 و99"),
        (0.004, 0.001, 0.012, "about 4 in 1,000; likely 1 to 12", "نحو 4 من كل 1,000؛ والأرجح بين 1 و12"),
        (0.00002, 0.0, 0.0001, "about 2 in 100,000; likely 0 to 10", "نحو 2 من كل 100,000؛ والأرجح بين 0 و10"),
        (0.9985, 0.995, 0.9996, "about 998 in 1,000; likely 995 to 1,000", "نحو 998 من كل 1,000؛ والأرجح بين 995 و1,000"),
        (0.0, 0.0, 0.018, "none in 200 samples; likely at most 18 in 1,000", "لا حالة في 200 عيّنة؛ والأرجح ألّا تزيد على 18 من كل 1,000"),
        (1.0, 0.93, 1.0, "all of 200 samples; likely at least 93 in 100", "جميع العيّنات (200)؛ والأرجح ألّا تقلّ عن 93 من كل 100"),
        (0.004, 0.0, 0.03, "fewer than 1 in 100; likely 0 to 3", "أقلّ من 1 من كل 100؛ والأرجح بين 0 و3"),
        (0.996, 0.97, 1.0, "more than 99 in 100; likely 97 to 100", "أكثر من 99 من كل 100؛ والأرجح بين 97 و100"),
        (0.0, 0.0, 1.0, "none in 200 samples; anything from 0 to 100 in 100 is possible", "لا حالة في 200 عيّنة؛ وكلّ نسبة بين 0 و100 من كل 100 ممكنة"),
        (1.0, 0.001, 1.0, "all of 200 samples; anything from 0 to 100 in 100 is possible", "جميع العيّنات (200)؛ وكلّ نسبة بين 0 و100 من كل 100 ممكنة"),
        (0.45, 0.45, 0.45, "90 of 200, counted in full", "90 من أصل 200، بالعدّ الكامل"),
        (0.1234, 0.1234, 0.1234, "12.3%, counted in full", "12.3%، بالعدّ الكامل"),
    ],
)  # fmt: skip
def test_a_rate_is_said_as_a_natural_frequency(value, low, high, english, arabic):
    assert natural_frequency(value, low, high, 200) == Text(english, arabic)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_words_never_claim_more_than_the_interval(one, two, three):
    low, value, high = sorted((one, two, three))
    if low == high or value in (0, 1):
        return
    words = natural_frequency(value, low, high, 200).en
    out_of = denominator(low, high)
    ends = [int(part.replace(",", "")) for part in words.rpartition("likely ")[2].split(" to ")]
    assert ends[0] <= low * out_of + 1e-4
    assert ends[1] >= high * out_of - 1e-4
    assert f"in {out_of:,};" in words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1.22e9, "bytes", "1.22 GB"),
        (5_000_000, "bytes", "5 MB"),
        (2_048, "bytes", "2.05 kB"),
        (12, "bytes", "12 bytes"),
        (0, "bytes", "0 bytes"),
        (41.234, "tokens/s", "41.2 tokens/s"),
        (20_000, "J/1,000 tokens", "20,000 J/1,000 tokens"),
        (0.001234, "seconds", "0.00123 s"),
        (-3.5, "seconds", "-3.5 s"),
        (3, "count", "3"),
        (0.0437, "score", "0.0437"),
        (1.25, "ratio", "1.25"),
        (0.2349, "difference", "+0.23"),
        (-0.0512, "difference", "−0.051"),
        (0.0, "difference", "0"),
        (1.0, "difference", "+1"),
        (0.5, "proportion", "50%"),
        (0.0003, "proportion", "0.03%"),
        (0.9996, "proportion", "99.96%"),
        (0.0, "proportion", "0%"),
        (1.0, "proportion", "100%"),
    ],
)
def test_a_value_carries_its_unit(value, unit, words):
    assert quantity(value, unit) == words


def test_no_exponents_and_no_false_digits():
    assert [plain(x) for x in (0, 1e-7, 123456.7, 0.5, 2.0, float("inf"))] == [
        "0",
        "0.0000001",
        "123,457",
        "0.5",
        "2",
        "inf",
    ]
    assert [percent(x) for x in (0.125, 0.9, 0.0012)] == ["12.5%", "90%", "0.12%"]


def test_a_physical_value_is_said_with_its_range():
    speed = estimate(43.0, 41.04, 44.96, 5, 5, "student-t")
    memory = estimate(1.22e9, 9.5e8, 1.24e9, 5, 5, "student-t")
    fixed = estimate(3.0, 3.0, 3.0, 5, 5, "student-t")
    assert amount(speed, "tokens/s") == Text(
        "about 43 tokens/s; likely 41 to 45 tokens/s", "نحو 43 tokens/s؛ والأرجح بين 41 و45 tokens/s"
    )
    assert amount(memory, "bytes") == Text(
        "about 1.22 GB; likely 950 MB to 1.24 GB", "نحو 1.22 GB؛ والأرجح بين 950 MB و1.24 GB"
    )
    assert amount(fixed, "seconds") == Text("3 s", "3 s")
    assert amount(not_estimable("no counter", method="none"), "J") is None


def test_a_difference_and_a_score_are_said_as_numbers_and_not_as_frequencies():
    gap, error = estimate(0.231, 0.112, 0.349, 200, 200, "x"), estimate(0.25, 0.2, 0.3, 200, 200, "x")
    assert amount(gap, "difference") == Text(
        "about +0.23; likely +0.11 to +0.35", "نحو +0.23؛ والأرجح بين +0.11 و+0.35"
    )
    assert amount(error, "score") == Text("about 0.25; likely 0.2 to 0.3", "نحو 0.25؛ والأرجح بين 0.2 و0.3")
    assert requirement_words(Requirement(at_least=-0.1, at_most=0.1), "difference") == Text(
        "at least −0.1 and at most +0.1", "−0.1 على الأقلّ و+0.1 على الأكثر"
    )


def test_a_requirement_is_said_in_words():
    assert requirement_words(Requirement(at_least=0.35, at_most=0.65), "proportion") == Text(
        "at least 35% and at most 65%", "35% على الأقلّ و65% على الأكثر"
    )
    assert requirement_words(None, "proportion") is None
    assert requirement_words(Requirement(), "proportion") is None


def test_one_of_a_counted_unit_is_one() -> None:
    assert [quantity(value, "calls") for value in (1.0, 2.0, 1.5)] == ["1 call", "2 calls", "1.5 calls"]
    assert amount(estimate(2.0, 1.0, 3.0, n=3, clusters=3, method="student-t"), "queries") == Text(
        "about 2 queries; likely 1 to 3 queries", "نحو 2 queries؛ والأرجح بين 1 و3 queries"
    )
