"""A Redis, a live service on it, and what tests say there themselves."""

import json
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from pytest_django.fixtures import Settings

from apps.live import publishing
from tests.live.servers import LiveServer, serving
from tests.pagecache.conftest import redis, redis_server
from tests.pagecache.servers import RedisServer
from tests.replicas.servers import until

__all__ = ["redis", "redis_server"]

Say = Callable[..., None]
Said = Callable[[], list[tuple[str, str, dict[str, object]]]]
# A service remembers, so no two tests talk of the same story.
_stories = count(1)


@pytest.fixture
def is_live(redis: RedisServer, settings: Settings) -> None:
    """A site with a live service, whether it runs or not."""
    settings.LIVE = True


@pytest.fixture(scope="session")
def lasting(redis_server: RedisServer) -> Iterator[LiveServer]:
    with serving(redis_server.url) as server:
        yield server


@pytest.fixture
def live(redis: RedisServer, lasting: LiveServer) -> LiveServer:
    """The service that these tests share; it has found Redis again, which an earlier test may have killed."""
    until(lambda: not lasting.is_deaf())
    return lasting


@pytest.fixture
def mortal(redis: RedisServer) -> Iterator[LiveServer]:
    """A service of one test, which may do anything to it or its Redis."""
    with serving(redis.url) as server:
        yield server


@pytest.fixture
def story() -> str:
    """A topic of this test alone."""
    return f"story:{next(_stories)}"


other = story


@pytest.fixture
def say(is_live: None, db: None) -> Say:
    """Publish numbers: `say("story:1", 1, 2)` tells two events."""

    def tell(topic: str, *numbers: int) -> None:
        for number in numbers:
            publishing.publish("comment", {topic: {"id": number}})

    return tell


@pytest.fixture
def said(is_live: None) -> Said:
    """All that was published: topic, kind and data."""

    def read() -> list[tuple[str, str, dict[str, object]]]:
        entries = publishing.client().xrange(publishing.key())
        found: list[tuple[str, str, dict[str, object]]] = []
        for _, fields in entries:
            for topic, message in fields.items():
                kind, _, data = message.decode().partition(" ")
                found.append((topic.decode(), kind, json.loads(data)))
        return found

    return read
