"""Guards: what looks at a conversation and says whether it may go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.errors import BadInput, Fault
from qistas.contracts.exchanges import ChatRequest, ChatResponse, Decoding, Failure, Message
from qistas.contracts.protocols import Judge, Target
from qistas.contracts.records import Decision
from qistas.targets._framing import language_asked
from qistas.targets._redaction import excerpt

UNSAFE = "unsafe"
_MOST_TOKENS = 64
Conversation = tuple[Message, ...]


class Verdict(msgspec.Struct, frozen=True):
    """What a guard says of a conversation, and why."""

    unsafe: bool
    reason: str


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """A guard after it was opened. ``digest`` is null where what stands behind it cannot be read; ``elsewhere``: its
    work is done in another process, past this host's meters.
    """

    name: str
    digest: str | None
    elsewhere: bool
    details: dict[str, Any]


class Guard(Protocol):
    """Says of conversations whether they are unsafe."""

    async def open(self) -> Identity:
        """Make ready and say what was found."""

    async def verdicts(self, conversations: Sequence[Conversation]) -> list[Verdict | Failure]:
        """One verdict or failure per conversation, in order; each ends with what is to be judged."""

    async def close(self) -> None:
        """Let go of connections and memory."""


class RuleGuard:
    """A rule judge of harm as guard: what it calls unsafe is blocked, what it cannot read passes.

    Raises:
        BadInput: the judge does not tell harm.
    """

    def __init__(self, judge: Judge) -> None:
        means: Mapping[str, str] = getattr(judge, "means", {})
        if UNSAFE not in means.values():
            step = "name rule/harm, or a guard model such as openai:http://host:port/v1#model"
            raise BadInput(Fault(f"{judge.card.id} does not tell harm, so it is no guard", next_step=step))
        self._judge = judge
        self._means = means

    async def open(self) -> Identity:
        """The judge's name and version."""
        card = self._judge.card
        return Identity(
            name=card.id,
            digest=digest([card.id, card.version]),
            elsewhere=False,
            details={"judge": card.id, "version": card.version},
        )

    async def verdicts(self, conversations: Sequence[Conversation]) -> list[Verdict | Failure]:
        """A rule answers at once."""
        return [self._verdict(conversation) for conversation in conversations]

    async def close(self) -> None:
        """Nothing to let go of."""

    def _verdict(self, conversation: Conversation) -> Verdict:
        asked = next((m.content for m in reversed(conversation) if m.role == "user"), "")
        decision = self._judge.decide(
            response=conversation[-1].content, language=language_asked(conversation), row={"request": asked}
        )
        return Verdict(self._means.get(decision.label) == UNSAFE, decision.reason)


class ModelGuard:
    """A guard model in the form of Llama Guard (Inan et al., 2023, arXiv:2312.06674): the conversation is put to it as it
    stands, and ``read`` makes ``safe`` or ``unsafe`` of its answer. An answer that is neither is a failure: a guard
    that says nothing neither blocks nor lets pass.

    ``reading`` names what reads the answers, for the identity.
    """

    def __init__(self, target: Target, read: Callable[[str], Decision], reading: str) -> None:
        self._target = target
        self._read = read
        self._reading = reading
        self._free = asyncio.Semaphore(1)

    async def open(self) -> Identity:
        """Open the model behind it."""
        info = await self._target.open()
        self._free = asyncio.Semaphore(self._target.connections)
        return Identity(
            name=info.model.ref,
            digest=digest([info, self._reading]) if info.model.digest else None,
            elsewhere="measure" not in info.capabilities,
            details={"target": msgspec.to_builtins(info), "reading": self._reading},
        )

    async def verdicts(self, conversations: Sequence[Conversation]) -> list[Verdict | Failure]:
        """The model is asked as many at once as it takes."""
        size = self._target.batch_size
        chunks = [conversations[start : start + size] for start in range(0, len(conversations), size)]
        return [one for answered in await asyncio.gather(*map(self._asked, chunks)) for one in answered]

    async def close(self) -> None:
        """Close the model behind it."""
        await self._target.close()

    async def _asked(self, conversations: Sequence[Conversation]) -> list[Verdict | Failure]:
        decoding = Decoding(max_tokens=_MOST_TOKENS)
        requests = [ChatRequest(messages=one, decoding=decoding) for one in conversations]
        async with self._free:
            return [self._verdict(answer) for answer in await self._target.answer(requests)]

    def _verdict(self, answer: object) -> Verdict | Failure:
        if isinstance(answer, Failure):
            return msgspec.structs.replace(answer, message=f"the guard failed: {answer.message}")
        if not isinstance(answer, ChatResponse):
            return Failure(kind="malformed", message="the guard gave no text", passing=False)
        decision = self._read(answer.text)
        if decision.label not in ("safe", UNSAFE):
            return Failure(
                kind="malformed",
                message=f"the guard said neither safe nor unsafe: {excerpt(answer.text, 80)!r}",
                passing=False,
            )
        return Verdict(decision.label == UNSAFE, decision.reason)
