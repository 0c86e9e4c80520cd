"""The papers of a release: read where the extra is there, else listed with what would read them."""

import hashlib
from pathlib import Path

import pytest
from tests.fakes.pdf import pdf

from qistas.contracts.exchanges import FileInspection
from qistas.targets import release_papers
from qistas.targets.papers.text import Paper
from qistas.targets.release import FolderRelease
from qistas.targets.release_whole import WholeRelease


def looked_at(path: Path, name: str, *, sha256: str | None, seconds: float) -> FileInspection:
    return FileInspection(path=name, format="other", size_bytes=path.stat().st_size, sha256=sha256)


def whole(root: Path) -> WholeRelease:
    return WholeRelease(root, source="example/model", inspect=looked_at)


def test_the_words_of_a_paper_are_a_document_of_the_release(tmp_path: Path) -> None:
    pytest.importorskip("pypdf", reason="needs the extra papers")
    data = pdf(("A paper", "Training took 10 GPU hours."))
    (tmp_path / "Paper.PDF").write_bytes(data)
    source = whole(tmp_path)
    found = source.listing()

    assert found.texts == {"Paper.PDF": "A paper\nTraining took 10 GPU hours."}
    assert [(file.path, file.sha256) for file in found.files] == [
        ("Paper.PDF", hashlib.sha256(data).hexdigest())
    ]
    assert [one.path for one in found.inspections] == ["Paper.PDF"]
    assert source.notes == ()
    assert FolderRelease(tmp_path, source="x", revision=None).listing().texts == {}


def test_without_the_extra_papers_are_listed_and_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_papers, "can_read", lambda: False)
    for name in "abcdef":
        (tmp_path / f"{name}.pdf").write_bytes(b"%PDF-")
    source = whole(tmp_path)

    assert source.listing().texts == {}
    shown = "a.pdf, b.pdf, c.pdf, d.pdf, e.pdf, …"
    assert [(note.en, note.ar) for note in source.notes] == [
        (
            f"PDF files not read (6): {shown}; the extra papers reads them (qistas[papers])",
            f"ملفّات PDF لم تُقرأ (6): {shown}؛ وتقرؤها الإضافة papers (qistas[papers])",
        )
    ]


def test_what_was_left_out_of_the_papers_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_papers, "can_read", lambda: True)
    monkeypatch.setattr(release_papers, "MOST_BYTES", 10)
    monkeypatch.setattr(release_papers, "MOST_PAPERS", 2)
    left: list[float] = []

    def read(path: Path, *, seconds: float) -> Paper:
        left.append(seconds)
        return Paper(text="words" if path.name == "b.pdf" else "", pages=9, pages_read=3)

    monkeypatch.setattr(release_papers, "read_paper", read)
    for name, size in (("a", 11), ("b", 5), ("c", 5), ("d", 5)):
        (tmp_path / f"{name}.pdf").write_bytes(b"a" * size)
    source = whole(tmp_path)

    assert source.listing().texts == {"b.pdf": "words"}
    assert [note.en for note in source.notes] == [
        "a.pdf: not read (11 bytes)",
        "b.pdf: 3 of 9 pages read",
        "c.pdf: no text could be read",
        "d.pdf: not read (more than 2 PDF files)",
    ]
    assert left == [10.0, 10.0]
