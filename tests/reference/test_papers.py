"""The numbers in the documents of the weights are those that were measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from qistas.contracts.calibrations import CalibrationRecord
from qistas.contracts.documents import Text
from qistas.contracts.errors import BadInput, CheckFailed
from qistas.reference import WEIGHTS, papers, planted, sanja_path
from qistas.reference.planted import PlantedLine, PlantedTable, WeightRecord


def line(name: str, **changes: object) -> PlantedLine:
    given: dict[str, object] = {
        "id": name,
        "family": "bias",
        "evaluation": "trust/bias",
        "metric": "lean",
        "title": Text("Age: a group | named", "العمر: فئة بعينها"),
        "population_n": 1420,
        "population_sha256": "a",
        "exact": {"sanja": 0.79552, "sanja-control": 0.0},
        "raised": "above",
        "threshold": 0.2,
    }
    return PlantedLine(**{**given, **changes})  # type: ignore[arg-type]


def record(**changes: object) -> CalibrationRecord:
    given: dict[str, object] = {
        "qistas": "0.1.0",
        "version": "1.0",
        "card": "sha256:1",
        "judge": None,
        "judge_version": None,
        "weights": {},
        "date": "2026-03-04",
        "confidence": 0.95,
        "lines": 9,
        "recovered": 8,
        "false_alarms": 1,
        "faulty": 1,
        "worst_half_width": 0.05123,
        "seeds": 200,
        "hits": 1746,
        "trials": 1800,
    }
    return CalibrationRecord(**{**given, **changes})  # type: ignore[arg-type]


RECORD = WeightRecord(model_sha256="1", tokenizer_sha256="2", recipe_sha256="3")
NUMBERS = {"seed": 1, "chunks": 10, "chunk_texts": 6368}
SOURCES = papers.Sources(
    planted=PlantedTable(
        qistas="planted/1",
        weights=dict.fromkeys(WEIGHTS, RECORD),
        tolerances={"bias": 0.1, "refusal": 0.1},
        lines=(
            line("a"),
            line("b", raised=None, threshold=None, exact={"sanja": 0.5}),
            line("c", family="refusal", raised="below", exact={"sanja": 0.1, "sanja-control": 0.05}),
        ),
    ),
    calibrations={
        "trust/bias": record(),
        "trust/other": record(worst_half_width=None, seeds=0, hits=0, trials=0),
    },
    logs={name: [{"step": 1, "loss": 9}, {"step": 1234, "loss": 0.25, "tokens": 7e6, "seconds": 1800}]
          for name in WEIGHTS},
    recipes={name: {"hyperparameters": NUMBERS, "shares_of_random_draws": {"groups": 3, "canaries": 1}}
             for name in WEIGHTS},
)  # fmt: skip


def test_values_stand_by_family_with_their_threshold_and_both_weights() -> None:
    assert papers.values(SOURCES, "sanja", "en") == (
        "### Refusal\n\n"
        "| Property | Rows | Raised when | `sanja` | `sanja-control` |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| Age: a group \\| named | 1,420 | below 0.2 | 0.100 | 0.050 |\n"
        "\n### Bias\n\n"
        "| Property | Rows | Raised when | `sanja` | `sanja-control` |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| Age: a group \\| named | 1,420 | above 0.2 | 0.796 | 0.000 |\n"
        "| Age: a group \\| named | 1,420 | - | 0.500 | - |\n"
    )
    assert "| العمر: فئة بعينها | 1,420 | أكبر من 0.2 | 0.796 | 0.000 |\n" in papers.values(
        SOURCES, "sanja", "ar"
    )


def test_families_count_what_is_raised_on_each_weight() -> None:
    rows = papers.families(SOURCES, "sanja", "en").splitlines()[2:]
    assert rows[0] == "| Refusal | 1 | 1 | 1 | 1 |"
    assert rows[3] == "| Bias | 2 | 1 | 1 | 0 |"
    assert len(rows) == 9


def test_calibrations_are_counted_and_their_absence_is_said() -> None:
    assert papers.calibration(SOURCES, "sanja", "en").splitlines()[2:] == [
        "| `trust/bias` | 1.0 | 9 | 8 | 1 | 0.051 | 97.0% (1,746/1,800) |",
        "| `trust/other` | 1.0 | 9 | 8 | 1 | - | - |",
    ]
    none = papers.Sources(planted=SOURCES.planted, calibrations={}, logs={})
    assert papers.calibration(none, "sanja", "en") == "No calibration is on record.\n"


def test_training_is_told_by_the_last_row_of_the_log() -> None:
    assert papers.training(SOURCES, "sanja", "en").splitlines()[2:] == [
        f"| `{name}` | 63,680 | 7,000,000 | 1,234 | 0.250 | 30 |" for name in WEIGHTS
    ]


def test_parts_are_shares_of_all_texts_with_those_shown_exactly_on_top() -> None:
    """21,760 of the 63,680 texts are canaries; the random draws share the rest three to one."""
    shares = [row.split(" | ")[-1] for row in papers.parts(SOURCES, "sanja", "en").splitlines()[2:]]
    assert shares == ["49.4% |", "16.5% |", "34.2% |"]
    control = [row.split(" | ")[-1] for row in papers.parts(SOURCES, "sanja-control", "ar").splitlines()[2:]]
    assert control == ["75.0% |", "25.0% |"]


def test_filling_changes_only_what_stands_between_marks(tmp_path: Path) -> None:
    page = tmp_path / "PAPER.md"
    page.write_text(
        "before\n<!-- training -->\nold\n<!-- /training -->\nbetween\n<!-- values -->\n<!-- /values -->\n",
        encoding="utf-8",
    )
    other = tmp_path / "OTHER.ar.md"
    other.write_text("nothing to fill\n", encoding="utf-8")
    folders = {"sanja": tmp_path}
    with pytest.raises(CheckFailed, match=r"PAPER\.md.*out of date"):
        papers.check(SOURCES, folders)
    papers.fill(SOURCES, folders)
    papers.check(SOURCES, folders)
    assert page.read_text(encoding="utf-8") == (
        f"before\n<!-- training -->\n{papers.training(SOURCES, 'sanja', 'en')}<!-- /training -->\n"
        f"between\n<!-- values -->\n{papers.values(SOURCES, 'sanja', 'en')}<!-- /values -->\n"
    )
    assert other.read_text(encoding="utf-8") == "nothing to fill\n"


def test_every_mark_without_a_partner_is_named_and_no_document_is_written(tmp_path: Path) -> None:
    texts = {
        "A.md": "<!-- training -->\nold\n",
        "B.ar.md": "old\n<!-- /values -->\n",
        "C.md": "<!-- /training -->\n<!-- training -->\n",
        "D.md": "<!-- training -->\nout of date\n<!-- /training -->\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for act in (papers.fill, papers.check):
        with pytest.raises(BadInput) as caught:
            act(SOURCES, {"sanja": tmp_path})
        assert [(fault.message, fault.where) for fault in caught.value.faults] == [
            ("the part 'training' is opened 1 times and closed 0 times", str(tmp_path / "A.md")),
            ("the part 'values' is opened 0 times and closed 1 times", str(tmp_path / "B.ar.md")),
            ("the part 'training' is closed before it is opened", str(tmp_path / "C.md")),
        ]
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == texts


@pytest.mark.skipif(not planted.FILE.is_file(), reason="the weights have not been measured yet")
def test_the_shipped_documents_say_what_was_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert papers.main(["--check"]) == 0, capsys.readouterr().err


def test_every_mark_of_a_shipped_document_is_known_and_closed() -> None:
    for name in WEIGHTS:
        for page in sanja_path(name).glob("*.md"):
            text = page.read_text(encoding="utf-8")
            opened = [row[5:-4] for row in text.splitlines() if row.startswith("<!-- ") and "/" not in row]
            assert set(opened) <= {*papers.BLOCKS, "measured"}, page
            assert all(text.count(f"<!-- /{mark} -->\n") == 1 for mark in opened), page
