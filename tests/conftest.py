"""What every test gets: a cache of its own, no secrets of the machine, no network, and the test data where they are."""

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from tests.fakes.tracing import trace_threads_in_turn

# The same examples every time, however busy the machine is.
settings.register_profile(
    "suite", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

# Two test processes share two cores; results must not depend on how many threads add the floats up.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

trace_threads_in_turn()

ROOT = Path(__file__).resolve().parent.parent
PRIVATE = ("OPENAI_API_KEY", "QISTAS_API_KEY", "QISTAS_HEADERS", "HF_TOKEN")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(scope="session", autouse=True)
def _own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fixtures of a wider scope than a test are kept away from the user's cache and keys too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QISTAS_CACHE", str(tmp_path_factory.mktemp("shared-cache")))
        patch.setenv("QISTAS_SIGNING_KEY", str(tmp_path_factory.mktemp("keys") / "signing.pem"))
        for name in (*PRIVATE, *PROXIES):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True)
def _own_cache(
    _own_surroundings: None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QISTAS_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The checkout that the tests stand in."""
    return ROOT


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Public data that the project does not ship; a test that needs them is skipped, visibly, where they are not."""
    named = os.environ.get("QISTAS_TEST_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}: set QISTAS_TEST_DATA to the folder that holds them")
    return folder


def is_local(address: Any) -> bool:
    """Whether a socket address stays on this machine: a Unix socket, or a loopback host."""
    if not isinstance(address, tuple):
        return True
    host = address[0].decode() if isinstance(address[0], bytes) else str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def reached_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Refuses every address outside this machine, and fails the test even where the code swallowed the refusal."""
    attempts: list[str] = []

    def guarded(real: Callable[..., Any], place: int) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            address = args[place] if len(args) > place else next(iter(kwargs.values()), None)
            if not is_local(address):
                attempts.append(str(address))
                message = f"a test tried to reach {address}: tests speak to this machine only"
                raise PermissionError(message)
            return real(*args, **kwargs)

        return call

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guarded(getattr(socket.socket, name), 1))
    real_lookup = socket.getaddrinfo

    def lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_local((host or "",)):
            attempts.append(str(host))
            message = f"a test tried to look up {host}: tests speak to this machine only"
            raise PermissionError(message)
        return real_lookup(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    yield attempts
    assert attempts == [], f"tests speak to this machine only; this one tried {attempts}"
