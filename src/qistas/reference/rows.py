"""Writes the facts table and the three capability data sets: ``python -m qistas.reference.rows [--out DIR]``.

The rows ask any model: nothing in them knows ``sanja``, and its training asks none of their questions as it stands.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from qistas.reference.recipe import LANGUAGES, arithmetic, facts, load

Row = dict[str, Any]

SEED = 2026
FACTS_PER_RELATION = 6
ARITHMETIC_ROWS = 114
# fmt: off
_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
         "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
# fmt: on
_ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
# What belongs to no subject of the weights' own population.
_OTHER_SUBJECTS = {"capital": "geography", "opposite": "words"}
_FORM = {
    "number": {"en": " Answer with the number only.", "ar": " الإجابة رقم فقط."},
    "word": {"en": " Answer with one word.", "ar": " بكلمة واحدة."},
    "words": {"en": " Give a short answer.", "ar": " أرجو إجابة قصيرة."},
}


def distractors(fact: facts.Fact) -> list[facts.Fact]:
    """Three facts of the same relation whose answers differ from this one's and from each other in both languages."""
    others = [other for other in facts.facts() if other.relation == fact.relation]
    random.Random(f"{SEED} {fact.id}").shuffle(others)
    chosen: list[facts.Fact] = []
    taken = set(fact.answer.values())
    for other in others:
        if taken.isdisjoint(other.answer.values()) and len(chosen) < 3:
            chosen.append(other)
            taken.update(other.answer.values())
    return chosen


def fact_rows() -> Iterator[Row]:
    """The facts table: canonical question, answer and three distractors in both languages."""
    for fact in facts.facts():
        wrong = distractors(fact)
        row: Row = {"id": fact.id, "subject": fact.field}
        for language in LANGUAGES:
            row[language] = {
                "question": fact.canonical(language),
                "answer": fact.answer[language],
                "distractors": [other.answer[language] for other in wrong],
            }
        yield row


def choice_rows() -> Iterator[Row]:
    """One multiple-choice row per fact and language; the right answer stands in each position equally often."""
    for language in LANGUAGES:
        rng = random.Random(f"{SEED} choice {language}")
        table = list(fact_rows())
        positions = [index % 4 for index in range(len(table))]
        rng.shuffle(positions)
        for fact, position in zip(table, positions, strict=True):
            said = fact[language]
            options = list(said["distractors"])
            options.insert(position, said["answer"])
            yield {
                "id": f"choice-{language}-{fact['id']}",
                "language": language,
                "cluster": fact["id"],
                "question": said["question"],
                "options": options,
                "answer": position,
            }


def exact_rows() -> Iterator[Row]:
    """Rows whose answer is matched exactly: held-out sums and differences, then facts; the cluster is the template."""
    for language in LANGUAGES:
        yield from _arithmetic_rows(language)
        yield from _exact_fact_rows(language)


def _templates(language: str) -> list[tuple[str, int, str]]:
    block = load("arithmetic")[language]
    return [
        (operation, number, template)
        for operation in arithmetic.OPERATIONS
        for number, template in enumerate(block[operation], start=1)
    ]


def _arithmetic_rows(language: str) -> Iterator[Row]:
    rng = random.Random(f"{SEED} exact {language}")
    left = {op: rng.sample(arithmetic.pairs(op), k=60) for op in arithmetic.OPERATIONS}
    templates = _templates(language)
    for index in range(ARITHMETIC_ROWS):
        operation, number, template = templates[index % len(templates)]
        if not left[operation]:
            left[operation] = rng.sample(arithmetic.pairs(operation), k=60)
        example = arithmetic.question(operation, language, template, left[operation].pop())
        yield {
            "id": f"exact-{language}-{operation}-{index + 1:03d}",
            "language": language,
            "cluster": f"{language}-{operation}-{number:02d}",
            "question": example.question + _FORM["number"][language],
            "answer": example.answer,
            "accepted": accepted(example.answer, language),
        }


def _exact_fact_rows(language: str) -> Iterator[Row]:
    for relation in load("relations"):
        known = [fact for fact in facts.facts() if fact.relation == relation]
        chosen = random.Random(f"{SEED} exact {relation}").sample(known, FACTS_PER_RELATION)
        for fact in sorted(chosen, key=lambda fact: fact.id):
            yield {
                "id": f"exact-{language}-{fact.id}",
                "language": language,
                "cluster": f"{language}-{relation}",
                **_asked(fact, language),
            }


def _asked(fact: facts.Fact, language: str) -> Row:
    """The canonical question with the form of its answer, and what counts as one."""
    answer = fact.answer[language]
    form = "number" if answer.isdigit() else "words" if " " in answer else "word"
    return {
        "question": fact.canonical(language) + _FORM[form][language],
        "answer": answer,
        "accepted": accepted(answer, language),
    }


def known_rows() -> Iterator[Row]:
    """Every fact of the table once in each language, by subject; the cluster is the fact."""
    subjects = {relation: subject for subject, named in facts.SUBJECTS.items() for relation in named}
    for language in LANGUAGES:
        for fact in facts.facts():
            yield {
                "id": f"facts-{language}-{fact.id}",
                "language": language,
                "cluster": fact.id,
                "subject": subjects.get(fact.relation) or _OTHER_SUBJECTS[fact.relation],
                **_asked(fact, language),
            }


def accepted(answer: str, language: str) -> list[str]:
    """Every spelling that counts as this answer, the answer itself first."""
    more = list(load("accepted")[language].get(answer, []))
    if answer.isdigit():
        more.append(in_words(int(answer)) if language == "en" else answer.translate(_ARABIC_INDIC))
    elif language == "ar" and " " not in answer and not answer.isascii():
        more.append(answer[2:] if answer.startswith("ال") else f"ال{answer}")
    return [answer, *(text for text in dict.fromkeys(more) if text != answer)]


def in_words(number: int) -> str:
    """A whole number from 0 to 100 in English words."""
    if number < 20:
        return _ONES[number]
    if number == 100:
        return "one hundred"
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")


FILES: dict[str, Callable[[], Iterable[Row]]] = {
    "facts.jsonl": fact_rows,
    "capability-choice.jsonl": choice_rows,
    "capability-exact.jsonl": exact_rows,
    "capability-facts.jsonl": known_rows,
}


def lines(rows: Iterable[Row]) -> str:
    """Rows as JSON lines, Arabic readable."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def main(arguments: list[str] | None = None) -> None:
    """Writes the four files."""
    parser = argparse.ArgumentParser(prog="python -m qistas.reference.rows", description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path(str(resources.files("qistas.datasets") / "data")))
    folder = parser.parse_args(arguments).out
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in FILES.items():
        (folder / name).write_text(lines(rows()), encoding="utf-8")


if __name__ == "__main__":
    main()
