"""What the documents for others are written from: a report, the openness of a release, or both."""

from __future__ import annotations

import re
from pathlib import PureWindowsPath
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.documents import Criterion, EvaluationCard
from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.findings import Explanation, Finding, Report
from qistas.contracts.openness import Assessment
from qistas.contracts.records import Header
from qistas.contracts.version import __version__
from qistas.report.source import Reader, criteria_of

_HUB = re.compile(r"^hf:(?P<group>[\w.-]+)/(?P<name>[\w.-]+)")


class Measured(NamedTuple):
    """A finding that has a number, with its words and what it was asked by."""

    finding: Finding
    value: float
    explanation: Explanation
    criterion: Criterion
    card: EvaluationCard


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """A report with the header of its ledger, the openness of the release that was weighed, or both: never neither.

    ``assessment`` is ``None`` where the ledger did not record the release: what only a release can show is then left out.
    """

    report: Report | None = None
    header: Header | None = None
    assessment: Assessment | None = None

    @property
    def reference(self) -> str:
        """What was weighed, as it was given: ``hf:org/name``, ``sanja``, a folder's name."""
        return self.report.model.ref if self.report else str(self._release["source"])

    @property
    def group(self) -> str | None:
        """The account on the hub that holds the model; ``None`` where it is not from there."""
        found = _HUB.match(self.reference)
        return found["group"] if found else None

    @property
    def name(self) -> str:
        """The model's name, without the account; of a folder its own name, without the way there."""
        found = _HUB.match(self.reference)
        if found:
            return found["name"]
        is_path = self.reference.startswith(("/", "~", ".")) or "\\" in self.reference
        return (is_path and PureWindowsPath(self.reference).name) or self.reference

    @property
    def repository(self) -> str | None:
        """``org/name`` on the hub; ``None`` where it is not from there."""
        return f"{self.group}/{self.name}" if self.group else None

    @property
    def revision(self) -> str | None:
        """Which version: a commit of its repository."""
        stated = self.report.model.revision if self.report else None
        revision = stated or (self._release.get("revision") if self.assessment else None)
        return str(revision) if revision else None

    @property
    def written_on(self) -> str | None:
        """When the run began, or the release was read, in UTC to the second (ISO 8601); ``None`` where nobody said."""
        if self.report:
            return f"{self.report.run.started[:19]}Z"
        on = self._release.get("read_on")
        return f"{on}T00:00:00Z" if on else None

    @property
    def version(self) -> str:
        """The version of Qistas that the numbers come from."""
        return self.report.qistas if self.report else __version__

    @property
    def _release(self) -> dict[str, Any]:
        return self.assessment.release if self.assessment else {}

    @property
    def release_digest(self) -> str:
        """Over the files of the release; empty where there is none."""
        return str(self._release.get("digest", ""))

    @property
    def facts(self) -> dict[str, Any]:
        """What the release says of the model itself (see ``evaluations.openness.model_facts``)."""
        return self._release.get("model") or {}

    def identifier(self, format: str) -> UUID:  # noqa: A002 - the command's own word
        """The same for the same material, and another for every format."""
        head = self.report.ledger.head if self.report else digest(self.assessment)
        return uuid5(NAMESPACE_URL, f"qistas:{format}:{head}")

    def weighed(self) -> tuple[Report, Header]:
        """The report and the header of its ledger.

        Raises:
            BadInput: this is of a release alone.
        """
        if self.report is None or self.header is None:
            step = "weigh the model, and write the ledger so: qistas report LEDGER --format …"
            raise BadInput(Fault("nothing was measured here", next_step=step))
        return self.report, self.header

    def released(self) -> Assessment:
        """The openness of the release.

        Raises:
            BadInput: the ledger did not record the release.
        """
        if self.assessment is None:
            step = "ask the release itself: qistas openness RELEASE --format …"
            raise BadInput(
                Fault("the ledger holds no release, and this format is about nothing else", next_step=step)
            )
        return self.assessment

    def measured(self) -> tuple[Measured, ...]:
        """The findings with a number, in the report's order."""
        if self.report is None:
            return ()
        report, header = self.weighed()
        criteria, cards = criteria_of(header), header.evaluations
        pairs = zip(report.findings, report.summary.explanations, strict=True)
        return tuple(
            Measured(finding, finding.estimate.value, explanation, criterion, cards[criterion.evaluation])
            for finding, explanation in pairs
            if finding.estimate.value is not None
            for criterion in [criteria[finding.criterion]]
        )

    def unmeasured(self) -> tuple[Finding, ...]:
        """The findings without a number; their reason says why."""
        found = self.report.findings if self.report else ()
        return tuple(finding for finding in found if finding.estimate.value is None)


def material_of_run(report: Report, reader: Reader) -> Material:
    """The material of a ledger; the release's openness is worked out anew from the listing in it, where there is one."""
    return Material(report=report, header=reader.header(), assessment=_assessment(report, reader))


class _Kind(msgspec.Struct, frozen=True):
    """Of a request: of which kind it is."""

    type: str


class _Put(msgspec.Struct, frozen=True):
    """Of a request's record: the request's kind."""

    request: _Kind


class _Of(msgspec.Struct, frozen=True):
    """Of a response's record: what it answers."""

    request: str


def _assessment(report: Report, reader: Reader) -> Assessment | None:
    if reader.header().release is None:
        return None
    asked = {key for key, put in reader.fields("request", _Put) if put.request.type == "release"}
    answer = next(
        (key for key, answered in reader.fields("response", _Of) if answered.request in asked), None
    )
    found = reader.get(answer) if answer else None
    if found is None:
        return None
    from qistas.evaluations.openness.assessment import assess

    return assess(found[1].response, read_on=report.run.started.partition("T")[0])
