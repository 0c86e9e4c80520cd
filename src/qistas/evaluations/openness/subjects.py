"""Whom a sentence of a release speaks of: the release itself, or another model."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import msgspec

from qistas.evaluations.openness.lineage_names import model_name_in, tokens_of
from qistas.evaluations.openness.record import Page, ReleaseRecord
from qistas.evaluations.openness.release_names import TITLE, identifier_of, published_name, undecorated
from qistas.standards.document import load_document

Tokens = tuple[str, ...]

_BREAK = re.compile(r"[;:,]\s|\s(?:and|while|whereas|but|although|though|—|–)\s|[()]")
_HEADS = re.compile(r"^|\b(?:of|for|training|pre-?training)\s", re.IGNORECASE)
_CAPITALS = re.compile(r"^[A-Z]{4,12}$")
_MARKS = re.compile(r"^[\s#>*+|_-]{1,20}")
_TITLE_ENDS = re.compile(r"[:(|,;—–]")
_HTML_TITLE = re.compile(r"<h1\b[^<>]{0,200}>([^<>]{1,200})<", re.IGNORECASE)
_FIRST_PROSE = re.compile(r"^[ \t]{0,3}[A-Z*_`][^\n]{0,200}", re.MULTILINE)
_LINK = re.compile(r"\[([^\[\]\n]{0,120})\]\([^()\s]{0,300}\)")
_REPOSITORY = re.compile(r"[A-Za-z][\w.-]{1,60}/((?=[A-Za-z])[\w.]{0,60}[-\d][\w.-]{0,60})(?![\w/])")
_MOST_CHARACTERS = 700
_MOST_SEARCHED = 20_000


class _Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    verbs: str
    ours: str
    back: str
    relative: str
    parts: str
    base: str
    no_name: str
    behind: str


class Own(NamedTuple):
    """The names of a release as the words in them, and those of the releases that its card says it was made from."""

    names: frozenset[Tokens]
    bases: frozenset[Tokens]

    def has(self, name: Tokens) -> bool:
        """Whether a name is this release's: one of its own, a part of it, or one that begins with it."""
        return name not in self.bases and any(
            name[: len(own)] == own
            or any(own[i : i + len(name)] == name for i in range(len(own) - len(name) + 1))
            for own in self.names
        )


class Whose(NamedTuple):
    """``other``: told of something else than this release. ``name``: the words of the model's name, where it is named."""

    other: bool
    name: Tokens = ()


@cache
def _rules() -> dict[str, re.Pattern[str]]:
    read = load_document(Path(__file__).parent / "subjects.yaml", None, _Rules)
    return {name: re.compile(getattr(read, name), re.IGNORECASE) for name in read.__struct_fields__}


def own_names(record: ReleaseRecord) -> Own:
    """The names that hold for every document of a release: identifier, folder, published name; the bases of its cards."""
    published, _ = published_name(record)
    names = {tokens_of(identifier_of(record).rpartition("/")[2]), tokens_of(_title_name(published or ""))}
    bases = {
        tokens_of(name.rpartition("/")[2])
        for page in record.pages.values()
        if "base_model" in page.fields
        for name in _listed(page.fields["base_model"])
    }
    return Own(frozenset(names - {()}), frozenset(bases - {()}))


def _listed(value: Any) -> list[str]:
    return [name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)]


def names_for(page: Page, own: Own) -> Own:
    """With the names that a document itself bears: its title, and the folders that it lies in.

    Where its words name none of the release's names, the subject of its first sentence is taken for one.
    """
    title = TITLE.search(page.text) or _HTML_TITLE.search(page.text[:20_000])
    titled = {tokens_of(_title_name(title[1]))} - {()} if title else set()
    path = PurePosixPath(page.path)
    placed = {tokens_of(name) for name in (*path.parts[:-1], path.stem)} - {()}
    first: set[Tokens] = set()
    if not _mentioned(page.text, own.names | titled):
        prose = _FIRST_PROSE.search(page.parts.body[:_MOST_SEARCHED])
        name = named_at(_MARKS.sub("", prose[0])) if prose else None
        first = {name} if name else set()
    return own._replace(names=own.names | titled | placed | first)


def _mentioned(text: str, names: frozenset[Tokens] | set[Tokens]) -> bool:
    """Whether a text has one of the names outside its headings, written as a name."""
    for name in names:
        finds = re.compile(r"[\W_]{0,2}".join(re.escape(part) for part in name[:12]), re.IGNORECASE)
        for found in finds.finditer(text, 0, _MOST_SEARCHED):
            line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
            if found[0] != found[0].lower() and not line.lstrip().startswith("#"):
                return True
    return False


def _title_name(title: str) -> str:
    return _TITLE_ENDS.split(undecorated(title))[0]


def told_of(before: str, after: str, own: Own) -> Whose:
    """Whom the words around a figure (or a verb) speak of: the nearest subject in front of it, else a name behind it.

    ``before``: the sentence up to it; ``after``: the words behind it. A subject that is no name, and a name that cannot be told, is
    taken for this release.
    """
    shown = _LINK.sub(r"\1", before[-_MOST_CHARACTERS:])
    before = _MARKS.sub("", shown.replace("*", " ").replace("`", " "))
    relative = False
    segments = _BREAK.split(before)
    for index in range(len(segments) - 1, -1, -1):
        decided = _of_segment(segments[index].strip(), relative, own, first=index == 0)
        if isinstance(decided, Whose):
            return decided
        relative = decided
    led = _rules()["behind"].match(after)
    name = named_at(after[led.end() : led.end() + 80]) if led else None
    other = name is not None and not own.has(name) and not _rules()["ours"].search(before)
    return Whose(other, name or ())


def _of_segment(segment: str, relative: bool, own: Own, *, first: bool) -> Whose | bool:
    """Whom a part of a sentence speaks of; where it does not say, whether it is a clause about the name in front of it."""
    rules = _rules()
    verb = rules["verbs"].search(segment)
    subject = (segment[: verb.start()] if verb else segment).strip()
    inner = re.search(r"\b(?:which|that|who)\s*$", subject, re.IGNORECASE) if verb else None
    if inner and inner.start():
        return _of_segment(subject[: inner.start()].strip(), True, own, first=first)
    if rules["back"].match(subject):
        return rules["relative"].match(subject) is not None or (relative and not subject)
    if rules["parts"].search(subject) or (own.bases and rules["base"].search(subject)):
        return Whose(True)
    last = _last_name(segment) if relative else None
    name = last or _subject_name(subject, verb is not None, first)
    if name is not None and own.has(name):
        return Whose(False, name)
    if rules["ours"].search(subject) and last is None:
        return Whose(False)
    if name is not None:
        return Whose(True, name)
    return Whose(False) if verb else False


def _subject_name(subject: str, verb: bool, first: bool) -> Tokens | None:
    """The name at the head of a subject, or the one whose training or cost it is; without a verb, the name that begins the sentence."""
    if not verb:
        found = model_name_in(subject)
        whole = first and found is not None and found.end >= len(subject) - 1
        return named_at(subject) if whole else None
    for head in _HEADS.finditer(subject):
        name = named_at(subject[head.end() :])
        if name:
            return name
    return tokens_of(subject) if _CAPITALS.match(subject) and not _rules()["no_name"].match(subject) else None


def _last_name(words: str) -> Tokens | None:
    """The name at the end."""
    return named_at(words.rpartition(" ")[2]) if words else None


def named_at(words: str) -> Tokens | None:
    """The words of the model's name that begins here (of ``org/name`` those of the name); ``None`` for hardware, units and words that are no name."""
    repository = _REPOSITORY.match(words)
    if repository:
        return tokens_of(repository[1]) or None
    found = model_name_in(words)
    if found is None or any(
        _rules()["no_name"].match(part) for part in (found.name, found.name.partition(" ")[0])
    ):
        return None
    return tokens_of(found.name) or None
