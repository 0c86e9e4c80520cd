"""Reads a page as a reader does: its two language parts, their texts, what is shared."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "input", "br", "img", "link", "hr"}


class Node:
    def __init__(self, tag: str, attributes: dict[str, str | None], parent: Node | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Node | str] = []

    def walk(self):
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    @property
    def text(self) -> str:
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    @property
    def texts(self) -> list[str]:
        return [t for c in self.children for t in ([c] if isinstance(c, str) else c.texts)]

    def find(self, identifier: str) -> Node:
        return next(n for n in self.walk() if n.attributes.get("id") == identifier)

    def all(self, tag: str) -> list[Node]:
        return [n for n in self.walk() if n.tag == tag]

    def under(self, tags: set[str]) -> bool:
        node: Node | None = self
        while node is not None:
            if node.tag in tags:
                return True
            node = node.parent
        return False


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node("root", {}, None)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attributes), self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.at.children.append(Node(tag, dict(attributes), self.at))

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> closes <{self.at.tag}>"
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def parse(page: bytes) -> Node:
    """The page as a tree; raises where an element is closed by another's end tag."""
    builder = _Builder()
    builder.feed(page.decode())
    builder.close()
    assert builder.at is builder.root, f"<{builder.at.tag}> is never closed"
    return builder.root


def shape(node: Node) -> list[str]:
    """Tags and classes in order; ``bdi``, which only marks direction, left out."""
    return [f"{n.tag}.{n.attributes.get('class', '')}" for n in node.walk() if n.tag != "bdi"]


def prose(node: Node) -> list[str]:
    """The texts that are said in a language: no code, no isolated Latin run, no numbers alone."""
    found = []
    for inner in node.walk():
        if inner.under({"bdi", "code", "pre", "style", "svg"}):
            continue
        found += [child.strip() for child in inner.children if isinstance(child, str) and child.strip()]
    return found
