"""Rebuilds ``src/qistas/evaluations/openness/lineage_facts.json``: what the clause rules find in licences that are known by name.

    python tools/gather_lineage_facts.py --texts ../shared/data/openness/licence_texts \
        --releases ../shared/data/openness/releases [--check]

A card often gives a parent's licence by name alone. What that licence says of works made from it is taken from its text, once:
for each fact that ``lineage.yaml`` asks for, the sentence (at most 400 characters) and the digest of the text.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qistas.contracts.canonical import digest_bytes
from qistas.contracts.exchanges import ReleaseListing
from qistas.contracts.openness import ClauseFact
from qistas.evaluations.openness.clauses import clauses_of
from qistas.evaluations.openness.licences import read_licences
from qistas.evaluations.openness.lineage_rules import lineage_rules
from qistas.evaluations.openness.record import Page, ReleaseRecord

TARGET = Path(__file__).resolve().parent.parent / "src/qistas/evaluations/openness/lineage_facts.json"


def gathered(texts: Path, releases: Path) -> dict[str, Any]:
    """The whole file, as data."""
    licences = {
        identifier: entry
        for identifier, text in (*_of_texts(texts), *_of_releases(releases))
        if (entry := entry_of(text))["facts"]
    }
    return {"qistas": "lineage-facts/1", "licences": dict(sorted(licences.items()))}


def _of_texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.json")):
        said = json.loads(path.read_text(encoding="utf-8"))
        found = _identified(said["text"])
        yield found or said["spdx_license_key"], said["text"]


def _of_releases(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("**/LICENSE*")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if found := _identified(text):
            yield found, text


def _identified(text: str) -> str | None:
    listing = ReleaseListing(files=(), texts={"LICENSE": text}, source="one text")
    exact = [
        reading.id
        for reading in read_licences(ReleaseRecord(listing))
        if reading.match == "exact" and reading.place == "text"
    ]
    return exact[0] if len(exact) == 1 else None


def entry_of(text: str) -> dict[str, Any]:
    """The digest of a text and the facts that the clause rules find in it."""
    facts = [
        _fact(clause)
        for clause in clauses_of(Page(None, "LICENSE", text, None))
        if clause.fact in _asked_for()
    ]
    return {"digest": digest_bytes(text.encode()), "facts": facts}


def _asked_for() -> set[str]:
    rules = lineage_rules().conflicts
    return {fact for rule in rules for fact in (*rule.parent, *rule.kept_by, *rule.unless_parent)}


def _fact(clause: ClauseFact) -> dict[str, Any]:
    return {"fact": clause.fact, "value": clause.value, "quote": clause.quote, "line": clause.line}


def main() -> int:
    """Writes the file, or with ``--check`` says whether it is what the texts give."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--releases", type=Path, required=True)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    made = json.dumps(gathered(given.texts, given.releases), indent=1, ensure_ascii=False) + "\n"
    if given.check:
        same = TARGET.read_text(encoding="utf-8") == made
        print("unchanged" if same else f"{TARGET} is not what the texts give: run this without --check")
        return 0 if same else 1
    TARGET.write_text(made, encoding="utf-8")
    print(f"{TARGET.name}: {made.count('digest')} licences, {len(made):,} characters")
    return 0


if __name__ == "__main__":
    sys.exit(main())
