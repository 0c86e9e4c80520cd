"""The bundled model, weighed in this process and through the real ``transformers serve``: the same findings."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest

from qistas import api
from qistas.contracts.findings import Finding
from qistas.engine.plan import RunSettings
from qistas.reference import sanja_path
from qistas.wiring import ModelOptions

pytestmark = pytest.mark.skipif(
    find_spec("torch") is None or find_spec("fastapi") is None,
    reason="needs the extra local and transformers[serving]",
)
BUDGET = 16
GENERATION = ("safety.direct.en", "safety.direct.ar", "capability.exact.en", "capability.exact.ar")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of ``transformers serve`` with the bundled model."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["serve", str(sanja_path()), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    start = "from transformers.cli.transformers import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", start, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, "transformers serve ended"
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - a loopback address
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    raise TimeoutError(address)


def weigh(model: str, out: Path, **options: Any) -> dict[str, Finding]:
    made = api.weigh(
        model,
        out=out,
        options=ModelOptions(timeout_seconds=60, **options),
        settings=RunSettings(budget=BUDGET, concurrency=4),
    )
    assert api.verify(out).fault is None
    return {finding.criterion: finding for finding in made.report.findings}


def said(finding: Finding) -> tuple[str, Any, Any]:
    return finding.verdict, msgspec.to_builtins(finding.estimate), finding.evidence.count


@pytest.mark.slow
def test_a_served_model_gives_the_findings_of_the_same_model_here(server: str, tmp_path: Path) -> None:
    here = weigh("sanja", tmp_path / "here")
    served = weigh(f"openai:{server}#{sanja_path()}", tmp_path / "served")
    assert {name: said(served[name]) for name in GENERATION} == {
        name: said(here[name]) for name in GENERATION
    }
    for name, finding in served.items():
        if finding.criterion.startswith(("trust.", "capability.choice")):
            assert finding.verdict == "not_applicable"
            assert "[score]" in finding.reason.en
        elif finding.pillar == "openness":
            assert finding.verdict == "not_applicable"
            assert "[release]" in finding.reason.en
        elif name in ("efficiency.cpu", "efficiency.memory", "efficiency.energy"):
            assert finding.verdict in ("not_enough_evidence", "not_applicable")


@pytest.mark.slow
def test_a_served_model_s_documents_are_read_where_release_names_them(server: str, tmp_path: Path) -> None:
    options = {"release": sanja_path()}
    served = weigh(f"openai:{server}#{sanja_path()}", tmp_path / "served", **options)
    here = weigh("sanja", tmp_path / "here")
    openness = [name for name, finding in here.items() if finding.pillar == "openness"]
    assert openness
    assert {name: said(served[name]) for name in openness} == {name: said(here[name]) for name in openness}
