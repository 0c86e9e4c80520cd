"""Names of models and data sets, as documents write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from qistas.evaluations.openness.lineage_rules import lineage_rules

_REPOSITORY = r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}"
_HUB = re.compile(
    rf"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/(?P<data>datasets/)?(?P<name>{_REPOSITORY})"
)
_CODE = re.compile(r"`(?P<name>[^`\s]{2,120})`")
_BARE = re.compile(rf"(?<![\w/.:@~-])(?P<name>{_REPOSITORY})(?![\w/])")
_LINK = re.compile(r"\[([^\[\]\n]{1,120})\]\([^()\s]{0,300}\)")
_HOSTS = frozenset({"spaces", "datasets", "blog", "docs", "papers", "collections", "models", "organizations"})
_LOCAL = re.compile(
    r"^(?:[/~.]|[A-Za-z]:[\\/]|(?:checkpoints?|outputs?|models?|data|results?|runs?|tmp|home|mnt|content|workspace)/)"
)
_SIZE = re.compile(
    r"^\d+(?:[.,]\d+)?(?:x\d+)?[BbMmTtKk]?$|^\d+(?:\.\d+)?-?(?:billion|million)$", re.IGNORECASE
)
_SIZE_BEHIND = re.compile(r"^\d+(?:\.\d+)?(?:x\d+(?:\.\d+)?)?[BbMmTt]$")
_SIZE_AT_END = re.compile(r"[-_ ]\d+(?:\.\d+)?(?:x\d+(?:\.\d+)?)?[bmt]$", re.IGNORECASE)
_VERSION = re.compile(r"^v?\d+(?:\.\d+){0,2}$")
_MODEL_LIKE = re.compile(r"^[A-Z][A-Za-z]*(?:[-_.]?[\w.+]+)*$")
# Behind a comma, something else is spoken of.
_ELSEWHERE = re.compile(r",\s")
# Words that are passed over in front of a name, and are part of one.
_VARIANTS = frozenset({"base", "large", "small"})
_FARTHEST = 90
_MOST_TOKENS = 14


class Found(NamedTuple):
    """A name, whether it is that of a data set, and where it ends."""

    name: str
    dataset: bool
    end: int


def key_of(name: str) -> str:
    """Equal for names that mean the same repository."""
    return re.sub(r"[\s_]+", "-", name.strip().lower())


def tokens_of(name: str) -> tuple[str, ...]:
    """The words and numbers of a name, however they are joined; without words that only say what kind of thing it is."""
    parts = re.findall(r"[^\W\d_]+|\d+", name.lower())
    return tuple(part for part in parts if part not in _passed_over() or part in _VARIANTS)


def same_model(bare: str, name: str) -> bool:
    """Whether a name without an owner means the model of ``name``: the same words, or all but the size at its end."""
    said, whole = tokens_of(bare), name.rpartition("/")[2]
    return bool(said) and said in (tokens_of(whole), tokens_of(_SIZE_AT_END.sub("", whole)))


def last_name(name: str) -> str:
    """The name without its owner, as `key_of` gives it."""
    return key_of(name.rpartition("/")[2])


def looks_like_repository(value: str) -> bool:
    """Whether a field's value names a repository (or a model by its bare name), and no path of somebody's machine."""
    if _HUB.search(value):
        return True
    return (
        len(value) <= 200
        and not _LOCAL.match(value)
        and value.count("/") <= 1
        and re.fullmatch(r"[\w./+@:-]+", value) is not None
    )


def repositories_in(text: str, *, names: bool = False, several: bool = False) -> Iterator[Found]:
    """The repositories that a run of words names, in their order; ``names``: else a model's name at its beginning.

    ``several``: also those behind a comma.
    """
    found = [
        Found(match["name"].rstrip(".-"), bool(match["data"]), match.end())
        for match in _HUB.finditer(text)
        if match["name"].partition("/")[0] not in _HOSTS
    ]
    linked = [(match.start(), match.end()) for match in re.finditer(r"https?://[^\s()<>\"'`]{1,400}", text)]
    for pattern in (_CODE, _BARE):
        found += [
            Found(match["name"], False, match.end())
            for match in pattern.finditer(text)
            if match.start() < _FARTHEST
            and _is_name(match["name"])
            and not any(low <= match.start() < high for low, high in linked)
        ]
    elsewhere = _ELSEWHERE.search(text)
    if elsewhere and not several:
        found = [one for one in found if one.end - len(one.name) < elsewhere.start()]
    known: set[str] = set()
    for one in sorted(found, key=lambda one: one.end):
        if last_name(one.name) not in known or ("/" in one.name and key_of(one.name) not in known):
            known |= {key_of(one.name), last_name(one.name)}
            yield one
    if names and not known and (named := model_name_in(text)):
        yield named


def _is_name(name: str) -> bool:
    """With a hyphen or a digit: ``and/or`` and ``input/output`` are no repositories, ``f16/bf16`` and dates neither."""
    owner, slash, last = name.rpartition("/")
    if (
        "/" in owner
        or not re.search(r"[A-Za-z]{2}", last)
        or re.search(r"\.(?:py|md|json|ya?ml|txt|sh|bin|pt|ckpt|safetensors|html?)$", last)
    ):
        return False
    if slash and (not re.search(r"[A-Za-z]{2}", owner) or re.fullmatch(r"(?:bf|fp|int|f)\d{1,2}", last)):
        return False
    return re.search(r"[-\d]", last) is not None


@cache
def _passed_over() -> frozenset[str]:
    return frozenset(lineage_rules().passed_over.split())


@cache
def _no_model() -> frozenset[str]:
    return frozenset(lineage_rules().no_model.split())


def model_name_in(text: str) -> Found | None:
    """The model's name at the beginning, behind articles and sizes: with a digit, or two capitals in one word.

    A version and a size behind it belong to it, but not one of several sizes.
    """
    shown = _LINK.sub(lambda match: match[1] + " " * (len(match[0]) - len(match[1])), text)
    tokens = list(re.finditer(r"\S+", shown))[:_MOST_TOKENS]
    for index, token in enumerate(tokens):
        word = _stripped(token)
        if word.lower() in _passed_over() or _SIZE.match(word) or not word:
            continue
        words = [word]
        if not _ends(token) and _follows(tokens, index + 1, _VERSION):
            words.append(_stripped(tokens[index + 1]))
        versioned = len(words) == 2
        if len(word) > 60 or not _MODEL_LIKE.match(word):
            return None
        if not (versioned or re.search(r"\d|[A-Z].*[A-Z]", word)):
            return None
        behind = tokens[index + len(words) : index + len(words) + 1]
        if not _ends(token) and behind and _stripped(behind[0]).lower() in _no_model():
            return None
        if len(word) < 3 or not re.search(r"[a-z]|-|\d", word):
            return None
        at = index + len(words)
        if not _ends(tokens[at - 1]) and _follows(tokens, at, _SIZE_BEHIND) and not _several(tokens, at):
            words.append(_stripped(tokens[at]))
        return Found(" ".join(words), False, tokens[index + len(words) - 1].end())
    return None


def _ends(token: re.Match[str]) -> bool:
    return token[0][-1] in ",.;:)"


def _follows(tokens: list[re.Match[str]], index: int, pattern: re.Pattern[str]) -> bool:
    return index < len(tokens) and pattern.match(_stripped(tokens[index])) is not None


def _several(tokens: list[re.Match[str]], index: int) -> bool:
    """Whether other sizes follow the one at ``index``."""
    joined = _stripped(tokens[index + 1]).lower() in {"and", "or", "&"} if index + 1 < len(tokens) else False
    return _follows(tokens, index + 1, _SIZE) or (joined and _follows(tokens, index + 2, _SIZE))


def _stripped(token: re.Match[str]) -> str:
    return token[0].strip("*_\"'“”()[],:;.")
