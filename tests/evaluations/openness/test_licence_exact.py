"""A licence word for word, a text near to one, and where the two part."""

import json
import random
from pathlib import Path

import pytest

from qistas.evaluations.openness.licence_exact import Span, added, known, nearest, standing_in
from qistas.evaluations.openness.licence_own_texts import OwnTexts, differing, line_of, slice_of
from qistas.evaluations.openness.licence_words import MOST_WORDS, words_of

OTHER_ID = {
    "AGPL-3.0-only": "AGPL-3.0",
    "GPL-3.0-only": "GPL-3.0",
    "LicenseRef-scancode-openmdw-1.0": "OpenMDW-1.0",
}


@pytest.fixture(scope="module")
def records(test_data: Path) -> list[dict[str, str]]:
    folder = test_data / "openness" / "licence_texts"
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


@pytest.fixture(scope="module")
def apache(repo_root: Path) -> str:
    return (repo_root / "LICENSE").read_text(encoding="utf-8")


def exact(text: str) -> list[str] | None:
    words = words_of(text)
    found = standing_in(words)
    return None if not found or added(words, found) else [one.licence.id for one in found]


def changed(text: str, seed: int) -> str:
    """The text with two of its words, but none of a statement of copyright, replaced by others."""
    words = words_of(text)
    first, second = sorted(random.Random(seed).sample(range(len(words.words)), 2))
    for index in (second, first):
        text = text[: words.starts[index]] + "zebra" + text[words.ends[index] :]
    return text


def test_every_shared_text_is_its_licence_word_for_word(records: list[dict[str, str]]) -> None:
    expected = [OTHER_ID.get(record["spdx_license_key"], record["spdx_license_key"]) for record in records]

    assert [exact(record["text"]) for record in records] == [[identifier] for identifier in expected]


@pytest.mark.parametrize("seed", [7])
def test_with_two_words_changed_each_is_near_and_no_longer_exact(
    records: list[dict[str, str]], seed: int
) -> None:
    for record in records:
        identifier = OTHER_ID.get(record["spdx_license_key"], record["spdx_license_key"])
        text = changed(record["text"], seed)
        near = nearest(words_of(text))

        assert exact(text) is None, record["key"]
        assert near is not None
        assert near.licence.id == identifier
        assert 1 <= len(near.spans) <= 2


@pytest.mark.parametrize("wrapped", ["{}", "MIT License\n\n{}", "/*\n * {}\n */", "<p>{}</p>", "**{}**"])
def test_layout_titles_holders_and_years_do_not_matter(apache: str, wrapped: str) -> None:
    owned = apache.replace("[yyyy] [name of copyright owner]", "2021-2024 The Harbour, Inc. and others")

    assert exact(owned) == ["Apache-2.0"]
    assert exact(owned.split("APPENDIX")[0].rstrip()) == ["Apache-2.0"]
    assert exact(wrapped.format(" ".join(apache.split()))) == (
        ["Apache-2.0"] if "MIT" not in wrapped else None
    )


def test_a_statement_of_copyright_that_says_more_counts(apache: str) -> None:
    text = "Copyright (c) 2024 Harbour. You may not use this commercially.\n\n" + apache

    assert exact(text) is None
    assert [added(words_of(text), standing_in(words_of(text)))] == [(Span(0, 9),)]


def test_two_licences_in_one_file_are_both_found(apache: str) -> None:
    two = apache + "\n\nISC License\n\nCopyright 2024 Harbour\n\n" + ISC

    assert exact(two) == ["Apache-2.0", "ISC"]


ISC = """Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby
granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR
CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
"""


@pytest.mark.parametrize("text", ["", "One two three.", "A ferry goes to the harbour every day. " * 40])
def test_a_text_like_no_licence_is_near_none(text: str) -> None:
    assert nearest(words_of(text)) is None
    assert exact(text) is None


def spans(text: str) -> list[tuple[int, str]]:
    words = words_of(text)
    near = nearest(words)
    assert near is not None
    return [
        (line_of(text, words, span.start), slice_of(text, words, span.start, span.end)) for span in near.spans
    ]


def test_what_differs_is_placed_by_line_without_the_licences_own_text() -> None:
    assert spans(ISC.replace("distribute", "translate")) == [(1, "translate")]
    # Runs of five words do not reach the first four.
    assert spans(ISC.replace("modify,", "translate,")) == [(1, "Permission to use, copy, translate")]
    assert exact("ISC License Copyright 2024 The Harbour " + ISC) == ["ISC"]
    assert exact("ISC License Copyright 2024 The Harbour, not for commercial use " + ISC) is None
    assert spans(ISC.replace("hereby\n", "\n")) == [(2, "")]
    assert spans(ISC + "\nBut not on Fridays.\n") == [(9, "But not on Fridays")]
    assert spans("On Fridays no permission.\n\n" + ISC) == [(1, "On Fridays no permission")]


def test_with_the_own_text_it_is_said_what_stands_there(tmp_path: Path) -> None:
    (tmp_path / "isc.LICENSE").write_text(f"---\nkey: isc\nspdx_license_key: ISC\n---\n\n{ISC}")
    text = ISC.replace("modify,", "translate,").replace(" hereby", "")
    own = OwnTexts(tmp_path).text("ISC")

    assert own is not None
    assert [(span.line, span.found, span.expected) for span in differing(text, words_of(text), own)] == [
        (1, "translate", "modify"),
        (2, "", "hereby"),
    ]


def test_own_texts_are_found_by_identifier_or_name_in_three_forms(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"spdx_license_key": "LicenseRef-scancode-heron", "text": "Heron."}')
    (tmp_path / "b.txt").write_text("Plain.")
    (tmp_path / "gull.LICENSE").write_text("---\nspdx_license_key: Gull-1.0-only\n---\nGull.")
    (tmp_path / "c.png").write_bytes(b"\x89")
    texts = OwnTexts(tmp_path)

    assert texts.text("LicenseRef-scancode-heron") == "Heron."
    assert texts.text("heron") == "Heron."
    assert texts.text("B") == "Plain."
    assert texts.text("Gull-1.0") == "Gull."
    assert texts.text("tern") is None


def test_texts_too_long_to_compare_are_compared_by_fingerprints_alone() -> None:
    long = "word " * 16_000

    assert differing(long, words_of(long), "word") == ()
    assert len(words_of("word " * (MOST_WORDS + 10)).words) == MOST_WORDS


def test_the_installed_package_is_used_only_where_it_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "licensedcode" / "data" / "licenses"
    folder.mkdir(parents=True)
    (folder.parent.parent / "__init__.py").write_text("")
    (folder / "isc.LICENSE").write_text(ISC)
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    found = OwnTexts.installed()

    assert found is not None
    assert found.text("isc") == ISC

    monkeypatch.setattr("sys.path", [])
    assert OwnTexts.installed() is None


def test_no_text_is_shipped_with_the_fingerprints() -> None:
    fingerprints = known()

    assert len(fingerprints.licences) >= 100
    assert all(len(variant.digest) == 16 for group in fingerprints.variants.values() for variant in group)
    assert {"MIT", "Apache-2.0"} <= fingerprints.osi
    assert "CC-BY-NC-4.0" in fingerprints.not_fsf


def test_the_line_of_a_text_without_words_is_the_first() -> None:
    assert line_of("--", words_of("--"), 0) == 1
