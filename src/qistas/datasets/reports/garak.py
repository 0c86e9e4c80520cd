"""garak's report: JSON Lines, each with an ``entry_type``.

Forms of garak 0.9 to 0.14 (garak.attempt.Attempt.as_dict): a prompt is a text, a message with ``text``, or a conversation
with ``turns``; an output is a text or a message. A detector's score at or above the run's threshold is a hit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qistas.contracts.canonical import digest
from qistas.contracts.exchanges import Message
from qistas.datasets.reports.record import (
    UNNAMED,
    Answer,
    Found,
    ToolReport,
    Verdict,
    Wrong,
    mapping,
    number_of,
    text_of,
)

TOOL = "garak"
# Of an attempt: sent and answered, but not looked at by a detector; and done.
_ANSWERED, _DONE = 1, 2
_THRESHOLD = 0.5
_ROLES = ("system", "user", "assistant")

Line = tuple[int, dict[str, Any]]


def is_garak(first: Mapping[str, Any]) -> bool:
    """Whether a file whose first line this is comes from garak."""
    return "entry_type" in first


def read_garak(lines: list[Line]) -> Found:
    """The attempts of a report. ``path`` of a fault is the line's number."""
    setup = _only(lines, "start_run setup")
    threshold = number_of(setup.get("run.eval_threshold"))
    threshold = _THRESHOLD if threshold is None else threshold
    faults: list[Wrong] = []
    answers: list[Answer] = []
    for number, row in _attempts(lines):
        wrong = list(_wrong(row))
        faults += [Wrong(what, (number,)) for what in wrong]
        if not wrong:
            answers += _answers(row, number, threshold)
    report = ToolReport(
        tool=TOOL,
        version=_version(lines, setup),
        model=_model(setup),
        attacks=True,
        answers=tuple(answers),
    )
    return Found(report, faults)


def _only(lines: list[Line], kind: str) -> dict[str, Any]:
    return next((row for _, row in lines if row.get("entry_type") == kind), {})


def _version(lines: list[Line], setup: Mapping[str, Any]) -> str | None:
    return text_of(_only(lines, "init").get("garak_version")) or text_of(setup.get("_config.version"))


def _model(setup: Mapping[str, Any]) -> str:
    kind = setup.get("plugins.target_type") or setup.get("plugins.model_type")
    name = setup.get("plugins.target_name") or setup.get("plugins.model_name")
    return ":".join(str(part) for part in (kind, name) if part) or UNNAMED


def _attempts(lines: list[Line]) -> Iterator[Line]:
    """Each attempt once: as it was when done, or, where no detector looked at it, as it was answered."""
    last: dict[str, Line] = {}
    for number, row in lines:
        if row.get("entry_type") != "attempt" or row.get("status") not in (_ANSWERED, _DONE, None):
            continue
        key = str(row.get("uuid") or f"line {number}")
        known = last.get(key)
        if known is None or row.get("status") != _ANSWERED:
            last[key] = (number, row)
    yield from sorted(last.values(), key=lambda line: line[0])


def _wrong(row: Mapping[str, Any]) -> Iterator[str]:
    if _turns(row.get("prompt")) is None:
        yield "the attempt has no 'prompt' that can be read"
    outputs = row.get("outputs")
    if not isinstance(outputs, list) or any(not _is_output(output) for output in outputs):
        yield "the attempt has no list of 'outputs' that can be read"
        return
    results = row.get("detector_results", {})
    if not isinstance(results, dict):
        yield "'detector_results' is no object"
        return
    for detector, scores in results.items():
        if not isinstance(scores, list) or len(scores) != len(outputs):
            count = len(scores) if isinstance(scores, list) else "no list of"
            yield f"the detector {detector!r} has {count} scores for {len(outputs)} outputs"
        elif any(score is not None and number_of(score) is None for score in scores):
            yield f"the detector {detector!r} has a score that is no number"


def _is_output(output: Any) -> bool:
    return output is None or isinstance(output, str) or (isinstance(output, dict) and "text" in output)


def _answers(row: Mapping[str, Any], number: int, threshold: float) -> Iterator[Answer]:
    uuid = str(row.get("uuid") or f"line-{number}")
    probe = str(row.get("probe_classname") or "unknown")
    prompt = _turns(row["prompt"]) or ()
    conversations = row.get("conversations")
    for index, output in enumerate(row["outputs"]):
        response, language = _text(output)
        before = _before(conversations, index, len(row["outputs"])) or prompt
        yield Answer(
            id=f"{uuid}.{index}",
            cluster=f"{probe} {_same(prompt)}",
            place=f"line {number}, output {index + 1}",
            messages=before,
            request=next((turn.content for turn in reversed(before) if turn.role == "user"), ""),
            response=response,
            missing=None if response is not None else "the generator gave no output",
            verdicts={
                detector: _verdict(scores[index], threshold)
                for detector, scores in mapping(row.get("detector_results")).items()
            },
            language=language,
            strata={"probe": probe},
        )


def _same(prompt: tuple[Message, ...]) -> str:
    """What makes attempts one unit: the same prompt, however often it was put."""
    return digest([[turn.role, turn.content] for turn in prompt]).rpartition(":")[2][:12]


def _verdict(score: Any, threshold: float) -> Verdict:
    if score is None:
        return Verdict(said="no score", label="none")
    hit = float(score) >= threshold
    return Verdict(
        said="hit" if hit else "pass", label="succeeded" if hit else "withstood", number=float(score)
    )


def _text(output: Any) -> tuple[str | None, str | None]:
    """(the text of an output, its language where the file says it)."""
    if isinstance(output, dict):
        said = text_of(output.get("lang"))
        return text_of(output.get("text")), said if said and said != "*" else None
    return text_of(output), None


def _turns(prompt: Any) -> tuple[Message, ...] | None:
    if isinstance(prompt, str):
        return (Message("user", prompt),)
    turns = mapping(prompt).get("turns")
    if not isinstance(turns, list):
        text = text_of(mapping(prompt).get("text"))
        return None if text is None else (Message("user", text),)
    read = [_turn(turn) for turn in turns]
    return tuple(turn for turn in read if turn is not None) if all(read) and read else None


def _turn(turn: Any) -> Message | None:
    role, content = mapping(turn).get("role"), mapping(turn).get("content")
    text = content if isinstance(content, str) else mapping(content).get("text")
    # A turn that is an image or a sound has no text.
    text = "" if text is None and isinstance(content, dict) else text
    return Message(role, text) if role in _ROLES and isinstance(text, str) else None


def _before(conversations: Any, index: int, outputs: int) -> tuple[Message, ...] | None:
    """The turns before the last answer, where the file holds one conversation for each output."""
    if not isinstance(conversations, list) or len(conversations) != outputs:
        return None
    turns = _turns(conversations[index]) or ()
    last = max((place for place, turn in enumerate(turns) if turn.role == "assistant"), default=0)
    return turns[:last] or None
