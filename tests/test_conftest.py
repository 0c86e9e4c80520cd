"""The guards around every test do guard."""

import os
import socket
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


def test_an_address_outside_this_machine_is_refused_and_remembered(reached_out: list[str]) -> None:
    with socket.socket() as outside, pytest.raises(PermissionError, match=r"192\.0\.2\.1"):
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(PermissionError, match=r"example\.org"):
        socket.getaddrinfo("example.org", 80)

    assert reached_out == ["('192.0.2.1', 80)", "example.org"]
    reached_out.clear()


def test_this_machine_can_be_reached_by_any_of_its_names() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            with socket.create_connection((host, port), timeout=5):
                pass


def test_an_attempt_that_the_code_swallows_fails_the_test_all_the_same(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((Path(__file__).parent / "conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(
        """
        import socket
        def test_quiet():
            with socket.socket() as outside:
                try:
                    outside.connect(("192.0.2.1", 80))
                except OSError:
                    pass
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*tests speak to this machine only; this one tried*192.0.2.1*"])


def test_each_test_has_an_empty_cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = Path(os.environ["QISTAS_CACHE"])

    assert list(cache.iterdir()) == []
    assert cache.is_relative_to(tmp_path_factory.getbasetemp())


def test_keys_of_the_machine_are_out_of_sight() -> None:
    assert {"OPENAI_API_KEY", "QISTAS_API_KEY", "QISTAS_HEADERS"} & set(os.environ) == set()
