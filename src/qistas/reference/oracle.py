"""A weight asked plainly: greedy answers and log-probabilities of whole texts, in 32-bit floats, uncached."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from qistas.contracts.errors import BadInput, Fault

Conversation = Sequence[tuple[str, str]]
T = TypeVar("T")

BATCH = 64


class _Scored(NamedTuple):
    """The tokens of context and continuation together, and the first that counts as continuation."""

    tokens: tuple[int, ...]
    first: int


class PlainOracle:
    """The model in ``folder``, put to the two questions of ``truth.contract.Oracle``.

    Equal questions are asked once. ``straddles`` holds the texts in which one token covers both the end of the
    context and the beginning of the continuation: there the score counts from that token.
    """

    def __init__(self, folder: Path) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self._words: Any = AutoTokenizer.from_pretrained(folder, padding_side="left")
        with _without_progress():
            model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        self._model: Any = model.eval()
        self._room = int(self._model.config.max_position_embeddings)
        self.straddles: list[tuple[str, str]] = []

    def answers(self, conversations: Sequence[Conversation], new_tokens: int = 48) -> list[str]:
        """The greedy answer to each conversation of (role, content), stripped; at most ``new_tokens`` tokens.

        Raises:
            BadInput: a conversation does not fit into the model's context.
        """
        texts = [self._rendered(conversation) for conversation in conversations]
        asked = {text: tuple(self._tokens(text)) for text in dict.fromkeys(texts)}
        self._refuse_long([len(tokens) + new_tokens for tokens in asked.values()])
        found = _in_batches(list(asked.items()), _width, lambda batch: self._generated(batch, new_tokens))
        answers = dict(zip(asked, found, strict=True))
        return [answers[text] for text in texts]

    def continuations(self, texts: Sequence[tuple[str, str]], *, chat: bool) -> list[tuple[float, bool]]:
        """For each (context, continuation) the log-probability in nats, and whether greedy decoding gives it.

        Context and continuation are one text to the tokenizer. ``chat``: the context is one user message in the
        chat template; else running text as it stands.

        Raises:
            BadInput: nothing stands before a continuation, a continuation is empty, or a text is too long.
        """
        pairs = [(self._rendered([("user", before)]) if chat else before, after) for before, after in texts]
        unique = list(dict.fromkeys(pairs))
        scored = list(self._cut(unique))
        self._refuse_long([len(item.tokens) for item in scored])
        found = _in_batches(scored, lambda item: len(item.tokens), self._scores)
        scores = dict(zip(unique, found, strict=True))
        return [scores[pair] for pair in pairs]

    def _rendered(self, conversation: Conversation) -> str:
        messages = [{"role": role, "content": content} for role, content in conversation]
        return str(self._words.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))

    def _tokens(self, text: str) -> list[int]:
        return list(self._words(text, add_special_tokens=False)["input_ids"])

    def _refuse_long(self, lengths: Sequence[int]) -> None:
        if lengths and max(lengths) > self._room:
            step = f"the longest needs {max(lengths)}"
            raise BadInput(Fault(f"a text does not fit into {self._room} positions", next_step=step))

    def _generated(self, batch: Sequence[tuple[str, tuple[int, ...]]], new_tokens: int) -> list[str]:
        import torch

        padded = self._words.pad({"input_ids": [list(tokens) for _, tokens in batch]}, return_tensors="pt")
        with torch.inference_mode():
            out = self._model.generate(
                input_ids=padded["input_ids"],
                attention_mask=padded["attention_mask"],
                max_new_tokens=new_tokens,
                do_sample=False,
                pad_token_id=self._words.pad_token_id,
                eos_token_id=self._words.eos_token_id,
            )
        new = out[:, padded["input_ids"].shape[1] :]
        return [text.strip() for text in self._words.batch_decode(new, skip_special_tokens=True)]

    def _cut(self, pairs: Sequence[tuple[str, str]]) -> Iterator[_Scored]:
        if not pairs:
            return
        whole = self._words(
            [before + after for before, after in pairs], add_special_tokens=False, return_offsets_mapping=True
        )
        for pair, tokens, offsets in zip(pairs, whole["input_ids"], whole["offset_mapping"], strict=True):
            boundary = len(pair[0])
            first = next((index for index, (_, end) in enumerate(offsets) if end > boundary), len(tokens))
            if first in (0, len(tokens)):
                raise BadInput(Fault(f"there is nothing to score, or nothing before it, in {pair!r}"))
            if offsets[first][0] < boundary:
                self.straddles.append(pair)
            yield _Scored(tuple(tokens), first)

    def _scores(self, batch: Sequence[_Scored]) -> list[tuple[float, bool]]:
        """One forward pass; under causal attention, padding on the right needs no mask."""
        import torch

        width = max(len(item.tokens) for item in batch)
        tokens = torch.full((len(batch), width), self._words.pad_token_id)
        predicts = torch.zeros((len(batch), width), dtype=torch.bool)
        for index, item in enumerate(batch):
            tokens[index, : len(item.tokens)] = torch.tensor(item.tokens)
            predicts[index, item.first - 1 : len(item.tokens) - 1] = True
        with torch.inference_mode():
            logits = self._model(input_ids=tokens, use_cache=False).logits[predicts]
        wanted = torch.roll(tokens, -1, dims=1)[predicts]
        chosen = torch.log_softmax(logits, dim=-1).gather(1, wanted[:, None])[:, 0]
        lengths = predicts.sum(dim=1).tolist()
        parts = zip(chosen.split(lengths), (logits.argmax(dim=-1) == wanted).split(lengths), strict=True)
        return [(float(part.double().sum()), bool(greedy.all())) for part, greedy in parts]


@contextmanager
def _without_progress() -> Iterator[None]:
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _width(item: tuple[str, tuple[int, ...]]) -> int:
    return len(item[1])


R = TypeVar("R")


def _in_batches(
    items: Sequence[T], width: Callable[[T], int], ask: Callable[[Sequence[T]], Sequence[R]]
) -> list[R]:
    """What ``ask`` says of each item, in order; items of about the same width are asked together."""
    order = sorted(range(len(items)), key=lambda index: width(items[index]))
    found: dict[int, R] = {}
    for start in range(0, len(order), BATCH):
        part = order[start : start + BATCH]
        found.update(zip(part, ask([items[index] for index in part]), strict=True))
    return [found[index] for index in range(len(items))]
