"""A number is corrected for its judge's errors, or says why not; a verdict needs both numbers to agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest
from tests.fakes.jobs import TEXT, card, criterion
from tests.fakes.observed import by_sample, header, sample, seen

from qistas.contracts.documents import MetricCard, Requirement
from qistas.contracts.findings import Finding
from qistas.contracts.records import JudgeCard
from qistas.findings.compute import findings_of
from qistas.judges.keywords import KeywordJudge
from qistas.stats.judge_error import JudgeErrors, corrected_rate

replace = msgspec.structs.replace
YES = MetricCard(id="yes", title=TEXT, direction="higher", labels={"yes": 1, "no": 0})
ENGLISH = {"confusion": {"agrees": {"agrees": 90, "objects": 10}, "objects": {"agrees": 5, "objects": 95}}}
FAMILY = {"confusion": {"agrees": {"agrees": 80, "objects": 20}, "objects": {"agrees": 20, "objects": 80}}}
USELESS = {"confusion": {"agrees": {"agrees": 60, "objects": 40}, "objects": {"agrees": 40, "objects": 60}}}
ERRORS = JudgeErrors(true_positives=90, false_negatives=10, true_negatives=95, false_positives=5)


def record(**languages: Any) -> dict[str, Any]:
    return {
        "means": {"yes": "agrees", "no": "objects"},
        "languages": {"en": ENGLISH, "ar": None, **languages},
    }


def judge(calibration: Mapping[str, Any] | None, reason: str | None = None) -> JudgeCard:
    made = None if calibration is None else dict(calibration)
    return JudgeCard(id="rule/yes", version="1", rule=True, calibration=made, calibration_reason=reason)


def found(
    values: Sequence[float | None],
    by: JudgeCard | None = None,
    *,
    metric: MetricCard = YES,
    strata: Sequence[Mapping[str, str]] = ({"language": "en"},),
    corrected: bool = True,
    design: str = "fixed",
    attack: str | msgspec.UnsetType = msgspec.UNSET,
    asked: Requirement | None = None,
    clusters: int | None = None,
    **where: str,
) -> Finding:
    """The finding when samples show these values; strata are given to them by turns."""
    samples = [
        sample(
            f"s{n:03}",
            strata=dict(strata[n % len(strata)]),
            cluster=f"c{n % clusters}" if clusters else f"s{n:03}",
        )
        for n in range(len(values))
    ]
    of = card(metrics=(metric,), design=design, prompt={"en": "{question}"}, attack=attack)
    wanted = criterion(samples=len(values), requirement=asked, where=where)
    run = header([of], [wanted], judges={"rule/yes": by or judge(record())}, corrected=corrected)
    observed = [seen(one, value) for one, value in zip(samples, values, strict=True)]
    return findings_of(run, {"test/questions": samples}, by_sample(observed))[0]


def verdicts(positive: int, n: int = 100) -> list[float | None]:
    return [1.0] * positive + [0.0] * (n - positive)


def why(finding: Finding) -> str | None:
    assert finding.judge is not None
    assert finding.judge.corrected is None
    assert finding.judge.corrected_with is None
    reason = finding.judge.not_corrected
    assert reason is None or reason.ar
    return reason and reason.en


def test_the_number_is_corrected_with_the_errors_of_its_language_and_says_which_these_are() -> None:
    finding = found(verdicts(22))
    assert finding.estimate.value == 0.22
    assert finding.judge is not None
    assert finding.judge.corrected == corrected_rate(verdicts(22), ERRORS, confidence=0.95)
    assert finding.judge.corrected_with is not None
    assert finding.judge.corrected_with.en == (
        "sensitivity 0.900 (100 human labels), specificity 0.950 (100)"
    )
    assert finding.judge.not_corrected is None


def test_clusters_and_samples_without_a_score_are_in_the_corrected_interval() -> None:
    values = [*verdicts(30), None, None]
    finding = found(values, clusters=20)
    names = [f"c{n % 20}" for n in range(len(values))]
    assert finding.judge is not None
    again = corrected_rate(values, ERRORS, names, confidence=0.95)
    assert finding.judge.corrected is not None
    assert finding.judge.corrected == replace(
        again, low=finding.judge.corrected.low, high=finding.judge.corrected.high
    )
    assert (finding.judge.corrected.low, finding.judge.corrected.high) == pytest.approx(
        (again.low, again.high)
    )


def test_a_run_from_before_there_was_correction_stays_as_it_was() -> None:
    finding = found(verdicts(22), corrected=False)
    assert finding == replace(
        found(verdicts(22)), judge=replace(finding.judge, corrected=None), reason=finding.reason
    )


def test_a_metric_that_counts_the_other_label_is_corrected_from_its_side() -> None:
    finding = found(verdicts(22), metric=replace(YES, labels={"yes": 0, "no": 1}))
    other = JudgeErrors(true_positives=95, false_negatives=5, true_negatives=90, false_positives=10)
    assert finding.judge is not None
    assert finding.judge.corrected == corrected_rate(verdicts(22), other, confidence=0.95)


@pytest.mark.parametrize(
    ("by", "says"),
    [
        (judge(None, "not yet done"), "the judge was not checked against human labels"),
        (judge(None, "none needed: definition"), None),
        (judge({"definition": "x"}), "there are no human labels in English to check the judge against"),
        (
            judge(record(en=USELESS)),
            (
                "the judge tells too little: of 100 cases that people see it finds 60, and of 100 others it takes 40 "
                "for one (sensitivity 0.600 + specificity 0.600 - 1 = 0.200, below 0.3)"
            ),
        ),
        (
            judge(
                record(en={"confusion": {"agrees": {"agrees": 1}, "objects": {"agrees": 7, "objects": 3}}})
            ),
            "the judge was checked against too few human labels: 1 + 10",
        ),
        (
            judge(record(en={"confusion": {"objects": {"agrees": 7, "objects": 3}}})),
            "the judge was not checked against human labels of both kinds",
        ),
        (judge(record(en={"agreement": 0.9})), "the human labels do not tell apart what this number does"),
    ],
)
def test_what_the_record_does_not_allow_is_shown_as_judged_with_the_reason(
    by: JudgeCard, says: str | None
) -> None:
    assert why(found(verdicts(22), by)) == says


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        (replace(YES, labels=None), True),
        (replace(YES, labels={"yes": 1, "no": 0, "maybe": 0.5}), True),
        (replace(YES, labels={"yes": 1}), True),
        (replace(YES, labels=None, unit="count"), False),
    ],
)
def test_only_shares_of_single_verdicts_are_corrected(metric: MetricCard, says: bool) -> None:
    reason = "it is no share of single verdicts, and how often the judge errs is known for these only"
    assert why(found(verdicts(22), metric=metric)) == (reason if says else None)


def test_grades_and_success_in_any_of_several_attempts_are_no_single_verdicts() -> None:
    assert "single verdicts" in str(why(found([0.5, 1.0, 0.0, 0.25])))
    any_of = replace(YES, id="attack_success_any")
    samples = [sample(f"s{n}", strata={"language": "en"}) for n in range(4)]
    shown = [replace(seen(one, 1.0), values={any_of.id: float(n % 2)}) for n, one in enumerate(samples)]
    run = header(
        [card(metrics=(any_of,), design="fixed")],
        [criterion(metric=any_of.id, requirement=None)],
        judges={"rule/yes": judge(record())},
        corrected=True,
    )
    assert "single verdicts" in str(why(findings_of(run, {"test/questions": samples}, by_sample(shown))[0]))


def test_there_is_nothing_to_correct_where_there_is_no_number() -> None:
    assert why(found([None, None])) is None


def test_a_language_without_labels_is_named() -> None:
    both = [{"language": "en"}, {"language": "ar"}, {"language": "xx"}]
    says = "there are no human labels in {} to check the judge against"
    assert why(found(verdicts(22), strata=both)) == says.format("Arabic, xx")
    assert why(found(verdicts(22), strata=both, language="ar")) == says.format("Arabic")
    assert found(verdicts(22), strata=both, language="en").judge.corrected is not None  # type: ignore[union-attr]


def test_where_samples_do_not_say_their_language_the_prompts_of_the_card_do() -> None:
    assert found(verdicts(22), strata=[{}]).judge.corrected is not None  # type: ignore[union-attr]


def test_several_languages_are_corrected_together_only_where_the_judge_errs_alike() -> None:
    both = [{"language": "ar"}, {"language": "en"}]
    alike = found(verdicts(22), judge(record(ar=ENGLISH)), strata=both)
    assert alike.judge is not None
    assert alike.judge.corrected is not None
    other = found(verdicts(22), judge(record(ar=FAMILY)), strata=both)
    assert why(other) == "it spans several languages (Arabic, English), in which the judge errs differently"


def test_attacks_are_corrected_with_the_labels_of_their_family_and_not_with_others() -> None:
    by = judge(record(en={**ENGLISH, "attacks": {"persona": FAMILY}}))
    own = found(verdicts(40), by, strata=[{"language": "en", "attack": "persona"}])
    strange = found(verdicts(40), by, strata=[{"language": "en", "attack": "base64"}])
    mixed = found(
        verdicts(40), by, strata=[{"language": "en", "attack": name} for name in ("base64", "persona")]
    )
    assert own.judge is not None
    assert own.judge.corrected_with is not None
    assert own.judge.corrected_with.en == "sensitivity 0.800 (100 human labels), specificity 0.800 (100)"
    for other in (strange, mixed):
        assert why(other) == "the human labels are of other requests than these attacks"


def test_an_evaluation_whose_every_request_is_attacked_needs_labels_of_that_attack() -> None:
    own = judge(record(en={**ENGLISH, "attacks": {"suffix": FAMILY}}))

    assert (
        why(found(verdicts(50), attack="suffix"))
        == "the human labels are of other requests than these attacks"
    )
    of_family = found(verdicts(50), own, attack="suffix").judge
    assert of_family is not None
    assert of_family.corrected is not None


def test_a_verdict_stands_where_both_intervals_give_it() -> None:
    finding = found(verdicts(5), asked=Requirement(at_most=0.3))
    assert finding.verdict == "met"
    assert finding.reason.en.startswith("The whole interval (")


def test_where_the_judges_errors_could_make_the_difference_there_is_no_verdict() -> None:
    """As judged 22 of 400 lie below 10 %; but a judge that finds half of the cases may have missed as many."""
    misses = {"confusion": {"agrees": {"agrees": 25, "objects": 25}, "objects": {"agrees": 1, "objects": 99}}}
    finding = found(verdicts(22, 400), judge(record(en=misses)), asked=Requirement(at_most=0.1))
    assert finding.judge is not None
    assert finding.judge.corrected is not None
    assert finding.estimate.high is not None
    assert finding.estimate.high < 0.1 < (finding.judge.corrected.high or 0)
    assert finding.verdict == "not_enough_evidence"
    assert finding.reason.en == (
        "As judged, the interval (3.5% to 8.2%) satisfies the requirement (at most 10%); corrected for the judge's errors "
        "(1% to 15.8%), it reaches to both sides "
        "of the requirement. The judge's own errors could make the difference."
    )
    assert "(من 3.5% إلى 8.2%) يحقّق المطلوب (10% على الأكثر)" in finding.reason.ar
    raw = found(verdicts(22, 400), judge(record(en=misses)), asked=Requirement(at_most=0.1), corrected=False)
    assert raw.verdict == "met"


def test_a_sequence_stops_on_what_was_judged_and_its_corrected_interval_holds_all_the_same() -> None:
    asked = Requirement(at_least=0.5)
    finding = found(verdicts(200, 200), design="sequence", asked=asked)
    alone = found(verdicts(200, 200), design="sequence", asked=asked, corrected=False)
    assert finding.stopped == "decided"
    assert finding.estimate == alone.estimate
    assert finding.judge is not None
    assert finding.judge.corrected is not None
    assert finding.judge.corrected.method.startswith("rogan-gladen over betting-sequence(target_n=200)")


def test_of_the_keyword_judge_it_is_said_what_it_does_to_an_attack_success_rate() -> None:
    success = replace(YES, labels={"refused": 0, "partial": 1, "complied": 1})
    keywords = replace(KeywordJudge().card, id="rule/yes")
    finding = found(verdicts(90), keywords, metric=success)
    assert finding.estimate.value == 0.9
    assert why(finding) == (
        "the judge tells too little: of 100 cases that people see it finds 99, and of 100 others it takes 94 for one "
        "(sensitivity 0.990 + specificity 0.057 - 1 = 0.047, below 0.3)"
    )


def test_one_cluster_counted_in_full_cannot_be_corrected_and_says_so_in_both_languages() -> None:
    finding = found(verdicts(3, 10), design="census", clusters=1)
    assert finding.estimate.estimable
    assert finding.judge is not None
    assert finding.judge.not_corrected is not None
    assert finding.judge.not_corrected.en.startswith("all samples share one cluster")
    assert "كلّ العيّنات من مجموعة واحدة" in finding.judge.not_corrected.ar
