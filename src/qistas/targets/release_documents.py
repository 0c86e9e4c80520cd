"""Which files of a release are documents, and their words out of their bytes."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from qistas.targets.release import is_document

MOST_PROSE_BYTES = 2 * 2**20
MOST_DATA_BYTES = 256 * 2**10

_PROSE = frozenset(
    {".md", ".markdown", ".mdx", ".rst", ".txt", ".adoc", ".org", ".tex", ".html", ".htm", ".bib", ".cff"}
)
_DATA = frozenset({".yaml", ".yml", ".json", ".toml", ".jinja", ".jinja2"})
_PROSE_NAME = re.compile(
    r"(^|[._-])(model|data|system)[._-]?cards?$|(^|[._-])(datasheet|use[._-]?policy|terms|citation|patents)$",
    re.IGNORECASE,
)
# Beyond this share of bytes outside ASCII, a text that is no UTF-8 is in an encoding that cannot be guessed.
_LATIN_SHARE = 0.05


def rank_of(name: str) -> int | None:
    """0 for prose (cards, licences, papers), 1 for data that is read as text, ``None`` for what is no document."""
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if suffix in _DATA:
        return 1
    if suffix in _PROSE or is_document(name) or (not suffix and _PROSE_NAME.search(path.name)):
        return 0
    return None


def most_bytes(rank: int) -> int:
    """How large a document of this rank may be to be read."""
    return MOST_DATA_BYTES if rank else MOST_PROSE_BYTES


def decoded(data: bytes) -> str | None:
    """The text of a document, or ``None`` where the bytes are none.

    UTF-8, and UTF-16 where its mark says so. What is neither is read as Windows-1252 where nearly all of it is
    ASCII (an old licence with a © in it); else what is no UTF-8 is replaced.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        beyond = len(data) - len(data.translate(None, bytes(range(128, 256))))
        latin = beyond <= _LATIN_SHARE * len(data)
        return data.decode("cp1252", "replace") if latin else data.decode("utf-8-sig", "replace")
