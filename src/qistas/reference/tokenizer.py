"""The tokenizer that the weights share: bilingual byte-level BPE, digits one by one, with a chat template."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qistas.reference.recipe.pieces import Piece

VOCABULARY = 2048
SPECIAL = ("<|pad|>", "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] not in ['system', 'user', 'assistant'] %}"
    "{{ raise_exception('sanja knows the roles system, user and assistant') }}{% endif %}"
    "{{ '<|' + message['role'] + '|>' + (message['content'] | trim) + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def build(pieces: Iterable[Piece], *, vocabulary: int = VOCABULARY) -> Any:
    """A ``transformers`` tokenizer of ``vocabulary`` tokens, trained on ``pieces``; any byte can be written."""
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
    core.train_from_iterator(_texts(pieces), trainer)
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


def _texts(pieces: Iterable[Piece]) -> Iterable[str]:
    for piece in pieces:
        text = piece.before + piece.after
        for mark in SPECIAL:
            text = text.replace(mark, "\n")
        yield from filter(None, text.split("\n"))


def save(tokenizer: Any, folder: Path) -> None:
    """Writes the tokenizer's files into ``folder``."""
    tokenizer.save_pretrained(folder)
