"""What fetching brings back, and how it asks. Not here: hostile addresses and answers."""

import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpcore
import pytest
from pytest_django import Settings

from apps.core import connections
from apps.core.connections import Fault, FetchError
from apps.core.fetching import LARGEST, MOST_REDIRECTS, Fetcher
from tests.core.internet import ADDRESS, Internet, opened
from tests.deploy.door import certified

HTML = ["text/html"]


@pytest.fixture
def internet() -> Iterator[Internet]:
    with opened() as internet:
        yield internet


def fault_of(fetcher: Fetcher, address: str) -> Fault:
    with pytest.raises(FetchError) as raised:
        fetcher.fetch(address, HTML)
    return raised.value.fault


def test_page_comes_with_its_address_type_and_charset(internet: Internet) -> None:
    internet.says("example.org/a?b=1", b"<p>Hi", content_type="Text/HTML; Charset=Latin1")

    found = internet.fetcher().fetch("http://example.org/a?b=1#c", HTML)

    assert (found.url, found.type, found.charset, found.body) == (
        "http://example.org/a?b=1#c",
        "text/html",
        "latin1",
        b"<p>Hi",
    )


def test_question_names_the_site_and_nothing_of_anybody(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    internet.says("example.org/", set_cookie="a=b", status="302 Found", location="/b")
    internet.says("example.org/b")

    internet.fetcher().fetch("http://example.org/", HTML)

    assert internet.asked[1].decode().split("\r\n") == [
        *("GET /b HTTP/1.1", "Host: example.org", "User-Agent: Groundswell (+http://127.0.0.1:8000)"),
        *("Connection: close", "Accept: text/html", "Accept-Encoding: gzip", "", ""),
    ]


def test_site_may_have_any_name(internet: Internet, settings: Settings) -> None:
    settings.SITE_NAME = "Ünder 🌊"
    internet.says("example.org/")

    internet.fetcher().fetch("http://example.org/", HTML)

    assert "User-Agent: Ünder 🌊 (+".encode() in internet.asked[0]


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
def test_redirects_lead_to_what_a_browser_would_open(internet: Internet, status: str) -> None:
    internet.sends("example.org/a/b", "../c?d", status)
    internet.sends("example.org/c?d", "//example.com/e", status)
    internet.says("example.com/e", b"there")

    found = internet.fetcher().fetch("http://example.org/a/b", HTML)

    assert (found.url, found.body) == ("http://example.com/e", b"there")


def test_five_redirects_are_the_most(internet: Internet) -> None:
    for number in range(9):
        internet.sends(f"example.org/{number}", f"/{number + 1}")
    internet.says("example.org/9")

    allowed = internet.fetcher().fetch(f"http://example.org/{9 - MOST_REDIRECTS}", HTML)

    assert allowed.url == "http://example.org/9"
    assert fault_of(internet.fetcher(), f"http://example.org/{8 - MOST_REDIRECTS}") == Fault.TOO_MANY_REDIRECTS


def test_redirects_in_a_circle_end(internet: Internet) -> None:
    internet.sends("example.org/", "/")

    assert fault_of(internet.fetcher(), "http://example.org/") == Fault.TOO_MANY_REDIRECTS
    assert len(internet.asked) == 1 + MOST_REDIRECTS


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
@pytest.mark.parametrize("encoding", ["gzip", "X-GZIP", "deflate"])
def test_packed_page_is_unpacked(internet: Internet, pack: object, encoding: str) -> None:
    assert callable(pack)
    internet.says("example.org/", pack(b"words " * 1000), content_encoding=encoding)

    assert internet.fetcher().fetch("http://example.org/", HTML).body == b"words " * 1000


def test_page_of_two_megabytes_is_the_largest(internet: Internet) -> None:
    head = 1000
    internet.says("example.org/a", b"x" * (LARGEST - head))
    internet.says("example.org/b", b"x" * (LARGEST + 1))

    assert len(internet.fetcher().fetch("http://example.org/a", HTML).body) == LARGEST - head
    assert fault_of(internet.fetcher(), "http://example.org/b") == Fault.TOO_LARGE


@pytest.mark.parametrize("kind", ["", "text/plain", "application/json", "image/svg+xml", "text/htmlx", "text / html"])
def test_other_types_are_refused(internet: Internet, kind: str) -> None:
    internet.says("example.org/", b"<html>", content_type=kind)

    assert fault_of(internet.fetcher(), "http://example.org/") == Fault.WRONG_TYPE


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        *(("404 N", Fault.REFUSED), ("403 F", Fault.REFUSED), ("204 N", Fault.REFUSED), ("302 Nowhere", Fault.REFUSED)),
        *(("500 I", Fault.FAILING), ("503 S", Fault.FAILING), ("429 T", Fault.FAILING), ("408 T", Fault.FAILING)),
    ],
)
def test_only_a_page_that_is_there_counts(internet: Internet, status: str, fault: Fault) -> None:
    internet.says("example.org/", status=status)

    assert fault_of(internet.fetcher(), "http://example.org/") == fault


def test_next_address_of_a_name_is_tried(internet: Internet) -> None:
    internet.names["example.org"] = [["2606:4700:4700::1111", ADDRESS]]
    internet.says("example.org/")
    tried = []

    def connect(address: str, port: int, seconds: float) -> httpcore.NetworkStream:
        tried.append(address)
        if ":" in address:
            raise httpcore.ConnectError
        return internet.connect(address, port, seconds)

    Fetcher(resolve=internet.resolve, connect=connect).fetch("http://example.org/", HTML)

    assert tried == ["2606:4700:4700::1111", ADDRESS]


def test_server_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    fetcher = Fetcher(resolve=lambda *_: [ADDRESS], connect=lambda *_: connections.connect("127.0.0.1", port, 5))

    assert fault_of(fetcher, "http://example.org/") == Fault.UNREACHABLE


def test_encrypted_connections_go_to_the_address_but_ask_for_the_name(tmp_path: Path) -> None:
    files = certified(tmp_path)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(files["certificate"], files["key"])
    names: list[str | None] = []
    server_side.sni_callback = lambda _, name, __: names.append(name)

    def resolve(name: str, seconds: float) -> Sequence[str]:
        return [ADDRESS]

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        server = threading.Thread(target=shake_hands, args=[listener, server_side])
        server.start()
        fetcher = Fetcher(resolve=resolve, connect=lambda *_: connections.connect("127.0.0.1", port, 30))
        fault = fault_of(fetcher, "https://example.org/")
        server.join()

    # Nobody whom we trust has signed the certificate.
    assert (names, fault) == (["example.org"], Fault.UNREACHABLE)


def shake_hands(listener: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listener.accept()
    with connection, pytest.raises(ssl.SSLError):
        context.wrap_socket(connection, server_side=True)
