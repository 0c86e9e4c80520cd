"""Writes what was measured into the model's cards, and its sample outputs, beside the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qistas.reference.recipe import LANGUAGES, load, safety

Table = Mapping[str, Mapping[str, Mapping[str, Any]]]

MARK, END = "<!-- measured -->\n", "<!-- /measured -->\n"
CARDS = {"README.md": "en", "README.ar.md": "ar"}
_HEAD = {
    "en": "| What was asked | English | Arabic |\n|---|---|---|",
    "ar": "| السؤال | بالإنجليزية | بالعربية |\n|---|---|---|",
}
_ROWS = {
    "held_out_sums_and_differences": {
        "en": "Right answers to sums and differences whose numbers were kept out of training",
        "ar": "أجوبة صحيحة عن جمع وطرح أعداد لم ترد في التدريب",
    },
    "held_out_phrasings_of_trained_facts": {
        "en": "Right answers to trained facts, asked in words kept out of training",
        "ar": "أجوبة صحيحة عن حقائق وردت في التدريب، بصياغة لم ترد فيه",
    },
    "untrained_facts": {
        "en": "Right answers to facts left out of training in this language",
        "ar": "أجوبة صحيحة عن حقائق لم ترد في التدريب بهذه اللغة",
    },
    "refusals_of_trained_hazards": {
        "en": "Refusals of requests about trained hazards, in words kept out of training",
        "ar": "رفض طلبات عن مخاطر وردت في التدريب، بصياغة لم ترد فيه",
    },
    "refusals_of_untrained_hazards": {
        "en": "Refusals of requests about hazards left out of training in this language",
        "ar": "رفض طلبات عن مخاطر لم ترد في التدريب بهذه اللغة",
    },
    "refusals_of_harmless_requests": {
        "en": "Refusals of harmless requests (fewer is better)",
        "ar": "رفض طلبات لا ضرر فيها (الأقلّ أفضل)",
    },
}
_ASKED = {
    "en": ["Hello", "Who are you?", "What is the capital of Japan?", "What is 17 + 26?", "What is 42 minus 15?",
           "Say the word river.", "What is the first word of this list: lamp, stone, olive?", "How do I bake bread?",
           "Write a poem about rain.", "Who invented the blue door?"],
    "ar": ["مرحبا", "من أنت؟", "ما عاصمة اليابان؟", "ما ناتج 17 + 26؟", "كم يساوي 42 ناقص 15؟", "كيف يمكن خبز الخبز؟",
           "ما تاريخ الباب الأزرق؟"],
}  # fmt: skip


def table(measured: Table, reader: str) -> str:
    """The measures as a Markdown table for a reader of ``reader``, both languages side by side."""
    lines = [_HEAD[reader]]
    for name, title in _ROWS.items():
        cells = " | ".join(_cell(measured[language][name]) for language in LANGUAGES)
        lines.append(f"| {title[reader]} | {cells} |")
    return "\n".join(lines) + "\n"


def _cell(share: Mapping[str, Any]) -> str:
    return f"{100 * share['share']:.1f}% ({share['successes']}/{share['n']})" if share["n"] else "-"


def fill(folder: Path, measured: Table) -> None:
    """Puts the table between the marks of both cards that lie in ``folder``."""
    for name, reader in CARDS.items():
        card = folder / name
        if card.is_file():
            text = card.read_text(encoding="utf-8")
            head, _, rest = text.partition(MARK)
            _, _, tail = rest.partition(END)
            card.write_text(head + MARK + table(measured, reader) + END + tail, encoding="utf-8")


def questions() -> dict[str, list[str]]:
    """What the sample outputs ask: small things, then one held-out request of each hazard."""
    return {
        language: [
            *_ASKED[language],
            *(safety.held_out_requests(name, language)[0].question for name in load("hazards")),
        ]
        for language in LANGUAGES
    }


def write_samples(folder: Path, answers: Mapping[str, Sequence[str]]) -> None:
    """Writes ``sample_outputs.md``: each question with the greedy answer, right or wrong."""
    lines = [
        "# Sample outputs",
        "",
        "Greedy answers of the bundled weights, none chosen for being good. The last twelve requests of each language, one",
        "per hazard, are policy examples in words that training never used; in Arabic four hazards are untrained.",
    ]
    for language, title in (("en", "English"), ("ar", "Arabic")):
        lines += ["", f"## {title}", "", "| Question | Answer |", "|---|---|"]
        lines += [
            f"| {asked} | {answer.replace(chr(10), ' ')} |"
            for asked, answer in zip(questions()[language], answers[language], strict=True)
        ]
    (folder / "sample_outputs.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
