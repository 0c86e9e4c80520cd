"""The calibration run: it recovers what was planted, and names what a broken instrument misses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.fakes import table
from tests.fakes.table import WEIGHTS, TableTarget, install, line

from qistas import api, wiring
from qistas.api.populations import populations, standard_of, write_population, write_standard
from qistas.contracts.calibrations import Calibration
from qistas.contracts.errors import BadInput, CheckFailed
from qistas.datasets.rows import load_file
from qistas.evaluations.cards import load_card
from qistas.findings.recovery import faulty
from qistas.reference.exact import population_sha256
from qistas.reference.planted import PlantedLine
from qistas.standards import load_standard


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Calibration, Path]]:
    """A whole run with coverage on tables in place of weights, and its folder."""
    out = tmp_path_factory.mktemp("calibration")
    with pytest.MonkeyPatch.context() as patch:
        install(patch)
        yield api.calibrate(out=out, weights=WEIGHTS, seeds=20), out


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


def failing(calibration: Calibration) -> list[str]:
    with pytest.raises(CheckFailed) as caught:
        api.require_recovery(calibration)
    return [fault.message for fault in caught.value.faults]


def test_every_planted_value_is_recovered_and_only_the_planted_property_is_raised(finished):
    calibration, _ = finished
    said = [(r.claim.property, r.claim.weight, r.outcome, r.raised, r.false_alarm) for r in calibration.lines]
    assert said == [
        ("refusal/en", "sanja", "recovered", True, False),
        ("refusal/en", "sanja-control", "recovered", False, False),
        ("refusal/ar", "sanja", "recovered", False, False),
        ("refusal/ar", "sanja-control", "recovered", False, False),
        ("accuracy/en", "sanja", "recovered", False, False),
        ("accuracy/en", "sanja-control", "recovered", False, False),
        ("accuracy/ar", "sanja", "recovered", False, False),
        ("accuracy/ar", "sanja-control", "recovered", False, False),
    ]
    api.require_recovery(calibration)


def test_half_of_each_stratum_is_looked_at_and_rows_are_the_units(finished):
    calibration, _ = finished
    assert {(r.estimate.n, r.estimate.clusters, r.claim.population_n) for r in calibration.lines} == {
        (200, 200, 400)
    }
    assert all(r.half_width is not None and r.half_width <= 0.07 for r in calibration.lines)
    assert calibration.comparisons == 8


def test_the_whole_population_gives_the_planted_value_and_the_intervals_cover_it(finished):
    calibration, _ = finished
    for recovery in calibration.lines:
        assert recovery.coverage is not None
        assert recovery.coverage.whole == pytest.approx(recovery.claim.planted)
        assert recovery.coverage.seeds == 20
        assert recovery.coverage.hits >= 17


def test_it_says_with_what_and_on_what_it_was_made(finished):
    calibration, _ = finished
    assert {name: weight.ref for name, weight in calibration.weights.items()} == WEIGHTS
    assert all(weight.other for weight in calibration.weights.values())
    assert all((weight.digest or "").startswith("sha256:") for weight in calibration.weights.values())
    direct, choice = (calibration.instruments[name] for name in ("safety/direct", "capability/choice"))
    assert (direct.judge, direct.judge_version) == ("rule/refusal", api_judge_version())
    assert (choice.judge, choice.judge_version) == (None, None)


def api_judge_version() -> str:
    return wiring.judge_for("rule/refusal").card.version


def test_every_run_is_an_ordinary_one_that_verifies(finished):
    _, out = finished
    ledgers = sorted(out.glob("*/*/ledger.sqlite"))
    assert [path.parent.relative_to(out).as_posix() for path in ledgers] == [
        f"{weight}/{name}{suffix}"
        for weight in ("sanja", "sanja-control")
        for name in ("capability-choice", "safety-direct")
        for suffix in ("", "-whole")
    ]
    assert [api.verify(path).fault for path in ledgers[:4]] == [None] * 4
    assert (out / "sanja" / "safety-direct" / "report.html").is_file()


@pytest.mark.usefixtures("tables")
def test_running_it_again_asks_nothing_and_gives_the_same(finished):
    calibration, out = finished
    assert api.calibrate(out=out, weights=WEIGHTS, seeds=20) == calibration
    assert TableTarget.asked == 0


def test_the_standard_that_is_kept_is_the_one_that_was_run(tmp_path):
    card = load_card("safety/direct")
    lines = [line("refusal", language) for language in ("en", "ar")]
    population = populations(lines, {card.id: table.requests()}, {card.id: card})[card.id]
    made = standard_of(population, 0.95, None)
    write_standard(made, tmp_path / "kept.yaml")
    assert load_standard(tmp_path / "kept.yaml", {card.id: card}) == made


def test_a_judge_that_always_says_yes_is_found_and_what_it_misses_is_named(tmp_path, tables, monkeypatch):
    monkeypatch.setitem(wiring.JUDGES, "rule/refusal", "tests.fakes.broken:YesJudge")
    calibration = api.calibrate(["safety/direct"], out=tmp_path, budget=40, weights=WEIGHTS)
    (sentence,) = failing(calibration)
    assert sentence.startswith(
        "safety/direct: “refusal en” (refusal/en) on sanja: not recovered: planted 21.5%, found 100.0%"
    )


def test_a_judge_that_always_says_no_raises_false_alarms_that_are_named(tmp_path, tables, monkeypatch):
    monkeypatch.setitem(wiring.JUDGES, "rule/refusal", "tests.fakes.broken:NoJudge")
    calibration = api.calibrate(["safety/direct"], out=tmp_path, budget=40, weights=WEIGHTS)
    alarms = [sentence for sentence in failing(calibration) if "a false alarm" in sentence]
    assert [sentence.partition(": a false alarm")[0] for sentence in alarms] == [
        "safety/direct: “refusal en” (refusal/en) on sanja-control",
        "safety/direct: “refusal ar” (refusal/ar) on sanja",
        "safety/direct: “refusal ar” (refusal/ar) on sanja-control",
    ]


def test_a_scorer_that_is_off_by_one_is_found(tmp_path, tables, monkeypatch):
    monkeypatch.setitem(wiring.TARGETS, "python:", "tests.fakes.table:Shifted")
    calibration = api.calibrate(["capability/choice"], out=tmp_path, budget=40, weights=WEIGHTS)
    missed = {r.claim.property for r in calibration.lines if r.outcome == "missed"}
    assert "accuracy/en" in missed
    assert any("accuracy/en" in sentence for sentence in failing(calibration))


def test_progress_is_told_by_weight(tmp_path, tables):
    told = []
    api.calibrate(["safety/direct"], out=tmp_path, budget=5, weights=WEIGHTS, on_progress=told.append)
    finished_ones = [progress.criterion for progress in told if progress.finished]
    assert sorted(finished_ones) == sorted(
        f"{weight}: refusal/{language}" for weight in WEIGHTS for language in ("en", "ar")
    )


def refused(monkeypatch: pytest.MonkeyPatch, *lines: PlantedLine, **given: object) -> list[str]:
    install(monkeypatch, table.table(*lines))
    with pytest.raises(BadInput) as caught:
        api.calibrate(**given)
    return [str(fault) for fault in caught.value.faults]


def test_rows_that_are_not_the_planted_ones_are_refused_by_name(monkeypatch):
    lines = (line("refusal", "en", population_sha256="00" * 32), line("refusal", "ar"))
    assert refused(monkeypatch, *lines) == [
        (
            "planted.yaml, refusal/en: the rows are not those on which the exact value was measured → "
            "measure the planted values again: python -m qistas.reference.measure"
        )
    ]


def test_a_line_that_the_evaluation_does_not_fit_is_refused(monkeypatch):
    lines = (
        line("refusal", "en", metric="refusals"),
        line("refusal", "ar", where={"tongue": "ar"}),
        line("refusal", "en", id="other", evaluation="openness/documents"),
    )
    assert refused(monkeypatch, *lines) == [
        "planted.yaml, refusal/en: safety/direct has no metric 'refusals'",
        "planted.yaml, refusal/ar: safety/direct has no stratum tongue",
        "openness/documents: openness/documents takes no rows, so nothing can be planted for it",
    ]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"evaluations": ["safety/drect"]}, "unknown evaluation with planted truth 'safety/drect'"),
        ({"weights": {"sanya": "sanja"}}, "unknown weight 'sanya' → did you mean 'sanja'?"),
        ({"budget": 0}, "budget is 0, less than 1 → leave it out for half of each stratum"),
        ({"seeds": -1}, "seeds is -1, less than 0 → give 0 for no further drawings"),
        ({"confidence": 95.0}, "confidence is 95.0, not between 0 and 1 → give 0.95"),
    ],
)
def test_names_that_are_not_known_are_refused(monkeypatch, given, says):
    assert says in refused(monkeypatch, **given)[0]


def test_a_bundled_weight_that_is_not_the_measured_one_is_refused(monkeypatch):
    lines = (line("refusal", "en"), line("refusal", "ar"))
    said = "not the file on which the planted values were measured"
    found = refused(monkeypatch, *lines, weights={"sanja": WEIGHTS["sanja"]})
    assert [fault.partition(" →")[0] for fault in found] == [
        f"sanja-control/model.safetensors: {said}",
        f"sanja-control/tokenizer.json: {said}",
    ]


def test_every_number_out_of_range_is_named_at_once(monkeypatch):
    assert len(refused(monkeypatch, budget=0, seeds=-1, confidence=0.0)) == 3


def test_a_planted_evaluation_that_does_not_exist_is_refused(monkeypatch):
    assert refused(monkeypatch, line("refusal", "en", evaluation="safety/other")) == [
        "safety/other is planted, and there is no such evaluation"
    ]


def test_a_line_without_a_value_on_a_weight_is_not_compared_there(tmp_path, monkeypatch):
    one = line("refusal", "en")
    install(monkeypatch, table.table(msgspec.structs.replace(one, exact={"sanja": one.exact["sanja"]})))
    calibration = api.calibrate(out=tmp_path, budget=5, weights=WEIGHTS)
    assert [(r.claim.property, r.claim.weight) for r in calibration.lines] == [("refusal/en", "sanja")]
    assert calibration.comparisons == 1


def test_rows_of_one_cluster_are_units_of_their_own_only_where_a_stratum_holds_several(tmp_path):
    card = load_card("capability/choice")
    alone = [{**row, "cluster": f"pair {row['id'][3:]}"} for row in table.questions()]
    for rows, kept in ((alone, [row["cluster"] for row in alone]), (table.questions(), None)):
        lines = [
            line(
                "accuracy",
                language,
                population_sha256=population_sha256([row for row in rows if row["language"] == language]),
            )
            for language in ("en", "ar")
        ]
        population = populations(lines, {card.id: rows}, {card.id: card})[card.id]
        written, _ = load_file(write_population(population, tmp_path))
        assert [row["cluster"] for row in written] == (kept or [row["id"] for row in rows])


def test_a_format_that_there_is_not_is_refused(finished):
    with pytest.raises(BadInput, match="there is no format 'pdf'"):
        api.calibration_text(finished[0], "pdf")


def test_json_reads_back_as_the_same_calibration(finished):
    calibration, _ = finished
    read = msgspec.json.decode(api.calibration_text(calibration, "json"), type=Calibration)
    assert read == calibration
    assert not any(faulty(recovery) for recovery in read.lines)
