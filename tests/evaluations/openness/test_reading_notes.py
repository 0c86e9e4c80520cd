"""Fields at the top of a document that were not read are said, with the document."""

from __future__ import annotations

from qistas.contracts.exchanges import ReleaseFile, ReleaseListing
from qistas.evaluations.openness.assessment import assess
from qistas.evaluations.openness.reading_notes import reading_notes
from qistas.evaluations.openness.record import ReleaseRecord
from qistas.evaluations.openness.release_texts import MOST_FIELD_CHARACTERS


def listing(**texts: str) -> ReleaseListing:
    files = tuple(ReleaseFile(path=f"{name}.md", size_bytes=len(text)) for name, text in texts.items())
    return ReleaseListing(files=files, texts={f"{name}.md": text for name, text in texts.items()}, source="x")


LONG = "---\nlicense: mit\ntags:\n" + "- word\n" * MOST_FIELD_CHARACTERS + "---\n# A\n"


def said(**texts: str) -> list[str]:
    return [note.en for note in reading_notes(ReleaseRecord(listing(**texts)))]


def test_front_matter_that_is_too_long_is_said_and_its_first_fields_are_read() -> None:
    assert said(long=LONG) == [
        "long.md: the fields at the top are longer than is read (8,000 characters each, 24,000 in all); the rest of them was left out"
    ]
    assert ReleaseRecord(listing(long=LONG)).pages["long.md"].fields["license"] == "mit"
    assert [
        note["ar"].partition(":")[0] for note in assess(listing(long=LONG), read_on=None).release["notes"]
    ] == ["long.md"]


def test_front_matter_that_is_no_yaml_is_said() -> None:
    assert said(broken="---\nlicense: [mit\n---\n# A\n") == [
        "broken.md: the fields at the top are no YAML that can be read; none of them was taken"
    ]


def test_front_matter_that_was_read_empty_or_is_none_is_passed_over() -> None:
    assert said(good="---\nlicense: mit\n---\n# A\n", none="# A\n", empty="---\n\n---\n# A\n") == []


def test_a_note_stands_for_at_most_twenty_documents() -> None:
    assert len(said(**{f"d{at}": "---\nlicense: [mit\n---\n" for at in range(25)})) == 20
