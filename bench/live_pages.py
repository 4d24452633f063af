"""The open pages of bench/live.py, which runs it: as many connections, each of which counts what it hears."""

import asyncio
import resource
import sys
import time
from collections import Counter

# Who comes at the same time.
AT_ONCE = 100
REQUEST = "GET /live/stream?topic=story:{} HTTP/1.1\r\nHost: localhost\r\n\r\n"
BEGINNING = b"retry: "
EVENT = b"\nevent: comment\n"
PATIENCE_SECONDS = 60


class Page(asyncio.Protocol):
    """One connection."""

    def __init__(self, topic: int) -> None:
        self.begun = asyncio.get_running_loop().create_future()
        self.heard = 0
        self._topic = topic
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 (TCP)
        transport.write(REQUEST.format(self._topic).encode())

    def data_received(self, data: bytes) -> None:
        """Count. An event may come in two pieces."""
        data = self._rest + data
        self.heard += data.count(EVENT)
        self._rest = data[-len(EVENT) + 1 :]
        if BEGINNING in data and not self.begun.done():
            self.begun.set_result(None)


async def listen(port: int, number: int, topics: int, expected: int) -> None:
    """Say when all listen, and then what they have heard: when it is all of it, or nothing has come for a while."""
    loop, turns, pages = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE), []

    async def come(topic: int) -> None:
        async with turns:
            _, page = await loop.create_connection(lambda: Page(topic), "127.0.0.1", port)
            pages.append(page)
            await page.begun

    await asyncio.gather(*(come(place % topics) for place in range(number)))
    sys.stdout.write("all listen\n")
    sys.stdout.flush()
    before, changed_at = -1, time.monotonic()
    while (total := sum(page.heard for page in pages)) < expected and time.monotonic() < changed_at + PATIENCE_SECONDS:
        if total > before:
            before, changed_at = total, time.monotonic()
        await asyncio.sleep(0.5)
    each = Counter(page.heard for page in pages)
    sys.stdout.write(f"{total:,} of {expected:,} events heard, {min(each)} to {max(each)} by each\n")


if __name__ == "__main__":
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    asyncio.run(listen(*map(int, sys.argv[1:])))
