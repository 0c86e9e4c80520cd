"""Answers of a local model, in batches: greedy together, sampled one by one with a seed of their own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qistas.contracts.exchanges import ChatResponse, Decoding, Usage
from qistas.targets._framing import cut_at_stop
from qistas.targets._loading import Loaded


@dataclass(frozen=True)
class Prompt:
    """A conversation as tokens; ``stops`` end its answer, ``strip`` takes the space before it.

    ``seed`` is null for greedy decoding.
    """

    tokens: tuple[int, ...]
    stops: tuple[str, ...]
    strip: bool
    seed: int | None


class StopWatch:
    """Ends a row when its text holds a stop string, and every row when the run is cancelled."""

    def __init__(
        self, tokenizer: Any, stops: Sequence[tuple[str, ...]], start: int, cancel: threading.Event
    ) -> None:
        self._tokenizer = tokenizer
        self._stops = stops
        self._start = start
        self._cancel = cancel
        self.lengths: list[int | None] = [None] * len(stops)

    def __call__(self, input_ids: Any, *_scores: Any, **_more: Any) -> Any:
        """One boolean per row: done or not."""
        import torch

        rows = input_ids.shape[0]
        if self._cancel.is_set():
            return torch.ones(rows, dtype=torch.bool, device=input_ids.device)
        for row, stops in enumerate(self._stops):
            if stops and self.lengths[row] is None:
                text = self._tokenizer.decode(input_ids[row, self._start :], skip_special_tokens=True)
                if cut_at_stop(text, stops)[1]:
                    self.lengths[row] = input_ids.shape[1] - self._start
        return torch.tensor([n is not None for n in self.lengths], device=input_ids.device)


def generate(
    loaded: Loaded, prompts: Sequence[Prompt], *, decoding: Decoding, cancel: threading.Event
) -> list[ChatResponse]:
    """One answer per prompt. Blocking.

    Prompts are padded on the left and masked, so that a greedy answer is the one the prompt gets alone.
    Sampling takes one prompt at a time, with its seed; the process's own random numbers stay as they were.
    """
    import torch

    seed = prompts[0].seed if len(prompts) == 1 else None
    width = max(len(p.tokens) for p in prompts)
    ids = torch.full((len(prompts), width), loaded.pad)
    mask = torch.zeros_like(ids)
    for row, prompt in enumerate(prompts):
        ids[row, width - len(prompt.tokens) :] = torch.tensor(prompt.tokens)
        mask[row, width - len(prompt.tokens) :] = 1
    watch = StopWatch(loaded.tokenizer, [p.stops for p in prompts], width, cancel)
    ids, mask = ids.to(loaded.device), mask.to(loaded.device)
    devices = [loaded.device] if loaded.device.startswith("cuda") else []
    with torch.inference_mode(), torch.random.fork_rng(devices, enabled=seed is not None):
        if seed is not None:
            torch.manual_seed(seed)
        produced = loaded.model.generate(
            input_ids=ids,
            attention_mask=mask,
            generation_config=_configuration(loaded, decoding, sampled=seed is not None),
            stopping_criteria=[watch],
        )[:, width:].tolist()
    return [_response(loaded, p, row, n) for p, row, n in zip(prompts, produced, watch.lengths, strict=True)]


def _configuration(loaded: Loaded, decoding: Decoding, *, sampled: bool) -> Any:
    from transformers import GenerationConfig

    sampling = {"temperature": decoding.temperature, "top_p": decoding.top_p, "top_k": 0} if sampled else {}
    return GenerationConfig(
        max_new_tokens=decoding.max_tokens,
        do_sample=sampled,
        eos_token_id=list(loaded.ends) or None,
        pad_token_id=loaded.pad,
        **sampling,
    )


def _response(loaded: Loaded, prompt: Prompt, produced: list[int], stopped: int | None) -> ChatResponse:
    end = next((i for i, token in enumerate(produced) if token in loaded.ends), None)
    length = len(produced) if end is None else end + 1
    if stopped is not None:
        length = min(length, stopped)
    text = loaded.tokenizer.decode(produced[:length], skip_special_tokens=True)
    text, cut = cut_at_stop(text, prompt.stops)
    finished = cut or end is not None
    return ChatResponse(
        text=text.lstrip() if prompt.strip else text,
        finish="stop" if finished else "length",
        usage=Usage(len(prompt.tokens), length),
    )
