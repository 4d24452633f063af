"""Telling open pages what has happened. Best effort: what a page misses here, it shows when it is loaded again.

All messages of a site go through one stream of Redis (docs/adr/0021-…), which the live services read.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from django.db.transaction import on_commit
from redis.exceptions import RedisError

from apps.live import metrics
from apps.replicas import tokens

# So many entries are kept for those who come back, and for a process that is late.
LENGTH = 20_000

# What is said of each topic; a topic is called like the cache tag of what it is about.
Messages = Mapping[str, Mapping[str, object]]


def publish(kind: str, messages: Messages) -> None:
    """Have all who listen to these topics told, once the caller's transaction is committed.

    Each message carries the token of that commit as its `fence`: who sends it as X-Freshness sees what was told.
    Cost: after the commit 1 query for the token and 1 round trip; nothing on a site without a live service.
    """
    if settings.LIVE and messages:
        # What fails now has been committed, and its answer stands.
        on_commit(lambda: _send(kind, messages), robust=True)


def key() -> str:
    """Where the stream lies in Redis."""
    return str(cache.make_key("live"))


def client() -> Any:
    """The site's way to Redis, with its breaker: a slow one is waited for once, not by everybody."""
    return cast("Any", cache).client.get_client()


def _send(kind: str, messages: Messages) -> None:
    fence = tokens.sign(tokens.current())
    fields = {topic: f"{kind} {json.dumps({**message, 'fence': fence})}" for topic, message in messages.items()}
    try:
        client().xadd(key(), fields, maxlen=LENGTH)
    except RedisError:
        metrics.PUBLISHED.labels("lost").inc()
    else:
        metrics.PUBLISHED.labels("sent").inc()
