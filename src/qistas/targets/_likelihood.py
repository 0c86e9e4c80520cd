"""Log-likelihood of continuations under a local model, in batches."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qistas.contracts.exchanges import Failure, ScoreResponse
from qistas.targets._loading import Loaded


@dataclass(frozen=True)
class Scored:
    """A text as tokens; those from ``start`` up to ``end`` belong to the continuation (``start`` is at least 1)."""

    tokens: tuple[int, ...]
    start: int
    end: int


def split(loaded: Loaded, context: str, continuation: str, *, special: bool) -> Scored | Failure:
    """Tokens of the whole text, and which of them reach past the context.

    The text is tokenised as one, as the model would read it: a token that lies across the border belongs to
    the continuation. ``special``: whether the tokenizer puts its own beginning in front (a chat template has
    done so already). A continuation at the very beginning is scored after the beginning or end token.
    """
    if not continuation:
        return Failure(kind="rejected", message="the continuation is empty", passing=False)
    found = loaded.tokenizer(context + continuation, add_special_tokens=special, return_offsets_mapping=True)
    tokens, offsets = list(found["input_ids"]), found["offset_mapping"]
    chosen = [i for i, (_start, end) in enumerate(offsets) if end > len(context)]
    if not chosen:
        message = "the tokenizer makes no token of the continuation"
        return Failure(kind="rejected", message=message, passing=False)
    start, end = chosen[0], chosen[-1] + 1
    if start == 0:
        if loaded.begin is None:
            message = "nothing stands before the continuation, and the tokenizer has no token for a beginning"
            return Failure(kind="rejected", message=message, passing=False)
        tokens, start, end = [loaded.begin, *tokens], 1, end + 1
    if loaded.context_length is not None and end > loaded.context_length:
        message = f"the text has {end} tokens; the model's context has {loaded.context_length}"
        return Failure(kind="rejected", message=message, passing=False)
    return Scored(tuple(tokens[:end]), start, end)


def score(
    loaded: Loaded, texts: Sequence[Scored], *, cancel: threading.Event
) -> Sequence[ScoreResponse | Failure]:
    """Summed log-probability of each continuation. Blocking; a cancelled batch is not begun.

    Texts are padded on the right, where a causal model does not look; only the positions that some
    continuation needs are turned into distributions, in float32.
    """
    import torch

    if cancel.is_set():
        return [Failure(kind="exception", message="cancelled", passing=True)] * len(texts)
    width = max(len(t.tokens) for t in texts)
    ids = torch.full((len(texts), width), loaded.pad)
    mask = torch.zeros_like(ids)
    for row, text in enumerate(texts):
        ids[row, : len(text.tokens)] = torch.tensor(text.tokens)
        mask[row, : len(text.tokens)] = 1
    first = min(t.start for t in texts) - 1
    keep = torch.arange(first, width - 1, device=loaded.device)
    with torch.inference_mode():
        kept = {"logits_to_keep": keep} if _keeps(loaded) else {}
        logits = loaded.model(
            input_ids=ids.to(loaded.device), attention_mask=mask.to(loaded.device), use_cache=False, **kept
        ).logits
    if not kept:
        logits = logits[:, first : width - 1]
    return [_sum(logits[row], text, first) for row, text in enumerate(texts)]


def _keeps(loaded: Loaded) -> bool:
    from inspect import signature

    return "logits_to_keep" in signature(loaded.model.forward).parameters


def _sum(logits: Any, text: Scored, first: int) -> ScoreResponse:
    import torch

    rows = logits[text.start - 1 - first : text.end - 1 - first].float()
    wanted = torch.tensor(text.tokens[text.start : text.end], device=rows.device)
    values = torch.log_softmax(rows, dim=-1).gather(1, wanted[:, None])[:, 0].tolist()
    if len(values) != text.end - text.start:
        raise ValueError(f"{len(values)} log-probabilities for {text.end - text.start} tokens")
    greedy = bool((rows.argmax(dim=-1) == wanted).all())
    return ScoreResponse(logprob=math.fsum(values), tokens=len(values), greedy=greedy)
