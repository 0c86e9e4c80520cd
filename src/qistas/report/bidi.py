"""Latin runs inside Arabic text, set apart so that they read left to right."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from qistas.contracts.documents import Language, Text
from qistas.report.words import text

_TAIL = r"(?:[\w./:@#+=\-]|,(?=\d))*"
_RUN = re.compile(
    r"(?<=«)[^»\u0600-\u06ff]*[A-Za-z][^»\u0600-\u06ff]*(?=»)"
    r"|\d{4}-\d\d-\d\d"
    r"|[-−+]?\d[\d.,]*%"
    r"|[-−+]\d[\d.,]*(?![\d.,]*[ \u00a0][A-Za-z])"
    rf"|(?:[-−+]?\d[\d.,]*(?:e[-+]\d+)?[ \u00a0])?(?:--?)?[A-Za-z]{_TAIL}(?: (?:--?)?[A-Za-z0-9]{_TAIL})*",
    re.ASCII,
)
_TRAILING = ".,:;-"


Clean = Callable[[str], str]


def apart(value: str, clean: Clean) -> str:
    """``value`` as one run that reads left to right."""
    return f'<bdi dir="ltr">{clean(value)}</bdi>'


def isolated(value: str, clean: Clean) -> str:
    """``value`` passed through ``clean`` part by part, with every Latin run inside ``<bdi dir="ltr">``."""
    parts, at = [], 0
    for match in _RUN.finditer(value):
        run = match.group().rstrip(_TRAILING)
        parts += [clean(value[at : match.start()]), apart(run, clean)]
        at = match.start() + len(run)
    return "".join([*parts, clean(value[at:])])


def marked_up(value: str, lang: Language) -> str:
    """``value`` as HTML: escaped, and in Arabic with every Latin run inside ``<bdi dir="ltr">``."""
    return escape(value) if lang == "en" else isolated(value, escape)


def say(value: Text, lang: Language) -> str:
    """A bilingual text as HTML in ``lang``."""
    return marked_up(text(value, lang), lang)
