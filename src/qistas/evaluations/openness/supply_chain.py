"""What the files of a release show about their own safety, and the evaluation ``openness/supply-chain`` over it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from qistas.contracts.documents import EvaluationCard, Text
from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import FileInspection
from qistas.contracts.openness import SUPPLY_CODES, Quote, Severity, SupplyFinding
from qistas.contracts.protocols import Row, Subject
from qistas.contracts.records import Sample
from qistas.evaluations.census import census_of
from qistas.evaluations.openness.record import MOST_QUOTED_CHARACTERS, ReleaseRecord
from qistas.standards.document import load_document

MOST_EVIDENCE = 8
WHOLE = "."
SAFE: frozenset[Severity] = frozenset({"ok", "note"})


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``supply_chain.yaml``: which names are those of weights and of code that runs unasked, and a reason for each code."""

    weight_files: str
    install_files: str
    reasons: dict[str, Text]


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files that are looked at as one: those of these formats."""

    id: str
    title: Text
    formats: tuple[str, ...]


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The kinds of file."""

    kinds: tuple[Kind, ...]


class SupplyChain:
    """Evaluation ``openness/supply-chain``: one sample per kind of file, ``safe`` 0 or 1; nothing where there is no such file."""

    def __init__(self, card: EvaluationCard) -> None:
        self._card = card
        self._kinds = {kind.id: kind for kind in msgspec.convert(card.parameters, Parameters).kinds}

    @property
    def card(self) -> EvaluationCard:
        """What is published about this evaluation."""
        return self._card

    def samples(self, rows: Sequence[Row]) -> list[Sample]:
        """The kinds of file; ``rows`` is empty, since they stand on the card."""
        del rows
        return census_of(self._card, self._kinds.values())

    async def observe(self, sample: Sample, subject: Subject) -> Mapping[str, float]:
        """1 where no file of this kind would run anything or goes against its format.

        Raises:
            Unscored: no bytes were inspected, or a file could not be read to its end and what was read is safe.
        """
        record = ReleaseRecord(await subject.release())
        if not record.inspections and record.files:
            raise Unscored("the bytes of the release were not inspected")
        formats = self._kinds[sample.id].formats
        here = [
            finding for finding in supply_chain(record) if finding.format in formats and finding.file != WHOLE
        ]
        if not here:
            return {}
        unread = next((one for one in here if one.severity == "unread"), None)
        safe = all(one.severity in {*SAFE, "unread"} for one in here)
        if safe and unread is not None:
            raise Unscored(f"{unread.file}: {unread.reason.en}")
        return {"safe": float(safe)}


def supply_chain(record: ReleaseRecord) -> tuple[SupplyFinding, ...]:
    """Every finding, by path and then by code; a file with none has the finding ``clean``.

    Findings of the release as a whole (``unsigned``) have the path ``.`` and come last.
    """
    pointed_to = _pointed_to(record.inspections)
    findings: list[SupplyFinding] = []
    for inspection in sorted(record.inspections, key=lambda one: one.path):
        findings += _of_file(inspection, record, pointed_to)
    inspected = {inspection.path for inspection in record.inspections}
    for path in sorted(set(record.listing.listed_only) - inspected):
        if names_weights(path):
            findings.append(_finding(path, "unread", "not-at-hand", (Quote(file=path, line=0, quote=path),)))
    return (*findings, *_of_release(record))


def names_weights(path: str) -> bool:
    """Whether a file is one of weights, by its name."""
    return re.search(_rules().weight_files, path, re.IGNORECASE) is not None


def _of_file(
    inspection: FileInspection, record: ReleaseRecord, pointed_to: frozenset[str]
) -> Iterator[SupplyFinding]:
    details: dict[str, list[str]] = {}
    for fault in inspection.faults:
        code, _, detail = fault.partition(": ")
        details.setdefault(code, []).append(detail)
    for code in (*_of_code(inspection, pointed_to), *_of_signature(inspection)):
        details.setdefault(code, []).extend(inspection.runs[:MOST_EVIDENCE] or (inspection.path,))
    for code in sorted(details) or ["clean"]:
        evidence = _evidence(inspection, record, details.get(code, [inspection.path]))
        yield _finding(inspection.path, inspection.format, code, evidence, inspection.runs)


def _of_code(inspection: FileInspection, pointed_to: frozenset[str]) -> Iterator[str]:
    """What a Python file is in this release; a file that only computes when somebody runs it is none of it."""
    if inspection.format != "python":
        return
    if inspection.path.endswith(".py") and inspection.path[:-3].replace("/", ".") in pointed_to:
        yield "code-run-on-load"
    elif re.search(_rules().install_files, inspection.path):
        yield "code-run-on-install"
    elif inspection.runs:
        yield "code-present"


def _of_signature(inspection: FileInspection) -> Iterator[str]:
    if inspection.metadata.get("signature.state") == "verified":
        yield "signature-verified"


def _pointed_to(inspections: Sequence[FileInspection]) -> frozenset[str]:
    """The modules that configurations have run, as dotted paths: ``modeling_x`` of ``auto_map.AutoModel: modeling_x.Model``."""
    found = set()
    for inspection in inspections:
        if not any(fault.startswith("remote-code: ") for fault in inspection.faults):
            continue
        folder = inspection.path.rpartition("/")[0].replace("/", ".")
        for run in inspection.runs:
            # A name may be led by another repository's: org/name--modeling_x.Model.
            module = run.rpartition(": ")[2].rpartition("--")[2].rpartition(".")[0]
            found |= {module, f"{folder}.{module}"} if module else set()
    return frozenset(found)


def _of_release(record: ReleaseRecord) -> Iterator[SupplyFinding]:
    signed = any(inspection.format == "signature" for inspection in record.inspections)
    if record.inspections and not signed:
        yield _finding(WHOLE, "other", "unsigned", (Quote(file=WHOLE, line=0, quote="*.sig"),))


def _evidence(inspection: FileInspection, record: ReleaseRecord, details: Sequence[str]) -> tuple[Quote, ...]:
    """What the bytes showed, and of a text the line where the first of it stands."""
    page = record.pages.get(inspection.path)
    digest = f"sha256:{inspection.sha256}" if inspection.sha256 else (page.digest if page else None)
    if digest is None:
        listed = next((file.sha256 for file in record.files if file.path == inspection.path), None)
        digest = f"sha256:{listed}" if listed else None
    shown = [
        Quote(file=inspection.path, line=0, quote=detail, digest=digest) for detail in details[:MOST_EVIDENCE]
    ]
    if page is not None and inspection.line is not None:
        words = page.text.split("\n")[inspection.line - 1 : inspection.line]
        cut = "".join(words)[:MOST_QUOTED_CHARACTERS]
        shown.append(Quote(file=page.path, line=inspection.line, quote=cut, digest=page.digest))
    return tuple(shown)


def _finding(
    path: str, form: str, code: str, evidence: tuple[Quote, ...], runs: tuple[str, ...] = ()
) -> SupplyFinding:
    return SupplyFinding(
        file=path,
        format=form,
        severity=SUPPLY_CODES[code],
        code=code,
        reason=_rules().reasons[code],
        runs=runs if SUPPLY_CODES[code] != "ok" else (),
        evidence=evidence,
    )


@cache
def _rules() -> Rules:
    return load_document(Path(__file__).with_suffix(".yaml"), None, Rules)
