"""``qistas run``: parameters of the user's own, and what the run can show, said before it asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from qistas.cli import run

REFUSES = "python:tests.fakes.callables:judges"
SENTENCE = (
    "safety.direct.refusal.en, safety.direct.refusal.ar, safety.direct.compliance.en, safety.direct.compliance.ar: With 50 "
    "prompts, differences under 18 points will not show reliably (under 30 points where two runs share no prompt)."
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo_root: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(repo_root))


def test_a_run_says_beforehand_which_differences_will_not_show_and_keeps_it_out_of_its_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["run", "safety/direct", REFUSES, "--budget", "50", "--out", "run"]) == 0
    said = capsys.readouterr()
    assert said.err.splitlines()[0] == SENTENCE
    assert said.err.count("will not show reliably") == 1
    assert "will not show reliably" not in said.out


def test_it_says_so_before_the_model_is_asked_and_in_the_language_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    breaks = "python:tests.fakes.callables:breaks"
    assert run(["run", "safety/direct", breaks, "--budget", "50", "--lang", "ar", "--out", "run"]) == 3
    assert "عدد الطلبات 50: لا يُعوَّل على ظهور فرق دون 18 نقطة" in capsys.readouterr().err.splitlines()[0]


def test_with_a_standard_it_speaks_of_the_criteria_of_that_evaluation_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = ["--standard", "open-release", "--budget", "9", "--out", "run"]
    assert run(["run", "safety/direct", REFUSES, *given]) == 0
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("safety.direct.en, safety.direct.ar: With 9 prompts, differences under ")
    assert sum(": With 9 prompts" in line for line in said) == 1


def test_every_faulty_parameter_is_named_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    items = ["a", "b=", "=c", "d=1", "d=2", "e=[", "f=!!x y"]
    given = [word for item in items for word in ("--param", item)]
    assert run(["run", "safety/attacks", REFUSES, *given]) == 2
    step = "write for example --param repeats=2 or --param 'families=[base64, rot13]'"
    said = capsys.readouterr().err.splitlines()
    assert said[:4] == [
        *(f"qistas: --param '{item}' is not NAME=VALUE → {step}" for item in ("a", "b=", "=c")),
        "qistas: --param d is given twice → give it once",
    ]
    assert said[4].startswith("qistas: --param e:1: this is not YAML: ")
    assert said[5].startswith("qistas: --param f:1: the tag ")
    assert len(said) == 6


@pytest.mark.parametrize(
    ("evaluation", "item", "says"),
    [
        (
            "safety/attacks",
            "judge=x",
            "the parameter 'judge' cannot be chosen → those that can be chosen: families, repeats, settings, seed",
        ),
        ("safety/direct", "repeats=2", "safety/direct: parameters: the parameter 'repeats' cannot be chosen"),
        ("safety/attacks", "repeats=two", "Expected `int`, got `str` - at `$.repeats`"),
        (
            "safety/transformations",
            "transformations=3",
            "Expected `object`, got `int` - at `$.transformations`",
        ),
        ("safety/attacks", "families=[rot14]", "rot14"),
    ],
)
def test_a_parameter_that_cannot_be_chosen_is_one_message_with_the_next_step(
    evaluation: str, item: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["run", evaluation, REFUSES, "--param", item]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said
