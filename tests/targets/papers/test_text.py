"""The words of papers in PDF, and what becomes of documents made to harm their reader."""

import time
from pathlib import Path

import pytest
from tests.fakes.pdf import assembled, pdf

from qistas.targets.papers import text
from qistas.targets.papers.text import Paper, can_read, is_paper, read_paper

pytest.importorskip("pypdf", reason="needs the extra papers")


@pytest.fixture
def read(tmp_path: Path):
    def of(data: bytes, seconds: float = text.MOST_SECONDS) -> Paper:
        path = tmp_path / "paper.pdf"
        path.write_bytes(data)
        return read_paper(path, seconds=seconds)

    return of


def test_a_paper_is_its_pages_in_their_lines(read) -> None:
    found = read(pdf(("A paper", "It took 10 GPU hours."), ("References",)))

    assert found == Paper(text="A paper\nIt took 10 GPU hours.\n\nReferences", pages=2, pages_read=2)
    assert (is_paper("docs/Paper.PDF"), is_paper("paper.pdf.txt"), can_read()) == (True, False, True)


def test_pages_and_characters_beyond_the_bounds_are_left_out(read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MOST_PAGES", 2)
    assert read(pdf(("one",), ("two",), ("three",))) == Paper(text="one\n\ntwo", pages=3, pages_read=2)
    monkeypatch.setattr(text, "MOST_CHARACTERS", 4)
    assert read(pdf(("one",), ("two",), ("three",))) == Paper(text="one", pages=3, pages_read=1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-",
        b"\0" * 1000,
        pdf(("cut",))[:200],
        pytest.param(
            assembled(["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[2 0 R]>>"]), id="cycle"
        ),
        pytest.param(assembled(["<</Type/Catalog/Pages " + "[" * 20_000]), id="deep"),
    ],
)
def test_what_is_no_document_has_no_text(read, data: bytes) -> None:
    assert read(data).text == ""


def test_a_document_made_to_be_slow_is_given_up_and_its_first_pages_are_kept(read) -> None:
    data = pdf(("first page",), ("q " * 3_000_000,))
    began = time.monotonic()
    found = read(data, seconds=2.0)

    assert time.monotonic() - began < 2.0 * 3 + 2
    assert found in {
        Paper(text="first page", pages=2, pages_read=1),
        Paper(text="", pages=2, pages_read=0),
        Paper(text="", pages=None, pages_read=0),
    }


def test_a_program_that_never_answers_is_ended_by_the_clock(
    read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeping = tmp_path / "sleeping.py"
    sleeping.write_text(
        "import time\nprint(2, flush=True)\nprint('\"half\"', flush=True)\nprint('\"cut', end='', flush=True)\ntime.sleep(60)\n"
    )
    monkeypatch.setattr(text.reader, "__file__", str(sleeping))
    began = time.monotonic()
    found = read(b"", seconds=1.0)

    assert time.monotonic() - began < 5
    assert found == Paper(text="half", pages=2, pages_read=1)


def test_ligatures_and_drawn_letters_are_written_as_letters() -> None:
    said = b'1\n"\\ufb01ne-tuned\\u00a0on \\ufed7\\ufef4\\u001b[31m\\r\\nso\\u00adft"\n'
    assert text._paper(said) == Paper(text="fine-tuned on قي\ufffd[31m\nsoft", pages=1, pages_read=1)


def test_the_reader_finds_no_module_beside_itself(
    read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pypdf.py").write_text("raise SystemExit('the release was imported')")
    monkeypatch.chdir(tmp_path)

    assert read(pdf(("words",))).text == "words"
