"""Telling pages that what they show has changed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.transaction import on_commit
from django.utils import timezone

from apps.jobs import actions as jobs
from apps.pagecache import metrics, stores
from apps.replicas import tokens


@dataclass(slots=True)
class Purges:
    """What one request has purged: the token of its last purge, and of its last that reached no store."""

    token: int = 0
    unstamped: int = 0


# A tag of every page.
EVERYTHING = "everything"

# A process that has stamped nothing by then was killed, or did not reach the store.
INSURED = timedelta(seconds=10)


@dataclass(slots=True)
class Pending:
    """The tags that a transaction purges, and the job that does it if nobody else can."""

    tags: set[str]
    job: int | None = None

    def stamp(self) -> None:
        """After the commit, all at once. What reached no store is left to the job."""
        is_stamped = stamp(frozenset(self.tags))
        if self.job and is_stamped:
            jobs.call_off(self.job)
        elif self.job:
            jobs.reinsure(self.job, tags=sorted(self.tags))


_watched: ContextVar[Purges | None] = ContextVar("pagecache_purges", default=None)


def purge(*tags: str) -> None:
    """Have every page that carries one of `tags` rendered anew, once the caller's transaction is committed.

    Also if this process is killed at the commit, or the store away: then a job of that transaction does it. Cost: 1
    statement for the job, however often it is called in a transaction; after the commit 1 query for its token on
    PostgreSQL, 1 round trip to the store, 1 statement.
    """
    if known := _pending():
        known.tags.update(tags)
        return
    pending = Pending(set(tags))
    if connection.in_atomic_block:
        # Which tags there will be at the end, nobody knows yet; so who dies before telling has purged all of them.
        pending.job = jobs.insure("pagecache.stamp", not_before=timezone.now() + INSURED, tags=[EVERYTHING])
    # What fails now has been committed, and its answer stands.
    on_commit(pending.stamp, robust=True)


def purge_everything() -> None:
    """Have every page rendered anew, once the caller's transaction is committed."""
    purge(EVERYTHING)


def purge_now(*tags: str) -> bool:
    """Purge by hand, outside of any transaction. False: the store is out of reach.

    Without tags, everything: no page kept until now is shown again, not even when it cannot be rendered anew.
    """
    return stamp(frozenset(tags or [stores.EPOCH]))


def stamp(tags: frozenset[str]) -> bool:
    """Note on each tag that something has just been committed. Called again for the same commit, it does no harm.

    False: the store is out of reach.
    """
    token = tokens.current()
    purges = _watched.get() or Purges()
    purges.token = token
    metrics.PURGES.inc(len(tags))
    try:
        stores.store().stamp({*tags, stores.LATEST}, token)
    except stores.Unavailable:
        # Who wrote will be shown nothing older; the others, until a job repeats it, what was kept.
        purges.unstamped = token
        return False
    return True


def newest_stamp(tags: Sequence[str]) -> int:
    """The newest of the stamps. What has lost its own has not changed since the latest stamp of all.

    2 round trips, and a query on the primary, only if something is lost. Raises Unavailable.
    """
    store = stores.store()
    *found, latest = store.stamps([*tags, stores.LATEST])
    stamps = dict(zip((stores.EPOCH, *tags), found, strict=True))
    if lost := {tag for tag, stamp in stamps.items() if stamp is None}:
        # A store that began anew may have lost that one too.
        if latest is None or stores.EPOCH in lost:
            latest = tokens.current()
            lost.add(stores.LATEST)
        store.stamp(lost, latest)
    return max(latest or 0 if lost else 0, *(stamp or 0 for stamp in stamps.values()))


@contextmanager
def watched() -> Iterator[Purges]:
    """Collect what the block purges."""
    purges = Purges()
    reset = _watched.set(purges)
    try:
        yield purges
    finally:
        _watched.reset(reset)


def _pending() -> Pending | None:
    """What the present transaction purges already. What a rollback has undone is not there any more."""
    owners = (getattr(waiting[1], "__self__", None) for waiting in connection.run_on_commit)
    return next((owner for owner in owners if isinstance(owner, Pending)), None)
