"""What a file is read as: by its bytes first, by its name where the bytes are a text."""

from __future__ import annotations

from collections.abc import Callable

from qistas.targets.inspection import (
    archives,
    code,
    compressed,
    gguf,
    hdf5,
    kinds,
    numpies,
    pickles,
    safetensors,
    second_opinion,
    signatures,
)
from qistas.targets.inspection.reading import Reading
from qistas.targets.inspection.source import Source
from qistas.targets.inspection.texts import json_of, line_of, text_of

_TEMPLATE_SUFFIXES = frozenset({".jinja", ".jinja2", ".j2"})
_TEMPLATE_KEY = "chat_template"
_NOT_READ = ("onnx", "tflite", "protobuf")


def read(source: Source, name: str, reading: Reading) -> None:
    """Reads one file into ``reading``."""
    if kinds.is_pointer(source):
        reading.form = "unread"
        reading.fault("pointer", "a pointer of Git LFS stands in the place of the file")
        return
    found = kinds.claimed(source, name, reading)
    if missing := kinds.promised(name, found):
        reading.fault("misnamed", f"is called {missing} and is {' and '.join(found) or 'not that'}")
    if found:
        _read_known(source, name, found, reading)
    elif kinds.is_text(name):
        _read_text(source, name, reading)
    else:
        _read_unknown(source, name, reading)


def _read_known(source: Source, name: str, found: list[str], reading: Reading) -> None:
    """Every format that the bytes can be read as; being several at once is a fault of its own."""
    reading.form = {"tar": "zip"}.get(found[0], found[0])
    if len(found) > 1:
        reading.fault("polyglot", f"can be read as {' and as '.join(found)}")
    if kinds.is_text(name):
        reading.fault("misnamed", f"is called a text and is {' and '.join(found)}")
    for form in found:
        source.position = 0
        _READERS[form](source, reading)


def _read_safetensors(source: Source, reading: Reading) -> None:
    _look_behind(source, safetensors.read(source, reading), reading)


def _read_gguf(source: Source, reading: Reading) -> None:
    _look_behind(source, gguf.read(source, reading), reading)
    for key, value in list(reading.said.items()):
        if not key.startswith(f"tokenizer.{_TEMPLATE_KEY}") or not ("{%" in value or "{{" in value):
            continue
        if len(value) >= gguf.MOST_TEMPLATE_CHARACTERS:
            reading.fault("unfinished", f"{key} is longer than {gguf.MOST_TEMPLATE_CHARACTERS:,} characters")
        else:
            _read_template(value, reading)


def _look_behind(source: Source, end: int, reading: Reading) -> None:
    """What follows the last tensor: a pickle there is found by those who seek it."""
    if end >= source.size:
        return
    reading.fault("trailing-bytes", f"{source.size - end:,} bytes after the last tensor")
    rest = source.part(end)
    if pickles.probe(rest, reading, lenient=True):
        reading.fault("polyglot", f"a pickle follows the tensors, at {end:,}")
        pickles.read(rest, reading)


def _read_pickle(source: Source, reading: Reading) -> None:
    reading.fault("pickle-format", "the file is a pickle; loading it follows what it says")
    end = pickles.read(source, reading)
    if end < source.size:
        reading.fault("trailing-bytes", f"{source.size - end:,} bytes after the pickle")
    second_opinion.ask(source, reading)


def _read_zip(source: Source, reading: Reading) -> None:
    start = archives.read_zip(source, reading)
    if start:
        reading.fault("zip-prefix", f"{start:,} bytes before the archive")


def _read_hdf5(source: Source, reading: Reading) -> None:
    hdf5.read(source, reading)


def _read_nothing(_: Source, reading: Reading) -> None:
    reading.fault("not-read", "files of this format are not looked into")


def _read_unknown(source: Source, name: str, reading: Reading) -> None:
    """Programs, compressed files, archives of other kinds; the rest is bytes that no loader is known to follow."""
    if kind := kinds.executable(source):
        reading.fault("executable", f"a program ({kind})")
    elif kind := kinds.unread_archive(source):
        reading.form = "unread"
        reading.fault("not-read", f"archives of the kind {kind} are not looked into")
    elif kind := kinds.compressed(source):
        _read_compressed(source, name, kind, reading)


def _read_compressed(source: Source, name: str, kind: str, reading: Reading) -> None:
    inside = compressed.unpacked(source, kind, reading)
    if inside is None:
        return
    reading.say("compressed.by", kind)
    # A loader that unpacks unasked takes what comes first; what is nothing there stays nothing.
    found = kinds.claimed(inside, name.rpartition(".")[0], reading)
    if not found:
        return
    _read_known(inside, "", found, reading)
    if inside.size >= compressed.MOST_UNPACKED_BYTES:
        reading.fault("unfinished", f"only the first {inside.size:,} bytes behind the compression were read")


def _read_text(source: Source, name: str, reading: Reading) -> None:
    suffix = kinds.suffix_of(name)
    if suffix in {".py", ".pyi", ".sh"}:
        reading.form = "python" if suffix != ".sh" else "other"
        code.read_python(text_of(source), reading)
    elif suffix in _TEMPLATE_SUFFIXES:
        reading.form, reading.line = "template", 1
        _read_template(text_of(source), reading)
    elif suffix == ".ipynb":
        reading.form = "python"
        code.read_notebook(json_of(text_of(source), reading), reading)
    elif suffix in {".json", ".sig"}:
        _read_json(source, name, reading)


def _read_json(source: Source, name: str, reading: Reading) -> None:
    if source.size > _MOST_JSON_BYTES:
        return  # vocabularies and indexes: no configuration is so long
    text = text_of(source)
    value = json_of(text, reading)
    if signatures.claims(value):
        reading.form = "signature"
        signatures.read(value, reading)
        return
    if name.rpartition("/")[2] == "modules.json":
        code.read_modules(value, reading)
    code.read_configuration(value, text, reading)
    templates = _templates_in(value)
    if templates:
        reading.form = "template"
        reading.line = line_of(text, f'"{_TEMPLATE_KEY}"')
    for template in templates:
        _read_template(template, reading)


def _templates_in(value: object) -> list[str]:
    """The chat templates of a tokenizer's configuration: one, a list with names, or a mapping."""
    found = value.get(_TEMPLATE_KEY) if isinstance(value, dict) else None
    if isinstance(found, str):
        return [found]
    if isinstance(found, dict):
        return [one for one in found.values() if isinstance(one, str)]
    listed = found if isinstance(found, list) else []
    named = (one.get("template") for one in listed if isinstance(one, dict))
    return [one for one in named if isinstance(one, str)]


def _read_template(template: str, reading: Reading) -> None:
    from qistas.targets.inspection import templates

    templates.read(template, reading)


_MOST_JSON_BYTES = 2 * 2**20
_READERS: dict[str, Callable[[Source, Reading], object]] = {
    "gguf": _read_gguf,
    "hdf5": _read_hdf5,
    "numpy": numpies.read,
    "onnx": _read_nothing,
    "pickle": _read_pickle,
    "safetensors": _read_safetensors,
    "tar": archives.read_tar,
    "zip": _read_zip,
}
