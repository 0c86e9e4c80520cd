"""Which commit a checkout stands at, read from its ``.git`` without running git."""

from __future__ import annotations

import re
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BRANCH = re.compile(r"refs/[^\s\0]{1,1000}")
_MOST_POINTER_BYTES = 4_096
_MOST_PACKED_BYTES = 16 * 2**20
_MOST_STEPS = 5


def commit_of(root: Path) -> str | None:
    """The commit that ``HEAD`` names: in ``.git``, or where its file says that a worktree keeps it.

    ``None`` where there is no checkout, no commit yet, or the repository keeps its references in a form that only
    git reads. Files that were changed since cannot be told from this.
    """
    git = _git_folder(root / ".git")
    if git is None:
        return None
    common = _read(git / "commondir", _MOST_POINTER_BYTES)
    shared = git / common if common else git
    said = _read(git / "HEAD", _MOST_POINTER_BYTES)
    for _ in range(_MOST_STEPS):
        if said is None or _COMMIT.fullmatch(said):
            return said
        branch = said.removeprefix("ref:").strip()
        if not said.startswith("ref:") or not _BRANCH.fullmatch(branch) or ".." in branch:
            return None
        said = _loose(git, shared, branch) or _packed(shared, branch)
    return None


def _git_folder(path: Path) -> Path | None:
    if path.is_dir():
        return path
    said = _read(path, _MOST_POINTER_BYTES)
    if said is None or not said.startswith("gitdir:"):
        return None
    folder = path.parent / said.removeprefix("gitdir:").strip()
    return folder if folder.is_dir() else None


def _loose(git: Path, shared: Path, branch: str) -> str | None:
    return _read(git / branch, _MOST_POINTER_BYTES) or _read(shared / branch, _MOST_POINTER_BYTES)


def _packed(shared: Path, branch: str) -> str | None:
    text = _read(shared / "packed-refs", _MOST_PACKED_BYTES) or ""
    wanted = f" {branch}"
    return next((line.removesuffix(wanted) for line in text.splitlines() if line.endswith(wanted)), None)


def _read(path: Path, most_bytes: int) -> str | None:
    """The text of a small regular file; nothing is waited for at a pipe."""
    try:
        if not path.is_file() or path.stat().st_size > most_bytes:
            return None
        return path.read_bytes().decode("utf-8", "replace").strip()
    except (OSError, ValueError):
        return None
