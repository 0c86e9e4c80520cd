"""Walking a document for its meaning, while its form may still be wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from qistas.contracts.errors import Fault
from qistas.standards.document import Document, Place


class Node:
    """A value in a document, perhaps one that is not there.

    A check asks for a text or a number and gets ``None`` for anything else: what is of a wrong form was
    reported as such, and one mistake is one fault.
    """

    def __init__(self, document: Document, place: Place = ()) -> None:
        self.document = document
        self.place = place
        value = document.data
        for step in place:
            if isinstance(value, list) and isinstance(step, int):
                value = value[step]
            else:
                value = value.get(step) if isinstance(value, dict) else None
        self.value = value

    def __getitem__(self, key: str) -> Node:
        return Node(self.document, (*self.place, key))

    @property
    def present(self) -> bool:
        """Whether something stands here."""
        return self.value is not None

    @property
    def text(self) -> str | None:
        """The value, if it is a text."""
        return self.value if isinstance(self.value, str) else None

    @property
    def number(self) -> float | None:
        """The value, if it is a number."""
        is_number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        return self.value if is_number else None

    def items(self) -> list[Node]:
        """The items of a list."""
        count = len(self.value) if isinstance(self.value, list) else 0
        return [Node(self.document, (*self.place, index)) for index in range(count)]

    def fields(self) -> dict[str, Node]:
        """The values of a mapping by key."""
        return {key: self[key] for key in self.value} if isinstance(self.value, dict) else {}

    def fault(self, message: str, next_step: str | None = None) -> Fault:
        """A fault that stands here."""
        return Fault(message, where=self.document.where(self.place), next_step=next_step)


def tree(value: Document | msgspec.Struct, name: str = "") -> Node:
    """The root of a document, or of a struct that never was one (its faults name paths, not lines)."""
    if isinstance(value, Document):
        return Node(value)
    plain = msgspec.json.decode(msgspec.json.encode(value))
    return Node(Document(name or str(getattr(value, "id", "")), plain))


def repeated(nodes: Iterable[Node], what: str) -> Iterator[Fault]:
    """A fault for every text that was there before."""
    first: dict[str, Node] = {}
    for node in nodes:
        if node.text is None:
            continue
        if node.text in first:
            earlier = first[node.text].document.where(first[node.text].place)
            yield node.fault(
                f"the {what} {node.text!r} stands twice, first at {earlier}", "give it another name"
            )
        first.setdefault(node.text, node)
