"""Addresses that lead inward, and answers that want to keep us, fill us or break us."""

import gzip
import itertools
import json
import threading
import zlib
from collections.abc import Iterator

import httpcore
import pytest

from apps.core.addresses import is_public, resolve
from apps.core.connections import Fault
from apps.core.fetching import LARGEST, MOST_REDIRECTS, Fetcher
from tests.core.internet import ADDRESS, Internet, opened
from tests.core.test_corpora import CORPORA
from tests.core.test_fetching import HTML, fault_of

METADATA = ["169.254.169.254", "fd00:ec2::254", "168.63.129.16", "100.100.100.200", "192.0.0.192"]
# Each means this machine, its network, or a cloud's metadata, as some program or other reads it.
INWARD = [
    *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7F.1", "017700000001"),
    *(
        "0177.0.0.1",
        "00000177.1",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "0",
        "0.0.0.0",
    ),
    *("10.0.0.1", "192.168.1.1", "172.16.0.1", "3232235777", "0xc0a80101", "100.64.0.1", "255.255.255.255"),
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "224.0.0.1", "240.0.0.1"),
    *(
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[::ffff:0:7f00:1]",
    ),
    *("[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2001::1]", "[fd00:ec2::254]", "[fe80::1]", "[fec0::1]", "[ff02::1]"),
]
ODD = [
    *("http://[fe80::1%25eth0]/", "http://[::1%25lo]/", "http://[::1", "http://::1/", "http://127.0.0.1:0/", "http://"),
    *(
        "http://user@example.org/",
        "http://user:pass@example.org/",
        "http://:pass@example.org/",
        "http://1.1.1.1@127.0.0.1/",
    ),
    *("http://example.org:8080/", "https://example.org:22/", "http://example.org:6379/", "http://example.org:99999/"),
    *(
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "javascript:1",
        "data:text/html,x",
        "",
        "/a",
    ),
    *("http://127.0.0.1\\@example.org:81/", "http://example.org\\@127.0.0.1/", "http://127.0.0.1#@example.org/"),
    *(
        "http://127.0.0.1?@example.org/",
        "http:///127.0.0.1/",
        "http:127.0.0.1",
        "http://%00/",
        "http://\x00/",
        "http://a\r\nb/",
    ),
    *(
        "http://xn--/",
        "http://xn--i-7iq.ws/",
        "http://" + "a" * 70_000,
        "\ud800",
        "http://\ud800/",
        "http://example.org:٨٠٨٠/",
    ),
]


@pytest.fixture
def internet() -> Iterator[Internet]:
    with opened() as internet:
        yield internet


@pytest.fixture
def nowhere() -> Fetcher:
    """Asks the machine's own resolver for numbers, and fails the test if anything but a public address is connected."""

    def numbers(name: str, seconds: float) -> list[str]:
        return [one for one in resolve(name, seconds) if one] if name[-1:].isdigit() or ":" in name else [ADDRESS]

    def connect(address: str, port: int, seconds: float) -> httpcore.NetworkStream:
        assert is_public(address)
        assert port in (80, 443)
        raise httpcore.ConnectError

    return Fetcher(resolve=numbers, connect=connect)


@pytest.mark.parametrize("host", INWARD)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_spelling_of_an_inner_address_is_connected(nowhere: Fetcher, scheme: str, host: str) -> None:
    assert fault_of(nowhere, f"{scheme}://{host}/") in {Fault.PRIVATE_ADDRESS, Fault.BAD_ADDRESS}


@pytest.mark.parametrize("address", ODD)
def test_other_schemes_ports_passwords_and_nonsense_are_refused(nowhere: Fetcher, address: str) -> None:
    assert fault_of(nowhere, address) in {Fault.PRIVATE_ADDRESS, Fault.BAD_ADDRESS, Fault.UNREACHABLE}


@pytest.mark.data
@pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the corpora are not at {CORPORA} (GROUNDSWELL_DATA)")
def test_no_address_of_the_corpus_does_harm(nowhere: Fetcher) -> None:
    cases = [case for case in json.loads((CORPORA / "urls/urltestdata.json").read_text()) if isinstance(case, dict)]

    faults = {case["input"]: fault_of(nowhere, case["input"]) for case in cases}

    assert len(faults) > 500
    # The fixture looks at each connection; these were let through to one that is never made.
    assert 50 < list(faults.values()).count(Fault.UNREACHABLE) < 300


@pytest.mark.parametrize("address", METADATA)
@pytest.mark.parametrize("name", ["metadata.google.internal", "localhost", "localtest.me", "printer.local"])
def test_name_of_an_inner_address_is_not_connected(internet: Internet, name: str, address: str) -> None:
    internet.names[name] = [[address]]

    assert fault_of(internet.fetcher(), f"http://{name}/") == Fault.PRIVATE_ADDRESS
    assert internet.connected == []


@pytest.mark.parametrize("answer", [[ADDRESS, "127.0.0.1"], ["10.0.0.1", ADDRESS], [ADDRESS, "::1"]])
def test_name_of_which_one_address_is_not_public_is_not_connected(internet: Internet, answer: list[str]) -> None:
    internet.names["example.org"] = [answer]

    assert fault_of(internet.fetcher(), "http://example.org/") == Fault.PRIVATE_ADDRESS
    assert internet.connected == []


def test_name_without_addresses_is_unknown(internet: Internet) -> None:
    internet.names["example.org"] = [[]]

    assert fault_of(internet.fetcher(), "http://example.org/") == Fault.UNKNOWN_NAME


def test_name_that_changes_its_address_after_the_check_gains_nothing(internet: Internet) -> None:
    internet.names["example.org"] = [[ADDRESS], ["127.0.0.1"]]
    internet.says("example.org/", b"public")

    found = internet.fetcher().fetch("http://example.org/", HTML)

    assert found.body == b"public"
    assert internet.looked_up == ["example.org"]
    assert internet.connected == [(ADDRESS, 80)]


def test_name_that_changes_its_address_between_redirects_is_checked_again(internet: Internet) -> None:
    internet.names["example.org"] = [[ADDRESS], ["127.0.0.1"]]
    internet.sends("example.org/", "/again")

    assert fault_of(internet.fetcher(), "http://example.org/") == Fault.PRIVATE_ADDRESS
    assert internet.connected == [(ADDRESS, 80)]


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
@pytest.mark.parametrize(
    "to",
    [
        *(
            "http://127.0.0.1/",
            "//127.1/",
            "https://[::1]/",
            "http://2852039166/latest",
            "http://inner/",
            "ftp://a.example/",
        ),
        *(
            "http://u:p@example.org/",
            "http://example.org:8080/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://[",
        ),
    ],
)
def test_redirect_inward_is_not_followed(internet: Internet, to: str, status: str) -> None:
    internet.names |= {name: [[name]] for name in ("127.0.0.1", "169.254.169.254", "::1")} | {"inner": [["10.0.0.1"]]}
    internet.sends("example.org/", to, status)

    assert fault_of(internet.fetcher(), "http://example.org/") in {Fault.PRIVATE_ADDRESS, Fault.BAD_ADDRESS}
    assert internet.connected == [(ADDRESS, 80)]


def test_refresh_in_a_page_is_not_followed(internet: Internet) -> None:
    internet.says("example.org/", b'<meta http-equiv="refresh" content="0;url=http://127.0.0.1/">', refresh="0;url=/b")

    internet.fetcher().fetch("http://example.org/", HTML)

    assert len(internet.asked) == 1


def bomb(size: int) -> bytes:
    """Unpacks to `size` times a megabyte."""
    packing = zlib.compressobj(9, wbits=31)
    return b"".join([*(packing.compress(bytes(2**20)) for _ in range(size)), packing.flush()])


def test_page_that_unpacks_to_many_megabytes_ends_at_two_megabytes(internet: Internet) -> None:
    packed = bomb(64)
    internet.says("example.org/", packed, content_encoding="gzip")

    assert len(packed) < LARGEST
    assert fault_of(internet.fetcher(), "http://example.org/") == Fault.TOO_LARGE


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "gzip,br", "nonsense"])
def test_packing_that_nobody_asked_for_is_refused(internet: Internet, encoding: str) -> None:
    internet.says("example.org/", gzip.compress(b"x"), content_encoding=encoding)

    assert fault_of(internet.fetcher(), "http://example.org/") == Fault.BROKEN_ANSWER


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
ENDLESS = {
    "a body in drops": [HEAD + b"\r\n", b"x"],
    "a header in drops": [HEAD, b"a"],
    "chunks in drops": [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"],
    "always asks to go on": [b"HTTP/1.1 100 Continue\r\n\r\n"] * 2,
    "no more": [b"HTTP/1.1 ", b""],
    "nothing": [b"", b""],
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_answer_without_end_ends(internet: Internet, kind: str) -> None:
    first, more = ENDLESS[kind]
    internet.pages["example.org/"] = lambda: itertools.chain([first], in_drops(more))

    assert fault_of(internet.fetcher(seconds=0.3), "http://example.org/") == Fault.TIMEOUT


def in_drops(part: bytes) -> Iterator[bytes]:
    pace = threading.Event()
    while not pace.wait(0.01):
        yield part


def test_resolver_and_redirects_share_the_time(internet: Internet) -> None:
    internet.pages["example.org/"] = lambda: in_drops(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n")

    def resolve(name: str, seconds: float) -> list[str]:
        seen.append(seconds)
        return [ADDRESS]

    seen: list[float] = []
    fault_of(Fetcher(seconds=30, resolve=resolve, connect=internet.connect), "http://example.org/")

    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == len(seen) == 1 + MOST_REDIRECTS


BROKEN = {
    "another protocol": b"220 mail.example.org ESMTP\r\n",
    "an older one": b"<html>hello</html>",
    "half a line": b"HTTP/1.1 200",
    "no number": b"HTTP/1.1 OK\r\n\r\n",
    "less than it promised": HEAD + b"Content-Length: 100\r\n\r\nshort",
    "two lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "a length that is none": HEAD + b"Content-Length: -1\r\n\r\nxx",
    "a header of 200 kB": HEAD + b"X: " + b"a" * 200_000 + b"\r\n\r\n",
    "20,000 headers": HEAD + b"X: abcdefg\r\n" * 20_000 + b"\r\n",
    "zeros in a header": HEAD + b"X: \x00\r\n\r\n",
    "a header without a name": HEAD + b": x\r\n\r\n",
    "a chunk that is none": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "chunks that end early": HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\nx",
    "an unknown transfer": HEAD + b"Transfer-Encoding: gzip\r\n\r\nx",
    "no gzip": HEAD + b"Content-Encoding: gzip\r\n\r\nplain",
    "broken gzip": HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x")[:10] + b"\xff" * 50,
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_answer_is_none(internet: Internet, kind: str) -> None:
    internet.pages["example.org/"] = lambda: [BROKEN[kind]]

    assert fault_of(internet.fetcher(), "http://example.org/") in {Fault.BROKEN_ANSWER, Fault.UNREACHABLE}


CARELESS = {
    "more than it promised": HEAD + b"Content-Length: 2\r\n\r\nhithis is too much",
    "packed twice": HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"hi") + gzip.compress(b"more"),
    "rubbish behind": HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"hi") + b"\x00rubbish",
    "an old server": b"HTTP/1.0 200 OK\nContent-Type: text/html\n\nhi",
    "a strange cookie": HEAD + b"Set-Cookie: \xff\xfe=\xfd; expires=99999999999999999999\r\n\r\nhi",
    "a strange charset": HEAD.replace(b"html", b"html; charset*=rot13'x'%00; charset=\xff; =; ;;;\"") + b"\r\nhi",
}


@pytest.mark.parametrize("kind", CARELESS)
def test_careless_answer_is_read_as_far_as_it_makes_sense(internet: Internet, kind: str) -> None:
    internet.pages["example.org/"] = lambda: [CARELESS[kind]]

    assert internet.fetcher().fetch("http://example.org/", HTML).body == b"hi"


@pytest.mark.parametrize(
    "location", ["http://\xff\xfe/", "\x7f", "http://[::1", "http://a b/", "%00", "///", "?" * 9000]
)
def test_strange_redirect_is_an_address_or_none(internet: Internet, location: str) -> None:
    internet.sends("example.org/", location)

    assert fault_of(internet.fetcher(), "http://example.org/")
