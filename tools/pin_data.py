"""Writes the digest of each data file into the evaluation cards that name it (``--check``: only compares).

A digest in a card is the promise that results under one version rest on the same bytes: whoever changes
data runs this and raises the card's version.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "qistas"
PIN = re.compile(
    r'(?P<head>^  file: (?P<file>\S+)\n  sha256: ")(?P<digest>[0-9a-f]{64})(?P<tail>")$', re.MULTILINE
)


def pinned(text: str, data: Path) -> str:
    """The text of a card with the digest of the data that are there now; as it is where none are."""

    def replace(pin: re.Match[str]) -> str:
        path = data / pin["file"]
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else pin["digest"]
        return pin["head"] + digest + pin["tail"]

    return PIN.sub(replace, text)


def main(arguments: list[str], source: Path = SOURCE) -> int:
    """Pin or check all cards; 1 when a check finds a difference."""
    differing = []
    for card in sorted(source.glob("evaluations/*/*.yaml")):
        text = card.read_text(encoding="utf-8")
        if (new := pinned(text, source / "datasets" / "data")) != text:
            differing.append(card)
            if "--check" not in arguments:
                card.write_text(new, encoding="utf-8")
    for card in differing:
        print(f"{card.relative_to(source)}: {'differs' if '--check' in arguments else 'pinned'}")
    return 1 if differing and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
