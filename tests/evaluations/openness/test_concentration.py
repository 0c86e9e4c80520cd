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
            ("partly", "data-described", ""),
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
        (
            "It was trained on [the Driftwood](https://example.org/driftwood).\n",
            ("disclosed", "data-named", "Driftwood."),
        ),
        (
            "It was trained on [200 coastal languages](https://example.org/languages).\n",
            ("undetermined", "undetermined", ""),
        ),
        (
            "- **Dataset:** [sea/waves](https://huggingface.co/datasets/sea/waves/)\n",
            ("disclosed", "data-named", "sea/waves."),
        ),
        (
            "## Evaluation\nTrained models answer [tides](https://huggingface.co/datasets/sea/tides).\n",
            ("undetermined", "undetermined", ""),
        ),
        (
            "## Fine-tuning\nBy default a small set, [tides](https://huggingface.co/datasets/sea/tides), tunes it.\n",
            ("undetermined", "undetermined", ""),
        ),
        (
            "![Training](https://huggingface.co/datasets/sea/assets/resolve/main/trained.png)\n",
            ("undetermined", "undetermined", ""),
        ),
        (
            (
                "# Lighthouse\n\n| Data set | Stage | Model |\n| --- | --- | --- |\n"
                "| [foam](https://huggingface.co/datasets/sea/foam) | Training | Lighthouse-2 |\n"
                "| [salt](https://huggingface.co/datasets/sea/salt) | Training | Kelp-7B |\n"
            ),
            ("disclosed", "data-named", "sea/foam."),
        ),
        (
            "## Training data\nText of Common Crawl, and of many other places:\n"
            + "".join(f"- https://huggingface.co/datasets/sea/part-{i}\n" for i in range(14)),
            (
                "disclosed",
                "data-named",
                ", ".join(f"sea/part-{i}" for i in range(12)) + ", and 3 more.",
            ),
        ),
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
        ("Training can be done on 8 A100 GPUs.\n", ("undetermined", "undetermined", "")),
        (
            "It was trained in NVFP4, and fits on a single 80GB H100 GPU.\n",
            ("undetermined", "undetermined", ""),
        ),
        (
            "## Fine-tuning\nA node with 8 GPUs is enough for training.\n",
            ("undetermined", "undetermined", ""),
        ),
        (
            "Fine-tuning the 34B model requires 8 GPUs each with 80 GB.\n",
            ("undetermined", "undetermined", ""),
        ),
        ("## Benchmarks\nWe used 4 H100 GPUs after training.\n", ("undetermined", "undetermined", "")),
        ("Training took 4x8xH100 nodes for two days.\n", ("disclosed", "hardware-and-amount", "NVIDIA.")),
        ("We trained it on a TPU v4-512 pod.\n", ("disclosed", "hardware-and-amount", "Google (TPU).")),
        ("We trained it on the NVIDIA A100 80GB.\n", ("partly", "hardware-named", "NVIDIA.")),
        ("## How to use\nIt was trained on 8 A100 GPUs.\n", ("disclosed", "hardware-and-amount", "NVIDIA.")),
        (
            "## Training\n### Hardware\n\n1 x NVIDIA A100 80GB.\n",
            ("disclosed", "hardware-and-amount", "NVIDIA."),
        ),
        ("## Requirements\n### Hardware\n\n1 x NVIDIA A100 80GB.\n", ("undetermined", "undetermined", "")),
        (
            "# Lighthouse\nLighthouse counts waves.\n\nKelp-7B was trained on 512 TPUs.\n",
            ("undetermined", "undetermined", ""),
        ),
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
        ("The tuning data have 10M human-annotated examples.\n", ("partly", "who", "")),
        ("It was tuned without any human annotations.\n", ("disclosed", "own-work", "")),
        ("No human-annotated data were used.\n", ("disclosed", "own-work", "")),
        (
            "The data were written by crowdworkers from Upwork, who were paid well.\n",
            ("disclosed", "who-and-how-paid", "Upwork."),
        ),
        ("In a human evaluation, it wrote better data.\n", ("undetermined", "undetermined", "")),
        ('## References\n- Kelp. "Training from human feedback."\n', ("undetermined", "undetermined", "")),
    ],
)
def test_whose_labour(text: str, found: tuple[str, str, str]) -> None:
    assert one("labour", text) == found


def test_whose_servers() -> None:
    weights = "The weights are available at https://huggingface.co/sea/lighthouse.\n"
    assert one("hosting", weights) == ("disclosed", "weights-linked", "huggingface.co.")
    assert one("hosting", "Code: https://github.com/sea/lighthouse\n") == ("partly", "links", "github.com.")


def test_names_are_quoted_and_given_in_both_languages() -> None:
    found = judged("# M\nTraining ran on 8 A100 GPUs.\n\nWe trained on Azure.\n")["compute"]
    assert found.reason.ar == "ذُكر نوع العتاد المستعمل في التدريب ومقداره. المذكور: NVIDIA، Microsoft Azure."
    assert [(quote.line, quote.quote) for quote in found.evidence] == [
        (2, "Training ran on 8 A100 GPUs."),
        (4, "We trained on Azure."),
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


CHINESE = "这个模型统计到达海岸的波浪数量，训练数据来自灯塔守护者的公开日志，任何人都可以在港口办公室阅读。训练使用了八台机器。\n"


def test_what_may_stand_in_an_unread_document_is_unread_and_not_unsaid() -> None:
    found = concentration(
        ReleaseRecord(listing({"README.md": CHINESE, "notes.md": "Trained on 8 A100 GPUs.\n"}, whole=False))
    )
    assert {name: (j.value, j.rule) for name, j in found.items()} == {
        "data": ("undetermined", "unread"),
        "compute": ("disclosed", "hardware-and-amount"),
        "frameworks": ("undetermined", "unread"),
        "labour": ("undetermined", "unread"),
        "hosting": ("undetermined", "unread"),
    }
    assert found["data"].reason.en == (
        "The documents that could be read do not say it; README.md (zh) could not be read for the language."
    )
    assert "README.md (zh)" in found["data"].reason.ar


def test_sentences_of_another_language_name_nobody() -> None:
    text = f"{CHINESE}训练数据：https://huggingface.co/datasets/sea/waves ，在 8 块 A100 GPU 上训练\n"
    found = judged(text)
    assert (found["data"].rule, found["compute"].rule) == ("unread", "unread")
