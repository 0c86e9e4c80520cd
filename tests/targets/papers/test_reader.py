"""The program that reads one PDF document: what it writes, and what it refuses."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fakes.pdf import pdf

from qistas.targets.papers import reader

pypdf = pytest.importorskip("pypdf", reason="needs the extra papers")


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    # The bounds are those of a process of its own; the tests' process keeps its memory.
    monkeypatch.setattr(reader, "_bound", lambda _: None)
    monkeypatch.setattr(reader.logging, "disable", lambda _: None)

    def of(data: bytes, most_pages: int = 9, most_characters: int = 99) -> list[int | str | None]:
        (tmp_path / "paper.pdf").write_bytes(data)
        reader.main(str(tmp_path / "paper.pdf"), most_pages, most_characters, 9)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return of


def test_the_number_of_pages_comes_first_and_then_each_page(said) -> None:
    data = pdf(("one",), ("two", "lines"), ("three",))

    assert said(data) == [3, "one\n", "two\nlines\n", "three\n"]
    assert said(data, most_pages=1) == [3, "one\n"]
    assert said(data, most_characters=5) == [3, "one\n", "t"]


def test_one_broken_page_says_nothing_about_the_others(said, monkeypatch: pytest.MonkeyPatch) -> None:
    extract = pypdf.PageObject.extract_text

    def broken(page: pypdf.PageObject) -> str:
        if page.page_number == 0:
            raise KeyError("/Contents")
        return extract(page)

    monkeypatch.setattr(pypdf.PageObject, "extract_text", broken)
    assert said(pdf(("one",), ("two",))) == [2, None, "two\n"]


def test_a_document_with_a_password_is_not_read(said) -> None:
    pytest.importorskip("cryptography")
    writer, data = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(("secret",)))), io.BytesIO()
    writer.encrypt("password", algorithm="RC4-128")
    writer.write(data)
    with pytest.raises(ValueError, match="a password is asked for"):
        said(data.getvalue())


def test_a_failure_is_the_kind_of_an_error_and_nothing_of_the_document(tmp_path: Path) -> None:
    (tmp_path / "paper.pdf").write_bytes(b"no document")
    command = [sys.executable, "-P", reader.__file__, str(tmp_path / "paper.pdf"), "1", "1", "9"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("Error")
