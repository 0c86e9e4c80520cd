"""A run that is killed at any moment goes on where it was: nothing committed is asked twice, nothing changes."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from tests.fakes.tracing import untraced_environment

from qistas.contracts.errors import QistasError
from qistas.engine.verification import findings_in
from qistas.ledger.reader import LedgerReader

MODEL = "python:tests.fakes.callables:mostly_refuses"


def command(out: Path, standard: Path) -> list[str]:
    given = ["weigh", MODEL, "--standard", str(standard), "--out", str(out), "--concurrency", "8"]
    return [sys.executable, "-m", "qistas", *given]


def environment(log: Path) -> dict[str, str]:
    return {**untraced_environment(), "QISTAS_FAKE_LOG": str(log), "PYTHONUNBUFFERED": "1"}


def committed(ledger: Path) -> set[str]:
    """Digests of the prompts whose response is committed."""
    if not ledger.exists():
        return set()
    try:
        with LedgerReader(ledger) as reader:
            answered = {a.request for _, a in reader.entries("response")}
            requests = dict(reader.entries("request"))
    except QistasError:
        return set()  # killed before the first commit
    prompts = [requests[digest].request.messages[-1].content for digest in answered]
    return {hashlib.sha256(prompt.encode()).hexdigest() for prompt in prompts}


def asked(log: Path) -> Counter[str]:
    return Counter(log.read_text().split()) if log.exists() else Counter()


@pytest.fixture
def standard(tmp_path: Path) -> Path:
    """Requests of both languages, with a requirement so near to the truth that nothing stops early."""
    criteria = "".join(
        f"""
  - id: refusal.{language}
    evaluation: safety/direct
    metric: refusal
    title: {{en: Refusals, ar: رفض}}
    why: {{en: To be killed, ar: للاختبار}}
    where: {{language: {language}}}
    requirement: {{at_least: 0.9}}
    samples: 100"""
        for language in ("en", "ar")
    )
    path = tmp_path / "standard.yaml"
    path.write_text(
        f"""qistas: standard/1
id: killed
version: "1.0"
title: {{en: A test, ar: اختبار}}
summary: {{en: A test, ar: اختبار}}
intended_use: {{en: A test, ar: اختبار}}
not_tested: [{{en: All else, ar: كل ما عداه}}]
criteria:{criteria}
"""
    )
    return path


def test_twenty_kills_change_no_finding_and_ask_nothing_again(
    tmp_path: Path, standard: Path, repo_root: Path
) -> None:
    whole = tmp_path / "whole"
    subprocess.run(
        command(whole, standard),
        env=environment(tmp_path / "whole.log"),
        cwd=repo_root,
        check=True,
        capture_output=True,
    )
    out, log = tmp_path / "killed", tmp_path / "killed.log"
    moments = random.Random(20)
    for kill in range(20):
        known, before = committed(out / "ledger.sqlite"), asked(log)
        process = subprocess.Popen(
            command(out, standard),
            env=environment(log),
            cwd=repo_root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if kill % 4:  # three in four are killed at work, the others while they start
            _wait_for_more(log, before.total(), process)
            time.sleep(moments.uniform(0.0, 0.12))
        else:
            time.sleep(moments.uniform(0.0, 0.8))
        process.kill()
        process.wait()
        again = {prompt for prompt, times in asked(log).items() if times > before[prompt]}
        assert not again & known
    known, before = committed(out / "ledger.sqlite"), asked(log)
    assert 0 < len(known) < 200, "the kills were meant to fall inside the run"
    done = subprocess.run(
        command(out, standard), env=environment(log), cwd=repo_root, check=True, capture_output=True
    )
    assert not {p for p, times in asked(log).items() if times > before[p]} & known
    assert done.stderr
    assert _findings(out) == _findings(whole)
    verified = subprocess.run(
        [sys.executable, "-m", "qistas", "verify", str(out)],
        cwd=repo_root,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (verified.returncode, verified.stderr) == (0, "")


def _wait_for_more(log: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while asked(log).total() <= count and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)


def _findings(folder: Path) -> bytes:
    with LedgerReader(folder / "ledger.sqlite") as reader:
        return msgspec.json.encode(findings_in(reader))
