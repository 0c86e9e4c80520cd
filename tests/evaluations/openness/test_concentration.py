"""On whom a release depends is said with the words that name them, and nothing is said of what the text leaves out."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.evaluations.openness.test_framework import listing

from qistas.contracts.openness import Judgement
from qistas.evaluations.openness.concentration import concentration
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.reference import sanja_path
from qistas.targets.release import FolderRelease

DIMENSIONS = ("data", "compute", "frameworks", "labour", "hosting")


def judged(text: str, *files: str, name: str = "README.md") -> dict[str, Judgement]:
    return concentration(ReleaseRecord(listing({name: text}, *files, whole=False)))


def one(dimension: str, text: str, *files: str) -> tuple[str, str, str]:
    found = judged(text, *files)[dimension]
    return found.value, found.rule, found.reason.en.partition(" Named: ")[2]


def test_a_text_that_says_nothing_leaves_everything_undetermined() -> None:
    found = judged("# Lighthouse\nIt counts waves.\n")
    assert {name: (j.value, j.evidence) for name, j in found.items()} == dict.fromkeys(
        DIMENSIONS, ("undetermined", ())
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "---\ndatasets: [sea/waves]\n---\n# M\n",
            ("disclosed", "data-named", "sea/waves."),
        ),
        (
            "Trained on [waves](https://huggingface.co/datasets/sea/waves), labelled by Beacon-4, and on Common Crawl.\n",
            ("disclosed", "data-named", "sea/waves, Beacon-4, Common Crawl."),
        ),
        ("It was trained on a mix of publicly available data.\n", ("partly", "data-described", "")),
        ("The training data will not be released.\n", ("undisclosed", "data-withheld", "")),
        (
            "Trained on data. Scores: https://huggingface.co/datasets/sea/evals hold the evals of Wikipedia.\n",
            ("partly", "data-described", "Wikipedia."),
        ),
        ("Unlike Kite, it was not trained on Reddit data.\n", ("undetermined", "undetermined", "")),
        (
            "We did not train on Wikipedia. It was trained on text from Reddit.\n",
            ("partly", "data-described", "Reddit."),
        ),
        (
            "---\ndatasets: [a/b]\n---\nIt outperforms models distilled from Kite-4.\n",
            ("disclosed", "data-named", "a/b."),
        ),
        ("The training data do not include private data.\n", ("undetermined", "undetermined", "")),
    ],
)
def test_whose_data(text: str, found: tuple[str, str, str]) -> None:
    assert one("data", text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Training took 64 H100 GPUs on Azure for ten days.\n",
            ("disclosed", "hardware-and-amount", "NVIDIA, Microsoft Azure."),
        ),
        ("It was pretrained on TPUs.\n", ("partly", "hardware-named", "Google (TPU).")),
        ("Trained on one processor core.\n", ("disclosed", "hardware-and-amount", "")),
        ("The compute used is not disclosed.\n", ("undisclosed", "compute-undisclosed", "")),
        ("Inference needs one GPU.\n", ("undetermined", "undetermined", "")),
    ],
)
def test_whose_compute(text: str, found: tuple[str, str, str]) -> None:
    assert one("compute", text) == found


def test_whose_frameworks() -> None:
    text = "Install PyTorch, then `from transformers import AutoModel`.\n"
    assert one("frameworks", text) == ("partly", "named", "PyTorch, Transformers.")
    assert one("frameworks", text, "requirements.txt") == (
        "disclosed",
        "required-and-named",
        "PyTorch, Transformers.",
    )
    assert one("frameworks", "Interpreting transformers across time.\n") == (
        "undetermined",
        "undetermined",
        "",
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "The annotators from Mechanical Turk were paid 20 dollars per hour.\n",
            ("disclosed", "who-and-how-paid", "Mechanical Turk."),
        ),
        ("Tuned by reinforcement learning from human feedback.\n", ("partly", "who", "")),
        ("Written by volunteers in 35 languages.\n", ("partly", "who", "")),
        ("Its authors wrote every table; no annotators were employed.\n", ("disclosed", "own-work", "")),
        ("No volunteers were harmed.\n", ("undetermined", "undetermined", "")),
    ],
)
def test_whose_labour(text: str, found: tuple[str, str, str]) -> None:
    assert one("labour", text) == found


def test_whose_servers() -> None:
    weights = "The weights are available at https://huggingface.co/sea/lighthouse.\n"
    assert one("hosting", weights) == ("disclosed", "weights-linked", "huggingface.co.")
    assert one("hosting", "Code: https://github.com/sea/lighthouse\n") == ("partly", "links", "github.com.")


def test_names_are_quoted_and_given_in_both_languages() -> None:
    found = judged("# M\nTraining ran on 8 A100 GPUs.\nThe cluster is on Azure.\n")["compute"]
    assert found.reason.ar == "ذُكر نوع العتاد المستعمل في التدريب ومقداره. المذكور: NVIDIA، Microsoft Azure."
    assert [(quote.line, quote.quote) for quote in found.evidence] == [
        (2, "Training ran on 8 A100 GPUs."),
        (3, "The cluster is on Azure."),
    ]


def test_a_licence_text_names_nobody_on_whom_the_release_depends() -> None:
    found = concentration(
        ReleaseRecord(
            listing({"README.md": "Trained on 8 A100 GPUs.\n", "LICENSE.md": "Azure\n"}, whole=False)
        )
    )
    assert found["compute"].reason.en.endswith("Named: NVIDIA.")


def test_sanja_depends_on_nobodys_data_machines_or_work_but_its_own() -> None:
    found = concentration(
        ReleaseRecord(FolderRelease(sanja_path("sanja"), source="sanja", revision=None).listing())
    )
    assert {name: (j.value, j.rule) for name, j in found.items()} == {
        "data": ("disclosed", "data-named"),
        "compute": ("disclosed", "hardware-and-amount"),
        "frameworks": ("disclosed", "required-and-named"),
        "labour": ("disclosed", "own-work"),
        "hosting": ("undetermined", "undetermined"),
    }


def test_a_real_card_is_read(test_data: Path) -> None:
    folder = test_data / "openness/releases/stable-diffusion-v1"
    found = concentration(ReleaseRecord(FolderRelease(folder, source="example", revision=None).listing()))
    assert (found["compute"].value, found["compute"].reason.en.partition("Named: ")[2]) == (
        "disclosed",
        "NVIDIA, Amazon Web Services.",
    )
    assert "laion/laion2B-en" in found["data"].reason.en
