"""The errors of Qistas, one tree.

QistasError                      everything a caller may want to catch
├── BadInput                     2    something given to us is wrong; every fault at once
│   ├── UnknownName              2    no such model, standard, evaluation, judge ...
│   ├── InvalidDocument          2    a YAML or data file with faults, each with file and line
│   ├── LedgerMismatch           2    a ledger of another version, or of another run
│   ├── StorageError             2    read-only folder, full disk, file that is no ledger
│   └── MissingExtra             2    an optional part that is not installed
├── CheckFailed                  1    a gate or a verification said no
├── TargetFailed                 3    the target failed for good; what was kept is said
└── Interrupted                130    the user stopped the run; it can be resumed

Unscored is a signal between an evaluation and the engine, not an error of anyone: it becomes an
observation without a value and with a reason.
"""

from __future__ import annotations

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong, where, and the next step."""

    message: str
    where: str | None = None
    next_step: str | None = None

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        step = f" → {self.next_step}" if self.next_step else ""
        return f"{place}{self.message}{step}"


class QistasError(Exception):
    """Base of all errors; ``exit_code`` is what the command line exits with."""

    exit_code = 2

    def __init__(self, *faults: Fault | str) -> None:
        self.faults = tuple(Fault(f) if isinstance(f, str) else f for f in faults)
        super().__init__("\n".join(str(f) for f in self.faults))


class BadInput(QistasError):
    """Something given to us is wrong; ``faults`` holds every fault found."""


class UnknownName(BadInput):
    """A name that nothing answers to."""

    @classmethod
    def of(cls, what: str, name: str, known: list[str]) -> UnknownName:
        """Say what was asked for and which names exist."""
        from difflib import get_close_matches

        near = get_close_matches(name, known, n=1)
        step = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known)) or 'none'}"
        return cls(Fault(f"unknown {what} {name!r}", next_step=step))


class InvalidDocument(BadInput):
    """A document with faults, each with its file and line."""


class LedgerMismatch(BadInput):
    """A ledger that was written by another version, or belongs to another run."""


class StorageError(BadInput):
    """A folder or file that cannot be read or written."""


class MissingExtra(BadInput):
    """An optional part is not installed."""

    @classmethod
    def of(cls, extra: str, purpose: str) -> MissingExtra:
        """Name the extra and the command that installs it."""
        return cls(Fault(f"{purpose} needs the extra {extra!r}", next_step=f"pip install 'qistas[{extra}]'"))


class CheckFailed(QistasError):
    """A gate or a verification said no."""

    exit_code = 1


class TargetFailed(QistasError):
    """The target failed for good: asking again the same way cannot help."""

    exit_code = 3


class Interrupted(QistasError):
    """The user stopped the run."""

    exit_code = 130


class Unscored(Exception):
    """Raised inside ``observe``: this sample has no value, for ``reason``; never a silent zero."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
