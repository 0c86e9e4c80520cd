"""Which licences a release is under: texts, policies, cards and headers, what each covers, and what they contradict."""

from pathlib import Path

import pytest
from tests.fakes.timing import seconds_of

from qistas.contracts.exchanges import FileInspection, ReleaseFile, ReleaseListing
from qistas.contracts.openness import LicenceReading
from qistas.evaluations.openness.contradictions import contradictions
from qistas.evaluations.openness.european_index import european_index
from qistas.evaluations.openness.licence_own_texts import OwnTexts
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.record import ReleaseRecord

ALL = ("code", "data", "document", "weights")
MIT = """MIT License

Copyright (c) 2024 The Harbour

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES
OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR
IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
HERON = """Heron Model Licence

“Heron” means the trained model weights that the harbour gives out, and the inference code that comes with them.

1. Use of Heron must adhere to the Acceptable Use Policy at https://heron.example/use-policy, which is hereby incorporated by
reference. You may use Heron only for non-commercial research purposes, and you shall keep the weights in a dry place, away
from gulls, from children and from whoever sells tickets for the ferry on a day on which the ferry does not run at all.

2. Whoever holds Heron shall tell the harbour each spring how it fares, whether it still reads the timetable, and whom it met.
"""
POLICY = "Heron Acceptable Use Policy\n\nYou agree you will not use, or allow others to use, Heron to: lie to travellers.\n"


def listing(
    texts: dict[str, str],
    inspections: tuple[FileInspection, ...] = (),
    others: tuple[str, ...] = (),
    origins: dict[str, str] | None = None,
) -> ReleaseListing:
    files = tuple(ReleaseFile(path=path, size_bytes=10) for path in (*texts, *others))
    return ReleaseListing(
        files=files, texts=texts, source="fake", inspections=inspections, origins=origins or {}
    )


def read(texts: dict[str, str], **more: object) -> tuple[LicenceReading, ...]:
    return read_licences(ReleaseRecord(listing(texts, **more)))  # type: ignore[arg-type]


def brief(readings: tuple[LicenceReading, ...]) -> list[tuple[str, str, str | None, str, tuple[str, ...]]]:
    return [(one.file, one.place, one.id, one.match, one.applies_to) for one in readings]


def about(texts: dict[str, str], **more: object) -> list[tuple[str, tuple[str, ...]]]:
    record = ReleaseRecord(listing(texts, **more))  # type: ignore[arg-type]
    return [
        (one.about, tuple(f"{quote.file}:{quote.line}" for quote in one.evidence))
        for one in contradictions(record)
    ]


def test_a_text_is_exact_near_or_unknown_and_only_an_exact_one_has_flags() -> None:
    exact, near, unknown = read(
        {"LICENSE": MIT, "b/LICENSE": MIT.replace("Software without", "zebra without"), "c/LICENSE": HERON}
    )[:3]

    assert (exact.id, exact.match, exact.osi, exact.fsf, exact.open) == ("MIT", "exact", True, True, True)
    assert exact.reason.en == "The text is MIT License, word for word."
    assert (near.id, near.match, near.osi, near.fsf, near.open) == ("MIT", "near", None, None, None)
    assert [(span.line, span.found, span.expected) for span in near.differs] == [(6, "zebra", None)]
    assert near.reason.en.startswith("The text is close to MIT License, but differs from it in 1 place;")
    assert (unknown.id, unknown.match, unknown.osi, unknown.open) == (None, "unknown", None, False)
    assert unknown.name == "Heron Model Licence"
    assert [clause.fact for clause in unknown.clauses] == [
        "acceptable_use",
        "non_commercial",
        "research_only",
    ]


def test_with_the_licences_own_texts_a_near_match_says_what_stands_there(tmp_path: Path) -> None:
    (tmp_path / "mit.LICENSE").write_text(MIT.split("Harbour\n")[1])
    text = MIT.replace("Software without", "zebra without")
    (reading,) = read_licences(ReleaseRecord(listing({"LICENSE": text})), OwnTexts(tmp_path))

    assert ("zebra", "Software") in [(span.found, span.expected) for span in reading.differs]


def test_file_names_and_wordings_say_what_a_licence_covers_and_the_rest_is_the_general_ones() -> None:
    readings = read({"LICENSE": MIT, "DATA_LICENSE": HERON.replace("weights", "tides"), "LICENSE-DOCS": MIT})

    assert [(file, applies) for file, _, _, _, applies in brief(readings)][:3] == [
        ("DATA_LICENSE", ("data",)),
        ("LICENSE", ("code", "document", "weights")),
        ("LICENSE-DOCS", ("document",)),
    ]
    assert read({"LICENSE": HERON})[0].applies_to == ("code", "weights")
    assert read({"LICENSE": HERON + "\nSource code is not licensed here.\n"})[0].applies_to == ("weights",)
    assert read({"third_party/x/LICENSE": MIT})[0].applies_to == ()


def test_a_sentence_that_gives_a_kind_to_another_licence_takes_it_from_the_general_text() -> None:
    readings = read(
        {"LICENSE": MIT, "README.md": "# Heron\n\nThe model weights are released under CC BY-NC 4.0.\n"}
    )

    assert brief(readings) == [
        ("LICENSE", "text", "MIT", "exact", ("code", "data", "document")),
        ("README.md", "card", "CC-BY-NC-4.0", "exact", ("weights",)),
    ]
    assert readings[1].evidence[0].line == 3


def test_a_policy_beside_the_licence_adds_its_clauses_and_one_that_is_not_there_is_named() -> None:
    beside = read({"m/LICENSE": HERON, "m/USE_POLICY.md": POLICY, "n/USE_POLICY.md": POLICY})
    alone = read({"LICENSE": HERON})
    fetched = read(
        {"LICENSE": HERON, "origin/heron": POLICY},
        origins={"origin/heron": "https://heron.example/use-policy"},
    )

    assert [(clause.fact, clause.file) for clause in beside[0].clauses] == [
        ("acceptable_use", "m/LICENSE"),
        ("non_commercial", "m/LICENSE"),
        ("research_only", "m/LICENSE"),
        ("field_of_use", "m/USE_POLICY.md"),
    ]
    assert [(one.file, one.place, one.match) for one in beside[1:]] == [
        ("m/USE_POLICY.md", "policy", "unknown"),
        ("n/USE_POLICY.md", "policy", "unknown"),
    ]
    assert [(one.place, one.match, one.reason.en) for one in alone[1:]] == [
        (
            "policy",
            "unknown",
            "A policy is referred to and not in the release; what it forbids is not known here.",
        )
    ]
    assert "incorporated by\nreference" in alone[1].evidence[0].quote
    assert [one.place for one in fetched] == ["text", "policy"]
    assert fetched[0].clauses[-1].file == "origin/heron"


def test_a_policy_in_the_licence_itself_is_not_missing() -> None:
    text = (
        HERON
        + "\nHeron Acceptable Use Policy\n\nYou agree not to use Heron to lie. "
        + "Be kind to gulls. " * 20
    )

    assert [one.place for one in read({"LICENSE": text})] == ["text"]


@pytest.mark.parametrize(
    ("front", "identifier", "match"),
    [
        ("license: apache-2.0", "Apache-2.0", "exact"),
        ("license: other\nlicense_name: llama3.3", "LicenseRef-scancode-llama-3.3-license-2024", "exact"),
        ("license: other\nlicense_name: heron-1", None, "unknown"),
        ("license: openrail", None, "unknown"),
        ("licence: [mit]", "MIT", "exact"),
    ],
)
def test_a_card_field_names_a_licence_a_family_or_something_unknown(
    front: str, identifier: str | None, match: str
) -> None:
    (reading,) = read({"README.md": f"---\n{front}\n---\n# Heron\n"})

    assert (reading.place, reading.id, reading.match) == ("card", identifier, match)
    assert reading.evidence[0].quote.startswith("licen")


def test_a_data_card_is_of_the_data_and_a_header_of_the_weights() -> None:
    header = FileInspection(
        path="m.gguf", format="gguf", size_bytes=9, sha256="ab", metadata={"general.license": "mit"}
    )
    named = FileInspection(
        path="n.gguf",
        format="gguf",
        size_bytes=9,
        metadata={"general.license": "other", "general.license.name": "heron-1"},
    )
    card = "---\nlicense: cc-by-4.0\ntask_categories: [x]\n---\n"
    readings = read({"README.md": card}, inspections=(header, named))

    assert brief(readings) == [
        ("README.md", "card", "CC-BY-4.0", "exact", ("data",)),
        ("m.gguf", "header", "MIT", "exact", ("weights",)),
        ("n.gguf", "header", None, "unknown", ("weights",)),
    ]
    assert readings[1].evidence[0].quote == "general.license = mit"
    assert readings[1].evidence[0].digest == "sha256:ab"


def test_a_licence_pasted_in_a_card_counts_only_as_a_whole() -> None:
    whole = read({"README.md": f"# Heron\n\nWords.\n\n{MIT}"})
    half = read({"README.md": f"# Heron\n\nWords.\n\n{MIT[:400]}"})

    assert [(one.file, one.place, one.id, one.match) for one in whole] == [
        ("README.md", "text", "MIT", "exact")
    ]
    assert half == ()


@pytest.mark.parametrize(
    ("card", "found"),
    [
        (
            "[![Code License](https://img.shields.io/badge/Code%20License-Apache_2.0-green.svg)]()",
            [("Apache-2.0", ("code",))],
        ),
        ("## License\n\nThis is Apache 2.0, see LICENSE.", [("Apache-2.0", ())]),
        ("## License\n\n- code: MIT\n- data: CC-BY-4.0", [("MIT", ("code",)), ("CC-BY-4.0", ("data",))]),
        ("The weights are released under the Heron licence.", []),
        ("The weights are released under OpenMDW-1.1.", [(None, ("weights",))]),
        ("We thank X, whose code is licensed under the MIT license.", []),
        ("| Data | under the MIT license |", []),
        ("| License | Model weights under the MIT license |", [("MIT", ("weights",))]),
        ("本仓库代码遵循 Apache 2.0 许可证。", [("Apache-2.0", ("code",))]),
        ("Nothing is said.", []),
    ],
)
def test_sentences_badges_and_sections_of_a_card_name_licences(
    card: str, found: list[tuple[str | None, tuple[str, ...]]]
) -> None:
    assert [(one.id, one.applies_to) for one in read({"README.md": card})] == found


def test_a_licence_file_that_only_refers_to_one_is_unknown() -> None:
    short, other = read({"LICENSE": "Please refer to https://heron.example/LICENSE", "m/LICENSE": MIT})

    assert short.reason.en == "The file is too short to hold a licence; what it may refer to is not in it."
    assert short.applies_to == ()
    assert other.id == "MIT"
    assert read({"LICENSE": ""})[0].evidence == ()


def test_a_licence_file_whose_text_is_not_at_hand_is_unknown_and_not_missing() -> None:
    (reading,) = read({}, others=("LICENSE", "licence.png", "vendor/LICENSE"))

    assert (reading.file, reading.match, reading.reason.en) == (
        "LICENSE",
        "unknown",
        "The file is there, but its text is not at hand.",
    )
    assert reading.evidence[0].quote == "LICENSE"


def test_a_whole_licence_in_a_much_longer_text_is_near_and_the_addition_differs() -> None:
    (reading,) = read({"LICENSE": MIT + "\nThe ferry leaves at nine. " * 300})

    assert (reading.id, reading.match, reading.open) == ("MIT", "near", None)
    assert [(span.line, span.found[:25]) for span in reading.differs] == [(17, "The ferry leaves at nine.")]


def test_front_matter_is_no_part_of_a_licence_and_a_data_licence_is_of_the_data(test_data: Path) -> None:
    text = (test_data / "openness" / "licence_texts" / "cdla-permissive-2.0.txt").read_text()

    assert brief(read({"LICENSE": text})) == [("LICENSE", "text", "CDLA-Permissive-2.0", "exact", ("data",))]


def test_a_code_file_named_after_a_policy_is_none() -> None:
    assert read({"use_policy.py": "x = 1"}) == ()


def test_card_text_and_header_that_name_different_licences_contradict_each_other() -> None:
    header = FileInspection(
        path="m.gguf", format="gguf", size_bytes=9, metadata={"general.license": "cc0-1.0"}
    )
    card = "---\nlicense: apache-2.0\n---\n# Heron\n"

    assert about({"LICENSE": MIT, "README.md": card}, inspections=(header,)) == [
        ("licence", ("README.md:2", "LICENSE:5")),
        ("licence", ("m.gguf:0", "LICENSE:5")),
        ("licence", ("m.gguf:0", "README.md:2")),
    ]
    assert about({"LICENSE": MIT, "README.md": "---\nlicense: mit\n---\n"}) == []
    assert about({"LICENSE": MIT, "README.md": "---\nlicense: openrail\n---\n"}) != []


def test_a_card_that_gives_the_codes_licence_to_the_weights_is_told_so() -> None:
    found = about(
        {"LICENSE-CODE": MIT, "MODEL_LICENSE": MIT_NC, "README.md": "---\nlicense: mit\n---\n# Heron\n"}
    )

    assert ("code_or_weights", ("README.md:2", "MODEL_LICENSE:1")) not in found
    assert ("modified_licence", ("README.md:2", "MODEL_LICENSE:17")) in found


MIT_NC = MIT + "\nThe Software may not be used for commercial purposes.\n"


def test_the_codes_licence_on_the_card_and_another_for_the_weights_is_a_confusion(repo_root: Path) -> None:
    apache = (repo_root / "LICENSE").read_text(encoding="utf-8")
    found = about(
        {"LICENSE-CODE": MIT, "MODEL_LICENSE": apache, "README.md": "---\nlicense: mit\n---\n# Heron\n"}
    )

    assert found == [
        ("licence", ("README.md:2", "MODEL_LICENSE:2")),
        ("code_or_weights", ("README.md:2", "MODEL_LICENSE:2")),
    ]


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("Heron is a fully open-source model.", None),
        ("Our weights are fully open-source.", "open_source_claim"),
        ("Heron outperforms many models that are open source.", None),
        ("Heron is made available under an open license.", "open_source_claim"),
        ("The model is free for commercial use.", "commercial_use"),
        ("The model is not free for commercial use.", None),
    ],
)
def test_what_the_card_claims_is_held_against_the_clauses(claim: str, kind: str | None) -> None:
    found = about({"LICENSE": HERON, "README.md": f"# Heron\n\n{claim}\n"})

    assert [about for about, _ in found] == ([kind] if kind else [])


def test_a_card_that_lets_outputs_train_models_is_held_against_the_licence() -> None:
    text = HERON + "\n3. You shall not use outputs of Heron to train other models.\n"
    card = "# Heron\n\nIts outputs can be used to train other models.\n"

    assert ("outputs", ("README.md:3", "LICENSE:11")) in about({"LICENSE": text, "README.md": card})


def test_the_shared_releases_are_read_with_the_policies_beside_their_licences(test_data: Path) -> None:
    folder = test_data / "openness" / "releases" / "llama-3.2"
    texts = {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    readings = read(texts)
    licence = next(one for one in readings if one.file == "models/llama3_2/LICENSE")

    assert (licence.id, licence.match) == ("LicenseRef-scancode-llama-3.2-license-2024", "exact")
    assert ("territory_exclusion", "European Union", "models/llama3_2/USE_POLICY.md") in [
        (clause.fact, clause.value, clause.file) for clause in licence.clauses
    ]


def test_three_hundred_documents_are_read_in_less_than_two_seconds_of_work() -> None:
    texts = {
        f"docs/{i}.md": f"# Page {i}\n\n" + "The license of the tides is free. " * 200 for i in range(290)
    }
    texts |= {f"m{i}/LICENSE": HERON + f"\nNumber {i}.\n" for i in range(10)}
    record = ReleaseRecord(listing(texts))
    read_licences(ReleaseRecord(listing({"LICENSE": HERON})))

    readings, taken = seconds_of(lambda: read_licences(record), below=2)

    assert len(readings) == 20
    assert taken < 2


PAGES = (
    MIT.replace("merchantability", "merchant-\nability")
    .replace("MERCHANTABILITY", "MERCHANT-\nABILITY")
    .replace("IN NO EVENT SHALL", "\n  2 / 3\n\nIN NO EVENT SHALL")
)


@pytest.mark.parametrize("path", ["LICENSE.pdf", "docs/Model License.pdf", "licenses/mit.pdf"])
def test_a_licence_that_is_set_in_pages_is_read_as_what_its_words_are(path: str) -> None:
    (found,) = read({path: PAGES})
    assert (found.id, found.match, found.open) == ("MIT", "exact", True)
    (plain,) = read({path.removesuffix(".pdf"): PAGES}) if path == "LICENSE.pdf" else (None,)
    assert plain is None or plain.match == "near"


def test_a_licence_set_in_pages_that_was_not_read_is_there_and_unknown() -> None:
    (found,) = read({"README.md": "# Heron\n"}, others=("LICENSE.pdf",))
    assert (found.file, found.match, found.reason.en) == (
        "LICENSE.pdf",
        "unknown",
        "The file is there, but its text is not at hand.",
    )


@pytest.mark.parametrize(
    "path",
    [
        "docs/license_header.txt",
        "LICENSE-HEADER",
        "license-template.md",
        "templates/LICENSE",
        "check_license.txt",
        "header_license.txt",
        "License-FAQ.md",
    ],
)
def test_a_header_a_template_and_what_explains_licences_are_no_licence(path: str) -> None:
    assert read({path: MIT}, others=(f"more/{path}",)) == ()


def clauses_changed(text: str) -> tuple[str, bool | None]:
    (found,) = read({"LICENSE": text})
    return found.match, found.clauses_changed


def test_words_changed_in_the_clauses_are_told_from_what_stands_around_them(repo_root: Path) -> None:
    apache = (repo_root / "LICENSE").read_text("utf-8")

    assert clauses_changed(MIT) == ("exact", None)
    assert clauses_changed(MIT.replace("without restriction", "with restriction")) == ("near", True)
    assert clauses_changed(MIT.replace("DEALINGS IN THE SOFTWARE", "DEALINGS IN THE HARBOUR")) == (
        "near",
        True,
    )
    assert clauses_changed(MIT.rsplit("OUT OF OR", 1)[0]) == ("near", True)
    assert clauses_changed(
        f"{MIT}\nThe herons of the harbour wrote this in spring, and then they flew north.\n"
    ) == (
        "near",
        False,
    )
    assert clauses_changed(f"{MIT}\nYou may use it only for non-commercial purposes.\n") == ("near", True)
    assert clauses_changed(apache.replace("January 2004", "January 2031")) == ("near", False)
    assert clauses_changed(apache.replace("copyright license to reproduce", "licence to reproduce")) == (
        "near",
        True,
    )


def test_a_changed_licence_beside_a_card_that_names_the_open_one_contradicts_it_and_is_not_open() -> None:
    text = MIT.replace("without restriction", "with one restriction")
    texts = {"README.md": "---\nlicense: mit\n---\n# Heron\n", "LICENSE": text}
    record = ReleaseRecord(listing(texts), read(texts))
    judged = european_index(record)["licenses"]

    assert about(texts) == [("modified_licence", ("README.md:2", "LICENSE:6"))]
    assert (judged.value, judged.rule) == ("undetermined", "clauses-changed")
    assert [quote.line for quote in judged.evidence] == [6]
    assert judged.evidence[0].quote in text
    around = {
        **texts,
        "LICENSE": f"{MIT}\nThe herons of the harbour wrote this in spring, and then they flew.\n",
    }
    assert about(around) == []


def test_one_licence_on_the_card_agrees_with_a_split_of_parts_among_several() -> None:
    apache = "---\nlicense: mit\n---\n| Licence | weights and code: MIT (`LICENSE`); documents: CC-BY-4.0 (`LICENSE-docs`) |\n"
    beside = {"README.md": apache, "LICENSE": MIT, "LICENSE-docs": HERON}

    assert about(beside) == []
    assert about({"README.md": apache, "LICENSE-docs": HERON}) == []
    assert [one.applies_to for one in read(beside) if one.place == "card"] == [("code", "data", "weights")]


def test_a_threshold_that_asks_for_words_to_be_shown_does_not_make_a_licence_restrictive() -> None:
    shown = 'If more than 5 million monthly active users use it, you shall display "Heron" on the user interface.\n'
    asked = (
        "If more than 5 million monthly active users use it, you must obtain a separate licence from us.\n"
    )

    assert [read({"LICENSE": f"{MIT}\n{more}"})[0].open for more in (shown, asked)] == [None, False]


def test_a_plain_clause_stands_against_a_claim_with_its_whole_words() -> None:
    terms = HERON + "\n3. Above 9 million monthly active users you must request a licence from the harbour.\n"
    texts = {"README.md": "# Heron\nThe model is open source.\n", "LICENSE": terms}
    (found,) = [
        one for one in contradictions(ReleaseRecord(listing(texts))) if one.about == "open_source_claim"
    ]

    assert "non-commercial research" in found.evidence[1].quote
