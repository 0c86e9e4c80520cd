"""What a release says that it was made from: card, configuration, headers, sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fakes.lineages import front, release, said

from qistas.contracts.exchanges import FileInspection, ReleaseListing
from qistas.contracts.openness import LineageNode, Quote
from qistas.evaluations.openness.lineage import lineage
from qistas.evaluations.openness.record import ReleaseRecord


def test_a_card_names_its_bases_and_its_data_with_the_lines_that_say_so() -> None:
    card = front(
        "license: mit",
        "base_model:",
        "- acme/base",
        "base_model_relation: finetune",
        "datasets:",
        "- acme/set",
    )
    made = lineage(release("hf:acme/child", card))
    assert said(made) == [("acme/child", "finetune", "acme/base"), ("acme/child", "trained_on", "acme/set")]
    assert made.nodes == (
        LineageNode(id="acme/child", kind="model", status="here", licence="MIT"),
        LineageNode(id="acme/base", kind="model", status="named"),
        LineageNode(id="acme/set", kind="dataset", status="named"),
    )
    assert [(quote.line, quote.quote) for edge in made.edges for quote in edge.evidence] == [
        (4, "- acme/base"),
        (7, "- acme/set"),
    ]


@pytest.mark.parametrize(
    ("lines", "more", "relation"),
    [
        (["base_model: acme/base"], {}, "finetune"),
        (["base_model: acme/base", "library_name: peft"], {}, "adapter"),
        (["base_model: acme/base"], {"adapter_config__json": "{}"}, "adapter"),
        (["base_model: acme/base", "tags: [merge]"], {}, "merge"),
        (["base_model: acme/base", "tags: [awq]"], {}, "quantized"),
        (["base_model: acme/base", "base_model_relation: quantized"], {}, "quantized"),
        (["tags: ['base_model:adapter:acme/base']"], {}, "adapter"),
        (["tags: ['base_model:acme/base']"], {}, "finetune"),
    ],
)
def test_the_relation_is_as_stated_or_as_the_release_shows(
    lines: list[str], more: dict[str, str], relation: str
) -> None:
    assert said(lineage(release("hf:acme/child", front(*lines), **more))) == [
        ("acme/child", relation, "acme/base")
    ]


def test_several_bases_without_a_relation_are_a_merge() -> None:
    made = lineage(
        release("hf:acme/child", front("base_model: [acme/a, 'https://huggingface.co/acme/b@main', ./local]"))
    )
    assert said(made) == [("acme/child", "merge", "acme/a"), ("acme/child", "merge", "acme/b")]


def test_configurations_name_parents_and_paths_of_a_machine_are_none() -> None:
    made = lineage(
        release(
            "hf:acme/child",
            adapter_config__json='{\n "base_model_name_or_path": "acme/base"\n}',
            config__json='{"_name_or_path": "acme/other"}',
        )
    )
    assert said(made) == [("acme/child", "adapter", "acme/base"), ("acme/child", "derived", "acme/other")]
    assert made.edges[0].evidence[0].quote == '"base_model_name_or_path": "acme/base"'
    for text in (
        '{"_name_or_path": "/home/a/b"}',
        '{"_name_or_path": "acme/child"}',
        '{"_name_or_path": 3}',
        "{",
        "[]",
    ):
        assert lineage(release("hf:acme/child", config__json=text)).edges == ()
    quantized = '{"_name_or_path": "acme/base", "quantization_config": {}}'
    assert said(lineage(release("hf:acme/child", config__json=quantized))) == [
        ("acme/child", "quantized", "acme/base")
    ]
    assert lineage(release("hf:acme/child", config__json=" " * 300_001)).edges == ()


RECIPE = """merge_method: ties
base_model: acme/base
models:
- model: acme/one
- model:
    model: {path: acme/two}
slices:
- sources: [{model: acme/three+acme/lora}]
"""


def test_a_merge_recipe_names_every_model_it_merges() -> None:
    expected = [("acme/child", "merge", f"acme/{name}") for name in ("one", "two", "three", "lora", "base")]
    assert said(lineage(release("hf:acme/child", mergekit_config__yml=RECIPE))) == expected
    card = f"# M\n\n```yaml\n{RECIPE}```\n"
    made = lineage(release("hf:acme/child", card))
    assert said(made) == expected
    assert made.edges[0].evidence[0].line == 7
    assert lineage(release("hf:acme/child", a__yml="merge_method: [", b__yml="- merge_method")).edges == ()


def test_a_weights_header_names_bases_and_data() -> None:
    header = FileInspection(
        path="m.gguf",
        format="gguf",
        size_bytes=9,
        sha256="ab",
        metadata={
            "general.base_model.0.name": "Base Model",
            "general.base_model.0.organization": "Acme",
            "general.base_model.1.repo_url": "https://huggingface.co/acme/other",
            "general.base_model.1.name": "Other",
            "general.datasets": "acme/set, acme/more",
            "general.source.repo_url": "https://huggingface.co/acme/whole",
            "general.file_type": "15",
        },
    )
    made = lineage(release("hf:acme/child-gguf", "", header))
    assert said(made) == [
        ("acme/child-gguf", "trained_on", "acme/set"),
        ("acme/child-gguf", "trained_on", "acme/more"),
        ("acme/child-gguf", "derived", "Acme/Base-Model"),
        ("acme/child-gguf", "derived", "acme/other"),
        ("acme/child-gguf", "quantized", "acme/whole"),
    ]
    assert made.edges[2].evidence == (
        Quote(file="m.gguf", line=0, quote="general.base_model.0.name = Base Model", digest="sha256:ab"),
    )


@pytest.mark.parametrize(
    ("sentence", "relation", "parent"),
    [
        ("This model was fine-tuned from acme/base-7b on our data.", "finetune", "acme/base-7b"),
        ("It is a fine-tuned version of [Base](https://huggingface.co/acme/Base).", "finetune", "acme/Base"),
        ("The weights were initialised from `acme/base-7b`.", "finetune", "acme/base-7b"),
        ("The model was continually pretrained from Base3 and more.", "finetune", "Base3"),
        ("Our model is based on the Acme 3 model.", "derived", "Acme 3"),
        ("A model built on top of acme/base-7b.", "derived", "acme/base-7b"),
        ("This is a GPTQ quantized version of acme/base-7b.", "quantized", "acme/base-7b"),
        ("GGUF files for acme/base-7b.", "quantized", "acme/base-7b"),
        ("A LoRA adapter for acme/base-7b.", "adapter", "acme/base-7b"),
        ("It was distilled from acme/teacher-70b.", "distilled", "acme/teacher-70b"),
        ("It was trained on synthetic data generated by AcmeGPT-4.", "distilled", "AcmeGPT-4"),
        (
            "Child-7B came from continual pretraining on 9 trillion tokens atop Acme-Base.",
            "finetune",
            "Acme-Base",
        ),
        ("Training continued for 2B tokens on top of acme/base-7b.", "finetune", "acme/base-7b"),
        ("The script below finetunes Child-v0.1 from the base Acme-15B model.", "finetune", "Acme-15B"),
        ("A model tuned on [Set](https://huggingface.co/datasets/acme/Set).", "trained_on", "acme/Set"),
    ],
)
def test_sentences_say_what_a_model_was_made_from(sentence: str, relation: str, parent: str) -> None:
    made = lineage(release("hf:acme/child", f"# Child\n\nHello. {sentence} More follows.\n"))
    assert said(made) == [("acme/child", relation, parent)]
    assert made.edges[0].evidence[0].quote == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "You can fine-tune a model from acme/base-7b.",
        "The format is based on [Keep a Changelog](https://example.org).",
        "The code is based on the Acme3 framework for models.",
        "Models built on input/output pairs.",
        "It was fine-tuned from a language model.",
        "It was fine-tuned from previous weights, and then compared with acme/base-7b.",
        "This model card is based on the acme/base-7b one.",
        "Its weights are derived from acme/child.",
        "Its weights are derived from acme/script.py and f16/bf16.",
        "Hosted models are built on https://huggingface.co/spaces/acme.",
        "The model is based on AI and on models.",
        "It was trained on top of PyTorch2 by us.",
        "We compare with Foam-7B, which finetunes its chat model from the base Acme-15B.",
    ],
)
def test_sentences_about_something_else_name_no_parent(sentence: str) -> None:
    assert lineage(release("hf:acme/child", f"# Child\n\n{sentence}\n")).edges == ()


def test_a_sentence_that_is_said_too_often_is_read_so_often() -> None:
    text = "".join(f"It was fine-tuned from acme/base-{i}.\n\n" for i in range(500))
    assert len(lineage(release("hf:acme/child", text)).edges) == 200


def test_a_merge_in_a_sentence_has_several_parents() -> None:
    made = lineage(release("hf:acme/child", "A merge of acme/one-7b, acme/two-7b and `acme/three-7b`."))
    assert [edge.parent for edge in made.edges] == ["acme/one-7b", "acme/two-7b", "acme/three-7b"]


LISTS = """# Child
## Training data
| Subset | Rows | Source |
|---|---|---|
| acme/Chats_unfiltered | 90k | |
| [acme/safe](https://huggingface.co/datasets/acme/safe-set) | 3k | cc-by-4.0 |
| web | 1M | [link](https://huggingface.co/datasets/acme/web) |
| acme/tests | 1k | evaluation |
| and/or | | a/b |

1. [Code](https://huggingface.co/datasets/acme/code): sources
2. [Tool](https://example.org/tool), for acme/other
## Evaluation data
| acme/exam | 10 | |
"""


def test_a_table_or_list_of_training_data_names_each_of_them() -> None:
    made = lineage(release("hf:acme/child", LISTS))
    assert said(made) == [
        ("acme/child", "trained_on", f"acme/{name}")
        for name in ("Chats_unfiltered", "safe-set", "web", "code")
    ]
    assert made.edges[0].evidence[0].quote == "| acme/Chats_unfiltered | 90k | |"
    assert {node.kind for node in made.nodes[1:]} == {"dataset"}


def test_a_bare_name_is_the_repository_that_the_release_names_elsewhere() -> None:
    card = front("base_model: acme/Base-7b") + "\nThe model is based on `base-7b`.\n"
    made = lineage(release("hf:acme/child", card))
    assert said(made) == [("acme/child", "finetune", "acme/Base-7b")]


@pytest.mark.parametrize(
    ("name", "edge"),
    [
        ("dolly-v2", ("derived", "EleutherAI/pythia-12b")),
        ("dolly-v2", ("trained_on", "databricks/databricks-dolly-15k")),
        ("code-llama", ("derived", "Llama 2")),
        ("alpaca", ("finetune", "LLaMA")),
        ("granite-code", ("trained_on", "TIGER-Lab/MathInstruct")),
        ("kimi-k2.5", ("finetune", "Kimi-K2-Base")),
        ("starcoder2-instruct", ("finetune", "StarCoder2-15B")),
        ("amber", ("trained_on", "anon8231489123/ShareGPT_Vicuna_unfiltered")),
    ],
)
def test_published_cards_say_what_they_were_made_from(
    test_data: Path, name: str, edge: tuple[str, str]
) -> None:
    folder = test_data / "openness" / "releases" / name
    if not folder.is_dir():
        pytest.skip(f"no release at {folder}")
    texts = {
        str(path.relative_to(folder)): path.read_text(errors="replace") for path in folder.glob("**/*.md")
    }
    made = lineage(ReleaseRecord(ReleaseListing(files=(), texts=texts, source=name)))
    assert edge in [(one.relation, one.parent) for one in made.edges]
    for one in made.edges:
        for quote in one.evidence:
            assert quote.quote in texts[quote.file]


@pytest.mark.parametrize(
    "sentence",
    [
        "We compare with foo/bar-7B, which is fine-tuned from acme/base-7b.",
        "We also use foo/bar-7B, which is fine-tuned from acme/base-7b.",
        "Vicuna-7B is fine-tuned from acme/base-7b.",
        "Vicuna-7B was released, and is fine-tuned from acme/base-7b.",
    ],
)
def test_what_another_model_was_made_from_is_no_parent(sentence: str) -> None:
    assert lineage(release("hf:acme/child", f"# Child\n\nHello. {sentence}\n")).edges == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "We release Child-7B, which is fine-tuned from acme/base-7b.",
        "The model, which is fine-tuned from acme/base-7b, is small.",
        "Child-7B-Chat is fine-tuned from acme/base-7b.",
        "Fine-tuned from acme/base-7b.",
        "Child-7B was made by FooLab and others, fine-tuned from acme/base-7b.",
    ],
)
def test_what_the_release_itself_was_made_from_is_a_parent(sentence: str) -> None:
    made = lineage(release("hf:acme/child", f"# Child\n\nHello. {sentence}\n"))
    assert said(made) == [("acme/child", "finetune", "acme/base-7b")]


@pytest.mark.parametrize(
    ("words", "parents"),
    [
        ("A fine-tune of Wren 3.1 8B on chats.", ["acme/Wren-3.1-8B"]),
        ("A fine-tune of Wren3.1-8B.", ["acme/Wren-3.1-8B"]),
        ("A fine-tune of Wren 3.1.", ["acme/Wren-3.1-8B"]),
        ("Distilled from Wren 3.1 405B.", ["acme/Wren-3.1-8B", "Wren 3.1 405B"]),
        ("Distilled from Wren 3.1 8B and 70B models.", ["acme/Wren-3.1-8B"]),
        ("The model is based on WrEn models.", ["acme/Wren-3.1-8B", "WrEn"]),
        ("A fine-tune of Wren 3 8B.", ["acme/Wren-3.1-8B", "Wren 3 8B"]),
    ],
)
def test_a_name_in_prose_is_the_declared_parent_however_it_is_joined(words: str, parents: list[str]) -> None:
    made = lineage(release("hf:acme/child", front("base_model: acme/Wren-3.1-8B") + f"\n{words}\n"))
    assert list(dict.fromkeys(edge.parent for edge in made.edges)) == parents


@pytest.mark.parametrize(
    ("licence", "shown"),
    [
        ("apache-2.0", "Apache-2.0"),
        ("my own words", "“my own words”"),
    ],
)
def test_the_licence_of_a_node_is_an_identifier_or_the_words_as_stated(licence: str, shown: str) -> None:
    assert lineage(release("hf:acme/child", front(f"license: {licence}"))).nodes[0].licence == shown
