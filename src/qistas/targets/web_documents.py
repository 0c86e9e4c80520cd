"""A document fetched from its address, because the user asked for it: bounded in size, time and redirects, and never from an inner network."""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import msgspec

from qistas.contracts.documents import Text
from qistas.contracts.version import __version__
from qistas.targets.release_documents import decoded
from qistas.targets.web_pages import page_text

MOST_BYTES = 2**20
MOST_SECONDS = 10.0
MOST_REDIRECTS = 5
# Set by the tests, whose server has no certificate; documents of a release must not reach what listens on this machine.
LOOPBACK = False

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TEXTS = re.compile(r"^(?:text/(?:plain|markdown|x-markdown)|application/(?:x-)?markdown)\b", re.IGNORECASE)
_PAGES = re.compile(r"^(?:text/html|application/xhtml\+xml)\b", re.IGNORECASE)
# Only encodings of documents: Python knows others, some of them slow.
_CHARSET = re.compile(
    r"charset=[\"']?(utf-?8|utf-16|us-ascii|iso-8859-\d{1,2}|windows-125\d|gbk|gb2312|gb18030|big5|shift_jis|euc-(?:jp|kr))\b",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Unfetched(Exception):
    """A document could not be fetched; ``why`` says so in both languages."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a document, and the address that they came from in the end."""

    text: str
    url: str


def fetch_document(address: str, *, seconds: float = MOST_SECONDS) -> Fetched:
    """The words at an address: a text as it is, a web page without its markup. Only https, port 443; ``http`` is asked as https.

    Nothing of the user's is sent along: no cookies, no credentials. Blocking.

    Raises:
        Unfetched: it is longer than ``MOST_BYTES``, takes longer than ``seconds``, leads on more than ``MOST_REDIRECTS`` times or to
            something else than https, lies in an inner network, is no text, or is refused.
    """
    url = address if re.match(r"https?://", address, re.IGNORECASE) else f"https://{address}"
    ends = time.monotonic() + seconds
    for _ in range(MOST_REDIRECTS + 1):
        place = _place(url)
        with _answer(place, ends) as response:
            if response.status not in _REDIRECTS:
                text = _words(response)
                if time.monotonic() >= ends:
                    raise _too_long()
                return Fetched(text=text, url=place.geturl())
            url = urljoin(place.geturl(), response.headers.get("Location", ""))
    raise Unfetched(
        Text(f"leads on more than {MOST_REDIRECTS} times", f"يحيل إلى غيره أكثر من {MOST_REDIRECTS} مرّات")
    )


def _place(url: str) -> SplitResult:
    """Where to ask; only https to its own port, or (in tests) http to this machine."""
    try:
        place = urlsplit(url)
        port, host = place.port, place.hostname
    except ValueError:
        raise _no_address() from None
    if not host or place.username is not None or place.scheme not in {"http", "https"}:
        raise _no_address()
    if LOOPBACK and host == "127.0.0.1":
        return place
    if port not in {None, 443, 80 if place.scheme == "http" else 443}:
        raise _no_address()
    return place._replace(scheme="https", netloc=host if ":" not in host else f"[{host}]", fragment="")


def _no_address() -> Unfetched:
    return Unfetched(Text("is no https address", "ليس عنوان https"))


@contextmanager
def _answer(place: SplitResult, ends: float) -> Iterator[http.client.HTTPResponse]:
    """The answer of a server, read from the address that was looked at: what a name leads to may change in between."""
    left = ends - time.monotonic()
    if left <= 0:
        raise _too_long()
    connection = http.client.HTTPConnection(place.hostname or "", timeout=left)
    watch: threading.Timer | None = None
    try:
        connection.sock = _connected(place, left)
        # A server that sends a byte now and then would never meet a timeout of the socket.
        watch = threading.Timer(max(0.0, ends - time.monotonic()), _shut, [connection.sock])
        watch.daemon = True
        watch.start()
        path = quote(place.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
            f"?{quote(place.query, safe='/%:@!$&()*+,;=~-._?')}" if place.query else ""
        )
        headers = {
            "User-Agent": f"qistas/{__version__}",
            "Accept": "text/html, text/plain, text/markdown",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        connection.request("GET", path, headers=headers)
        with connection.getresponse() as response:
            yield response
    except (OSError, http.client.HTTPException, ValueError) as error:
        if time.monotonic() >= ends:
            raise _too_long() from None
        name = type(error).__name__
        raise Unfetched(Text(f"could not be fetched ({name})", f"تعذّر جلبه ({name})")) from None
    finally:
        if watch is not None:
            watch.cancel()
        connection.close()


def _connected(place: SplitResult, seconds: float) -> socket.socket:
    host, secure = place.hostname or "", place.scheme == "https"
    port = place.port or (443 if secure else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not (LOOPBACK and host == "127.0.0.1") and not all(
        ipaddress.ip_address(one.partition("%")[0]).is_global for one in addresses
    ):
        raise Unfetched(Text("lies in an inner network", "يقع في شبكة داخلية"))
    plain = socket.create_connection((addresses[0], port), timeout=seconds)
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
    except BaseException:
        plain.close()
        raise


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _too_long() -> Unfetched:
    return Unfetched(Text("took too long", "استغرق وقتًا أطول من الحدّ"))


def _words(response: http.client.HTTPResponse) -> str:
    if response.status != 200:
        status = response.status
        raise Unfetched(Text(f"the server answered {status}", f"أجاب الخادم بالرمز {status}"))
    kind = response.headers.get("Content-Type", "text/plain")
    if not _TEXTS.match(kind) and not _PAGES.match(kind):
        raise Unfetched(Text("is neither a text nor a web page", "ليس نصًّا ولا صفحة ويب"))
    data = response.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Unfetched(Text(f"has more than {MOST_BYTES:,} bytes", f"حجمه أكبر من {MOST_BYTES} بايت"))
    if response.length:
        raise http.client.IncompleteRead(data)
    text = _decoded(data, kind)
    return _UNSEEN.sub("\ufffd", page_text(text) if _PAGES.match(kind) else text.replace("\r\n", "\n"))


def _decoded(data: bytes, kind: str) -> str:
    named = _CHARSET.search(kind)
    return data.decode(named[1], "replace") if named else decoded(data) or ""
