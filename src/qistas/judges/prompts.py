"""Prompts out of a user's files for judges that take one (``--judge-prompt JUDGE=FILE``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.protocols import AnyJudge
from qistas.contracts.records import JudgeCard
from qistas.judges._prompted import PromptedJudge, template_faults


def with_prompts(judges: Mapping[str, AnyJudge], files: Mapping[str, Path]) -> dict[str, AnyJudge]:
    """The judges by name; those whose id is among ``files`` put the prompt in that file.

    Raises:
        BadInput: no judge here has this id, or it takes no prompt; a file that cannot be read or is no such prompt; all faults.
    """
    faults: list[Fault] = []
    here = {judge.card.id: judge for judge in judges.values()}
    for name in files.keys() - here.keys():
        step = _missing(name, here)
        faults.append(
            Fault(
                f"{name} is none of the judges here: {', '.join(sorted(here)) or 'none'}",
                "--judge-prompt",
                step,
            )
        )
    prompted = {name: _prompted(here[name], path, faults) for name, path in files.items() if name in here}
    if faults:
        raise BadInput(*sorted(faults, key=str))
    return {name: prompted.get(judge.card.id, judge) for name, judge in judges.items()}


def _missing(name: str, here: Mapping[str, AnyJudge]) -> str:
    """What to do about a prompt for a judge that is not here."""
    for judge in here.values():
        if name in (member.card.id for member in getattr(judge, "members", ())):
            return "those of an ensemble keep their own prompts; leave --judge-prompt out"
    return "name it with --judge where the command takes that, or leave --judge-prompt out"


def as_recorded(judge: AnyJudge, card: JudgeCard) -> AnyJudge:
    """The judge of a ledger: with the prompt on its ``card``, where that was a user's and the card's version is that of it."""
    if not isinstance(judge, PromptedJudge) or card.version == judge.card.version:
        return judge
    try:
        given = type(judge)(card.prompt)
    except BadInput:
        return judge
    return given if given.card.version == card.version else judge


def _prompted(judge: AnyJudge, path: Path, faults: list[Fault]) -> AnyJudge:
    if not isinstance(judge, PromptedJudge):
        faults.append(Fault(f"{judge.card.id} takes no prompt", "--judge-prompt", "leave --judge-prompt out"))
        return judge
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        faults.append(Fault(f"the prompt cannot be read: {reason}", str(path), "give a file with the prompt"))
        return judge
    wrong = list(template_faults(text, judge.placeholders, str(path)))
    faults += wrong
    return judge if wrong else type(judge)(text)
