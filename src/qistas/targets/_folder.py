"""What a model's folder holds, before anything in it is loaded: no pickle, no missing shard, one digest."""

from __future__ import annotations

import hashlib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import msgspec

from qistas.contracts.canonical import digest
from qistas.contracts.errors import BadInput, Fault

_INDEX = "model.safetensors.index.json"
_WHOLE = "model.safetensors"
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
_CONFIGURATION = ("config.json", "generation_config.json")
_TOKENIZER = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "tokenizer.model",
    "*.tiktoken",
    "spiece.model",
    "sentencepiece.bpe.model",
    "chat_template.jinja",
    "chat_template.json",
)
_CODE = ("*.py",)
_CHUNK_BYTES = 1 << 20

FILES_NEEDED = ("*.safetensors", _INDEX, *_CONFIGURATION, *_TOKENIZER)
DOCUMENTS = (
    *("README*", "LICEN[CS]E*", "NOTICE*", "COPYING*"),
    *("*.md", "*.rst", "*.txt", "*.yaml", "*.yml", "*.cff"),
)


class ModelFolder(msgspec.Struct, frozen=True, kw_only=True):
    """The files that make the model what it is, by name."""

    path: Path
    weights: tuple[str, ...]
    others: tuple[str, ...]
    tokenizer: tuple[str, ...]

    def digests(self) -> tuple[str, str]:
        """The model's digest (weights, configuration, tokenizer, code) and the tokenizer's own.

        Each is the digest over the sorted pairs of file name and sha256: equal files, equal digest, wherever
        the folder stands.
        """
        sums = {name: _sha256(self.path / name) for name in (*self.weights, *self.others, *self.tokenizer)}
        return digest(sorted(sums.items())), digest(sorted((n, sums[n]) for n in self.tokenizer))


def inspect_folder(path: Path, *, code: bool = False) -> ModelFolder:
    """The model's files; ``code`` counts Python files among them (only when they are allowed to run).

    Raises:
        BadInput: every fault of the folder at once: no configuration, no safetensors weights, missing
            shards, no tokenizer, an adapter without its base.
    """
    if not path.is_dir():
        raise BadInput(Fault("there is no such folder", where=str(path)))
    names = sorted(p.name for p in path.iterdir() if p.is_file())
    faults = []
    if "config.json" not in names:
        step = (
            "merge the adapter into its base model and save that" if "adapter_config.json" in names else None
        )
        faults.append(
            Fault("no config.json: this is not a transformers model", where=str(path), next_step=step)
        )
    elif "adapter_config.json" in names:
        step = "merge the adapter into the model and save that"
        faults.append(
            Fault(
                "an adapter beside a model: which of them is weighed is unclear",
                where=str(path),
                next_step=step,
            )
        )
    weights = _weights(path, names, faults)
    tokenizer = _matching(names, _TOKENIZER)
    if not tokenizer:
        faults.append(
            Fault("no tokenizer files", where=str(path), next_step="save the tokenizer into the same folder")
        )
    if faults:
        raise BadInput(*faults)
    others = _matching(names, (*_CONFIGURATION, *(_CODE if code else ())))
    if _INDEX in names and _WHOLE not in weights:
        others = (*others, _INDEX)
    return ModelFolder(path=path, weights=weights, others=others, tokenizer=tokenizer)


def _weights(path: Path, names: list[str], faults: list[Fault]) -> tuple[str, ...]:
    if _WHOLE in names:
        return (_WHOLE,)
    if _INDEX in names:
        shards = _shards(path / _INDEX, faults)
        missing = [name for name in shards if name not in names]
        if missing:
            step = "download the model again"
            faults.append(
                Fault(f"weights are missing: {', '.join(missing[:5])}", where=str(path), next_step=step)
            )
        return shards
    pickles = _matching(names, _PICKLES)
    if pickles:
        said = (
            f"the weights are pickles ({', '.join(pickles[:3])}), which can run any code; they are not loaded"
        )
        step = "save the model again with save_pretrained(), which writes safetensors"
        faults.append(Fault(said, where=str(path), next_step=step))
    else:
        step = f"save the model as {_WHOLE}"
        faults.append(Fault("no safetensors weights", where=str(path), next_step=step))
    return ()


def _shards(index: Path, faults: list[Fault]) -> tuple[str, ...]:
    try:
        data: dict[str, Any] = msgspec.json.decode(index.read_bytes())
        names = sorted({str(name) for name in data["weight_map"].values()})
    except (msgspec.DecodeError, KeyError, AttributeError, TypeError):
        faults.append(
            Fault("this is no index of weights", where=str(index), next_step="download the model again")
        )
        return ()
    outside = [name for name in names if Path(name).name != name or not name.endswith(".safetensors")]
    if outside:
        faults.append(
            Fault(f"the index names files that are no safetensors here: {outside[:3]}", where=str(index))
        )
        return ()
    return tuple(names)


def _matching(names: list[str], patterns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if any(fnmatch(name, pattern) for pattern in patterns))


def _sha256(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            found.update(chunk)
    return found.hexdigest()
