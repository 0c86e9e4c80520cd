"""The digests in the published cards are those of the data beside them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

DATA = b'{"id": 1}\n'
DIGEST = hashlib.sha256(DATA).hexdigest()
ZEROS = "0" * 64


def run(root: Path, repo_root: Path, *arguments: str) -> tuple[int, str]:
    """Runs the tool as a file of the tree in ``root``."""
    tool = root / "tools" / "pin_data.py"
    tool.parent.mkdir(exist_ok=True)
    tool.write_bytes((repo_root / "tools" / "pin_data.py").read_bytes())
    done = subprocess.run([sys.executable, tool, *arguments], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def tree(root: Path, digest: str) -> Path:
    """A package with one data file and a card for it, and another card whose data are not there."""
    data = root / "src" / "qistas" / "datasets" / "data"
    cards = root / "src" / "qistas" / "evaluations" / "safety"
    data.mkdir(parents=True)
    cards.mkdir(parents=True)
    (data / "mine.jsonl").write_bytes(DATA)
    (cards / "mine.yaml").write_text(f'data:\n  id: mine\n  file: mine.jsonl\n  sha256: "{digest}"\n')
    (cards / "none.yaml").write_text(f'data:\n  id: none\n  file: none.jsonl\n  sha256: "{ZEROS}"\n')
    return cards


def test_a_changed_file_is_found_and_pinned(tmp_path: Path, repo_root: Path) -> None:
    cards = tree(tmp_path, ZEROS)
    before = (cards / "none.yaml").read_text()
    assert run(tmp_path, repo_root, "--check") == (1, "evaluations/safety/mine.yaml: differs\n")
    assert ZEROS in (cards / "mine.yaml").read_text()
    assert run(tmp_path, repo_root) == (0, "evaluations/safety/mine.yaml: pinned\n")
    assert (cards / "mine.yaml").read_text().endswith(f'  sha256: "{DIGEST}"\n')
    assert (cards / "none.yaml").read_text() == before
    assert run(tmp_path, repo_root, "--check") == (0, "")


def test_the_published_cards_are_pinned(repo_root: Path) -> None:
    tool = repo_root / "tools" / "pin_data.py"
    done = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
