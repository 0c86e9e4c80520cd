"""Every benchmark runs to its end and says what it measured; how fast is no test's business."""

import json
import os
import re
import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.tracing import untraced_environment

BENCH = Path(__file__).resolve().parents[2] / "bench"
SOURCE = BENCH.parent / "src"
sys.path.insert(0, str(BENCH))
ALL = runpy.run_path(str(BENCH / "all.py"), run_name="bench_all")
sys.path.remove(str(BENCH))
NAMES: list[str] = ALL["benches"]()


def test_there_are_benchmarks_and_the_simulations_of_coverage_are_none() -> None:
    assert {"startup", "endpoint", "generation"} <= set(NAMES)
    assert not any(name.startswith(("_", "coverage", "all")) for name in NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_runs_to_its_end_and_prints_a_table(name: str, tmp_path: Path) -> None:
    if re.search(r"\btorch\b", (BENCH / f"{name}.py").read_text(encoding="utf-8")) and not find_spec("torch"):
        pytest.skip(f"bench/{name}.py needs the extra 'local'")
    written = tmp_path / "rows.json"
    done = subprocess.run(
        [sys.executable, str(BENCH / f"{name}.py"), "--smoke", "--json", str(written)],
        env=untraced_environment() | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    table = [line for line in done.stdout.splitlines() if line.startswith("|")]
    found: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))

    assert found["machine"]["cores"] == os.cpu_count()
    assert len(found["rows"]) == len(table) - 2 > 0
    assert any(row["median"] is not None for row in found["rows"])
    assert [row for row in found["rows"] if row["median"] is None and not row["note"]] == []
