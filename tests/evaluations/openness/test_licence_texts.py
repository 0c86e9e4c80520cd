"""A licence is known by its words, and never guessed."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qistas.evaluations.openness.licence_texts import (
    Identified,
    Library,
    Licence,
    identify,
    library,
    named,
    shingles,
    words,
)

OTHER_ID = {
    "AGPL-3.0-only": "AGPL-3.0",
    "GPL-3.0-only": "GPL-3.0",
    "LicenseRef-scancode-openmdw-1.0": "OpenMDW-1.0",
}
# Without their one distinguishing paragraph these two are, word for word, or declare to be, something else.
LOSES_ITS_NAME = {("bsd-new", "Neither the name")}

FERRY = """Ferry Licence, version 2

Whoever holds a copy of this timetable may read it, lend it and draw on its margins, on every day of the week
and in every weather, as long as the name of the harbour stays on the first page where everyone can see it.

Nobody promises that the ferry arrives. The harbour owes nothing to travellers who wait in the rain, nor to
those who take the wrong boat because a gull has covered the column of departures with its wings.
"""
NO_HARBOUR = FERRY.replace(
    ", as long as the name of the harbour stays on the first page where everyone can see it", ""
)


def made_of(**texts: str) -> Library:
    """A library of hand-made licences; the first is an open one."""
    licences = tuple(Licence(name, f"The {name} licence", index == 0) for index, name in enumerate(texts))
    prints = tuple(frozenset(shingles(words(text))) for text in texts.values())
    return Library(licences, prints, {name: (name,) for name in texts}, frozenset([licences[0].id]))


def found(text: str, known: Library | None = None) -> str | None:
    licence = identify(text, known).licence
    return licence.id if licence else None


@pytest.mark.parametrize(
    "text",
    [
        FERRY,
        " ".join(FERRY.split()),
        FERRY.upper().replace("\n", "\r\n\t"),
        "Copyright (c) 2019-2024 The Harbour Office and 3 others\nAll rights reserved.\n\n" + FERRY,
        "---\ntitle: Ferry\nspdx: none-1.0\n---\n" + FERRY,
        FERRY.replace("Ferry Licence, version 2\n\n", ""),
        "The ferry licence\n\n" + FERRY,
        "// " + FERRY.replace("\n", "\n// "),
    ],
)
def test_white_space_case_titles_front_matter_and_copyright_do_not_matter(text: str) -> None:
    assert identify(text, made_of(ferry=FERRY)) == Identified(
        "identified",
        Licence("ferry", "The ferry licence", True),
        pytest.approx(1.0, abs=0.1),
        "the text is The ferry licence",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (FERRY.replace("version 2", "version 3"), "it says '3' where The ferry licence does not"),
        ("A modified " + FERRY, "it calls itself a modified The ferry licence"),
        (FERRY.split("\n\n")[1], "% of The ferry licence is missing"),
        (
            FERRY + FERRY.split("version 2")[1].translate({ord("e"): "o"}),
            "its wording differs from The ferry licence in",
        ),
        (FERRY.replace("every", "each").replace("the", "that"), "of The ferry licence is missing"),
    ],
)
def test_another_number_another_wording_or_too_little_is_another_licence(text: str, reason: str) -> None:
    answer = identify(text, made_of(ferry=FERRY))

    assert (answer.status, answer.licence) == ("unknown", None)
    assert reason in answer.reason


@pytest.mark.parametrize(
    "text", ["", "word", "https://example.org/LICENSE", "Ask us before using this model."]
)
def test_a_text_like_no_licence_is_unknown(text: str) -> None:
    assert identify(text, made_of(ferry=FERRY)) == Identified(
        "unknown", None, 0.0, "the text is like none of the 1 known licences"
    )


def test_near_relatives_are_told_apart_by_what_only_one_of_them_says() -> None:
    known = made_of(ferry=FERRY, free=NO_HARBOUR)

    assert found(FERRY, known) == "ferry"
    assert found(NO_HARBOUR, known) == "free"


def test_where_two_fit_equally_well_no_name_is_given() -> None:
    assert identify(FERRY, made_of(first=FERRY, second=FERRY)) == Identified(
        "ambiguous", None, 1.0, "The first licence and The second licence fit the text equally well"
    )


def test_the_licence_of_qistas_itself_is_apache(repo_root: Path) -> None:
    answer = identify((repo_root / "LICENSE").read_text(encoding="utf-8"))

    assert answer.licence == Licence("Apache-2.0", "Apache License 2.0", True)


def test_a_card_may_name_a_licence_by_spdx_hub_or_family_name() -> None:
    assert [licence.id for licence in named("apache-2.0")] == ["Apache-2.0"]
    assert [licence.id for licence in named(" GPL-3.0-or-later ")] == ["GPL-3.0"]
    assert named("llama3.3")[0].name == "Llama 3.3 Community License Agreement 2024"
    assert [licence.name for licence in named("gemma")] == [
        "Gemma Terms of Use 2024-04-01",
        "Gemma Terms of Use 2025-03-24",
    ]
    assert named("AFL-3.0") == (Licence("AFL-3.0", "AFL-3.0", True),)
    assert named("other") == ()


def test_open_is_what_osi_fsf_or_the_framework_lists() -> None:
    opened = {licence.id for licence in library().licences if licence.open}

    assert opened == {
        *("AGPL-3.0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0"),
        *("CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0", "GPL-2.0", "GPL-3.0", "LGPL-2.1"),
        *("LGPL-3.0", "MIT", "MIT-0", "MPL-2.0", "ODbL-1.0", "OpenMDW-1.0", "PDDL-1.0"),
    }


def test_the_packaged_fingerprints_hold_hashes_and_no_sentence() -> None:
    import qistas.evaluations.openness.licence_texts as module

    packed = json.loads(module.library_bytes())
    blobs = "".join(group["hashes"] for group in packed["groups"])

    assert re.fullmatch(r"[A-Za-z0-9+/=]+", blobs)
    assert all(len(group["hashes"]) % 4 == 0 for group in packed["groups"])
    assert len(packed["licences"]) == len(library().licences) == 52


# --- With the licence texts of the test data -------------------------------------------------------------------------


@pytest.fixture(scope="session")
def texts(test_data: Path) -> dict[str, tuple[str, str]]:
    """Id and text of every licence, by LicenseDB key."""
    records: Iterator[dict[str, Any]] = (
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((test_data / "openness" / "licence_texts").glob("*.json"))
    )
    found = {
        r["key"]: (OTHER_ID.get(r["spdx_license_key"], r["spdx_license_key"]), r["text"]) for r in records
    }
    assert len(found) == 46
    return found


def paragraphs(text: str) -> list[str]:
    return re.split(r"\n\s*\n", text.strip())


def test_every_licence_is_identified_from_its_text(
    texts: dict[str, tuple[str, str]], test_data: Path
) -> None:
    with_header = {
        key: (test_data / "openness" / "licence_texts" / f"{key}.txt").read_text(encoding="utf-8")
        for key in texts
    }
    answers = {key: (found(text), found(with_header[key])) for key, (_, text) in texts.items()}

    assert answers == {key: (identifier, identifier) for key, (identifier, _) in texts.items()}


def test_changed_white_space_and_a_copyright_line_change_nothing(texts: dict[str, tuple[str, str]]) -> None:
    holder = "Copyright (c) 2021, 2024 Example Research Institute and contributors. "
    answers = {key: found(holder + " ".join(text.split())) for key, (_, text) in texts.items()}

    assert answers == {key: identifier for key, (identifier, _) in texts.items()}


def test_a_dropped_paragraph_changes_nothing(texts: dict[str, tuple[str, str]]) -> None:
    """The paragraph in the middle, or the next one that holds less than a sixth of the words and is not the whole difference."""
    answers, expected = {}, {}
    for key, (identifier, text) in texts.items():
        parts = paragraphs(text)
        order = sorted(range(len(parts)), key=lambda index: abs(index - len(parts) // 2))
        drop = next(index for index in order if 0 < len(parts[index]) < len(text) / 6)
        if (key, parts[drop][:16]) in LOSES_ITS_NAME:
            drop = drop - 1
        answers[key] = found("\n\n".join(parts[:drop] + parts[drop + 1 :]))
        expected[key] = identifier

    assert answers == expected


@pytest.mark.parametrize(
    "key",
    [
        "mit",
        "bsd-new",
        "cc-by-nc-4.0",
        "llama-3.1-license-2024",
        "openmdw-1.0",
        "moonshot-ai-modified-mit-2025",
    ],
)
def test_whichever_paragraph_is_dropped_no_wrong_name_is_given(
    texts: dict[str, tuple[str, str]], key: str
) -> None:
    identifier, text = texts[key]
    parts = paragraphs(text)
    for index, part in enumerate(parts):
        answer = found("\n\n".join(parts[:index] + parts[index + 1 :]))
        expected = "BSD-2-Clause" if (key, part[:16]) in LOSES_ITS_NAME else identifier
        assert answer in {expected, None}, part


def test_a_licence_that_is_not_in_the_library_is_never_given_a_relatives_name(
    texts: dict[str, tuple[str, str]],
) -> None:
    """Each in turn is taken out of the library: Llama 3.1 is then not Llama 3.3, CC-BY not CC-BY-NC, and so on."""
    whole = library()
    for identifier, text in texts.values():
        keep = [index for index, licence in enumerate(whole.licences) if licence.id != identifier]
        without = Library(
            tuple(whole.licences[index] for index in keep),
            tuple(whole.shingles[index] for index in keep),
            whole.names,
            whole.open_ids,
        )
        assert found(text, without) is None, identifier


def test_licences_of_real_releases(test_data: Path) -> None:
    """Files as their makers shipped them; those that are not known have other numbers, more texts, or only a link."""
    releases = test_data / "openness" / "releases"
    expected = {
        "alpaca/DATA_LICENSE": "CC-BY-NC-4.0",
        "alpaca/LICENSE": "Apache-2.0",
        "code-llama/LICENSE": None,
        "dbrx/LICENSE": None,
        "gpt-neox-20b/LICENSE": None,
        "kimi-k2.5/LICENSE": None,
        "llama-2/models/llama2/LICENSE": "LicenseRef-scancode-llama-2-license-2023",
        "llama-3/models/llama3/LICENSE": None,
        "llama-3.2/models/llama3_2/LICENSE": "LicenseRef-scancode-llama-3.2-license-2024",
        "llama-3.3/models/llama3_3/LICENSE": "LicenseRef-scancode-llama-3.3-license-2024",
        "opt/LICENSE": "MIT",
        "opt/projects/OPT/MODEL_LICENSE.md": None,
        "stable-diffusion-v1/LICENSE": "LicenseRef-scancode-stable-diffusion-2022-08-22",
        "yulan-mini/LICENSE": "MIT",
    }

    assert {path: found((releases / path).read_text("utf-8", "replace")) for path in expected} == expected
