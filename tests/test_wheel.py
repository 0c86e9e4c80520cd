"""The built wheel is the whole product: it works away from the checkout."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parent.parent
# Parts of the weights' releases that stay in the repository.
LEFT_OUT = re.compile(r"qistas/reference/[^/]+/(intermediate/|(evaluation|training)_data\.jsonl\.)")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(built)


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "src/qistas"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout: what belongs to the package is not known")
    kept = {name.removeprefix("src/") for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    expected = {name for name in kept if not LEFT_OUT.match(name)}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert held == expected
    assert {"qistas/standards/data/open-release.yaml", "qistas/report/templates/report.css"} <= held


def test_the_wheel_weighs_the_bundled_model_outside_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    # The unpacked copy is not the source whose coverage is measured.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environment = {**inherited, "PYTHONPATH": str(unpacked), "PYTHONSAFEPATH": "1"}

    def call(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert call("-c", "import qistas; print(qistas.__file__)").strip() == str(
        unpacked / "qistas" / "__init__.py"
    )
    call("-m", "qistas", "weigh", "sanja", "--budget", "2", "--out", "run")
    assert {path.name for path in (tmp_path / "run").iterdir()} >= {
        "ledger.sqlite",
        "report.html",
        "report.json",
    }
    assert "verified" in call("-m", "qistas", "verify", "run")
