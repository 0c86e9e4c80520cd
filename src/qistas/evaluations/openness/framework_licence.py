"""The licence of one component of a release: its own, else that of its kind, else that of the distribution."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from qistas.contracts.documents import Text
from qistas.contracts.openness import Judgement, LicenceReading, Quote
from qistas.evaluations.openness.carried import is_carried
from qistas.evaluations.openness.framework_evidence import ELSEWHERE, filled
from qistas.evaluations.openness.framework_rules import UNLICENSED, FrameworkComponent, is_open
from qistas.evaluations.openness.licence_statements import Statement
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.weights_terms import weights_terms

KINDS = 4
_PLACES = ("text", "card", "header")


class Licensed(NamedTuple):
    """``licence`` is ``None`` where it is not known; ``open`` is ``None`` where that cannot be told."""

    licence: str | None
    open: bool | None
    reason: Text
    evidence: tuple[Quote, ...] = ()


def licensed(
    component: FrameworkComponent, shown: Judgement, record: ReleaseRecord, stated: Sequence[Statement]
) -> Licensed:
    """The licence of a component that is there."""
    if shown.value in ELSEWHERE:
        return _elsewhere(component, record, stated)
    own = _beside(shown, record)
    if own is not None:
        return _of_reading(own)
    readings = _covering(component, record)
    dedicated = [one for one in readings if one.place == "text" and len(one.applies_to) == 1]
    statement = _stated(component, stated)
    if dedicated:
        return _of_readings(dedicated)
    if statement is not None:
        return _of_statement(statement, record)
    apart = _apart(component, readings, record)
    if apart is not None:
        return apart
    if readings:
        return _of_readings([one for one in readings if 0 < len(one.applies_to) < KINDS] or readings)
    return Licensed(UNLICENSED, False, filled("unlicensed"))


def _elsewhere(component: FrameworkComponent, record: ReleaseRecord, stated: Sequence[Statement]) -> Licensed:
    """What is published elsewhere: the weights and the training data may be licensed here, anything else is not."""
    if component.covered_as != "weights" and component.id != "datasets":
        return Licensed(None, None, filled("elsewhere"))
    most = KINDS - 1 if component.covered_as == "weights" else 1
    readings = [one for one in _covering(component, record) if 0 < len(one.applies_to) <= most]
    texts = [one for one in readings if one.place == "text"]
    statement = _stated(component, stated)
    if statement is not None and not texts:
        return _of_statement(statement, record)
    return _of_readings(texts or readings) if readings else Licensed(None, None, filled("elsewhere"))


def _apart(
    component: FrameworkComponent, readings: Sequence[LicenceReading], record: ReleaseRecord
) -> Licensed | None:
    """Weights that the text puts under other terms than a licence which is not said to be theirs."""
    if component.covered_as != "weights":
        return None
    terms = weights_terms(record)
    if terms.value == "restricted":
        closed = next((one.id for one in readings if one.open is False), None)
        return Licensed(closed, False, terms.reason, terms.evidence)
    texts_alone = all(one.place == "text" for one in readings)
    if terms.value == "separate" or (terms.value == "code_only" and texts_alone):
        return Licensed(None, None, terms.reason, terms.evidence)
    return None


def _stated(component: FrameworkComponent, stated: Sequence[Statement]) -> Statement | None:
    return next((said for said in stated if component.covered_as in said.kinds), None)


def _covering(component: FrameworkComponent, record: ReleaseRecord) -> list[LicenceReading]:
    """What covers the component; a licence that says not what it covers is that of the distribution, where there is no other."""
    readings = sorted((one for one in record.licences if one.place in _PLACES), key=_rank)
    covering = [one for one in readings if component.covered_as in one.applies_to]
    return covering or [one for one in readings if not one.applies_to and not is_carried(one.file)]


def _beside(shown: Judgement, record: ReleaseRecord) -> LicenceReading | None:
    """The licence text in the folder of the component's own file, where that is not the top of the release."""
    folders = {quote.file.rpartition("/")[0] for quote in shown.evidence} - {""}
    texts = (reading for reading in record.licences if reading.place == "text")
    return next((reading for reading in texts if reading.file.rpartition("/")[0] in folders), None)


def _rank(reading: LicenceReading) -> tuple[int, int, str]:
    return _PLACES.index(reading.place), reading.file.count("/"), reading.file


def _of_readings(readings: Sequence[LicenceReading]) -> Licensed:
    """By the first; where others that stand as near to the component disagree about being open, it cannot be told."""
    first = readings[0]
    equals = [reading for reading in readings if _rank(reading)[:2] == _rank(first)[:2]]
    if len({reading.open for reading in equals}) == 1:
        return _of_reading(first)
    unclear = filled("unclear", file=" / ".join(dict.fromkeys(reading.file for reading in equals)))
    return Licensed(first.id, None, unclear, _quotes(equals))


def _of_reading(reading: LicenceReading) -> Licensed:
    if reading.open is None or reading.id is None:
        unclear = filled("unclear", file=reading.file)
        return Licensed(reading.id, reading.open, unclear, _quotes([reading]))
    return Licensed(
        reading.id, reading.open, _said(reading.id, reading.open, reading.file), _quotes([reading])
    )


def _of_statement(statement: Statement, record: ReleaseRecord) -> Licensed:
    """By the text that the statement points to; by its name where it points to none."""
    if statement.missing:
        reason = filled("pointer_missing", file=str(statement.points_to))
        return Licensed(UNLICENSED, False, reason, (statement.quote,))
    read = next(
        (
            reading
            for reading in record.licences
            if reading.place == "text" and reading.file == statement.points_to
        ),
        None,
    )
    if read is not None:
        found = _of_reading(read)
        return found._replace(evidence=(statement.quote, *found.evidence))
    open_ = is_open(statement.licence)
    return Licensed(
        statement.licence, open_, _said(statement.licence, open_, statement.quote.file), (statement.quote,)
    )


def _said(licence: str, open_: bool, file: str) -> Text:
    said = filled("by_place", licence=licence, file=file)
    if open_:
        return said
    closed = filled("not_open", licence=licence)
    return Text(f"{said.en} {closed.en}", f"{said.ar} {closed.ar}")


def _quotes(readings: Iterable[LicenceReading]) -> tuple[Quote, ...]:
    return tuple(quote for reading in readings for quote in reading.evidence[:1])
