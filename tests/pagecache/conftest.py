"""The kinds of store, a Redis to try them on, and a clock that only the test moves."""

import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from apps.pagecache import guard, stores
from apps.pagecache.guard import Breaker, Client
from apps.pagecache.stores import CacheStore, RedisStore, Store
from deploy.local.scratch import ROOT
from tests.pagecache.clocks import Clock
from tests.pagecache.servers import RedisServer, private_redis


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with private_redis() as server:
        yield server


@pytest.fixture
def redis(redis_server: RedisServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """The site on an empty Redis, set up as a real site has it."""
    redis_server.mend()
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    theirs = runpy.run_path(str(ROOT / "project" / "settings.py"))
    settings.CACHES, settings.SESSION_ENGINE = theirs["CACHES"], theirs["SESSION_ENGINE"]
    monkeypatch.setattr(Client, "breaker", Breaker())
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
    monkeypatch.setattr(guard, "time", clock)
    return clock
