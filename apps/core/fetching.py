"""Getting a document from a stranger's server, at an address that a stranger has typed.

Not here: which servers may be asked (connections.py), what the document says.
"""

import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

import httpx
from ada_url import URL
from django.conf import settings

from apps.core.addresses import resolve
from apps.core.connections import Budget, Connect, Fault, FetchError, Resolve, Transport, connect

SECONDS = 5.0
# Bytes: of all that comes, headers and redirects too, and again of the document when it is unpacked.
LARGEST = 2 * 1024 * 1024
MOST_REDIRECTS = 5
# Like a page that failed: too many requests, or too slow a one, are not for ever.
TRY_LATER = {408, 425, 429}
# zlib's name for "gzip or zlib, as its first bytes say".
ANY_HEADER = 32 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Document:
    """What was at `url`, after redirects; the type in small letters, the charset as the server named it, or ""."""

    url: str
    type: str
    charset: str
    body: bytes


class Fetcher:
    """Asks as nobody: without cookies, passwords or the environment's proxies. At most SECONDS for all of it."""

    def __init__(self, *, seconds: float = SECONDS, resolve: Resolve = resolve, connect: Connect = connect) -> None:
        self._seconds = seconds
        self._resolve = resolve
        self._connect = connect

    def fetch(self, address: str, types: Collection[str]) -> Document:
        """The document at `address`, if it is of one of these types. Raises FetchError, and nothing else."""
        budget = Budget(self._seconds, LARGEST)
        with Transport(budget, self._resolve, self._connect) as transport:
            return _follow(transport, _parse(address), types)


def _follow(transport: Transport, url: str, types: Collection[str]) -> Document:
    # Without httpx's client, which keeps cookies, sends passwords and reads the bodies of redirects.
    for _ in range(1 + MOST_REDIRECTS):
        with closing(transport.handle_request(_request(url, types))) as response:
            if not response.has_redirect_location:
                return _read(url, response, types)
        url = _parse(response.headers["Location"], base=url)
    raise FetchError(Fault.TOO_MANY_REDIRECTS)


def _request(url: str, types: Collection[str]) -> httpx.Request:
    headers = {
        # Else httpx would read it out of the name, and some that browsers open are none to it.
        "Host": URL(url).host,
        "User-Agent": f"{settings.SITE_NAME} (+{settings.SITE_URL})",
        "Accept": ", ".join(types),
        # The one that is unpacked bit by bit here; others could grow out of bounds.
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    try:
        return httpx.Request("GET", url, headers=httpx.Headers(headers, encoding="utf-8"))
    except httpx.InvalidURL as error:
        raise FetchError(Fault.BAD_ADDRESS) from error


def _parse(address: str, base: str | None = None) -> str:
    """The address that a browser would ask."""
    try:
        url = URL(address, base=base)
    except ValueError as error:
        raise FetchError(Fault.BAD_ADDRESS) from error
    if url.protocol not in {"http:", "https:"} or url.username or url.password:
        raise FetchError(Fault.BAD_ADDRESS)
    return url.href


def _read(url: str, response: httpx.Response, types: Collection[str]) -> Document:
    if response.status_code >= 500 or response.status_code in TRY_LATER:
        raise FetchError(Fault.FAILING)
    if response.status_code != 200:
        raise FetchError(Fault.REFUSED)
    found = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if found not in types:
        raise FetchError(Fault.WRONG_TYPE)
    parts, size = [], 0
    for part in _unpacked(response.iter_raw(), response.headers.get("Content-Encoding", "").strip().lower()):
        size += len(part)
        if size > LARGEST:
            raise FetchError(Fault.TOO_LARGE)
        parts.append(part)
    return Document(url, found, response.charset_encoding or "", b"".join(parts))


def _unpacked(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The parts of the document; none is much larger than LARGEST, whatever it pretends to unpack to."""
    if encoding in {"", "identity"}:
        yield from parts
    elif encoding in {"gzip", "x-gzip", "deflate"}:
        unpacking = zlib.decompressobj(ANY_HEADER)
        try:
            for part in parts:
                yield unpacking.decompress(part, LARGEST + 1)
        except zlib.error as error:
            raise FetchError(Fault.BROKEN_ANSWER) from error
    else:
        raise FetchError(Fault.BROKEN_ANSWER)
