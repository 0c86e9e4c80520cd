"""A folder is looked at before anything in it is loaded."""

import asyncio
import json

import pytest
from tests.fakes.tiny_model import copy_tiny_model

from qistas.contracts.errors import BadInput
from qistas.targets._folder import inspect_folder
from qistas.targets.local import TransformersTarget


@pytest.fixture
def folder(tmp_path):
    return copy_tiny_model(tmp_path / "model")


def faults(folder):
    with pytest.raises(BadInput) as caught:
        inspect_folder(folder)
    return [f.message for f in caught.value.faults]


def test_the_files_that_make_the_model_are_named(folder):
    (folder / "modeling.py").write_text("")
    (folder / "README.md").write_text("")
    (folder / "pytorch_model.bin").write_bytes(b"never read")
    found = inspect_folder(folder)
    assert found.weights == ("model.safetensors",)
    assert found.others == ("config.json", "generation_config.json")
    assert found.tokenizer == ("chat_template.jinja", "tokenizer.json", "tokenizer_config.json")
    assert inspect_folder(folder, code=True).others == (*found.others, "modeling.py")


def test_a_folder_that_is_not_there(tmp_path):
    assert faults(tmp_path / "nothing") == ["there is no such folder"]


def test_an_empty_folder_has_every_fault_at_once(tmp_path):
    assert faults(tmp_path) == [
        "no config.json: this is not a transformers model",
        "no safetensors weights",
        "no tokenizer files",
    ]


def test_pickles_are_refused_and_never_opened(folder):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(BadInput, match="which can run any code; they are not loaded → save the model again"):
        inspect_folder(folder)


def test_an_adapter_is_not_a_model(folder):
    (folder / "adapter_config.json").write_text("{}")
    assert faults(folder) == ["an adapter beside a model: which of them is weighed is unclear"]
    (folder / "config.json").unlink()
    with pytest.raises(BadInput, match="merge the adapter into its base model"):
        inspect_folder(folder)


def test_missing_shards_are_named(tmp_path):
    folder = copy_tiny_model(tmp_path / "m", shards=True)
    shard = sorted(folder.glob("*.safetensors"))[1]
    shard.unlink()
    assert faults(folder) == [f"weights are missing: {shard.name}"]


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ("oops", "no index"),
        ("[]", "no index"),
        ('{"weight_map": {"a": "../x.safetensors"}}', "no safetensors here"),
        ('{"weight_map": {"a": "x.bin"}}', "no safetensors here"),
    ],
)
def test_an_index_that_is_none_or_leads_outside(tmp_path, index, words):
    folder = copy_tiny_model(tmp_path / "m", shards=True)
    (folder / "model.safetensors.index.json").write_text(index)
    assert words in faults(folder)[0]


def opening(folder):
    asyncio.run(TransformersTarget(folder).open())


def test_weights_that_are_not_whole_are_refused_instead_of_made_up(folder):
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["model.norm.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BadInput, match=r"1 tensors are missing .*model\.norm\.weight"):
        opening(folder)


def test_code_of_the_model_does_not_run_unless_asked(folder, tmp_path):
    mark = tmp_path / "ran"
    (folder / "configuration_own.py").write_text(f"open({str(mark)!r}, 'w')\nclass OwnConfig: ...\n")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "configuration_own.OwnConfig"}}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(BadInput, match="--trust-remote-code lets it run"):
        opening(folder)
    assert not mark.exists()


def test_what_cannot_be_loaded_is_one_clear_message(folder):
    (folder / "model.safetensors").write_bytes(b"no weights at all")
    with pytest.raises(BadInput, match="the model cannot be loaded: "):
        opening(folder)
