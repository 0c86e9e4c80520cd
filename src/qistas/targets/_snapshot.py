"""A snapshot of a hub repository in the local cache."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable
from pathlib import Path

from qistas.contracts.errors import BadInput, Fault, MissingExtra, QistasError, TargetFailed, UnknownName
from qistas.targets._folder import DOCUMENTS, FILES_NEEDED
from qistas.targets._redaction import Redactor, environment_secrets, excerpt
from qistas.targets._telemetry import no_telemetry
from qistas.targets.refs import HubRef

# Below the top lie other formats of the same weights, and the documents.
_LEFT = ("*/*.safetensors", "*/*.json", "*/*.model", "*/*.tiktoken", "*/*.jinja", "*/*.py", "consolidated*")
# A small file, fetched to learn what else there is.
_FIRST = ("README.md", ".gitattributes")
_TRUE = {"1", "ON", "YES", "TRUE"}


class Snapshot:
    """One repository at one revision, fetched once; what is in the cache already is not fetched again."""

    def __init__(self, ref: HubRef, *, code: bool, cache: Path | None) -> None:
        self.ref = ref
        self._code = code
        self._cache = cache or os.environ.get("HF_HUB_CACHE")
        self._folder: Path | None = None

    def fetch(self) -> Path:
        """The folder, named by its commit. Blocking.

        Raises:
            UnknownName: there is no such repository or revision.
            BadInput: access is refused.
            TargetFailed: the hub cannot be reached and the cache does not hold the snapshot.
        """
        if self._folder is None:
            weighed = [*FILES_NEEDED, *DOCUMENTS, *(["*.py"] if self._code else [])]
            self._folder = self._fetched(weighed, list(_LEFT))
        return self._folder

    def fetch_only(self, wanted: Callable[[str, int], bool]) -> Path:
        """As ``fetch``, but only the files for whose path and size in bytes ``wanted`` holds. Blocking.

        Where the hub library keeps no listing of the repository, the documents by their names are fetched.
        """
        self._folder = self._fetched(list(_FIRST), [])
        listed = self.files()
        names = [glob.escape(path) for path, size_bytes, _ in listed if wanted(path, size_bytes)]
        if names or not listed:
            self._folder = self._fetched(names or list(DOCUMENTS), [])
        return self._folder

    def files(self) -> list[tuple[str, int, str | None]]:
        """Path, size in bytes and sha256 (of large files) of everything in the repository, fetched or not."""
        folder = self.fetch()
        try:
            from huggingface_hub import get_cached_repo_tree

            tree = get_cached_repo_tree(self.ref.repository, revision=folder.name, cache_dir=self._cache)
        except Exception:  # noqa: BLE001 - older libraries keep no listing, and a cache may have lost it
            return []
        return [(file.path, file.size, file.lfs.sha256 if file.lfs else None) for file in tree]

    def _fetched(self, patterns: list[str], left: list[str]) -> Path:
        no_telemetry()
        try:
            from huggingface_hub import snapshot_download
        except ImportError:
            raise MissingExtra.of("local", "fetching a model from the hub") from None
        try:
            folder = snapshot_download(
                self.ref.repository,
                revision=self.ref.revision,
                cache_dir=self._cache,
                endpoint=os.environ.get("HF_ENDPOINT"),
                local_files_only=os.environ.get("HF_HUB_OFFLINE", "").upper() in _TRUE,
                allow_patterns=patterns,
                ignore_patterns=left,
            )
        except Exception as error:  # noqa: BLE001 - the library's errors have many bases; they are sorted there
            raise _explained(self.ref, error) from None
        return Path(folder)


def _explained(ref: HubRef, error: Exception) -> QistasError:
    from huggingface_hub import errors

    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.GatedRepoError) or status == 403:
        step = "accept its conditions on the hub, and put a token of that account in HF_TOKEN"
        return BadInput(Fault(f"access to {ref.text!r} is refused", next_step=step))
    if isinstance(error, errors.RevisionNotFoundError):
        step = "look at its branches and tags"
        return UnknownName(Fault(f"{ref.repository!r} has no revision {ref.revision!r}", next_step=step))
    if isinstance(error, errors.RepositoryNotFoundError) or status == 401:
        step = "check the name; a private model needs a token in HF_TOKEN"
        return UnknownName(Fault(f"the hub shows no model {ref.repository!r}", next_step=step))
    if isinstance(error, errors.LocalEntryNotFoundError | errors.OfflineModeIsEnabled):
        step = "connect to the network once, or give the folder of a copy"
        return TargetFailed(
            Fault(f"{ref.text!r} is not in the cache and the hub cannot be reached", next_step=step)
        )
    said = excerpt(Redactor(environment_secrets(os.environ)).message(str(error)), 200)
    return TargetFailed(Fault(f"fetching {ref.text!r} failed: {type(error).__name__}: {said}"))
