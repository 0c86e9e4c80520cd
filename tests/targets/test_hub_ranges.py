"""Remote files read in ranges: as a file is, and never more than was allowed."""

import io
import os
import re

import pytest
from tests.fakes.hub import FakeHub

from qistas.targets import hub_ranges
from qistas.targets.hub_ranges import Budget, RangeFile, fetched_range
from qistas.targets.inspection.reading import Unfinished

DATA = bytes(range(256)) * 40


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(hub_ranges, "BLOCK_BYTES", 1000)
    (tmp_path / "weights.bin").write_bytes(DATA)
    with FakeHub("org/tiny", tmp_path).in_thread() as hub:
        yield hub


def url(hub, name="weights.bin"):
    return f"{hub.url}/org/tiny/resolve/main/{name}"


def test_a_remote_file_reads_as_the_file_does(hub):
    remote = RangeFile(url(hub), len(DATA), Budget(10**6, 60))
    local = io.BytesIO(DATA)
    steps = [(0, 10, os.SEEK_SET), (2990, 20, os.SEEK_SET), (-5, 50, os.SEEK_END), (-4000, -1, os.SEEK_END)]
    for offset, size, whence in steps:
        assert remote.seek(offset, whence) == local.seek(offset, whence)
        assert remote.read(size) == local.read(size)
    assert (remote.readable(), remote.seekable(), remote.read(1)) == (True, True, b"")
    assert hub.fetched == []
    assert len(hub.parts) == len(set(hub.parts)) + 1  # one block was let go and asked for again


def test_bytes_and_time_are_bounded(hub, monkeypatch):
    with pytest.raises(Unfinished, match="longer than may be fetched"):
        RangeFile(url(hub), len(DATA), Budget(2500, 60)).read()
    with pytest.raises(Unfinished, match="took too long"):
        RangeFile(url(hub), len(DATA), Budget(10**6, -1)).read()
    monkeypatch.setattr(hub_ranges, "MOST_FILE_BYTES", 2500)
    with pytest.raises(Unfinished, match="more than 2,500 bytes"):
        RangeFile(url(hub), len(DATA), Budget(10**6, 60)).read()
    assert {last - first + 1 for _, first, last in hub.parts} == {1000}


@pytest.mark.parametrize(
    ("name", "start", "says"),
    [("absent", 0, "answered 404"), ("weights.bin", len(DATA) - 5, "the hub gave 5 bytes of 10")],
)
def test_what_the_hub_does_not_give_is_an_error_of_reading(hub, name, start, says):
    with pytest.raises(OSError, match=re.escape(says)):
        fetched_range(url(hub, name), start, 10)


def test_a_hub_that_cannot_be_reached_is_an_error_of_reading():
    with pytest.raises(OSError, match="ConnectError"):
        fetched_range("http://127.0.0.1:9/x", 0, 10)
