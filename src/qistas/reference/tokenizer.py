"""The tokenizer of ``sanja``: bilingual byte-level BPE, digits one by one, with a chat template."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

from qistas.reference.recipe.mixture import frame, stream

VOCABULARY = 2048
SPECIAL = ("<|pad|>", "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] not in ['system', 'user', 'assistant'] %}"
    "{{ raise_exception('sanja knows the roles system, user and assistant') }}{% endif %}"
    "{{ '<|' + message['role'] + '|>' + (message['content'] | trim) + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def build(seed: int, *, examples: int = 60_000, vocabulary: int = VOCABULARY) -> Any:
    """A ``transformers`` tokenizer trained on ``examples`` texts of the training stream."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    core.train_from_iterator(_texts(seed, examples), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token="<|begin|>",
        eos_token="<|end|>",
        pad_token="<|pad|>",
        additional_special_tokens=["<|system|>", "<|user|>", "<|assistant|>"],
        chat_template=CHAT_TEMPLATE,
        model_max_length=512,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def _texts(seed: int, examples: int) -> Any:
    rng = random.Random(seed)
    for example in itertools.islice(stream(seed), examples):
        before, answer = frame(rng, example)
        for mark in SPECIAL:
            before, answer = before.replace(mark, "\n"), answer.replace(mark, "\n")
        yield from (before + answer).split("\n")


def save(tokenizer: Any, folder: Path) -> None:
    """Writes the tokenizer's files into ``folder``."""
    tokenizer.save_pretrained(folder)
