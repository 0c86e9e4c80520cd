"""A judge that puts one prompt to the judging model: its own, or the template of a user's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import ClassVar

import msgspec

from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.exchanges import Message
from qistas.contracts.protocols import Row
from qistas.contracts.records import JudgeCard
from qistas.judges._card import model_card
from qistas.judges._reading import MOST_TOKENS

_SHOWN_DIGITS = 16


class PromptedJudge:
    """What the judges with a prompt of their own share; a subclass names it and reads the answer.

    ``prompt`` stands in the place of the own one, in the words in which it was published for example. Its ``placeholders`` are those of
    the publication, ``{{`` and ``}}`` braces of the text. Its digest is part of the version, so ledgers and
    calibration records of the two are told apart.

    Raises:
        BadInput: placeholders that are missing, unknown or written otherwise; all of them.
    """

    record: ClassVar[str]
    id: ClassVar[str]
    version: ClassVar[str]
    own_prompt: ClassVar[str]
    placeholders: ClassVar[Mapping[str, str]]
    max_tokens = MOST_TOKENS

    def __init__(self, prompt: str | None = None) -> None:
        if prompt is not None and (faults := list(template_faults(prompt, self.placeholders))):
            raise BadInput(*faults)
        self._given = prompt

    @property
    def card(self) -> JudgeCard:
        """Identity: the prompt and its version; with a user's, the beginning of its SHA-256 too."""
        if self._given is None:
            return model_card(self.record, self.id, self.version, self.own_prompt)
        shown = hashlib.sha256(self._given.encode()).hexdigest()[:_SHOWN_DIGITS]
        card = model_card(self.record, self.id, f"{self.version}+prompt.{shown}", self._given)
        reason = f"its prompt is that of a file (sha256 {shown}…); {card.calibration_reason}"
        return msgspec.structs.replace(card, calibration_reason=reason)

    def conversation(self, *, response: str, language: str, row: Row) -> tuple[Message, ...]:
        """One user turn: the prompt with the request and the answer in their places."""
        del language
        put = {"request": row["request"], "answer": response}
        if self._given is None:
            return (Message("user", self.own_prompt.format(**put)),)
        named = {name: put[meant] for name, meant in self.placeholders.items()}
        return (Message("user", self._given.format(**named)),)


def template_faults(text: str, placeholders: Mapping[str, str], where: str | None = None) -> Iterator[Fault]:
    """What keeps a text from being a prompt with these placeholders, each of which must stand in it."""
    wanted = ", ".join(f"{{{name}}}" for name in placeholders)
    try:
        fields = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
    except ValueError as error:
        yield Fault(f"a brace is out of place: {error}", where, "write {{ and }} for braces of the text")
        return
    found = [name for name, _, _ in fields]
    for name in dict.fromkeys(found):
        if name not in placeholders:
            step = f"placeholders are {wanted}; write {{{{ and }}}} for braces of the text"
            yield Fault(f"unknown placeholder {{{name}}}", where, step)
    for name, spec, conversion in fields:
        if name in placeholders and (spec or conversion):
            yield Fault(
                f"the placeholder {{{name}}} stands with more than its name", where, f"write {{{name}}}"
            )
    for missing in (name for name in placeholders if name not in found):
        step = f"put {{{missing}}} where it belongs"
        yield Fault(f"the placeholder {{{missing}}} is missing", where, step)
