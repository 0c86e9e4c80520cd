"""Components of a release are seen by documented rules over names and contents."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.fakes.subject import ScriptedSubject

from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import ReleaseFile, ReleaseListing
from qistas.evaluations.cards import load_card
from qistas.evaluations.openness.documents import Documents
from qistas.evaluations.openness.licence import declared_names
from qistas.evaluations.openness.release_texts import read_document
from qistas.targets.release import FolderRelease

CARD_EN = """---
license: apache-2.0
language: [en, ar]
datasets: [example/sea]
---
# Lighthouse-1

A small model.

## Intended use
Counting waves.

## Limitations and bias
It has never seen a river.

## Training
Two nights on the pier.

## Evaluation results
| test | accuracy |
|---|---|
| waves | 0.93 |

## Sample outputs
> Seven waves.

## Citation
```
@techreport{lighthouse, title={Lighthouse-1}}
```
"""
CARD_AR = """# منارة-1

نموذج صغير.

## الاستخدام المقصود
عدّ الأمواج.

## القيود
لم يرَ نهرًا قطّ.

## التدريب
ليلتان على الرصيف.

## التقييم
| الاختبار | الدقّة |
|---|---|
| الأمواج | 0.93 |
"""
MODEL_CARD, RESULTS, REPORT = "model-card", "evaluation-results", "technical-report"


@pytest.fixture(scope="module")
def evaluation() -> Documents:
    return Documents(load_card("openness/documents"))


def write(root: Path, files: dict[str, str | int]) -> ReleaseListing:
    """A release on disk: texts, or files of so many bytes."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else b"\1" * content)
    return FolderRelease(root, source="example", revision=None).listing()


def present(evaluation: Documents, listing: ReleaseListing) -> set[str]:
    """The components that are there."""
    subject = ScriptedSubject(release=listing)
    values = {s.id: asyncio.run(evaluation.observe(s, subject))["present"] for s in evaluation.samples([])}
    assert set(values.values()) <= {0.0, 1.0}
    return {name for name, value in values.items() if value == 1.0}


def test_the_population_is_the_frameworks_components(evaluation: Documents) -> None:
    samples = evaluation.samples([])

    assert [sample.id for sample in samples if sample.strata["framework_class"] == "3"] == [
        *(
            MODEL_CARD,
            "data-card",
            REPORT,
            "licence",
            RESULTS,
            "architecture",
            "final-weights",
            "sample-outputs",
        ),
    ]
    assert [sample.id for sample in samples if sample.strata["framework_class"] == "2"] == [
        *("training-code", "inference-code", "evaluation-code", "evaluation-data", "supporting-tools"),
    ]
    assert [sample.id for sample in samples if sample.strata["framework_class"] == "1"] == [
        *("datasets", "data-code", "training-record", "intermediate-weights"),
    ]
    assert {sample.cluster for sample in samples} == {sample.id for sample in samples}
    assert {sample.strata["type"] for sample in samples} == {"code", "data", "document"}
    assert all(sample.row["title"]["ar"] for sample in samples)


def test_a_complete_release_has_every_component(
    evaluation: Documents, tmp_path: Path, repo_root: Path
) -> None:
    data_card = "# Data card\nSource: the harbour. 900 examples, licence CC0, in two languages. " * 6
    listing = write(
        tmp_path,
        {
            "README.md": CARD_EN,
            "DATA_CARD.md": data_card,
            "LICENSE": (repo_root / "LICENSE").read_text(encoding="utf-8"),
            "config.json": json.dumps({"model_type": "llama"}),
            "model.safetensors": 20_000,
            "checkpoint-100/model.safetensors": 20_000,
            "train.py": "pass",
            "generate.py": "pass",
            "evaluate.py": "pass",
            "eval_data.jsonl": '{"a": 1}',
            "make_data.py": "pass",
            "data/train.jsonl": '{"a": 1}',
            "requirements.txt": "torch",
            "training_log.json": "{}",
        },
    )

    assert present(evaluation, listing) == {sample.id for sample in evaluation.samples([])}


def test_an_empty_release_has_none(evaluation: Documents, tmp_path: Path) -> None:
    assert present(evaluation, write(tmp_path, {})) == set()


def test_file_names_alone_do_not_make_documents(evaluation: Documents, tmp_path: Path) -> None:
    listing = write(
        tmp_path,
        {
            "README.md": "# Installation\nRun make.\n# License\nMIT\n",
            "MODEL_CARD.md": "To be written.\n",
            "DATA_CARD.md": "To be written.\n",
            "LICENSE": "https://example.org/LICENSE\n",
            "config.json": '{"editor": "vim"}',
            "model.safetensors": 133,
            "results.json": "pending, see the paper\n",
        },
    )

    assert present(evaluation, listing) == set()


def test_an_arabic_card_counts_as_an_english_one(evaluation: Documents, tmp_path: Path) -> None:
    assert present(evaluation, write(tmp_path, {"README.md": CARD_AR})) == {MODEL_CARD, RESULTS}


def test_a_readme_of_a_program_is_no_model_card(evaluation: Documents, tmp_path: Path) -> None:
    listing = write(tmp_path, {"README.md": "# Tool\n## Usage\nrun\n## Performance\nfast\n## Contributing\n"})

    assert present(evaluation, listing) == set()


def test_intermediate_weights_are_not_the_final_ones(evaluation: Documents, tmp_path: Path) -> None:
    listing = write(tmp_path, {"step-500/pytorch_model.bin": 20_000})

    assert present(evaluation, listing) == {"intermediate-weights"}


def test_a_document_that_was_not_read_leaves_the_component_unscored(evaluation: Documents) -> None:
    unread = ReleaseFile(path="README.md", size_bytes=10**6)
    listing = ReleaseListing(files=(unread,), texts={}, source="example")
    (sample,) = (sample for sample in evaluation.samples([]) if sample.id == MODEL_CARD)

    with pytest.raises(Unscored) as caught:
        asyncio.run(evaluation.observe(sample, ScriptedSubject(release=listing)))
    assert caught.value.reason == "README.md is there and could decide it, but its text was not read"


@pytest.mark.parametrize(
    ("text", "fields", "headings"),
    [
        ("# A\n\nb\n=\n\nc\n---\n", {}, ("A", "c")),
        ("---\na: 1\n---\n<h2>B</h2>\n**C:** d\n", {"a": 1}, ("B", "C")),
        ("---\n[broken: yaml\n---\n# D #\n", {}, ("D",)),
        ("---\njust text\n---\n", {}, ()),
        ("| a |\n|---|\n", {}, ()),
    ],
)
def test_front_matter_and_headings_are_read(
    text: str, fields: dict[str, object], headings: tuple[str, ...]
) -> None:
    document = read_document(text)

    assert (document.fields, document.headings) == (fields, headings)


ALIASES = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9 if n else ['x'] * 9)}]\n" for n in range(12))


@pytest.mark.parametrize(
    "text",
    [
        "word " * 50_000,
        "# " * 100_000 + "x",
        "#" * 200_000,
        "<h1>" * 60_000,
        "<td" * 80_000,
        "\n" * 250_000,
        "1" * 250_000,
        "|" + "1|" * 100_000 + "x",
        f"---\n{ALIASES}license: *a11\n---\n# A card\n",
        f"---\nlicense: {'[' * 100_000}\n---\n# A card\n",
    ],
    ids=["line", "marks", "hashes", "tags", "cells", "blank", "digits", "row", "aliases", "nested"],
)
def test_a_document_made_to_be_slow_is_read_in_time_in_proportion_to_its_length(
    evaluation: Documents, text: str
) -> None:
    """Each of these once took minutes, hours or all memory."""
    listing = ReleaseListing(
        files=(ReleaseFile(path="README.md", size_bytes=len(text)),),
        texts={"README.md": text},
        source="hostile",
    )
    assert present(evaluation, listing) == set()
    assert declared_names(read_document(text).fields) == ()


def test_real_releases_show_what_their_folders_hold(evaluation: Documents, test_data: Path) -> None:
    """The folders hold documents only: code and weights are not in them."""
    root = test_data / "openness" / "releases"
    found = {
        name: present(evaluation, FolderRelease(root / name, source=name, revision=None).listing())
        for name in ("alpaca", "code-llama", "granite-code", "mistral")
    }

    assert found == {
        "alpaca": {MODEL_CARD, "data-card", "licence", RESULTS, REPORT},
        "code-llama": {MODEL_CARD, RESULTS},
        "granite-code": {"licence", RESULTS},
        "mistral": {"licence"},
    }
