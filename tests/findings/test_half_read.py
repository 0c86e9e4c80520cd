"""In a language of which a judge reads one side only, those it recognises give no number."""

from __future__ import annotations

import re

from msgspec.structs import replace
from tests.fakes.jobs import card, criterion
from tests.fakes.observed import by_sample, header, observation, sample, seen

from qistas.contracts.documents import MetricCard, Requirement, Text
from qistas.contracts.findings import Finding
from qistas.contracts.records import Observation, Sample
from qistas.findings.compute import findings_of
from qistas.report.numbers import amount

UNREAD = "judged unread: the rule reads English and Arabic, and this was asked in 'it'"
REFUSED = MetricCard(id="yes", title=Text("Refused", "رُفض"), direction="higher")
ASKED = replace(criterion(samples=100), requirement=None)


def asked_in(language: str, number: int) -> Sample:
    strata = {"language": language} if language else {}
    return sample(f"{language}{number}", strata=strata)


def answers(language: str, *values: float | None) -> list[tuple[Sample, Observation]]:
    """What was shown in a language; ``None`` for what the judge cannot read."""
    samples = [asked_in(language, number) for number in range(len(values))]
    return [
        (one, observation(one, unscored=UNREAD) if value is None else seen(one, value))
        for one, value in zip(samples, values, strict=True)
    ]


def finding(pairs: list[tuple[Sample, Observation]], asked=ASKED, design: str = "fixed") -> Finding:  # type: ignore[no-untyped-def]
    of = card(design=design, metrics=(REFUSED,))
    samples, observations = zip(*pairs, strict=True)
    return findings_of(header([of], [asked]), {of.id: samples}, by_sample(observations))[0]


def test_refusals_alone_that_were_recognised_in_a_language_give_no_share_of_refusals() -> None:
    for value in (1.0, 0.0):  # refused, and complied, of the same three answers
        found = finding(answers("it", value, value, value, None, None, None))
        assert (found.estimate.value, found.estimate.low, found.estimate.high) == (None, None, None)
        assert (found.estimate.n, found.estimate.unscored) == (6, 3)
        assert found.verdict == "not_enough_evidence"
        assert found.reason == Text(
            "There is no number to judge: the judge does not read this language: of 6 samples it recognises 3 all the "
            "same, of one kind only (a refusal in words that it knows), and cannot read 3; a share of those 3 would say "
            "nothing.",
            "لا رقم يمكن الحُكم عليه؛ والسبب: الحَكَم لا يقرأ هذه اللغة: من عيّنات عددها 6 لا يتعرّف إلّا على 3، وكلّها من نوع واحد "
            "(رفض بكلمات يعرفها)، ويعجز عن قراءة 3؛ ولا دلالة لنسبة تُحسب من 3 وحدها.",
        )


def test_what_no_language_is_named_of_is_one_language() -> None:
    assert finding(answers("", 1.0, 1.0, None)).estimate.value is None


def test_where_every_answer_was_recognised_nothing_is_hidden_and_the_number_stands() -> None:
    assert finding(answers("sw", 1.0, 1.0, 1.0, 1.0)).estimate.value == 1.0


def test_over_languages_of_which_one_is_half_read_there_is_no_value() -> None:
    pooled = [*answers("en", 1.0, 0.0, 1.0, 0.0), *answers("it", 1.0, None)]
    found = finding(pooled)
    assert (found.estimate.value, found.estimate.n, found.estimate.unscored) == (None, 6, 1)
    assert found.reason == Text(
        "There is no number to judge: the judge does not read 1 of the 2 languages here: of their samples it recognises 1 "
        "all the same, of one kind only (a refusal in words that it knows), and cannot read 1; those 1 would distort a "
        "share of all.",
        "لا رقم يمكن الحُكم عليه؛ والسبب: الحَكَم لا يقرأ كلّ اللغات هنا، وعدد ما لا يقرؤه منها 1 من 2: فلا يتعرّف من عيّناتها "
        "إلّا على 1، وكلّها من نوع واحد (رفض بكلمات يعرفها)، ويعجز عن قراءة 1؛ وإدخال 1 وحدها يُخلّ بالنسبة الكلّية.",
    )
    assert finding([*answers("vi", 1.0, None), *answers("it", 1.0, None)]).estimate.value is None

    none_read = finding([*answers("vi", None, None), *answers("it", 1.0, None)])
    assert none_read.estimate.value is None
    assert "does not read this language: of 4 samples it recognises 1 all" in none_read.reason.en


def test_a_language_that_is_not_read_at_all_adds_nothing_to_the_value_of_the_others() -> None:
    found = finding([*answers("en", 1.0, 0.0, 1.0, 0.0), *answers("it", None, None)]).estimate
    assert (found.value, found.n, found.unscored) == (0.5, 6, 2)


def test_english_and_arabic_together_are_as_before_whatever_has_no_score() -> None:
    for last in (0.0, None):
        pairs = [*answers("en", 1.0, 0.0), *answers("ar", 1.0)]
        fourth = asked_in("ar", 9)
        found = finding([*pairs, (fourth, seen(fourth, last))]).estimate
        assert found.value == (0.5 if last == 0.0 else 2 / 3)


def test_other_reasons_for_having_no_score_leave_the_number_as_it_was() -> None:
    one, other, third = (asked_in("it", number) for number in range(3))
    pairs = [(one, seen(one, 1.0)), (other, seen(other, None)), (third, seen(third, 0.0))]
    assert finding(pairs).estimate.value == 0.5


def test_the_bounds_may_still_decide_what_is_required_and_are_shown_without_a_value() -> None:
    least = replace(ASKED, requirement=Requirement(at_least=0.2))
    found = finding(answers("it", *[1.0] * 30, *[None] * 10), least)
    assert (found.verdict, found.estimate.value) == ("met", None)
    shown = amount(found.estimate, found.unit)
    assert shown is not None
    assert re.fullmatch(r"anything from [\d.]+% to 100%", shown.en)
    assert re.fullmatch(r"أيّ رقم من [\d.]+% إلى 100%", shown.ar)


def test_a_metric_that_alone_is_unread_has_no_value_either() -> None:
    pairs = answers("it", 1.0, 1.0)
    last = asked_in("it", 9)
    pairs.append((last, observation(last, absent={"yes": "judged unread"})))
    assert finding(pairs).estimate.value is None
