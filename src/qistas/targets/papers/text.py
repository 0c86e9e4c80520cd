"""The words of a PDF document (a paper, a technical report, a data sheet), in their order and bounded."""

from __future__ import annotations

import importlib.util
import json
import math
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import msgspec

from qistas.targets.papers import reader

MOST_BYTES = 20 * 2**20
MOST_PAGES = 60
MOST_CHARACTERS = 400_000
MOST_SECONDS = 10.0

# Control characters must not reach a terminal or a record; a page's own line ends stay.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# Ligatures, and Arabic letters in the forms that they are drawn in: no rule and no reader would look for these.
_DRAWN = re.compile(r"[\xa0\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc]")
# By the clock, a busy machine may need more than the time of its processor.
_PATIENCE = 3


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """What could be read of a document.

    ``text``: the pages one below the other, a blank line between two; lines as the document sets them; empty where it has none (a scan).
    ``pages``: how many it has, ``None`` where that could not be read; ``pages_read``: of how many the text is here.
    """

    text: str
    pages: int | None
    pages_read: int


def is_paper(name: str) -> bool:
    """Whether a file of this name is a PDF document."""
    return name.lower().endswith(".pdf")


def can_read() -> bool:
    """Whether the extra ``papers`` is installed."""
    return importlib.util.find_spec("pypdf") is not None


def read_paper(path: Path, *, seconds: float = MOST_SECONDS) -> Paper:
    """The text of a PDF file, by ``pypdf`` in a process of its own: nothing in the document is executed.

    At most ``MOST_PAGES`` pages, ``MOST_CHARACTERS`` characters, a gibibyte of memory and ``seconds`` of the processor (three times that by
    the clock; on Windows only by the clock); the pages that were read until then are kept. Ligatures and drawn forms of letters become
    letters, and control characters are replaced. No content makes this raise.
    """
    arguments = [path.resolve(), MOST_PAGES, MOST_CHARACTERS, math.ceil(seconds)]
    # -P: the folder of the program, where other modules lie, is not searched for pypdf.
    command = [sys.executable, "-P", str(reader.__file__), *map(str, arguments)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds * _PATIENCE,
            check=False,
        )
        said = done.stdout
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
    return _paper(said)


def _paper(said: bytes) -> Paper:
    """What the program wrote; a last line that was cut off does not count."""
    lines = said.split(b"\n")[:-1]
    if not lines:
        return Paper(text="", pages=None, pages_read=0)
    pages = json.loads(lines[0])
    texts = [text for line in lines[1:] if (text := json.loads(line)) is not None]
    text = "\n\n".join(_plain(text) for text in texts).strip()[:MOST_CHARACTERS]
    return Paper(text=text, pages=pages, pages_read=len(texts))


def _plain(text: str) -> str:
    letters = _DRAWN.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text.replace("\xad", ""))
    return _UNSEEN.sub("\ufffd", letters.replace("\r\n", "\n")).strip()
