"""Which commit a checkout stands at is read without running git."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from qistas.targets.release_git import commit_of

COMMIT = "55a15ef1d1cc3a779bfef2af7a9fce6657bb833d"
OTHER = "0123456789abcdef0123456789abcdef01234567"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_branch_a_packed_branch_and_a_detached_head_are_read(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    write(git / "HEAD", "ref: refs/heads/main\n")
    assert commit_of(tmp_path) is None
    packed = (
        f"# pack-refs with: peeled fully-peeled sorted\n{OTHER} refs/heads/mai\n{COMMIT} refs/heads/main\n"
    )
    write(git / "packed-refs", packed)
    assert commit_of(tmp_path) == COMMIT
    write(git / "refs/heads/main", f"{OTHER}\n")
    assert commit_of(tmp_path) == OTHER
    write(git / "HEAD", f"{COMMIT}\n")
    assert commit_of(tmp_path) == COMMIT


def test_a_worktree_leads_to_where_its_branch_is_kept(tmp_path: Path) -> None:
    git = tmp_path / "main" / ".git"
    write(git / "refs/heads/side", COMMIT)
    write(git / "worktrees/side/HEAD", "ref: refs/heads/side\n")
    write(git / "worktrees/side/commondir", "../..\n")
    write(tmp_path / "side" / ".git", "gitdir: ../main/.git/worktrees/side\n")

    assert commit_of(tmp_path / "side") == COMMIT


@pytest.mark.parametrize(
    "head",
    [
        "",
        "ref: refs/heads/.invalid",
        "ref: ../../secret",
        "ref: refs/../../x",
        "ref: HEAD",
        "nothing",
        "ref: refs/a b",
    ],
)
def test_what_names_no_commit_is_none(tmp_path: Path, head: str) -> None:
    write(tmp_path / "secret", COMMIT)
    write(tmp_path / ".git/HEAD", head)

    assert commit_of(tmp_path) is None


def test_a_loop_a_pipe_and_a_pointer_to_nowhere_end(tmp_path: Path) -> None:
    write(tmp_path / ".git/HEAD", "ref: refs/heads/a")
    write(tmp_path / ".git/refs/heads/a", "ref: refs/heads/a")
    assert commit_of(tmp_path) is None
    (tmp_path / ".git/HEAD").unlink()
    os.mkfifo(tmp_path / ".git/HEAD")
    assert commit_of(tmp_path) is None
    for said in ("gitdir: nowhere", "gitdir: \0", "nothing", "gitdir: " + "a" * 5000):
        write(tmp_path / "pointer" / ".git", said)
        assert commit_of(tmp_path / "pointer") is None
    assert commit_of(tmp_path / "absent") is None


def test_what_may_not_be_read_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / ".git/HEAD", COMMIT)

    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert commit_of(tmp_path) is None


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
def test_git_itself_says_the_same(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        given = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", *arguments]
        return subprocess.run(given, cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "first")
    assert commit_of(tmp_path) == git("rev-parse", "HEAD")
    git("pack-refs", "--all")
    git("worktree", "add", "-q", "-b", "side", "side")
    assert commit_of(tmp_path) == commit_of(tmp_path / "side") == git("rev-parse", "HEAD")
