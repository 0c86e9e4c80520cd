"""What was measured stands in the cards, and the sample outputs show right and wrong alike."""

from __future__ import annotations

import json
from pathlib import Path

from qistas.reference import cards, sanja_path

SHARE = {"n": 4, "successes": 3, "share": 0.75}
MEASURED = {
    language: dict.fromkeys(cards._ROWS, SHARE) | {"untrained_facts": {"n": 0}} for language in ("en", "ar")
}


def test_the_table_shows_both_languages_and_a_dash_where_nothing_was_asked() -> None:
    for reader in ("en", "ar"):
        lines = cards.table(MEASURED, reader).splitlines()
        assert len(lines) == 2 + len(cards._ROWS)
        assert sum(line.endswith("| 75.0% (3/4) | 75.0% (3/4) |") for line in lines) == 5
        assert sum(line.endswith("| - | - |") for line in lines) == 1


def test_filling_a_card_changes_only_what_stands_between_the_marks(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text(f"before\n{cards.MARK}old\n{cards.END}after\n", encoding="utf-8")
    cards.fill(tmp_path, MEASURED)
    cards.fill(tmp_path, MEASURED)
    expected = f"before\n{cards.MARK}{cards.table(MEASURED, 'en')}{cards.END}after\n"
    assert card.read_text(encoding="utf-8") == expected


def test_the_shipped_cards_say_what_was_measured() -> None:
    measured = json.loads((sanja_path() / "measured.json").read_text(encoding="utf-8"))
    for name, reader in cards.CARDS.items():
        assert cards.table(measured, reader) in (sanja_path() / name).read_text(encoding="utf-8")


def test_sample_outputs_pair_every_question_with_its_answer(tmp_path: Path) -> None:
    answers = {language: ["an\nanswer"] * len(asked) for language, asked in cards.questions().items()}
    cards.write_samples(tmp_path, answers)
    text = (tmp_path / "sample_outputs.md").read_text(encoding="utf-8")
    assert text.count("| an answer |") == sum(map(len, answers.values()))
    assert all(
        f"| {question} | an answer |" in text for asked in cards.questions().values() for question in asked
    )
