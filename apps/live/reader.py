"""Reading the stream from Redis, for all listeners of a process at once, however often Redis goes away."""

import asyncio
import logging
import random
import time
from typing import Any

import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from apps.live.hub import Entry, Hub, Place
from apps.live.publishing import key

BLOCK_MILLISECONDS = 5000
# A Redis that says nothing for longer than it may block is gone.
SILENCE_SECONDS = 8
ENTRIES_AT_ONCE = 2000
REST_SECONDS = (0.2, 1.0)

logger = logging.getLogger(__name__)


async def follow(hub: Hub, has_begun: asyncio.Event) -> None:
    """Tell the hub all that is published, until this task is canceled. It has begun when Redis was asked once."""
    while True:
        try:
            await _read(hub, has_begun)
        except (RedisError, OSError) as error:
            logger.warning("Nothing is heard from Redis: %r", error)
        hub.is_hearing = False
        has_begun.set()
        await asyncio.sleep(random.uniform(*REST_SECONDS))  # noqa: S311 (no secret)


async def _read(hub: Hub, has_begun: asyncio.Event) -> None:
    """Raises RedisError or OSError when Redis goes away."""
    async with _connected() as client:
        hub.restore(_entries(await client.xrange(key())))
        if has_begun.is_set():
            # Publishers did not reach it either.
            hub.interrupt((int(time.time() * 1000), 0))
        hub.is_hearing = True
        has_begun.set()
        while True:
            before = hub.newest
            for entry in (entries := await _after(client, before)):
                hub.tell(*entry)
            # With fewer entries than that before us, none of them can have been dropped from the stream's end.
            if len(entries) == ENTRIES_AT_ONCE and await _is_dropped(client, before):
                logger.warning("Entries were dropped before they were read: this process is too slow.")
                hub.interrupt(hub.newest)


async def _after(client: redis.asyncio.Redis, last: Place) -> list[Entry]:
    """The next entries, as soon as there are some; none when nothing happens for a while."""
    name: Any = "{}-{}".format(*last)
    found: Any = await client.xread({key(): name}, count=ENTRIES_AT_ONCE, block=BLOCK_MILLISECONDS)
    return [entry for _, entries in found or () for entry in _entries(entries)]


async def _is_dropped(client: redis.asyncio.Redis, last: Place) -> bool:
    """Whether entries that came after this one may be gone."""
    oldest = _entries(await client.xrange(key(), count=1))
    return all(place > last for place, _ in oldest)


def _connected() -> redis.asyncio.Redis:
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL,
        decode_responses=True,
        socket_connect_timeout=2,
        socket_timeout=SILENCE_SECONDS,
        # We come back ourselves, and then know that we were away.
        retry=Retry(NoBackoff(), 0),
    )


def _entries(raw: Any) -> list[Entry]:
    return [(place(name), messages) for name, messages in raw]


def place(name: str) -> Place:
    """The id of an entry, such as "1763500000000-0"; of milliseconds alone, the first in them."""
    milliseconds, _, number = name.partition("-")
    return int(milliseconds), int(number or 0)
