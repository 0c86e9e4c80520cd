"""What stands between a release and the Open Source AI Definition 1.0: blocked by which words, not blocked, or undetermined."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.openness import Component, Judgement, MofProjection, OsaidProjection
from qistas.evaluations.openness.framework import mof
from qistas.evaluations.openness.framework_evidence import components_shown
from qistas.evaluations.openness.ladder import UNDETERMINED, judge_all, load_ladders
from qistas.evaluations.openness.licence_readings import flags
from qistas.evaluations.openness.record import ReleaseRecord

_LADDERS = Path(__file__).parent / "osaid.yaml"


def osaid(record: ReleaseRecord, framework: MofProjection | None = None) -> OsaidProjection:
    """The parts (data information, code, parameters; use, study, modify, share), and those of them that are blocked.

    ``framework``: the record's `mof`, where it was made already. A release whose parts are all not blocked is ``not_blocked``; that
    is no statement of compliance, which is for people to make.
    """
    ladders = load_ladders(_LADDERS)
    held = framework or mof(record)
    shown = components_shown(record)
    given = {name: _given(held.components[name], shown[name]) for name in ladders.uses}
    parts = judge_all(ladders, record, given)
    titles = {ladder.id: ladder.title for ladder in ladders.ladders}
    blockers = tuple(_of_part(titles[name], part) for name, part in parts.items() if part.value == "blocked")
    return OsaidProjection(verdict=_verdict(parts), blockers=blockers, parts=parts)


def _of_part(title: Text, part: Judgement) -> Judgement:
    """With the part's name, for one clause may block several."""
    reason = Text(f"{title.en}: {part.reason.en}", f"{title.ar}: {part.reason.ar}")
    return msgspec.structs.replace(part, reason=reason)


def _verdict(parts: dict[str, Judgement]) -> Literal["blocked", "not_blocked", "undetermined"]:
    values = {part.value for part in parts.values()}
    if "blocked" in values:
        return "blocked"
    return "not_blocked" if values == {"not_blocked"} else "undetermined"


def _given(component: Component, shown: Judgement) -> Judgement:
    """What the ladders ask of a component: ``open``, ``open_not_approved`` (not by OSI), ``closed``, ``withheld``, ``absent`` or ``undetermined``."""
    if component.present:
        value = {True: "open", False: "closed", None: UNDETERMINED}[component.open]
        if component.open and component.licence and not flags(component.licence)[0]:
            value = "open_not_approved"
    else:
        value = shown.value if shown.value in {"withheld", "absent"} else UNDETERMINED
    return Judgement(value=value, rule=shown.rule, reason=component.reason, evidence=component.evidence)
