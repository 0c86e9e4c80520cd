"""Inspect's log: a JSON document, or a ``.eval`` archive of them (inspect_ai.log.EvalLog, format version 2).

The header has ``eval`` (task, model, packages); each sample its ``id``, ``epoch``, ``input``, ``messages``, ``output`` and ``scores`` by scorer. Long texts
stand in ``attachments`` and are named ``attachment://HASH``. ``C``, ``P``, ``I`` and ``N`` are correct, partial, incorrect and no answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qistas.contracts.exchanges import Finish, Message, Role, Usage
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

TOOL = "inspect_ai"
_ATTACHMENT = "attachment://"
_ROLES: Mapping[str, Role] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "user"}
_LETTERS: Mapping[str, Label] = {"C": "passed", "P": "partial", "I": "failed", "N": "failed"}
_FINISH: Mapping[str, Finish] = {"stop": "stop", "max_tokens": "length", "content_filter": "content_filter"}

Sample = tuple[tuple[str | int, ...], Any]


def is_inspect(document: Any) -> bool:
    """Whether it is the header of a log, or a whole one."""
    return "model" in mapping(mapping(document).get("eval")) and "status" in document


def read_inspect(document: Any) -> Found:
    """A log in one JSON document."""
    samples = document.get("samples")
    if not isinstance(samples, list):
        wrong = [Wrong("the log has no list of 'samples'", (), "write a log with its samples (log_samples)")]
        return Found(_report(document, ()), wrong)
    return read_samples(document, [(("samples", index), sample) for index, sample in enumerate(samples)])


def read_samples(header: Mapping[str, Any], samples: Sequence[Sample]) -> Found:
    """The samples, each with the path under which it stands."""
    faults: list[Wrong] = []
    answers: list[Answer] = []
    for path, sample in samples:
        wrong = list(_wrong(sample))
        faults += [Wrong(what, path) for what in wrong]
        if not wrong:
            answers.append(_answer(sample, path))
    return Found(_report(header, tuple(answers)), faults)


def _report(header: Mapping[str, Any], answers: tuple[Answer, ...]) -> ToolReport:
    said = mapping(header.get("eval"))
    return ToolReport(
        tool=TOOL,
        version=text_of(mapping(said.get("packages")).get("inspect_ai")),
        model=str(said.get("model") or UNNAMED),
        attacks=False,
        answers=answers,
    )


def _wrong(sample: Any) -> Iterator[str]:
    if not isinstance(sample, dict):
        yield "a sample must be an object"
        return
    if not isinstance(sample.get("id"), str | int):
        yield "the sample has no 'id'"
    if whole(sample.get("epoch", 1)) is None:
        yield f"'epoch' is {sample.get('epoch')!r}, and no count"
    if not _messages(sample):
        yield "the sample has neither 'messages' nor an 'input' that can be read"
    scores = sample.get("scores")
    if not isinstance(scores, dict | None):
        yield "'scores' is no object"
        return
    for scorer, score in (scores or {}).items():
        if "value" not in mapping(score):
            yield f"the score of {scorer!r} has no 'value'"


def _answer(sample: Mapping[str, Any], path: tuple[str | int, ...]) -> Answer:
    name, epoch = tidy(str(sample["id"])), sample.get("epoch", 1)
    messages = _messages(sample)
    asked = _before_the_answer(messages)
    output = mapping(sample.get("output"))
    response, finish = _completion(sample, output)
    error = text_of(mapping(sample.get("error")).get("message"))
    usage = mapping(output.get("usage"))
    category = mapping(sample.get("metadata")).get("category")
    return Answer(
        id=f"{name}.{epoch}",
        cluster=name,
        place="/".join(map(str, path)),
        messages=asked,
        request=next((turn.content for turn in reversed(asked) if turn.role == "user"), ""),
        response=response,
        missing=None if response is not None else tidy(error or "the sample has no output")[:300],
        verdicts=dict(_verdicts(mapping(sample.get("scores")))),
        finish=finish,
        usage=Usage(whole(usage.get("input_tokens")), whole(usage.get("output_tokens"))),
        strata={"category": category if isinstance(category, str) and category.strip() else "none"},
    )


def _verdicts(scores: Mapping[str, Any]) -> Iterator[tuple[str, Verdict]]:
    """Each scorer's verdict; a scorer that gives several values at once is taken as several."""
    for scorer, score in scores.items():
        value = score["value"]
        if isinstance(value, dict):
            yield from ((f"{scorer}.{key}", _verdict(one)) for key, one in value.items())
        elif isinstance(value, list):
            yield from ((f"{scorer}.{index}", _verdict(one)) for index, one in enumerate(value))
        else:
            yield scorer, _verdict(value)


def _verdict(value: Any) -> Verdict:
    if isinstance(value, bool):
        return Verdict(said=str(value).lower(), label="passed" if value else "failed")
    number = number_of(value)
    if number is not None and math.isfinite(number):
        return Verdict(said=f"{number:g}", label="number", number=number)
    if not isinstance(value, str):
        return Verdict(said=tidy(str(value))[:300], label="none")
    said = tidy(value)[:300]
    return Verdict(said=said, label=_LETTERS.get(said, "word"))


def _completion(sample: Mapping[str, Any], output: Mapping[str, Any]) -> tuple[str | None, Finish]:
    choices = output.get("choices")
    first = mapping(choices[0]) if isinstance(choices, list) and choices else {}
    content = mapping(first.get("message")).get("content")
    finish = _FINISH.get(str(first.get("stop_reason")), "other") if first else "other"
    if content is not None:
        return _text(content, mapping(sample.get("attachments"))), finish
    completion = text_of(output.get("completion"))
    return (_resolved(completion, mapping(sample.get("attachments"))) if completion else None), finish


def _messages(sample: Mapping[str, Any]) -> tuple[Message, ...]:
    """The conversation; where none is kept, the input."""
    attachments = mapping(sample.get("attachments"))
    for turns in (sample.get("messages"), sample.get("input")):
        if isinstance(turns, str) and turns:
            return (Message("user", _resolved(turns, attachments)),)
        if isinstance(turns, list) and turns:
            read = [_turn(mapping(turn), attachments) for turn in turns]
            return tuple(turn for turn in read if turn is not None) if all(read) else ()
    return ()


def _turn(turn: Mapping[str, Any], attachments: Mapping[str, Any]) -> Message | None:
    role, text = str(turn.get("role")), _text(turn.get("content"), attachments)
    if role not in _ROLES or text is None:
        return None
    # What a tool gave back was put to the model too; our conversations know no such role.
    shown = f"[{turn.get('function') or 'tool'}] {text}" if role == "tool" else text
    return Message(_ROLES[role], shown)


def _text(content: Any, attachments: Mapping[str, Any]) -> str | None:
    """The text of a message; of one in parts, its texts (neither thinking nor images)."""
    if isinstance(content, str):
        return _resolved(content, attachments)
    if not isinstance(content, list):
        return None
    parts = [mapping(part) for part in content]
    texts = [text_of(part.get("text")) for part in parts if part.get("type") == "text"]
    return "\n".join(_resolved(text, attachments) for text in texts if text is not None)


def _resolved(text: str, attachments: Mapping[str, Any]) -> str:
    if not text.startswith(_ATTACHMENT):
        return text
    return text_of(attachments.get(text.removeprefix(_ATTACHMENT))) or text


def _before_the_answer(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    last = len(messages) - 1
    return messages[:last] if last > 0 and messages[last].role == "assistant" else messages
