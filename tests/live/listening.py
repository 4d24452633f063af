"""Pages that listen, without a browser."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.patience import PATIENCE


@dataclass(frozen=True)
class Event:
    """What a stream says at once."""

    kind: str
    data: dict[str, Any]
    id: str = ""


class Ear:
    """One stream. `status` and `headers` are of the answer; `retry` is what was said last of coming back."""

    def __init__(self, port: int, query: str, headers: dict[str, str]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        lines = [f"GET /live/stream?{query} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in headers.items())]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self._file = self.socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers = dict(self._headers())
        self.retry = 0

    def hear(self) -> Event | None:
        """The next event; None at the end of the stream."""
        while (block := self._block()) is not None:
            fields = dict(line.partition(": ")[::2] for line in block if line)
            self.retry = int(fields.get("retry", self.retry))
            if "event" in fields:
                return Event(fields["event"], json.loads(fields["data"]), fields.get("id", ""))
        return None

    def hear_of(self, kind: str) -> Event:
        """The next event of this kind."""
        while (event := self.hear()) and event.kind != kind:
            pass
        assert event, f"The stream has ended before a {kind}."
        return event

    def _headers(self) -> Iterator[tuple[str, str]]:
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            yield name.lower(), value

    def _block(self) -> list[str] | None:
        """The lines up to an empty one. Each chunk of the answer ends with one."""
        if not hasattr(self, "_lines"):
            self._lines = self._unchunked()
        lines: list[str] = []
        for line in self._lines:
            if not line:
                return lines
            lines.append(line)
        return None

    def _unchunked(self) -> Iterator[str]:
        while size := int(self._file.readline() or b"0", 16):
            chunk = self._file.read(size)
            self._file.readline()
            yield from chunk.decode().removesuffix("\n").split("\n")


@contextmanager
def listening(port: int, *topics: str, after: str = "", keys: tuple[str, ...] = (), **headers: str) -> Iterator[Ear]:
    """An open page that hears `topics`; the header X-Y is `x_y`. Its stream has begun."""
    asked = [("topic", topic) for topic in topics] + [("key", key) for key in keys] + [("after", after)] * bool(after)
    ear = Ear(port, urlencode(asked), {name.replace("_", "-").title(): value for name, value in headers.items()})
    try:
        yield ear
    finally:
        ear.socket.close()
        ear._file.close()
