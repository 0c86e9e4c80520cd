"""A results file of another tool, known by its content: its answers, or every fault of it.

Nothing in a file is executed, and nothing is unpickled: it is read as JSON, and what it may take is bounded.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import msgspec

from qistas.contracts.canonical import digest_bytes
from qistas.contracts.errors import BadInput, Fault, InvalidDocument, StorageError
from qistas.datasets.reports import archive
from qistas.datasets.reports.garak import is_garak, read_garak
from qistas.datasets.reports.harmbench import is_harmbench, read_harmbench
from qistas.datasets.reports.inspect_log import is_inspect, read_inspect
from qistas.datasets.reports.jailbreakbench import is_jailbreakbench, read_jailbreakbench
from qistas.datasets.reports.lines import line_of
from qistas.datasets.reports.promptfoo import is_promptfoo, read_promptfoo
from qistas.datasets.reports.record import Found, ToolReport, Wrong, too_long

Format = Literal["garak", "inspect", "promptfoo", "harmbench", "jailbreakbench"]
FORMATS: tuple[Format, ...] = get_args(Format)

MOST_BYTES = 1_073_741_824


class _Whole(NamedTuple):
    """A format that is one JSON document."""

    known: Callable[[Any], bool]
    read: Callable[[Any], Found]


_WHOLE: Mapping[Format, _Whole] = {
    "inspect": _Whole(is_inspect, read_inspect),
    "promptfoo": _Whole(is_promptfoo, read_promptfoo),
    "jailbreakbench": _Whole(is_jailbreakbench, read_jailbreakbench),
    "harmbench": _Whole(is_harmbench, read_harmbench),
}


def load_report(path: Path, form: Format | None = None, model: str | None = None) -> tuple[ToolReport, str]:
    """(what the file reports, the digest of its bytes).

    ``form``: as which format to read it; it is known by its content otherwise. ``model``: about which model it is,
    in place of the name in the file.

    Raises:
        StorageError: the file is not there or cannot be read.
        InvalidDocument: it is none of the formats, too large, or has faults: all of them, with their lines.
        MissingExtra: the archive is compressed in a way that needs an optional package.
    """
    data = _bytes(path)
    where: Callable[[Wrong], str]
    if data.startswith(b"PK\x03\x04") or zipfile.is_zipfile(path):
        _refuse_other(path, form, "inspect")
        found, where = archive.read_archive(path, data), partial(_in_archive, path)
    else:
        found, where = _text_report(path, _decoded(path, data), form)
    faults = [wrong.at(where(wrong)) for wrong in [*found.faults, *_meaning(found.report)]]
    if not found.report.answers and not faults:
        faults.append(Fault("the file reports no answer", str(path), "give the file of a finished run"))
    if faults:
        raise InvalidDocument(*faults)
    report = found.report if model is None else msgspec.structs.replace(found.report, model=model)
    return report, digest_bytes(data)


_CHECK = "check the path; a folder that holds the results is no file of them"


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise StorageError(Fault("there is no such file", str(path), _CHECK)) from error
    except OSError as error:
        raise StorageError(Fault(f"cannot be read: {error.strerror}", str(path))) from error
    if len(data) > MOST_BYTES:
        raise InvalidDocument(Fault(f"the file is larger than {MOST_BYTES} bytes", str(path), "split it"))
    return data


def _decoded(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        step = (
            "save the file as UTF-8" if b"\0" not in data[:4096] else "only JSON and .eval archives are read"
        )
        raise InvalidDocument(Fault("the text is not UTF-8", f"{path}:{line}", step)) from error


def _text_report(path: Path, text: str, form: Format | None) -> tuple[Found, Callable[[Wrong], str]]:
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        lines, faults = _lines(text)
        if lines and is_garak(lines[0][1]):
            _refuse_other(path, form, "garak")
            return _garak(path, lines, faults)
        raise InvalidDocument(*_not_json(path, text, error, faults if lines else [])) from error
    if isinstance(document, dict) and is_garak(document):
        _refuse_other(path, form, "garak")
        return _garak(path, [(1, document)], [])
    known = next((name for name, one in _WHOLE.items() if one.known(document)), None)
    if known is None:
        what = (
            "the file is in none of the formats that are known"
            if form is None
            else f"the file is not in the format {form}"
        )
        raise InvalidDocument(Fault(what, str(path), f"results of {', '.join(FORMATS)} are read"))
    _refuse_other(path, form, known)
    return _WHOLE[known].read(document), partial(_on_line, path, text)


def _garak(
    path: Path, lines: list[tuple[int, dict[str, Any]]], faults: list[Wrong]
) -> tuple[Found, Callable[[Wrong], str]]:
    found = read_garak(lines)
    both = sorted([*faults, *found.faults], key=lambda wrong: wrong.path)
    return Found(found.report, both), lambda wrong: f"{path}:{wrong.path[0]}" if wrong.path else str(path)


def _lines(text: str) -> tuple[list[tuple[int, dict[str, Any]]], list[Wrong]]:
    rows: list[tuple[int, dict[str, Any]]] = []
    faults: list[Wrong] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            faults.append(Wrong(f"this is not JSON: {error}", (number,), "write one JSON object per line"))
            continue
        if isinstance(row, dict):
            rows.append((number, row))
        else:
            faults.append(Wrong("a line must be a JSON object", (number,), "write one JSON object per line"))
    return rows, faults


def _not_json(path: Path, text: str, error: Exception, faults: list[Wrong]) -> list[Fault]:
    if faults:
        return [wrong.at(f"{path}:{wrong.path[0]}") for wrong in faults]
    return [
        Fault(
            f"this is not JSON: {error}",
            f"{path}:{_line_in(error, text)}",
            "check the file, or write it again",
        )
    ]


def _line_in(error: Exception, text: str) -> int:
    """The error says the byte at which reading stopped."""
    said = str(error).rpartition("byte ")[2].rstrip(")")
    return text.encode()[: int(said)].count(b"\n") + 1 if said.isdecimal() else 1


def _refuse_other(path: Path, form: Format | None, known: Format) -> None:
    if form not in (None, known):
        step = f"leave --format out, or give --format {known}"
        raise BadInput(Fault(f"this is a file of the format {known}, not {form}", str(path), step))


def _on_line(path: Path, text: str, wrong: Wrong) -> str:
    return f"{path}:{line_of(text, wrong.path)}: {_dotted(wrong)}" if wrong.path else str(path)


def _in_archive(path: Path, wrong: Wrong) -> str:
    return f"{path}: {_dotted(wrong)}" if wrong.path else str(path)


def _dotted(wrong: Wrong) -> str:
    shown = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in wrong.path)
    return shown.removeprefix(".")


def _meaning(report: ToolReport) -> Iterator[Wrong]:
    """What is wrong with answers that could be read."""
    counts = Counter(answer.id for answer in report.answers)
    for name, count in counts.items():
        if count > 1:
            yield Wrong(f"{count} answers have the id {name!r}", ())
    for answer in report.answers:
        for what in too_long(answer):
            yield Wrong(f"{answer.place}: {what}", ())
