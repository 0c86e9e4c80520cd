"""One call of a target's ``answer``, whatever the adapter does: an answer that can be recorded, or a failure, for each."""

from __future__ import annotations

from collections.abc import Sequence

from qistas.contracts.canonical import canonical
from qistas.contracts.errors import TargetFailed
from qistas.contracts.exchanges import ChatRequest, ChatResponse, Failure, ScoreRequest, ScoreResponse
from qistas.contracts.protocols import Target

Answerable = ChatRequest | ScoreRequest
Answer = ChatResponse | ScoreResponse


async def answers_of(target: Target, requests: Sequence[Answerable]) -> list[Answer | Failure]:
    """One answer or failure per request, in order. Raises ``TargetFailed`` and nothing else of the adapter's."""
    try:
        answers = list(await target.answer(requests))
    except TargetFailed:
        raise
    except Exception as error:  # noqa: BLE001 - an adapter's fault must not take the run with it
        failure = Failure(kind="exception", message=f"{type(error).__name__}: {error}", passing=False)
        return [_recordable(failure)] * len(requests)
    if len(answers) != len(requests):
        message = f"the target gave {len(answers)} answers to {len(requests)} requests"
        return [Failure(kind="malformed", message=message, passing=False)] * len(requests)
    return [_recordable(answer) for answer in answers]


def _recordable(answer: Answer | Failure) -> Answer | Failure:
    """NaN, infinity and halves of characters have no canonical form: such an answer is a failure, and says so."""
    try:
        canonical(answer)
    except ValueError as error:
        return Failure(kind="malformed", message=f"the answer cannot be recorded: {error}", passing=False)
    return answer
