"""What each licence of a release covers: by its name, its folder, the sentences of the card, and never what is only carried along."""

import pytest
from tests.evaluations.openness.test_licences import MIT, about, brief, listing, read

from qistas.evaluations.openness.carried import is_carried
from qistas.evaluations.openness.licence_coverage import of_path
from qistas.evaluations.openness.record import ReleaseRecord

ALL = ("code", "data", "document", "weights")


@pytest.fixture
def apache(repo_root: object) -> str:
    return (repo_root / "LICENSE").read_text(encoding="utf-8")  # type: ignore[operator]


def covered(texts: dict[str, str], *others: str) -> dict[str, tuple[str, ...]]:
    return {file: applies for file, _, _, _, applies in brief(read(texts, others=others))}


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("LICENSE", ()),
        ("DATA_LICENSE", ("data",)),
        ("data/LICENSE", ("data",)),
        ("a/docs/LICENSE.md", ("document",)),
        ("weights/LICENSE", ("weights",)),
        ("src/COPYING", ("code",)),
        ("models/x/LICENSE", ()),
        ("docs/license_header.txt", ()),
        ("data/LICENSE-CODE", ("code",)),
    ],
)
def test_a_name_says_what_a_licence_covers_and_else_its_folder(path: str, kinds: tuple[str, ...]) -> None:
    assert of_path(path) == kinds


def test_a_licence_in_a_folder_takes_from_the_whole_only_what_its_path_names(apache: str) -> None:
    texts = {"LICENSE": apache, "data/LICENSE": MIT, "docs/LICENSE": MIT, "weights/LICENSE": MIT}

    assert covered(texts) == {
        "LICENSE": ("code",),
        "data/LICENSE": ("data",),
        "docs/LICENSE": ("document",),
        "weights/LICENSE": ("weights",),
    }
    assert covered({"LICENSE": apache, "tool/LICENSE": MIT}, "tool/run.py", "model.safetensors") == {
        "LICENSE": ALL,
        "tool/LICENSE": ("code",),
    }
    assert covered({"LICENSE": apache, "x/LICENSE": MIT}, "x/m.safetensors", "x/a.jsonl")["x/LICENSE"] == (
        "data",
        "weights",
    )


def test_a_licence_for_models_takes_the_weights_from_the_whole_where_all_weights_stand_beside_it() -> None:
    own = "Heron Model Licence. This licence covers the trained model weights of Heron and nothing else. " * 8
    texts = {"LICENSE": MIT, "heron/LICENSE": own}

    assert covered(texts, "heron/m.safetensors")["LICENSE"] == ("code", "data", "document")
    assert covered(texts, "m.safetensors")["LICENSE"] == ALL


@pytest.mark.parametrize(
    "path",
    [
        "LICENSE-3RD-PARTY",
        "THIRD_PARTY_LICENSES",
        "ThirdPartyNotices/LICENSE",
        "third_party/x/LICENSE",
        "a/vendor/x/LICENSE",
        "LICENSE-NOTICES.txt",
    ],
)
def test_the_licences_of_others_cover_nothing(path: str, apache: str) -> None:
    assert is_carried(path)
    assert covered({"LICENSE": MIT, path: apache}) == {"LICENSE": ALL, path: ()}


def test_the_notice_and_the_licences_of_a_release_are_its_own() -> None:
    assert not any(map(is_carried, ["NOTICE", "LICENSE", "LICENSES/MIT.txt", "party/LICENSE"]))


def test_a_card_that_names_the_licence_of_the_weights_speaks_of_the_weights(apache: str) -> None:
    texts = {"LICENSE": MIT, "LICENSE-MODEL": apache, "README.md": "---\nlicense: apache-2.0\n---\n"}

    assert covered(texts)["README.md"] == ("weights",)
    assert about(texts) == []


def test_a_heading_is_no_part_of_the_next_sentence() -> None:
    card = "# Speech model\nThe code is released under the MIT License. The model weights are released under CC-BY-NC 4.0.\n"
    readings = read({"LICENSE": MIT, "README.md": card})

    assert [(one.id, one.applies_to) for one in readings] == [
        ("MIT", ("code", "data", "document")),
        ("MIT", ("code",)),
        ("CC-BY-NC-4.0", ("weights",)),
    ]
    assert readings[1].evidence[0].quote == "The code is released under the MIT License."
    for heading in ("Speech model\n===\n", "**The model**\n"):
        assert read({"README.md": heading + "The code is under the MIT license.\n"})[0].applies_to == (
            "code",
        )


@pytest.mark.parametrize(
    ("card", "found"),
    [
        (
            "The code is MIT-licensed. Pretrained models are for non-commercial use only (CC-BY-NC 4.0).",
            [("MIT", ("code",), True, ()), ("CC-BY-NC-4.0", ("weights",), False, ("non_commercial",))],
        ),
        (
            "The weights may only be used for academic research; write to us.",
            [(None, ("weights",), False, ("research_only",))],
        ),
        (
            "The model weights may not be used for commercial purposes.",
            [(None, ("weights",), False, ("non_commercial",))],
        ),
        (
            "Code: Apache-2.0. Model weights: see [MODEL_LICENSE](https://heron.example/license).",
            [(None, ("weights",), None, ())],
        ),
        ("رخصة النموذج Apache-2.0.", [("Apache-2.0", ("weights",), True, ())]),
        ("# نموذج\nالأوزان مرخّصة برخصة MIT.", [("MIT", ("weights",), True, ())]),
        ("يُحظر استعمال الأوزان التجاري.", [(None, ("weights",), False, ("non_commercial",))]),
        ("الأوزان لأغراض البحث العلمي فقط.", [(None, ("weights",), False, ("research_only",))]),
        (
            "权重仅供学术研究使用,禁止商业用途。",
            [(None, ("weights",), False, ("non_commercial", "research_only"))],
        ),
        (
            "模型权重遵循《星河模型许可协议》,代码遵循 Apache 2.0 协议。",
            [(None, ("weights",), None, ()), ("Apache-2.0", ("code",), True, ())],
        ),
        ("## Lizenz\n\nLizenz: Apache 2.0", [("Apache-2.0", (), True, ())]),
        (
            "Lizenz: MIT für den Code, die Gewichte nur für nichtkommerzielle Forschung (CC BY-NC-SA 4.0).",
            [
                ("CC-BY-NC-SA-4.0", ("weights",), False, ("non_commercial", "research_only")),
                ("MIT", ("code",), True, ()),
            ],
        ),
        (
            "Use of the model is licensed under [Apache 2.0](x) and the [Community License for the Heron model](y).",
            [(None, ("weights",), None, ())],
        ),
        (
            "## License\n\nThe model requires adherence to [Apache 2.0](x) and [Community License for Heron](y).",
            [(None, ("weights",), None, ())],
        ),
        ("模型需要遵循 [Apache 2.0](x) 和[《星河模型社区许可协议》](y)。", [(None, ("weights",), None, ())]),
        ("Whose weights may only be used for research?", []),
        ("A demo is open for non-commercial use only.", []),
        ("The ImageNet dataset is for non-commercial research only.", []),
        ("The model is intended for research.", []),
    ],
)
def test_sentences_that_limit_use_or_name_a_licence_in_other_words_are_read(
    card: str, found: list[tuple[str | None, tuple[str, ...], bool | None, tuple[str, ...]]]
) -> None:
    readings = read({"README.md": card + "\n"})

    assert [
        (one.id, one.applies_to, one.open, tuple(clause.fact for clause in one.clauses)) for one in readings
    ] == found


def test_weights_that_a_sentence_limits_or_sends_elsewhere_are_not_under_the_licence_of_the_code() -> None:
    for card in (
        "The weights may only be used for academic research.",
        "Model weights: see [MODEL_LICENSE](https://heron.example/license).",
    ):
        assert read({"LICENSE": MIT, "README.md": card})[0].applies_to == ("code", "data", "document")
    own = "Model weights: see [LICENSE](https://git.example/a/b/blob/main/LICENSE).\n"
    assert covered({"LICENSE": MIT, "README.md": own}) == {"LICENSE": ALL}


def test_a_quote_from_a_file_with_two_line_ends_stands_there_verbatim_and_ends_with_its_words() -> None:
    text = "---\r\nlicense: mit\r\n---\r\n# Heron\r\n"
    record = ReleaseRecord(listing({"README.md": text}))
    page = record.pages["README.md"]
    (reading,) = read({"README.md": text})

    assert [reading.evidence[0].quote, record.of_field(page, "license").quote] == ["license: mit"] * 2
    assert reading.evidence[0].quote in text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("本模型采用 Apache 2.0 许可证发布。", [("Apache-2.0", ("weights",))]),
        ("代码以 MIT 许可证发布。", [("MIT", ("code",))]),
        ("模型權重採用 Apache 2.0 授權條款", [("Apache-2.0", ("weights",))]),
        ("许可证：Apache 2.0", [("Apache-2.0", ())]),
        ("本模型采用自定义许可协议。", []),
        ("本模型不采用 MIT 许可证。", []),
        ("本模型基于采用 MIT 许可证的代码。", []),
        ("النموذج مرخّص بموجب Apache 2.0.", [("Apache-2.0", ("weights",))]),
        ("يخضع النموذج لترخيص Apache 2.0", [("Apache-2.0", ("weights",))]),
        ("الترخيص: Apache-2.0", [("Apache-2.0", ())]),
        ("يخضع النموذج لترخيص خاصّ.", []),
        ("النموذج غير مرخّص بموجب MIT.", []),
        ("Lizenz: Apache 2.0", [("Apache-2.0", ())]),
        ("Die Daten werden unter CC BY 4.0 veröffentlicht.", [("CC-BY-4.0", ("data",))]),
        ("Die Modelle sind lizenziert unter Apache 2.0.", [("Apache-2.0", ("weights",))]),
        ("Das Modell basiert auf einem Modell unter der MIT-Lizenz.", []),
        ("The heron is not licensed under MIT.", []),
    ],
)
def test_a_licence_named_in_latin_letters_is_read_in_arabic_chinese_and_german(
    text: str, found: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert [(one.id, one.applies_to) for one in read({"README.md": f"{text}\n"})] == found
