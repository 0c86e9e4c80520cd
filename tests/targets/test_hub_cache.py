"""The hub's cache on this machine, looked into without the hub's library."""

from pathlib import Path

import pytest

from qistas.contracts.exchanges import FileInspection
from qistas.targets.hub_cache import cache_folder, cached_repository, headers_only


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"HF_HUB_CACHE": "/c/hub", "HF_HOME": "/h"}, "/c/hub"),
        ({"HF_HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/h/hub"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/huggingface/hub"),
        ({"HOME": "/home/me"}, "/home/me/.cache/huggingface/hub"),
    ],
)
def test_the_cache_is_where_the_hub_library_keeps_it(
    variables: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert cache_folder() == Path(folder)


def test_only_a_repository_with_a_snapshot_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    (tmp_path / "models--org--base/snapshots/abc").mkdir(parents=True)
    (tmp_path / "models--org--empty/snapshots").mkdir(parents=True)

    assert cached_repository("org/base", False) == tmp_path / "models--org--base"
    assert [cached_repository(*one) for one in (("org/base", True), ("org/empty", False))] == [None, None]


def test_of_a_parent_only_headers_of_weights_are_looked_at(tmp_path: Path) -> None:
    def inspect(path: Path, name: str, /, *, sha256: str | None, seconds: float) -> FileInspection:
        return FileInspection(path=name, format="safetensors", size_bytes=int(seconds), sha256=sha256)

    (tmp_path / "a").write_bytes(b"abc")
    look = headers_only(inspect)
    found = [look(tmp_path / "a", name, sha256="s", seconds=7.0) for name in ("x.GGUF", "x.bin")]

    assert [(one.path, one.format, one.size_bytes) for one in found] == [
        ("x.GGUF", "safetensors", 7),
        ("x.bin", "unread", 3),
    ]
