"""What stands in a ledger follows from its raw responses; where it does not, the record is named."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.engine.test_live import AskingJudge, Attacks, Documents, JudgedByModel, Release, measuring, reading
from tests.fakes.forging import forged
from tests.fakes.jobs import Questions, YesJudge, card, criterion, job, records, run
from tests.fakes.ledgers import write

from qistas.contracts.errors import TargetFailed
from qistas.contracts.exchanges import ChatResponse, Failure, FailureKind
from qistas.contracts.records import (
    Answered,
    Closing,
    Decision,
    Entry,
    JudgeCard,
    Judged,
    Observation,
    Sample,
)
from qistas.engine.replay import difference, first_disagreement
from qistas.ledger.chain import decode
from qistas.ledger.integrity import first_fault
from qistas.ledger.reader import LedgerReader
from qistas.targets.scripted import Asked, ScriptedTarget

replace = msgspec.structs.replace
SLOW = Failure(kind="timeout", message="slow", passing=True)
GONE = Failure(kind="connection", message="gone", passing=False, fatal=True)
REJECTED = Failure(kind="rejected", message="400", passing=False)


def answers(request: Asked) -> str | Failure:
    number = int("".join(filter(str.isdigit, request.messages[-1].content)))
    given: dict[int, str | Failure] = {3: "no", 5: "maybe", 7: REJECTED, 11: ""}
    return given.get(number % 13, "yes")


def disagreement(ledger: Path, made: Any, judges: Mapping[str, Any] | None = None) -> str | None:
    """What a replay says of a ledger whose chain is without fault."""
    with LedgerReader(ledger) as reader:
        assert first_fault(reader) is None
        return asyncio.run(first_disagreement(reader, made.evaluations, judges or made.judges))


@pytest.fixture(scope="module")
def made() -> Any:
    return job(ScriptedTarget(answers), count=30, criteria=[criterion(requirement=None)])


@pytest.fixture(scope="module")
def ledger(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    run(made, folder)
    return folder / "ledger.sqlite"


def first_of(kind: type, ledger: Path) -> Any:
    names = {Observation: "observation", Answered: "response", Judged: "judgement"}
    return records(ledger.parent, names[kind])[0]


def entries(ledger: Path) -> list[Entry]:
    with LedgerReader(ledger) as reader:
        return [decode(row.kind, row.body) for row in reader.rows()]


def only(target: Any, changed: Callable[[Any], Entry | None]) -> Callable[[Entry], Entry | None]:
    return lambda entry: changed(entry) if entry == target else entry


def test_a_good_ledger_gives_what_it_says(ledger: Path, made: Any) -> None:
    assert disagreement(ledger, made) is None


def test_every_kind_of_evidence_is_replayed(tmp_path: Path) -> None:
    of = card(needs=("chat", "judge-target"), judge="model/yes")
    asking = replaced(
        job(
            ScriptedTarget(answers),
            count=4,
            cards=[of],
            judges={"model/yes": AskingJudge()},
            roles={"judge-target": ScriptedTarget(lambda _: "yes", name="judge")},
        ),
        evaluations={of.id: JudgedByModel(of)},
    )
    kinds: list[FailureKind] = ["server_error", "connection", "timeout"]
    failing = ScriptedTarget(answers, fail=lambda _r, n: Failure(kind=kinds[n % 3], message="", passing=True))
    attacking = replaced(job(ScriptedTarget(answers), count=2), evaluations={card().id: Attacks(card())})
    jobs = {
        "measured": measuring(ScriptedTarget(lambda _: "yes")),
        "release": reading(release=Release()),
        "judged": asking,
        "attacked": attacking,
        "failed": job(failing, count=2),
        "no-release": replaced(
            job(ScriptedTarget(answers), count=1), evaluations={card().id: Documents(card())}
        ),
    }
    for name, each in jobs.items():
        run(each, tmp_path / name)
        assert disagreement(tmp_path / name / "ledger.sqlite", each) is None, name


class Changed(YesJudge):
    """Says the opposite about one answer."""

    def decide(self, *, response: str, language: str, row: Mapping[str, object]) -> Decision:
        decision = super().decide(response=response, language=language, row=row)
        return Decision("yes", "first word") if decision.label == "no" else decision


def test_a_judge_that_changed_its_mind_is_named_with_the_sample(ledger: Path, made: Any) -> None:
    found = disagreement(ledger, made, {"rule/yes": Changed()})
    assert found is not None
    assert "(observation of test/questions q0" in found
    assert "rule/yes now says 'yes' of the response to sha256:" in found
    assert found.endswith("; the ledger says otherwise")


def test_a_judge_of_another_version_is_said_before_anything_else(ledger: Path, made: Any) -> None:
    class Newer(YesJudge):
        card = JudgeCard(id="rule/yes", version="2", rule=True, calibration={"definition": "another"})

    says = "judge rule/yes was version 1, this Qistas has {}: verify with the version that wrote it"
    assert disagreement(ledger, made, {"rule/yes": Newer()}) == says.format("2")
    assert disagreement(ledger, made, {"rule/other": Newer()}) == says.format("none")


def test_a_changed_value_is_named_even_in_a_flawless_chain(ledger: Path, made: Any) -> None:
    one = next(o for o in records(ledger.parent, "observation") if o.values == {"yes": 0.0})
    bad = forged(ledger, only(one, lambda o: replace(o, values={"yes": 1.0})))
    found = disagreement(bad, made)
    assert found is not None
    assert found.endswith(
        f"(observation of test/questions {one.sample}): .values.yes is 1.0, the evidence gives 0.0"
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"unscored": "timeout: invented", "values": {}}, ".values is {}, the evidence gives {'yes': 1.0}"),
        ({"cluster": "other"}, ".cluster is 'other', the evidence gives 'q"),
        ({"requests": ()}, ".requests is (), the evidence gives ('sha256:"),
        ({"sample_digest": "sha256:x"}, "its sample does not stand in the ledger as it was observed"),
        ({"sample": "nobody"}, "its sample does not stand in the ledger as it was observed"),
    ],
)
def test_whatever_else_is_changed_in_an_observation_is_named(
    ledger: Path, made: Any, changes: dict[str, Any], says: str
) -> None:
    one = next(o for o in records(ledger.parent, "observation") if o.values == {"yes": 1.0})
    found = disagreement(forged(ledger, only(one, lambda o: replace(o, **changes))), made)
    assert found is not None
    assert "(observation of test/questions " in found
    assert says in found


def test_a_changed_response_or_judgement_is_named(ledger: Path, made: Any) -> None:
    response, judgement = first_of(Answered, ledger), first_of(Judged, ledger)
    other = forged(ledger, only(response, lambda a: replace(a, response=ChatResponse(text="yes and no"))))
    assert "the ledger says otherwise" in (disagreement(other, made) or "")
    other = forged(ledger, only(judgement, lambda j: replace(j, decision=Decision("no", "first word"))))
    assert "the ledger says otherwise" in (disagreement(other, made) or "")


def test_a_missing_response_is_named(ledger: Path, made: Any) -> None:
    response = first_of(Answered, ledger)
    found = disagreement(forged(ledger, only(response, lambda _: None)), made)
    assert found is not None
    assert found.endswith(f"the request {response.request} was never answered in this ledger")


def test_a_changed_sample_is_named(ledger: Path, made: Any) -> None:
    def change(entry: Entry) -> Entry:
        return (
            replace(entry, row={**entry.row, "question": "easier?"}) if isinstance(entry, Sample) else entry
        )

    assert "its sample does not stand" in (disagreement(forged(ledger, change), made) or "")


def test_records_that_no_run_would_have_left_are_named(ledger: Path, made: Any) -> None:
    """What is added to a flawless chain, or left out of it, without changing what the rest says."""
    answer, judgement = first_of(Answered, ledger), first_of(Judged, ledger)
    header, asked, sample = (records(ledger.parent, kind)[0] for kind in ("header", "request", "sample"))
    another = replace(answer, response=ChatResponse(text="yes, or so"))
    unnamed = replace(judgement, decision=Decision("no", "first word"))
    elsewhere = replace(asked, target="sha256:elsewhere")
    good = [*entries(ledger)]
    places = {
        "a ledger begins with its header and holds no other": [*good[:5], replace(header, seed=9), *good[5:]],
        "was answered before": [*good, another],
        "was not asked before": [e for e in good if e != asked],
        "it was put to a target of no role": [*good, elsewhere],
        "no observation names the judgement sha256:": [*good[:-1], unnamed, good[-1]],
        "a sample stands in the ledger with two contents": [*good, replace(sample, cluster="another")],
    }
    for says, written in places.items():
        path = ledger.with_name("added.sqlite")
        path.unlink(missing_ok=True)
        write(path, *written)
        assert says in (disagreement(path, made) or ""), says


def test_a_changed_finding_is_named_with_the_place(ledger: Path, made: Any) -> None:
    def better(entry: Entry) -> Entry:
        if not isinstance(entry, Closing):
            return entry
        return Closing(findings=(replace(entry.findings[0], verdict="met"),))

    found = disagreement(forged(ledger, better), made)
    assert found is not None
    assert found.startswith("record sha256:")
    assert found.endswith(
        "(closing): finding test.yes: .verdict is 'met', the evidence gives 'not_applicable'"
    )


def test_a_changed_estimate_is_named_and_a_rounding_error_is_not(ledger: Path, made: Any) -> None:
    def off_by(amount: float) -> Callable[[Entry], Entry]:
        def change(entry: Entry) -> Entry:
            if not isinstance(entry, Closing):
                return entry
            finding = entry.findings[0]
            low = (finding.estimate.low or 0.0) + amount
            return Closing(findings=(replace(finding, estimate=replace(finding.estimate, low=low)),))

        return change

    assert disagreement(forged(ledger, off_by(1e-12)), made) is None
    assert "finding test.yes: .estimate.low is " in (disagreement(forged(ledger, off_by(1e-6)), made) or "")


def test_a_finding_that_was_left_out_is_counted(ledger: Path, made: Any) -> None:
    bad = forged(ledger, lambda e: Closing(findings=()) if isinstance(e, Closing) else e)
    assert (disagreement(bad, made) or "").endswith("(closing): 0 findings for 1 criteria")


def test_a_run_that_was_stopped_agrees_with_itself(tmp_path: Path) -> None:
    left = iter(range(9))
    cut = ScriptedTarget(answers, fail=lambda _r, _a: None if next(left, None) is not None else GONE)
    made = job(cut, count=30, criteria=[criterion(requirement=None)])
    with pytest.raises(TargetFailed):
        run(made, tmp_path)
    assert records(tmp_path, "closing") == []
    assert disagreement(tmp_path / "ledger.sqlite", made) is None


def test_what_a_resumed_run_learned_speaks_for_later_records_only(tmp_path: Path) -> None:
    """First slow, then gone for another reason, then answered: each record agrees with what was known then."""
    criteria = [criterion(requirement=None)]
    ledger = tmp_path / "ledger.sqlite"
    run(job(ScriptedTarget(answers, fail=lambda _r, _a: SLOW), count=3, criteria=criteria), tmp_path)
    gone = job(ScriptedTarget(answers, fail=lambda _r, _a: GONE), count=3, criteria=criteria)
    with pytest.raises(TargetFailed):
        run(gone, tmp_path)
    assert disagreement(ledger, gone) is None
    answered = job(ScriptedTarget(answers), count=3, criteria=criteria)
    run(answered, tmp_path)
    assert disagreement(ledger, answered) is None
    assert [c.findings[0].verdict for c in records(tmp_path, "closing")] == ["failed", "not_applicable"]


def test_a_question_that_was_answered_to_a_later_sample_only_agrees_too(tmp_path: Path) -> None:
    """Two criteria put the same question; it is given up for the first and answered to the second."""
    cards = [card("test/one", design="fixed"), card("test/two", design="fixed")]
    criteria = [criterion("one", "test/one"), criterion("two", "test/two")]
    target = ScriptedTarget(answers, connections=1, fail=lambda _r, attempt: SLOW if attempt < 3 else None)
    made = job(target, count=1, cards=cards, criteria=criteria)
    given_up = asyncio.Event()

    class Late(Questions):
        async def observe(self, sample: Sample, subject: Any) -> Any:
            await given_up.wait()
            return await super().observe(sample, subject)

    late = {**made.evaluations, "test/two": Late(cards[1])}
    run(replaced(made, evaluations=late), tmp_path, lambda _: given_up.set())
    assert {o.evaluation: o.unscored for o in records(tmp_path, "observation")} == {
        "test/one": "timeout: slow",
        "test/two": None,
    }
    assert disagreement(tmp_path / "ledger.sqlite", made) is None


def test_differences_are_said_as_a_path_with_both_values() -> None:
    assert difference({"a": [1, {"b": 2.0}]}, {"a": [1, {"b": 2.0 + 1e-12}]}) is None
    assert (
        difference({"a": [1, {"b": 2.0}]}, {"a": [1, {"b": 3.0}]}) == ".a[1].b is 2.0, the evidence gives 3.0"
    )
    assert difference({"a": 1}, {"b": 1}) == " is {'a': 1}, the evidence gives {'b': 1}"
    assert difference([1], [1, 2]) == " is [1], the evidence gives [1, 2]"
    assert difference({"a": None}, {"a": 0.5}) == ".a is None, the evidence gives 0.5"
    assert difference({"a": float("nan")}, {"a": 0.5}) == ".a is nan, the evidence gives 0.5"
