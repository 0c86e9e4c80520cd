"""The European index's dimensions, on small releases written by hand: what decides, what shows it, and when nothing can be told."""

import asyncio
import re
from pathlib import Path

import pytest
from tests.fakes.subject import ScriptedSubject
from tests.fakes.timing import seconds_of

from qistas.contracts.errors import InvalidDocument, Unscored
from qistas.contracts.exchanges import ReleaseFile, ReleaseListing
from qistas.contracts.openness import Judgement
from qistas.evaluations.cards import load_card
from qistas.evaluations.openness.european_index import (
    LADDERS,
    EuropeanIndex,
    european_index,
    european_index_ladders,
)
from qistas.evaluations.openness.framework import mof
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.record import ReleaseRecord

APACHE = (Path(__file__).parents[3] / "LICENSE").read_text("utf-8")
SHOWN = ["datasources_basemodel", "trainingcode", "code", "preprint", "modelcard", "licenses"]
ELSEWHERE = [d.id for d in european_index_ladders().ladders if d.shows == "elsewhere"]


def listing(texts: dict[str, str], *others: str) -> ReleaseListing:
    files = [ReleaseFile(path=path, size_bytes=len(text)) for path, text in texts.items()]
    files += [ReleaseFile(path=path, size_bytes=50_000) for path in others]
    return ReleaseListing(files=tuple(files), texts=texts, source="here", listed_only=others)


def judged(texts: dict[str, str], *others: str) -> dict[str, Judgement]:
    given = listing(texts, *others)
    return european_index(ReleaseRecord(given, read_licences(ReleaseRecord(given))))


def rung(dimension: str, readme: str, *others: str, **more: str) -> tuple[str, str]:
    """Value and rung; ``more``: other documents, a name's double underscore standing for its dot."""
    texts = {"README.md": readme} | {name.replace("__", "."): text for name, text in more.items()}
    judgement = judged(texts, *others)[dimension]
    return judgement.value, judgement.rule


def test_text_in_a_repository_can_show_six_of_the_twelve_dimensions() -> None:
    assert [one.id for one in european_index_ladders().ladders if one.shows == "repository"] == SHOWN
    assert len(ELSEWHERE) == 6


def test_nothing_is_closed_because_nothing_is_said() -> None:
    said = judged({"README.md": "# Lighthouse\nA model."})

    assert {judgement.value for judgement in said.values()} == {"undetermined"}
    assert all(judgement.reason.en and judgement.reason.ar for judgement in said.values())


def test_what_is_settled_elsewhere_is_undetermined_and_points_at_what_is_here() -> None:
    readme = (
        "Download the weights: https://example.org/w\n\n## Architecture\n"
        "It was fine-tuned on chat data.\n\n@inproceedings{a,\n  booktitle={Lights},\n}\n"
    )

    said = judged({"README.md": readme, "data_card.md": "Data."}, "model.safetensors")

    assert {name: (said[name].value, said[name].rule) for name in ELSEWHERE} == {
        "datasources_endmodel": ("undetermined", "tuning-data-mentioned"),
        "weights_basemodel": ("undetermined", "undetermined"),
        "weights_endmodel": ("undetermined", "weights-here"),
        "hardware_architecture": ("undetermined", "architecture-mentioned"),
        "paper": ("undetermined", "venue-named"),
        "datasheet": ("undetermined", "datasheet-here"),
    }
    assert said["datasheet"].evidence[0].file == "data_card.md"


@pytest.mark.parametrize(
    ("readme", "found"),
    [
        ("It was trained on [Harbour](https://example.org/harbour).", ("open", "linked-training-data")),
        (
            "## Pretraining data\n- [A](https://huggingface.co/datasets/a/b)",
            ("open", "linked-training-data"),
        ),
        ("[Pretraining set](https://huggingface.co/datasets/a/b)", ("open", "linked-training-data")),
        ("It was trained on Common Crawl and Wikipedia.", ("partial", "named-training-data")),
        ("- **C4**: the pre-training corpus.", ("partial", "named-training-data")),
        ("It was pretrained on 2 trillion tokens.", ("closed", "vague-training-data")),
        (
            "pretrained on about **15 trillion** mixed visual and text tokens",
            ("closed", "vague-training-data"),
        ),
        ("It was trained on publicly available online data.", ("closed", "vague-training-data")),
        ("Pre-training data grew to 28.5T.", ("closed", "vague-training-data")),
        ("It was trained on sequences of 4096 tokens.", ("undetermined", "undetermined")),
        ("We fine-tuned it, trained on [Chat](https://example.org).", ("undetermined", "undetermined")),
    ],
)
def test_training_data_are_linked_named_or_only_counted(readme: str, found: tuple[str, str]) -> None:
    assert rung("datasources_basemodel", readme) == found


# A repository of code: several files, what they need, and no weights.
RUNS = ("sea/generate.py", "sea/model.py", "sea/tokenizer.py", "pyproject.toml")


@pytest.mark.parametrize(
    ("readme", "files", "found", "code"),
    [
        ("## Training", ("src/train.py", "a.yaml"), ("open", "training-code-here"), "training-documented"),
        ("# Sea", ("src/train.py",), ("open", "training-code-here"), "some-code-documented"),
        ("# Sea", ("tests/train.py", "tokenizer/train.py"), ("undetermined", "undetermined"), "undetermined"),
        (
            "[Training code](https://example.org/t)",
            (),
            ("open", "training-code-linked"),
            "some-code-documented",
        ),
        ("### Reproducing the training", (), ("open", "training-code-linked"), "training-documented"),
        (
            "## Training",
            ("src/train.py", "data/train.jsonl"),
            ("open", "training-code-here"),
            "training-documented",
        ),
        (
            "## Training\n[Training code](https://example.org/t)",
            ("data/train.jsonl", "a.yaml"),
            ("open", "training-code-linked"),
            "some-code-documented",
        ),
        (
            "The training code will not be released.",
            (),
            ("closed", "training-code-denied"),
            "nothing-to-document",
        ),
        (
            "We do not plan to release the training code.",
            (),
            ("closed", "training-code-denied"),
            "nothing-to-document",
        ),
        (
            "The training code of the reward model is not public.",
            (),
            ("undetermined", "training-code-spoken-of"),
            "undetermined",
        ),
        ("# Sea", ("finetune/run.py",), ("partial", "fine-tuning-code-only"), "some-code-documented"),
        (
            "# Sea",
            ("chat/train.py", "chat/a.py"),
            ("partial", "fine-tuning-code-only"),
            "some-code-documented",
        ),
        ("# Sea", ("scripts/train_searcher.py",), ("undetermined", "undetermined"), "undetermined"),
        (
            "# Sea\n## Training guide\n```\npython3 main.py --model a\n```",
            ("main.py",),
            ("open", "training-code-here"),
            "training-documented",
        ),
        (
            "# Sea\n## Training guide\n```\npython3 main.py --model a\n```",
            ("sea/model.py",),
            ("undetermined", "undetermined"),
            "undetermined",
        ),
        (
            "# Sea\n## Training guide\n```\npython3 main.py --predict a\n```",
            ("main.py",),
            ("undetermined", "undetermined"),
            "undetermined",
        ),
        ("# Sea", (*RUNS, "sea/losses/l.py"), ("undetermined", "parts-of-training"), "undetermined"),
        ("## Training data", ("src/train.py",), ("open", "training-code-here"), "some-code-documented"),
        ("# Sea", RUNS, ("closed", "inference-code-only"), "nothing-to-document"),
        ("# Sea", (*RUNS, "model.safetensors"), ("undetermined", "undetermined"), "undetermined"),
        ("# Sea", ("inference.py", "model.safetensors"), ("undetermined", "undetermined"), "undetermined"),
        ("# Sea", ("sea/generate.py",), ("undetermined", "undetermined"), "undetermined"),
        (
            "The training code lives in our other repository and will be released after review.",
            RUNS,
            ("undetermined", "training-code-spoken-of"),
            "undetermined",
        ),
        (
            "It was trained with [tide](https://github.com/sea/tide).",
            RUNS,
            ("undetermined", "training-code-spoken-of"),
            "undetermined",
        ),
        ("## Training", ("sea/generate.py",), ("undetermined", "undetermined"), "undetermined"),
        ("# Sea", ("logo.png",), ("undetermined", "undetermined"), "undetermined"),
    ],
)
def test_training_code_is_here_linked_for_tuning_or_not_there(
    readme: str, files: tuple[str, ...], found: tuple[str, str], code: str
) -> None:
    assert rung("trainingcode", readme, *files) == found
    assert rung("code", readme, *files)[1] == code


BIBTEX = "```\n@{kind}{{sea,\n  title={{Sea}},\n  {field}\n}}\n```\n"


@pytest.mark.parametrize(
    ("readme", "files", "found"),
    [
        (BIBTEX.format(kind="article", field="journal={arXiv preprint arXiv:1234.56789},"), (), "open"),
        ("📄 [Technical Report](https://arxiv.org/abs/1234.56789)", (), "open"),
        ('<a href="https://arxiv.org/abs/1234.56789">Tech Report</a>', (), "open"),
        ("See our technical report, https://example.org/report.pdf.", (), "open"),
        ("# Sea", ("sea_tech_report.pdf",), "open"),
        (
            "## Citation\n" + BIBTEX.format(kind="online", field="url={https://example.org/sea},"),
            (),
            "closed",
        ),
        (
            "If you use it, cite\n" + BIBTEX.format(kind="misc", field="url={https://example.org/s},"),
            (),
            "closed",
        ),
        (
            "## Citation\n" + BIBTEX.format(kind="online", field="url={https://example.org/blog/sea},"),
            (),
            "partial",
        ),
        ("# Sea\n* [Blog: Introducing Sea 2](https://example.org/blog/sea)", (), "closed"),
        ("# Sea\nBlog: https://example.org/news/announcing-sea", (), "closed"),
        ("# Sea\n[Blog](https://example.org/blog/announcing-sea)", (), "closed"),
        ("# Sea\n* [Blog: Introducing Foam](https://example.org/blog/foam)", (), "undetermined"),
        (
            "# Sea\n[Blog](https://example.org/blog/announcing-sea)\n## Citation\n"
            + BIBTEX.format(kind="article", field="eprint={arXiv:1234.56789},"),
            (),
            "open",
        ),
        ("# Sea", ("docs/foam_paper.pdf",), "undetermined"),
        ("# Sea", ("docs/sea_v2_paper.pdf",), "open"),
        ("# Sea", ("PAPER.md",), "open"),
        ("# Sea\nWe evaluate on Foam ([paper](https://arxiv.org/abs/1234.56789)).", (), "undetermined"),
        ("# Sea\nIt keeps to the layout of Foam, [paper](https://arxiv.org/abs/1234.56789).", (), "open"),
        ("# Sea\nSea ([paper](https://arxiv.org/abs/1234.56789)) is small.", (), "open"),
        ("[Dataset](https://e.org/d) | [Paper](https://arxiv.org/abs/1234.56789)", (), "open"),
        ('# Sea\n<a href="https://arxiv.org/abs/1234.56789">Foam2 Tech Report</a>', (), "undetermined"),
        ("We compare with Foam, [paper](https://arxiv.org/abs/1234.56789).", (), "undetermined"),
        ("* [Blog: training on boats](https://example.org/blog/boats)", (), "undetermined"),
        ("* [Blog](https://example.org/blog/)", (), "undetermined"),
        (
            "We evaluate on Foam:\n" + BIBTEX.format(kind="misc", field="url={https://example.org/f},"),
            (),
            "undetermined",
        ),
        (
            "## Citation of the benchmark\n" + BIBTEX.format(kind="misc", field="url={https://e.org/f},"),
            (),
            "undetermined",
        ),
        ("Please cite the repository.", (), "closed"),
        ("As in the [boat paper](https://arxiv.org/abs/1234.56789).", (), "undetermined"),
        ("We use [LoRA](https://arxiv.org/abs/1234.56789).", (), "undetermined"),
    ],
)
def test_a_report_is_linked_or_the_citation_names_none(
    readme: str, files: tuple[str, ...], found: str
) -> None:
    assert rung("preprint", readme, *files)[0] == found


OWN = "@software{s,\n  title = {{Sea}: a model},\n  url = {https://example.org/sea}\n}\n"
OTHER = "@article{f,\n  title = {The {F}oam: data for models},\n  journal = {arXiv preprint arXiv:1234.56789}\n}\n"


@pytest.mark.parametrize(
    ("readme", "found"),
    [
        # The report is that of the data; the release itself is cited by a page.
        ("# Sea\n## Citation\n" + OWN + "We would like you to also cite\n" + OTHER, "cited-without-report"),
        # Nothing says whose report the second one is.
        ("# Sea\n## Citation\n" + OWN + OTHER, "undetermined"),
        ("# Sea\n## Citation\n" + OTHER + OTHER, "report-linked"),
        ("# Sea\n## Citation\n" + OTHER, "report-linked"),
        ("# Sea\n## Benchmarks\n" + OTHER, "undetermined"),
        ("# Sea\n## Notes\n" + OTHER + OTHER, "undetermined"),
        (
            "# Sea\n## Notes\n" + OWN.replace("url = {", "eprint = {arXiv 1234.56789},\n  url = {") + OTHER,
            "report-linked",
        ),
        # A badge with the number of somebody else's report.
        (
            "# Sea\n[![arXiv](https://e.org/arXiv-1234.56789.svg)](https://arxiv.org/abs/1234.56789)\n## Citation\n"
            + OWN
            + "Also cite\n"
            + OTHER,
            "cited-without-report",
        ),
        # Another version of the model has its own report.
        ("# Sea 2\n## Notes\n" + OWN.replace("{Sea}", "{Sea 1}") + OTHER, "undetermined"),
        ("# Sea\n## Citation\n@article{a,\n  title = {Never closed", "undetermined"),
        (
            "# Sea\n## Citation\n@misc{a,\n  author = {A},\n  howpublished = {\\url{https://e.org}}\n}",
            "cited-without-report",
        ),
    ],
)
def test_a_reference_counts_where_it_is_to_the_release_itself(readme: str, found: str) -> None:
    assert rung("preprint", readme)[1] == found


def test_what_a_citation_file_refers_to_is_not_the_release() -> None:
    cff = "cff-version: 1.2.0\ntitle: Sea\nreferences:\n  - type: article\n    doi: 10.1234/foam\n"

    assert rung("preprint", "# Sea", CITATION__cff=cff)[1] == "undetermined"
    assert rung("preprint", "# Sea", CITATION__cff=cff + "doi: 10.1234/sea\n")[1] == "report-linked"


WHOLE = "## Training procedure\n\n## Data mix\n\n## Evaluation\n\n## Limitations\n"


@pytest.mark.parametrize(
    ("readme", "found"),
    [
        (WHOLE, ("open", "comprehensive")),
        ("[Model card](https://arxiv.org/abs/1234.56789)", ("open", "card-is-a-paper")),
        (
            "Pretrained on 2 trillion tokens.\n## Architecture\n## Limitations",
            ("partial", "vague-about-data"),
        ),
        ("## Hyperparameters\n## Intended use", ("partial", "some-topics")),
        ("## Hyperparameters\n## Benchmarks", ("undetermined", "one-topic")),
        ("## Benchmarks\n## Quick start", ("closed", "presentation-only")),
        ("This repository contains minimal code.\n## Usage", ("undetermined", "code-and-not-the-model")),
        ("# Sea", ("undetermined", "undetermined")),
    ],
)
def test_a_card_is_judged_by_its_topics(readme: str, found: tuple[str, str]) -> None:
    assert rung("modelcard", readme) == found


def test_arabic_headings_count_as_english_ones_do() -> None:
    assert rung("modelcard", "## تفاصيل النموذج\n\n## القيود\n") == ("partial", "some-topics")


@pytest.mark.parametrize(
    ("readme", "licence", "files", "found"),
    [
        ("The model is released under the Apache 2.0 license.", APACHE, ("a.py",), ("open", "weights-open")),
        ("---\nlicense: apache-2.0\n---\n# Sea", APACHE, ("a.py",), ("open", "weights-open")),
        ("# Sea", APACHE, ("a.py",), ("undetermined", "undetermined")),
        ("# Sea", APACHE, ("logo.png",), ("open", "nothing-but-the-model")),
        (
            "This library is under the Apache 2.0 license.",
            APACHE,
            ("a.py",),
            ("undetermined", "undetermined"),
        ),
        ("Weights under a Modified MIT License.", APACHE, ("a.py",), ("partial", "open-licence-changed")),
        ("## Modified MIT License", APACHE, ("a.py",), ("partial", "open-licence-changed")),
        (
            "We thank the makers of a model under a Modified MIT License.",
            APACHE,
            ("a.py",),
            ("undetermined", "undetermined"),
        ),
        (
            "# Sea\nThis model is governed by the Tide Community License.",
            "",
            (),
            ("closed", "weights-restricted"),
        ),
        (
            "We thank the authors of Foam, which is under the Tide Community License.",
            APACHE,
            ("a.py",),
            ("undetermined", "undetermined"),
        ),
        (
            "We are not affiliated with the Foam team, whose model is under the Tide Community License.",
            APACHE,
            ("a.py",),
            ("undetermined", "undetermined"),
        ),
        ("License: a custom commercial license.", APACHE, ("a.py",), ("closed", "weights-restricted")),
        ("---\nlicense: cc-by-nc-4.0\n---\n# Sea", "", ("model.bin",), ("closed", "weights-restricted")),
        ("The model is released under the Apache 2.0 license.", "", (), ("open", "weights-open")),
    ],
)
def test_the_licence_that_counts_is_that_of_the_weights(
    readme: str, licence: str, files: tuple[str, ...], found: tuple[str, str]
) -> None:
    more = {"LICENSE": licence} if licence else {}

    assert rung("licenses", readme, *files, **more) == found


def test_every_value_but_undetermined_shows_words_or_a_file() -> None:
    said = judged(
        {"README.md": WHOLE + "It was trained on Wikipedia.", "LICENSE": APACHE}, "train.py", "logo.png"
    )

    assert all(judgement.evidence for judgement in said.values() if judgement.value != "undetermined")
    assert [said[name].value for name in SHOWN] == [
        "partial",
        "open",
        "open",
        "undetermined",
        "open",
        "undetermined",
    ]


@pytest.mark.parametrize(
    "piece",
    [
        "train",
        "trained on 1 a ",
        "[",
        "@abc{\n",
        "| layers ",
        "https://",
        "model 1 ",
        "cite @a{\n",
        "this model under ",
        "weights only ",
        "[blog ",
        "training code not ",
        "[paper](https://arxiv.org/abs/1) (",
        "\n@misc{a,\n title = {{",
        "\n# training\npython3 a.py ",
        "[blog introducing a](https://b/",
    ],
)
def test_no_crafted_text_takes_long(piece: str) -> None:
    given = listing({"README.md": piece * (400_000 // len(piece))}, "a.py")

    _, taken = seconds_of(lambda: (european_index(ReleaseRecord(given)), mof(ReleaseRecord(given))), below=5)

    assert taken < 5


def test_the_evaluation_scores_what_is_determined_and_says_why_the_rest_is_not() -> None:
    evaluation = EuropeanIndex(load_card("openness/european-index"))
    samples = {sample.id: sample for sample in evaluation.samples([])}
    subject = ScriptedSubject(release=listing({"README.md": "## Hyperparameters\n## Intended use"}))

    assert evaluation.card.version == "1.1"
    assert list(samples) == [ladder.id for ladder in european_index_ladders().ladders]
    assert samples["modelcard"].strata == {"area": "documentation", "shows": "repository"}
    assert asyncio.run(evaluation.observe(samples["modelcard"], subject)) == {"openness": 0.5}
    with pytest.raises(Unscored, match="do not say what the base model was trained on"):
        asyncio.run(evaluation.observe(samples["datasources_basemodel"], subject))


def test_the_card_repeats_what_the_ladders_say() -> None:
    card = load_card("openness/european-index")

    assert [(row["id"], row["shows"], row["title"]) for row in card.parameters["dimensions"]] == [
        (ladder.id, ladder.shows, {"en": ladder.title.en, "ar": ladder.title.ar})
        for ladder in european_index_ladders().ladders
    ]


def test_a_card_for_other_rules_is_refused() -> None:
    card = load_card("openness/european-index")
    card.parameters["ladders"] = "sha256:0"

    with pytest.raises(InvalidDocument, match="for other rules"):
        EuropeanIndex(card)


def test_no_rule_names_an_organisation_or_a_model(test_data: Path) -> None:
    rules = LADDERS.read_text("utf-8").partition("qistas: ladders/1")[2].lower()
    names = {path.name for path in (test_data / "openness" / "releases").iterdir()}
    words = {
        word for name in names for word in re.split(r"[-.]", name) if len(word) > 2 and not word.isdigit()
    }
    words |= {
        "meta",
        "mistral",
        "openai",
        "google",
        "ibm",
        "nvidia",
        "eleuther",
        "databricks",
        "alibaba",
        "microsoft",
    }

    assert [
        word for word in sorted(words - {"code", "stable", "instruct"}) if re.search(rf"\b{word}\b", rules)
    ] == []
