"""Parts of a document that are written by a program: what stands between ``<!-- NAME -->`` and ``<!-- /NAME -->``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qistas.contracts.errors import Fault


def ends(name: str) -> tuple[str, str]:
    """The lines before and after the part ``name``, each with its line break."""
    return f"<!-- {name} -->\n", f"<!-- /{name} -->\n"


def mark_faults(text: str, names: Iterable[str], where: str, *, required: bool = False) -> Iterator[Fault]:
    """What keeps the parts ``names`` of the document ``where`` from being written.

    A part has both marks, once each and in order, or, unless it is ``required``, neither of them.
    """
    for name in names:
        opening, closing = ends(name)
        counts = (text.count(opening), text.count(closing))
        step = (
            f"put {opening.strip()} and {closing.strip()} on lines of their own around what is to be replaced"
        )
        if counts == (0, 0) and not required:
            continue
        if counts != (1, 1):
            yield Fault(
                f"the part {name!r} is opened {counts[0]} times and closed {counts[1]} times", where, step
            )
        elif text.index(closing) < text.index(opening):
            yield Fault(f"the part {name!r} is closed before it is opened", where, step)


def written(text: str, name: str, part: str) -> str:
    """The document with ``part`` between the marks of ``name``; as it is, where it has no such part."""
    opening, closing = ends(name)
    if opening not in text:
        return text
    head, _, rest = text.partition(opening)
    return head + opening + part + closing + rest.partition(closing)[2]
