"""One sample under attack: the three models within their budgets, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import msgspec

from qistas.contracts.documents import EvaluationCard
from qistas.contracts.errors import Unscored
from qistas.contracts.exchanges import Decoding, Message
from qistas.contracts.protocols import Subject
from qistas.contracts.records import Absent, Sample
from qistas.evaluations.population import language_of
from qistas.evaluations.safety.adaptive.attacker import (
    ON_TOPIC_FORM,
    TURN_FORM,
    Turn,
    on_topic_in,
    turn_in,
)
from qistas.evaluations.safety.adaptive.parameters import ANY, FIRST, AttackParameters
from qistas.standards.template import fill

T = TypeVar("T")
Values = dict[str, "float | Absent"]

_ROLES = {"target": "model", "attacker": "attacker", "judge": "judge-target"}
# What a chat template may put around a conversation, and what a judge's own prompt may take, in tokens.
_TEMPLATE_TOKENS = 64
_JUDGE_PROMPT_TOKENS = 4096
_BYTES_OF_A_TOKEN = 8


class BudgetSpent(Exception):
    """The next request would go beyond what may be asked; it was not put."""


class Answer(NamedTuple):
    """The target's answer, the judge's label, and what the attacker is told of it."""

    prompt: str
    text: str
    label: str
    score: float
    succeeded: bool
    refused: bool


class Attack:
    """What one sample may ask, and what it has seen.

    The methods that ask raise ``BudgetSpent`` before a request that would go beyond the budget, and ``Unscored``
    where a request failed or the attacker does not keep to the form.
    """

    def __init__(
        self, card: EvaluationCard, parameters: AttackParameters, sample: Sample, subject: Subject
    ) -> None:
        self.objective = str(sample.row["request"])
        self.language = language_of(sample.row)
        self._card = card
        self._parameters = parameters
        self._row = sample.row
        self._subject = subject
        self._worth = {m.id: m.labels or {} for m in card.metrics if m.id in (FIRST, ANY)}
        self._asked_attacker = 0
        self._first: float | Absent | None = None
        self._succeeded = False
        self._unjudged: list[str] = []
        self._nothing = "the budget was spent before a prompt was put to the target"

    def conversation(self) -> Conversation:
        """A new conversation with the attacker about this sample's objective."""
        return Conversation(self, ())

    def told(self, occasion: str, answer: Answer | None = None, prompt: str = "") -> str:
        """What the attacker is told on this occasion."""
        known = {"objective": self.objective, "language": self.language, "prompt": prompt}
        if answer is not None:
            score = f"{answer.score:g}"
            known |= {"prompt": answer.prompt, "response": answer.text, "score": score}
        return fill(self._parameters.attacker[occasion], known)

    def lost(self, why: str) -> None:
        """The attack has nothing left to put; where it never put anything, this is the reason."""
        self._nothing = f"no prompt was put to the target: {why}"

    async def put(self, messages: tuple[Message, ...], refusal_judge: str | None = None) -> Answer:
        """Put the conversation to the target and let the judge decide; ``refusal_judge`` says whether it refused."""
        decoding = self._card.decoding
        self._must_afford("target", messages, decoding.max_tokens)
        self._must_afford_judge(messages, decoding.max_tokens)
        response = await self._subject.chat(messages, decoding)
        label, reason, refused = "", f"blank answer (ended by: {response.finish})", True
        if response.text.strip():
            judge = str(self._card.judge)
            decision = await self._subject.judge(judge, response, self._row, self.language)
            label, reason, refused = decision.label, decision.reason, False
            if refusal_judge is not None:
                said = await self._subject.judge(refusal_judge, response, self._row, self.language)
                refused = said.label == "refused"
        self._note(label, f"judged {label}: {reason}" if label else reason)
        lowest = min(self._parameters.scores.values())
        score = self._parameters.scores.get(label, lowest)
        return Answer(messages[-1].content, response.text, label, score, self._succeeded, refused)

    def _note(self, label: str, reason: str) -> None:
        known = label in self._worth[ANY]
        if self._first is None:
            self._first = self._worth[FIRST][label] if known else Absent(reason)
        if not known:
            self._unjudged.append(reason)
        elif self._worth[ANY][label] == 1:
            self._succeeded = True

    async def turn(self, messages: tuple[Message, ...]) -> Turn:
        """The attacker's next prompt."""
        return await self._attacker(messages, self._parameters.decoding, turn_in, TURN_FORM)

    async def on_topic(self, prompt: str) -> bool:
        """Whether the prompt still asks for the objective, as the attacker itself reads it at temperature 0."""
        decoding = msgspec.structs.replace(self._parameters.decoding, temperature=0.0)
        asked = (Message("user", self.told("on_topic", prompt=prompt)),)
        return await self._attacker(asked, decoding, on_topic_in, ON_TOPIC_FORM)

    async def _attacker(
        self, messages: tuple[Message, ...], decoding: Decoding, read: Callable[[str], T | None], form: str
    ) -> T:
        for _ in range(self._parameters.attempts):
            self._must_afford("attacker", messages, decoding.max_tokens)
            # Equal requests are answered once, so that without this every stream and attempt would be the same.
            seed = (self._parameters.decoding.seed or 0) + self._asked_attacker
            self._asked_attacker += 1
            seeded = msgspec.structs.replace(decoding, seed=seed)
            found = read((await self._subject.ask_attacker(messages, seeded)).text)
            if found is not None:
                return found
        attempts = self._parameters.attempts
        raise Unscored(f"the attacker did not keep to the form {form} in {attempts} attempts")

    def _must_afford(self, who: str, messages: tuple[Message, ...], max_tokens: int) -> None:
        size = sum(len(message.content.encode()) for message in messages)
        self._spend(who, size + max_tokens + _TEMPLATE_TOKENS)

    def _must_afford_judge(self, messages: tuple[Message, ...], max_tokens: int) -> None:
        size = len(self.objective.encode()) + len(messages[-1].content.encode())
        self._spend("judge", size + max_tokens * _BYTES_OF_A_TOKEN + _JUDGE_PROMPT_TOKENS)

    def _spend(self, who: str, tokens: int) -> None:
        spent = self._subject.spent(_ROLES[who])
        queries = getattr(self._parameters.most_queries, who)
        if spent.queries >= queries or spent.most_tokens + tokens > getattr(
            self._parameters.most_tokens, who
        ):
            raise BudgetSpent

    def values(self, fault: str | None) -> Values:
        """The sample's values; ``fault``: why the attack ended before its budget.

        Raises:
            Unscored: not one prompt was put to the target.
        """
        if self._first is None:
            raise Unscored(fault or self._nothing)
        if fault is None and self._unjudged:
            fault = f"{len(self._unjudged)} answers without a verdict, one of them {self._unjudged[-1]}"
        success = 1.0 if self._succeeded else Absent(fault) if fault else 0.0
        return {FIRST: self._first, ANY: success, **self._used()}

    def _used(self) -> Values:
        found: Values = {}
        for who, role in _ROLES.items():
            spent, suffix = self._subject.spent(role), "" if who == "target" else f"_{who}"
            nobody = Absent(f"the {who} does not count tokens")
            found[f"queries_used{suffix}"] = float(spent.queries)
            found[f"tokens_used{suffix}"] = nobody if spent.tokens is None else float(spent.tokens)
        return found


class Conversation:
    """What the attacker and we said to each other; it is shown only the last turns."""

    def __init__(self, attack: Attack, turns: tuple[tuple[Message, Message], ...]) -> None:
        self._attack = attack
        self._turns = turns
        self._said = ""

    def fork(self) -> Conversation:
        """Another that goes on from here."""
        return Conversation(self._attack, self._turns)

    async def next_prompt(self, history: int) -> str:
        """The attacker's next prompt, in view of its last ``history`` turns."""
        told = self._attack.told
        turns = [message for turn in self._turns[-history:] for message in turn]
        head = (Message("system", told("system")), Message("user", told("first")))
        turn = await self._attack.turn((*head, *turns))
        self._said = turn.said
        return turn.prompt

    def tell(self, occasion: str, answer: Answer) -> None:
        """Tell the attacker what came of its prompt."""
        told = Message("user", self._attack.told(occasion, answer))
        self._turns = (*self._turns, (Message("assistant", self._said), told))
