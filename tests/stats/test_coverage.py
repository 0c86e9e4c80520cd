"""Every interval holds the truth as often as it says, on a small grid; and the check notices one that does not."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from qistas.stats.clusters import cluster_limits
from qistas.stats.sequences import BettingSequence

BENCH = Path(__file__).resolve().parents[2] / "bench"


def load(name, filename):
    spec = importlib.util.spec_from_file_location(name, BENCH / filename)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


grid = load("coverage_grid", "coverage_grid.py")
load("coverage_statistics", "coverage_statistics.py")
bench = load("bench_coverage", "coverage.py")
USED = [method for method in bench.METHODS if method.used]


@pytest.mark.parametrize("method", USED, ids=lambda method: method.name)
def test_an_interval_in_use_covers_what_it_says(method):
    assert bench.shortfalls(list(method.cells(grid.QUICK))) == []


def test_a_clustered_interval_of_half_the_width_is_caught():
    def narrow(clusters, confidence):
        low, high = cluster_limits(clusters, confidence)
        middle = (low + high) / 2
        return (low + middle) / 2, (high + middle) / 2

    assert bench.shortfalls(list(grid.clustered_cells(grid.QUICK, narrow)))


def test_an_interval_that_ignores_clusters_is_caught():
    def blind(clusters, confidence):
        return grid.clopper_pearson(clusters.totals.sum(-1), clusters.samples, confidence)

    worst = min(grid.clustered_cells(grid.QUICK, blind), key=lambda cell: cell.coverage)
    assert worst.coverage < 0.6


def test_a_sequence_that_stops_at_a_fixed_interval_is_caught(monkeypatch):
    """Half the threshold on either side: what an interval for one look would use."""
    monkeypatch.setattr(grid.Bettor, "threshold", property(lambda bettor: 6.8))
    assert bench.shortfalls(list(grid.sequence_cells(grid.QUICK)))


def test_the_usual_methods_that_were_left_out_fall_short():
    names = {m.name for m in bench.METHODS if not m.used and bench.shortfalls(list(m.cells(grid.QUICK)))}
    assert {"wilson", "cluster t (CR1)", "Korn-Graubard with df = clusters - 1"} <= names


def test_the_bettors_of_the_simulation_are_those_of_the_sequence():
    """A stream whose own sequence leaves the truth out is one that the simulation counts."""
    values = (np.random.default_rng(11).random((120, 40)) < 0.2).astype(float)
    truth = 0.2
    simulated = grid.ever_rejected(values, np.asarray(truth), 120)
    for stream, rejected in zip(values.T, simulated, strict=True):
        sequence = BettingSequence(120, grid.NOMINAL)
        for value in stream:
            sequence.update(value, value)
        low, high = sequence.interval
        assert rejected or low <= truth <= high
        if rejected:
            assert not low + 0.002 < truth < high - 0.002


def test_the_command_writes_the_page_and_fails_when_an_interval_falls_short(tmp_path, monkeypatch, capsys):
    page = tmp_path / "coverage.md"
    few = [
        m for m in bench.METHODS if m.name in {"clopper-pearson", "cluster-effective-size", "cluster t (CR1)"}
    ]
    monkeypatch.setattr(bench, "METHODS", few)
    assert bench.main(["--quick", "--out", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.count("| clopper-pearson | independent answers | 8 | all |") == 1
    assert "| 20 | 0." in text
    assert "nothing falls short" in capsys.readouterr().out
    broken = [m._replace(used=True) for m in few]
    monkeypatch.setattr(bench, "METHODS", broken)
    assert bench.main(["--quick", "--out", str(page)]) == 1
    assert "falls short: cluster t (CR1)" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_cells():
    first = list(grid.judge_cells(grid.QUICK))
    assert first == list(grid.judge_cells(grid.QUICK))
    assert first != list(grid.judge_cells(grid.QUICK._replace(seed=1)))


def test_the_published_page_is_of_the_full_grid_and_every_interval_in_use_holds_there():
    text = (BENCH.parent / "docs" / "coverage.md").read_text(encoding="utf-8")
    in_use = text.split("## For comparison")[0]
    assert "python bench/coverage.py`" in in_use
    for method in USED:
        assert f"| {method.name} | {method.conditions} |" in in_use
    assert "under-covers** in" not in in_use
