"""Documents fetched from their address: what is taken, what is refused, and how long that may take."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from qistas.targets import web_documents
from qistas.targets.web_documents import Fetched, Unfetched, fetch_document

HTML = b"<title>Acceptable Use Policy</title><p>You will not &mdash; ever.</p>"


class Pages(BaseHTTPRequestHandler):
    """A site: pages by path, redirects, and paths that misbehave."""

    def do_GET(self) -> None:
        at = self.path
        if at == "/to-policy":
            self._answer(302, b"", Location="/policy")
        elif at.startswith("/to="):
            self._answer(301, b"", Location=at[4:])
        elif at == "/broken":
            self._answer(301, b"", Location="http://[broken/")
        elif at == "/loop":
            self._answer(307, b"", Location="/loop")
        elif at == "/slow":
            self._drip()
        elif at == "/cut":
            self._answer(200, b"half", **{"Content-Length": "100"})
        elif at in self.pages:
            kind, data = self.pages[at]
            self._answer(200, data, **{"Content-Type": kind})
        else:
            self._answer(404, b"no")

    pages = {
        "/policy": ("text/html; charset=utf-8", HTML),
        "/text?a=b%20c": ("text/plain", "© words\r\nand \x1b[31m more".encode("cp1252")),
        "/arabic": ("text/plain; charset=windows-1256", "سياسة".encode("windows-1256")),
        "/odd": ("text/plain; charset=punycode", b"plain"),
        "/long": ("text/plain", b"a" * (2**20 + 1)),
        "/image": ("image/png", b"\x89PNG"),
    }

    def _answer(self, status: int, data: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(data))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        try:
            for _ in range(200):
                self.wfile.write(b"a")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setattr(web_documents, "LOOPBACK", True)
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_web_page_comes_as_its_words_from_where_it_stands_in_the_end(site) -> None:
    text = "Acceptable Use Policy\nYou will not — ever.\n"
    assert fetch_document(f"{site}/policy") == Fetched(text=text, url=f"{site}/policy")
    assert fetch_document(f"{site}/to-policy") == Fetched(text=text, url=f"{site}/policy")


@pytest.mark.parametrize(
    ("path", "text"),
    [("/text?a=b c", "© words\nand \ufffd[31m more"), ("/arabic", "سياسة"), ("/odd", "plain")],
)
def test_a_text_comes_as_it_is(site, path: str, text: str) -> None:
    assert fetch_document(site + path).text == text


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/absent", "the server answered 404"),
        ("/long", "has more than 1,048,576 bytes"),
        ("/image", "is neither a text nor a web page"),
        ("/loop", "leads on more than 5 times"),
        ("/cut", "could not be fetched (IncompleteRead)"),
        ("/to=file:///etc/passwd", "is no https address"),
        ("/to=https://127.0.0.2/x", "lies in an inner network"),
        ("/to=https://user@example.org/", "is no https address"),
        ("/to=http://example.org:8080/", "is no https address"),
        ("/broken", "could not be fetched (ValueError)"),
    ],
)
def test_what_is_not_taken_is_said(site, path: str, why: str) -> None:
    with pytest.raises(Unfetched) as caught:
        fetch_document(site + path)
    assert caught.value.why.en == why


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(site) -> None:
    began = time.monotonic()
    with pytest.raises(Unfetched, match="took too long"):
        fetch_document(f"{site}/slow", seconds=0.5)
    assert time.monotonic() - began < 2.5
    with pytest.raises(Unfetched, match="took too long"):
        fetch_document(f"{site}/policy", seconds=0)


@pytest.mark.parametrize("address", ["http://127.0.0.1/x", "localhost/x", "https://[::1]/x"])
def test_this_machine_and_inner_networks_are_never_asked(address: str) -> None:
    with pytest.raises(Unfetched, match="lies in an inner network"):
        fetch_document(address)


def test_what_is_no_address_is_not_asked() -> None:
    with pytest.raises(Unfetched, match="is no https address"):
        fetch_document("https://[broken/")


def test_a_server_without_a_certificate_is_refused(site) -> None:
    with pytest.raises(Unfetched, match="could not be fetched"):
        fetch_document(site.replace("http:", "https:") + "/policy")
