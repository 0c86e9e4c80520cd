"""A model on the Hugging Face hub: fetched to the local cache, then weighed as a folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.errors import TargetFailed
from qistas.contracts.exchanges import (
    ChatRequest,
    ChatResponse,
    ClippedText,
    ClipRequest,
    Failure,
    FileInspection,
    ReleaseFile,
    ReleaseListing,
    ScoreRequest,
    ScoreResponse,
    SuffixRequest,
    SuffixResult,
)
from qistas.contracts.identity import TargetInfo
from qistas.targets._snapshot import Snapshot
from qistas.targets.hub_about import Headers, about, said_of
from qistas.targets.local import TransformersTarget
from qistas.targets.papers.text import MOST_BYTES as MOST_PAPER_BYTES
from qistas.targets.papers.text import can_read, is_paper
from qistas.targets.refs import HubRef
from qistas.targets.release import FolderRelease
from qistas.targets.release_documents import MOST_PROSE_BYTES, rank_of
from qistas.targets.release_whole import Inspect, WholeRelease

# What code and configuration are inspected for: modules, notebooks, signatures.
_CODE = (".py", ".sig", ".sigstore")
_MOST_CODE_BYTES = 2 * 2**20


class HubTarget:
    """``hf:org/name[@revision]``. Naming it is what allows the network; after that the cache is enough.

    Only safetensors weights, configuration, tokenizer and documents are fetched (and Python files where code
    of the model is allowed to run). ``HF_ENDPOINT``, ``HF_HUB_CACHE``, ``HF_TOKEN`` and ``HF_HUB_OFFLINE`` are
    honoured. The revision in the information is the commit, whatever was asked for. ``release`` lists all
    files of the repository.

    Args:
        ref: the parsed reference.
        dtype, device, trust_remote_code, batch_size, memory_bytes: as of ``TransformersTarget``.
        cache: the folder of the cache; by default the hub library's own.
    """

    connections = 1
    call_size = TransformersTarget.call_size

    def __init__(
        self,
        ref: HubRef,
        *,
        dtype: str | None = None,
        device: str | None = None,
        trust_remote_code: bool = False,
        batch_size: int = 16,
        memory_bytes: int | None = None,
        cache: Path | None = None,
    ) -> None:
        self.batch_size = batch_size
        self._snapshot = Snapshot(ref, code=trust_remote_code, cache=cache)
        self.release = HubRelease(self._snapshot)
        self._dtype = dtype
        self._device = device
        self._trust_remote_code = trust_remote_code
        self._memory_bytes = memory_bytes
        self._local: TransformersTarget | None = None

    @property
    def folder(self) -> Path:
        """The snapshot's folder, fetched where it is not there yet. Blocking."""
        return self._snapshot.fetch()

    async def open(self) -> TargetInfo:
        """Fetch what is not in the cache yet, and load it.

        Raises:
            UnknownName: there is no such repository or revision.
            BadInput: access is refused, or what was fetched is no model that can be loaded.
            TargetFailed: the hub cannot be reached and the cache does not hold the model.
        """
        folder = await asyncio.to_thread(self._snapshot.fetch)
        self._local = TransformersTarget(
            folder,
            ref=self._snapshot.ref.text,
            dtype=self._dtype,
            device=self._device,
            revision=folder.name,
            trust_remote_code=self._trust_remote_code,
            batch_size=self.batch_size,
            memory_bytes=self._memory_bytes,
        )
        return await self._local.open()

    async def answer(
        self, requests: Sequence[ChatRequest | ScoreRequest]
    ) -> Sequence[ChatResponse | ScoreResponse | Failure]:
        """As the folder's target answers."""
        return await self._opened().answer(requests)

    async def answers(
        self, requests: Sequence[ChatRequest | ScoreRequest]
    ) -> AsyncIterator[list[tuple[int, ChatResponse | ScoreResponse | Failure]]]:
        """As the folder's target answers, in groups as they come."""
        async for group in self._opened().answers(requests):
            yield group

    async def audit(self, requests: Sequence[ScoreRequest]) -> Sequence[ScoreResponse | Failure]:
        """As the folder's target scores again."""
        return await self._opened().audit(requests)

    async def optimise_suffix(self, request: SuffixRequest) -> SuffixResult | Failure:
        """As the folder's target finds a suffix."""
        return await self._opened().optimise_suffix(request)

    async def clip(self, request: ClipRequest) -> ClippedText | Failure:
        """As the folder's target clips a text."""
        return await self._opened().clip(request)

    def _opened(self) -> TransformersTarget:
        if self._local is None:
            raise TargetFailed("the target was not opened")
        return self._local

    async def close(self) -> None:
        """Let go of the model; the cache stays."""
        if self._local is not None:
            await self._local.close()
        self._local = None


class HubRelease:
    """All files of a repository, with the texts of its documents; implements ``ReleaseSource``."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def listing(self) -> ReleaseListing:
        """What was fetched is read; what was not is listed as the hub lists it. Blocking.

        Raises:
            QistasError: as opening the target does.
        """
        folder = self._snapshot.fetch()
        found = FolderRelease(folder, source=self._snapshot.ref.text, revision=folder.name).listing()
        return _with_the_rest(found, self._snapshot)


class HubWholeRelease:
    """A repository as openness is judged by it (see ``WholeRelease``), without its weights; implements ``ReleaseSource``.

    Fetched are documents, code and configuration of at most 2 MiB a file and papers (PDF) of at most 20 MiB; of safetensors and
    GGUF files that the cache does not hold, only the headers, by ranges of bytes (``headers``). Weights that the cache holds already
    are inspected. Everything else is listed with the size and the sha256 that the hub gives, and in ``listed_only``.

    ``notes``, filled by ``listing``: as of ``WholeRelease``; whether access is gated, the hub's licence tag, another name.
    ``renamed_to``, filled by ``listing``: what the repository is called today, where that is something else.
    """

    def __init__(
        self, ref: HubRef, *, inspect: Inspect, cache: Path | None = None, headers: bool = True
    ) -> None:
        self._snapshot = Snapshot(ref, code=False, cache=cache)
        self._inspect = inspect
        self._headers = headers
        self.notes: tuple[Text, ...] = ()
        self.renamed_to: str | None = None

    def listing(self) -> ReleaseListing:
        """What was fetched is read; what was not is listed. Blocking.

        Raises:
            QistasError: as opening the target does.
        """
        ref = self._snapshot.ref
        folder = self._snapshot.fetch_only(_wanted)
        whole = WholeRelease(folder, source=ref.text, revision=folder.name, inspect=self._inspect)
        found = whole.listing()
        said = about(ref.repository, folder.name)
        listing = _with_the_rest(found, self._snapshot, said.sha256 if said else {})
        here = {file.path for file in found.files} - set(found.listed_only)
        left = [file for file in listing.files if file.path not in here]
        self.notes = (*whole.notes, *(said_of(said, ref.repository) if said else ()))
        if said and said.name.lower() != ref.repository.lower():
            self.renamed_to = said.name
        seen = self._headers_of(left, folder.name) if said and self._headers else ()
        return msgspec.structs.replace(
            listing,
            listed_only=tuple(file.path for file in left),
            inspections=tuple(sorted((*found.inspections, *seen), key=lambda one: one.path)),
        )

    def _headers_of(self, left: list[ReleaseFile], commit: str) -> tuple[FileInspection, ...]:
        headers = Headers(self._snapshot.ref.repository, commit)
        seen = tuple(headers.read(left))
        if headers.failed:
            en = f"headers of weights not read any further: {headers.failed}"
            self.notes = (*self.notes, Text(en, f"لم تُقرأ بقيّة ترويسات الأوزان: {headers.failed}"))
        return seen


def _wanted(path: str, size_bytes: int) -> bool:
    rank = rank_of(path)
    if is_paper(path):
        return size_bytes <= MOST_PAPER_BYTES and can_read()
    if rank == 0:
        return size_bytes <= MOST_PROSE_BYTES
    return size_bytes <= _MOST_CODE_BYTES and (rank == 1 or path.lower().endswith(_CODE))


def _with_the_rest(
    found: ReleaseListing, snapshot: Snapshot, sha256: Mapping[str, str] = MappingProxyType({})
) -> ReleaseListing:
    """A listing together with the files that were not fetched, as the hub lists them; ``sha256``: by path, where it says more."""
    files = {
        path: ReleaseFile(path=path, size_bytes=n, sha256=s or sha256.get(path))
        for path, n, s in snapshot.files()
    }
    files |= {file.path: file for file in found.files}
    return msgspec.structs.replace(found, files=tuple(files[path] for path in sorted(files)))
