"""The kinds of store, a Redis to try them on, and a clock that only the test moves."""

import runpy
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django_redis.pool import ConnectionFactory  # type: ignore[import-untyped]  # it says nothing of its types
from pytest_django.fixtures import Settings
from redis.exceptions import ConnectionError

from apps.core import breaker
from apps.core.breaker import Breaker
from apps.pagecache import renewing, stores
from apps.pagecache.guard import Client
from apps.pagecache.stores import CacheStore, RedisStore, Store
from apps.replicas import tokens
from deploy.local.scratch import ROOT
from tests.factories.people import PersonFactory
from tests.pagecache import trial
from tests.pagecache.clocks import Clock, stopped
from tests.pagecache.servers import RedisServer, private_redis

# Seconds that the site waits for Redis in tests, so that no busy machine fails them.
PATIENCE = 10.0


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with private_redis() as server:
        yield server


@pytest.fixture
def redis(redis_server: RedisServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """The site on an empty Redis, set up as a real site has it, but with PATIENCE."""
    redis_server.mend()
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    theirs = runpy.run_path(str(ROOT / "project" / "settings.py"))
    theirs["CACHES"]["default"]["OPTIONS"] |= {"SOCKET_CONNECT_TIMEOUT": PATIENCE, "SOCKET_TIMEOUT": PATIENCE}
    settings.CACHES, settings.SESSION_ENGINE = theirs["CACHES"], theirs["SESSION_ENGINE"]
    # They would stay for the whole run, with the patience that a test has changed.
    while ConnectionFactory._pools:
        ConnectionFactory._pools.popitem()[1].disconnect()
    monkeypatch.setattr(Client, "breaker", Breaker(ConnectionError))
    stores.redis_store.cache_clear()
    cache.clear()
    yield redis_server
    stores.redis_store.cache_clear()
    redis_server.mend()


@pytest.fixture
def redis_store(redis: RedisServer) -> RedisStore:
    return RedisStore()


@pytest.fixture
def files_store(settings: Settings, tmp_path: Path) -> CacheStore:
    settings.CACHES = {"default": {"BACKEND": "apps.pagecache.files.FileCache", "LOCATION": tmp_path / "cache"}}
    settings.PAGECACHE_LOCK = tmp_path / "lock"
    return CacheStore()


@pytest.fixture
def memory_store(settings: Settings, tmp_path: Path) -> CacheStore:
    settings.PAGECACHE_LOCK = tmp_path / "lock"
    return CacheStore()


@pytest.fixture(params=["redis_store", "files_store", "memory_store"])
def store(request: pytest.FixtureRequest) -> Store:
    found: Store = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def resting(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which the breaker rests."""
    clock = Clock()
    monkeypatch.setattr(breaker, "time", clock)
    return clock


@pytest.fixture
def site(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trial site, with one page. What it shows is in no database, so that commits cannot be told by a position."""
    settings.ROOT_URLCONF = "tests.pagecache.trial"
    monkeypatch.setattr(tokens, "current", time.time_ns)
    trial.WORLD.clear()
    trial.RENDERS.clear()
    trial.MEANWHILE.clear()
    trial.WORLD["a"] = "one"


@pytest.fixture
def visitor(site: None) -> Browser:
    return Browser(raise_request_exception=False)


@pytest.fixture
def member(site: None) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(PersonFactory.create(username="ada"))
    return browser


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped(monkeypatch)


@pytest.fixture
def behind(settings: Settings) -> None:
    """Others may see a change two seconds later, as on a real site."""
    settings.PAGECACHE_BEHIND_SECONDS = 2.0


@pytest.fixture
def renewals(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """Renders that the background was asked for, to be run by the test."""
    asked: list[Callable[[], object]] = []
    monkeypatch.setattr(renewing, "submit", asked.append)
    return asked


class Gone:
    """A store out of reach."""

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def refuse(*_: object) -> NoReturn:
            raise stores.Unavailable

        return refuse


class Switch:
    """Whether the store is out of reach."""

    is_gone = False


@pytest.fixture
def switch(monkeypatch: pytest.MonkeyPatch) -> Switch:
    switch, reach, gone = Switch(), stores.store, Gone()
    monkeypatch.setattr(stores, "store", lambda: gone if switch.is_gone else reach())
    return switch
