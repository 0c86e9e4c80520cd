"""What of a release was passed over, or could not be read as it is, is a note of its reading."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from qistas.contracts.documents import Text
from qistas.contracts.exchanges import FileInspection
from qistas.targets import release_whole
from qistas.targets.release_documents import MOST_DATA_BYTES
from qistas.targets.release_whole import WholeRelease


def inspect(path: Path, name: str, /, *, sha256: str | None, seconds: float) -> FileInspection:
    return FileInspection(path=name, format="other", size_bytes=0)


def notes(folder: Path) -> tuple[Text, ...]:
    release = WholeRelease(folder, source="here", inspect=inspect)
    release.listing()
    return release.notes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model/README.md").write_text("# A model\n")
    return tmp_path / "model"


def test_a_release_that_was_read_whole_has_no_notes(folder: Path) -> None:
    (folder / "CARD.md").symlink_to("README.md")

    assert notes(folder) == ()


def test_links_that_are_not_followed_are_named(folder: Path) -> None:
    (folder.parent / "secret.md").write_text("outside")
    (folder / "sub").mkdir()
    (folder / "sub/out.md").symlink_to(folder.parent / "secret.md")
    (folder / "gone.md").symlink_to("nothing")
    (folder / "linked").symlink_to("sub")

    assert notes(folder) == (
        Text(
            "not followed, because they lead out of the release, to a folder or nowhere, or are no regular files (3): "
            "gone.md, linked, sub/out.md",
            "لم تُتبع لأنّها تخرج من الإصدار أو تقود إلى مجلّد أو إلى لا شيء، أو لأنّها ليست ملفّات عادية (3): gone.md، linked، sub/out.md",
        ),
    )


@pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere refuse such names")
def test_names_that_are_no_utf_8_are_named(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text("x")

    (note,) = notes(folder)
    assert note.en == "names that are no UTF-8, in which each such byte stands as \ufffd (1): caf\ufffd.txt"
    assert note.ar.endswith("(1): caf\ufffd.txt")


def test_documents_that_are_too_large_are_named_and_the_rest_counted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(6):
        (folder / f"{at}.json").write_bytes(b" " * (MOST_DATA_BYTES + 1))
    (note,) = notes(folder)
    assert note.en == (
        "documents too large to be read; only their names and sizes were taken (6): "
        "0.json, 1.json, 2.json, 3.json, 4.json, …"
    )
    for at in range(6):
        (folder / f"{at}.json").unlink()
    monkeypatch.setattr(release_whole, "MOST_TEXTS_BYTES", 12)
    (folder / "second.md").write_text("more words")
    (note,) = notes(folder)
    assert note.en.endswith("(1): second.md")
