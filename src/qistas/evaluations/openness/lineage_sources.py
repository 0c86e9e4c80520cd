"""What a release says that it was made from: in its card, its configuration, its weights' headers and its sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, get_args

from qistas.contracts.errors import InvalidDocument
from qistas.contracts.exchanges import FileInspection
from qistas.contracts.openness import Quote
from qistas.evaluations.openness.lineage_names import (
    key_of,
    last_name,
    looks_like_repository,
    repositories_in,
    same_model,
    tokens_of,
)
from qistas.evaluations.openness.lineage_rules import Kind, Relation, SentenceRule, lineage_rules
from qistas.evaluations.openness.record import Page, ReleaseRecord
from qistas.evaluations.openness.release_texts import read_sections
from qistas.evaluations.openness.subjects import Own, names_for, own_names, told_of
from qistas.evaluations.openness.text_spans import spans_between
from qistas.standards.document import parse

MOST_STATED = 200
_MOST_CARDS = 40
_MOST_DATA_CHARACTERS = 300_000
_MOST_FOLLOWING_CHARACTERS = 300
_MOST_PAGE_CHARACTERS = 300_000
_MOST_RECIPE_CHARACTERS = 20_000
_MOST_MATCHES = 400
_DATA_FIELDS = ("dataset_info", "task_categories", "size_categories", "annotations_creators")
# A row of a table, with its first cell, or an item of a list, with its beginning up to what is said of it.
_ROW = re.compile(
    r"^[ \t]{0,8}(?:(?:[-*+]|\d{1,3}\.) (?P<item>(?:\[[^\[\]\n]{1,100}\]\([^()\s]{1,200}\)|[^|\n:,(]){1,200})"
    r"|\|?(?P<cell>[^|\n]{1,300})\|)[^\n]{0,600}",
    re.MULTILINE,
)
_HUB_DATA = re.compile(r"(?:huggingface\.co|hf\.co)/datasets/([\w.-]{1,96}/[\w.-]{1,96})")
_ALONE = re.compile(
    r"((?=[\w.-]{0,95}[A-Za-z]{2})[\w.-]{2,96}/(?=[\w.-]{0,95}[A-Za-z]{2})[A-Za-z0-9][\w.-]{2,95})"
)
_OF_TESTS = re.compile(r"\b(?:evaluat|benchmark|test set)", re.IGNORECASE)
_TAG = re.compile(r"^base_model:(?:(adapter|finetune|merge|quantized):)?([\w.-]{1,96}/[\w.-]{1,96})$")
_FENCE_OPENS = re.compile(r"^[ \t]{0,3}```ya?ml[ \t]{0,8}$", re.MULTILINE)
_FENCE_CLOSES = re.compile(r"^[ \t]{0,3}```[ \t]{0,8}$", re.MULTILINE)
_GGUF_BASE = re.compile(r"^general\.base_model\.(\d{1,4})\.(repo_url|url|name|organization)$")
_GGUF_DATA = re.compile(r"^general\.datasets?(?:\.(\d{1,4})\.(?:repo_url|url|name))?$")
_QUANTIZED_TAGS = frozenset({"gguf", "gptq", "awq", "exl2", "4-bit", "8-bit", "int4", "int8", "quantized"})
# In GGUF: 32-bit floats, 16-bit floats, bfloat16.
_WHOLE_FILE_TYPES = frozenset({"0", "1", "32"})


class Stated(NamedTuple):
    """One statement: made from ``parent``, in this relation, with the words. ``declared``: by a field made for saying it."""

    parent: str
    kind: Kind
    relation: Relation
    quote: Quote
    declared: bool = True


def stated_parents(record: ReleaseRecord, own: str) -> tuple[Stated, ...]:
    """Every statement of a release about what it was made from; ``own``: its own identifier, which a sentence or a configuration's trace of its past never means.

    A name without an owner is taken for the repository of that name (the size at its end may be left out) where another statement of the
    release gives one, and only one. ``derived`` is
    left out for a parent of which the release says more.
    """
    found = list(_all(record))[:MOST_STATED]
    full = list(dict.fromkeys(said.parent for said in found if "/" in said.parent))
    named = [said._replace(parent=_whole(said.parent, full)) for said in found]
    told = {key_of(said.parent) for said in named if said.relation != "derived"}
    kept = [said for said in named if said.relation != "derived" or key_of(said.parent) not in told]
    return tuple(said for said in kept if said.declared or last_name(said.parent) != last_name(own))


def _whole(name: str, full: list[str]) -> str:
    """The one repository that a bare name means among those that are named in full, else the name."""
    if "/" in name:
        return name
    exact = [one for one in full if tokens_of(last_name(one)) == tokens_of(name)]
    meant = exact[:1] or [one for one in full if same_model(name, one)]
    return meant[0] if len(meant) == 1 else name


def _all(record: ReleaseRecord) -> Iterator[Stated]:
    own = own_names(record)
    cards = [
        page
        for page in record.pages.values()
        if page.fields and page.path.lower().endswith((".md", ".markdown"))
    ]
    for page in sorted(cards, key=_depth)[:_MOST_CARDS]:
        yield from _of_card(record, page)
    for inspection in record.inspections:
        yield from _of_header(inspection)
    for page in record.pages.values():
        yield from _of_data(page)
    for page in sorted(record.pages_named(lineage_rules().cards), key=_depth)[:_MOST_CARDS]:
        yield from _of_sentences(page, names_for(page, own))
        yield from _of_data_lists(page)
        for low, high in spans_between(page.text, _FENCE_OPENS, _FENCE_CLOSES):
            recipe = page.text[low:high]
            if "merge_method" in recipe and len(recipe) < _MOST_RECIPE_CHARACTERS:
                start = recipe.index("\n")
                yield from _of_merge(page, recipe[start : recipe.rindex("```")], low + start)


def _depth(page: Page) -> tuple[int, str]:
    return page.path.count("/"), page.path


def _words(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [word.strip() for word in listed if isinstance(word, str) and word.strip()]


def _of_card(record: ReleaseRecord, page: Page) -> Iterator[Stated]:
    fields = page.fields
    of_data = any(field in fields for field in _DATA_FIELDS)
    bases = _words(fields.get("base_model"))
    relation = _card_relation(record, fields, bases)
    for name in bases:
        if looks_like_repository(name):
            yield Stated(_bare(name), "model", relation, field_quote(page, "base_model", name))
    for tag in _words(fields.get("tags")):
        if (match := _TAG.match(tag)) and match[2] not in bases:
            said = match[1] or relation
            yield Stated(match[2], "model", _known(said) or "finetune", field_quote(page, "tags", tag))
    field: str = "source_datasets" if of_data else "datasets"
    for name in _words(fields.get(field)):
        # Beside repositories, a data card may say only "original" here.
        if "/" in name if of_data else looks_like_repository(name):
            yield Stated(
                _bare(name), "dataset", "derived" if of_data else "trained_on", field_quote(page, field, name)
            )


def _known(word: Any) -> Relation | None:
    return next((relation for relation in get_args(Relation) if relation == word), None)


def _card_relation(record: ReleaseRecord, fields: Any, bases: list[str]) -> Relation:
    """As the card states it, else as the hub that the field was made for takes it: by adapter files, number of bases, tags."""
    stated = _known(fields.get("base_model_relation"))
    if stated:
        return stated
    tags = {tag.lower() for tag in _words(fields.get("tags"))}
    names = [file.path.lower() for file in record.files]
    if fields.get("library_name") == "peft" or any(name.endswith("adapter_config.json") for name in names):
        return "adapter"
    if len(bases) > 1 or tags & {"merge", "mergekit"}:
        return "merge"
    if tags & _QUANTIZED_TAGS or any(name.endswith(".gguf") for name in names):
        return "quantized"
    return "finetune"


def _bare(name: str) -> str:
    found = list(repositories_in(name))
    return found[0].name if found else re.sub(r"[@:][^/]{0,96}$", "", name)


def field_quote(page: Page, field: str, value: str) -> Quote:
    """A front-matter field with one of its values: the line that gives the value, else the line of the field."""
    start = re.search(rf"^{re.escape(field)}\s{{0,8}}:", page.text, re.MULTILINE)
    at = page.text.find(value, start.start() if start else 0)
    line_start = page.text.rfind("\n", 0, at) + 1 if at >= 0 else start.start() if start else 0
    line_end = page.text.find("\n", line_start)
    return page.quote(line_start, line_end if line_end >= 0 else len(page.text))


def _of_header(inspection: FileInspection) -> Iterator[Stated]:
    digest = f"sha256:{inspection.sha256}" if inspection.sha256 else None
    said = inspection.metadata

    def stated(key: str, parent: str, kind: Kind, relation: Relation) -> Stated:
        words = f"{key} = {said[key]}"[:400]
        return Stated(parent, kind, relation, Quote(file=inspection.path, line=0, quote=words, digest=digest))

    seen: set[str] = set()
    for key in sorted(said, key=lambda key: (key.rpartition(".")[0], not key.endswith("repo_url"), key)):
        base, data = _GGUF_BASE.match(key), _GGUF_DATA.match(key)
        if base and base[1] not in seen and base[2] != "organization":
            owner = said.get(f"general.base_model.{base[1]}.organization", "").strip()
            name = _bare(said[key].strip())
            seen.add(base[1])
            yield stated(
                key,
                f"{owner}/{name}".replace(" ", "-") if owner and "/" not in name else name,
                "model",
                "derived",
            )
        elif data and (data[1] or key) not in seen:
            seen.add(data[1] or key)
            for name in filter(None, (part.strip() for part in said[key].split(",") if len(part) < 200)):
                yield stated(key, _bare(name), "dataset", "trained_on")
    for key in ("general.source.repo_url", "general.source.huggingface.repository"):
        if key in said and looks_like_repository(said[key].strip()):
            whole = said.get("general.file_type", "0") in _WHOLE_FILE_TYPES
            yield stated(key, _bare(said[key].strip()), "model", "derived" if whole else "quantized")


def _of_data(page: Page) -> Iterator[Stated]:
    name = page.path.rpartition("/")[2].lower()
    if len(page.text) > _MOST_DATA_CHARACTERS:
        return
    if name == "adapter_config.json":
        yield from _of_key(page, "base_model_name_or_path", "adapter")
    elif name == "config.json":
        quantized = '"quantization_config"' in page.text
        yield from _of_key(page, "_name_or_path", "quantized" if quantized else "derived")
    elif (
        name.endswith((".yml", ".yaml"))
        and len(page.text) <= _MOST_RECIPE_CHARACTERS
        and "merge_method" in page.text
    ):
        yield from _of_merge(page, page.text, 0)


def _of_key(page: Page, key: str, relation: Relation) -> Iterator[Stated]:
    try:
        data = json.loads(page.text)
    except (ValueError, RecursionError):
        return
    value = data.get(key) if isinstance(data, dict) else None
    if isinstance(value, str) and looks_like_repository(value):
        at = page.text.find(f'"{key}"')
        end = page.text.find("\n", at)
        quote = page.quote(max(at, 0), end if end >= 0 else len(page.text))
        yield Stated(_bare(value), "model", relation, quote, declared=relation == "adapter")


def _of_merge(page: Page, text: str, offset: int) -> Iterator[Stated]:
    """The models of a merge recipe: ``models``, ``slices`` with their ``sources``, and ``base_model``."""
    try:
        data = parse(page.path, text).data
    except InvalidDocument:
        return
    if not isinstance(data, dict) or "merge_method" not in data:
        return
    slices = [source for part in _mappings(data.get("slices")) for source in _mappings(part.get("sources"))]
    listed = [*_mappings(data.get("models")), *slices]
    names = [*(item.get("model") for item in listed), data.get("base_model")]
    # "model+adapter" merges both.
    parts = [part for name in _words([_path_of(name) for name in names]) for part in name.split("+")]
    for name in dict.fromkeys(parts):
        if looks_like_repository(name):
            at = text.find(name)
            end = text.find("\n", at)
            start = text.rfind("\n", 0, at) + 1
            quote = page.quote(offset + start, offset + (end if end >= 0 else len(text)))
            yield Stated(_bare(name), "model", "merge", quote)


def _path_of(model: Any) -> Any:
    """A model in a recipe is a name, or a mapping that has it under ``model`` and ``path``."""
    inner = model.get("model", model) if isinstance(model, dict) else model
    return inner.get("path") if isinstance(inner, dict) else inner


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _of_sentences(page: Page, own: Own) -> Iterator[Stated]:
    for rule in lineage_rules().sentences:
        for count, match in enumerate(rule.finding.finditer(page.text, 0, _MOST_PAGE_CHARACTERS)):
            if count >= _MOST_MATCHES:
                break
            yield from _of_match(page, rule, match, own)


def _of_data_lists(page: Page) -> Iterator[Stated]:
    """What sections of training data list: in each row of a table and each item, the data set that it is about."""
    heading = re.compile(lineage_rules().data_lists, re.IGNORECASE)
    for section in read_sections(page.text[:_MOST_PAGE_CHARACTERS]):
        if heading.search(section.heading):
            for row in islice(_ROW.finditer(page.text, section.body, section.end), _MOST_MATCHES):
                name = None if _OF_TESTS.search(row[0]) else _listed_data(row)
                if name is not None:
                    yield Stated(name, "dataset", "trained_on", page.quote(*row.span()), declared=False)


def _listed_data(row: re.Match[str]) -> str | None:
    """The data set of a row: a link to a hub's data set in its first cell (of a table: in any), else ``owner/name`` alone in the first."""
    first = row["cell"] if row["cell"] is not None else row["item"]
    shown = row[0] if row["cell"] is not None else first
    if link := _HUB_DATA.search(shown):
        return link[1].rstrip(".")
    alone = _ALONE.fullmatch(first.strip(" \t*`"))
    return alone[1] if alone else None


def _of_match(page: Page, rule: SentenceRule, match: re.Match[str], own: Own) -> Iterator[Stated]:
    quote = page.sentence(match.start(), match.end())
    if re.search(lineage_rules().never, quote.quote, re.IGNORECASE) or (
        rule.also and not re.search(rule.also, quote.quote, re.IGNORECASE)
    ):
        return
    if told_of(_before(page, quote, match.start()), "", own).other:
        return
    following = page.text[match.end() : match.end() + _MOST_FOLLOWING_CHARACTERS]
    end = re.search(r"[.!?;](?=\s)|\n\s*\n|\n\s*[-*#|]\s?", following)
    following = following[: end.start()] if end else following
    for found in _chosen(rule, list(repositories_in(following, names=rule.names, several=rule.several))):
        kind: Kind = "dataset" if found.dataset else "model"
        relation: Relation = "trained_on" if found.dataset else rule.relation
        if not (rule.relation == "trained_on" and kind == "model"):
            words = _covering(page, quote, match.start(), match.end() + found.end)
            yield Stated(found.name, kind, relation, words, declared=False)


def _before(page: Page, quote: Quote, at: int) -> str:
    """The words of a sentence in front of a place."""
    start = page.text.rfind(quote.quote, max(0, at - len(quote.quote)), at + len(quote.quote))
    return page.text[max(start, 0) : at] if 0 <= start <= at else ""


def _chosen(rule: SentenceRule, found: list[Any]) -> Iterable[Any]:
    if rule.relation == "trained_on":
        return [one for one in found if one.dataset]
    return found if rule.several else found[:1]


def _covering(page: Page, quote: Quote, start: int, end: int) -> Quote:
    """The sentence, made longer where the name stands on the next line."""
    name = page.text[start:end]
    return quote if name in quote.quote else page.sentence(start, end)
