"""What a reader found in one file, and the bounds that keep a crafted file from costing more than a file."""

from __future__ import annotations

import re
import time

MOST_FAULTS = 64
MOST_RUNS = 128
MOST_SAID = 512
MOST_DETAIL_CHARACTERS = 240
MOST_VALUE_CHARACTERS = 1_000

# Control characters of a file must not reach a terminal, a page or a record.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Unfinished(Exception):
    """Reading was given up: a bound on size, depth, count or time was reached. The message says which."""


class Deadline:
    """A point of time after which reading is given up; the last resort behind bounds on bytes and counts."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds

    def check(self) -> None:
        """Raises `Unfinished` once the time is over."""
        if time.monotonic() > self._ends:
            raise Unfinished(f"reading took more than {self._seconds:g} s")


class Reading:
    """What is collected while a file is read; every collection is bounded.

    ``faults``: ``code: detail``. ``runs``: what would run. ``said``: what the file says of itself.
    """

    def __init__(self, form: str, deadline: Deadline) -> None:
        self.form = form
        self.deadline = deadline
        self.faults: dict[str, None] = {}
        self.runs: dict[str, None] = {}
        self.said: dict[str, str] = {}
        self.tensors: int | None = None
        self.parameters: int | None = None
        self.line: int | None = None

    def fault(self, code: str, detail: str) -> None:
        """Something is wrong; a code that was not said yet is kept even where there are too many faults."""
        new = all(not fault.startswith(f"{code}: ") for fault in self.faults)
        if new or len(self.faults) < MOST_FAULTS:
            self.faults[f"{code}: {visible(detail, MOST_DETAIL_CHARACTERS)}"] = None

    def run(self, what: str) -> None:
        """Something would run."""
        if len(self.runs) < MOST_RUNS:
            self.runs[visible(what, MOST_DETAIL_CHARACTERS)] = None

    def say(self, key: str, value: object, most_characters: int = MOST_VALUE_CHARACTERS) -> None:
        """The file says this of itself."""
        if len(self.said) < MOST_SAID:
            self.said[visible(key, MOST_DETAIL_CHARACTERS)] = visible(str(value), most_characters)


def visible(text: str, most_characters: int) -> str:
    """A text that can stand in a record: cut, with control characters and lone surrogates replaced."""
    cut = text if len(text) <= most_characters else text[: most_characters - 1] + "…"
    return _UNSEEN.sub("�", cut)
