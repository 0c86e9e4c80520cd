"""A folder of releases, each known by the repository that it came from."""

from __future__ import annotations

import re
from pathlib import Path

from qistas.contracts.errors import BadInput, Fault

MARK = ".qistas-release"
MOST_PARENTS = 500
_MOST_MARK_BYTES = 4096
_NAME = re.compile(r"(?:(?P<kind>models|datasets)--)?(?P<owner>[\w.-]+?)--(?P<name>[\w.-]+)")
_REPOSITORY = re.compile(r"(?:datasets/)?[\w.-]{1,96}/[\w.-]{1,96}")


def parents_in(folder: Path) -> dict[str, str]:
    """The releases in a folder: ``org/name`` (of a data set ``datasets/org/name``) to where each is, in the order of their names.

    A release is a folder that is called ``org--name``, a repository in a hub's cache (``models--org--name``, ``datasets--org--name``), or a
    folder with a file ``.qistas-release``: its first line is the repository, and each line after that an older name of it, which
    leads to the first.

    Raises:
        BadInput: it is no folder, holds too many releases, or a ``.qistas-release`` names no repository; every fault is said.
    """
    if not folder.is_dir():
        step = "give --parents a folder whose folders are called org--name"
        raise BadInput(Fault("there is no such folder", str(folder), step))
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            first, *older = _names(path, faults) or [""]
            if first:
                found[first] = str(path)
                found |= dict.fromkeys(older, first)
    if len(found) > MOST_PARENTS:
        faults.append(Fault(f"more than {MOST_PARENTS} releases are too many", str(folder), "give fewer"))
    if faults:
        raise BadInput(*faults)
    return found


def _names(path: Path, faults: list[Fault]) -> list[str]:
    """What a folder is called as a repository, the name of today first; none for one that is no release."""
    mark = path / MARK
    if mark.is_file():
        with mark.open("rb") as stream:
            lines = stream.read(_MOST_MARK_BYTES).decode("utf-8", "replace").splitlines()
        names = [line.strip() for line in lines if line.strip()]
        wrong = [name for name in names if not _REPOSITORY.fullmatch(name)]
        step = "write org/name on each line"
        said = wrong or ([] if names else ["nothing"])
        faults += [Fault(f"{name!r} is no repository", str(mark), step) for name in said]
        return [] if wrong else names
    match = _NAME.fullmatch(path.name)
    if match is None:
        return []
    prefix = "datasets/" if match["kind"] == "datasets" else ""
    return [f"{prefix}{match['owner']}/{match['name']}"]
