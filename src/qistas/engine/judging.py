"""One judge, one answer: the same way in a run, in its replay and where judges are held against people's labels."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import cast

import msgspec

from qistas.contracts.exchanges import ChatRequest, ChatResponse, Decoding
from qistas.contracts.protocols import AnyJudge, CombiningJudge, Judge, ModelJudge, Row
from qistas.contracts.records import Decision
from qistas.judges.thinking import without_thinking

Ask = Callable[[ChatRequest], Awaitable[ChatResponse]]

_JUDGING_TOKENS = 64


async def decision_of(
    judge: AnyJudge, response: ChatResponse, language: str, row: Row, ask: Ask, *, answer: str | None = None
) -> Decision:
    """The judge's decision about a response, without the thinking that came before it; ``ask`` asks the judging model.

    ``answer``: what of the response is its answer, where that is known already. A response that was cut at its token
    limit, or where the model's context ended, is marked so in the reason. Raises ``Unscored`` where ``ask`` does.
    """
    text = answer_in(response) if answer is None else answer
    if not text.strip() and response.text.strip():
        return Decision("empty", "the response ended inside its thinking")
    decision = await _decided(judge, text, language, row, ask)
    if response.finish != "length":
        return decision
    marked = f"{decision.reason}; the response was {cut_words(response)}".removeprefix("; ")
    return msgspec.structs.replace(decision, reason=marked)


def cut_words(response: ChatResponse) -> str:
    """Where a response of finish ``length`` was cut, in words."""
    if isinstance(response.context_left, int):
        return f"cut after {response.context_left} tokens, where the model's context ended"
    return "cut at its token limit"


def answer_in(response: ChatResponse) -> str:
    """The response without the thinking that came before it; nothing where that never ended."""
    return without_thinking(response.text)


async def _decided(judge: AnyJudge, text: str, language: str, row: Row, ask: Ask) -> Decision:
    kind = _kind(type(judge))
    if kind == "rule":
        return cast(Judge, judge).decide(response=text, language=language, row=row)
    if kind == "combining":
        several = cast(CombiningJudge, judge)
        return several.combine([await _decided(one, text, language, row, ask) for one in several.members])
    asking = cast(ModelJudge, judge)
    messages = asking.conversation(response=text, language=language, row=row)
    decoding = Decoding(max_tokens=getattr(asking, "max_tokens", _JUDGING_TOKENS))
    answer = await ask(ChatRequest(messages=messages, decoding=decoding))
    return asking.read(without_thinking(answer.text))


@cache
def _kind(judge: type) -> str:
    """What judges of this class are; ``isinstance`` takes longer with a protocol than a rule to judge."""
    if hasattr(judge, "combine"):
        return "combining"
    return "model" if hasattr(judge, "conversation") and hasattr(judge, "read") else "rule"


def asks_a_model(judge: AnyJudge) -> bool:
    """Whether a judging model is needed."""
    if _kind(type(judge)) == "combining":
        return any(asks_a_model(one) for one in cast(CombiningJudge, judge).members)
    return _kind(type(judge)) == "model"
