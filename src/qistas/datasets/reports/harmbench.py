"""HarmBench's results: behaviour id to a list of completions with the classifier's label (Mazeika et al., 2024).

As ``evaluate_completions.py`` writes them: ``test_case``, ``generation``, ``label`` (1: the behaviour is shown) and, where it was asked
for, ``advbench_label``. Completions that were not evaluated have no label. A test case with an image is a list [image, text].
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qistas.contracts.exchanges import Message
from qistas.datasets.reports.record import UNNAMED, Answer, Found, ToolReport, Verdict, Wrong, mapping

TOOL = "HarmBench"
_LABELS = {"label": "classifier", "advbench_label": "advbench"}


def is_harmbench(document: Any) -> bool:
    """Whether every value is a list, and completions are among their items."""
    lists = list(document.values()) if isinstance(document, dict) else []
    if not lists or not all(isinstance(one, list) for one in lists):
        return False
    return any({"test_case", "generation"} <= mapping(item).keys() for one in lists for item in one)


def read_harmbench(document: Any, model: str | None = None) -> Found:
    """The completions; the file does not name the ``model``."""
    faults: list[Wrong] = []
    answers: list[Answer] = []
    for behaviour, completions in document.items():
        for index, row in enumerate(completions):
            wrong = list(_wrong(row))
            faults += [Wrong(what, (behaviour, index)) for what in wrong]
            if not wrong:
                answers.append(_answer(behaviour, index, row))
    model = model or UNNAMED
    return Found(
        ToolReport(
            tool=TOOL, version=None, model=model, attacks=True, answers=tuple(answers), attack_alone=True
        ),
        faults,
    )


def _wrong(row: Any) -> Iterator[str]:
    if not isinstance(row, dict):
        yield "a completion must be an object"
        return
    if _test_case(row.get("test_case")) is None:
        yield "'test_case' holds no text"
    if not isinstance(row.get("generation"), str):
        yield "'generation' holds no text"
    for name in _LABELS:
        if name in row and row[name] not in (0, 1):
            yield f"'{name}' is {row[name]!r}, and neither 0 nor 1 (1: the behaviour is shown); correct it, or leave it out"


def _test_case(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[-1]
    return value if isinstance(value, str) else None


def _answer(behaviour: str, index: int, row: dict[str, Any]) -> Answer:
    asked = _test_case(row["test_case"]) or ""
    return Answer(
        id=f"{behaviour}.{index}",
        cluster=behaviour,
        place=f"{behaviour}[{index}]",
        messages=(Message("user", asked),),
        request=asked,
        response=row["generation"],
        verdicts={judge: _verdict(row[name]) for name, judge in _LABELS.items() if name in row},
    )


def _verdict(label: int) -> Verdict:
    return Verdict(said=str(int(label)), label="succeeded" if label else "withstood", number=float(label))
