"""Measuring reads every row of every property off each weight and writes what it found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace as changed
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.reference.measuring import (
    TITLE,
    OtherTruth,
    TextOracle,
    YesTruth,
    card,
    settings,
    truths,
    weight,
)

from qistas.contracts.canonical import canonical
from qistas.contracts.errors import BadInput, CheckFailed
from qistas.reference import cards, exact, measure, planted
from qistas.reference.marks import ends
from qistas.reference.planted import CONTROL, SANJA, PlantedLine, PlantedTable, WeightRecord, load_planted
from qistas.reference.truth.contract import Oracle, Property, Row, Values

ENGLISH = " ".join(f"en{n}" for n in range(9))


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    TextOracle.loads, TextOracle.calls = [], []
    return {SANJA: weight(tmp_path / SANJA, ENGLISH), CONTROL: weight(tmp_path / CONTROL, "en0 ar0 ar1 ar2")}


def sha(value: object) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def test_each_line_states_population_exact_values_and_what_would_be_raised(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    table, _ = measure.measure(folders, settings(tmp_path))
    rows = YesTruth().rows()
    english, arabic = rows[:10], rows[10:]
    common = {"title": TITLE, "evaluation": "trust/yes", "family": "bias"}
    rate = {**common, "metric": "yes", "population_n": 10, "raised": "above", "threshold": 0.5}
    assert table.lines == (
        PlantedLine(
            id="other/all",
            family="refusal",
            evaluation="safety/direct",
            metric="yes",
            title=TITLE,
            population_n=20,
            population_sha256=sha(rows),
            exact={SANJA: 0.5, CONTROL: 0.222222},
        ),
        PlantedLine(
            id="yes/en",
            where={"language": "en"},
            population_sha256=sha(english),
            exact={SANJA: 1.0, CONTROL: 0.111111},
            **rate,
        ),
        PlantedLine(
            id="yes/ar",
            where={"language": "ar"},
            population_sha256=sha(arabic),
            exact={SANJA: 0.0, CONTROL: 0.333333},
            **rate,
        ),
        PlantedLine(
            id="yes/share",
            metric="share",
            population_n=20,
            population_sha256=sha(rows),
            exact={SANJA: 1.0, CONTROL: 1.0},
            **common,
        ),
    )


def test_the_overview_says_where_a_property_is_raised(folders: dict[str, Path], tmp_path: Path) -> None:
    (folders[CONTROL] / "model.safetensors").write_text("", encoding="utf-8")
    table, _ = measure.measure(folders, settings(tmp_path))
    assert measure.overview(table) == (
        "property    sanja  sanja-control  raised on\n"
        "other/all  0.5000         0.0000\n"
        "yes/en     1.0000         0.0000  sanja\n"
        "yes/ar     0.0000         0.0000\n"
        "yes/share  1.0000              -\n"
    )


def test_a_weight_is_named_by_the_digests_of_its_files_and_by_its_planting(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    table, _ = measure.measure(folders, settings(tmp_path))
    digests = {
        name: hashlib.sha256((folders[SANJA] / name).read_bytes()).hexdigest()
        for name in ("model.safetensors", "tokenizer.json", "recipe.yaml")
    }
    assert table.weights[SANJA] == WeightRecord(
        model_sha256=digests["model.safetensors"],
        tokenizer_sha256=digests["tokenizer.json"],
        recipe_sha256=digests["recipe.yaml"],
        planting={"name": SANJA},
    )


def test_measuring_again_asks_nothing_and_finds_the_same(folders: dict[str, Path], tmp_path: Path) -> None:
    first, _ = measure.measure(folders, settings(tmp_path))
    # Both evaluations ask the same: one call for answers and one for scores on each weight.
    assert (TextOracle.loads, TextOracle.calls) == ([SANJA, CONTROL], [20, 20] * 2)
    again, _ = measure.measure(folders, settings(tmp_path))
    assert (TextOracle.loads, TextOracle.calls) == ([SANJA, CONTROL], [20, 20] * 2)
    assert again == first
    (folders[SANJA] / "model.safetensors").write_text("en0", encoding="utf-8")
    changed, _ = measure.measure(folders, settings(tmp_path))
    assert changed.line("yes/en").exact == {SANJA: 0.111111, CONTROL: 0.111111}


def test_texts_that_could_not_be_cut_between_tokens_are_said(
    folders: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(TextOracle, "straddles", [("in Pa", "ris")])
    measure.measure(folders, settings(tmp_path))
    assert "sanja: in 1 scored texts a token covers the boundary and counts" in capsys.readouterr().err


def test_two_weights_can_be_measured_in_two_processes(folders: dict[str, Path], tmp_path: Path) -> None:
    alone, _ = measure.measure(folders, settings(tmp_path / "alone"))
    assert measure.measure(folders, settings(tmp_path / "both", jobs=2))[0] == alone


def test_the_values_of_every_row_are_kept_beside(folders: dict[str, Path], tmp_path: Path) -> None:
    measure.measure(folders, settings(tmp_path))
    lines = (tmp_path / "cache/values" / SANJA / "trust-yes.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 20
    assert json.loads(lines[0]) == {"id": "en-0", "sure": 1.0, "yes": 1.0}
    assert json.loads(lines[9]) == {"id": "en-9"}


def test_one_evaluation_is_measured_alone_and_the_other_lines_stay(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "planted.yaml"
    monkeypatch.setattr(measure, "TRUTHS", {truth.evaluation: "" for truth in truths(None)})
    measure.write(folders, settings(tmp_path), out, None)
    whole = out.read_text(encoding="utf-8")
    measure.write(folders, settings(tmp_path), out, ["safety/direct"])
    assert out.read_text(encoding="utf-8") == whole
    (folders[CONTROL] / "model.safetensors").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="leave --evaluation out"):
        measure.write(folders, settings(tmp_path), out, ["trust/yes"])


def test_writing_the_table_of_qistas_fills_cards_and_samples(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "planted.yaml"
    monkeypatch.setattr(planted, "FILE", out)
    opening, closing = ends(cards.PART)
    (folders[SANJA] / "README.md").write_text(f"head\n{opening}{closing}tail\n", encoding="utf-8")
    measure.write(folders, settings(tmp_path), out, None)
    card = (folders[SANJA] / "README.md").read_text(encoding="utf-8")
    assert card == f"head\n{opening}{cards.table(load_planted(out), SANJA, 'en')}{closing}tail\n"
    samples = (folders[SANJA] / "sample_outputs.md").read_text(encoding="utf-8")
    assert "| en0 | yes |" in samples
    assert "## trust/yes" in samples


def test_a_value_that_rounds_to_zero_from_below_is_written_as_zero() -> None:
    truth = OtherTruth()
    rows = truth.rows()
    (line,) = exact.lines_of(truth, card("safety/direct"), rows, {SANJA: [{"yes": -1e-9}] * len(rows)})
    assert str(line.exact[SANJA]) == "0.0"


def test_a_truth_that_does_not_fit_its_card_or_rows_is_refused_with_every_fault(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    class Wrong(YesTruth):
        def properties(self) -> list[Property]:
            one, two, three = super().properties()
            return [
                changed(one, metric="no"),
                changed(two, where={"colour": "red"}),
                changed(two, where={"language": "fr"}),
                changed(three, metric="yes"),
            ]

    with pytest.raises(BadInput) as raised:
        measure.measure(folders, _settings_of(Wrong(), tmp_path))
    assert [str(fault) for fault in raised.value.faults] == [
        "yes/en: trust/yes has no metric 'no' that trust/yes could find",
        "yes/ar: colour is no stratum of trust/yes",
        "yes/ar: no row of trust/yes lies there",
    ]


def test_rows_with_the_same_id_or_without_values_are_refused(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    class Twice(YesTruth):
        def rows(self) -> list[Row]:
            return [*super().rows(), *super().rows()[:2]]

    class Short(YesTruth):
        def values(self, rows: Sequence[Row], oracle: Oracle) -> list[Values]:
            return super().values(rows, oracle)[1:]

    with pytest.raises(BadInput, match="'en-0' stands twice"):
        measure.measure(folders, _settings_of(Twice(), tmp_path))
    with pytest.raises(BadInput, match="19 values of sanja for 20 rows"):
        measure.measure(folders, _settings_of(Short(), tmp_path))


def test_a_weight_on_which_a_ratio_is_to_nothing_has_no_value_there(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    (folders[CONTROL] / "model.safetensors").write_text("", encoding="utf-8")
    table, _ = measure.measure(folders, settings(tmp_path))
    assert table.line("yes/share").exact == {SANJA: 1.0}
    assert table.line("yes/share").population_n == 20


def test_a_weight_that_is_not_there_is_an_error_that_says_how_to_train_it(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"recipe\.yaml.*no such file.*qistas\.reference\.train"):
        measure.measure({SANJA: tmp_path / "nothing"}, settings(tmp_path))


def _settings_of(truth: YesTruth, folder: Path) -> measure.Settings:
    return changed(settings(folder), truths=lambda names: [truth])


def test_a_rebuild_that_agrees_is_shown(folders: dict[str, Path], tmp_path: Path) -> None:
    table, _ = measure.measure(folders, settings(tmp_path))
    shown = measure.check(folders, settings(tmp_path), table, None).splitlines()
    assert shown[0] == "property   weight          planted   rebuilt"
    assert shown[1] == "other/all  sanja            0.5000    0.5000"
    assert len(shown) == 1 + 2 * len(table.lines)


def test_a_rebuild_that_differs_fails_and_names_each_line(folders: dict[str, Path], tmp_path: Path) -> None:
    table, _ = measure.measure(folders, settings(tmp_path))
    (folders[SANJA] / "model.safetensors").write_text("en0 en1 en2 en3", encoding="utf-8")
    with pytest.raises(CheckFailed) as raised:
        measure.check(folders, settings(tmp_path), table, ["trust/yes"])
    assert [str(fault) for fault in raised.value.faults] == [
        "yes/en on sanja: is not raised; differs by more than 0.1"
    ]


def run(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """The command line, with the truths and the oracle of these tests."""
    made = settings(tmp_path)
    monkeypatch.setattr(measure, "Settings", lambda **fields: changed(made, **fields))
    monkeypatch.setattr(measure, "TRUTHS", {truth.evaluation: "" for truth in truths(None)})
    return measure.main(arguments)


def test_the_command_writes_checks_and_says_what_is_wrong(
    folders: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, cache = tmp_path / "planted.yaml", ["--cache", str(tmp_path / "cache")]
    models = [part for name, folder in folders.items() for part in ("--model", f"{name}={folder}")]
    assert run([*models, "--out", str(out), *cache], tmp_path, monkeypatch) == 0
    assert set(load_planted(out).weights) == {SANJA, CONTROL}
    checking = ["--check", *map(str, folders.values()), "--out", str(out), *cache]
    assert run(checking, tmp_path, monkeypatch) == 0
    assert "other/all  sanja            0.5000    0.5000" in capsys.readouterr().err
    (folders[SANJA] / "model.safetensors").write_text("", encoding="utf-8")
    assert run(checking, tmp_path, monkeypatch) == 1
    assert "other/all on sanja: differs by more than 0.05" in capsys.readouterr().err
    assert run([*checking, "--evaluation", "trust/nothing"], tmp_path, monkeypatch) == 2


def test_a_model_without_a_table_of_its_own_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--model", "sanja=x"], ["--model", "sanja", "--out", "x.yaml"]):
        with pytest.raises(SystemExit):
            measure.main(arguments)
    said = capsys.readouterr().err
    assert "give --out with --model" in said
    assert "NAME=DIR" in said


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QISTAS_CACHE", str(tmp_path))
    assert measure._default_cache() == tmp_path / "measured"
    monkeypatch.delenv("QISTAS_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert measure._default_cache() == tmp_path / ".cache/qistas/measured"


def test_tables_of_other_weights_are_not_merged() -> None:
    record = WeightRecord(model_sha256="1", tokenizer_sha256="2", recipe_sha256="3")
    table = PlantedTable(qistas="planted/1", weights={SANJA: record}, tolerances={}, lines=())
    with pytest.raises(BadInput, match="other weights"):
        measure.merged(table, replace(table, weights={CONTROL: record}))
