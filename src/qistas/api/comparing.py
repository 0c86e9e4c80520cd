"""Two runs set against each other, and that as a page."""

from __future__ import annotations

from pathlib import Path

from qistas.api.reporting import ledger_path
from qistas.contracts.comparisons import Comparison
from qistas.contracts.documents import Language
from qistas.contracts.errors import BadInput, Fault, LedgerMismatch
from qistas.contracts.findings import LedgerRef
from qistas.findings.comparing import Run, compare_runs
from qistas.findings.reading import read_evidence
from qistas.findings.reported_pairs import prompts_of
from qistas.ledger.reader import LedgerReader

COMPARISON_FORMATS = ("text", "html", "json", "md")


def compare(first: Path, second: Path) -> Comparison:
    """Run A (``first``) against run B: ledgers or the folders of runs, criterion by criterion on the samples both share.

    Raises ``BadInput`` where the two share no criterion at all and ``StorageError`` where there is no ledger.
    """
    with LedgerReader(ledger_path(first)) as one, LedgerReader(ledger_path(second)) as other:
        made = compare_runs(_run(one), _run(other))
    if made.criteria and all(_alone(compared.criterion, made) for compared in made.criteria):
        step = "compare two runs of the same standard, or of the same evaluation"
        raise BadInput(Fault("the two runs have no criterion in common", next_step=step))
    return made


def comparison(first: Path, second: Path, format: str = "html", lang: Language = "en") -> bytes:  # noqa: A002 - the command's own word
    """The comparison of two runs as ``text``, ``html``, ``json`` or ``md``, in bytes."""
    if format not in COMPARISON_FORMATS:
        step = f"one of {', '.join(COMPARISON_FORMATS)}"
        raise BadInput(Fault(f"there is no comparison format {format!r}", next_step=step))
    made = compare(first, second)
    if format == "html":
        from qistas.report.comparison_html import render_comparison_html

        return render_comparison_html(made, lang)
    if format == "json":
        from qistas.report.comparison import comparison_json

        return comparison_json(made)
    if format == "md":
        from qistas.report.comparison import comparison_markdown

        return comparison_markdown(made, lang).encode()
    from qistas.report.comparison import comparison_lines

    return ("\n".join(comparison_lines(made, lang)) + "\n").encode()


def _alone(criterion: str, made: Comparison) -> bool:
    """Whether only one of the two runs asked this."""
    return any(d.kind == "criterion" and criterion in d.criteria for d in made.discrepancies)


def _run(reader: LedgerReader) -> Run:
    session = next((session for _, session in reader.entries("session")), None)
    if session is None:
        raise LedgerMismatch(
            Fault("the ledger holds no session", where=str(reader.path), next_step="run it again")
        )
    ledger = LedgerRef(records=reader.count, head=reader.head)
    header = reader.header()
    return Run(header, session, read_evidence(reader), ledger, prompts_of(header, reader))
