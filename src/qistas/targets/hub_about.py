"""What the hub says of a repository beside its files: sizes and digests of weights, its tag of the licence, whether access is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.exchanges import FileInspection, ReleaseFile
from qistas.targets._telemetry import no_telemetry
from qistas.targets.hub_ranges import Budget, RangeFile
from qistas.targets.inspection.inspect import inspect_stream
from qistas.targets.inspection.reading import visible

HEADER_SUFFIXES = (".safetensors", ".gguf")
MOST_HEADERS = 200
MOST_HEADERS_BYTES = 256 * 2**20
MOST_HEADERS_SECONDS = 120.0
_FILE_SECONDS = 30.0
_REQUEST_SECONDS = 20.0
_MOST_TAG_CHARACTERS = 80
_OFFLINE = {"1", "ON", "YES", "TRUE"}


class About(msgspec.Struct, frozen=True, kw_only=True):
    """``name``: what the repository is called today. ``gated``: how access is given (``auto``, ``manual``), ``None`` where it is open.

    ``licence``: the hub's tag. ``sha256``: of large files, by path.
    """

    name: str
    gated: str | None
    licence: str | None
    sha256: dict[str, str]


def is_offline() -> bool:
    """Whether the hub's library was told to stay off the network."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in _OFFLINE


def about(repository: str, revision: str | None = None) -> About | None:
    """What the hub says; ``None`` where it cannot be asked. One request; blocking."""
    if is_offline():
        return None
    no_telemetry()
    try:
        from huggingface_hub import HfApi

        said = HfApi(endpoint=os.environ.get("HF_ENDPOINT")).model_info(
            repository, revision=revision, files_metadata=True, timeout=_REQUEST_SECONDS
        )
    except Exception:  # noqa: BLE001 - the library's errors have many bases; none of them ends the reading
        return None
    tags = [tag.partition(":")[2] for tag in said.tags or () if tag.startswith("license:")]
    return About(
        name=said.id,
        gated=str(said.gated) if said.gated else None,
        licence=visible(tags[0], _MOST_TAG_CHARACTERS) if tags else None,
        sha256={one.rfilename: one.lfs.sha256 for one in said.siblings or () if one.lfs},
    )


def said_of(found: About, asked: str) -> Iterator[Text]:
    """What a reader should know of it."""
    if found.name.lower() != asked.lower():
        yield Text(
            f"the hub calls {asked} {found.name} today", f"صار اسم {asked} في Hugging Face: {found.name}"
        )
    if found.gated:
        yield Text(
            f"gated on the hub ({found.gated}): files are given to those who accept its conditions",
            f"الوصول إليه مقيَّد في Hugging Face ({found.gated}): لا تُعطى الملفّات إلا لمن يقبل الشروط",
        )
    if found.licence:
        yield Text(f"the hub's licence tag: {found.licence}", f"وسم الترخيص في Hugging Face: {found.licence}")


class Headers:
    """Reads the headers of weights that were not fetched."""

    def __init__(self, repository: str, commit: str) -> None:
        self._repository = repository
        self._commit = commit
        self.failed: str | None = None

    def read(self, files: list[ReleaseFile]) -> Iterator[FileInspection]:
        """What the header of each file shows; ends at the first that the hub does not give, and says so in ``failed``."""
        from huggingface_hub import hf_hub_url

        budget = Budget(MOST_HEADERS_BYTES, MOST_HEADERS_SECONDS)
        endpoint = os.environ.get("HF_ENDPOINT")
        wanted = [file for file in files if file.path.lower().endswith(HEADER_SUFFIXES)]
        for file in wanted[:MOST_HEADERS]:
            url = hf_hub_url(self._repository, file.path, revision=self._commit, endpoint=endpoint)
            stream: Any = RangeFile(url, file.size_bytes, budget)
            try:
                yield inspect_stream(stream, file.path, sha256=file.sha256, seconds=_FILE_SECONDS)
            except OSError as error:
                self.failed = str(error)
                return
