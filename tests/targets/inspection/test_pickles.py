"""Pickles are read opcode by opcode: what they name, call and change is said, whatever they do to hide it."""

import collections
import gzip
import io
import pickle
import pickletools
import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.targets.inspection.crafted import SYSTEM, Runs, codes, inspected

from qistas.targets.inspection import pickles
from qistas.targets.inspection.inspect import inspect_file
from qistas.targets.inspection.pickle_globals import standing

P4 = b"\x80\x04"


def short(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", ["m.pkl", "m.bin", "m.unheard-of", "model"])
def test_a_command_is_found_in_every_protocol_and_under_every_name(
    tmp_path: Path, protocol: int, name: str
) -> None:
    found = inspected(tmp_path, name, pickle.dumps(Runs(), protocol))

    assert found.format == "pickle"
    assert f"pickle-dangerous-global: {SYSTEM}" in found.faults
    assert found.runs == (SYSTEM,)


def test_a_pickle_that_is_called_safetensors_is_known_for_what_it_is(tmp_path: Path) -> None:
    found = inspected(tmp_path, "model.safetensors", pickle.dumps(Runs()))

    assert found.format == "pickle"
    assert {"misnamed", "pickle-dangerous-global"} <= codes(found)


def test_a_pickle_that_is_called_a_text_is_known_for_what_it_is(tmp_path: Path) -> None:
    found = inspected(tmp_path, "notes.json", pickle.dumps(Runs()))

    assert (found.format, "misnamed" in codes(found)) == ("pickle", True)


def test_plain_data_in_a_pickle_are_only_a_pickle(tmp_path: Path) -> None:
    data = pickle.dumps({"a": [1, 2.5, None, True], "b": collections.OrderedDict(x=b"1"), "c": {1}}, 4)

    found = inspected(tmp_path, "m.pkl", data)

    assert codes(found) == {"pickle-format"}
    assert found.runs == ("collections.OrderedDict",)


def test_recursive_and_shared_values_are_no_fault(tmp_path: Path) -> None:
    value: list[object] = [1]
    value.append((value, value))

    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert codes(inspected(tmp_path, "m.pkl", pickle.dumps(value, protocol))) == {"pickle-format"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        # The name's words are remembered first, other values lie between, and are fetched by number.
        (
            P4 + short("posix") + b"\x94" + short("system") + b"\x940" + b"0" + b"h\x00h\x01\x93.",
            "pickle-dangerous-global",
        ),
        (
            P4 + short("posix") + b"p7\n0" + short("system") + b"q\x080g7\nh\x08\x93.",
            "pickle-dangerous-global",
        ),
        # A word is doubled and dropped again.
        (P4 + short("posix") + short("system") + b"20\x93.", "pickle-dangerous-global"),
        (
            P4 + b"(" + short("x") + b"1" + short("posix") + short("system") + b"\x93.",
            "pickle-dangerous-global",
        ),
        (b"(S'id'\niposix\nsystem\n.", "pickle-dangerous-global"),
        (b"(cposix\nsystem\nS'id'\no.", "pickle-dangerous-global"),
        (b"(S'id'\niposix\nsystem\n.", "pickle-unusual-opcode"),
        # getattr of getattr, called.
        (
            b"c__builtin__\ngetattr\n(c__builtin__\ngetattr\n(c__builtin__\nobject\nS'a'\ntRS'b'\ntR(S'id'\ntR.",
            "pickle-computed-call",
        ),
        (b"c__builtin__\ngetattr\n(c__builtin__\nobject\nS'a'\ntR.", "pickle-dangerous-global"),
        (b"coperator\nattrgetter\n(S'system'\ntR(cposix\nfork\ntR.", "pickle-dangerous-global"),
        (b"\x80\x02\x82\x01.", "pickle-extension-code"),
        (b"\x80\x02\x83\x01\x01.", "pickle-extension-code"),
        (b"\x80\x02\x84\x01\x01\x01\x01.", "pickle-extension-code"),
        # What comes before the fault has run by then.
        (b"cposix\nsystem\n(S'id'\ntR\xff\xff", "pickle-broken-after-call"),
        (pickle.dumps(Runs())[:-1], "pickle-broken-after-call"),
        (P4 + b"]\x93.", "pickle-unresolved-global"),
        (P4 + short("os") + b"N\x93.", "pickle-unresolved-global"),
        (b"\x80\x02ccollections\nOrderedDict\n}S'x'\nI1\nsb.", "pickle-patches-code"),
        (b"\x80\x02ccollections\nOrderedDict\nS'x'\nI1\ns.", "pickle-patches-code"),
        (b"\x80\x00" + short("a") + b"\x94.", "pickle-protocol"),
        (b"\x80\x07N.", "pickle-protocol"),
        (b"]\x80\x02.", "pickle-protocol"),
        (b"\x80\x02h\x05.", "pickle-broken"),
        (b"\x80\x02a.", "pickle-broken"),
        (b"\x80\x02t0.", "pickle-broken"),
        (b"\x80\x020.", "pickle-broken"),
        (b"\x80\x05\x97\x98.", "pickle-unusual-opcode"),
        (b"\x80\x02cmymodule\nThing\n)\x81.", "pickle-unknown-global"),
        (b"\x80\x04cmymodule\nThing\n)}\x92.", "pickle-unknown-global"),
        (b"\x80\x02N.rest of it", "trailing-bytes"),
        (b"\x80\x02(]N.", "pickle-format"),
        (
            P4 + b"X" + struct.pack("<I", 2000) + b"a" * 2000 + short("b") + b"\x93.",
            "pickle-unresolved-global",
        ),
    ],
)
def test_the_known_ways_around_a_scanner_lead_nowhere(tmp_path: Path, data: bytes, code: str) -> None:
    assert code in codes(inspected(tmp_path, "m.pkl", data))


def test_the_nested_getattr_of_the_case_above_is_what_an_unpickler_would_run() -> None:
    data = b"c__builtin__\ngetattr\n(c__builtin__\nobject\nS'__doc__'\ntR."

    assert pickle.loads(data) == object.__doc__  # noqa: S301 - made here


def test_every_pickle_in_a_file_is_read(tmp_path: Path) -> None:
    found = inspected(tmp_path, "m.pkl", pickle.dumps([1]) + pickle.dumps(Runs()))

    assert f"pickle-dangerous-global: {SYSTEM}" in found.faults


def test_what_is_allowed_is_a_list_and_not_a_guess() -> None:
    assert standing("torch._utils", "_rebuild_tensor_v2") == "allowed"
    assert standing("os.path", "join") == "dangerous"
    assert standing("builtins", "eval") == "dangerous"
    assert standing("builtins", "getattr.x") == "dangerous"
    assert standing("builtins", "dict.fromkeys") == "unknown"
    assert standing("torch.storage", "_load_from_bytes") == "dangerous"
    assert standing("collections", "abc") == "unknown"


def test_checkpoints_that_pytorch_writes_are_only_pickles(tmp_path: Path) -> None:
    state = {
        "w": torch.zeros(3, 4),
        "h": torch.ones(2, dtype=torch.bfloat16),
        "p": torch.nn.Parameter(torch.ones(1)),
    }
    for zipped in (True, False):
        torch.save(state, tmp_path / "made", _use_new_zipfile_serialization=zipped)
        found = inspected(tmp_path, "m.pt", (tmp_path / "made").read_bytes())

        assert codes(found) == {"pickle-format"}
        assert found.metadata["pickle.kind"] == ("torch-zip" if zipped else "torch-legacy")
        assert "torch._utils._rebuild_tensor_v2" in found.runs


def test_a_module_saved_whole_is_not_on_the_list(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(1, 1), tmp_path / "made")

    found = inspected(tmp_path, "m.pt", (tmp_path / "made").read_bytes())

    assert "pickle-unknown-global: torch.nn.modules.linear.Linear in made/data.pkl" in found.faults


def test_arrays_of_objects_are_pickles(tmp_path: Path) -> None:
    def saved(array: np.ndarray) -> bytes:
        made = io.BytesIO()
        np.save(made, array, allow_pickle=True)
        return made.getvalue()

    objects = np.empty(1, dtype=object)
    objects[0] = Runs()
    plain = inspected(tmp_path, "a.npy", saved(np.zeros(3)))
    held = inspected(tmp_path, "b.npy", saved(objects))
    fields = inspected(tmp_path, "c.npy", saved(np.zeros(1, dtype=[("x", "O"), ("y", "f4")])))

    assert (plain.format, plain.faults) == ("numpy", ())
    assert codes(held) == {"numpy-objects", "pickle-dangerous-global"}
    assert "numpy-objects" in codes(fields)
    assert codes(inspected(tmp_path, "d.npy", b"\x93NUMPY\x01\x00\xff\xff{}")) == {"numpy-header"}
    assert codes(inspected(tmp_path, "e.npy", b"\x93NUMPY\x02\x00\x02\x00\x00\x00{}")) == {"numpy-header"}


def test_long_values_are_passed_over_and_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickles, "MOST_ARGUMENT_BYTES", 1000)
    monkeypatch.setattr(pickles, "MOST_WHOLE_BYTES", 1000)
    data = pickle.dumps([b"x" * 5000, "y" * 5000, bytearray(5000), 1 << 20_000, Runs()], 5)

    found = inspected(tmp_path, "m.pkl", data)

    assert codes(found) == {"pickle-format", "pickle-dangerous-global"}


def test_a_pickle_of_too_many_opcodes_is_given_up_and_what_was_found_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pickles, "MOST_OPCODES", 5000)

    found = inspected(tmp_path, "m.pkl", pickle.dumps([Runs(), *range(6000)], 2))

    assert {"pickle-dangerous-global", "unfinished"} <= codes(found)


def test_a_pickle_of_too_many_pickles_is_given_up(tmp_path: Path) -> None:
    assert "unfinished" in codes(inspected(tmp_path, "m.pkl", pickle.dumps(1) * 100))


def test_reading_ends_when_its_time_is_over(tmp_path: Path) -> None:
    found = inspected(tmp_path, "m.pkl", pickle.dumps(list(range(10_000)), 2), seconds=0.0)

    assert found.faults[-1] == "unfinished: reading took more than 0 s"


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, __import__("zlib").compress, __import__("bz2").compress, __import__("lzma").compress],
)
def test_a_compressed_pickle_is_a_pickle(tmp_path: Path, pack: object) -> None:
    found = inspected(tmp_path, "m.joblib.z", pack(pickle.dumps(Runs())))  # type: ignore[operator]

    assert "pickle-dangerous-global" in codes(found)
    assert found.metadata["compressed.by"] in {"gzip", "zlib", "bzip2", "xz"}


def test_a_broken_compression_shows_what_came_out_of_it(tmp_path: Path) -> None:
    packed = gzip.compress(pickle.dumps(Runs()))

    found = inspected(tmp_path, "m.pkl.gz", packed[:-8] + b"\0" * 8)

    assert "pickle-dangerous-global" in codes(found)
    assert inspected(tmp_path, "m.pkl.gz", b"\x1f\x8b\x08\xff\xff").format == "other"


def test_every_opcode_of_the_standard_library_is_known_to_the_machine(tmp_path: Path) -> None:
    """A new opcode of a later Python must not bring the reader down."""
    from qistas.targets.inspection.pickle_machine import Machine
    from qistas.targets.inspection.reading import Deadline, Reading

    reading = Reading("pickle", Deadline(10))
    for opcode in pickletools.opcodes:
        argument = "a b" if opcode.name in {"GLOBAL", "INST"} else 1
        Machine(reading, "").step(opcode, argument)

    assert "pickle-broken" in {fault.partition(":")[0] for fault in reading.faults}


def test_the_second_opinion_is_never_needed_and_never_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanner = pytest.importorskip("picklescan.scanner", reason="needs the extra scan")
    evil = pickle.dumps(Runs())

    def fails(*_: object) -> None:
        raise RuntimeError("broken")

    asked = inspected(tmp_path, "m.pkl", evil)
    assert asked.metadata["picklescan"] == f"dangerous: {SYSTEM}"
    assert inspected(tmp_path, "m.pkl", pickle.dumps([1])).metadata["picklescan"] == "nothing dangerous"
    monkeypatch.setattr(scanner, "scan_pickle_bytes", fails)
    assert inspected(tmp_path, "m.pkl", evil).metadata["picklescan"] == "failed: RuntimeError"
    monkeypatch.setitem(__import__("sys").modules, "picklescan", None)
    alone = inspected(tmp_path, "m.pkl", evil)
    assert f"picklescan-dangerous: {SYSTEM}" in asked.faults
    assert set(asked.faults) - set(alone.faults) == {f"picklescan-dangerous: {SYSTEM}"}
    assert "picklescan" not in alone.metadata


def test_an_odd_escape_in_a_crafted_pickle_warns_nobody(tmp_path: Path) -> None:
    path = tmp_path / "m.pkl"
    path.write_bytes(b"S'\\ '\n.")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = inspect_file(path, "m.pkl")

    assert not any(fault.startswith("unfinished") for fault in found.faults)
