"""An oracle with a script: the log-probability of each text, and whether greedy decoding gives it."""

from __future__ import annotations

from collections.abc import Callable, Sequence


class ScriptedOracle:
    """``score``: by context and continuation; ``answer``: by the last message of a conversation."""

    def __init__(
        self,
        *,
        score: Callable[[str, str], tuple[float, bool]] | None = None,
        answer: Callable[[str], str] | None = None,
    ) -> None:
        self._score, self._answer = score, answer
        self.framings: set[bool] = set()

    def answers(self, conversations: Sequence[Sequence[tuple[str, str]]], new_tokens: int = 48) -> list[str]:
        assert self._answer is not None
        return [self._answer(conversation[-1][1]) for conversation in conversations]

    def continuations(self, texts: Sequence[tuple[str, str]], *, chat: bool) -> list[tuple[float, bool]]:
        assert self._score is not None
        self.framings.add(chat)
        return [self._score(context, continuation) for context, continuation in texts]
