"""A world of its own for what fetches: names and addresses of the public internet, behind them one local server."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpcore

from apps.core import connections
from apps.core.fetching import Fetcher

ADDRESS = "93.184.215.14"
Answer = Callable[[], Iterable[bytes]]


@dataclass
class Internet:
    """`names` are the answers that the resolver gives in turn, the last one for ever; names it lacks are at ADDRESS.

    `pages` are by their address, such as "example.org/a". `looked_up`, `connected` and `asked` tell what happened.
    """

    port: int
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    pages: dict[str, Answer] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    asked: list[bytes] = field(default_factory=list)

    def fetcher(self, seconds: float = 30.0) -> Fetcher:
        """One that lives in this world."""
        return Fetcher(seconds=seconds, resolve=self.resolve, connect=self.connect)

    def says(self, page: str, body: bytes = b"", status: str = "200 OK", **headers: str) -> None:
        """Have an answer ready; the header X-Y is `x_y`. HTML, unless the headers say something else."""
        fields = {"content_type": "text/html; charset=utf-8", "content_length": str(len(body)), **headers}
        lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-').title()}: {fields[name]}" for name in fields)]
        head = "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n"
        self.pages[page] = lambda: [head + body]

    def sends(self, page: str, to: str, status: str = "302 Found") -> None:
        """Have a redirect ready."""
        self.says(page, b"elsewhere", status, location=to)

    def resolve(self, name: str, seconds: float) -> Sequence[str]:
        """In the place of the machine's resolver."""
        self.looked_up.append(name)
        answers = self.names.get(name, [[ADDRESS]])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, address: str, port: int, seconds: float) -> httpcore.NetworkStream:
        """In the place of the internet."""
        self.connected.append((address, port))
        return connections.connect("127.0.0.1", self.port, seconds)


@contextmanager
def opened() -> Iterator[Internet]:
    """The world, for the length of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        internet = Internet(listener.getsockname()[1])
        server = threading.Thread(target=_serve, args=[listener, internet])
        server.start()
        yield internet
        # Ends what the server waits for.
        listener.shutdown(socket.SHUT_RDWR)
        server.join()


def _serve(listener: socket.socket, internet: Internet) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            _answer(connection, internet)


def _answer(connection: socket.socket, internet: Internet) -> None:
    """One request and its answer, until the other side hangs up."""
    heard = b""
    try:
        while b"\r\n\r\n" not in heard:
            if not (part := connection.recv(65536)):
                return
            heard += part
        internet.asked.append(heard)
        for part in internet.pages.get(_page(heard), _nothing)():
            connection.sendall(part)
            if not part:
                # The other side will have to hang up.
                connection.recv(1)
                return
    except OSError:
        return


def _page(heard: bytes) -> str:
    first, _, rest = heard.decode("latin-1").partition("\r\n")
    host = next(line[6:] for line in rest.split("\r\n") if line.lower().startswith("host: "))
    return host + first.split(" ")[1]


def _nothing() -> Iterable[bytes]:
    return [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]
