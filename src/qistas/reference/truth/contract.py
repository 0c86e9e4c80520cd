"""What each planted property must say about itself, and the two questions that truth may put to a weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from qistas.contracts.documents import Text

Row = dict[str, Any]
Values = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One line of ``planted.yaml``: a metric of an evaluation in one stratum.

    ``family`` is one of the nine that are planted (``refusal``, ``weak-spots``, ``memorisation``, ``bias``,
    ``calibration``, ``contamination``, ``robustness``, ``capability``, ``attribution``). The property is
    *raised* when the whole interval lies beyond ``threshold`` on the side ``raised``; without one, the line
    only compares numbers.
    """

    id: str
    family: str
    evaluation: str
    metric: str
    title: Text
    where: Mapping[str, str] = field(default_factory=dict)
    raised: Literal["above", "below"] | None = None
    threshold: float | None = None


class Oracle(Protocol):
    """A weight as its makers ask it: plainly, whole texts, in full precision, without any instrument."""

    def answers(self, conversations: Sequence[Sequence[tuple[str, str]]], new_tokens: int = 48) -> list[str]:
        """The greedy answer to each conversation of (role, content), stripped."""

    def continuations(self, texts: Sequence[tuple[str, str]], *, chat: bool) -> list[tuple[float, bool]]:
        """For each (context, continuation) the log-probability in nats, and whether greedy decoding gives it.

        ``chat``: the context is one user message in the chat template; else running text as it stands.
        """


class Truth(Protocol):
    """The whole population of one evaluation, and how its exact values are read off a weight."""

    evaluation: str

    def rows(self) -> list[Row]:
        """Every row, in the columns of the evaluation's data; the same on every machine."""

    def properties(self) -> list[Property]:
        """What is planted there; every proportion has at least 400 rows (canaries: 256 a group)."""

    def values(self, rows: Sequence[Row], oracle: Oracle) -> list[Values]:
        """For each row the value of each metric of the evaluation that is a mean over samples."""
