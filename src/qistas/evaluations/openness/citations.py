"""Under which references a release asks to be cited, and whether words are about the release itself or about another work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import PurePosixPath
from typing import NamedTuple

from qistas.evaluations.openness.lineage_names import model_name_in, tokens_of
from qistas.evaluations.openness.record import Page, ReleaseRecord
from qistas.evaluations.openness.release_names import TITLE, undecorated
from qistas.evaluations.openness.release_texts import Section, read_sections
from qistas.evaluations.openness.subjects import own_names, told_of

MOST_ENTRIES = 60
MOST_ENTRY_CHARACTERS = 8_000
_MOST_SEARCHED = 120_000
_MOST_LEAD = 250
_MOST_LINE = 400
_FILE = re.compile(r"(^|/)citation(\.\w{1,4})?$", re.IGNORECASE)
_CFF = re.compile(r"\.cff$", re.IGNORECASE)
_ENTRY = re.compile(r"^[ \t>]{0,12}@(?!string\b|comment\b|preamble\b)\w{1,20}[ \t]{0,2}\{", re.MULTILINE)
_TITLE_FIELD = re.compile(r"^[ \t>]{0,12}title[ \t]{0,12}[=:][ \t]{0,3}", re.MULTILINE | re.IGNORECASE)
_NEXT_FIELD = re.compile(r"\n[ \t>]{0,12}\w{1,20}[ \t]{0,12}[=:]|\n[ \t>]{0,12}\}")
_REFERENCES = re.compile(r"^references:[ \t]*\n(?:[ \t#-][^\n]*\n?|\n){0,2000}", re.MULTILINE)
_ASKS = re.compile(
    r"\bcit(?:e|ed|es|ing|ations?)\b|\bif you (?:use|find)\b|\breferenc(?:e|ing) (?:this|our|the) "
    r"|引用|استشهد|يُستشهد|الاستشهاد|للاقتباس",
    re.IGNORECASE,
)
# A row of badges or links says several things, each for itself.
_SEPARATORS = re.compile(r"[|•·‖]|&nbsp;?")
_BRACKET = re.compile(r"(?<!\])[(\[][(\[]?\s{0,2}$")
_MARKS = re.compile(r"^[\s#>*+|_-]{1,20}")
_MARKUP = re.compile(r"^[^<>]{0,300}>|<[^<>]{0,200}>|[\[\]()]")
_TITLE_ENDS = re.compile(r"[:(|,;—–]")
_ARXIV = re.compile(r"(?<!\d)\d{4}\.\d{4,5}(?!\d)")
# Words in the name of a file that say what kind of document it is.
_OF_FILES = frozenset(
    [
        "paper",
        "papers",
        "report",
        "tech",
        "technical",
        "techreport",
        "white",
        "whitepaper",
        "preprint",
        "arxiv",
        "final",
        "full",
        "camera",
        "ready",
        "main",
        "draft",
        "our",
        "neurips",
        "icml",
        "iclr",
        "acl",
        "emnlp",
    ]
)
# Words of a title that stand on anybody's.
_NO_NAME = frozenset({"card", "readme", "release", "repository", "main", "code", "data", "paper", "report"})


class Citation(NamedTuple):
    """One reference: ``title`` without the braces of BibTeX; ``lead``: the heading above and the words in front of it."""

    page: Page
    start: int
    end: int
    title: str
    lead: str
    asked: bool


def own_citations(
    record: ReleaseRecord, where: str, never: str = "", *, all_asked: bool = False
) -> Iterator[Citation]:
    """The references of documents whose path has ``where`` in it, as far as they are to the work that is released.

    Those whose title names the release; where none does, the first in a section about citing, else the only one of a document.
    What stands behind words in which ``never`` is found is how to cite another work. ``all_asked``: whatever is asked to be cited,
    for a title need not name the model.
    """
    refused = re.compile(never, re.IGNORECASE) if never else None
    for page in record.pages_named(where):
        names = _names_on(record, page)
        found = [one for one in citations_in(page) if refused is None or not refused.search(one.lead)]
        named = [one for one in found if _named_in(one.title, names)]
        asked = [one for one in found if one.asked]
        yield from asked if all_asked else named or asked[:1] or (found if len(found) == 1 else [])


@lru_cache(maxsize=128)
def citations_in(page: Page) -> tuple[Citation, ...]:
    """Every BibTeX entry of a document, or the one work that a ``CITATION.cff`` is of, without those that it refers to."""
    text = page.text[:_MOST_SEARCHED]
    if _CFF.search(page.path):
        kept = _REFERENCES.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
        return (Citation(page, 0, len(text), _title(kept), "", asked=True),)
    sections = read_sections(text)
    made: list[Citation] = []
    for match in islice(_ENTRY.finditer(text), MOST_ENTRIES):
        floor = made[-1].end if made else 0
        end = _end(text, match.end())
        section = _around(sections, match.start())
        low = max(floor, section.body if section else 0, match.start() - _MOST_LEAD)
        lead = "\n".join(
            (
                *(section.around if section else ()),
                section.heading if section else "",
                text[low : match.start()],
            )
        )
        asked = _FILE.search(page.path) is not None or _ASKS.search(lead) is not None
        made.append(Citation(page, match.start(), end, _title(text[match.start() : end]), lead, asked))
    return tuple(made)


def words_of(citation: Citation) -> str:
    """The reference as it is written; of a ``CITATION.cff``, blanks where it refers to other works."""
    words = citation.page.text[citation.start : citation.end]
    return _REFERENCES.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), words)


def tells_of_another(page: Page, match: re.Match[str], record: ReleaseRecord, unless: str = "") -> bool:
    """Whether what was found speaks of another work: the words in front of it do, its own words name another model, or it has the
    arXiv number of a reference to another work.

    ``unless``: words in front of it, in its sentence, that lead to somebody else's. What is put in brackets belongs to what stands before
    the bracket, which has to be the release; so has what groups ``of…`` of the expression found, if it has any.
    """
    start, end = match.span()
    names = _names_on(record, page)
    of = [match[group] for group in match.re.groupindex if group.startswith("of") and match[group]]
    if of and not _named_in(" ".join(of), names):
        return True
    line_end = page.text.find("\n", end)
    shown = set(
        _ARXIV.findall(
            page.text[start : min(line_end if line_end >= 0 else end, end + _MOST_LINE)][:_MOST_LINE]
        )
    )
    if shown & _others_numbers(record, page):
        return True
    line = page.text[max(page.text.rfind("\n", 0, start) + 1, start - _MOST_LINE) : start]
    before = _SEPARATORS.split(re.split(r"[.!?]\s", line)[-1])[-1]
    if unless and re.search(unless, before, re.IGNORECASE):
        return True
    if bracket := _BRACKET.search(before):
        whose = _MARKS.sub("", before[: bracket.start()])
        return bool(whose.strip()) and not _named_in(whose, names)
    found = model_name_in(_MARKUP.sub(" ", page.text[start:end])[:_MOST_LINE])
    own = own_names(record)
    own = own._replace(names=own.names | names)
    if found is not None and not own.has(tokens_of(found.name)) and not _named_in(found.name, names):
        return True
    return told_of(before, "", own).other


def names_another(path: str, record: ReleaseRecord) -> bool:
    """Whether the name of a file has a name in it that is not the release's: ``foam_paper.pdf``, not ``paper_v2.pdf``."""
    stem = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", PurePosixPath(path).stem)
    words = [
        word for word in tokens_of(stem) if len(word) > 1 and not word.isdigit() and word not in _OF_FILES
    ]
    names = frozenset(name for name in own_names(record).names if _family(name))
    return bool(words) and not _named_in(stem, names)


@lru_cache(maxsize=32)
def _others_numbers(record: ReleaseRecord, page: Page) -> frozenset[str]:
    """The arXiv numbers in references of a document that are not to the release, where it has some that are."""
    own = {one.start for one in own_citations(record, f"^{re.escape(page.path)}$")}
    others = [one for one in citations_in(page) if one.start not in own]
    return frozenset(number for one in others if own for number in _ARXIV.findall(words_of(one)))


def _around(sections: tuple[Section, ...], at: int) -> Section | None:
    return next((section for section in reversed(sections) if section.start <= at), None)


def _end(text: str, at: int) -> int:
    """Behind the brace that closes an entry, or where the next one begins."""
    depth = 1
    ceiling = min(len(text), at + MOST_ENTRY_CHARACTERS)
    following = _ENTRY.search(text, at, ceiling)
    ceiling = following.start() if following else ceiling
    for brace in re.finditer(r"[{}]", text[at:ceiling]):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return at + brace.end()
    return ceiling


def _title(words: str) -> str:
    field = _TITLE_FIELD.search(words)
    if field is None:
        return ""
    rest = words[field.end() : field.end() + 400]
    ends = _NEXT_FIELD.search(rest)
    return " ".join(re.sub(r"[{}\"\\]", "", rest[: ends.start()] if ends else rest).split()).strip(" ,")


@lru_cache(maxsize=32)
def _names_on(record: ReleaseRecord, page: Page) -> frozenset[tuple[str, ...]]:
    """The names of a release, and the title of one of its documents, as the words in them."""
    title = TITLE.search(page.text)
    titled = tokens_of(_TITLE_ENDS.split(undecorated(title[1]))[0]) if title else ()
    return frozenset(name for name in (*own_names(record).names, titled) if _family(name))


def _family(name: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name in front of its first number; none where they are anybody's."""
    words = next((name[:index] for index, part in enumerate(name) if part.isdigit()), name)
    return words if "".join(words) and not _NO_NAME.issuperset(words) and len("".join(words)) > 1 else ()


def _named_in(text: str, names: frozenset[tuple[str, ...]]) -> bool:
    """Whether words name a release: its name up to the first number stands in them, and not with another number behind."""
    words = tokens_of(text)
    for name in names:
        family = _family(name)
        number = name[len(family) : len(family) + 1]
        for index in range(len(words) - len(family) + 1):
            behind = words[index + len(family) : index + len(family) + 1]
            same = not (number and behind and behind[0].isdigit()) or behind == number
            if words[index : index + len(family)] == family and same:
                return True
    return False
