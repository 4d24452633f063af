"""The live service: an ASGI application of streams of server-sent events, without Django's requests or its database.

`/live/stream?topic=story:42&key=…&after=…`; `topic` is for everybody, `key` a viewer's own (keys.py), and `after` the
id of the last event heard, or the Unix time of the page in milliseconds.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.core import signing

from apps.live import keys, metrics, publishing, reader
from apps.live.hub import Hub, Listener, Place

HEARTBEAT = b":\n\n"
HEARTBEAT_SECONDS = 20
# Then a stream ends, and its page comes back: with a key that is looked at again, to whichever process is there.
LIFE_SECONDS = 3600
# When a page comes back after its stream has ended. Not all at the same time.
RETRY_MILLISECONDS = (1000, 8000)
RETRY_AFTER_SECONDS = (10, 60)
MOST_TOPICS = 4
TOPIC = re.compile(r"([a-z]{1,20}):[0-9]{1,20}")
PLACE = re.compile(r"[0-9]{1,16}(-[0-9]{1,16})?")
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Refused(Exception):
    """Nobody is told anything here, with this status."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Wish:
    """What a page wants to hear; with `after`, also what it has missed since."""

    topics: frozenset[str]
    after: Place | None


class Service:
    """One process of it."""

    def __init__(self) -> None:
        self.hub = Hub(publishing.LENGTH)
        self.is_draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live as long as the process does."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            try:
                await self._answer(scope, receive, send)
            except Refused as refusal:
                metrics.REFUSED.labels(refusal.status).inc()
                await _say(send, refusal.status, {"detail": refusal.detail})

    def drain(self) -> None:
        """Take nobody more, and let all go, to come back elsewhere."""
        self.is_draining = True
        self.hub.end(_retries())

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        has_begun = asyncio.Event()
        reading = asyncio.create_task(reader.follow(self.hub, has_begun))
        # Who listened before that would miss what is said meanwhile.
        await has_begun.wait()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        reading.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            raise Refused(405, "Only GET.")
        match scope["path"]:
            case "/live/stream":
                await self._listen(wish(scope["query_string"], scope["headers"]), receive, send)
            case "/health/live":
                await _say(send, 200, {"status": "live"})
            case "/health/ready":
                await self._say_whether_ready(send)
            case _:
                raise Refused(404, "There is nothing here.")

    async def _say_whether_ready(self, send: Send) -> None:
        missing = [self._no_place()] if self._no_place() else []
        # Without Redis there is nothing to tell, but those who listen would only come back again and again.
        degraded = [] if self.hub.is_hearing else ["Redis cannot be reached: nobody is told anything."]
        status = {"status": "not ready" if missing else "ready", "missing": missing, "degraded": degraded}
        await _say(send, 503 if missing else 200, status)

    def _no_place(self) -> str:
        """Why nobody more is taken, if so."""
        if self.is_draining:
            return "This process is about to end."
        return "All places are taken." if len(self.hub.listeners) >= settings.LIVE_STREAMS else ""

    async def _listen(self, wish: Wish, receive: Receive, send: Send) -> None:
        if reason := self._no_place():
            raise Refused(503, reason)
        listener, missed = self.hub.join(wish.topics, wish.after)
        watching = asyncio.create_task(_end_with_client(listener, receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await _tell(send, next(_retries()) + missed)
            await _talk(listener, send)
        finally:
            watching.cancel()
            self.hub.leave(listener)


def wish(query: bytes, headers: list[tuple[bytes, bytes]]) -> Wish:
    """What the request asks for. Raises Refused."""
    try:
        asked = parse_qs(query.decode("ascii", "replace"), max_num_fields=2 * MOST_TOPICS)
    except ValueError as error:
        raise Refused(400, "This asks for too much.") from error
    topics = {_public(topic) for topic in asked.get("topic", ())}
    own = {_opened_by(key) for key in asked.get("key", ())}
    if not topics and own == {""}:
        raise Refused(403, "This key is old, or none of ours.")
    # A page that is open for longer than its key is good hears the rest.
    topics |= own - {""}
    if not 1 <= len(topics) <= MOST_TOPICS:
        raise Refused(400, f"Ask for one to {MOST_TOPICS} topics.")
    # A browser that comes back by itself says the former.
    last = dict(headers).get(b"last-event-id", b"").decode("ascii", "replace") or asked.get("after", [""])[0]
    if last and not PLACE.fullmatch(last):
        raise Refused(400, "This is no id of an event.")
    return Wish(frozenset(topics), reader.place(last) if last else None)


def _public(topic: str) -> str:
    found = TOPIC.fullmatch(topic)
    if not found:
        raise Refused(400, "This is no topic.")
    if found[1] not in settings.LIVE_PUBLIC:
        raise Refused(403, "This topic needs a key.")
    return topic


def _opened_by(key: str) -> str:
    """The topic, or nothing."""
    try:
        return keys.opened_by(key)
    except signing.BadSignature:
        return ""


async def _talk(listener: Listener, send: Send) -> None:
    """Send what is put to the listener, and something from time to time, until all is said."""
    end = time.monotonic() + LIFE_SECONDS
    while not listener.is_over and time.monotonic() < end:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                said = await listener.take()
        except TimeoutError:
            said = HEARTBEAT
        await _tell(send, said)
    await send({"type": "http.response.body", "body": b""})


async def _end_with_client(listener: Listener, receive: Receive) -> None:
    with suppress(asyncio.CancelledError):
        while (await receive())["type"] != "http.disconnect":
            pass
        listener.end()


async def _tell(send: Send, said: bytes) -> None:
    await send({"type": "http.response.body", "body": said, "more_body": True})


async def _say(send: Send, status: int, said: Mapping[str, object]) -> None:
    body = json.dumps(said).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers.append((b"cache-control", b"no-store"))
    if status == 503:
        headers.append((b"retry-after", str(random.randint(*RETRY_AFTER_SECONDS)).encode()))  # noqa: S311 (no secret)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _retries() -> Iterator[bytes]:
    """For each page another time to come back at, once its stream has ended."""
    while True:
        yield b"retry: %d\n\n" % random.randint(*RETRY_MILLISECONDS)  # noqa: S311 (no secret)
