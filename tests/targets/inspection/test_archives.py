"""Archives: every member is looked at, also where names, flags and checksums are made to keep a reader off."""

import io
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from tests.targets.inspection.crafted import HONEST, SYSTEM, Runs, checkpoint, codes, inspected, zipped

from qistas.targets.inspection import zips

EVIL = pickle.dumps(Runs(), 2)
COMMAND = f"pickle-dangerous-global: {SYSTEM} in archive/data.pkl"


def test_an_honest_checkpoint_is_only_a_pickle(tmp_path: Path) -> None:
    found = inspected(tmp_path, "m.pt", checkpoint())

    assert (found.format, codes(found)) == ("zip", {"pickle-format"})


def test_the_checkpoints_own_pickle_is_read(tmp_path: Path) -> None:
    assert COMMAND in inspected(tmp_path, "m.pt", checkpoint(EVIL)).faults


@pytest.mark.parametrize("name", ["archive/other.pkl", "archive/extra", "archive/data/1", "x/data.pkl"])
def test_a_second_pickle_is_found_under_any_name(tmp_path: Path, name: str) -> None:
    found = inspected(tmp_path, "m.pt", checkpoint(more={name: EVIL}))

    assert {"archive-second-pickle", "pickle-dangerous-global"} <= codes(found)


@pytest.mark.parametrize(
    ("offset", "value", "code"),
    [
        (14, b"\1\2\3\4", None),  # checksum in the local header: loaders do not look at it
        (6, b"\x01\x00", "zip-flags"),
        (8, b"\x63\x00", "zip-header"),
        (18, b"\xff\xff\x00\x00", "zip-header"),
        (30, b"X", "zip-header"),
    ],
)
def test_a_tampered_local_header_keeps_nothing_from_being_read(
    tmp_path: Path, offset: int, value: bytes, code: str | None
) -> None:
    data = bytearray(checkpoint(EVIL))
    data[offset : offset + len(value)] = value

    found = inspected(tmp_path, "m.pt", bytes(data))

    assert COMMAND in found.faults
    assert code is None or code in codes(found)


@pytest.mark.parametrize(
    ("offset", "value", "code"), [(8, b"\x01\x00", "zip-flags"), (10, b"\x63\x00", "zip-header")]
)
def test_a_tampered_directory_keeps_nothing_from_being_read(
    tmp_path: Path, offset: int, value: bytes, code: str
) -> None:
    data = bytearray(checkpoint(EVIL))
    at = data.index(b"PK\x01\x02")
    data[at + offset : at + offset + len(value)] = value

    found = inspected(tmp_path, "m.pt", bytes(data))

    assert code in codes(found)
    assert COMMAND in found.faults


def test_a_wrong_checksum_of_a_packed_member_is_said_and_the_member_read(tmp_path: Path) -> None:
    data = bytearray(zipped({"archive/data.pkl": EVIL}, zipfile.ZIP_DEFLATED))
    at = data.index(b"PK\x01\x02")
    data[at + 16 : at + 20] = b"\1\2\3\4"

    found = inspected(tmp_path, "m.pt", bytes(data))

    assert "zip-checksum" in codes(found)
    assert COMMAND in found.faults


def test_bytes_that_cannot_be_unpacked_are_said(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.pkl": EVIL * 9}, zipfile.ZIP_DEFLATED))
    data[40:60] = b"\xff" * 20

    assert {"zip-data", "zip-checksum"} <= codes(inspected(tmp_path, "m.zip", bytes(data)))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_are_both_read(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps([1]))
        archive.writestr("archive/data.pkl", EVIL)

    found = inspected(tmp_path, "m.pt", made.getvalue())

    assert "zip-duplicate-name" in codes(found)
    assert COMMAND in found.faults


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "C:/x", "a/../../b"])
def test_names_that_lead_out_are_said(tmp_path: Path, name: str) -> None:
    assert "zip-path" in codes(inspected(tmp_path, "m.zip", zipped({name: b"1"})))


def test_an_archive_behind_tensors_is_read_and_said(tmp_path: Path) -> None:
    found = inspected(tmp_path, "m.safetensors", HONEST + checkpoint(EVIL))

    assert found.format == "safetensors"
    assert {"polyglot", "trailing-bytes", "zip-prefix"} <= codes(found)
    assert COMMAND in found.faults


def test_an_archive_with_something_before_it_is_said(tmp_path: Path) -> None:
    found = inspected(tmp_path, "m.zip", b"#!/bin/sh\n" + checkpoint())

    assert "zip-prefix: 10 bytes before the archive" in found.faults


def test_an_archive_without_a_directory_is_said(tmp_path: Path) -> None:
    data = checkpoint()

    assert codes(inspected(tmp_path, "m.pt", data[: data.index(b"PK\x01\x02")])) == {"zip-directory"}


def test_a_directory_that_only_other_readers_take_is_said(tmp_path: Path) -> None:
    data = bytearray(checkpoint(EVIL))
    at = data.index(b"PK\x01\x02")
    data[at + 6 : at + 8] = b"\xff\x00"  # needs version 25.5

    assert codes(inspected(tmp_path, "m.pt", bytes(data))) == {"zip-directory"}


def test_a_directory_that_is_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MOST_DIRECTORY_BYTES", 10)
    assert codes(inspected(tmp_path, "m.pt", checkpoint())) == {"unfinished"}
    monkeypatch.setattr(zips, "MOST_DIRECTORY_BYTES", 10_000)
    monkeypatch.setattr(zips, "MOST_MEMBERS", 2)
    assert codes(inspected(tmp_path, "m.pt", checkpoint())) == {"unfinished"}


def test_a_member_whose_header_is_not_there_is_said(tmp_path: Path) -> None:
    data = bytearray(checkpoint(EVIL))
    data[0:4] = b"PKxx"

    found = inspected(tmp_path, "m.pt", bytes(data))

    assert "zip-header" in codes(found)


def test_a_bomb_is_said_and_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "BOMB_BYTES", 2**20)
    monkeypatch.setattr(zips, "MOST_UNPACKED_BYTES", 2**20)

    found = inspected(tmp_path, "m.zip", zipped({"a": bytes(2**22)}, zipfile.ZIP_DEFLATED))

    assert codes(found) == {"zip-bomb", "unfinished"}


def test_other_ways_of_packing_are_not_read_and_that_is_said(tmp_path: Path) -> None:
    assert codes(inspected(tmp_path, "m.zip", zipped({"a": b"1" * 99}, zipfile.ZIP_BZIP2))) == {"zip-method"}


def test_code_layers_arrays_and_archives_inside_are_said(tmp_path: Path) -> None:
    members = {
        "code/m.py": b"1",
        "config.json": b'{"class_name": "Lambda"}',
        "n.npy": b"\x93NUMPY\x01\x00\x10\x00{'descr': '|O' }" + EVIL,
        "in.zip": checkpoint(),
        "w.h5": b"\x89HDF\r\n\x1a\n" + b'"class_name": "TFOpLambda"',
    }

    found = inspected(tmp_path, "m.keras", zipped(members))

    assert codes(found) == {
        *("archive-code", "archive-nested", "keras-lambda", "numpy-objects", "pickle-dangerous-global")
    }
    assert found.runs == ("Lambda layer", SYSTEM, "TFOpLambda layer")


def test_a_large_archive_with_64_bit_fields_is_read(tmp_path: Path) -> None:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w") as archive,
        archive.open("archive/data.pkl", "w", force_zip64=True) as member,
    ):
        member.write(EVIL)
    whole = made.getvalue()
    at = whole.index(b"PK\x05\x06")
    count, size, offset = (
        struct.unpack("<8xHHI", whole[at : at + 16])[1],
        *struct.unpack("<II", whole[at + 12 : at + 20]),
    )
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)

    assert COMMAND in inspected(tmp_path, "m.pt", whole[:at] + wide + locator + end).faults


def test_old_archives_are_read_by_their_headers(tmp_path: Path) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in {"pickle": EVIL, "../out": b"1", "storages": bytes(40)}.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)

    found = inspected(tmp_path, "m.tar", made.getvalue())

    assert (found.format, codes(found)) == (
        "zip",
        {"pickle-format", "pickle-dangerous-global", "tar-path", "tar-link"},
    )
    damaged = bytearray(made.getvalue())
    damaged[124:136] = b"9" * 12
    assert codes(inspected(tmp_path, "m.tar", bytes(damaged))) == {"tar-header"}


def test_an_old_archive_of_too_many_members_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qistas.targets.inspection import tars

    monkeypatch.setattr(tars, "MOST_MEMBERS", 1)
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("a"))
        archive.addfile(tarfile.TarInfo("b"))

    assert codes(inspected(tmp_path, "m.tar", made.getvalue())) == {"unfinished"}
