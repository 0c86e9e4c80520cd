"""Secrets never reach ledger, report, log or error: not even when a server sends them back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from qistas.targets.refs import without_home

MARK = "[redacted]"
_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)S?$", re.IGNORECASE)
_CERTAIN_LENGTH = 8


class Redactor:
    """Replaces known secrets in text.

    A secret shorter than eight characters (``EMPTY``, ``none``) may be an ordinary word: it is replaced in
    messages, where nothing is lost, and left in a model's answers, which are evidence.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        values = {part for secret in secrets for part in (secret.strip(), secret.strip().rpartition(" ")[2])}
        values |= {quote(value, safe="") for value in values}
        self._values = sorted((value for value in values if value), key=lambda value: (-len(value), value))

    def message(self, text: str) -> str:
        """``text`` without any of the secrets."""
        for value in self._values:
            text = text.replace(value, MARK)
        return text

    def answer(self, text: str) -> str:
        """``text`` without the secrets that cannot be ordinary words."""
        for value in self._values:
            if len(value) >= _CERTAIN_LENGTH:
                text = text.replace(value, MARK)
        return text


def environment_secrets(environ: Mapping[str, str]) -> list[str]:
    """Values of the variables whose names say that they are secret, where they are long enough to be one."""
    return [v for k, v in environ.items() if _SECRET_NAME.search(k) and len(v) >= _CERTAIN_LENGTH]


def excerpt(text: str, length: int = 300) -> str:
    """Somebody else's words as one line of at most ``length`` characters that any record and screen can carry.

    The home folder becomes ``~``; characters that cannot be seen or written out are replaced.
    """
    line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split()))
    line = without_home(line)
    return line if len(line) <= length else line[: length - 1] + "…"
