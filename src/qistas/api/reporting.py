"""Reports out of a ledger, and files written whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from qistas.contracts.documents import Language
from qistas.contracts.errors import BadInput, Fault, StorageError
from qistas.contracts.findings import Report
from qistas.findings.compute import findings_from
from qistas.findings.reading import Evidence, read_evidence
from qistas.ledger.reader import LedgerReader
from qistas.report.export import OF_RUNS

REPORT_FORMATS = ("json", "html", "md", *OF_RUNS)


def report(path: Path, format: str = "json", lang: Language = "en") -> bytes:  # noqa: A002 - the command's own word
    """The report of a ledger as ``json``, ``html`` or ``md``, or in one of the formats of ``qistas.report.export``, in bytes."""
    with LedgerReader(ledger_path(path)) as reader:
        made, evidence = build(reader)
        return render(made, reader, format, lang, evidence)


def build(reader: LedgerReader) -> tuple[Report, Evidence]:
    """The report of what the ledger holds, and the samples and observations that it was made from."""
    from qistas.report.document import build_report, run_note

    with reader.again() as other, ThreadPoolExecutor(1) as beside:
        counting = beside.submit(run_note, other)
        evidence = read_evidence(reader)
        run = counting.result()
    return build_report(reader, findings_from(reader.header(), evidence), evidence, run), evidence


def render(
    made: Report,
    reader: LedgerReader,
    format: str,  # noqa: A002 - the command's own word
    lang: Language,
    evidence: Evidence | None = None,
) -> bytes:
    """A report in one of its formats."""
    if format == "json":
        from qistas.report.json import render_json

        return render_json(made, reader, evidence)
    if format == "html":
        from qistas.report.html import render_html

        return render_html(made, reader, lang, evidence)
    if format == "md":
        from qistas.report.markdown import render_markdown

        return render_markdown(made, lang).encode()
    if format in OF_RUNS:
        from qistas.report.export.formats import export_run

        return export_run(format, made, reader, lang)
    step = f"one of {', '.join(REPORT_FORMATS)}"
    raise BadInput(Fault(f"there is no report format {format!r}", next_step=step))


def write_reports(ledger: Path, folder: Path, lang: Language) -> Report:
    """Write ``report.json`` and ``report.html`` of a ledger into a folder."""
    with LedgerReader(ledger) as reader:
        made, evidence = build(reader)
        for format_ in ("json", "html"):
            write_whole(folder / f"report.{format_}", render(made, reader, format_, lang, evidence))
    return made


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        step = (
            "free some space, then run the same command again"
            if error.errno == 28
            else "choose another place"
        )
        reason = error.strerror or str(error)
        raise StorageError(Fault(f"cannot write: {reason}", where=str(path), next_step=step)) from error


def ledger_path(path: Path) -> Path:
    """The ledger of a run's folder, or the file itself."""
    return path / "ledger.sqlite" if path.is_dir() else path
