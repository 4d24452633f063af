"""Connections to strangers' servers, for httpx: to public addresses only, and within limits of time and bytes.

Not here: what is asked, and redirects (fetching.py).
"""

import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from typing import Any

import httpcore
import httpx

from apps.core.addresses import is_public

PORTS = (80, 443)


class Fault(StrEnum):
    """Why nothing was fetched: a word for operators."""

    BAD_ADDRESS = "bad-address"
    PRIVATE_ADDRESS = "private-address"
    UNKNOWN_NAME = "unknown-name"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    REFUSED = "refused"
    FAILING = "failing"
    WRONG_TYPE = "wrong-type"
    BROKEN_ANSWER = "broken-answer"

    @property
    def is_transient(self) -> bool:
        """Whether it may be over in a while."""
        return self in {Fault.UNKNOWN_NAME, Fault.UNREACHABLE, Fault.TIMEOUT, Fault.FAILING}


class FetchError(Exception):
    """Nothing was fetched; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Budget:
    """What may be spent in all, from now on, on names, connections, redirects and answers together."""

    def __init__(self, seconds: float, size: int) -> None:
        self._ends = time.monotonic() + seconds
        self._size = size

    def seconds_left(self) -> float:
        """More than nothing. Raises FetchError."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise FetchError(Fault.TIMEOUT)
        return left

    def take(self, size: int) -> None:
        """Count bytes that have come. Raises FetchError."""
        self._size -= size
        if self._size < 0:
            raise FetchError(Fault.TOO_LARGE)


# From a name to its addresses, and from an address and a port to a connection, both within seconds.
Resolve = Callable[[str, float], Sequence[str]]
Connect = Callable[[str, int, float], httpcore.NetworkStream]


def connect(address: str, port: int, seconds: float) -> httpcore.NetworkStream:
    """Connect to an address, which needs no further look-up."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout=seconds)


class Transport(httpx.BaseTransport):
    """Asks, over connections of its own. Raises FetchError."""

    def __init__(self, budget: Budget, resolve: Resolve, connect: Connect) -> None:
        backend = _Backend(budget, resolve, connect)
        self._pool = httpcore.ConnectionPool(_trust(), max_keepalive_connections=0, network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body still to come."""
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        body = request.read()
        with _failures():
            answer = self._pool.handle_request(
                httpcore.Request(request.method, target, headers=request.headers.raw, content=body)
            )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Hang up."""
        self._pool.close()


class _Backend(httpcore.NetworkBackend):
    """Looks a name up once, and connects to what it has checked; TLS and `Host` still speak of the name."""

    def __init__(self, budget: Budget, resolve: Resolve, connect: Connect) -> None:
        self._budget = budget
        self._resolve = resolve
        self._connect = connect

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        if port not in PORTS:
            raise FetchError(Fault.BAD_ADDRESS)
        return _Stream(self._first(self._checked(host), port), self._budget)

    def _checked(self, host: str) -> Sequence[str]:
        """The name's addresses, if all are public: an honest name has no other."""
        with _failures():
            addresses = self._resolve(host, self._budget.seconds_left())
        if not addresses:
            raise FetchError(Fault.UNKNOWN_NAME)
        if not all(map(is_public, addresses)):
            raise FetchError(Fault.PRIVATE_ADDRESS)
        return addresses

    def _first(self, addresses: Sequence[str], port: int) -> httpcore.NetworkStream:
        """A connection to the first that takes one; each gets its share of the time."""
        for waiting, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                return self._connect(address, port, self._budget.seconds_left() / waiting)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        raise FetchError(Fault.UNREACHABLE)


class _Stream(httpcore.NetworkStream):
    """Waits and reads within the budget, whatever httpx asks for."""

    def __init__(self, stream: httpcore.NetworkStream, budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._budget.seconds_left())
        self._budget.take(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._budget.seconds_left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        encrypted = self._stream.start_tls(ssl_context, server_hostname, self._budget.seconds_left())
        return _Stream(encrypted, self._budget)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Body(httpx.SyncByteStream):
    """An answer's body, as it comes."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _failures():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _failures() -> Iterator[None]:
    """Say it in our words."""
    try:
        yield
    except (TimeoutError, httpcore.TimeoutException) as error:
        raise FetchError(Fault.TIMEOUT) from error
    except httpcore.NetworkError as error:
        raise FetchError(Fault.UNREACHABLE) from error
    except httpcore.ProtocolError as error:
        raise FetchError(Fault.BROKEN_ANSWER) from error


@cache
def _trust() -> ssl.SSLContext:
    """The authorities that httpx trusts, without regard to the environment. Reading them takes longer than a fetch."""
    return httpx.create_ssl_context(trust_env=False)
