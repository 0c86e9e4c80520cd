"""What a release says of its model without a judgement."""

from __future__ import annotations

import json

import pytest

from qistas.contracts.exchanges import ReleaseFile, ReleaseListing
from qistas.evaluations.openness.model_facts import MOST_WEIGHTS, ModelFacts, WeightsFile, model_facts
from qistas.evaluations.openness.record import ReleaseRecord

NOTHING = ModelFacts(task=None, family=None, architectures=(), weights=())


def facts(**texts: str) -> ModelFacts:
    named = {name.replace("_", "."): text for name, text in texts.items()}
    files = tuple(ReleaseFile(path=path, size_bytes=1) for path in named)
    return model_facts(ReleaseRecord(ReleaseListing(files=files, texts=named, source="x")))


def test_task_and_architecture_are_as_the_release_writes_them() -> None:
    config = json.dumps({"architectures": ["A", "B"], "model_type": "a"})

    assert facts(README_md="---\npipeline_tag: text-generation\n---\n", config_json=config) == ModelFacts(
        task="text-generation", family="a", architectures=("A", "B"), weights=()
    )


@pytest.mark.parametrize(
    "config",
    ["", "[]", "{", '{"architectures": "A", "model_type": 3}', '{"architectures": [3, ""]}', "[" * 100_000],
)
def test_a_configuration_that_is_none_says_nothing(config: str) -> None:
    assert facts(config_json=config) == NOTHING


def test_words_that_are_none_are_passed_over() -> None:
    card = "---\npipeline_tag: [a]\n---\n"
    config = json.dumps({"architectures": ["A\n", "x" * 200, "B"], "model_type": "a\x1b"})

    assert facts(README_md=card, config_json=config) == ModelFacts(
        task=None, family=None, architectures=("B",), weights=()
    )


def test_files_of_weights_stand_with_size_and_digest_up_to_a_limit() -> None:
    files = (
        ReleaseFile(path="README.md", size_bytes=1),
        *(
            ReleaseFile(path=f"model-{number:05}.safetensors", size_bytes=2, sha256="a" * 64)
            for number in range(MOST_WEIGHTS + 1)
        ),
    )
    found = model_facts(ReleaseRecord(ReleaseListing(files=files, texts={}, source="x"))).weights

    assert len(found) == MOST_WEIGHTS
    assert found[0] == WeightsFile(file="model-00000.safetensors", size_bytes=2, sha256="a" * 64)
