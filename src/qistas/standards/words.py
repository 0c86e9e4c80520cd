"""Checks of names, versions and texts, common to standards and evaluation cards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qistas.contracts.errors import Fault
from qistas.standards.tree import Node

_VERSION = re.compile(r"\d+\.\d+(\.\d+)?([-+][0-9A-Za-z.-]+)?")
_NAME = re.compile(r"[a-z0-9]+([._/-][a-z0-9]+)*")
_LATIN = re.compile(r"[A-Za-z]")
_ARABIC = re.compile(r"[\u0621-\u064a]")


def name_faults(node: Node) -> Iterator[Fault]:
    """A name is lower-case ASCII: it stands in commands, file names and digests."""
    if node.text is not None and not _NAME.fullmatch(node.text):
        step = "use lower-case letters, digits and single . - _ / between them"
        yield node.fault(f"{node.text!r} cannot be a name", step)


def version_faults(node: Node) -> Iterator[Fault]:
    """A version is ``MAJOR.MINOR`` or ``MAJOR.MINOR.PATCH``, with a suffix if there must be one."""
    if node.text is not None and not _VERSION.fullmatch(node.text):
        yield node.fault(f"{node.text!r} is not a version", "write it like '1.0' or '1.2.3'")


def bilingual_faults(node: Node) -> Iterator[Fault]:
    """Both languages say something, each in its own letters."""
    for language, letters, kind in (("en", _LATIN, "Latin"), ("ar", _ARABIC, "Arabic")):
        text = node[language].text
        if text is None:
            continue
        if not text.strip():
            yield node[language].fault(f"the text in {language!r} is empty", "write it")
        elif not letters.search(text):
            yield node[language].fault(
                f"the text in {language!r} has no {kind} letters", f"write it in {kind} letters"
            )
