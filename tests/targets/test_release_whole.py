"""Everything that openness is judged by: documents, files at hand and listed, inspections, the commit."""

import hashlib
import os
from pathlib import Path

import pytest

from qistas.contracts.errors import BadInput
from qistas.contracts.exchanges import FileInspection, ReleaseFile, ReleaseListing
from qistas.targets import release, release_whole
from qistas.targets.release_whole import WholeRelease

COMMIT = "55a15ef1d1cc3a779bfef2af7a9fce6657bb833d"


def looked_at(path: Path, name: str, *, sha256: str | None, seconds: float) -> FileInspection:
    assert 0 < seconds <= 10
    return FileInspection(path=name, format="other", size_bytes=path.stat().st_size, sha256=sha256)


def whole(path: Path) -> WholeRelease:
    return WholeRelease(path, source="example/model", inspect=looked_at)


def listing(path: Path) -> ReleaseListing:
    return whole(path).listing()


def write(root: Path, path: str, data: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(data)


def file(path: str, data: bytes) -> ReleaseFile:
    return ReleaseFile(path=path, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def test_a_release_is_its_files_its_documents_and_what_was_found_in_the_others(tmp_path: Path) -> None:
    contents = {
        "MODEL_CARD": b"# Card\n",
        "README.md": b"\xef\xbb\xbf# Card\n",
        "config.json": b"{}",
        "paper.pdf": b"%PDF-",
        "refs.bib": b"@misc{a}",
        "train.py": b"pass",
    }
    for path, data in contents.items():
        write(tmp_path, path, data)
    write(tmp_path, ".git/HEAD", COMMIT.encode())
    inspected = ("config.json", "paper.pdf", "train.py")

    assert listing(tmp_path) == ReleaseListing(
        files=tuple(file(path, contents[path]) for path in sorted(contents)),
        texts={
            "MODEL_CARD": "# Card\n",
            "README.md": "# Card\n",
            "config.json": "{}",
            "refs.bib": "@misc{a}",
        },
        source="example/model",
        revision=COMMIT,
        inspections=tuple(
            FileInspection(
                path=name,
                format="other",
                size_bytes=len(contents[name]),
                sha256=hashlib.sha256(contents[name]).hexdigest(),
            )
            for name in inspected
        ),
    )


def test_what_a_file_list_names_and_is_not_here_is_listed_only(tmp_path: Path) -> None:
    write(tmp_path, "README.md", b"# Card\n")
    write(tmp_path, "docs/TREE.txt", b"a text of the release")
    write(tmp_path, "TREE.txt", b"7 README.md\n9 model/weights.bin\nBAD data.json\n21 docs/TREE.txt\n")
    source = whole(tmp_path)
    found = source.listing()

    assert found.files == (
        file("README.md", b"# Card\n"),
        ReleaseFile(path="data.json", size_bytes=0),
        file("docs/TREE.txt", b"a text of the release"),
        ReleaseFile(path="model/weights.bin", size_bytes=9),
    )
    assert found.listed_only == ("data.json", "model/weights.bin")
    assert source.notes == ()


def test_where_the_list_and_the_files_disagree_both_are_said(tmp_path: Path) -> None:
    write(tmp_path, "README.md", b"# Card\n")
    write(tmp_path, "model/a.md", b"a")
    for name in "bcdefg":
        write(tmp_path, f"{name}.md", b"")
    write(tmp_path, "TREE.txt", b"# list\n8 README.md\n3 model\n")
    source = whole(tmp_path)
    source.listing()

    assert [note.en for note in source.notes] == [
        "README.md: TREE.txt:2 says 8 bytes, the file at hand has 7",
        "model: a folder and a file by that name, one in TREE.txt and one at hand",
        "at hand and not in TREE.txt (7): b.md, c.md, d.md, e.md, f.md, …",
    ]
    assert [note.ar for note in source.notes] == [
        "README.md: حجمه في TREE.txt:2 هو 8 بايت، وحجم الملفّ الحاضر 7",
        "model: مجلّد وملفّ بهذا الاسم، أحدهما في TREE.txt والآخر حاضر",
        "ملفّات حاضرة غير مذكورة في TREE.txt (7): b.md, c.md, d.md, e.md, f.md, …",
    ]


def test_a_list_of_nonsense_and_an_unreadable_file_are_said_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "weights.bin", b"0")
    write(tmp_path, "TREE.txt", b"no such list\n3 a\nnor this\n")

    def refused(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(release, "sha256_of", refused)
    with pytest.raises(BadInput) as caught:
        listing(tmp_path)
    assert [fault.where for fault in caught.value.faults] == [
        f"{tmp_path}/TREE.txt:1",
        f"{tmp_path}/TREE.txt:3",
        f"{tmp_path}/weights.bin",
    ]


def test_a_list_too_large_or_unreadable_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "TREE.txt", b"3 a\n3 b\n")
    monkeypatch.setattr(release_whole, "MOST_TREE_BYTES", 7)
    with pytest.raises(BadInput, match=r"TREE.txt: has 8 bytes; a file list has at most 7"):
        listing(tmp_path)
    monkeypatch.setattr(release_whole, "MOST_TREE_BYTES", 8)
    monkeypatch.setattr(release, "MOST_FILES", 1)
    with pytest.raises(BadInput, match="more than 1 files are no release"):
        listing(tmp_path)

    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(BadInput, match=r"TREE.txt: cannot be read: Permission denied"):
        listing(tmp_path)


def test_one_file_more_than_any_release_has_is_refused(tmp_path: Path) -> None:
    for number in range(20_001):
        (tmp_path / str(number)).touch()

    with pytest.raises(BadInput, match="more than 20,000 files are no release"):
        listing(tmp_path)


def test_a_single_file_is_a_release_even_if_it_is_called_a_list(tmp_path: Path) -> None:
    write(tmp_path, "TREE.txt", b"no list")

    assert listing(tmp_path / "TREE.txt").texts == {"TREE.txt": "no list"}


def test_a_release_without_documents_or_without_files_is_one(tmp_path: Path) -> None:
    assert listing(tmp_path) == ReleaseListing(files=(), texts={}, source="example/model")
    write(tmp_path, "train.py", b"pass")
    assert listing(tmp_path).texts == {}


def test_texts_in_other_encodings_are_read_and_bytes_are_no_text(tmp_path: Path) -> None:
    notice = "Copyright © 2024 the authors of this small model.\n"
    contents = {
        "LATIN.md": notice.encode("latin-1"),
        "NOTICE": notice.encode("utf-16"),
        "other.md": b"\xb0\xc5\xc4\xa3\xd0\xcd ok",
        "binary.md": b"\0\1",
    }
    for path, data in contents.items():
        write(tmp_path, path, data)
    found = listing(tmp_path)

    assert found.texts == {
        "LATIN.md": notice,
        "NOTICE": notice,
        "other.md": "\ufffd\ufffd\u0123\ufffd\ufffd ok",
    }
    assert [one.path for one in found.inspections] == ["binary.md"]


def test_prose_is_kept_before_data_and_the_top_before_the_depth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_whole, "MOST_TEXTS_BYTES", 12)
    for path in ("config.json", "docs/card.md", "README.md"):
        write(tmp_path, path, b"12345")

    found = listing(tmp_path)
    assert set(found.texts) == {"README.md", "docs/card.md"}
    assert all(one.sha256 for one in found.files)


def test_a_card_of_a_megabyte_is_read_and_data_as_large_is_not(tmp_path: Path) -> None:
    write(tmp_path, "README.md", b"x" * 2**20)
    write(tmp_path, "tokenizer.json", b"x" * 2**20)

    assert set(listing(tmp_path).texts) == {"README.md"}


def test_the_snapshot_of_a_hub_cache_is_found_and_names_its_commit(tmp_path: Path) -> None:
    model = tmp_path / "models--example--model"
    write(model, "blobs/abc", b"# Card")
    for commit in (COMMIT, "1" * 40):
        snapshot = model / "snapshots" / commit
        snapshot.mkdir(parents=True)
        (snapshot / "README.md").symlink_to("../../blobs/abc")
    with pytest.raises(BadInput, match="2 snapshots, and none is marked as main"):
        listing(model)
    write(model, "refs/main", COMMIT.encode())

    found = listing(model)
    assert (found.texts, found.revision) == ({"README.md": "# Card"}, COMMIT)
    assert listing(model / "snapshots" / ("1" * 40)).revision == "1" * 40
    (model / "refs/main").unlink()
    (model / "snapshots" / ("1" * 40) / "README.md").unlink()
    (model / "snapshots" / ("1" * 40)).rmdir()
    assert listing(model) == found


def test_links_that_loop_or_lead_out_are_passed_over(tmp_path: Path) -> None:
    root = tmp_path / "release"
    write(tmp_path, "secret.md", b"secret")
    write(root, "README.md", b"# Card")
    (root / "loop.md").symlink_to("loop.md")
    (root / "again").symlink_to(root, target_is_directory=True)
    (root / "leak.md").symlink_to(tmp_path / "secret.md")

    assert listing(root).texts == {"README.md": "# Card"}


def test_names_that_are_equal_once_they_are_utf8_stay_apart(tmp_path: Path) -> None:
    try:
        for mark in (b"\xe9", b"\xe8"):
            Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf" + mark + b".md")).write_text("x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")

    assert [found.path for found in listing(tmp_path).files] == ["caf\ufffd.md", "caf\ufffd.md (2)"]


def test_files_made_to_be_slow_cost_a_bounded_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 100.0, 100.0, 115.0, 115.0, 130.0, 130.0, 131.0])
    monkeypatch.setattr(release_whole.time, "monotonic", lambda: next(clock))
    for name in "abcd":
        write(tmp_path, f"{name}.bin", b"")
    given: list[float] = []

    def slow(path: Path, name: str, *, sha256: str | None, seconds: float) -> FileInspection:
        given.append(seconds)
        return FileInspection(path=name, format="unread", size_bytes=path.stat().st_size, sha256=sha256)

    WholeRelease(tmp_path, source="example/model", inspect=slow).listing()
    assert given == [10.0, 10.0, 5.0, 0.0]
