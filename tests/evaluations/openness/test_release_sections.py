"""A document is divided at its headings."""

from qistas.evaluations.openness.release_texts import read_sections

TEXT = """---
title: x
---
# Title
a
## Data
b
### Web
c
**Note:**
d
```
# not a heading
```
Use
===
e
<h2>Limits</h2>
f
"""


def test_a_section_reaches_to_the_next_heading_and_knows_what_it_stands_under() -> None:
    sections = read_sections(TEXT)

    assert [(s.heading, s.around, TEXT[s.body : s.end].strip()) for s in sections] == [
        ("Title", (), "a"),
        ("Data", ("Title",), "b"),
        ("Web", ("Title", "Data"), "c"),
        ("Note", ("Title", "Data", "Web"), "d\n```\n# not a heading\n```"),
        ("Use", (), "e"),
        ("Limits", ("Use",), "f"),
    ]
    assert TEXT[sections[1].start : sections[1].body] == "## Data"


def test_a_text_without_headings_has_no_sections_and_a_row_of_marks_is_none() -> None:
    assert read_sections("only words") == ()
    assert read_sections("~~~~\n----\nwords") == ()
