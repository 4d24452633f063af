"""A real Nginx before stand-ins for gunicorns, and people who ask it."""

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from deploy.local import processes, programs, scratch
from deploy.nginx.render import Door
from tests.patience import PATIENCE

SHARED = "s-maxage=1, stale-while-revalidate=2, stale-if-error=60"


@dataclass(frozen=True)
class Answer:
    """What a gunicorn says, or a person hears."""

    body: bytes = b"a page"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Heard:
    """What has come to a gunicorn."""

    method: str
    path: str
    headers: dict[str, str]


class Gunicorn:
    """A stand-in: keeps what it hears, and answers what `answer` says; None breaks the connection."""

    def __init__(self, port: int = 0) -> None:
        self.port = port or processes.free_port()
        self.heard: list[Heard] = []
        self.answer: Callable[[Heard], Answer | None] = lambda heard: Answer()
        self.start()

    def start(self) -> None:
        """Listen, for the first time or again."""
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.gunicorn = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.01])
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass(frozen=True)
class Site:
    """A door and what is behind it."""

    port: int
    gunicorns: list[Gunicorn]
    directory: Path

    @property
    def heard(self) -> list[Heard]:
        """What has come to any gunicorn."""
        return [heard for gunicorn in self.gunicorns for heard in gunicorn.heard]

    def ask(self, path: str = "/", method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        """One request on a connection of its own; the header X-Y is `x_y`."""
        return heard_on(self.send(path, method, body, **headers))

    def send(self, path: str = "/", method: str = "GET", body: bytes = b"", **headers: str) -> HTTPConnection:
        """Ask without waiting for the answer."""
        return said_on(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE), path, method, body, headers)

    def ask_encrypted(self, port: int) -> Answer:
        """The front page over TLS."""
        trusting = ssl.create_default_context(cafile=self.directory / "certificate.pem")
        return heard_on(said_on(HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, context=trusting)))


def said_on(
    connection: HTTPConnection, path: str = "/", method: str = "GET", body: bytes = b"", headers: Mapping[str, str] = {}
) -> HTTPConnection:
    """Send a request; http.client would accept "identity" by itself."""
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-").title(), value)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    return connection


def heard_on(connection: HTTPConnection) -> Answer:
    """Wait for the answer, and hang up."""
    try:
        response = connection.getresponse()
        return Answer(response.read(), response.status, dict(response.getheaders()))
    finally:
        connection.close()


def after(event: threading.Event, answer: Answer | None) -> Callable[[Heard], Answer | None]:
    """An answer that waits."""
    return lambda heard: answer if event.wait() else None


@contextmanager
def opened(num_gunicorns: int = 1, *, tls_port: int = 0, **differences: Any) -> Iterator[Site]:
    """The site, for the length of the block, with a certificate if it has a `tls_port`; else fields of `Door`."""
    with ExitStack() as stack:
        directory = stack.enter_context(scratch.directory(user=programs.WEB_USER))
        gunicorns = [Gunicorn() for _ in range(num_gunicorns)]
        for gunicorn in gunicorns:
            stack.callback(gunicorn.stop)
        for name in ("static", "media"):
            (directory / name).mkdir()
        port = processes.free_port()
        if tls_port:
            differences |= {"listen_tls": [f"127.0.0.1:{tls_port}"], **certified(directory)}
        door = Door(
            directory=directory,
            gunicorns=[f"127.0.0.1:{gunicorn.port}" for gunicorn in gunicorns],
            static_root=directory / "static",
            media_root=directory / "media",
            listen=[f"127.0.0.1:{port}"],
            **differences,
        )
        nginx = processes.serve(programs.nginx(door, port))
        stack.callback(processes.stop, nginx, programs.NGINX_ENDING)
        yield Site(port, gunicorns, directory)


def certified(directory: Path) -> dict[str, str]:
    """Sign a certificate for ourselves; its fields of `Door`."""
    files = {"certificate": str(directory / "certificate.pem"), "key": str(directory / "key.pem")}
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-out", files["certificate"], "-keyout", files["key"]], check=True, capture_output=True)
    # The tests' Nginx has no root's right to read it.
    (directory / "key.pem").chmod(0o644)
    return files


class _Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True
    gunicorn: Gunicorn

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of who has gone away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def handle_one(self) -> None:
        heard = Heard(self.command, self.path, {name.title(): value for name, value in self.headers.items()})
        self.server.gunicorn.heard.append(heard)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.gunicorn.answer(heard)
        if answer is None:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PATCH = handle_one  # the base class's names

    def log_message(self, format: str, *args: object) -> None:
        """Be quiet."""
