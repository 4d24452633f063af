"""Telling pages that what they show has changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial

from django.db.transaction import on_commit

from apps.pagecache import metrics, stores
from apps.replicas import tokens


@dataclass(slots=True)
class Purges:
    """What one request has purged: the token of its last purge, and of its last that reached no store."""

    token: int = 0
    unstamped: int = 0


_watched: ContextVar[Purges | None] = ContextVar("pagecache_purges", default=None)


def purge(*tags: str) -> None:
    """Have every page that carries one of `tags` rendered anew, once the caller's transaction is committed.

    Cost, after the commit: 1 query for its token on PostgreSQL, 1 round trip to the store.
    """
    on_commit(partial(stamp, frozenset(tags)))


def purge_everything() -> None:
    """Have every page rendered anew; none is shown any more, not even when it cannot be."""
    purge(stores.EPOCH)


def purge_now(*tags: str) -> bool:
    """Purge by hand, outside of any transaction; without tags, everything. False: the store is out of reach."""
    with watched() as purges:
        stamp(frozenset(tags or [stores.EPOCH]))
    return not purges.unstamped


def stamp(tags: frozenset[str]) -> None:
    """Note on each tag that something has just been committed. Called again for the same commit, it does no harm."""
    token = tokens.current()
    purges = _watched.get() or Purges()
    purges.token = token
    metrics.PURGES.inc(len(tags))
    try:
        stores.store().stamp(tags, token)
    except stores.Unavailable:
        # Who wrote will be shown nothing older; the others, as long as no job repeats it, what was kept.
        purges.unstamped = token


@contextmanager
def watched() -> Iterator[Purges]:
    """Collect what the block purges."""
    purges = Purges()
    reset = _watched.set(purges)
    try:
        yield purges
    finally:
        _watched.reset(reset)
