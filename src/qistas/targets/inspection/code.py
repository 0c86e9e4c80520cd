"""Code that a release would have run: what its configurations point to, and what its Python files reach for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from qistas.targets.inspection.reading import Reading
from qistas.targets.inspection.texts import line_of

MOST_LINE_CHARACTERS = 2_000
# So many mentions in comments are passed over.
MOST_COMMENTS = 1_000

# Keys whose value names code: of Transformers, of Diffusers, of pipelines.
_POINTERS = ("auto_map", "custom_pipelines", "custom_pipeline")
_TRUST = "trust_remote_code"
_LONG_LINE = re.compile(rf"[^\n]{{{MOST_LINE_CHARACTERS + 1}}}")
# What Python can do beyond computing. No nested repetition, and none that is not bounded.
_REACHES = (
    (
        "runs commands",
        re.compile(r"\b(?:subprocess|pty)\b|\bos\s?\.\s?(?:system|popen|exec[lv]\w{0,3}|spawn\w{1,4})\b"),
    ),
    ("runs text as code", re.compile(r"(?<![\w.])(?:eval|exec|compile|__import__)\s?\(")),
    (
        "loads pickles",
        re.compile(r"\b(?:pickle|cloudpickle|dill|marshal|joblib)\s?\.\s?loads?\b|\btorch\s?\.\s?load\s?\("),
    ),
    ("speaks to the network", re.compile(r"\b(?:requests|urllib|httpx|aiohttp|socket|ftplib|smtplib)\b")),
    ("loads native code", re.compile(r"\b(?:ctypes|cffi|load_library|cpp_extension)\b")),
    ("reads the environment", re.compile(r"\bos\s?\.\s?(?:environ|getenv)\b")),
    ("deletes files", re.compile(r"\b(?:rmtree|os\s?\.\s?(?:remove|unlink))\b")),
)


def read_configuration(value: Any, text: str, reading: Reading) -> None:
    """Notes what a configuration would have run, wherever in it that stands."""
    for key, inner in _pairs(value, reading):
        if key in _POINTERS and inner:
            for where, name in _named(inner, key):
                reading.run(f"{where}: {name}")
            reading.fault("remote-code", f"{key} names code of the release: {_short(inner)}")
            reading.line = reading.line or line_of(text, f'"{key}"')
        elif key == _TRUST and inner is True:
            reading.fault("trusts-remote-code", "the configuration itself says trust_remote_code: true")
        elif key == "_class_name" and isinstance(inner, list) and all(isinstance(one, str) for one in inner):
            reading.fault("remote-code", f"_class_name names code of the release: {_short(inner)}")
            reading.run(".".join(inner))
        elif key in {"class_name", "registered_name"} and inner == "Lambda":
            reading.fault("keras-lambda", "a layer of class Lambda holds code")


def read_modules(value: Any, reading: Reading) -> None:
    """Notes modules of a sentence encoder (``modules.json``) that do not come from its library."""
    for key, inner in _pairs(value, reading):
        if key == "type" and isinstance(inner, str) and not inner.startswith("sentence_transformers."):
            reading.fault("remote-code", f"a module is of the type {inner}")
            reading.run(inner)


def read_python(text: str, reading: Reading) -> None:
    """Notes what a Python file reaches for, with the line where it first does; the file is not parsed, let alone run."""
    if long := _LONG_LINE.search(text):
        number = text.count("\n", 0, long.start()) + 1
        reading.fault("code-obscured", f"line {number} has more than {MOST_LINE_CHARACTERS:,} characters")
    found = []
    for what, pattern in _REACHES:
        reading.deadline.check()
        for match in islice(pattern.finditer(text), MOST_COMMENTS):
            before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
            if not before.lstrip().startswith("#"):
                found.append((match.start(), f"{what}: {match[0]}"))
                break
    for at, said in sorted(found):
        reading.run(f"{said} (line {text.count(chr(10), 0, at) + 1})")


def read_notebook(value: Any, reading: Reading) -> None:
    """Notes what the code cells of a notebook reach for."""
    cells = value.get("cells") if isinstance(value, dict) else None
    sources = [
        cell.get("source")
        for cell in cells or ()
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]
    lines = ["".join(map(str, one)) if isinstance(one, list) else str(one) for one in sources]
    read_python("\n".join(lines), reading)


def _pairs(value: Any, reading: Reading) -> Iterator[tuple[str, Any]]:
    """Every key and value of nested JSON."""
    waiting, count = [value], 0
    while waiting:
        inner = waiting.pop()
        count += 1
        if count % 4096 == 0:
            reading.deadline.check()
        if isinstance(inner, dict):
            yield from inner.items()
            waiting.extend(inner.values())
        elif isinstance(inner, list):
            waiting.extend(inner)


def _named(inner: Any, key: str) -> Iterator[tuple[str, str]]:
    """(where it is named, what is named): ``auto_map.AutoModel``, ``modeling_x.Model``."""
    if isinstance(inner, dict):
        for name, value in inner.items():
            yield from _named(value, f"{key}.{name}")
    elif isinstance(inner, list):
        for value in inner:
            yield from _named(value, key)
    elif isinstance(inner, str):
        yield key, inner


def _short(inner: Any) -> str:
    return ", ".join(name for _, name in _named(inner, ""))[:160]
