"""What a results file of another tool says, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.errors import Fault
from qistas.contracts.exchanges import Finish, Message, Usage

# What a verdict says of an answer: that the attack succeeded or not; that the answer passed, in part, or failed; a number;
# a word of the tool's own, of which nothing more is known; nothing.
Label = Literal["succeeded", "withstood", "passed", "partial", "failed", "number", "word", "none"]

# How deep and how long what is taken over from a file may be.
MOST_CHARACTERS = 4_000_000


# The name of a model in a file that names none, and how a page in Arabic says it.
UNNAMED = "a model that the file does not name"
_UNNAMED = Text(UNNAMED, "نموذج لا يسمّيه الملفّ")


def model_words(model: str) -> Text:
    """The name of the model as it stands in a sentence of either language."""
    return _UNNAMED if model == UNNAMED else Text(model, model)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one judge of the other tool decided: the words or number in the file, and what that means here.

    ``number``: in the file's own scale, where it gives one. ``none``: the file has no verdict at this place.
    """

    said: str
    label: Label
    number: float | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer that a file reports.

    ``id`` is its own in the file, ``cluster`` the prompt or behaviour, its unit of analysis; ``place`` says where it
    stands. ``request``: what was sought, in words, for judges that look at it. ``response`` is ``None`` with ``missing``, the reason;
    ``never_asked``: because the attack put nothing to the model, so that it cannot have succeeded. ``verdicts`` by the
    name of the other tool's judge (detector, scorer). ``kept``: numbers of the file that are shown beside.
    """

    id: str
    cluster: str
    place: str
    messages: tuple[Message, ...]
    request: str
    response: str | None
    verdicts: dict[str, Verdict]
    missing: str | None = None
    never_asked: bool = False
    finish: Finish = "stop"
    usage: Usage = Usage()
    language: str | None = None
    strata: dict[str, str] = msgspec.field(default_factory=dict)
    kept: dict[str, float] = msgspec.field(default_factory=dict)


class ToolReport(msgspec.Struct, frozen=True, kw_only=True):
    """A whole file: which tool wrote it, about which model, and the answers in it.

    ``attacks``: its verdicts say whether an attack succeeded; otherwise they say only whether an answer passed.
    ``attack_alone``: the file has the text of each attack, and not what it sought; ``sought_in``: the name of the other
    file that this was then read from.
    """

    tool: str
    version: str | None
    model: str
    attacks: bool
    answers: tuple[Answer, ...]
    attack_alone: bool = False
    sought_in: str | None = None

    @property
    def author(self) -> str:
        """The tool with its version."""
        return f"{self.tool} {self.version}" if self.version else self.tool

    @property
    def judges(self) -> list[str]:
        """The other tool's judges, in the order in which they first appear."""
        return list(dict.fromkeys(name for answer in self.answers for name in answer.verdicts))


class Wrong(NamedTuple):
    """One fault: what is wrong, and the keys and indexes that lead there from the top of the document."""

    what: str
    path: tuple[str | int, ...]
    next_step: str | None = None

    def at(self, where: str) -> Fault:
        """The fault, with its place in words."""
        return Fault(self.what, where, self.next_step)


class Found(NamedTuple):
    """What a reader made of a document: the report, as far as it could be read, and every fault."""

    report: ToolReport
    faults: list[Wrong]


def mapping(value: Any) -> dict[str, Any]:
    """The value, if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text_of(value: Any) -> str | None:
    """The text, if it is one."""
    return value if isinstance(value, str) else None


def whole(value: Any) -> int | None:
    """The whole number that is not negative, if it is one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def number_of(value: Any) -> float | None:
    """The number, if it is one; true and false are none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def too_long(answer: Answer) -> Iterator[str]:
    """What is longer than anything that is taken over."""
    for turn in answer.messages:
        if len(turn.content) > MOST_CHARACTERS:
            yield f"a message has {len(turn.content)} characters, more than {MOST_CHARACTERS}"
    if answer.response is not None and len(answer.response) > MOST_CHARACTERS:
        yield f"the answer has {len(answer.response)} characters, more than {MOST_CHARACTERS}"


def tidy(name: str) -> str:
    """A text as it can stand in a sample's id: without blanks at the ends and without line breaks."""
    return " ".join(name.split()) or "-"
