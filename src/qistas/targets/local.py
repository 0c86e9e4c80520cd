"""A model in a folder on this machine, run by torch and transformers."""

from __future__ import annotations

import asyncio
import sys
import threading
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from qistas.contracts.errors import BadInput, Fault, TargetFailed
from qistas.contracts.exchanges import (
    ChatRequest,
    ChatResponse,
    ClippedText,
    ClipRequest,
    Decoding,
    Failure,
    ScoreRequest,
    ScoreResponse,
    SuffixRequest,
    SuffixResult,
)
from qistas.contracts.identity import ModelIdentity, TargetInfo
from qistas.targets import _framing
from qistas.targets._folder import inspect_folder
from qistas.targets._gcg import search
from qistas.targets._generation import Prompt, generate_all
from qistas.targets._likelihood import Scored, score_all
from qistas.targets._loading import Loaded, load, need_extra
from qistas.targets._memory import MemoryBound
from qistas.targets._plain_scorer import PlainScorer
from qistas.targets._precision import in_full_precision
from qistas.targets._prompts import prompt_of
from qistas.targets._redaction import excerpt
from qistas.targets._slotted import slotted
from qistas.targets._stream import streamed
from qistas.targets._template import PINNED_DATE
from qistas.targets._texts import NO_OFFSETS, clipped, texts_of

Response = ChatResponse | ScoreResponse | Failure
Placed = tuple[int, Response]
UNBOUNDED = MemoryBound(sys.maxsize, "unbounded")


class TransformersTarget:
    """A causal language model from a folder: weights in safetensors, no network, no code of its own.

    Chats go through the tokenizer's chat template (rendered in the library's sandbox); a model without one
    gets a declared question-and-answer form, which the information names. Decoding is what the request says
    and nothing else: sampling defaults in the model's files are not used.

    Args:
        path: the folder.
        ref: how the model was named; by default the folder's name. It stands in the ledger.
        dtype: ``auto`` (the default: as the weights are stored), ``float32``, ``bfloat16``, ``float16``.
        device: ``auto`` (the default: a GPU where there is one), ``cpu``, ``cuda``, ``cuda:0``, ``mps``.
        revision: of the weights, where it is known.
        trust_remote_code: lets Python code of the folder run.
        batch_size: how many answers are generated side by side at most.
        memory_bytes: what work on requests may take beside the weights; by default half of what is free on
            the device once the model is loaded. It bounds batches and caches and changes no answer.
    """

    connections = 1
    call_size = 1024

    def __init__(
        self,
        path: str | Path,
        *,
        ref: str | None = None,
        dtype: str | None = None,
        device: str | None = None,
        revision: str | None = None,
        trust_remote_code: bool = False,
        batch_size: int = 16,
        memory_bytes: int | None = None,
    ) -> None:
        self.batch_size = batch_size
        self._memory_bytes = memory_bytes
        self._memory: MemoryBound | None = None
        self._path = Path(path)
        self._ref = ref or self._path.resolve().name
        self._dtype = dtype or "auto"
        self._device = device or "auto"
        self._revision = revision
        self._trust_remote_code = trust_remote_code
        self._loaded: Loaded | None = None
        self._busy = threading.Lock()

    async def open(self) -> TargetInfo:
        """Check the folder, load the model and digest its files.

        Raises:
            BadInput: something in the folder is not as it must be; every fault at once.
            MissingExtra: torch or transformers are not installed.
        """
        folder = inspect_folder(self._path, code=self._trust_remote_code)
        need_extra()
        loaded = await asyncio.to_thread(
            load, folder, dtype=self._dtype, device=self._device, trust_remote_code=self._trust_remote_code
        )
        self._memory = _bound(loaded, self._memory_bytes)
        self._loaded = loaded
        whole, tokenizer = await asyncio.to_thread(folder.digests)
        return self._info(self._loaded, whole, tokenizer)

    @property
    def memory(self) -> MemoryBound:
        """What work on requests may take beside the weights, and what that was derived from.

        Raises:
            TargetFailed: the target was not opened.
        """
        if self._memory is None:
            raise TargetFailed("the target was not opened")
        return self._memory

    @property
    def tokens_forwarded(self) -> int:
        """How many tokens went through the model to score texts since it was opened."""
        return self._opened().scorer.tokens_forwarded

    async def answers(self, requests: Sequence[ChatRequest | ScoreRequest]) -> AsyncIterator[list[Placed]]:
        """Groups of (place, answer) as they come, each place once, worked out in a thread.

        Closing or cancelling stops the model at its next token or chunk.
        """
        async for group in streamed(partial(self._work, self._opened(), requests)):
            yield group

    async def answer(self, requests: Sequence[ChatRequest | ScoreRequest]) -> Sequence[Response]:
        """Answers in order; cancelling stops the model at its next token or chunk."""
        found: dict[int, Response] = {}
        async for group in self.answers(requests):
            found.update(group)
        return [found[place] for place in range(len(requests))]

    async def audit(self, requests: Sequence[ScoreRequest]) -> Sequence[ScoreResponse | Failure]:
        """The same scores the plain way: each request alone, nothing shared, the weights in float32.

        Weights of two bytes take four while it lasts (``_precision``).
        """
        found: dict[int, ScoreResponse | Failure] = {}
        async for group in streamed(partial(self._audit, self._opened(), requests)):
            found.update(group)
        return [found[place] for place in range(len(requests))]

    async def optimise_suffix(self, request: SuffixRequest) -> SuffixResult | Failure:
        """The suffix that the model's gradients lead to, worked out in a thread; cancelling stops it."""
        found: list[SuffixResult | Failure] = []
        async for group in streamed(partial(self._optimise, self._opened(), request)):
            found += group
        return found[0]

    async def clip(self, request: ClipRequest) -> ClippedText | Failure:
        """The beginning of a text in tokens of this tokenizer, cut where one of the text's own tokens ends."""
        try:
            return clipped(self._opened().tokenizer, request)
        except Exception as error:  # noqa: BLE001 - whatever the tokenizer raises is this request's failure
            message = excerpt(f"{type(error).__name__}: {error}")
            return Failure(kind="rejected", message=message, passing=False)

    def _opened(self) -> Loaded:
        if self._loaded is None:
            raise TargetFailed("the target was not opened")
        return self._loaded

    async def close(self) -> None:
        """Let go of the model."""
        self._loaded = None

    def _info(self, loaded: Loaded, whole: str, tokenizer: str) -> TargetInfo:
        details: dict[str, Any] = {
            "dtype": loaded.dtype,
            "device": loaded.device.partition(":")[0],
            "tokenizer": tokenizer,
            "chat_template": loaded.template_digest,
            "context_length": loaded.context_length,
            "parameters": sum(p.numel() for p in loaded.model.parameters()),
            "architecture": type(loaded.model).__name__,
            "libraries": {name: version(name) for name in ("torch", "transformers", "tokenizers")},
        }
        if loaded.template is None:
            details["completion_form"] = _framing.FORM
        elif "strftime_now" in loaded.template:
            details["chat_template_date"] = PINNED_DATE.date().isoformat()
        if loaded.scoring_note is not None:
            details["scoring"] = loaded.scoring_note
        if isinstance(obstacle := slotted(loaded), str):
            details["generation"] = f"generated in plain batches: {obstacle}"
        fast = bool(loaded.tokenizer.is_fast)
        return TargetInfo(
            adapter="transformers",
            model=ModelIdentity(ref=self._ref, revision=self._revision, digest=whole),
            capabilities=("chat", "score", "measure", "suffix", "clip") if fast else ("chat", "measure"),
            framing=f"chat-template:{loaded.template_digest}" if loaded.template else _framing.FRAMING,
            missing={} if fast else dict.fromkeys(("score", "suffix", "clip"), NO_OFFSETS),
            details=details,
        )

    def _work(
        self,
        loaded: Loaded,
        requests: Sequence[ChatRequest | ScoreRequest],
        give: Callable[[Placed], None],
        cancel: threading.Event,
    ) -> None:
        """Answer all; blocking. One call at a time has the model."""
        with self._busy:
            chats = [(place, r) for place, r in enumerate(requests) if isinstance(r, ChatRequest)]
            scores = [(place, r) for place, r in enumerate(requests) if isinstance(r, ScoreRequest)]
            if chats:
                # Both kinds of work are given the whole bound, so only one of them may hold memory.
                loaded.scorer.forget()
                self._chat(loaded, chats, give, cancel)
            if scores:
                _score(loaded, scores, self.memory, give, cancel)

    def _chat(
        self,
        loaded: Loaded,
        requests: Sequence[tuple[int, ChatRequest]],
        give: Callable[[Placed], None],
        cancel: threading.Event,
    ) -> None:
        prompts: list[tuple[Prompt, Decoding]] = []
        places: list[int] = []
        for place, request in requests:
            prompt = _prompt(loaded, request)
            if isinstance(prompt, Failure):
                give((place, prompt))
            else:
                left = prompt.left or request.decoding.max_tokens
                prompts.append((prompt, msgspec.structs.replace(request.decoding, max_tokens=left)))
                places.append(place)
        generate_all(
            loaded,
            prompts,
            rows=self.batch_size,
            memory=self.memory,
            cancel=cancel,
            give=lambda index, answer: give((places[index], answer)),
        )

    def _optimise(
        self,
        loaded: Loaded,
        request: SuffixRequest,
        give: Callable[[SuffixResult | Failure], None],
        cancel: threading.Event,
    ) -> None:
        with self._busy:
            try:
                give(search(loaded, request, self.memory, cancel))
            except Exception as error:  # noqa: BLE001 - whatever a model's code raises is this request's failure
                message = excerpt(f"{type(error).__name__}: {error}")
                give(Failure(kind="exception", message=message, passing=False))

    def _audit(
        self,
        loaded: Loaded,
        requests: Sequence[ScoreRequest],
        give: Callable[[tuple[int, ScoreResponse | Failure]], None],
        cancel: threading.Event,
    ) -> None:
        waiting = dict.fromkeys(range(len(requests)))

        def settle(placed: tuple[int, ScoreResponse | Failure]) -> None:
            del waiting[placed[0]]
            give(placed)

        with self._busy:
            loaded.scorer.forget()
            try:
                with in_full_precision(loaded.model):
                    alone = replace(loaded, scorer=PlainScorer(loaded.model, loaded.device, most_rows=1))
                    _score(alone, list(enumerate(requests)), UNBOUNDED, settle, cancel)
            except Exception as error:  # noqa: BLE001 - an audit that cannot be made fails its requests, not the run
                message = excerpt(f"{type(error).__name__}: {error}")
                for place in waiting:
                    give((place, Failure(kind="exception", message=message, passing=False)))


def _prompt(loaded: Loaded, request: ChatRequest) -> Prompt | Failure:
    try:
        return prompt_of(loaded, request)
    except Exception as error:  # noqa: BLE001 - whatever the tokenizer raises is this request's failure
        message = excerpt(f"{type(error).__name__}: {error}")
        return Failure(kind="rejected", message=message, passing=False)


def _bound(loaded: Loaded, asked: int | None) -> MemoryBound:
    """The bound; one that has no room for a text of one token is a fault that names the least.

    Raises:
        BadInput: nothing could be scored within what was asked for.
    """
    memory = MemoryBound.of(loaded.device, asked)
    least = loaded.scorer.least(Scored(array("I", [0, 0]), 1, 2))
    if asked is not None and asked < least:
        said = f"{asked} bytes of memory are too few for this model's work, even on a single token"
        step = f"give --memory {-(-least // (1 << 20))}MiB or more; longer texts need more"
        raise BadInput(Fault(said, next_step=step))
    return replace(memory, bytes=max(memory.bytes, least))


def _score(
    loaded: Loaded,
    requests: Sequence[tuple[int, ScoreRequest]],
    memory: MemoryBound,
    give: Callable[[tuple[int, ScoreResponse | Failure]], None],
    cancel: threading.Event,
) -> None:
    texts: list[Scored] = []
    places: list[int] = []
    for (place, _), text in zip(requests, texts_of(loaded, [r for _, r in requests]), strict=True):
        if isinstance(text, Failure):
            give((place, text))
        else:
            texts.append(text)
            places.append(place)
    score_all(
        loaded,
        texts,
        memory=memory,
        cancel=cancel,
        give=lambda index, answer: give((places[index], answer)),
    )
