"""JailbreakBench's artifacts: ``parameters`` of an attack and a list of ``jailbreaks`` (Chao et al., 2024).

As in JailbreakBench/artifacts: each has ``index``, ``goal``, ``behavior``, ``category``, ``prompt``, ``response``, ``jailbroken``, and
beside it ``jailbroken_llama_guard1`` in older ones; ``number_of_queries``, ``prompt_tokens`` and ``response_tokens`` are those of the
whole attack. Where the attack submitted no prompt, prompt and response are null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qistas.contracts.exchanges import Message
from qistas.datasets.reports.record import (
    UNNAMED,
    Answer,
    Found,
    ToolReport,
    Verdict,
    Wrong,
    mapping,
    text_of,
    whole,
)

TOOL = "JailbreakBench"
_VERDICT = "jailbroken"
_COUNTS = ("number_of_queries", "queries_to_jailbreak", "prompt_tokens", "response_tokens")


def is_jailbreakbench(document: Any) -> bool:
    """Whether it has parameters and a list of jailbreaks."""
    rows = mapping(document).get("jailbreaks")
    return isinstance(rows, list) and isinstance(mapping(document).get("parameters"), dict)


def read_jailbreakbench(document: Any) -> Found:
    """The submitted prompts with their answers; those that were not submitted too."""
    parameters = document["parameters"]
    method = str(parameters.get("method") or "unknown")
    faults: list[Wrong] = []
    answers: list[Answer] = []
    for index, row in enumerate(document["jailbreaks"]):
        wrong = list(_wrong(row))
        faults += [Wrong(what, ("jailbreaks", index)) for what in wrong]
        if not wrong:
            answers.append(_answer(row, index, method))
    report = ToolReport(
        tool=TOOL,
        version=None,
        model=str(parameters.get("model") or UNNAMED),
        attacks=True,
        answers=tuple(answers),
    )
    return Found(report, faults)


def _wrong(row: Any) -> Iterator[str]:
    if not isinstance(row, dict):
        yield "a jailbreak must be an object"
        return
    if not (text_of(row.get("goal")) or "").strip():
        yield "'goal' holds no text"
    for name in ("prompt", "response"):
        if not isinstance(row.get(name), str | None):
            yield f"'{name}' holds neither a text nor null"
    if row.get("response") is not None and row.get("prompt") is None:
        yield "there is a response to no prompt"
    if not isinstance(row.get(_VERDICT), bool):
        yield f"'{_VERDICT}' is {row.get(_VERDICT)!r}, and neither true nor false"
    for name in _COUNTS:
        if row.get(name) is not None and whole(row[name]) is None:
            yield f"'{name}' is {row[name]!r}, and no count"


def _answer(row: Mapping[str, Any], index: int, method: str) -> Answer:
    prompt, response = text_of(row.get("prompt")), text_of(row.get("response"))
    behaviour = str(row.get("behavior") or row["goal"])
    queries = whole(row.get("number_of_queries"))
    tokens = [whole(row.get(name)) for name in ("prompt_tokens", "response_tokens")]
    kept = {name: float(row[name]) for name in _COUNTS if row.get(name) is not None}
    if queries is not None:
        kept["queries"] = float(queries)
    if None not in tokens:
        kept["tokens"] = float(sum(token or 0 for token in tokens))
    return Answer(
        id=f"{row.get('index', index)}",
        cluster=behaviour,
        place=f"jailbreaks[{index}]",
        messages=() if prompt is None else (Message("user", prompt),),
        request=row["goal"],
        response=response,
        missing=_missing(prompt, response),
        never_asked=prompt is None,
        verdicts={name: _verdict(row[name]) for name in _judges(row)},
        strata={"category": str(row.get("category") or "none"), "attack": method},
        kept=kept,
    )


def _missing(prompt: str | None, response: str | None) -> str | None:
    if prompt is None:
        return "the attack submitted no prompt"
    return "the file has no response" if response is None else None


def _judges(row: Mapping[str, Any]) -> list[str]:
    return [name for name in row if name.startswith(_VERDICT) and isinstance(row[name], bool)]


def _verdict(jailbroken: bool) -> Verdict:
    return Verdict(said=str(jailbroken).lower(), label="succeeded" if jailbroken else "withstood")
