"""A model in a folder on this machine, run by torch and transformers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from qistas.contracts.errors import TargetFailed
from qistas.contracts.exchanges import (
    ChatRequest,
    ChatResponse,
    Decoding,
    Failure,
    ScoreRequest,
    ScoreResponse,
)
from qistas.contracts.identity import ModelIdentity, TargetInfo
from qistas.targets import _framing
from qistas.targets._folder import inspect_folder
from qistas.targets._generation import Prompt, generate
from qistas.targets._likelihood import Scored, score
from qistas.targets._loading import Loaded, load, need_extra
from qistas.targets._prompts import NO_OFFSETS, prompt_of, text_of
from qistas.targets._redaction import excerpt
from qistas.targets._template import PINNED_DATE

Response = ChatResponse | ScoreResponse | Failure
Item = TypeVar("Item", Prompt, Scored)


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
        batch_size: how many requests are run together at most.
    """

    connections = 1

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
    ) -> None:
        self.batch_size = batch_size
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
        self._loaded = await asyncio.to_thread(
            load, folder, dtype=self._dtype, device=self._device, trust_remote_code=self._trust_remote_code
        )
        whole, tokenizer = await asyncio.to_thread(folder.digests)
        return self._info(self._loaded, whole, tokenizer)

    async def answer(self, requests: Sequence[ChatRequest | ScoreRequest]) -> Sequence[Response]:
        """Answers in order, worked out in a thread; cancelling stops the model at its next token."""
        if self._loaded is None:
            raise TargetFailed("the target was not opened")
        cancel = threading.Event()
        try:
            return await asyncio.to_thread(self._answer_all, self._loaded, requests, cancel)
        except asyncio.CancelledError:
            cancel.set()
            raise

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
        fast = bool(loaded.tokenizer.is_fast)
        return TargetInfo(
            adapter="transformers",
            model=ModelIdentity(ref=self._ref, revision=self._revision, digest=whole),
            capabilities=("chat", "score", "measure") if fast else ("chat", "measure"),
            framing=f"chat-template:{loaded.template_digest}" if loaded.template else _framing.FRAMING,
            missing={} if fast else {"score": NO_OFFSETS},
            details=details,
        )

    def _answer_all(
        self, loaded: Loaded, requests: Sequence[ChatRequest | ScoreRequest], cancel: threading.Event
    ) -> list[Response]:
        with self._busy:
            answers: dict[int, Response] = {}
            prompts: dict[Decoding, list[tuple[int, Prompt]]] = {}
            texts: list[tuple[int, Scored]] = []
            for place, request in enumerate(requests):
                put = (
                    prompt_of(loaded, request)
                    if isinstance(request, ChatRequest)
                    else text_of(loaded, request)
                )
                if isinstance(put, Failure):
                    answers[place] = put
                elif isinstance(put, Scored):
                    texts.append((place, put))
                elif isinstance(request, ChatRequest):
                    prompts.setdefault(request.decoding, []).append((place, put))
            for decoding, group in prompts.items():
                alone = decoding.temperature > 0
                run = partial(generate, loaded, decoding=decoding, cancel=cancel)
                answers.update(_run(run, group, size=1 if alone else self.batch_size))
            answers.update(_run(partial(score, loaded, cancel=cancel), texts, size=self.batch_size))
            return [answers[i] for i in range(len(requests))]


def _run(
    run: Callable[[list[Item]], Sequence[Response]], items: list[tuple[int, Item]], *, size: int
) -> dict[int, Response]:
    """Run the items in batches of like length; the keys are their places."""
    items = sorted(items, key=lambda pair: len(pair[1].tokens))
    answers: dict[int, Response] = {}
    for start in range(0, len(items), size):
        answers.update(_in_halves(run, items[start : start + size]))
    return answers


def _in_halves(
    run: Callable[[list[Item]], Sequence[Response]], batch: list[tuple[int, Item]]
) -> dict[int, Response]:
    """Run the batch; where memory is not enough, run its halves; what fails alone is that request's failure."""
    try:
        found = run([item for _, item in batch])
    except Exception as error:  # noqa: BLE001 - whatever a model's code raises is this request's failure
        if len(batch) > 1:
            middle = len(batch) // 2
            return {**_in_halves(run, batch[:middle]), **_in_halves(run, batch[middle:])}
        message = excerpt(f"{type(error).__name__}: {error}")
        return {batch[0][0]: Failure(kind="exception", message=message, passing=False)}
    return {place: response for (place, _), response in zip(batch, found, strict=True)}
