"""A sentence counts for what a release was made with only where it tells that, of this release, and as done."""

from __future__ import annotations

import pytest
from tests.evaluations.openness.test_framework import listing
from tests.fakes.timing import seconds_of

from qistas.evaluations.openness.dependence import (
    MOST_CHARACTERS,
    MOST_SEARCHED_CHARACTERS,
    is_stated,
    names_data,
    prose_pages,
    statements,
)
from qistas.evaluations.openness.record import ReleaseRecord


def record(texts: dict[str, str]) -> ReleaseRecord:
    return ReleaseRecord(listing(texts, whole=False))


def said(text: str, topic: str, path: str = "README.md") -> list[tuple[int, str]]:
    return [(one.quote.line, one.sentence) for one in statements(record({path: text}))[topic]]


def test_a_statement_has_its_sentence_its_place_and_what_was_found() -> None:
    (one,) = statements(record({"README.md": "# Lighthouse\n\nWe trained it\non 8 A100 GPUs.\n"}))["hardware"]
    assert (one.quote.line, one.quote.quote, one.sentence, one.found) == (
        3,
        "We trained it\non 8 A100 GPUs.",
        "We trained it on 8 A100 GPUs.",
        "A100",
    )


def test_documents_about_using_and_weighing_are_passed_over() -> None:
    for path in ("examples/README.md", "eval/README.md", "docs/deploy_guide.md", "TUTORIAL.md"):
        assert said("It was trained on 8 A100 GPUs.\n", "hardware", path) == []
    assert said("It was trained on 8 A100 GPUs.\n", "hardware", "docs/model.md") != []


def test_code_headings_and_rows_are_no_sentences_about_hardware() -> None:
    text = (
        "# Trained on 8 A100 GPUs\n\n```\nIt was trained on 8 A100 GPUs.\n```\n\n"
        "| Model trained on 8 A100 GPUs | MFU |\n| --- | --- |\n| a | 1 |\n"
    )
    assert said(text, "hardware") == []


def test_labels_of_hardware_count_in_a_section_about_training_or_its_emissions() -> None:
    label = "- **Hardware Type:** A100 PCIe 40GB\n- **Cloud Provider:** AWS\n"
    assert len(said(f"# M\n\n## Environmental impact\n{label}", "hardware")) == 2
    assert said(f"# M\n\n## Serving\n{label}", "hardware") == []


def test_the_last_act_in_front_of_the_machine_decides() -> None:
    assert said("Training of the model, served later, took 8 A100 GPUs.\n", "hardware") == []
    assert len(said("After the first serving, training took 8 A100 GPUs.\n", "hardware")) == 1


def test_a_table_without_a_column_for_models_is_of_the_release() -> None:
    rows = "| Data | Use |\n| --- | --- |\n| [waves](https://huggingface.co/datasets/sea/waves) | SFT |\n"
    short = "| Data | Model |\n| --- | --- |\n| [waves](https://huggingface.co/datasets/sea/waves) SFT |\n"
    assert [line for line, _ in said(rows, "data_linked")] == [3]
    assert [line for line, _ in said(short, "data_linked")] == [3]


def test_a_place_in_a_section_about_the_data_is_told() -> None:
    page = record({"README.md": "waves\n# M\n\n## Training data\nWikipedia\n\n## Use\nWikipedia\n"}).pages[
        "README.md"
    ]
    places = [0, page.text.index("Wikipedia"), page.text.rindex("Wikipedia")]
    assert [names_data(page, place) for place in places] == [False, True, False]


def test_what_advises_or_compares_is_not_stated() -> None:
    assert is_stated("Training took 8 GPUs.")
    assert not is_stated("Training needs 8 GPUs.")
    assert not is_stated("Below is a command that trains it on 8 GPUs.")


def test_only_so_many_characters_are_searched() -> None:
    texts = {f"d{i:03}.md": "the waves of the sea " * (MOST_SEARCHED_CHARACTERS // 21 + 1) for i in range(30)}
    assert len(prose_pages(record(texts))) == MOST_CHARACTERS // MOST_SEARCHED_CHARACTERS


@pytest.mark.parametrize(
    "piece",
    [
        "trained on the data ",
        "[data](https://",
        "we used training A100 GPU ",
        "# x\nA100 \n",
        "| model | https://huggingface.co/datasets/a/b |\n",
        "the the trained on a an the our new ",
        "paid paid paid annotators ",
    ],
)
def test_texts_made_for_it_do_not_take_long(piece: str) -> None:
    made = record({"README.md": piece * (300_000 // len(piece))})
    assert seconds_of(lambda: statements(made), below=3)[1] < 3
