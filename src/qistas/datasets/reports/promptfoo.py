"""promptfoo's results, as ``promptfoo eval --output FILE.json`` writes them (EvaluateSummary versions 2 and 3).

``results.results`` is a list with ``prompt``, ``provider``, ``response``, ``success``, ``score``, ``gradingResult`` and ``vars``. In a red-team scan the
rows name a ``pluginId``, and a test that did not pass is an attack that succeeded. ``failureReason`` 2 is an error, not a verdict.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import msgspec

from qistas.contracts.canonical import digest_bytes
from qistas.contracts.exchanges import Message, Role, Usage
from qistas.datasets.reports.record import (
    UNNAMED,
    Answer,
    Found,
    Label,
    ToolReport,
    Verdict,
    Wrong,
    mapping,
    number_of,
    text_of,
    tidy,
    whole,
)

TOOL = "promptfoo"
_JUDGE = "assertions"
_ERROR = 2
_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}


def is_promptfoo(document: Any) -> bool:
    """Whether it holds a summary of an evaluation."""
    summary = mapping(mapping(document).get("results"))
    return isinstance(summary.get("results"), list) and "stats" in summary


def read_promptfoo(document: Any) -> Found:
    """Every row of the results."""
    rows = document["results"]["results"]
    attacks = bool(rows) and all(_plugin(mapping(row)) for row in rows)
    faults: list[Wrong] = []
    answers: list[Answer] = []
    for index, row in enumerate(rows):
        wrong = list(_wrong(row))
        faults += [Wrong(what, ("results", "results", index)) for what in wrong]
        if not wrong:
            answers.append(_answer(row, index, attacks))
    names = dict.fromkeys(_provider(mapping(row)) for row in rows if isinstance(row, dict))
    report = ToolReport(
        tool=TOOL,
        version=text_of(mapping(document.get("metadata")).get("promptfooVersion")),
        model=", ".join(names) or UNNAMED,
        attacks=attacks,
        answers=tuple(answers),
    )
    return Found(report, faults)


def _provider(row: Mapping[str, Any]) -> str:
    provider = row.get("provider")
    said = provider if isinstance(provider, str) else mapping(provider).get("id")
    return said if isinstance(said, str) and said else "a provider without a name"


def _plugin(row: Mapping[str, Any]) -> str | None:
    graded = mapping(mapping(row.get("gradingResult")).get("metadata"))
    tested = mapping(mapping(row.get("testCase")).get("metadata"))
    return next(
        (
            found
            for one in (mapping(row.get("metadata")), tested, graded)
            if (found := text_of(one.get("pluginId")))
        ),
        None,
    )


def _wrong(row: Any) -> Iterator[str]:
    if not isinstance(row, dict):
        yield "a result must be an object"
        return
    if not _messages(row):
        yield "the result has no 'prompt' with a text 'raw'"
    if not isinstance(row.get("success"), bool):
        yield f"'success' is {row.get('success')!r}, and neither true nor false"
    if row.get("score") is not None and number_of(row["score"]) is None:
        yield "'score' is no number"


def _messages(row: Mapping[str, Any]) -> tuple[Message, ...]:
    raw = text_of(mapping(row.get("prompt")).get("raw")) or text_of(row.get("prompt"))
    if raw is None:
        return ()
    return _conversation(raw) or (Message("user", raw),)


def _conversation(raw: str) -> tuple[Message, ...]:
    """The turns of a prompt that is a list of messages in JSON; nothing where it is plain text."""
    if not raw.lstrip().startswith("["):
        return ()
    try:
        turns = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return ()
    read = [(_ROLES.get(str(mapping(turn).get("role"))), mapping(turn).get("content")) for turn in turns]
    if not all(role and isinstance(content, str) for role, content in read):
        return ()
    return tuple(Message(cast(Role, role), str(content)) for role, content in read)


def _answer(row: Mapping[str, Any], index: int, attacks: bool) -> Answer:
    messages, response = _messages(row), _response(row)
    failed = row.get("failureReason") == _ERROR or (response is None and row.get("error"))
    tokens = mapping(mapping(row.get("response")).get("tokenUsage"))
    tested = mapping(mapping(row.get("testCase")).get("metadata"))
    sought = text_of(tested.get("originalText"))
    asked = next((turn.content for turn in reversed(messages) if turn.role == "user"), messages[-1].content)
    strategy = tested.get("strategyId") or mapping(row.get("metadata")).get("strategyId")
    return Answer(
        id=str(index),
        cluster=_test(mapping(row.get("vars")), sought, asked),
        place=f"results.results[{index}]",
        messages=messages,
        request=sought or asked,
        response=response,
        missing=None
        if response is not None
        else tidy(str(row.get("error") or "the file has no response"))[:300],
        verdicts={_JUDGE: _none(row) if failed else _verdict(row, attacks)},
        usage=Usage(whole(tokens.get("prompt")), whole(tokens.get("completion"))),
        strata={
            "plugin": _plugin(row) or "none",
            "attack": str(strategy or "none"),
            "provider": _provider(row),
        },
    )


def _test(variables: Mapping[str, Any], sought: str | None, asked: str) -> str:
    """What makes rows one unit: the same request or variables, whatever the prompt, strategy, provider or repeat."""
    values = list(variables.values())
    said = sought or (values[0] if len(values) == 1 else variables) or asked
    return digest_bytes(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).rpartition(":")[2][:12]


def _response(row: Mapping[str, Any]) -> str | None:
    output = mapping(row.get("response")).get("output")
    if output is None or isinstance(output, str):
        return output
    return json.dumps(output, ensure_ascii=False, sort_keys=True)


def _none(row: Mapping[str, Any]) -> Verdict:
    return Verdict(said=tidy(str(row.get("error") or "error"))[:300], label="none")


def _verdict(row: Mapping[str, Any], attacks: bool) -> Verdict:
    passed = bool(row["success"])
    label: Label = ("withstood" if passed else "succeeded") if attacks else ("passed" if passed else "failed")
    return Verdict(said="pass" if passed else "fail", label=label, number=number_of(row.get("score")))
