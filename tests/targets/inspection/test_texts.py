"""Configurations, code, templates and files of other kinds: what they would have run is listed, and nothing is."""

import json
from pathlib import Path

import pytest
from tests.targets.inspection.crafted import codes, inspected

from qistas.targets.inspection import templates
from qistas.targets.inspection.inspect import inspect_files


def template(tmp_path: Path, text: str) -> tuple[set[str], tuple[str, ...]]:
    found = inspected(tmp_path, "chat_template.jinja", text.encode())
    assert (found.format, found.line) == ("template", 1)
    return codes(found), found.runs


ORDINARY = """
{%- macro said(m) %}{{ m.content | trim }}{% endmacro %}
{%- set ns = namespace(first=true) -%}
{%- for m in messages if m['role'] != 'x' -%}
  {%- if m.role == 'odd' %}{{ raise_exception('no') }}{% endif -%}
  {%- if loop.first %}{{ bos_token + m.content.split('a')[0].strip() * 2 }}{% break %}{% endif -%}
  {%- generation %}{{ said(m) }}{% endgeneration -%}
  {%- for i in range(m.content | length) %}{{ tools | map(attribute='name') | join(',') }}{% endfor -%}
{%- endfor -%}
{%- do ns.update({'a': 1}) -%}
"""


def test_an_ordinary_template_has_no_fault_and_its_calls_are_listed(tmp_path: Path) -> None:
    assert template(tmp_path, ORDINARY) == (
        set(),
        ("namespace() (line 3)", "raise_exception() (line 5)", "range() (line 8)"),
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ strftime_now('%d') }}", "template-clock"),
        ("{{ x.__class__ }}", "template-internals"),
        ("{{ x['__class__'] }}", "template-internals"),
        ("{{ x | attr('__init__') }}", "template-internals"),
        ("{{ x | attr('_' ~ '_init_' ~ '_') }}", "template-internals"),
        ("{{ x | map(attribute=y) }}", "template-internals"),
        ("{% include 'a' %}", "template-brings-in"),
        ("{% import 'a' as b %}", "template-brings-in"),
        ("{% from 'a' import b %}", "template-brings-in"),
        ("{% extends 'a' %}", "template-brings-in"),
        ("{% for x in y recursive %}{{ loop(x) }}{% endfor %}", "template-loop"),
        ("{% for x in range(99999) %}{% endfor %}", None),
        ("{% for x in range(99999) %}a{% endfor %}", "template-loop"),
        ("{% for x in range(999) %}{% for y in range(999) %}a{% endfor %}{% endfor %}", "template-loop"),
        ("{{ 'a' * 1000000 }}", "template-loop"),
        ("{{ 9 ** 9 }}", "template-loop"),
        ("{{ lipsum() }}", "template-unknown-call"),
        ("{{ x.system('y') }}", "template-unknown-call"),
        ("{{ x['y']() }}", "template-unknown-call"),
        ("{% if %}", "template-unreadable"),
        ("{{ " + "(" * 5000, "template-unreadable"),
        ("{{ " + "9" * 5000 + " }}", "template-unreadable"),
        ("a" * 200_000, "unfinished"),
    ],
)
def test_what_a_template_must_not_do_is_said(tmp_path: Path, text: str, code: str | None) -> None:
    found, _ = template(tmp_path, text)

    assert code in found if code else not found - {"template-loop"}


def test_a_template_of_too_many_parts_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "MOST_NODES", 10)

    assert template(tmp_path, "{{ a }}" * 20)[0] == {"unfinished"}


def test_the_templates_of_a_tokenizer_are_looked_at_and_their_line_is_said(tmp_path: Path) -> None:
    several = [{"name": "default", "template": "{{ a }}"}, {"name": "tools", "template": "{{ lipsum() }}"}, 1]
    for value in ("{{ lipsum() }}", several, {"default": "{{ lipsum() }}", "no": 1}):
        text = json.dumps({"bos_token": "a", "chat_template": value}, indent=1)
        found = inspected(tmp_path, "tokenizer_config.json", text.encode())

        assert (found.format, found.line, codes(found)) == ("template", 3, {"template-unknown-call"})


def test_code_that_a_configuration_points_to_is_listed(tmp_path: Path) -> None:
    value = {
        "auto_map": {"AutoModel": "modeling_x.Model", "AutoTokenizer": ["org/other--tok.Slow", None]},
        "custom_pipelines": {"p": {"impl": "pipe.P", "pt": ["AutoModel"]}},
        "inner": [{"trust_remote_code": True}],
    }

    found = inspected(tmp_path, "config.json", json.dumps(value, indent=1).encode())

    assert codes(found) == {"remote-code", "trusts-remote-code"}
    assert set(found.runs) == {
        "auto_map.AutoModel: modeling_x.Model",
        "auto_map.AutoTokenizer: org/other--tok.Slow",
        "custom_pipelines.p.impl: pipe.P",
        "custom_pipelines.p.pt: AutoModel",
    }
    assert found.line == 2


def test_pipelines_modules_and_layers_of_a_release_are_listed(tmp_path: Path) -> None:
    pipeline = inspected(
        tmp_path, "model_index.json", b'{"_class_name": ["pipe", "Pipe"], "unet": ["diffusers", "U"]}'
    )
    modules = inspected(
        tmp_path, "modules.json", b'[{"type": "sentence_transformers.models.Pooling"}, {"type": "own.M"}]'
    )
    layer = inspected(tmp_path, "config.json", b'{"config": {"layers": [{"class_name": "Lambda"}]}}')

    assert (pipeline.faults, pipeline.runs) == (
        ("remote-code: _class_name names code of the release: pipe, Pipe",),
        ("pipe.Pipe",),
    )
    assert (codes(modules), modules.runs) == ({"remote-code"}, ("own.M",))
    assert codes(layer) == {"keras-lambda"}


def test_an_ordinary_configuration_has_no_fault(tmp_path: Path) -> None:
    value = {
        "architectures": ["A"],
        "auto_map": {},
        "trust_remote_code": False,
        "_class_name": "Pipe",
        "chat_template": 3,
    }

    found = inspected(tmp_path, "config.json", json.dumps(value).encode())

    assert (found.format, found.faults, found.runs) == ("other", (), ())


@pytest.mark.parametrize("data", [b"{", b"[" * 100_000, b'{"a": ' + b"1" * 5000 + b"}"])
def test_json_that_cannot_be_read_is_said(tmp_path: Path, data: bytes) -> None:
    assert codes(inspected(tmp_path, "config.json", data)) == {"json-unreadable"}


def test_a_very_long_json_is_no_configuration(tmp_path: Path) -> None:
    assert inspected(tmp_path, "vocab.json", b"[" + b"1," * 3_000_000).faults == ()


def test_what_code_reaches_for_is_listed_once_with_its_line(tmp_path: Path) -> None:
    text = "import torch\n# subprocess\nimport subprocess\nx = eval('1')\nos.environ['a']\nsubprocess.run()\nmodel.eval()\n"

    found = inspected(tmp_path, "modeling.py", text.encode())

    assert (found.format, found.faults) == ("python", ())
    assert found.runs == (
        "runs commands: subprocess (line 3)",
        "runs text as code: eval( (line 4)",
        "reads the environment: os.environ (line 5)",
    )


def test_code_on_lines_that_nobody_can_read_is_said(tmp_path: Path) -> None:
    assert codes(inspected(tmp_path, "m.py", b"x = '" + b"a" * 5000 + b"'\n")) == {"code-obscured"}


def test_the_cells_of_a_notebook_are_code(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": "subprocess"},
        {"cell_type": "code", "source": ["import os\n", "os.system('x')"]},
        {"cell_type": "code", "source": "import requests"},
        3,
    ]

    found = inspected(tmp_path, "a.ipynb", json.dumps({"cells": cells}).encode())

    assert found.format == "python"
    assert found.runs == ("runs commands: os.system (line 2)", "speaks to the network: requests (line 3)")
    assert inspected(tmp_path, "b.ipynb", b"[]").runs == ()


@pytest.mark.parametrize(
    ("name", "data", "form", "code"),
    [
        ("a.bin", b"\x7fELF" + bytes(60), "other", "executable"),
        ("a.exe", b"MZ" + bytes(60), "other", "executable"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(60), "unread", "not-read"),
        ("a.onnx", b"\x08\x07\x12\x07pytorch", "onnx", "not-read"),
        ("a.safetensors", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "unread", "pointer"),
        ("a.h5", b"\x89HDF\r\n\x1a\n" + b' {"class_name": "Lambda"}', "hdf5", "keras-lambda"),
        ("a.gguf", b"nothing", "other", "misnamed"),
        ("a.sh", b"#!/bin/sh\nrm -rf /\n", "other", None),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(9), "other", None),
        ("merges.txt", b"#version\nc o\n", "other", None),
        ("words", b"colour\nblue\nharbour\n", "other", None),
        ("empty", b"", "other", None),
    ],
)
def test_files_of_other_kinds_are_known_by_their_first_bytes(
    tmp_path: Path, name: str, data: bytes, form: str, code: str | None
) -> None:
    found = inspected(tmp_path, name, data)

    assert (found.format, codes(found)) == (form, {code} if code else set())


def test_a_compressed_file_of_more_than_is_unpacked_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gzip

    from qistas.targets.inspection import compressed

    monkeypatch.setattr(compressed, "MOST_UNPACKED_BYTES", 1000)

    assert inspected(tmp_path, "a.gz", gzip.compress(b"a" * 5000)).faults == ()
    assert "unfinished" in codes(
        inspected(tmp_path, "a.gz", gzip.compress(b"\x80\x02ccollections\nOrderedDict\n" + b"]" * 5000))
    )


def test_a_reader_that_fails_ends_with_a_fault_and_an_unreadable_file_with_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("qistas.targets.inspection.inspect.read", fails)
    assert inspected(tmp_path, "a.py", b"").faults == ("unfinished: the reader failed: KeyError",)
    with pytest.raises(FileNotFoundError):
        next(inspect_files([("a", tmp_path / "missing")]))


def test_a_file_that_shrinks_while_it_is_read_is_said(tmp_path: Path) -> None:
    from qistas.targets.inspection.source import EndsEarlyError, Source

    path = tmp_path / "a"
    path.write_bytes(bytes(100))
    with path.open("rb", buffering=0) as stream:
        source = Source(stream)
        path.write_bytes(b"")
        with pytest.raises(EndsEarlyError, match="became shorter"):
            source.take(10)
        with pytest.raises(EndsEarlyError, match="101 bytes are announced, 100 are left"):
            source.take(101)
