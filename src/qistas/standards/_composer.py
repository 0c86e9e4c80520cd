"""YAML text to YAML nodes. Loaded only when a document is read: ruamel takes a tenth of a second."""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer

from qistas.standards.document import MAX_DEPTH


class TooDeepError(Exception):
    """Nesting beyond the limit, on the given line (from 1)."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(line)


class _ShallowComposer(Composer):
    """Stops at a depth that no honest document has; the plain one spends seconds on a thousand brackets."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeepError(self.parser.peek_event().start_mark.line + 1)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def compose(text: str) -> Any:
    """The root node of a YAML 1.2 text, or ``None`` where there is none; nothing is constructed.

    Raises:
        YAMLError: the text is not YAML.
        TooDeepError: it is nested deeper than ``MAX_DEPTH``.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _ShallowComposer
    return yaml.compose(text)
