"""A folder is read as a release: listed, digested, its documents as text, and never left."""

import hashlib
import os
from pathlib import Path

import pytest

from qistas.contracts.errors import BadInput
from qistas.contracts.exchanges import ReleaseFile, ReleaseListing
from qistas.targets import release
from qistas.targets.release import FolderRelease, is_document


def listing(path: Path) -> ReleaseListing:
    return FolderRelease(path, source="example/model", revision="r1").listing()


def file(path: str, data: bytes) -> ReleaseFile:
    return ReleaseFile(path=path, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def write(root: Path, path: str, data: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(data)


def test_files_are_listed_sorted_with_digests_and_documents_with_their_text(tmp_path: Path) -> None:
    arabic = "# نموذج\n".encode()
    contents = {
        "README.md": b"\xef\xbb\xbf# Card\xff\n",
        "docs/data/ar.md": arabic,
        "LICENSE": b"All of it.",
        "model.safetensors": b"\0\1\2",
        "pickle.bin": b"cos\nsystem\n(S'exit 1'\ntR.",
        "LICENSE.pdf": b"%PDF-",
        "NOTICE-BINARY": b"\0binary",
    }
    for path, data in contents.items():
        write(tmp_path, path, data)

    assert listing(tmp_path) == ReleaseListing(
        files=tuple(file(path, contents[path]) for path in sorted(contents)),
        texts={"LICENSE": "All of it.", "README.md": "# Card\ufffd\n", "docs/data/ar.md": "# نموذج\n"},
        source="example/model",
        revision="r1",
    )


def test_version_control_environments_and_caches_are_passed_over(tmp_path: Path) -> None:
    for folder in (".git", ".venv", "code/__pycache__", "node_modules", ".cache/huggingface"):
        write(tmp_path, f"{folder}/README.md", b"no")
    write(tmp_path, "code/run.py", b"pass")

    assert [found.path for found in listing(tmp_path).files] == ["code/run.py"]


def test_links_are_followed_inside_the_folder_only(tmp_path: Path) -> None:
    outside = tmp_path / "secret.txt"
    outside.write_text("secret")
    root = tmp_path / "release"
    write(root, "texts/LICENSE", b"Text.")
    (root / "LICENSE").symlink_to("texts/LICENSE")
    (root / "leak.txt").symlink_to(outside)
    (root / "leak").symlink_to(tmp_path, target_is_directory=True)
    (root / "again").symlink_to(root, target_is_directory=True)
    (root / "loop.md").symlink_to("loop.md")
    (root / "gone.md").symlink_to("nothing")
    os.mkfifo(root / "pipe.txt")

    assert listing(root).texts == {"LICENSE": "Text.", "texts/LICENSE": "Text."}
    assert [found.path for found in listing(root).files] == ["LICENSE", "texts/LICENSE"]


def test_a_snapshot_in_a_hub_cache_is_read_through_its_blobs(tmp_path: Path) -> None:
    model = tmp_path / "models--example--model"
    write(model, "blobs/abc", b"# Card")
    snapshot = model / "snapshots" / "r1"
    snapshot.mkdir(parents=True)
    (snapshot / "README.md").symlink_to("../../blobs/abc")

    assert listing(snapshot).texts == {"README.md": "# Card"}


def test_big_files_are_listed_without_digest_or_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "MOST_HASHED_BYTES", 8)
    monkeypatch.setattr(release, "MOST_TEXT_BYTES", 5)
    write(tmp_path, "README.md", b"123456")
    write(tmp_path, "notes.md", b"12345")
    write(tmp_path, "weights.bin", b"123456789")
    found = listing(tmp_path)

    assert found.texts == {"notes.md": "12345"}
    assert {entry.path: entry.sha256 is None for entry in found.files} == {
        "README.md": False,
        "notes.md": False,
        "weights.bin": True,
    }


def test_where_texts_are_too_many_those_at_the_top_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "MOST_TEXTS_BYTES", 8)
    write(tmp_path, "README.md", b"12345")
    write(tmp_path, "a/README.md", b"12345")
    write(tmp_path, "b/README.md", b"123")

    assert set(listing(tmp_path).texts) == {"README.md", "b/README.md"}


def test_a_single_file_is_a_release_of_one_document(tmp_path: Path) -> None:
    write(tmp_path, "MODEL_CARD.md", b"# Model")

    assert listing(tmp_path / "MODEL_CARD.md").texts == {"MODEL_CARD.md": "# Model"}


def test_a_path_that_is_missing_or_no_folder_says_the_next_step(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    step = "→ give the folder that holds the model's card, licence and files"

    for name, what in (("nothing", "does not exist"), ("pipe", "is neither a folder nor a file")):
        with pytest.raises(BadInput) as caught:
            listing(tmp_path / name)
        assert str(caught.value) == f"{tmp_path / name}: the release {what} {step}"


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "MOST_FILES", 2)
    for index in range(3):
        write(tmp_path, f"{index}.md", b"")

    with pytest.raises(BadInput, match="more than 2 files are no release"):
        listing(tmp_path)


def test_every_file_that_cannot_be_read_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "a.md", b"a")
    write(tmp_path, "b.md", b"b")

    def refused(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(release, "sha256_of", refused)
    with pytest.raises(BadInput) as caught:
        listing(tmp_path)
    assert [fault.where for fault in caught.value.faults] == [str(tmp_path / "a.md"), str(tmp_path / "b.md")]


def test_a_listing_error_is_a_fault_and_not_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    real = os.scandir

    def guarded(path: str) -> object:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", guarded)
    with pytest.raises(BadInput, match="cannot be listed: Permission denied"):
        listing(tmp_path)


def test_a_name_that_is_no_utf8_can_still_stand_in_a_record(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_text("x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")

    assert [found.path for found in listing(tmp_path).files] == ["caf\ufffd.md"]


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("LICENSE", True),
        ("LICENSE-CODE", True),
        ("DATA_LICENSE", True),
        ("LICENCE.Apache-2.0", True),
        ("COPYING", True),
        ("config.json", True),
        ("CITATION.cff", True),
        ("train.py", False),
        ("LICENSE.pdf", False),
        ("unlicensed", False),
    ],
)
def test_documents_are_known_by_their_names(name: str, document: bool) -> None:
    assert is_document(name) is document


def test_a_run_that_lies_inside_the_release_does_not_belong_to_it(tmp_path: Path) -> None:
    """Its ledger grows while the run goes on: with it, no run of `--release .` could be resumed."""
    write(tmp_path, "README.md", b"# Card\n")
    before = listing(tmp_path)
    write(tmp_path, "runs/m-open-release-0/ledger.sqlite", b"growing")
    write(tmp_path, "runs/m-open-release-0/report.html", b"<html>")
    assert listing(tmp_path) == before
    write(tmp_path, "ledger.sqlite", b"a release may hold its own evidence")
    assert [f.path for f in listing(tmp_path).files] == ["README.md", "ledger.sqlite"]
