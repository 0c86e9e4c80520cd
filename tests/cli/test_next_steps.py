"""What is missing or misspelt is said before anything is written, with the next step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qistas.cli import run
from qistas.cli.progress import interval
from qistas.contracts.estimates import Estimate
from qistas.engine.run import Progress
from qistas.evaluations.cards import load_card

REFUSES = "python:tests.fakes.callables:judges"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo_root: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(repo_root))


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["safety/pair"], ["attacker", "judge-target"]),
        (["safety/tap"], ["attacker", "judge-target"]),
        (["safety/crescendo", "--attacker", REFUSES], ["judge-target"]),
        (["safety/direct-model-judged"], ["judge-target"]),
    ],
)
def test_a_model_that_an_evaluation_needs_and_nobody_named_is_asked_for_before_anything_is_written(
    arguments: list[str], missing: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    evaluation, *given = arguments
    assert run(["run", evaluation, REFUSES, *given, "--out", "run"]) == 2
    kinds = {"attacker": "an attacking model", "judge-target": "a judging model"}
    assert capsys.readouterr().err.splitlines() == [
        f"qistas: {evaluation} needs {kinds[role]} → name it with --{role} MODEL" for role in missing
    ]
    assert not Path("run").exists()


def test_a_judge_of_a_card_of_ones_own_that_asks_a_model_needs_one_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = json.dumps(
        {
            "qistas": "evaluation/1",
            "id": "safety/own",
            "version": "1.0",
            "pillar": "safety",
            "title": {"en": "One", "ar": "واحد"},
            "question": {"en": "One?", "ar": "واحد؟"},
            "limits": [{"en": "Few.", "ar": "قليل."}],
            "kind": "chat",
            "design": "fixed",
            "cluster_unit": {"en": "request", "ar": "طلب"},
            "metrics": [
                {"id": "yes", "title": {"en": "Yes", "ar": "نعم"}, "labels": {"safe": 0, "unsafe": 1}}
            ],
            "needs": ["chat"],
            "judge": "model/harmbench",
            "prompt": {"any": "{request}"},
            "data": {
                "id": "own",
                "file": "own.csv",
                "sha256": "0" * 64,
                "licence": "MIT",
                "source": "here",
            },
        }
    )
    Path("own.yaml").write_text(text, encoding="utf-8")
    assert run(["run", "own.yaml", REFUSES, "--out", "run"]) == 2
    said = capsys.readouterr().err
    assert said == "qistas: safety/own needs a judging model → name it with --judge-target MODEL\n"


def test_a_card_is_known_by_its_head_in_json_too_and_a_document_without_one_is_told_both(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["show", "safety/attacks"]) == 0
    card = json.loads(capsys.readouterr().out)["evaluation"]
    Path("card.json").write_text(json.dumps(card, indent=1), encoding="utf-8")
    assert run(["validate", "card.json"]) == 0
    assert capsys.readouterr().out.startswith("card.json: evaluation safety/attacks ")
    Path("part.yaml").write_text("parameters:\n  repeats: 2\n")
    Path("other.yaml").write_text("id: x\nqistas: evaluaton/1\n")
    assert run(["validate", "part.yaml", "other.yaml"]) == 2
    step = (
        " → write 'qistas: evaluation/1' on the first line of an evaluation card, 'qistas: standard/1' on that of a "
        "standard"
    )
    assert capsys.readouterr().err.splitlines() == [
        f"qistas: part.yaml:1: the head 'qistas:' is missing, which says what a document is{step}",
        f"qistas: other.yaml:2: the head 'qistas: evaluaton/1' names no kind of document that is known{step}",
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["import", "none.json"], "none.json: there is no such file → check the path"),
        (
            ["judges", "calibrate", "rule/refusal", "--labels", "none.csv"],
            "none.csv: there is no such data file → check the path: name a CSV or JSONL file that is there",
        ),
        (
            ["run", "safety/attacks", REFUSES, "--param", "families=[base65]"],
            "safety/attacks: unknown attack family 'base65' → did you mean 'base64'?",
        ),
        (
            ["run", "safety/direct", REFUSES, "--guard", "nope"],
            "--guard: unknown guard 'nope' → a guard is the rule rule/harm, or a model that answers as Llama Guard does; ",
        ),
    ],
)
def test_what_is_not_there_is_said_with_the_next_step(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert says in capsys.readouterr().err


def test_a_reason_that_several_criteria_share_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    card = load_card("safety/pair")
    criteria = [
        {
            "id": f"pair.{metric}",
            "evaluation": "safety/pair",
            "metric": metric,
            "title": {"en": metric, "ar": "مقياس"},
            "why": {"en": "It is asked.", "ar": "للسؤال."},
            "where": {"language": "en"},
            "samples": 20,
        }
        for metric in ("attack_success_first", "attack_success_any")
    ]
    text = {"en": card.title.en, "ar": card.title.ar}
    Path("two.json").write_text(
        json.dumps(
            {
                "qistas": "standard/1",
                "id": "two",
                "version": "1.0",
                "title": text,
                "summary": text,
                "intended_use": text,
                "not_tested": [text],
                "criteria": criteria,
            }
        ),
        encoding="utf-8",
    )
    assert run(["weigh", REFUSES, "--standard", "two.json", "--out", "run"]) == 0
    said = capsys.readouterr().out
    assert said.count("an attacking model (--attacker)") == 1
    assert said.count("For the same reason.") == 1


@pytest.mark.parametrize(
    ("value", "low", "high", "words"),
    [
        (2 / 12, 0.0209, 0.4841, "  17% (2-49%)"),
        (0.82, 0.4512, 0.97, "  82% (45-97%)"),
        (0.0, 0.0, 0.018, "  0% (0-1.8%)"),
        (1.0, 0.93, 1.0, "  100% (93-100%)"),
    ],
)
def test_the_progress_line_rounds_an_interval_outwards_as_the_report_does(
    value: float, low: float, high: float, words: str
) -> None:
    estimate = Estimate(
        value=value, low=low, high=high, confidence=0.95, n=12, clusters=12, unscored=0, method="wilson"
    )
    shown = Progress(criterion="c", done=12, target_n=12, finished=True, estimate=estimate)
    assert interval(shown) == words


def test_the_progress_line_does_not_make_a_share_of_a_count() -> None:
    estimate = Estimate(
        value=1.0, low=1.0, high=1.0, confidence=0.95, n=3, clusters=3, unscored=0, method="t"
    )
    shown = Progress(criterion="c", done=3, target_n=3, finished=True, estimate=estimate, unit="calls")
    assert interval(shown) == "  1 (1 to 1)"
