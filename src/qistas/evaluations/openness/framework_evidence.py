"""Which components of the Model Openness Framework a release shows, and with which words."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.openness import Judgement, Quote
from qistas.evaluations.openness.conditions import is_listed
from qistas.evaluations.openness.framework_rules import FrameworkComponent, framework, licence_lists
from qistas.evaluations.openness.ladder import Ladder, judge, load_ladders
from qistas.evaluations.openness.record import Page, ReleaseRecord
from qistas.evaluations.openness.release_texts import read_sections

# What a judgement of presence means for the framework; what is not here cannot be told.
PRESENT = {"present": True, "linked": True, "withheld": False, "absent": False}
ELSEWHERE = frozenset({"linked", "named"})

_REFERENCE = re.compile(r"`([^`\s]{1,120})`|\]\(([^)\s#]{1,300})\)")
_DOCUMENT = re.compile(r"^(?!\.\./)(?!/)[^:]*\.(md|rst|txt|jsonl?|csv|ya?ml|pdf)$", re.IGNORECASE)


@cache
def _ladders() -> dict[str, Ladder]:
    path = Path(__file__).parent / "framework_components.yaml"
    return {ladder.id: ladder for ladder in load_ladders(path).ladders}


# Several projections look at the same record.
@lru_cache(maxsize=4)
def components_shown(record: ReleaseRecord) -> dict[str, Judgement]:
    """Each of the 17 components: ``present``, ``linked``, ``named``, ``withheld``, ``absent`` or ``undetermined``."""
    return {component.id: _shown(component, record) for component in framework().components}


def _shown(component: FrameworkComponent, record: ReleaseRecord) -> Judgement:
    found = judge(_ladders()[component.id], record)
    if component.continued_in is None or not is_listed(record):
        return found
    excerpt = _excerpt(component.continued_in, found, record)
    if excerpt is None:
        return found
    rest = _shown(component, _without(record, excerpt.evidence[0].file))
    return rest if PRESENT.get(rest.value) else excerpt


def _excerpt(name: str, found: Judgement, record: ReleaseRecord) -> Judgement | None:
    """That a document only shows an excerpt: it refers to a file of this name that is not in the release."""
    files = {file.path for file in record.files}
    for quote in found.evidence:
        page = record.pages.get(quote.file)
        match = _missing_reference(name, page, quote, files) if page is not None and quote.line else None
        if page is not None and match is not None:
            words = {"file": page.path, "target": match[1] or match[2]}
            reason = filled("excerpt", **words)
            there = page.sentence(match.start(), match.end())
            return Judgement(value="absent", rule="excerpt", reason=reason, evidence=(there,))
    return None


def _missing_reference(name: str, page: Page, quote: Quote, files: set[str]) -> re.Match[str] | None:
    for section in read_sections(page.text):
        if not page.line_at(section.start) <= quote.line <= page.line_at(section.end):
            continue
        for match in _REFERENCE.finditer(page.text, section.body, section.end):
            target = match[1] or match[2]
            wanted = _DOCUMENT.search(target) and re.search(name, target, re.IGNORECASE)
            if wanted and not any(file == target or file.endswith(f"/{target}") for file in files):
                return match
    return None


def _without(record: ReleaseRecord, path: str) -> ReleaseRecord:
    listing = msgspec.structs.replace(
        record.listing,
        files=tuple(file for file in record.listing.files if file.path != path),
        texts={name: text for name, text in record.listing.texts.items() if name != path},
    )
    return ReleaseRecord(listing, record.licences)


def filled(said: str, **words: str) -> Text:
    """A sentence of framework_licences.yaml, with these words in it."""
    text = licence_lists().said[said]
    return Text(text.en.format(**words), text.ar.format(**words))
