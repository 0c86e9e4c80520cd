"""A folder of releases, each known by the repository that it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from qistas.contracts.errors import BadInput
from qistas.targets import release_parents
from qistas.targets.release_parents import parents_in


def test_folders_are_known_by_their_names_and_marks(tmp_path: Path) -> None:
    for name in ("org--name", "models--a-b--c--d", "datasets--org--set", "notes", "marked", "blank"):
        (tmp_path / name).mkdir()
    (tmp_path / "file--one").write_text("")
    (tmp_path / "marked" / ".qistas-release").write_text("new/name\nold/name\n\n")
    assert parents_in(tmp_path) == {
        "datasets/org/set": str(tmp_path / "datasets--org--set"),
        "new/name": str(tmp_path / "marked"),
        "old/name": "new/name",
        "a-b/c--d": str(tmp_path / "models--a-b--c--d"),
        "org/name": str(tmp_path / "org--name"),
    }


def test_every_wrong_mark_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("a", "no repository"), ("b", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".qistas-release").write_text(text)
    (tmp_path / "org--name").mkdir()
    monkeypatch.setattr(release_parents, "MOST_PARENTS", 0)
    with pytest.raises(BadInput) as caught:
        parents_in(tmp_path)
    assert [fault.message for fault in caught.value.faults] == [
        "'no repository' is no repository",
        "'nothing' is no repository",
        "more than 0 releases are too many",
    ]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such folder"):
        parents_in(tmp_path / "none")
