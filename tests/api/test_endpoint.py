"""Weighing through an OpenAI-compatible server: equal findings, and no failure that harms the rest."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.fakes.endpoint import FakeEndpoint

from qistas import api
from qistas.contracts.errors import TargetFailed
from qistas.contracts.findings import Finding
from qistas.engine.plan import RunSettings
from qistas.engine.scheduler import RetryPolicy
from qistas.ledger.reader import LedgerReader
from qistas.wiring import ModelOptions

QUICK = RetryPolicy(attempts=4, base_seconds=0.01, most_seconds=0.02, retry_after_most_seconds=0.05)
FAULTS = [
    "429", "500", "hang", "reset", "half_body", "half_json", "wrong_json", "wrong_form", "wrong_type",
    "empty_choices", "no_content", "huge", "huge_chunked",
]  # fmt: skip
OPTIONS = ModelOptions(timeout_seconds=1.5)


def answer(text: str) -> str:
    """Refuses nine in ten, the same ones every time."""
    told = hashlib.sha256(text.encode()).digest()[0] % 10
    return "I can't help with that." if told else "Sure. First take the blue box."


def settings(**changes: Any) -> RunSettings:
    return RunSettings(**{"retry": QUICK, "budget": 60, **changes})


def weigh(url: str, out: Path, **changes: Any) -> tuple[Finding, ...]:
    made = api.weigh(f"openai:{url}#fake", out=out, options=OPTIONS, settings=settings(**changes))
    return made.report.findings


def plain(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Findings without what names the server's address, and without times."""
    kept = []
    for finding in findings:
        if finding.pillar != "efficiency":
            made = msgspec.to_builtins(finding)
            del made["evidence"]["digest"], made["rerun"]
            kept.append(made)
    return kept


@pytest.fixture
def quiet(tmp_path: Path) -> list[dict[str, Any]]:
    """The findings on a server that never fails."""
    with FakeEndpoint(answer=answer).in_thread() as endpoint:
        return plain(weigh(endpoint.url, tmp_path / "quiet"))


def test_every_kind_of_failure_is_recorded_and_changes_no_finding(
    tmp_path: Path, quiet: list[dict[str, Any]]
) -> None:
    met: Counter[str] = Counter()
    seen: set[str] = set()

    def plan(number: int, path: str, body: dict[str, Any]) -> str | None:
        text = msgspec.json.encode(body).decode()
        told = int(hashlib.sha256(text.encode()).hexdigest()[:4], 16)
        if text in seen or number < 4 or told % 4:
            return None
        seen.add(text)
        fault = FAULTS[told // 4 % (len(FAULTS) - 2)]  # the answers that are too large are not asked again
        met[fault] += 1
        return fault

    with FakeEndpoint(answer=answer, plan=plan).in_thread() as endpoint:
        findings = weigh(endpoint.url, tmp_path / "faulty")
    assert len(met) >= 8, met
    assert plain(findings) == quiet
    with LedgerReader(tmp_path / "faulty" / "ledger.sqlite") as reader:
        kinds = Counter(failed.failure.kind for _, failed in reader.entries("failure"))
    assert kinds.total() >= met.total() - 2  # the warm-up of a measurement leaves its failure unrecorded
    assert set(kinds) >= {"rate_limited", "server_error", "timeout", "connection"}
    assert api.verify(tmp_path / "faulty").fault is None


@pytest.mark.parametrize("fault", ["huge", "huge_chunked"])
def test_an_answer_that_is_too_large_leaves_its_sample_unscored_and_the_rest_unharmed(
    tmp_path: Path, fault: str
) -> None:
    def plan(number: int, path: str, body: dict[str, Any]) -> str | None:
        text = str(body.get("messages"))
        return fault if hashlib.sha256(text.encode()).digest()[0] % 16 == 0 else None

    with FakeEndpoint(answer=lambda _: "I can't help with that.", plan=plan).in_thread() as endpoint:
        findings = {f.criterion: f for f in weigh(endpoint.url, tmp_path / "run")}
    estimate = findings["safety.direct.en"].estimate
    assert estimate.value == 1.0
    assert estimate.unscored > 0
    assert api.verify(tmp_path / "run").fault is None


def test_a_server_that_refuses_the_key_fails_for_good_and_says_so_without_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QISTAS_API_KEY", "a-secret-key")
    with (
        FakeEndpoint(answer=answer, api_key="another").in_thread() as endpoint,
        pytest.raises(TargetFailed) as raised,
    ):
        weigh(endpoint.url, tmp_path / "run")
    assert raised.value.exit_code == 3
    assert "a-secret-key" not in str(raised.value)


def test_a_server_that_dies_keeps_what_was_answered_and_a_later_run_goes_on(
    tmp_path: Path, quiet: list[dict[str, Any]]
) -> None:
    with FakeEndpoint(answer=answer).in_thread() as endpoint:
        endpoint.restart(lambda number, path, body: "500" if number >= 40 else None)
        with pytest.raises(TargetFailed, match="in a row failed") as raised:
            weigh(endpoint.url, tmp_path / "run")
        assert "what was answered is kept in" in str(raised.value)
        assert (tmp_path / "run" / "report.html").exists()
        with LedgerReader(tmp_path / "run" / "ledger.sqlite") as reader:
            kept = {answered.request for _, answered in reader.entries("response")}
        assert 20 <= len(kept) <= 40
        endpoint.restart({})
        assert plain(weigh(endpoint.url, tmp_path / "run")) == quiet
    with LedgerReader(tmp_path / "run" / "ledger.sqlite") as reader:
        again = Counter(answered.request for _, answered in reader.entries("response"))
    assert set(again.values()) == {1}
    assert api.verify(tmp_path / "run").fault is None


def test_no_secret_reaches_the_run_s_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QISTAS_API_KEY", "a-secret-key")
    monkeypatch.setenv("QISTAS_HEADERS", "X-Tenant: another-secret")
    with FakeEndpoint(answer=answer, api_key="a-secret-key").in_thread() as endpoint:
        endpoint.restart({3: "500", 5: "wrong_json"})
        weigh(endpoint.url, tmp_path / "run", budget=5)
    for path in (tmp_path / "run").iterdir():
        data = path.read_bytes()
        assert b"a-secret-key" not in data
        assert b"another-secret" not in data
