"""What attacks sought, out of a behaviours file, for results that name behaviours by id alone."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from qistas.contracts.errors import BadInput, Fault, InvalidDocument
from qistas.datasets.behaviours import format_of, requests_of
from qistas.datasets.reports.record import ToolReport
from qistas.datasets.rows import load_file

_MOST_SHOWN = 20


def with_behaviours(report: ToolReport, path: Path) -> tuple[ToolReport, str]:
    """(the report with each behaviour's own text as what was sought, in place of the attack's; the digest of the file's bytes).

    ``path``: HarmBench's text behaviours as they are published; a context stands before its behaviour.

    Raises:
        BadInput: the report says itself what was sought, or the file lacks behaviours of it.
        StorageError, InvalidDocument: the file, with every fault of it.
    """
    if not report.attack_alone:
        what = f"a file of {report.tool} needs no behaviours file"
        raise BadInput(Fault(what, "--behaviours", "leave --behaviours out"))
    rows, digest = load_file(path)
    form = format_of(rows)
    if form is None or form.id != "harmbench":
        step = "give a HarmBench text file (BehaviorID, Behavior, ContextString)"
        raise InvalidDocument(Fault("these are not behaviours of HarmBench", str(path), step))
    requests_of(rows, "harmful")
    sought = {str(row["BehaviorID"]): str(next(form.turn(row))["request"]) for row in rows}
    missing = list(dict.fromkeys(a.cluster for a in report.answers if a.cluster not in sought))
    if missing:
        shown = ", ".join(missing[:_MOST_SHOWN]) + (", …" if len(missing) > _MOST_SHOWN else "")
        what = f"the file lacks {len(missing)} behaviours of the results: {shown}"
        raise BadInput(Fault(what, str(path), "give the file that the attacks were made from"))
    answers = tuple(replace(answer, request=sought[answer.cluster]) for answer in report.answers)
    return replace(report, answers=answers, attack_alone=False, sought_in=path.name), digest
