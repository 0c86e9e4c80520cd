"""A tiny random Llama with a byte-level tokenizer: real files, real code paths, no meaning.

Each variant is made once per process and kept until it ends.
"""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SPECIAL = ("<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|pad|>")
MERGES = (("Ġ", "P"), ("a", "r"), ("i", "s"), ("ar", "is"), ("ĠP", "aris"))
CONTEXT_LENGTH = 256


@functools.cache
def tiny_model(*, chat_template: str | None = TEMPLATE, seed: int = 0, shards: bool = False) -> Path:
    """A folder with the model; callers must not change it (``copy_tiny_model`` gives one that may be)."""
    folder = Path(tempfile.mkdtemp(prefix="tiny-model-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_tiny_model(folder, chat_template=chat_template, seed=seed, shards=shards)
    return folder


def copy_tiny_model(target: Path, **options: object) -> Path:
    """A copy of the model in ``target``."""
    shutil.copytree(tiny_model(**options), target)  # type: ignore[arg-type]
    return target


def write_tiny_model(
    folder: Path, *, chat_template: str | None = TEMPLATE, seed: int = 0, shards: bool = False
) -> None:
    """Write tokenizer, configuration and random weights (hidden size 32, 2 layers)."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = _tokenizer(chat_template)
    tokenizer.save_pretrained(folder)
    end = tokenizer.convert_tokens_to_ids("<|end|>")
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT_LENGTH,
        initializer_range=0.3,
        bos_token_id=None,
        eos_token_id=end,
        pad_token_id=tokenizer.convert_tokens_to_ids("<|pad|>"),
        tie_word_embeddings=False,
    )
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
    model.save_pretrained(folder, max_shard_size="40KB" if shards else "1GB")


def _tokenizer(chat_template: str | None):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {c: i for i, c in enumerate([*alphabet, *("".join(m) for m in MERGES)])}
    raw = Tokenizer(models.BPE(vocab=vocabulary, merges=list(MERGES)))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        eos_token="<|end|>",
        pad_token="<|pad|>",
        extra_special_tokens=list(SPECIAL[1:4]),
    )
    tokenizer.chat_template = chat_template
    return tokenizer
