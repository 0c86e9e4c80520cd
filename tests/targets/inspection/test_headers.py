"""Headers of safetensors and GGUF are checked against the bytes that they speak of."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save
from tests.targets.inspection.crafted import (
    HONEST,
    SYSTEM,
    Gguf,
    Runs,
    codes,
    inspected,
    safetensors,
    tensor,
)

from qistas.targets.inspection import gguf
from qistas.targets.inspection import safetensors as reader


def test_an_honest_safetensors_file_has_no_fault(tmp_path: Path) -> None:
    found = inspected(tmp_path, "m.safetensors", HONEST, sha256="0" * 64)

    assert (found.format, found.faults, found.runs) == ("safetensors", (), ())
    assert (found.tensors, found.parameters, found.size_bytes) == (2, 6, len(HONEST))
    assert (found.metadata, found.sha256) == ({"format": "pt"}, "0" * 64)


def test_what_the_library_writes_has_no_fault(tmp_path: Path) -> None:
    kinds = [
        torch.float32,
        torch.bfloat16,
        torch.int8,
        torch.bool,
        torch.float8_e4m3fn,
        torch.complex64,
        torch.int64,
    ]
    data = save({str(kind): torch.zeros(3, 5).to(kind) for kind in kinds} | {"none": torch.zeros(0, 4)})

    found = inspected(tmp_path, "m.safetensors", data)

    assert (found.faults, found.tensors, found.parameters) == ((), 8, 105)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (safetensors({"a": tensor(0, 16, [4])}, bytes(8)), "safetensors-bounds"),
        (safetensors({"a": tensor(0, 8, [4])}, bytes(8)), "safetensors-size"),
        (safetensors({"a": tensor(0, 1, [3], "F4")}, bytes(1)), "safetensors-size"),
        (safetensors({"a": tensor(0, 8, [2]), "b": tensor(4, 12, [2])}, bytes(12)), "safetensors-overlap"),
        (safetensors({"a": tensor(0, 4, [1]), "b": tensor(8, 12, [1])}, bytes(12)), "safetensors-hole"),
        (safetensors({"a": tensor(4, 8, [1])}, bytes(8)), "safetensors-hole"),
        (safetensors({"a": tensor(0, 4, [1])}, bytes(9)), "trailing-bytes"),
        (safetensors({"a": tensor(4, 0, [1])}, bytes(4)), "safetensors-tensor"),
        (safetensors({"a": tensor(0, 4, [-1])}, bytes(4)), "safetensors-tensor"),
        (safetensors({"a": tensor(0, 4, [True])}, bytes(4)), "safetensors-tensor"),  # type: ignore[list-item]
        (safetensors({"a": tensor(0, 4, [2**62, 2**62])}, bytes(4)), "safetensors-tensor"),
        (safetensors({"a": tensor(0, 4, [1] * 65)}, bytes(4)), "safetensors-tensor"),
        (safetensors({"a": tensor(0, 4, [1], "F31")}, bytes(4)), "safetensors-tensor"),
        (safetensors({"a": {**tensor(0, 4, [1]), "dtype": ["F32"]}}, bytes(4)), "safetensors-tensor"),
        (safetensors({"a": {**tensor(0, 4, [1]), "data_offsets": [0]}}, bytes(4)), "safetensors-tensor"),
        (safetensors({"a": {**tensor(0, 4, [1]), "more": 1}}, bytes(4)), "safetensors-tensor"),
        (safetensors({"a": 1}), "safetensors-tensor"),
        (safetensors({"__metadata__": {"a": 1}}), "safetensors-metadata"),
        (safetensors({"__metadata__": "a"}), "safetensors-metadata"),
        (safetensors(b'{"a":{},"a":{}}'), "safetensors-duplicate"),
        (safetensors(b"{}\n"), "safetensors-padding"),
        (safetensors(b"{nothing"), "safetensors-header"),
        (safetensors(b'{"a":' + b"[" * 50_000), "safetensors-header"),
        (safetensors(b'{"a":' + b"1" * 5000 + b"}"), "safetensors-header"),
        (safetensors(b'{"\xff":1}'), "safetensors-header"),
        (safetensors(b"{}", length=50), "safetensors-header"),
        (safetensors({"a": tensor(0, 4, [1])}, bytes(4), length=200_000_000), "misnamed"),
        (b"", "misnamed"),
    ],
)
def test_a_safetensors_header_that_does_not_fit_is_said(tmp_path: Path, data: bytes, code: str) -> None:
    assert code in codes(inspected(tmp_path, "m.safetensors", data))


def test_a_header_that_is_no_object_is_said() -> None:
    from qistas.targets.inspection.reading import Deadline, Reading

    reading = Reading("safetensors", Deadline(9))
    assert reader._header(b"[]", reading) is None
    assert [*reading.faults][-1] == "safetensors-header: the header is no JSON object"


def test_a_header_longer_than_the_format_allows_is_said_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(safetensors(b"{}", length=100_000_001))
    os.truncate(path, 100_000_100)
    from qistas.targets.inspection.inspect import inspect_file

    assert "safetensors-header" in codes(inspect_file(path, path.name))


def test_a_header_longer_than_is_read_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_HEADER_BYTES", 100)

    assert "unfinished" in codes(inspected(tmp_path, "m.safetensors", HONEST))


def test_padding_with_spaces_is_part_of_the_format(tmp_path: Path) -> None:
    assert inspected(tmp_path, "m.safetensors", safetensors(b'{"__metadata__":{}}     ')).faults == ()


def test_a_pickle_behind_the_tensors_is_read(tmp_path: Path) -> None:
    import pickle

    found = inspected(tmp_path, "m.safetensors", HONEST + pickle.dumps(Runs()))

    assert {"polyglot", "trailing-bytes"} <= codes(found)
    assert f"pickle-dangerous-global: {SYSTEM}" in found.faults


def test_a_file_that_is_safetensors_and_pickle_at_once_is_said(tmp_path: Path) -> None:
    # PROTO 4 and FRAME are the first bytes of a length; the frame takes the brace; then comes the pickle.
    payload = b"\x8c\x05posix\x8c\x06system\x93\x8c\x05false\x85R."
    head = b"\x80\x04\x95\x00\x00\x00\x00\x00{}\x20" + payload
    length = int.from_bytes(head[:8], "little")
    data = head + b" " * (length + 8 - len(head))

    found = inspected(tmp_path, "m.safetensors", data)

    assert found.format == "safetensors"
    assert {"polyglot", "pickle-dangerous-global"} <= codes(found)


def honest(version: int = 3, order: str = "<") -> Gguf:
    made = Gguf(version, order)
    made.word("general.license", "apache-2.0").word("general.base_model.0.name", "Base")
    made.key("general.alignment", 4, made.number("I", 32))
    made.key("general.tags", 9, made.number("I", 8) + made.size(2) + made.text("text") + made.text("ar"))
    made.key("tokenizer.ggml.scores", 9, made.number("I", 6) + made.size(50) + bytes(200))
    made.key("tokenizer.ggml.tokens", 9, made.number("I", 8) + made.size(50) + made.text("x") * 50)
    made.key("a.deep", 9, made.number("I", 9) + made.size(1) + made.number("I", 7) + made.size(1) + b"\1")
    made.key("a.truth", 7, b"\1").key("a.double", 12, made.number("d", 0.5))
    return made.tensor("w", [4, 8], 0).tensor("q", [32, 2], 128, 2).tensor("e", [0], 192)


@pytest.mark.parametrize(("version", "order"), [(1, "<"), (2, "<"), (3, "<"), (3, ">")])
def test_an_honest_gguf_file_has_no_fault(tmp_path: Path, version: int, order: str) -> None:
    found = inspected(tmp_path, "m.gguf", honest(version, order).bytes(bytes(192)))

    assert (found.format, found.faults, found.tensors, found.parameters) == ("gguf", (), 3, 96)
    assert found.metadata["general.license"] == "apache-2.0"
    assert found.metadata["general.base_model.0.name"] == "Base"
    assert found.metadata["general.tags"] == "text, ar"
    assert found.metadata["gguf.version"] == str(version)
    assert (found.metadata["a.truth"], found.metadata["a.double"]) == ("True", "0.5")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (honest().bytes(bytes(100)), "gguf-bounds"),
        (honest().bytes(bytes(300)), "trailing-bytes"),
        (Gguf().tensor("a", [8], 0).tensor("b", [8], 0).bytes(bytes(64)), "gguf-overlap"),
        (Gguf().tensor("a", [8], 0).tensor("b", [8], 64).bytes(bytes(96)), "gguf-hole"),
        (Gguf().tensor("a", [8], 8).bytes(bytes(64)), "gguf-alignment"),
        (Gguf().tensor("a", [8], 0).tensor("a", [8], 32).bytes(bytes(64)), "gguf-duplicate"),
        (Gguf().tensor("a", [8], 0, 250).bytes(bytes(64)), "gguf-tensor-type"),
        (Gguf().tensor("a", [8], 0, 2).bytes(bytes(64)), "gguf-tensor"),
        (Gguf().tensor("a", [1] * 5, 0).bytes(bytes(64)), "gguf-header"),
        (Gguf().tensor("a", [2**63, 2**63], 0).bytes(bytes(64)), "gguf-bounds"),
        (Gguf().word("a", "b").word("a", "c").bytes(), "gguf-duplicate"),
        (Gguf().key("general.alignment", 4, b"\x07\0\0\0").bytes(), "gguf-alignment"),
        (Gguf().key("general.alignment", 4, b"\0\0\0\0").bytes(), "gguf-alignment"),
        (Gguf().word("general.alignment", "x").bytes(), "gguf-alignment"),
        (Gguf().key("a", 77, b"").bytes(), "gguf-header"),
        (Gguf().key("a", 8, b"\xff" * 8).bytes(), "gguf-header"),
        (Gguf().key("a", 9, b"\0\0\0\0" + b"\xff" * 8).bytes(), "gguf-header"),
        (Gguf().key("a", 9, b"\x08\0\0\0" + b"\xff" * 8).bytes(), "gguf-header"),
        (Gguf().key("a", 9, (b"\x09\0\0\0\1" + bytes(7)) * 9).bytes(), "gguf-header"),
        (Gguf(4).bytes(), "gguf-header"),
        (b"GGUF\3\0\0\0", "gguf-header"),
        (b"GGUF\3\0\0\0" + b"\xff" * 16, "unfinished"),
        (b"GGUF\3\0\0\0" + b"\1" + bytes(7) + b"\0\0\1\0\0\0\0\0", "gguf-header"),
    ],
)
def test_a_gguf_header_that_does_not_fit_is_said(tmp_path: Path, data: bytes, code: str) -> None:
    assert code in codes(inspected(tmp_path, "m.gguf", data))


def test_long_texts_and_arrays_of_a_gguf_header_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gguf, "MOST_TEXT_BYTES", 100)
    found = inspected(tmp_path, "m.gguf", Gguf().word("a", "x" * 200).word("b", "y").bytes())
    assert (codes(found), found.metadata["b"]) == ({"gguf-unfinished"}, "y")

    monkeypatch.setattr(gguf, "MOST_ITEMS", 10)
    assert codes(inspected(tmp_path, "m.gguf", honest().bytes(bytes(192)))) == {"unfinished"}


def test_the_chat_template_in_a_gguf_file_is_looked_at(tmp_path: Path) -> None:
    made = Gguf().word("tokenizer.chat_template", "{{ ''.__class__ }}")

    found = inspected(tmp_path, "m.gguf", made.bytes())

    assert codes(found) == {"template-internals"}
    assert found.metadata["tokenizer.chat_template"] == "{{ ''.__class__ }}"


def test_a_very_long_chat_template_in_a_gguf_file_is_given_up(tmp_path: Path) -> None:
    made = Gguf().word("tokenizer.chat_template", "{{ a }}" * 10_000)

    assert codes(inspected(tmp_path, "m.gguf", made.bytes())) == {"unfinished"}


def test_what_a_file_says_of_itself_is_bounded_and_fit_for_a_record(tmp_path: Path) -> None:
    metadata: dict[str, Any] = {f"k{number}": "v" * 2000 for number in range(600)}
    header = json.dumps({"__metadata__": {"a\x1b[31m": "b\u202ec", **metadata}}).encode()

    found = inspected(tmp_path, "m.safetensors", safetensors(header))

    assert len(found.metadata) == 512
    assert found.metadata["a\ufffd[31m"] == "b\ufffdc"
    assert max(map(len, found.metadata.values())) == 1000


def test_faults_are_bounded_and_no_code_is_lost(tmp_path: Path) -> None:
    header: dict[str, Any] = {f"t{number}": 1 for number in range(500)}
    header["z"] = tensor(0, 16, [4])

    found = inspected(tmp_path, "m.safetensors", safetensors(header, bytes(4)))

    assert len(found.faults) < 80
    assert {"safetensors-tensor", "safetensors-bounds"} <= codes(found)


def test_more_parameters_than_a_record_can_count_are_left_out(tmp_path: Path) -> None:
    assert inspected(tmp_path, "m.gguf", Gguf().tensor("a", [2**60], 0).bytes()).parameters is None


@pytest.mark.parametrize("shape", [[], [1], [2, 3]])
def test_scalars_and_shapes_are_counted(tmp_path: Path, shape: list[int]) -> None:
    count = int(np.prod(shape))
    found = inspected(
        tmp_path, "m.safetensors", safetensors({"a": tensor(0, 4 * count, shape)}, bytes(4 * count))
    )

    assert (found.faults, found.parameters) == ((), count)
