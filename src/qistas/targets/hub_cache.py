"""Repositories in the cache that the hub's library keeps on this machine; reading it needs neither a network nor that library."""

from __future__ import annotations

import os
from pathlib import Path

from qistas.contracts.exchanges import FileInspection
from qistas.targets.hub_about import HEADER_SUFFIXES
from qistas.targets.release_whole import Inspect


def cache_folder() -> Path:
    """Where the cache is: ``HF_HUB_CACHE``, ``HF_HOME``, ``XDG_CACHE_HOME``, or in the user's own cache."""
    said = os.environ.get
    if cache := said("HF_HUB_CACHE"):
        return Path(cache).expanduser()
    home = said("HF_HOME") or Path(said("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    return Path(home).expanduser() / "hub"


def cached_repository(repository: str, is_data: bool) -> Path | None:
    """The folder of ``org/name`` in the cache, ``None`` where it holds no snapshot of it."""
    kind = "datasets" if is_data else "models"
    path = cache_folder() / f"{kind}--{repository.replace('/', '--')}"
    snapshots = path / "snapshots"
    held = snapshots.is_dir() and any(one.is_dir() for one in snapshots.iterdir())
    return path if held else None


def headers_only(inspect: Inspect) -> Inspect:
    """Looks at the headers of weights, and at nothing else."""

    def inspected(path: Path, name: str, /, *, sha256: str | None, seconds: float) -> FileInspection:
        if name.lower().endswith(HEADER_SUFFIXES):
            return inspect(path, name, sha256=sha256, seconds=seconds)
        return FileInspection(path=name, format="unread", size_bytes=path.stat().st_size, sha256=sha256)

    return inspected
