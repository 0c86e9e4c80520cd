"""The packaged fingerprints are what the licence texts give."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from qistas.evaluations.openness.licence_texts import library_bytes


@pytest.fixture(scope="module")
def tool(request: pytest.FixtureRequest) -> ModuleType:
    path = request.config.rootpath / "tools" / "fingerprint_licences.py"
    spec = importlib.util.spec_from_file_location("fingerprint_licences", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def more(tool: ModuleType, tmp_path: Path) -> Path:
    """Stands in for the folder of Debian, whose texts change their addresses from release to release."""
    for name in tool.MORE:
        (tmp_path / name).write_text(f"Nothing of what {name} says stands in here, only these few words.")
    return tmp_path


def of_the_data(packed: dict[str, Any], kept: set[str]) -> dict[str, set[str]]:
    """Hashes by licence, of the licences whose texts are in the test data."""
    ids = [licence["id"] for licence in packed["licences"]]
    hashes: dict[str, set[str]] = {identifier: set() for identifier in ids}
    for group in packed["groups"]:
        for index in group["licences"]:
            # A hash of four bytes is no whole number of base64 letters; whole groups are compared by their bytes.
            hashes[ids[index]] |= split(group["hashes"])
    return {identifier: found for identifier, found in hashes.items() if identifier in kept}


def split(encoded: str) -> set[str]:
    import base64

    blob = base64.b64decode(encoded)
    return {blob[start : start + 4].hex() for start in range(0, len(blob), 4)}


def test_the_packaged_file_is_what_the_texts_give(tool: ModuleType, test_data: Path, more: Path) -> None:
    openness = test_data / "openness"
    built = tool.packed(openness / "licence_texts", openness / "mot" / "licenses.json", more)
    packaged = json.loads(library_bytes())
    kept = {licence["id"] for licence in built["licences"]} - {
        identifier for identifier, _ in tool.MORE.values()
    }

    assert len(kept) == 48
    assert of_the_data(packaged, kept) == of_the_data(built, kept)
    for key in ("source", "licences", "names", "families", "open_ids"):
        assert packaged[key] == built[key], key


def test_a_difference_is_said_and_exits_with_1(repo_root: Path, test_data: Path, more: Path) -> None:
    openness = test_data / "openness"
    arguments = [
        "--texts",
        openness / "licence_texts",
        "--spdx",
        openness / "mot" / "licenses.json",
        "--more",
        more,
    ]
    command = [sys.executable, repo_root / "tools" / "fingerprint_licences.py", *arguments, "--check"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith("differs from the texts\n")
