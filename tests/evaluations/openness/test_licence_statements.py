"""Sentences that give one kind of part a licence are read, with the file that they send the reader to."""

from __future__ import annotations

import pytest
from tests.evaluations.openness.test_framework import listing
from tests.fakes.timing import seconds_of

from qistas.evaluations.openness.licence_statements import licence_in, stated_licences
from qistas.evaluations.openness.record import ReleaseRecord

Said = tuple[set[str], str, str | None, bool]


def said(text: str, *files: str, whole: bool = True) -> list[Said]:
    record = ReleaseRecord(listing({"README.md": text}, *files, whole=whole))
    return [(set(s.kinds), s.licence, s.points_to, s.missing) for s in stated_licences(record)]


@pytest.mark.parametrize(
    ("words", "licence"),
    [
        ("the Apache License, Version 2.0", "Apache-2.0"),
        ("Apache 2.0", "Apache-2.0"),
        ("[Apache-2.0](LICENSE)", "Apache-2.0"),
        ("Creative Commons Attribution 4.0 International License", "CC-BY-4.0"),
        ("CC BY-NC-SA 4.0", "CC-BY-NC-SA-4.0"),
        ("Creative Commons Zero", "CC0-1.0"),
        ("MIT", "MIT"),
        ("CC0", "CC0-1.0"),
        ("the GNU General Public License v3", "GPL-3.0"),
        ("BSD 3-Clause", "BSD-3-Clause"),
        ("ODC-By v1.0", "ODC-By-1.0"),
        ("a modified MIT licence", None),
        ("a permissive licence", None),
        ("terms of our own", None),
    ],
)
def test_a_licence_is_known_by_its_name_as_people_write_it(words: str, licence: str | None) -> None:
    assert licence_in(words) == licence


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "| Licence | weights and code: Apache-2.0 (`LICENSE`); data: CC0 |",
            [({"weights", "code"}, "Apache-2.0", "LICENSE", True), ({"data"}, "CC0-1.0", None, False)],
        ),
        (
            "Our models are released under the [MIT License](./LICENSE).",
            [({"weights"}, "MIT", "LICENSE", True)],
        ),
        ("Licence of the dataset: CC-BY-4.0", [({"data"}, "CC-BY-4.0", None, False)]),
        (
            "الأوزان والشيفرة: Apache-2.0؛ الوثائق: CC-BY-4.0",
            [({"weights", "code"}, "Apache-2.0", None, False), ({"document"}, "CC-BY-4.0", None, False)],
        ),
        ("ترخيص البيانات: MIT", [({"data"}, "MIT", None, False)]),
        ("The code is under MIT, see [text](https://example.org/LICENSE).", []),
        ("Code: MIT, see [text](https://example.org/LICENSE).", [({"code"}, "MIT", None, False)]),
        ("Code: MIT (`../LICENSE`)", [({"code"}, "MIT", None, False)]),
        ("It holds code written by others that is licensed under the MIT license.", []),
        ("The model card explains this: Apache 2.0 is a licence.", []),
        ("Model: 7B, MIT style", [({"weights"}, "MIT", None, False)]),
        ("The data are licensed under our own terms.", []),
        ("See data/x: MIT", []),
    ],
)
def test_what_a_sentence_says_of_a_kind_is_read(text: str, found: list[Said]) -> None:
    assert said(text + "\n") == found


def test_a_file_that_is_there_is_not_missing_and_an_unknown_list_settles_nothing() -> None:
    text = "Code: MIT (`LICENSE-code`)\n"
    assert [entry[3] for entry in said(text, "LICENSE-code")] == [False]
    assert [entry[3] for entry in said(text)] == [True]
    assert [entry[3] for entry in said(text, whole=False)] == [False]


def test_a_file_is_looked_for_beside_the_document_that_names_it() -> None:
    record = ReleaseRecord(listing({"data/README.md": "Data: MIT (`LICENSE`)\n"}, "data/LICENSE"))
    assert [(s.points_to, s.missing, s.quote.file) for s in stated_licences(record)] == [
        ("LICENSE", False, "data/README.md")
    ]


def test_documents_at_the_top_come_first() -> None:
    texts = {"a/README.md": "Code: MIT\n", "README.ar.md": "Code: ISC\n", "README.md": "Code: Apache 2.0\n"}
    assert [s.licence for s in stated_licences(ReleaseRecord(listing(texts)))] == ["Apache-2.0", "ISC", "MIT"]


@pytest.mark.parametrize(
    "piece", ["data ", "code, ", ": MIT ", "licensed under ", "`", "](", "licence of the data ", "|1"]
)
def test_a_text_made_to_be_slow_is_read_in_time_in_proportion_to_its_length(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    found, taken = seconds_of(lambda: said(text), below=10)
    assert len(found) <= 200
    assert taken < 10
