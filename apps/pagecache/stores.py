"""Where the processes of a site keep pages, stamps and leases together. Not here: what a stamp means for a page.

A **stamp** is the freshness token of the last commit that changed a tag. Stamps only rise; one that is lost (evicted,
or all of them) reads as None, and nobody then knows what has changed. The **epoch** is a stamp of all pages at once.
"""

import fcntl
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache as once
from pathlib import Path
from typing import Any, Protocol, cast

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from apps.pagecache.guard import Client, Line

REDIS = {"django_redis.cache.RedisCache", "django_prometheus.cache.backends.redis.RedisCache"}
EPOCH = "epoch"
# Stamped with everything, so that what has lost its own stamp is known not to have changed since.
LATEST = "latest"
# Longer than any page is kept: a page whose tags are forgotten is rendered anew.
STAMP_SECONDS = 86_400
LEASE_SECONDS = 10
DIGITS = 32
VERSION_LENGTH = DIGITS + 12


class Unavailable(Exception):
    """The store cannot be reached: pages are rendered without it."""


class Store(Protocol):
    """What both kinds of store do. Every method raises Unavailable."""

    def stamps(self, tags: Sequence[str]) -> list[int | None]:
        """The stamps of the epoch and of `tags`, in this order. 1 round trip."""

    def stamps_and(self, tags: Sequence[str], keys: Sequence[str]) -> tuple[list[int | None], tuple[bytes | None, ...]]:
        """The same, and what lies at other keys of the store, where it has keys. 1 round trip."""

    def stamp(self, tags: Iterable[str], token: int) -> None:
        """Raise the stamps to `token`; those that are higher stay."""

    def page(self, key: str) -> tuple[str, bytes]:
        """The kept page after its version; both empty when there is none."""

    def keep(self, key: str, version: str, page: bytes, seconds: float) -> None:
        """Keep a page, unless a later version is there. Versions are texts of VERSION_LENGTH that sort by age."""

    def lease(self, key: str) -> str:
        """The right to render a page, as a word to give it back with; "" while somebody else has it."""

    def release(self, key: str, lease: str, seconds: float = 0) -> None:
        """Give a lease back, in so many seconds."""

    def is_leased(self, key: str) -> bool:
        """Whether somebody renders the page."""


def store() -> Store:
    """The store of this site: Redis, or any other cache of Django."""
    # By its name: to ask the cache itself costs a tenth of a hit.
    return redis_store() if settings.CACHES["default"]["BACKEND"] in REDIS else cache_store()


RAISE = """
    for i, key in ipairs(KEYS) do
        local known = redis.call('GET', key)
        if not known or known < ARGV[1] then redis.call('SET', key, ARGV[1], 'EX', ARGV[2]) end
    end
"""
# "<run of the server> <token>"
RAISE_EPOCH = """
    local known = redis.call('GET', KEYS[1])
    if not known or string.sub(known, 1, string.len(ARGV[1])) ~= ARGV[1] or known < ARGV[1] .. ARGV[2] then
        redis.call('SET', KEYS[1], ARGV[1] .. ARGV[2])
    end
"""
KEEP = """
    if redis.call('GETRANGE', KEYS[1], 0, string.len(ARGV[1]) - 1) <= ARGV[1] then
        redis.call('SET', KEYS[1], ARGV[1] .. ARGV[2], 'PX', ARGV[3])
    end
"""
RELEASE = """
    if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
"""


class RedisStore:
    """In Redis. Tokens are padded, so that their texts compare like the numbers."""

    def __init__(self) -> None:
        client = cast("Any", cache).client.get_client()
        self._client = client
        self._line = Line(client)
        self._prefix = str(cache.make_key("pages"))
        scripts = (RAISE, RAISE_EPOCH, KEEP, RELEASE)
        self._raise, self._raise_epoch, self._keep, self._release = map(client.register_script, scripts)

    def stamps(self, tags: Sequence[str]) -> list[int | None]:
        """1 round trip."""
        return self.stamps_and(tags, ())[0]

    def stamps_and(self, tags: Sequence[str], keys: Sequence[str]) -> tuple[list[int | None], tuple[bytes | None, ...]]:
        """The epoch belongs to one run of the server: one that restarted may know less than it did."""
        epoch, *found = self.raw([f"{self._prefix}:epoch", *map(self.stamp_key, tags), *keys])
        stamps = [int(text, 16) if text else None for text in found[: len(tags)]]
        run_id, _, token = (epoch or b"").decode().partition(" ")
        of_epoch = int(token, 16) if token and run_id == Client.run_id else None
        return [of_epoch, *stamps], tuple(found[len(tags) :])

    def raw(self, keys: Sequence[str]) -> tuple[bytes | None, ...]:
        """What lies at any keys of Redis. 1 round trip."""
        with _reaching():
            return tuple(self._line.ask("MGET", *keys))

    def stamp_key(self, tag: str) -> str:
        """Where a tag's stamp lies."""
        return f"{self._prefix}:stamp:{tag}"

    def stamp(self, tags: Iterable[str], token: int) -> None:
        """1 round trip; two for the epoch."""
        names = set(tags)
        with _reaching():
            if EPOCH in names:
                # The run is known only once something has been asked.
                self._client.ping()
                self._raise_epoch([f"{self._prefix}:epoch"], [f"{Client.run_id} ", _padded(token)])
            if keys := [self.stamp_key(tag) for tag in names - {EPOCH}]:
                self._raise(keys, [_padded(token), STAMP_SECONDS])

    def page(self, key: str) -> tuple[str, bytes]:
        """1 round trip."""
        with _reaching():
            kept = self._client.get(self._key("page", key)) or b""
        return kept[:VERSION_LENGTH].decode(), kept[VERSION_LENGTH:]

    def keep(self, key: str, version: str, page: bytes, seconds: float) -> None:
        """1 round trip."""
        with _reaching():
            self._keep([self._key("page", key)], [version, page, int(seconds * 1000)])

    def lease(self, key: str) -> str:
        """1 round trip."""
        lease = secrets.token_hex(8)
        with _reaching():
            return lease if self._client.set(self._key("lease", key), lease, nx=True, ex=LEASE_SECONDS) else ""

    def release(self, key: str, lease: str, seconds: float = 0) -> None:
        """1 round trip."""
        with _reaching():
            self._release([self._key("lease", key)], [lease, max(0, int(seconds * 1000))])

    def is_leased(self, key: str) -> bool:
        """1 round trip."""
        with _reaching():
            return bool(self._client.exists(self._key("lease", key)))

    def _key(self, kind: str, name: str) -> str:
        return f"{self._prefix}:{kind}:{name}"


class CacheStore:
    """In a cache of Django that all processes share, such as files on one machine. Changes hold a lock on a file."""

    def stamps(self, tags: Sequence[str]) -> list[int | None]:
        """A look-up for each."""
        keys = [_key("epoch"), *(_key("stamp", tag) for tag in tags)]
        with _reaching():
            found = cache.get_many(keys)
        return [found.get(key) for key in keys]

    def stamps_and(self, tags: Sequence[str], keys: Sequence[str]) -> tuple[list[int | None], tuple[bytes | None, ...]]:
        """Without the other keys: nobody knows what lies in a file."""
        return self.stamps(tags), ()

    def stamp(self, tags: Iterable[str], token: int) -> None:
        """A look-up and a write for each."""
        keys = [_key("epoch") if tag == EPOCH else _key("stamp", tag) for tag in tags]
        with _reaching(), _locked():
            known = cache.get_many(keys)
            cache.set_many({key: token for key in keys if token > known.get(key, -1)}, STAMP_SECONDS)

    def page(self, key: str) -> tuple[str, bytes]:
        """One look-up."""
        with _reaching():
            kept: tuple[str, bytes] = cache.get(_key("page", key), ("", b""))
        return kept

    def keep(self, key: str, version: str, page: bytes, seconds: float) -> None:
        """A look-up and a write."""
        with _reaching(), _locked():
            known, _ = cache.get(_key("page", key), ("", b""))
            if known <= version:
                cache.set(_key("page", key), (version, page), seconds)

    def lease(self, key: str) -> str:
        """A look-up and a write."""
        lease = secrets.token_hex(8)
        with _reaching(), _locked():
            return lease if cache.add(_key("lease", key), lease, LEASE_SECONDS) else ""

    def release(self, key: str, lease: str, seconds: float = 0) -> None:
        """A look-up and a write."""
        with _reaching(), _locked():
            if cache.get(_key("lease", key)) == lease:
                cache.set(_key("lease", key), lease, max(0, seconds))

    def is_leased(self, key: str) -> bool:
        """One look-up."""
        with _reaching():
            return cache.get(_key("lease", key)) is not None


redis_store = once(RedisStore)
cache_store = once(CacheStore)


def _key(kind: str, name: str = "") -> str:
    return f"pages:{kind}:{name}"


def _padded(token: int) -> str:
    return f"{token:0{DIGITS}x}"


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise Unavailable from error


@contextmanager
def _locked() -> Iterator[None]:
    with Path(settings.PAGECACHE_LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
