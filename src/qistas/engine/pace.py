"""How fast a model answered here last time, so that a plan can say how long a run takes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

from qistas.engine.cache import cache_folder

# Without a timed run: a small model on a fast machine, and a large one on a slow machine.
_ASSUMED_SECONDS_PER_REQUEST = (0.01, 2.0)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds to expect for a number of requests; ``measured``: from a run of this model on this machine."""

    low_seconds: float
    high_seconds: float
    measured: bool


def remember_pace(model: str, requests: int, seconds: float) -> None:
    """Keep what a run needed; a cache that cannot be written is no fault."""
    if requests < 20:
        return
    path = _path(model)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(msgspec.json.encode({"seconds_per_request": seconds / requests}))
        part.replace(path)
    except OSError:
        return


def pace_for(model: str, requests: int) -> Pace:
    """The time that many requests are expected to take: within a factor of two of the last run's rate."""
    try:
        seconds = float(msgspec.json.decode(_path(model).read_bytes())["seconds_per_request"])
        low, high, measured = seconds / 2, seconds * 2, True
    except (OSError, msgspec.DecodeError, KeyError, TypeError, ValueError):
        (low, high), measured = _ASSUMED_SECONDS_PER_REQUEST, False
    return Pace(low_seconds=low * requests, high_seconds=high * requests, measured=measured)


def _path(model: str) -> Path:
    return cache_folder() / "pace" / f"{hashlib.sha256(model.encode()).hexdigest()[:32]}.json"
